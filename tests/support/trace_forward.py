"""The forwarding protocol, seen from the side of a node: what tests of the collector talk to it with.

Written from the protocol's description, apart from the program's own code: frames, the handshake from
either side, both shapes of objects, and answers to requests for objects, metrics and data points.
"""
import socket
import struct
import time

from forward import decode, head

PROTOCOL_METRICS, PROTOCOL_TRACES, PROTOCOL_POINTS = 1, 2, 3


# --- CBOR --------------------------------------------------------------------------------------


def integer(number):
    return head(0, number) if number >= 0 else head(1, -1 - number)


def text(value):
    raw = value.encode()
    return head(3, len(raw)) + raw


def array(*items):
    return head(4, len(items)) + b"".join(items)


def open_list(items):
    """A list as the Haskell encoder writes it: empty ones are definite, others are not."""
    return b"\x9f" + b"".join(items) + b"\xff" if items else b"\x80"


# --- What a node has to tell -------------------------------------------------------------------

SEVERITIES = ["Debug", "Info", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency"]


def timestamp(seconds, picoseconds):
    return b"\xd9\x03\xe8\xa2\x01" + integer(seconds) + b"\x2b" + integer(picoseconds)


def object_of_2026(name, line, severity="Info", human=None, seconds=1772633733, host="h1", thread="9"):
    return array(
        integer(0),
        array(text(human)) if human is not None else b"\x80",
        text(line),
        open_list([text(name)]),
        array(integer(SEVERITIES.index(severity))),
        array(integer(1)),
        timestamp(seconds, 500000000000),
        text(host),
        text(thread),
    )


def object_of_2023(name, data, severity="Info", human=None, seconds=1679466292, host="h1", thread="9"):
    """data: the JSON of the member alone; each backslash goes out doubled."""
    return array(
        integer(0),
        array(text(human)) if human is not None else b"\x80",
        array(text(data.replace("\\", "\\\\"))) if data is not None else b"\x80",
        open_list([text(part) for part in name.split(".")]),
        array(integer(SEVERITIES.index(severity))),
        array(integer(1)),
        timestamp(seconds, 123400000000),
        text(host),
        text("ThreadId " + thread),
    )


def line_of(name, data='{"kind":"Test"}', severity="Info", host="h1", thread="9", at="2026-03-04T14:15:33.5Z"):
    return (
        '{"at":"%s","ns":"%s","data":%s,"sev":"%s","thread":"%s","host":"%s"}'
        % (at, name, data, severity, thread, host)
    )


def counter(name, value):
    return array(text(name), array(integer(0), integer(value)))


def gauge(name, value):
    return array(text(name), array(integer(1), integer(value)))


def label(name, value):
    return array(text(name), array(integer(2), text(value)))


# --- A connection ------------------------------------------------------------------------------


class Refused(Exception):
    pass


class Forwarder:
    """One connection with a collector, which asks. Answers come from attributes; requests are kept.

    connected: this side connected, and proposes. of_2023: hangs up when it is asked for updated metrics only.
    """

    def __init__(self, sock, connected=True, magic=42, name="node-0", of_2023=False):
        self.sock, self.connected, self.magic = sock, connected, magic
        self.of_2023 = of_2023
        self.received = {number: b"" for number in range(4)}
        self.frame = b""
        self.points = {} if name is None else {"NodeInfo": '{"niName":"%s"}' % name}
        self.metrics = []
        self.queue = []  # encoded objects
        self.given = 0  # of them, in replies so far
        self.asked = 0  # requests for objects so far
        self.wanted = 0  # objects of the open request; 0: none is open
        self.metric_requests, self.point_requests, self.done = [], [], set()
        self.shake()

    # Frames

    def send(self, protocol, message):
        direction = 0 if self.connected else 0x8000
        for at in range(0, len(message), 12288):
            part = message[at : at + 12288]
            stamp = int(time.monotonic() * 1e6) & 0xFFFFFFFF
            self.sock.sendall(struct.pack(">IHH", stamp, protocol | direction, len(part)) + part)

    def receive(self, timeout=10):
        """Takes what is there; at least one frame, or raises."""
        self.sock.settimeout(timeout)
        while True:
            if len(self.frame) >= 8:
                _, protocol, length = struct.unpack(">IHH", self.frame[:8])
                if len(self.frame) >= 8 + length:
                    assert bool(protocol & 0x8000) == self.connected, "the direction bit"
                    self.received[protocol & 0x7FFF] += self.frame[8 : 8 + length]
                    self.frame = self.frame[8 + length :]
                    return
            part = self.sock.recv(65536)
            if not part:
                raise EOFError
            self.frame += part

    def message(self, protocol):
        """The next message of a protocol; None when there is no whole one."""
        try:
            item, end = decode(self.received[protocol])
        except IndexError:
            return None
        self.received[protocol] = self.received[protocol][end:]
        return item

    def wait_message(self, protocol):
        while (item := self.message(protocol)) is None:
            self.receive()
        return item

    # The handshake

    def shake(self):
        if self.connected:
            self.send(0, array(integer(0), b"\xa1" + integer(1) + integer(self.magic)))
            answer = self.wait_message(0)
            if answer[0] != 1:
                raise Refused(answer)
            assert answer == [1, 1, self.magic], answer
        else:
            proposal = self.wait_message(0)
            assert proposal == [0, {1: self.magic}], proposal
            self.send(0, array(integer(1), integer(1), integer(self.magic)))

    # Answers

    def answer_metrics(self, request):
        self.metric_requests.append(request[1])
        if self.of_2023 and request[1] == [2]:
            raise EOFError("a node of 2023 hangs up")
        self.send(PROTOCOL_METRICS, array(integer(1), array(integer(0), open_list(self.metrics))))

    def answer_points(self, request):
        self.point_requests.append(request[1])
        values = []
        for name in request[1]:
            json = self.points.get(name)
            found = b"\x80" if json is None else b"\x81\x5f" + head(2, len(json)) + json.encode() + b"\xff"
            values.append(array(text(name), found))
        self.send(PROTOCOL_POINTS, array(integer(3), open_list(values)))

    def give(self):
        if not self.wanted or self.given == len(self.queue):
            return
        part = self.queue[self.given : self.given + self.wanted]
        self.given += len(part)
        self.wanted = 0
        self.send(PROTOCOL_TRACES, array(integer(3), open_list(part)))

    def handle(self):
        """Answers all whole requests that have come."""
        for protocol in (PROTOCOL_METRICS, PROTOCOL_TRACES, PROTOCOL_POINTS):
            while (request := self.message(protocol)) is not None:
                if len(request) == 1:
                    self.done.add(protocol)
                elif protocol == PROTOCOL_METRICS:
                    self.answer_metrics(request)
                elif protocol == PROTOCOL_POINTS:
                    self.answer_points(request)
                else:
                    assert request[1] is True, "a blocking request"
                    self.asked += 1
                    self.wanted = request[2][1]
        self.give()

    def serve_until(self, condition, timeout=20):
        """Answers until condition(self) holds."""
        end = time.monotonic() + timeout
        self.handle()
        while not condition(self):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.receive(left)
            self.handle()

    def push(self, *objects):
        self.queue.extend(objects)
        self.give()

    def serve_all(self, timeout=20):
        """Answers until all that was pushed has been given and confirmed: more was asked for."""
        self.serve_until(lambda f: f.given == len(f.queue) and f.wanted > 0, timeout)

    def close(self):
        self.sock.close()


def connect(address, **options):
    """address: a path, or (host, port)."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX)
    else:
        sock = socket.socket()
    sock.connect(address)
    return Forwarder(sock, connected=True, **options)


def listen(address):
    sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    if not isinstance(address, str):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.listen()
    return sock


def accept(sock, timeout=20, **options):
    sock.settimeout(timeout)
    return Forwarder(sock.accept()[0], connected=False, **options)
