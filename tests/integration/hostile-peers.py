"""What a node does with peers that break rules: garbage, wrong networks, messages and blocks without
measure, headers that do not verify, half-open connections, hundreds of them, readers that do not
read. Each is dropped, with a trace that says why; the node's memory stays bounded; and a good peer
is served as before."""

import ctypes
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests/support")
import n2n  # noqa: E402
from n2n import (BLOCK_FETCH, CHAIN_SYNC, HANDSHAKE, KEEP_ALIVE, RESPONDER,  # noqa: E402
                 TX_SUBMISSION, Closed, Peer, Tag24, encode)

PROGRAM = os.environ["OUROSCOPE"]
MAGIC = 42
BLOCKS = 20
CONWAY = 6
ACCEPTED_MAX = 512  # connections that a node accepts at a time
MEMORY_MAX_KB = 160 * 1024  # of a node, whatever is done to it; a quiet one has 10 MB
SANITIZED = any(s in os.environ.get("OUROSCOPE_SANITIZE", "") for s in ("address", "thread"))

PROFILE = {
    "name": "hostile-peers", "base": "demo", "desc": "one node, whose chain others then serve",
    "scenario": "fixed",
    "composition": {"n_singular_hosts": 1, "locations": ["loopback"], "topology": "line", "links": []},
    "genesis": {"slot_duration": 0.1, "active_slots_coeff": 0.5, "epoch_length": 1000},
    "node": {"shutdown_on_block_synced": BLOCKS, "tracer": False},
    "run": {"max_duration_s": 120},
}

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


# --- Nodes ------------------------------------------------------------------------------------

def make_chain(scratch):
    """The folder of a run whose one node has forged its blocks."""
    profile = os.path.join(scratch, "profile.json")
    with open(profile, "w") as file:
        json.dump(PROFILE, file)
    subprocess.run([PROGRAM, "run", profile, "--dir", os.path.join(scratch, "runs"), "--keep",
                    "--no-analysis"], check=True, stdout=subprocess.DEVNULL, timeout=200)
    return os.path.join(scratch, "runs", os.listdir(os.path.join(scratch, "runs"))[0])


PR_SET_PDEATHSIG = 1


def end_with_parent():
    """In a child: nothing is left behind, however the test ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Node:
    """A node that only relays, beside those of a run. `database`: a folder to begin with."""

    def __init__(self, run, name, database=None):
        folder = os.path.join(run, "nodes", name)
        os.makedirs(folder)
        if database:
            shutil.copytree(database, os.path.join(folder, "db"))
        with open(os.path.join(run, "nodes", "node-0", "config.json")) as file:
            config = json.load(file)
        config["TraceOptions"] = {"": {"severity": "Debug", "backends": [
            "File MachineFormat log.json"]}}
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file)
        with open(os.path.join(folder, "topology.json"), "w") as file:
            json.dump({"localRoots": []}, file)
        self.log = os.path.join(folder, "log.json")
        self.process = subprocess.Popen(
            [PROGRAM, "node", "--config", "config.json", "--topology", "topology.json",
             "--database-path", "db"], cwd=folder, stdout=subprocess.PIPE, text=True,
            preexec_fn=end_with_parent)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def traces(self):
        with open(self.log) as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)

    def reasons(self, name):
        """Why connections with that address were ended."""
        for line in self.traces():
            data = line["data"]
            if data.get("peer", {}).get("connectionId", "").endswith(" " + name):
                reason = data.get("reason") or data.get("connectionHandler", {}).get("reason")
                if reason and line["ns"].startswith("Net."):
                    yield reason

    def dropped_for(self, name, pattern, seconds=20):
        """None when the connection was ended for such a reason, else what was said instead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for reason in self.reasons(name):
                return None if re.search(pattern, reason) else reason
            time.sleep(0.1)
        return "nothing was traced"

    def has_traced(self, test, count=1, seconds=30):
        """Whether so many messages are as the test says; the log is a little behind the node."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if sum(test(t) for t in self.traces()) >= count:
                return True
            time.sleep(0.1)
        return False

    def has_adopted(self, count, seconds=30):
        return self.has_traced(lambda t: t["ns"].endswith("AddedToCurrentChain"), count, seconds)

    def memory_kb(self, what):
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(what + r":\s+(\d+)", file.read()).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


# --- Peers that ask ------------------------------------------------------------------------------

def agreed(port, duplex=False, receive_bytes=None):
    peer = Peer(port, receive_bytes)
    answer = peer.handshake(MAGIC, duplex)
    assert answer[0] == 1, answer
    return peer


def says(*parts):
    """An attack that agrees on a version and then says these: (protocol, bytes or message)."""
    def attack(node):
        peer = agreed(node.port)
        try:
            for protocol, message in parts:
                peer.say(protocol, message)
        except Closed:
            pass  # it did not wait for all of it
        return peer
    return attack


def raw(data, handshake=True):
    def attack(node):
        peer = agreed(node.port) if handshake else Peer(node.port)
        peer.send_raw(data)
        return peer
    return attack


def another_network(node):
    peer = Peer(node.port)
    answer = peer.handshake(MAGIC + 1)
    assert answer[0] == 2 and answer[1][0] == 2, answer  # refused, in words
    return peer


def no_version(node):
    peer = Peer(node.port)
    peer.say(HANDSHAKE, [0, {99: [MAGIC, True, 0, False]}])
    assert peer.hear(HANDSHAKE | RESPONDER) == [2, [0, list(range(7, 16))]]
    return peer


def endless_text(node):
    """A message that is announced as a string of 4 GB, and sent as long as anybody listens."""
    peer = agreed(node.port)
    try:
        peer.say(KEEP_ALIVE, b"\x82\x00\x5a\xff\xff\xff\xff")
        for _ in range(1000):
            peer.send_frame(KEEP_ALIVE, bytes(60000))
    except Closed:
        pass
    return peer


def endless_requests(node):
    """Requests for headers, of which none after the last can be answered."""
    peer = agreed(node.port)
    try:
        for _ in range(100):
            peer.send_frame(CHAIN_SYNC, b"\x81\x00" * 20000)
    except Closed:
        pass
    return peer


ASKING = [
    ("a client of another protocol", raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", False),
     "before the handshake"),
    ("noise", raw(bytes(range(255, -1, -1)) * 16, False), "before the handshake|frame"),
    ("a node of another network", another_network, "version data mismatch"),
    ("a node of another time", no_version, "version"),
    ("an unknown protocol", says((5, [0])), "unknown protocol 5"),
    ("a frame of no bytes", raw(struct.pack(">IHH", 0, CHAIN_SYNC, 0)), "^frame: "),
    ("bytes that are no CBOR", says((CHAIN_SYNC, b"\xff\xff")), "^ChainSync: "),
    ("lists in lists in lists", says((CHAIN_SYNC, b"\x81" * 1000)), "^ChainSync: "),
    ("a message of another state", says((BLOCK_FETCH, [5])), "^BlockFetch: message 5 is not allowed"),
    ("answers from the one who asks", says((CHAIN_SYNC | RESPONDER, [1])),
     "a frame from the responder"),
    ("a message without end", endless_text, "^KeepAlive: (a message above|.* bytes wait)"),
    ("requests without end", endless_requests, "^ChainSync: .* bytes of requests wait"),
    ("a request that the protocol forbids", says((BLOCK_FETCH, [0, [], []])),
     "^BlockFetch: "),
    ("a list of points without end",
     says((CHAIN_SYNC, [4, [[i, bytes(32)] for i in range(2000)]])), "^ChainSync: "),
    ("transactions from nowhere",
     says((TX_SUBMISSION, [6]), (TX_SUBMISSION, [3, [[CONWAY, Tag24(bytes(100))]]])),
     "^TxSubmission2: "),
]


def try_asking(node):
    for name, attack, reason in ASKING:
        peer = attack(node)
        ended = peer.wait_for_end(20)
        said = node.dropped_for(peer.name, reason)
        peer.close()
        check("%s: the peer is dropped, and why is traced" % name, ended and said is None,
              "ended: %s; \"%s\" instead of \"%s\"" % (ended, said, reason))


# --- Peers that answer ----------------------------------------------------------------------------

def block_hash(header):
    import hashlib
    return hashlib.blake2b(header, digest_size=32).digest()


def point_of(header):
    (number, slot, *_), _ = n2n.decode(header)[0]
    return [slot, block_hash(header)], number


class Server:
    """Answers what a node asks, from a chain, until it has ended the connection."""

    def __init__(self, node, headers, blocks=None):
        self.peer = agreed(node.port, duplex=True)
        self.headers, self.blocks = headers, blocks
        self.points = [[]] + [point_of(h)[0] for h in headers]
        self.next = 0  # in `points`: the newest that the node was told of
        self.rolls_back = False
        point, number = point_of(headers[-1])
        self.tip = [point, number]

    def header(self, index):
        return self.headers[index]

    def block(self, index):
        return self.blocks[index]

    def find(self, _points):
        """Which of the points that the node asked for is found."""
        return []

    def chain_sync(self, message):
        if message[0] == 4:
            found = self.find(message[1])
            self.next = self.points.index(found)
            self.rolls_back = True
            return [5, found, self.tip]
        if message[0] != 0:
            return None
        if self.rolls_back:
            self.rolls_back = False
            return [3, self.points[self.next], self.tip]
        self.next += 1
        if self.next > len(self.headers):
            return [1]
        return [2, [CONWAY, Tag24(self.header(self.next - 1))], self.tip]

    def block_fetch(self, message):
        self.peer.say(BLOCK_FETCH | RESPONDER, [2])
        for i in range(self.points.index(message[1]), self.points.index(message[2]) + 1):
            self.peer.say(BLOCK_FETCH | RESPONDER, [4, Tag24(self.block(i - 1))])
        self.peer.say(BLOCK_FETCH | RESPONDER, [5])

    def serve(self):
        try:
            while True:
                protocol, message = self.peer.hear_any((CHAIN_SYNC, BLOCK_FETCH, KEEP_ALIVE))
                if protocol == BLOCK_FETCH:
                    self.block_fetch(message)
                elif protocol == KEEP_ALIVE:
                    self.peer.say(KEEP_ALIVE | RESPONDER, [1, message[1]])
                else:
                    answer = self.chain_sync(message)
                    if answer:
                        self.peer.say(CHAIN_SYNC | RESPONDER, answer)
                    if answer == [1]:
                        self.at_head()
        except Closed:
            pass

    def at_head(self):
        pass


class ForgedHeaders(Server):
    """Good headers, the sixth with another signature, and so on."""

    def header(self, index):
        header = self.headers[index]
        return header if index < 5 else header[:-1] + bytes([header[-1] ^ 1])


class EndlessHeaders(Server):
    """Headers without end, asked for or not."""

    def chain_sync(self, message):
        if message[0] == 0 and not self.rolls_back:
            flood = encode([2, [CONWAY, Tag24(self.headers[0])], self.tip])
            for _ in range(20000):
                self.peer.say(CHAIN_SYNC | RESPONDER, flood)
        return super().chain_sync(message)


class HugeHeader(Server):
    def header(self, index):
        return self.headers[index] + bytes(100000)


class HugeBlock(Server):
    def block(self, index):
        return bytes(3000000)


class OtherBlocks(Server):
    """Each block in another's place."""

    def block(self, index):
        return self.blocks[len(self.blocks) - 1 - index]


class ChangedBlocks(Server):
    """Blocks whose bodies are not those that their headers sign: without transactions the last bytes are
    [], [], {}, []."""

    def block(self, index):
        block = self.blocks[index]
        assert block.endswith(b"\x80\x80\xa0\x80")
        return block[:-1] + b"\x81\x00"


class MoreBlocks(Server):
    """More blocks than were asked for."""

    def block_fetch(self, message):
        self.peer.say(BLOCK_FETCH | RESPONDER, [2])
        for i in list(range(len(self.blocks))) * 50:
            self.peer.say(BLOCK_FETCH | RESPONDER, [4, Tag24(self.blocks[i])])


ANSWERING = [
    ("headers that do not verify", ForgedHeaders, "^ChainSync: header of block 5 "),
    ("headers without end", EndlessHeaders, "^ChainSync: "),
    ("a header above all measure", HugeHeader, "^ChainSync: a message above 65535 bytes"),
    ("a block above all measure", HugeBlock, "^BlockFetch: a message above 2500000 bytes"),
    ("blocks that were not asked for", OtherBlocks, "^BlockFetch: "),
    ("bodies that are not those of their headers", ChangedBlocks, "^BlockFetch: "),
    ("more blocks than were asked for", MoreBlocks, "^BlockFetch: "),
]


def try_answering(node, headers, blocks):
    for name, kind, reason in ANSWERING:
        server = kind(node, headers, blocks)
        server.serve()
        said = node.dropped_for(server.peer.name, reason)
        server.peer.close()
        check("%s: the peer is dropped, and why is traced" % name, said is None,
              "\"%s\" instead of \"%s\"" % (said, reason))


class GoodServer(Server):
    """Serves its chain; done when the node has it all."""

    def __init__(self, node, headers, blocks):
        super().__init__(node, headers, blocks)
        self.node = node

    def find(self, points):
        """Of whom sent too many blocks the node may have taken so many that it does not ask for the origin."""
        return next(p for p in points if p in self.points)

    def at_head(self):
        if self.node.has_adopted(len(self.headers), seconds=0.5):
            raise Closed

    def block_fetch(self, message):
        super().block_fetch(message)
        if message[2] == self.tip[0]:
            raise Closed


# --- Peers that do nothing, and many ------------------------------------------------------------

def slow_reader(node, tip, first):
    """Asks for the whole chain hundreds of times, and reads nothing of it."""
    peer = agreed(node.port, receive_bytes=4096)
    request = encode([0, first, tip])
    for _ in range(500):
        peer.say(BLOCK_FETCH, request)
    return peer


def try_silence(node):
    """Connections that say nothing, or half a frame."""
    silent, halting = [Peer(node.port) for _ in range(20)], [Peer(node.port) for _ in range(20)]
    for peer in halting:
        peer.send_raw(b"\x00\x00\x00")
    left = [p for p in silent + halting if not p.wait_for_end(40)]
    check("those that say nothing are dropped after a while", not left, "%d are there" % len(left))
    said = node.dropped_for(silent[0].name, "^Handshake: no message within 10000 ms")
    check("why is traced: silence", said is None, said)
    said = node.dropped_for(halting[0].name, "a frame did not become whole|no message within")
    check("why is traced: half a frame", said is None, said)


def try_many(node):
    """More connections than are accepted, all of which know how to begin."""
    peers, refused = [], 0
    for _ in range(600):
        try:
            peers.append(Peer(node.port))
            refused += peers[-1].handshake(MAGIC)[0] != 1
        except Closed:
            refused += 1
    check("connections above the limit are refused", refused >= 600 - ACCEPTED_MAX, refused)
    check("the limit is traced", node.has_traced(
        lambda t: t["ns"] == "Net.AcceptPolicy.ConnectionHardLimit"
        and t["data"]["limit"] == ACCEPTED_MAX))
    for peer in peers:
        peer.close()


def is_served(node, headers):
    """A good client gets the whole chain, headers and bodies, and an answer to its ping."""
    peer, got = n2n.follow(node.port, MAGIC, len(headers))
    blocks = n2n.fetch(peer, point_of(got[0])[0], point_of(got[-1])[0])
    peer.say(KEEP_ALIVE, [0, 4711])
    pong = peer.hear(KEEP_ALIVE | RESPONDER)
    peer.close()
    return got == headers and len(blocks) == len(headers) and pong == [1, 4711]


# --- All of it --------------------------------------------------------------------------------------

def main(scratch):
    run = make_chain(scratch)
    serving = Node(run, "serving", os.path.join(run, "nodes", "node-0", "db"))
    empty = Node(run, "empty")
    peer, headers = n2n.follow(serving.port, MAGIC)
    blocks = n2n.fetch(peer, point_of(headers[0])[0], point_of(headers[-1])[0])
    peer.close()
    check("a good client gets the chain", len(headers) > BLOCKS and len(blocks) == len(headers))

    reader = slow_reader(serving, point_of(headers[-1])[0], point_of(headers[0])[0])
    reading_since = time.monotonic()
    try_asking(serving)
    try_silence(serving)
    try_many(serving)
    try_answering(empty, headers, blocks)

    good = GoodServer(empty, headers, blocks)
    good.serve()
    check("a good peer's chain is adopted after all that", empty.has_adopted(len(headers)),
          list(empty.reasons(good.peer.name)))
    check("and served", is_served(empty, headers))
    check("the node that was asked serves as before", is_served(serving, headers))

    wait = 90 - (time.monotonic() - reading_since)
    said = serving.dropped_for(reader.name, "the peer does not read", max(wait, 1))
    check("who asks and does not read is dropped", said is None, said)
    for name, node in (("asked", serving), ("answered", empty)):
        peak = node.memory_kb("VmHWM")
        print("# the node that was %s had %d KB at most, and has %d KB"
              % (name, peak, node.memory_kb("VmRSS")))
        check("the memory of the node that was %s stayed bounded" % name,
              SANITIZED or peak < MEMORY_MAX_KB, "%d KB" % peak)
        check("it ends in order", node.stop() == 0)


if __name__ == "__main__":
    folder = tempfile.mkdtemp()
    try:
        main(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        print("1..%d" % tests)
    sys.exit(failures > 0)
