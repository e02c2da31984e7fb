#!/usr/bin/python3
"""A proxy that does harm on purpose: between us and an S3 server, or a Nomad server.

    fault_proxy.py --to HOST:PORT [--listen ADDR:PORT]

prints one JSON line, {"address": ..., "control": ...}, both "127.0.0.1:PORT", and serves until its
standard input ends or SIGTERM comes. Requests go on as they stand, Host header and all, so signatures
hold; bodies are passed on as they come, so streams and blocking queries work.

A fault is a rule; the rules are a JSON list in one line of standard input, or the body of
PUT http://CONTROL/_faults. Rules that come replace those of before and set all counts to 0; a line
{"done": true} answers each on standard output. The first rule that matches a request and is not used
up is applied:

    match        a regular expression, searched for in "METHOD target"
    fault        what is done:
      cut          the connection is reset; the request was not passed on, or only the first
                   after_bytes of its body
      lose         the request is passed on and done; its answer is not
      cut-body     the answer ends behind the first after_bytes of its body
      corrupt      the byte at after_bytes of the answer's body is another one
      corrupt-request   likewise of the request's body
      delay        seconds pass before the request is passed on
      throttle     both bodies move with bytes_per_s
      status       the answer is `status`, with an S3 error of this `code`, or `body`, and `headers`;
                   the request is not passed on
      hang         nothing comes any more, for seconds (or until the other side gives up): in place of
                   an answer, or behind after_bytes of its body
      refuse       for seconds nobody listens, and all connections are reset
    times        so often; left out: always
    skip         the first so many matches go by unharmed

GET http://CONTROL/_counts tells {"connections", "requests", "rules": how often each was applied,
"log": [{"request": "METHOD path", "range": what was asked for, "fault"}]}: the path has no query,
which may be a secret.
"""
import argparse
import contextlib
import json
import re
import select
import signal
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 64 << 10
HEAD_MAX = 256 << 10
LOG_MAX = 20000
FOREVER = 3600.0


class Cut(Exception):
    """The connection is to be given up."""


class Head:
    """A request's or an answer's first line and headers."""

    def __init__(self, raw):
        lines = raw.decode("latin-1").split("\r\n")
        self.raw, self.first = raw, lines[0].split(" ", 2)
        if len(self.first) < 2:
            raise Cut("no HTTP")
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()

    def has(self, name, word):
        return word in self.headers.get(name, "").lower()

    def closes(self):
        return self.has("connection", "close")

    def framing(self, otherwise):
        """How the body ends: "chunked", a number of bytes, or what it is without a word about it."""
        if self.has("transfer-encoding", "chunked"):
            return "chunked"
        told = self.headers.get("content-length")
        return int(told) if told is not None else otherwise


class Peer:
    """One side of a connection, read in pieces as they come."""

    def __init__(self, sock):
        self.sock, self.rest = sock, b""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def until(self, mark, most):
        while mark not in self.rest:
            piece = self.sock.recv(PIECE)
            if not piece:
                if self.rest:
                    raise Cut("ended early")
                return None
            self.rest += piece
            if len(self.rest) > most and mark not in self.rest:
                raise Cut("too long")
        found, self.rest = self.rest.split(mark, 1)
        return found + mark

    def head(self):
        raw = self.until(b"\r\n\r\n", HEAD_MAX)
        return Head(raw) if raw else None

    def some(self, most):
        if not self.rest:
            self.rest = self.sock.recv(PIECE)
        found, self.rest = self.rest[:most], self.rest[most:]
        return found

    def body(self, framing):
        """Pieces as they stand on the wire: (bytes, whether they are content)."""
        if framing == "chunked":
            yield from self.chunks()
        elif framing == "close":
            while piece := self.some(PIECE):
                yield piece, True
        else:
            yield from self.exactly(framing)

    def exactly(self, left):
        while left > 0:
            piece = self.some(left)
            if not piece:
                raise Cut("ended early")
            left -= len(piece)
            yield piece, True

    def chunks(self):
        while True:
            line = self.until(b"\r\n", HEAD_MAX) or b"0"
            yield line, False
            size = int(line.split(b";")[0], 16)
            yield from self.exactly(size)
            while size == 0 and line != b"\r\n":  # trailers, up to an empty line
                line = self.until(b"\r\n", HEAD_MAX) or b"\r\n"
                yield line, False
            if size == 0:
                return
            yield self.until(b"\r\n", HEAD_MAX), False

    def gone(self):
        """Whether an idle peer has closed, or said what nobody asked for."""
        return bool(select.select([self.sock], [], [], 0)[0])

    def close(self, reset=False):
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


class Rule:
    def __init__(self, told):
        self.told, self.applied, self.seen = told, 0, 0
        self.match, self.fault = re.compile(told["match"]), told["fault"]

    def takes(self, text):
        if not self.match.search(text):
            return False
        self.seen += 1
        if self.seen <= self.told.get("skip", 0) or self.applied >= self.told.get("times", 1 << 60):
            return False
        self.applied += 1
        return True

    def after(self, otherwise=0):
        return self.told.get("after_bytes", otherwise)

    def seconds(self):
        return self.told.get("seconds", FOREVER)


class Ledger:
    """The rules, and what was done by them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.set([])

    def set(self, rules):
        made = [Rule(told) for told in rules]
        with self.lock:
            self.rules, self.log, self.requests, self.connections = made, [], 0, 0

    def connected(self):
        with self.lock:
            self.connections += 1

    def choose(self, head):
        target = head.first[0] + " " + head.first[1]
        with self.lock:
            self.requests += 1
            rule = next((r for r in self.rules if r.takes(target)), None)
            if len(self.log) < LOG_MAX:
                self.log.append({"request": target.partition("?")[0],
                                 "range": head.headers.get("range", ""),
                                 "fault": rule.fault if rule else ""})
            return rule

    def counts(self):
        with self.lock:
            return {"connections": self.connections, "requests": self.requests,
                    "rules": [r.applied for r in self.rules], "log": list(self.log)}


def shaped(pieces, rule, kind, wait):
    """The pieces of a body ("request", "answer") with a rule's harm done to them."""
    fault, at = rule.fault if rule else "", 0
    for piece, content in pieces:
        if not content or not fault:
            yield piece
            continue
        stop = rule.after(-1) - at
        if fault == "corrupt" + ("-request" if kind == "request" else "") and (
                0 <= rule.after() - at < len(piece)):
            place = rule.after() - at
            piece = piece[:place] + bytes([piece[place] ^ 0x20]) + piece[place + 1:]
        elif fault == ("cut" if kind == "request" else "cut-body") and stop <= len(piece):
            yield piece[:max(stop, 0)]
            raise Cut("by a rule")
        elif fault == "hang" and kind == "answer" and 0 <= stop <= len(piece):
            yield piece[:stop]
            wait(rule.seconds())
            raise Cut("by a rule")
        elif fault == "throttle":
            yield from slowly(piece, rule.told["bytes_per_s"], wait)
            continue
        at += len(piece)
        yield piece


def slowly(piece, bytes_per_s, wait):
    """In five small pieces a second: slow, and never silent."""
    step = max(int(bytes_per_s / 5), 1)
    for start in range(0, len(piece), step):
        small = piece[start:start + step]
        wait(len(small) / bytes_per_s)
        yield small


class Connection:
    def __init__(self, proxy, sock):
        self.proxy, self.client, self.server = proxy, Peer(sock), None

    def run(self):
        reset = False
        try:
            while self.one_request():
                pass
        except Cut:
            pass
        except (OSError, ValueError):
            reset = True
        self.close(reset or self.proxy.refusing)

    def close(self, reset):
        self.client.close(reset)
        if self.server:
            self.server.close()
        self.proxy.forget(self)

    def wait(self, seconds):
        """As long, or until the client has gone."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if select.select([self.client.sock], [], [], min(left, 0.1))[0]:
                if not self.client.sock.recv(1, socket.MSG_PEEK):
                    raise Cut("the client has gone")
                time.sleep(min(left, 0.1))

    def reach(self):
        if self.server and self.server.gone():
            self.server.close()
            self.server = None
        if not self.server:
            self.server = Peer(socket.create_connection(self.proxy.to, 30))
            self.server.sock.settimeout(None)
        return self.server

    def one_request(self):
        head = self.client.head()
        if not head:
            return False
        rule = self.proxy.ledger.choose(head)
        fault = rule.fault if rule else ""
        if fault == "refuse":
            self.proxy.refuse(rule.seconds())
            raise Cut("by a rule")
        if fault == "cut" and not rule.after():
            self.client.close(reset=True)
            raise Cut("by a rule")
        if fault == "delay":
            self.wait(rule.seconds())
        if fault == "hang" and "after_bytes" not in rule.told:
            self.wait(rule.seconds())
            raise Cut("by a rule")
        if fault == "status":
            return self.answer_status(head, rule)
        return self.pass_on(head, rule)

    def answer_status(self, head, rule):
        told = rule.told
        waits = head.has("expect", "100-continue")
        if not waits:
            for _ in self.client.body(head.framing(0)):
                pass
        text = told.get("body", "")
        if "code" in told:
            text = ('<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message>'
                    "</Error>" % (told["code"], "a fault on purpose"))
        lines = ["HTTP/1.1 %d Fault" % told["status"], "Content-Length: %d" % len(text)]
        lines += ["%s: %s" % pair for pair in told.get("headers", {}).items()]
        lines += ["Connection: close"] if waits else []
        text = "" if head.first[0] == "HEAD" else text
        self.client.sock.sendall(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        return not waits

    def pass_on(self, head, rule):
        server = self.reach()
        server.sock.sendall(head.raw)
        early = None
        if head.has("expect", "100-continue"):
            early = server.head()
            if early and early.first[1] == "100":
                self.client.sock.sendall(early.raw)
                early = None
            else:
                self.pass_answer_head(head, early, rule)
                return False
        try:
            for piece in shaped(self.client.body(head.framing(0)), rule, "request", self.wait):
                server.sock.sendall(piece)
        except BrokenPipeError:
            pass  # it has said why, and hung up
        return self.pass_answer(head, rule)

    def pass_answer(self, request, rule):
        while True:
            head = self.server_head()
            if not head.first[1].startswith("1"):
                return self.pass_answer_head(request, head, rule)
            self.client.sock.sendall(head.raw)

    def server_head(self):
        """The answer may take long; a client that goes ends the waiting."""
        while not select.select([self.server.sock], [], [], 0.2)[0] and not self.server.rest:
            if self.client.gone() and not self.client.sock.recv(1, socket.MSG_PEEK):
                raise Cut("the client has gone")
        head = self.server.head()
        if not head:
            raise Cut("the server has gone")
        return head

    def pass_answer_head(self, request, head, rule):
        if rule and rule.fault == "lose":
            raise Cut("by a rule")
        if not head:
            raise Cut("the server has gone")
        bare = request.first[0] == "HEAD" or head.first[1] in ("204", "304")
        framing = 0 if bare else head.framing("close")
        self.client.sock.sendall(head.raw)
        for piece in shaped(self.server.body(framing), rule, "answer", self.wait):
            self.client.sock.sendall(piece)
        return not (request.closes() or head.closes() or framing == "close")


class FaultProxy:
    """Threads of its own; for tests that are in Python themselves, too."""

    def __init__(self, to, listen=("127.0.0.1", 0)):
        self.to, self.ledger = to, Ledger()
        self.lock, self.open, self.refusing = threading.Lock(), set(), False
        # Bound and never listening: it keeps the port while nobody is to listen there.
        self.keeper = self.bind(listen)
        self.address = self.keeper.getsockname()
        self.listener = None
        self.listen()

    @staticmethod
    def bind(address):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
        return sock

    def listen(self):
        self.refusing = False
        self.listener = self.bind(self.address)
        self.listener.listen(128)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.ledger.connected()
            connection = Connection(self, sock)
            with self.lock:
                self.open.add(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def forget(self, connection):
        with self.lock:
            self.open.discard(connection)

    def stop_listening(self):
        # A thread waits in accept(): only shutdown() wakes it.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def refuse(self, seconds):
        with self.lock:
            if self.refusing:
                return
            self.refusing = True
            others = list(self.open)
        self.stop_listening()
        for connection in others:
            with contextlib.suppress(OSError):
                connection.client.sock.shutdown(socket.SHUT_RDWR)
        timer = threading.Timer(seconds, self.listen)
        timer.daemon = True
        timer.start()


class Control(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/_counts":
            self.answer(200, self.server.ledger.counts())
        else:
            self.answer(404, {"error": "there are /_faults and /_counts"})

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.server.ledger.set(json.loads(body))
            self.answer(200, {"done": True})
        except (ValueError, KeyError, TypeError, re.error) as problem:
            self.answer(400, {"error": repr(problem)})


def place(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def say(value):
    print(json.dumps(value), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=place, required=True)
    parser.add_argument("--listen", type=place, default=("127.0.0.1", 0))
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    proxy = FaultProxy(args.to, args.listen)
    control = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    control.daemon_threads, control.ledger = True, proxy.ledger
    threading.Thread(target=control.serve_forever, daemon=True).start()
    say({"address": "%s:%d" % proxy.address, "control": "127.0.0.1:%d" % control.server_port})
    for line in sys.stdin:
        proxy.ledger.set(json.loads(line))
        say({"done": True})


if __name__ == "__main__":
    main()
