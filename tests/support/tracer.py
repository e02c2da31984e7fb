"""The collector under test: `ouroscope tracer` with a configuration, and what it has written."""

import ctypes
import glob
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

import forward
import trace_forward as tf

MAGIC = 764824073
PR_SET_PDEATHSIG = 1
STARTED = '"Tracer.InitDone"'  # it says


def end_with_parent():
    """In a child: nothing is left behind, however the test ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(condition, seconds=30, pause=0.02):
    """Whether the condition came to hold in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


class Collector:
    """Started at once; `more` are further members of its configuration."""

    def __init__(self, program, folder, environment=None, **more):
        self.program, self.folder = program, folder
        self.environment = {**os.environ, **(environment or {})}
        self.socket = os.path.join(folder, "tracer.sock")
        self.logs = os.path.join(folder, "logs")
        self.config = os.path.join(folder, "tracer.json")
        self.errors = os.path.join(folder, "tracer.err")
        os.makedirs(folder, exist_ok=True)
        config = {"networkMagic": MAGIC, "network": {"tag": "AcceptAt", "contents": self.socket},
                  "logging": [{"logRoot": self.logs, "logMode": "FileMode", "logFormat": "ForMachine"}]}
        config.update(more)
        self.connects = config["network"]["tag"] == "ConnectTo"
        with open(self.config, "w") as file:
            json.dump(config, file)
        self.start()

    def start(self):
        self.starts = self.said().count(STARTED) if os.path.exists(self.errors) else 0
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [self.program, "tracer", "--config", self.config], stdout=errors, stderr=errors,
                env=self.environment, preexec_fn=end_with_parent)
        if not wait_until(self.is_ready):
            raise AssertionError("the collector does not start: " + self.said())

    def is_ready(self):
        """Whether it says so, and its socket takes connections; one that was left behind does not. Who connects to its nodes
        has none."""
        if self.said().count(STARTED) <= self.starts:
            return False
        if self.connects:
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(self.socket)
                return True
            except OSError:
                return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Its status; it has written what it had."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def is_alive(self):
        return self.process.poll() is None

    def said(self):
        with open(self.errors, errors="replace") as file:
            return file.read()

    def memory_kb(self, what="VmRSS"):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(what + r":\s*(\d+)", status.read()).group(1))

    def files(self, node):
        """The log files of a node, the oldest first; their names begin with their time."""
        return sorted(path for path in glob.glob(os.path.join(self.logs, node, "*.json"))
                      if not os.path.islink(path))

    def lines(self, node):
        """All that was written of a node, in order. What is no line of JSON fails the test."""
        for path in self.files(node):
            with open(path, "rb") as file:
                for line in file:
                    assert line.endswith(b"\n"), (path, line)
                    yield json.loads(line)


# --- Nodes ------------------------------------------------------------------------------------

def trace_object(number, machine=None, name="Test.Number", seconds=1772633733, severity=1, host="h1"):
    """In the shape of 2026, with nothing made right: the number stands in its line, unless that is given."""
    line = tf.line_of(name, '{"number":%d}' % number, host=host) if machine is None else machine
    return tf.array(tf.integer(0), b"\x80", tf.text(line), tf.open_list([tf.text(name)]), tf.array(tf.integer(severity)),
                    tf.array(tf.integer(1)), tf.timestamp(seconds, 0), tf.text(host), tf.text("1"))


def reply(*objects):
    return tf.array(tf.integer(3), tf.open_list(objects))


def data_points_reply(names, node_name):
    """All are unknown but NodeInfo."""
    info = json.dumps({"niName": node_name, "niProtocol": "Cardano", "niVersion": "1", "niCommit": "abc",
                       "niStartTime": "2026-03-04T14:00:00Z", "niSystemStartTime": "2026-03-04T14:00:00Z"}).encode()
    known = b"\x81\x5f" + forward.head(2, len(info)) + info + b"\xff"
    return tf.array(tf.integer(3), tf.open_list(
        [tf.array(tf.text(name), known if name == "NodeInfo" else b"\x80") for name in names]))


class Peer:
    """A connection to the collector as a node makes it; it does what the test says, and nothing by itself."""

    def __init__(self, collector, proposal=None, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        wait_until(lambda: self.socket.connect_ex(collector.socket) == 0, 10)
        self.streams = {protocol: b"" for protocol in range(4)}
        if proposal is not None:
            self.say(forward.HANDSHAKE, proposal)

    def greet(self):
        self.say(forward.HANDSHAKE, forward.encode([0, {1: MAGIC}]))
        assert self.hear(forward.HANDSHAKE) == [1, 1, MAGIC]
        return self

    def raw(self, data):
        self.socket.sendall(data)

    def say(self, protocol, message):
        for at in range(0, len(message), 12288):
            part = message[at:at + 12288]
            self.raw(struct.pack(">IHH", 0, protocol, len(part)) + part)

    def read(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except ConnectionError:
                piece = b""
            if not piece:
                raise forward.Closed
            data += piece
        return data

    def hear_any(self, protocols):
        """(protocol, message): the next one of any of these."""
        while True:
            for protocol in protocols:
                try:
                    item, end = forward.decode(self.streams[protocol])
                    self.streams[protocol] = self.streams[protocol][end:]
                    return protocol, item
                except IndexError:
                    pass
            _, number, length = struct.unpack(">IHH", self.read(8))
            assert number & forward.RESPONDER and 0 < length <= 12288
            self.streams[number & 0x7fff] += self.read(length)

    def hear(self, protocol):
        return self.hear_any([protocol])[1]

    def asked_for_objects(self):
        """Waits for the request."""
        message = self.hear(forward.TRACES)
        assert message[0] == 1, message
        return message[2][1]

    def say_name(self, name):
        """Answers the question who this is, for which objects wait, and the empty question before it."""
        names = []
        while not names:
            _, names = self.hear(forward.DATA_POINTS)
            self.say(forward.DATA_POINTS, data_points_reply(names, name))

    def is_closed(self, seconds=5):
        """Whether the collector ends the connection; what it says before is passed over."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        except socket.timeout:
            return False
        return True

    def close(self):
        self.socket.close()


class Node(threading.Thread):
    """A node that does as it should: gives a number with each object, a few at a time, and says who it is."""

    PAUSE = 0.01  # before each reply

    def __init__(self, collector, name):
        super().__init__(daemon=True)
        self.collector, self.node_name = collector, name
        self.given = 0
        self.confirmed = 0
        self.stopped = threading.Event()
        self.peer = Peer(collector).greet()
        self.failure = None
        self.start()

    def run(self):
        try:
            while not self.stopped.is_set():
                self.answer(*self.peer.hear_any([forward.TRACES, forward.METRICS, forward.DATA_POINTS]))
        except Exception as failure:  # told when the test asks
            self.failure = failure

    def answer(self, protocol, message):
        if protocol == forward.METRICS:
            self.peer.say(protocol, forward.encode([1, [0, [["slotNum_int", [1, self.given]]]]]))
        elif protocol == forward.DATA_POINTS:
            self.peer.say(protocol, data_points_reply(message[1], self.node_name))
        else:
            self.confirmed = self.given
            time.sleep(self.PAUSE)
            count = min(message[2][1], 10)
            self.peer.say(protocol, reply(*(trace_object(self.given + i) for i in range(count))))
            self.given += count

    def is_served(self, seconds=20):
        """Whether the collector goes on asking for objects."""
        goal = self.confirmed + 20
        return wait_until(lambda: self.failure or self.confirmed >= goal, seconds) and not self.failure

    def stop(self):
        self.stopped.set()
        self.join(timeout=30)
        self.peer.close()
