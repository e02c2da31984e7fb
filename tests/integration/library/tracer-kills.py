"""What tracer-kill.sh checks: tracer-kills.py PROGRAM SCRATCH TEST [LIBRARY]

Tests: "plain"; "rotation", with files of 256 KiB; "small", with queues of 2000 objects and lines that are made durable;
"network", where programs listen on TCP ports, the collector connects, and is killed and stopped in turn; "slow", where
LIBRARY makes each write of the collector take 20 ms, and nothing is killed."""

import os
import random
import shutil
import socket
import sys
import threading
import time

sys.path.insert(0, "tests/support")
from number_tracer import NumberTracer  # noqa: E402
from tracer import Collector  # noqa: E402

PROGRAM, SCRATCH, TEST = sys.argv[1:4]
FORWARDERS = 10
KILLS = {"plain": 6, "rotation": 4, "small": 6, "network": 5, "slow": 0}[TEST]
UP_SECONDS = (1.1, 1.4) if TEST == "rotation" else (0.2, 0.6)
LAST_SECONDS = 3 if TEST == "slow" else 0.5
WAIT_MS = 40000  # for the collector, at the end
QUEUE = {"plain": 100000, "rotation": 20000, "small": 2000, "network": 20000, "slow": 2000}[TEST]
SANITIZED = os.environ.get("OUROSCOPE_SANITIZE", "none") != "none"
if SANITIZED:
    QUEUE = min(QUEUE, 10000)  # all of it has to be taken in WAIT_MS
MEMORY_MAX_KB = 64 * 1024  # of the collector
ROTATION = {"rpFrequencySecs": 1, "rpLogLimitBytes": 256 << 10, "rpMaxAgeHours": 24, "rpKeepFilesNum": 100000}


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
    return collector, [
        NumberTracer(PROGRAM, "node-%d" % i, address, way, QUEUE, WAIT_MS) for i, address in enumerate(addresses)]


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
        print(forwarder.check(collector))
    # It was a test of something.
    assert all(f.counts["forwarded"] > 100 for f in forwarders)
    assert TEST != "rotation" or SANITIZED or all(len(collector.files(f.name)) > KILLS for f in forwarders)
    assert TEST not in ("small", "slow") or all(f.counts["forwarder"] > 0 for f in forwarders)
    shutil.rmtree(SCRATCH)


main()
