"""What tracer-kill.sh checks: tracer-kills.py PROGRAM SCRATCH TEST [LIBRARY]

Tests: "plain"; "rotation", with files of 256 KiB; "small", with queues of 2000 objects and lines that are made durable;
"network", where programs listen on TCP ports, the collector connects, and is killed and stopped in turn; "slow", where
LIBRARY makes each write of the collector take 20 ms, and nothing is killed."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, "tests/support")
from tracer import Collector, end_with_parent  # noqa: E402

PROGRAM, SCRATCH, TEST = sys.argv[1:4]
FORWARDERS = 10
KILLS = {"plain": 6, "rotation": 4, "small": 6, "network": 5, "slow": 0}[TEST]
UP_SECONDS = (1.1, 1.4) if TEST == "rotation" else (0.2, 0.6)
LAST_SECONDS = 3 if TEST == "slow" else 0.5
BATCH = 500  # numbers in a command
WAIT_MS = 40000  # for the collector, at the end
QUEUE = {"plain": 100000, "rotation": 20000, "small": 2000, "network": 20000, "slow": 2000}[TEST]
SANITIZED = os.environ.get("OUROSCOPE_SANITIZE", "none") != "none"
if SANITIZED:
    QUEUE = min(QUEUE, 10000)  # all of it has to be taken in WAIT_MS
MEMORY_MAX_KB = 64 * 1024  # of the collector
ROTATION = {"rpFrequencySecs": 1, "rpLogLimitBytes": 256 << 10, "rpMaxAgeHours": 24, "rpKeepFilesNum": 100000}


class Forwarder:
    """A program that traces numbers from 0 on, a batch after the other, until it is told to stop."""

    def __init__(self, number, way, address):
        self.name = "node-%d" % number
        config = json.dumps({
            "TraceOptionNodeName": self.name, "TraceOptionResourceFrequency": 0,
            "TraceOptions": {"": {"severity": "Info", "detail": "DNormal", "backends": ["Forwarder"]}},
            "TraceOptionForwarder": {"queueSize": QUEUE, "maxReconnectDelay": 1}})
        self.process = subprocess.Popen(
            [PROGRAM, way, address, config, str(WAIT_MS)], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        self.traced = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.trace, daemon=True)
        self.thread.start()

    def trace(self):
        while not self.stopped.is_set():
            self.process.stdin.write("trace %d %d\n" % (self.traced, BATCH))
            self.process.stdin.flush()
            self.traced += BATCH
            self.process.stdout.readline()

    def end(self):
        """Stops; `counts` are the accounts of the whole life."""
        self.stopped.set()
        self.thread.join()
        out = self.process.communicate(timeout=60 + WAIT_MS / 1000)[0].split()
        self.counts = {name: int(number) for name, number in zip(out[::2], out[1::2])}


def kill_again_and_again(collector):
    for i in range(KILLS):
        time.sleep(random.uniform(*UP_SECONDS))
        if TEST == "network" and i % 2:
            assert collector.stop() == 0, collector.said()
        else:
            collector.kill()
        time.sleep(random.uniform(0, 0.3))
        collector.start()
    time.sleep(LAST_SECONDS)


LINE = re.compile(rb'\{"at":"[-:.0-9TZ]+","ns":"([A-Za-z.]+)","data":\{(?:"kind":"Number","number":([0-9]+),'
                  rb'|.*"dropped":([0-9]+))?.*\}\n')


def read(collector, forwarder):
    """What was written: how many messages, the numbers among them, and how many are said to be lost. Millions of lines: a
    pattern has to do."""
    count, numbers, lost = 0, [], 0
    for path in collector.files(forwarder.name):
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):  # a kill came in the midst of a write; the line stands whole elsewhere
                    continue
                match = LINE.fullmatch(line)
                assert match, (path, line)
                if match[1] == b"Reflection.ForwarderLost":
                    lost += int(match[3])
                    continue
                count += 1
                if match[1] == b"Test.Number":
                    numbers.append(int(match[2]))
    return count, numbers, lost


def check(collector, forwarder):
    counts = forwarder.counts
    count, numbers, lost = read(collector, forwarder)
    what = "%s: traced %d, %s, %d lines in %d files, %d told to be lost" % (
        forwarder.name, forwarder.traced, counts, count, len(collector.files(forwarder.name)), lost)
    print(what)
    # The library has a few messages of its own.
    assert 0 <= counts["taken"] + counts["ring"] - forwarder.traced <= 10, what
    assert counts["taken"] == counts["forwarded"] + counts["forwarder"], what
    assert count == counts["forwarded"], what
    assert lost == counts["forwarder"], what
    assert all(a < b for a, b in zip(numbers, numbers[1:])), what


def free_addresses():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(FORWARDERS)]
    addresses = ["127.0.0.1:%d" % s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return addresses


def start():
    """The collector and its programs."""
    more, environment, way = {}, {}, "connect"
    if TEST == "rotation":
        more = {"rotation": ROTATION}
    elif TEST == "small":
        more = {"ouroscope": {"fsync": "batch"}}
    elif TEST == "slow":
        environment = {"LD_PRELOAD": sys.argv[4]}
    elif TEST == "network":
        way, addresses = "accept", free_addresses()
        more = {"network": {"tag": "ConnectTo", "contents": addresses}}
    collector = Collector(os.environ["OUROSCOPE"], SCRATCH, environment, **more)
    if TEST != "network":
        addresses = [collector.socket] * FORWARDERS
    return collector, [Forwarder(i, way, address) for i, address in enumerate(addresses)]


def main():
    random.seed(TEST)
    collector, forwarders = start()
    kill_again_and_again(collector)
    ends = [threading.Thread(target=f.end) for f in forwarders]
    for thread in ends:
        thread.start()
    for thread in ends:
        thread.join()
    peak = collector.memory_kb("VmHWM")
    print("memory of the collector: %d KiB at most" % peak)
    assert peak < MEMORY_MAX_KB or SANITIZED
    assert collector.stop() == 0, collector.said()
    for forwarder in forwarders:
        check(collector, forwarder)
    # It was a test of something.
    assert all(f.counts["forwarded"] > 100 for f in forwarders)
    assert TEST != "rotation" or SANITIZED or all(len(collector.files(f.name)) > KILLS for f in forwarders)
    assert TEST not in ("small", "slow") or all(f.counts["forwarder"] > 0 for f in forwarders)
    shutil.rmtree(SCRATCH)


main()
