"""Peers made of a socket and a few lines: what tests say to a node, rightly or wrongly.

Bytes are written by hand where a test is about them; there is no state machine here that would
keep a test from breaking rules."""

import socket
import struct
import time

HANDSHAKE, CHAIN_SYNC, BLOCK_FETCH, TX_SUBMISSION, KEEP_ALIVE = 0, 2, 3, 4, 8
RESPONDER = 0x8000


# --- CBOR: what messages need ---------------------------------------------------------------

class Tag24(bytes):
    """CBOR within CBOR: tag 24 around a byte string."""


def encode(item):
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        for extra, width in enumerate((1, 2, 4, 8)):
            if number < 1 << 8 * width:
                return bytes([major << 5 | 24 + extra]) + number.to_bytes(width, "big")
        raise ValueError(number)

    if item is False or item is True:
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, Tag24):
        return b"\xd8\x18" + head(2, len(item)) + bytes(item)
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, (bytes, bytearray)):
        return head(2, len(item)) + bytes(item)
    if isinstance(item, dict):
        return head(5, len(item)) + b"".join(encode(k) + encode(v) for k, v in item.items())
    return head(4, len(item)) + b"".join(encode(i) for i in item)


def decode(data, at=0):
    """The item at `at`, and where it ends. IndexError when it is not all there."""
    first = data[at]
    major, small = first >> 5, first & 31
    at += 1
    if first in (0xf4, 0xf5, 0xf6):
        return {0xf4: False, 0xf5: True, 0xf6: None}[first], at
    if small < 24:
        number = small
    elif small < 28:
        width = 1 << (small - 24)
        if at + width > len(data):
            raise IndexError
        number, at = int.from_bytes(data[at:at + width], "big"), at + width
    else:
        number = None  # until a break
    if major == 0:
        return number, at
    if major in (2, 3):
        if at + number > len(data):
            raise IndexError
        return bytes(data[at:at + number]), at + number
    if major == 6:
        inner, at = decode(data, at)
        return Tag24(inner) if number == 24 else inner, at
    items = []
    while number is None or len(items) < number * (2 if major == 5 else 1):
        if number is None and data[at] == 0xff:
            at += 1
            break
        item, at = decode(data, at)
        items.append(item)
    return dict(zip(items[::2], items[1::2])) if major == 5 else items, at


# --- Connections ------------------------------------------------------------------------------

class Closed(Exception):
    """The node has ended the connection."""


class Peer:
    """A connection to a node. `duplex`: the node may ask us, too."""

    def __init__(self, port, receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(30)
        try:
            self.socket.connect(("127.0.0.1", port))
        except ConnectionResetError:
            raise Closed from None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.name = "%s:%d" % self.socket.getsockname()
        self.waiting = {}  # (protocol with direction bit) to bytes that came

    def close(self):
        self.socket.close()

    def send_raw(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None

    def send_frame(self, protocol, payload):
        self.send_raw(struct.pack(">IHH", 0, protocol, len(payload)) + payload)

    def say(self, protocol, message):
        payload = message if isinstance(message, bytes) else encode(message)
        for at in range(0, len(payload), 12288):
            self.send_frame(protocol, payload[at:at + 12288])

    def read(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionResetError:
                raise Closed from None
            if not part:
                raise Closed
            data += part
        return data

    def read_frame(self):
        _, protocol, count = struct.unpack(">IHH", self.read(8))
        self.waiting[protocol] = self.waiting.get(protocol, b"") + self.read(count)
        return protocol

    def hear(self, protocol):
        """The next message of a protocol, whose number has the direction bit."""
        while True:
            data = self.waiting.get(protocol, b"")
            try:
                message, end = decode(data) if data else (None, 0)
            except IndexError:
                message, end = None, 0
            if end:
                self.waiting[protocol] = data[end:]
                return message
            self.read_frame()

    def hear_any(self, protocols):
        """The next message of any of these: (protocol, message)."""
        while True:
            for protocol in protocols:
                data = self.waiting.get(protocol, b"")
                try:
                    message, end = decode(data) if data else (None, 0)
                except IndexError:
                    continue
                if end:
                    self.waiting[protocol] = data[end:]
                    return protocol, message
            self.read_frame()

    def handshake(self, magic, duplex=False):
        data = [magic, not duplex, 0, False]
        self.say(HANDSHAKE, [0, {14: data, 15: data}])
        return self.hear(HANDSHAKE | RESPONDER)

    def wait_for_end(self, seconds):
        """Reads until the node ends the connection; False when it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False


# --- A good peer -------------------------------------------------------------------------------

def follow(port, magic, count=None):
    """The node's chain as a client sees it: headers with their points, the oldest first."""
    peer = Peer(port)
    assert peer.handshake(magic)[0] == 1, "the handshake was refused"
    peer.say(CHAIN_SYNC, [4, [[]]])
    assert peer.hear(CHAIN_SYNC | RESPONDER)[0] == 5
    headers = []
    while count is None or len(headers) < count:
        peer.say(CHAIN_SYNC, [0])
        message = peer.hear(CHAIN_SYNC | RESPONDER)
        if message[0] == 1 and count is None:
            break  # that is all
        if message[0] == 1:
            message = peer.hear(CHAIN_SYNC | RESPONDER)
        if message[0] == 2:
            headers.append(bytes(message[1][1]))
        elif message[1] == []:
            headers = []
        else:
            raise AssertionError("a fork, which this client does not follow")
    return peer, headers


def fetch(peer, first, last):
    """The blocks from point to point, each as the bytes within tag 24."""
    peer.say(BLOCK_FETCH, [0, first, last])
    message = peer.hear(BLOCK_FETCH | RESPONDER)
    if message[0] != 2:
        return []
    blocks = []
    while True:
        message = peer.hear(BLOCK_FETCH | RESPONDER)
        if message[0] == 5:
            return blocks
        blocks.append(bytes(message[1]))
