"""The work of soak.sh: readers at a steady rate, a run that reports, listeners that come and go; memory every few seconds."""

import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
RATE = 400  # requests a second, of all readers
READERS = 8
TARGETS = ("/api/v1/runs?limit=20", "/api/v1/live", "/", "/api/v1/metrics?limit=50", "/metrics", "/api/v1/summaries?limit=50")
GROWTH_MOST = 1.10


class Reader(threading.Thread):
    """Asks at its part of the rate until the time is over."""

    def __init__(self, server, until):
        super().__init__(daemon=True)
        self.server, self.until, self.asked, self.failed = server, until, 0, 0

    def run(self):
        connection, due = self.server.connect(), time.monotonic()
        while due < self.until:
            connection.request("GET", TARGETS[self.asked % len(TARGETS)], headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            self.asked += 1
            self.failed += answer.status != 200
            due += READERS / RATE
            time.sleep(max(0, due - time.monotonic()))
        connection.close()


def report(server, until):
    token, slot = server.token("publish"), 0
    while time.monotonic() < until:
        server.request("PUT", "/api/v1/live/soak", {"project": "default", "profile": "soak", "state": "running",
                                                   "elapsedSeconds": float(slot), "slot": slot}, token)
        slot += 1
        time.sleep(1)


def listen(server, until):
    while time.monotonic() < until:
        stream = server.events()
        time.sleep(5)
        stream.close()


def main():
    seconds = float(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, \
            Server(PROGRAM, folder, arguments=["--log", "none"],
                   config={"rate": {"requests": 10000000, "seconds": 1}}) as server:
        until = time.monotonic() + seconds
        readers = [Reader(server, until) for _ in range(READERS)]
        others = [threading.Thread(target=work, args=(server, until), daemon=True) for work in (report, listen)]
        for thread in readers + others:
            thread.start()
        memory = []
        while time.monotonic() < until:
            time.sleep(min(5, seconds / 10))
            memory.append(server.memory_kb())
            print("%6.0f s  %d KiB" % (seconds - (until - time.monotonic()), memory[-1]), flush=True)
        for thread in readers + others:
            thread.join()
        early, late = max(memory[:max(1, len(memory) // 3)]), max(memory[-max(1, len(memory) // 3):])
        failed = sum(reader.failed for reader in readers)
        print("%d requests, %d failed; memory %d KiB in the first third, %d KiB in the last" % (
            sum(reader.asked for reader in readers), failed, early, late))
        return failed > 0 or late > early * GROWTH_MOST


sys.exit(main())
