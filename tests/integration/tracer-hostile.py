"""What the collector does with peers that break rules: garbage, other networks, messages without measure, objects
that are none, half-open connections, hundreds of them, peers that take their time. Each is dropped for a
reason that is told, its memory stays bounded, and a node beside them is served all the while."""

import json
import os
import shutil
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, "tests/support")
import forward  # noqa: E402
from forward import HANDSHAKE, METRICS, TRACES, encode  # noqa: E402
from trace_forward import text  # noqa: E402
from tracer import MAGIC, Collector, Node, Peer, reply, trace_object, wait_until  # noqa: E402

CONNECTIONS_MAX = 700
MESSAGE_MAX = 4 << 20
HELD_MAX = 16 << 20
SANITIZED = any(s in os.environ.get("OUROSCOPE_SANITIZE", "") for s in ("address", "thread"))
MEMORY_MAX_KB = 96 * 1024  # whatever is done to it
SLOW_SECONDS = 30  # a frame that has begun has so long to come

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def frame(protocol, payload):
    return struct.pack(">IHH", 0, protocol, len(payload)) + payload


class World:
    def __init__(self, folder):
        self.collector = Collector(os.environ["OUROSCOPE"], folder, ouroscope={
            "maxConnections": CONNECTIONS_MAX, "maxMessageBytes": MESSAGE_MAX, "maxHeldBytes": HELD_MAX})
        self.node = Node(self.collector, "honest")

    def dropped(self, name, peer, reason, seconds=10):
        """The collector ends the connection, says why, and goes on."""
        closed = peer.is_closed(seconds)
        peer.close()
        told = wait_until(lambda: reason in self.collector.said(), 5)
        check(name, closed and told and self.node.is_served(), "closed: %s, told: %s, node: %s\n%s" % (
            closed, told, self.node.failure, self.collector.said()[-2000:]))

    def answered(self, name, reason, *messages):
        """A node that answers its first request for objects so."""
        peer = Peer(self.collector).greet()
        peer.asked_for_objects()
        peer.say_name("peer-%d" % tests)
        for protocol, message in messages:
            try:
                peer.say(protocol, message)
            except ConnectionError:
                break
        self.dropped(name, peer, reason)


# --- Peers that are no nodes ------------------------------------------------------------------------

def strangers(world):
    collector = world.collector
    peer = Peer(collector)
    peer.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    world.dropped("a browser", peer, "a frame of")
    peer = Peer(collector)
    try:
        peer.raw(bytes(i * 7919 % 251 for i in range(1 << 20)))
    except ConnectionError:
        pass
    world.dropped("a megabyte of garbage", peer, "a frame of")
    peer = Peer(collector, b"\x82\x00\xa1\x01\x1a\x00\x00\x00\x2a")
    refusal = peer.hear(HANDSHAKE)
    check("another network is refused in words", refusal[0] == 2 and refusal[1][0] == 2 and
          "unNetworkMagic = 42" in refusal[1][2], refusal)
    world.dropped("and closed", peer, "the network magic is %d here and 42 there" % MAGIC)
    peer = Peer(collector, b"\x82\x00\xa1\x02\x1a" + struct.pack(">I", MAGIC))
    check("a version that nobody knows is refused with the list of those known",
          peer.hear(HANDSHAKE) == [2, [0, [1]]])
    world.dropped("and closed, too", peer, "does not offer version 1")
    world.dropped("a proposal longer than any", Peer(collector, b"\x82\x00\x5a\x00\x00\x16\x81"),
                  "a message above the limit")
    peer = Peer(collector)
    peer.say(TRACES, reply(trace_object(1)))
    world.dropped("objects before the handshake", peer, "a message before the handshake")
    peer = Peer(collector)
    peer.raw(frame(HANDSHAKE | forward.RESPONDER, encode([0, {1: MAGIC}])))
    world.dropped("frames of the other direction", peer, "a frame of the wrong direction")
    peer = Peer(collector)
    peer.raw(struct.pack(">IHH", 0, 0, 0))
    world.dropped("a frame of no bytes", peer, "a frame of no bytes")


# --- Nodes that break the protocol --------------------------------------------------------------------

def wrong_messages(world):
    answered = world.answered
    answered("an answer that nobody asked for", "an answer that nobody asked for",
             (TRACES, reply(trace_object(1)) + reply(trace_object(2)) + b"\x82"))
    answered("an empty answer", "no objects in answer", (TRACES, b"\x82\x03\x80"))
    answered("an object of another form", "a trace object of an unknown form",
             (TRACES, reply(b"\x89\x01" + trace_object(1)[2:])))
    answered("a severity that there is not", "an unknown severity",
             (TRACES, reply(trace_object(1, severity=8))))
    answered("text that is not UTF-8", "text that is not UTF-8",
             (TRACES, reply(trace_object(1).replace(b"Test.Number", b"Test.Numb\xff\xfe"))))
    answered("a protocol that there is not", "a frame of an unknown protocol", (9, b"\x80"))
    answered("a second handshake", "a second handshake", (HANDSHAKE, encode([0, {1: MAGIC}])))
    answered("metrics of another kind", "an unknown kind of metric",
             (METRICS, b"\x82\x01\x82\x00\x81\x82" + text("a") + b"\x82\x03\x00"))


def without_measure(world):
    answered = world.answered
    answered("a text of 2^63 bytes", "a message above the limit",
             (TRACES, b"\x82\x03\x9f\x89\x00\x81\x7b" + b"\x7f" + b"\xff" * 7))
    answered("a list of 2^60 objects, that never come whole", "",
             (TRACES, b"\x82\x03\x9b\x10" + bytes(7) + trace_object(1)), (TRACES, b"\xff"))
    answered("lists within lists", "nested too deeply", (TRACES, b"\x82\x03" + b"\x9f" * 5000))
    answered("objects above the limit of a message", "a message above the limit",
             (TRACES, b"\x82\x03\x9f" + trace_object(1) * ((MESSAGE_MAX >> 7) + 1000)))
    answered("metrics above the limit of a message", "a message above the limit",
             (METRICS, b"\x82\x01\x82\x00\x9f" + (b"\x82" + text("n" * 1000) + b"\x82\x00\x01") * (MESSAGE_MAX // 1000)))


def large_together(world):
    """Messages that are as large as one may be, of many peers, and never come whole."""
    peers = []
    begun = b"\x82\x03\x9f" + trace_object(1) * ((MESSAGE_MAX - 100000) // len(trace_object(1)))
    for number in range(8):
        peers.append(Peer(world.collector).greet())
        peers[-1].asked_for_objects()
        peers[-1].say_name("large-%d" % number)
        try:
            peers[-1].say(TRACES, begun)
        except ConnectionError:
            pass
    check("large messages that do not come whole: some peers are closed for all of them", wait_until(
        lambda: world.collector.said().count("maxHeldBytes allows") >= 3, 10), world.collector.said()[-2000:])
    check("and the node is served", world.node.is_served(), world.node.failure)
    closed = sum(peer.is_closed(1) for peer in peers)
    check("not more of them than need be", 3 <= closed < 8, closed)
    for peer in peers:
        peer.close()


def lines_of_others(world):
    """A node's text wants to be lines of its own, another message, or colours of a terminal."""
    forged = json.dumps({"at": "2026-03-04T14:15:33Z", "ns": "Forged", "data": {}, "sev": "Info", "thread": "1", "host": "h"})
    texts = ["no JSON", "", "{", forged + "\n" + forged, forged + "\r\n", "\n", "\x00", "\x1b[31m", "null", "[" * 100000,
             forged[:-1], "\u2028" + forged, '{"at":"\n"}', '{"a":' * 1000]
    peer = Peer(world.collector).greet()
    peer.asked_for_objects()
    peer.say_name("forger")
    peer.say(TRACES, reply(*(trace_object(i, machine=text) for i, text in enumerate(texts)),
                           *(trace_object(i, name=name) for i, name in enumerate(["", ".", "a\nb", "a\x1b[31m", "..", "x" * 10000])),
                           *(trace_object(i, seconds=at) for i, at in enumerate([-1, -2 ** 63, 2 ** 63 - 1, 10 ** 12]))))
    peer.asked_for_objects()
    peer.close()
    lines = list(world.collector.lines("forger"))
    check("texts that want to be lines of their own are no lines, and all lines are JSON",
          sum(line["ns"] == "Forged" for line in lines) <= 3 and world.node.is_served(), lines)
    check("one line for each object", len(lines) == len(texts) + 10, len(lines))


def names(world):
    """Nodes that call themselves after places where nothing of theirs should be."""
    outside = [os.path.join(world.collector.logs, "..", "escaped"), "/tmp/escaped-from-the-logs"]
    nodes = [Node(world.collector, name) for name in
             ("../escaped", "/tmp/escaped-from-the-logs", "..", "a/../../escaped", "x" * 5000, "\u202e\n", "")]
    served = all(node.is_served() for node in nodes)
    for node in nodes:
        node.stop()
    check("names of nodes that want to be paths", served and world.node.is_served() and
          not any(os.path.exists(path) for path in outside), [str(node.failure) for node in nodes])


def metrics_without_end(world):
    """A name of its own for each metric, in each of many answers."""
    peer = Peer(world.collector).greet()
    peer.say_name("collector-of-names")
    names = 0
    for _ in range(3):
        peer.hear(METRICS)
        batch = b"".join(b"\x82" + text("metric_%d" % (names + i)) + b"\x82\x00\x01" for i in range(60000))
        names += 60000
        peer.say(METRICS, b"\x82\x01\x82\x00\x9f" + batch + b"\xff")
    peer.hear(METRICS)
    check("180,000 names of metrics are too many for a node, and harm no other one", world.node.is_served())
    peer.close()


# --- Peers that take their time ----------------------------------------------------------------------

def many(world):
    """More connections than are allowed; those that are taken answer nothing."""
    before = world.collector.memory_kb()
    peers = []
    for _ in range(500):
        peers.append(Peer(world.collector).greet())
    check("500 nodes that are silent", world.node.is_served(), world.node.failure)
    grown = world.collector.memory_kb() - before
    check("a silent node costs less than 64 KiB", SANITIZED or grown < 500 * 64, "%d KiB" % grown)
    strangers = []
    for _ in range(CONNECTIONS_MAX):
        strangers.append(Peer(world.collector, timeout=5))
    check("connections beyond the limit are closed, and that is told",
          strangers[-1].is_closed(10) and wait_until(lambda: "were refused" in world.collector.said() or
                                                     "ConnectionsFull" in world.collector.said(), 5))
    check("the node is served beside them", world.node.is_served(), world.node.failure)
    for peer in peers + strangers:
        peer.close()
    for _ in range(1000):
        Peer(world.collector).close()
    check("and beside a thousand that come and go", world.node.is_served(), world.node.failure)
    node = Node(world.collector, "late")
    check("a node that comes afterwards is served, too", node.is_served(), node.failure)
    node.stop()


class Slow:
    """Connections that were begun at the start, and are looked at again at the end."""

    def __init__(self, world):
        self.world = world
        self.since = time.monotonic()
        self.half_open = [Peer(world.collector) for _ in range(20)]
        self.dripping = Peer(world.collector)
        self.within = Peer(world.collector).greet()
        self.within.asked_for_objects()
        self.message = frame(TRACES, reply(trace_object(1)))
        self.dripped = 0

    def drip(self):
        """A byte of a frame from time to time."""
        for peer, message in ((self.dripping, frame(HANDSHAKE, encode([0, {1: MAGIC}]))), (self.within, self.message)):
            try:
                peer.raw(message[self.dripped:self.dripped + 1])
            except ConnectionError:
                pass
        self.dripped += 1

    def judge(self):
        while time.monotonic() - self.since < SLOW_SECONDS + 3:
            self.drip()
            time.sleep(1)
        check("who connects and says nothing is dropped",
              all(peer.is_closed(10) for peer in self.half_open))
        self.world.dropped("so is who proposes a byte at a time", self.dripping, "")
        self.world.dropped("and who answers a byte at a time", self.within, "")


def main():
    scratch = tempfile.mkdtemp(prefix="ouroscope-tracer-")
    try:
        world = World(scratch)
        slow = Slow(world)
        for part in (strangers, wrong_messages, without_measure, large_together, lines_of_others, names, metrics_without_end, many):
            part(world)
            slow.drip()
        slow.judge()
        peak = world.collector.memory_kb("VmHWM")
        check("memory stayed bounded", SANITIZED or peak < MEMORY_MAX_KB, "%d KiB" % peak)
        print("# %d KiB at most" % peak)
        world.node.stop()
        given = world.node.given
        check("it ends well", world.collector.stop() == 0, world.collector.said()[-2000:])
        numbers = [line["data"]["number"] for line in world.collector.lines("honest")]
        check("each line of the node is written once, in order", numbers == list(range(len(numbers))) and
              world.node.confirmed <= len(numbers) <= given, "%d lines of %d" % (len(numbers), given))
        print("1..%d" % tests)
    finally:
        shutil.rmtree(scratch)
    return failures > 0


sys.exit(main())
