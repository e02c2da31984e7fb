"""A collector made of a socket and a few lines: what tests ask of a program that forwards.

It knows the protocol by itself, and shares no code with the program. Nothing goes by itself: a test
says when it is asked for objects, which is the receipt for those before."""

import os
import socket
import struct
import time

HANDSHAKE, METRICS, TRACES, DATA_POINTS = range(4)
RESPONDER = 0x8000
MAINNET = 764824073


class Closed(Exception):
    """The program has ended the connection."""


# --- CBOR ---------------------------------------------------------------------------------------

class Tagged(tuple):
    """(tag, item)"""


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for extra, width in enumerate((1, 2, 4, 8)):
        if number < 1 << 8 * width:
            return bytes([major << 5 | 24 + extra]) + number.to_bytes(width, "big")
    raise ValueError(number)


def encode(item):
    if item is False or item is True:
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    if isinstance(item, dict):
        return head(5, len(item)) + b"".join(encode(k) + encode(v) for k, v in item.items())
    return head(4, len(item)) + b"".join(encode(i) for i in item)


def sequence(data, at):
    """Items up to a break, and where they end."""
    items = []
    while data[at] != 0xff:
        item, at = decode(data, at)
        items.append(item)
    return items, at + 1


def number_of(data, at, small):
    if small < 24:
        return small, at
    width = 1 << small - 24
    if at + width > len(data):
        raise IndexError
    return int.from_bytes(data[at:at + width], "big"), at + width


def decode(data, at=0):
    """The item at `at`, and where it ends. IndexError when it is not all there."""
    major, small = data[at] >> 5, data[at] & 31
    if data[at] in (0xf4, 0xf5):
        return data[at] == 0xf5, at + 1
    if small == 31:
        items, at = sequence(data, at + 1)
        return b"".join(items) if major == 2 else items, at
    number, at = number_of(data, at + 1, small)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        if at + number > len(data):
            raise IndexError
        text = bytes(data[at:at + number])
        return text.decode() if major == 3 else text, at + number
    if major == 6:
        item, at = decode(data, at)
        return Tagged((number, item)), at
    items = []
    for _ in range(number * (2 if major == 5 else 1)):
        item, at = decode(data, at)
        items.append(item)
    return dict(zip(items[::2], items[1::2])) if major == 5 else items, at


class Object:
    """A trace object in the shape of 2026."""

    def __init__(self, item):
        index, human, self.machine, names, (self.severity,), (self.detail,), at, self.host, self.thread = item
        assert index == 0 and len(names) == 1 and at[0] == 1000, item
        self.human = human[0] if human else None
        self.name = names[0]
        self.seconds, self.picoseconds = at[1][1], at[1][-12]


# --- Sockets --------------------------------------------------------------------------------------

def address_of(text):
    """A path, or HOST:PORT."""
    if "/" in text:
        return socket.AF_UNIX, text
    host, port = text.rsplit(":", 1)
    return socket.AF_INET, (host, int(port))


class Door:
    """Where programs connect to."""

    def __init__(self, address="127.0.0.1:0"):
        family, where = address_of(address)
        if family == socket.AF_UNIX and os.path.exists(where):
            os.unlink(where)
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(where)
        self.socket.listen()
        self.address = address if family == socket.AF_UNIX else "%s:%d" % self.socket.getsockname()

    def let_in(self, timeout=60, **options):
        self.socket.settimeout(timeout)
        return Collector(self.socket.accept()[0], connected=False, **options)

    def close(self):
        self.socket.close()


def call(address, timeout=60, **options):
    """Connects to a program that listens, as soon as it does."""
    end = time.monotonic() + timeout
    family, where = address_of(address)
    while True:
        s = socket.socket(family)
        try:
            s.connect(where)
            return Collector(s, connected=True, **options)
        except (ConnectionRefusedError, FileNotFoundError):
            s.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class Collector:
    def __init__(self, connection, connected, magic=MAINNET, greet=True):
        self.socket = connection
        self.socket.settimeout(60)
        self.bit = 0 if connected else RESPONDER
        self.streams = {p: b"" for p in range(4)}
        self.magic = magic
        if greet and connected:
            self.say(HANDSHAKE, encode([0, {1: magic}]))
            self.answer = self.hear(HANDSHAKE)
        elif greet:
            self.proposal = self.hear(HANDSHAKE)
            self.say(HANDSHAKE, encode([1, 1, magic]))

    def say(self, protocol, message):
        self.socket.sendall(struct.pack(">IHH", 0, protocol | self.bit, len(message)) + message)

    def read(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise Closed
            data += piece
        return data

    def hear(self, protocol):
        """The next message of a protocol."""
        while True:
            try:
                item, end = decode(self.streams[protocol])
                self.streams[protocol] = self.streams[protocol][end:]
                return item
            except IndexError:
                _, number, length = struct.unpack(">IHH", self.read(8))
                assert number & RESPONDER == self.bit ^ RESPONDER, "the direction of a frame"
                assert 0 < length <= 12288, length
                self.streams[number & 0x7fff] += self.read(length)

    # --- Asking ----------------------------------------------------------------------------------

    def ask(self, count=100, blocking=True):
        self.say(TRACES, encode([1, blocking, [0, count]]))

    def take(self):
        """The objects of a reply."""
        key, objects = self.hear(TRACES)
        assert key == 3
        return [Object(o) for o in objects]

    def objects(self, count=100):
        self.ask(count)
        return self.take()

    def metrics(self, names=None, updated=False):
        request = [1, names] if names is not None else [2] if updated else [0]
        self.say(METRICS, encode([0, request]))
        key, (index, metrics) = self.hear(METRICS)
        assert (key, index) == (1, 0)
        return {name: (["counter", "gauge", "label"][kind], value) for name, (kind, value) in metrics}

    def data_points(self, *names):
        self.say(DATA_POINTS, encode([1, list(names)]))
        key, points = self.hear(DATA_POINTS)
        assert key == 3
        return {name: value[0].decode() if value else None for name, value in points}

    def close(self):
        self.socket.close()
