"""A node that lives beside a test: trace_forward.py in a thread, which answers a collector until the node leaves. What it says
is up to the test, whatever that is."""

import datetime
import json
import threading
import time

import trace_forward

MAINNET = 764824073


class Node:
    def __init__(self, path, name, metrics=None, magic=MAINNET, **info):
        self.forwarder = trace_forward.connect(path, magic=magic, name=name)
        self.forwarder.points["NodeInfo"] = json.dumps({
            "niName": name, "niProtocol": "Cardano", "niVersion": "10.6.1", "niCommit": "97036a1",
            "niStartTime": "2026-11-22T12:00:00Z", "niSystemStartTime": "2026-11-22T12:00:00Z", **info})
        self.lock = threading.Lock()
        self.is_open = True
        self.measure(metrics or {})
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def say(self, name, data, severity="Info"):
        """A message as nodes write it."""
        now = time.time()
        at = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        line = trace_forward.line_of(name, text, severity, at=at)
        with self.lock:
            try:
                self.forwarder.push(trace_forward.object_of_2026(name, line, severity, seconds=int(now)))
            except BrokenPipeError:
                self.is_open = False  # the collector has gone

    def measure(self, metrics):
        """Gauges, by their names."""
        with self.lock:
            self.forwarder.metrics = [trace_forward.gauge(name, value) for name, value in metrics.items()]

    def leave(self):
        self.is_open = False
        self.thread.join()
        self.forwarder.close()

    def serve(self):
        try:
            while self.is_open:
                with self.lock:
                    self.forwarder.handle()
                try:
                    self.forwarder.receive(0.05)
                except TimeoutError:
                    pass
        except (EOFError, OSError):
            self.is_open = False
