"""A program on the tracing library (tests/integration/library/forward.c) that traces numbers and forwards them, and whether its
accounts are those of the files.

    tracer = NumberTracer(program, "node-0", collector.socket)
    tracer.end()               # `counts` are the accounts of the whole life
    tracer.check(collector)    # each object is written once, or counted as lost
"""

import json
import re
import subprocess
import threading

from tracer import end_with_parent

LINE = re.compile(rb'\{"at":"[-:.0-9TZ]+","ns":"([A-Za-z.]+)","data":\{(?:"kind":"Number","number":([0-9]+),'
                  rb'|.*"dropped":([0-9]+))?.*\}\n')


class NumberTracer:
    """Traces numbers from 0 on, a batch after the other, until it is told to stop; pause_s lies between them."""

    def __init__(self, program, name, address, way="connect", queue=100000, wait_ms=40000, batch=500, pause_s=0.0):
        self.name, self.wait_ms, self.batch, self.pause_s = name, wait_ms, batch, pause_s
        config = json.dumps({
            "TraceOptionNodeName": self.name, "TraceOptionResourceFrequency": 0,
            "TraceOptions": {"": {"severity": "Info", "detail": "DNormal", "backends": ["Forwarder"]}},
            "TraceOptionForwarder": {"queueSize": queue, "maxReconnectDelay": 1}})
        self.process = subprocess.Popen(
            [program, way, address, config, str(wait_ms)], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        self.traced, self.counts = 0, {}
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.trace, daemon=True)
        self.thread.start()

    def trace(self):
        while not self.stopped.is_set():
            self.process.stdin.write("trace %d %d\n" % (self.traced, self.batch))
            self.process.stdin.flush()
            self.traced += self.batch
            self.process.stdout.readline()
            self.stopped.wait(self.pause_s)

    def end(self):
        self.stopped.set()
        self.thread.join()
        out = self.process.communicate(timeout=60 + self.wait_ms / 1000)[0].split()
        self.counts = {name: int(number) for name, number in zip(out[::2], out[1::2])}

    def written(self, collector):
        """How many messages, the numbers among them, and how many are said to be lost. Millions of lines: a pattern has to do."""
        count, numbers, lost = 0, [], 0
        for path in collector.files(self.name):
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

    def check(self, collector):
        """What the accounts are, in words. They do not agree: AssertionError."""
        counts = self.counts
        count, numbers, lost = self.written(collector)
        what = "%s: traced %d, %s, %d lines in %d files, %d told to be lost" % (
            self.name, self.traced, counts, count, len(collector.files(self.name)), lost)
        # The library has a few messages of its own.
        assert 0 <= counts["taken"] + counts["ring"] - self.traced <= 10, what
        assert counts["taken"] == counts["forwarded"] + counts["forwarder"], what
        assert count == counts["forwarded"], what
        assert lost == counts["forwarder"], what
        assert all(a < b for a, b in zip(numbers, numbers[1:])), what
        return what
