"""What library-forward.sh checks: forwards.py PROGRAM SCRATCH TEST[:ARGUMENT]"""

import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, "tests/support")
import forward  # noqa: E402
from forward import Closed, Door, call  # noqa: E402

PROGRAM, SCRATCH, TEST = sys.argv[1:4]
SANITIZED = os.environ.get("OUROSCOPE_SANITIZE", "none") != "none"
SOCKET = os.path.join(SCRATCH, "collector.sock")
LOG = os.path.join(SCRATCH, "forward.json")
PREFIX = "cardano.node.metrics."


def configuration(forwarder=None, backends=("Forwarder",), **names):
    options = {"": {"severity": "Info", "detail": "DNormal", "backends": list(backends)}}
    options.update(names)
    return json.dumps({"TraceOptionResourceFrequency": 0, "TraceOptions": options,
                       "TraceOptionForwarder": {"maxReconnectDelay": 1, **(forwarder or {})}})


class Program:
    def __init__(self, way, address, config=None, wait_ms=20000):
        self.process = subprocess.Popen(
            [PROGRAM, way, address, config or configuration(), str(wait_ms)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def do(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def counts(self, text=None):
        words = (text or self.do("counts")).split()
        return {name: int(number) for name, number in zip(words[::2], words[1::2])}

    def until(self, condition):
        """Waits until the accounts, which the library's thread brings up to date, are so."""
        end = time.monotonic() + 30
        while not condition(self.counts()):
            assert time.monotonic() < end, self.counts()
            time.sleep(0.02)

    def end(self):
        """The last accounts, when it has ended."""
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, (self.process.returncode, err)
        return self.counts(out)

    def memory_kb(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(r"VmRSS:\s*(\d+)", status.read()).group(1))


def pair(config=None, **options):
    """A program that has connected, and its collector."""
    door = Door(SOCKET)
    program = Program("connect", SOCKET, config, **options)
    return program, door, door.let_in()


def numbers(objects):
    return [json.loads(o.machine)["data"]["number"] for o in objects if o.name == "Test.Number"]


def losses(objects):
    found = [json.loads(o.machine)["data"] for o in objects if o.name == "Reflection.ForwarderLost"]
    return [(data["dropped"], data["total"]) for data in found]


def take_numbers(collector, count, most=100):
    """So many numbers, and all objects that came with them."""
    objects, found = [], []
    while len(found) < count:
        reply = collector.objects(most)
        objects += reply
        found += numbers(reply)
    return found, objects


def logged(name):
    with open(LOG) as log:
        whole = [line for line in log if line.endswith("\n")]
    return [line for line in map(json.loads, whole) if line["ns"] == name]


def until_logged(name):
    end = time.monotonic() + 30
    while not os.path.exists(LOG) or not logged(name):
        assert time.monotonic() < end, name
        time.sleep(0.02)


# --- What comes ---------------------------------------------------------------------------------

def all_of_it(way):
    kind, side = way.split("-")
    if side == "connect":
        door = Door(SOCKET if kind == "path" else "127.0.0.1:0")
        program = Program("connect", door.address)
        collector = door.let_in()
        assert collector.proposal == [0, {1: forward.MAINNET}], collector.proposal
    else:
        address = SOCKET
        if kind == "network":
            free = Door()
            address = free.address
            free.close()
        program = Program("accept", address)
        collector = call(address)
        assert collector.answer == [1, 1, forward.MAINNET], collector.answer
    program.do("trace 0 250")
    assert take_numbers(collector, 250)[0] == list(range(250))
    assert collector.metrics()[PREFIX + "numbers_counter"] == ("counter", 250)
    assert json.loads(collector.data_points("NodeInfo")["NodeInfo"])["niName"] == "n1"
    collector.ask()
    assert program.end()["forwarder"] == 0


def objects():
    people = LOG + ".people"
    program, _, collector = pair(configuration(
        backends=["Forwarder", "File MachineFormat " + LOG, "File HumanFormatUncoloured " + people]))
    program.do("trace 7 1")
    program.do("others")
    objects = []
    while len(objects) < 2:
        objects += [o for o in collector.objects() if o.name.startswith("Test.")]
    with open(LOG) as log:
        lines = [line.rstrip("\n") for line in log if '"ns":"Test.' in line and "Secret" not in line]
    assert [o.machine for o in objects] == lines
    for o, line in zip(objects, map(json.loads, lines)):
        assert (o.name, o.host, o.thread) == (line["ns"], "h1", line["thread"]), o.__dict__
        decimals = line["at"][:-1].partition(".")[2]
        assert o.picoseconds == int((decimals + "0" * 12)[:12]), (o.picoseconds, line["at"])
        assert time.gmtime(o.seconds)[:6] == time.strptime(line["at"][:19], "%Y-%m-%dT%H:%M:%S")[:6]
    assert [(o.severity, o.detail) for o in objects] == [(1, 1), (2, 1)]
    with open(people) as log:
        assert objects[0].human + "\n" in log.readlines(), objects[0].human
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{4}Z\]\[h1:Test.Number\]\(Info,\d+\) the number 7",
                        objects[0].human), objects[0].human
    assert objects[1].human is None, "it has no human form"
    assert json.loads(objects[0].machine)["data"] == {"kind": "Number", "number": 7, "text": "x\"\u00e4\n"}


def routes():
    config = configuration(backends=["File MachineFormat " + LOG],
                           **{"Test.Number": {"backends": ["Forwarder"]},
                              "Test.Secret": {"backends": ["Forwarder", "File MachineFormat " + LOG]}})
    program, _, collector = pair(config)
    program.do("others")
    program.do("trace 0 2")
    names = {o.name for o in take_numbers(collector, 2)[1]}
    assert {n for n in names if not n.startswith("Reflection.")} == {"Test.Number"}, names
    assert "Reflection.TracerConfigInfo" in names, "what the library says of itself is for collectors, too"
    assert not logged("Test.Number") and logged("Test.Plain") and logged("Test.Secret")


def metrics():
    program, door, collector = pair()
    program.do("trace 0 3")
    program.do("metric answer 42")
    program.do("metric negative -7")
    everything = {PREFIX + "numbers_counter": ("counter", 3), PREFIX + "answer_int": ("gauge", 42),
                  PREFIX + "negative_int": ("gauge", -7)}
    assert collector.metrics(updated=True) == everything
    assert collector.metrics(updated=True) == {}
    program.do("metric answer 43")
    program.do("trace 3 1")
    changed = {PREFIX + "numbers_counter": ("counter", 4), PREFIX + "answer_int": ("gauge", 43)}
    assert collector.metrics(updated=True) == changed
    program.do("metric answer 43")
    assert collector.metrics(updated=True) == {}
    assert collector.metrics([PREFIX + "answer_int", PREFIX + "none_int", "answer_int",
                              PREFIX + "answer_counter"]) == {PREFIX + "answer_int": ("gauge", 43)}
    assert collector.metrics() == {**everything, **changed}
    collector.close()
    assert door.let_in().metrics(updated=True) == {**everything, **changed}, "a new connection knows none"


def data_points():
    program, _, collector = pair()
    info = json.loads(collector.data_points("NodeInfo")["NodeInfo"])
    start = info.pop("niStartTime")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", start), start
    assert info == {"niName": "n1", "niProtocol": "Cardano", "niVersion": "1.2.3", "niCommit": "abc",
                    "niSystemStartTime": "2020-06-07T21:44:51Z"}, info
    assert collector.data_points() == {}
    assert collector.data_points("Own", "NodeInfo").keys() == {"Own", "NodeInfo"}
    assert collector.data_points("Own") == {"Own": None}
    program.do('point Own { "a": [1, 2] }')
    assert collector.data_points("Own") == {"Own": '{"a":[1,2]}'}
    program.do("point Own not JSON")
    assert collector.data_points("Own") == {"Own": '{"a":[1,2]}'}
    program.do("point Own ")
    assert collector.data_points("Own") == {"Own": None}
    program.do('point NodeInfo {"niName":"mine"}')
    program.do("configure " + configuration())
    assert collector.data_points("NodeInfo") == {"NodeInfo": '{"niName":"mine"}'}
    program.do("configure " + json.dumps({"TraceOptionNodeName": "other", **json.loads(configuration())}))
    program.do("point NodeInfo ")
    program.do("configure " + json.dumps({"TraceOptionNodeName": "other", **json.loads(configuration())}))
    assert json.loads(collector.data_points("NodeInfo")["NodeInfo"])["niName"] == "other"


# --- Losses ---------------------------------------------------------------------------------------

def away():
    program = Program("connect", SOCKET, configuration(
        {"queueSize": 50}, ["Forwarder", "File MachineFormat " + LOG]))
    program.do("trace 0 1000")
    before = program.counts()["forwarder"]
    assert before >= 950, before
    until_logged("Reflection.ForwarderFailed")
    collector = Door(SOCKET).let_in()
    first = collector.objects(1000)
    assert losses(first) == [(before, before)] and first[0].name == "Reflection.ForwarderLost"
    assert first[0].severity == 3 and "dropped" in first[0].human
    assert numbers(first) == list(range(1000 - len(numbers(first)), 1000)), "the newest are left"
    collector.ask()
    program.do("trace 1000 10")
    assert numbers(collector.take()) == list(range(1000, 1010))
    collector.ask()
    assert program.end()["forwarder"] == before
    told = [line["data"] for line in logged("Reflection.ForwarderLost")]
    assert sum(data["dropped"] for data in told) == told[-1]["total"] == before, told
    failures = logged("Reflection.ForwarderFailed")
    assert len(failures) == 1 and failures[0]["sev"] == "Warning", failures


def flat():
    program = Program("connect", SOCKET, configuration({"queueSize": 1000000, "queueBytes": 1048576}),
                      wait_ms=1)
    for i in range(20):
        program.do("trace %d 5000" % (5000 * i))
    kb = program.memory_kb()
    for i in range(60):
        program.do("trace %d 5000" % (5000 * i))
    counts = program.counts()
    assert counts["forwarder"] + counts["ring"] > 300000, counts
    assert SANITIZED or program.memory_kb() - kb < 2048, (kb, program.memory_kb())
    end = program.end()
    assert end["taken"] - end["forwarder"] <= 5, "none but those of counters alone: all the rest is lost"


def in_doubt():
    program, door, collector = pair()
    program.do("trace 0 10")
    take_numbers(collector, 10)
    collector.ask()  # the receipt
    program.do("trace 10 50")
    in_hand = numbers(collector.take())
    assert in_hand[0] == 10
    collector.close()
    program.do("trace 60 40")
    collector = door.let_in()
    first = numbers(collector.objects(5))
    assert first == list(range(10, 15)), first
    collector.close()
    collector = door.let_in()
    got, objects = take_numbers(collector, 90)
    assert got == list(range(10, 100)), got
    assert not losses(objects)
    collector.ask()
    end = program.end()
    assert end["forwarder"] == 0 and end["forwarded"] == end["taken"], end


def loss_in_place():
    program, door, collector = pair(configuration({"queueSize": 20}))
    take_numbers(collector, 0)
    collector.objects()  # what the library says at the start
    collector.ask()
    program.do("trace 0 5")
    in_hand = numbers(collector.take())
    while in_hand[-1] < 4:
        in_hand = numbers(collector.objects())
    collector.close()
    program.do("trace 5 100")
    collector = door.let_in()
    objects = collector.objects(1000)
    while numbers(objects)[-1] != 104:
        objects += collector.objects(1000)
    names = [o.name for o in objects]
    place = names.index("Reflection.ForwarderLost")
    assert numbers(objects[:place]) == in_hand, "what was in doubt comes first"
    after = numbers(objects[place:])
    assert after == list(range(after[0], 105)) and losses(objects) == [(after[0] - 5,) * 2], objects


def many():
    program, _, collector = pair()
    for i in range(10):
        program.do("trace %d 3000" % (3000 * i))
    got, objects = take_numbers(collector, 30000)
    assert got == list(range(30000)) and not losses(objects)
    collector.ask()
    assert program.end()["forwarder"] == 0


# --- Connections ------------------------------------------------------------------------------------

def wrong_network():
    program = Program("accept", SOCKET, configuration(
        backends=["Forwarder", "File MachineFormat " + LOG]), wait_ms=1)
    for _ in range(2):
        collector = call(SOCKET, magic=42)
        assert collector.answer[0] == 2 and collector.answer[1][:2] == [2, 1], collector.answer
        try:
            collector.read(1)
            assert False, "it stays open"
        except Closed:
            pass
    assert call(SOCKET).objects()
    program.end()
    failures = logged("Reflection.ForwarderFailed")
    assert len(failures) == 1 and "42" in failures[0]["data"]["reason"], failures


def garbage():
    door = Door(SOCKET)
    program = Program("connect", SOCKET)
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"\xff" * 4096,
                  bytes.fromhex("00000000 8002 0003 8301ff")):
        collector = door.let_in(greet=False)
        collector.hear(forward.HANDSHAKE)
        if noise[4:6] == b"\x80\x02":
            collector.say(forward.HANDSHAKE, forward.encode([1, 1, forward.MAINNET]))
        collector.socket.sendall(noise)
        try:
            while collector.read(1):
                pass
        except Closed:
            pass
        collector.close()
    program.do("trace 0 3")
    assert take_numbers(door.let_in(), 3)[0] == [0, 1, 2]


def one_at_a_time():
    program = Program("accept", SOCKET)
    first = call(SOCKET)
    program.do("trace 0 3")
    assert take_numbers(first, 3)[0] == [0, 1, 2]
    first.ask()
    second = call(SOCKET, greet=False)
    second.say(forward.HANDSHAKE, forward.encode([0, {1: forward.MAINNET}]))
    program.do("trace 3 3")
    objects = first.take()
    while numbers(objects)[-1] != 5:
        objects += first.objects()
    first.ask()
    program.until(lambda c: c["forwarded"] == c["taken"])
    first.close()
    assert second.hear(forward.HANDSHAKE) == [1, 1, forward.MAINNET]
    program.do("trace 6 1")
    assert take_numbers(second, 1)[0] == [6]


def stale_socket():
    Door(SOCKET).close()
    assert os.path.exists(SOCKET)
    program = Program("accept", SOCKET)
    collector = call(SOCKET)
    collector.objects()
    collector.ask()
    program.end()
    assert not os.path.exists(SOCKET)


def no_socket():
    with open(SOCKET, "w") as file:
        file.write("precious")
    program = Program("accept", SOCKET, configuration(
        backends=["Forwarder", "File MachineFormat " + LOG]), wait_ms=1)
    until_logged("Reflection.ForwarderFailed")
    program.end()
    with open(SOCKET) as file:
        assert file.read() == "precious"
    assert len(logged("Reflection.ForwarderFailed")) == 1


# --- Life --------------------------------------------------------------------------------------------

def configure():
    program, _, collector = pair(configuration({"queueSize": 1000}))
    take_numbers(collector, 0)
    collector.objects()
    program.do("trace 0 500")
    program.do("configure " + configuration({"queueSize": 600, "queueBytes": 1048576}))
    got, objects = take_numbers(collector, 500)
    assert got == list(range(500)) and not losses(objects)
    program.do("configure " + configuration(backends=["EKGBackend"]))
    program.do("trace 500 10")
    program.do("configure " + configuration())
    program.do("trace 510 1")
    assert take_numbers(collector, 1)[0] == [510], "while nothing asks for Forwarder nothing goes there"


def the_end():
    program, _, collector = pair()
    program.do("trace 0 350")
    program.process.stdin.close()
    assert take_numbers(collector, 350)[0] == list(range(350))
    collector.ask()
    end = program.counts(program.process.stdout.read())
    assert program.process.wait() == 0 and end["forwarder"] == 0, end
    collector.close()
    program, _, collector = pair(wait_ms=200)
    collector.objects()
    program.do("trace 0 10")
    assert program.end()["forwarder"] >= 10, "a collector that asks no more is given up"


def told():
    """Nothing but Forwarder is a backend here, so only the program itself can say it."""
    program = Program("connect", SOCKET)
    heard = []

    def hear(what):
        heard.append(program.process.stderr.readline())
        assert heard[-1] == "told: collector at %s: %s\n" % (SOCKET, what), heard

    hear("No such file or directory; trying again")
    door = Door(SOCKET)
    collector = door.let_in()
    hear("connected")
    door.close()
    collector.close()
    hear("Connection refused; trying again")
    time.sleep(2.5)  # attempts that fail, and are not told
    door = Door(SOCKET)
    door.let_in().close()
    hear("connected again")
    collector = door.let_in()
    collector.ask()
    program.end()


def told_of_networks():
    door = Door(SOCKET)
    program = Program("connect", SOCKET)
    network = "ForwardingVersionData {networkMagic = NetworkMagic {unNetworkMagic = %d}}"
    words = "ForwardingVersionData mismatch: %s /= %s" % (network % 42, network % forward.MAINNET)
    for _ in range(2):
        collector = door.let_in(greet=False)
        collector.hear(forward.HANDSHAKE)
        collector.say(forward.HANDSHAKE, forward.encode([2, [2, 1, words]]))
    assert program.process.stderr.readline() == "told: collector at %s: refused: the network magic is %d here and 42 " \
        "there; trying again\n" % (SOCKET, forward.MAINNET)
    collector = door.let_in()
    assert program.process.stderr.readline().endswith(": connected\n"), "it was told once"
    program.do("trace 0 1")
    assert take_numbers(collector, 1)[0] == [0]
    collector.ask()
    program.end()


def early(way):
    """A program that has ended, as far as it goes, before its collector is there."""
    program = Program(way, SOCKET, wait_ms=60000)
    program.do("trace 0 10")
    program.process.stdin.close()
    time.sleep(1)
    collector = Door(SOCKET).let_in() if way == "connect" else call(SOCKET)
    assert take_numbers(collector, 10)[0] == list(range(10))
    collector.ask()
    assert program.counts(program.process.stdout.read())["forwarder"] == 0
    assert program.process.wait() == 0


def too_late():
    """Once it was there, or has refused, a collector that is away is not waited for."""
    program, door, collector = pair(wait_ms=600000)
    collector.close()
    door.close()
    program.do("trace 0 10")
    assert program.end()["forwarder"] >= 10
    program = Program("accept", SOCKET, wait_ms=600000)
    assert call(SOCKET, magic=42).answer[0] == 2
    program.process.stderr.readline()
    program.do("trace 0 10")
    assert program.end()["forwarder"] >= 10


def fork():
    program, door, collector = pair()
    program.do("trace 0 3")
    program.do("fork")
    program.do("trace 3 3")
    assert take_numbers(collector, 6)[0] == list(range(6))
    collector.ask()
    assert program.end()["forwarder"] == 0
    try:
        collector.hear(forward.TRACES)
        assert False, "the child holds the connection open"
    except Closed:
        pass


def addresses():
    program = Program("connect", "127.0.0.1:99999")
    _, err = program.process.communicate()
    assert program.process.returncode == 1 and "99999" in err, err
    log = "File MachineFormat " + LOG
    program = Program("connect", SOCKET, configuration(backends=[log]))
    program.end()
    warnings = logged("Reflection.TracerConsistencyWarnings")
    assert "nothing is forwarded" in warnings[0]["data"]["errors"], warnings


for path in (SOCKET, LOG):
    if os.path.lexists(path):
        os.unlink(path)
name, _, argument = TEST.partition(":")
globals()[name](*[argument] if argument else [])
