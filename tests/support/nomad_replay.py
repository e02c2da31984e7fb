#!/usr/bin/env python3
"""Serves recorded answers of a Nomad agent, each once, in the order that is asked for.

    nomad_replay.py FOLDER STEP...

A step is

    NAME          the answer of FOLDER/NAME.json to the request that stands in it
    NAME=PATH     that answer, to a request for another path
    !lost         takes a request and closes the connection: an answer that was lost
    !STATUS:TEXT  takes a request and answers that
    !stream=NAME  the lines of an event stream, cut into pieces that know no lines

A request fits when method and path are the recorded ones (PUT and POST are one for Nomad), when its query has what the
recorded one has, and its body the recorded members of "Job". What does not fit is answered with 418 and told on standard
error. Prints {"address": ...} and serves until standard input ends; the exit status is 0 when every step was
taken and no request was left over.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

PIECE = 1000  # bytes of the stream that go out at once


def same_method(a, b):
    return a == b or {a, b} <= {"PUT", "POST"}


def has_all(recorded, sent):
    """Whether what was sent has at least the recorded members."""
    if isinstance(recorded, dict) and isinstance(sent, dict):
        return all(name in sent and has_all(recorded[name], sent[name]) for name in recorded)
    return recorded == sent


class Step:
    """A recorded request and its answer, or one of the replay's own."""

    def __init__(self, folder, text):
        self.text = text
        self.method, self.path, self.body = None, None, None
        self.status, self.type, self.index, self.answer = 200, "text/plain", None, b""
        self.lost = text == "!lost"
        self.stream = None
        if text.startswith("!stream="):
            self.read_stream(folder / f"{text[8:]}.json")
        elif text.startswith("!") and not self.lost:
            status, _, words = text[1:].partition(":")
            self.status, self.answer = int(status), words.encode()
        elif not self.lost:
            name, _, path = text.partition("=")
            self.read(json.loads((folder / f"{name}.json").read_text()), path)

    def read_stream(self, path):
        lines = json.loads(path.read_text())
        self.method, self.path = "GET", "/v1/event/stream"
        self.stream = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    def read(self, recorded, path):
        request, response = recorded["request"], recorded["response"]
        self.method, self.path = request["method"], path or request["path"]
        self.body = request["body"] if isinstance(request["body"], dict) else None
        headers, body = response["headers"], response["body"]
        self.status = response["status"]
        self.type = headers.get("Content-Type", "application/json")
        self.index = headers.get("X-Nomad-Index")
        if self.type.startswith("text/"):
            self.answer = body.encode()
        elif body is not None:
            self.answer = json.dumps(body).encode()

    def misfit(self, method, path, body):
        """What is other than recorded; None where all fits."""
        if self.method is None:
            return None
        ours, theirs = urlsplit(self.path), urlsplit(path)
        if not same_method(self.method, method):
            return f"method {method}, not {self.method}"
        if ours.path != theirs.path:
            return f"path {theirs.path}, not {ours.path}"
        if not set(parse_qsl(ours.query)) <= set(parse_qsl(theirs.query)):
            return f"query {theirs.query}, not {ours.query}"
        wanted = {"Job": self.body["Job"]} if self.body and "Job" in self.body else self.body
        if wanted and not has_all(wanted, body):
            return "another body"
        return None


class Replay:
    """The steps that are left; one request at a time."""

    def __init__(self, folder, steps):
        self.left = [Step(folder, text) for text in steps]
        self.lock = threading.Lock()
        self.failures = 0

    def take(self, method, path, body):
        with self.lock:
            step = self.left[0] if self.left else None
            why = step.misfit(method, path, body) if step else "no step is left"
            if why is None:
                return self.left.pop(0)
            self.failures += 1
            at = f" at {step.text}" if step else ""
            print(f"replay: {method} {path}{at}: {why}", file=sys.stderr)
            return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length)
        step = self.server.replay.take(self.command, self.path, json.loads(text) if text else None)
        if step is None:
            self.answer(418, "text/plain", b"not what comes next", None)
        elif step.lost:
            self.close_connection = True
        elif step.stream is not None:
            self.answer_stream(step.stream)
        else:
            self.answer(step.status, step.type, step.answer, step.index)

    do_PUT = do_POST = do_DELETE = do_GET

    def answer(self, status, kind, body, index):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if index is not None:
            self.send_header("X-Nomad-Index", index)
        self.end_headers()
        self.wfile.write(body)

    def answer_stream(self, lines):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(lines), PIECE):
            piece = lines[at : at + PIECE]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A listener that has enough hangs up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    folder, steps = Path(sys.argv[1]), sys.argv[2:]
    server = Server(("127.0.0.1", 0), Handler)
    server.replay = Replay(folder, steps)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"address": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
    sys.stdin.read()
    for step in server.replay.left:
        print(f"replay: {step.text} was not asked for", file=sys.stderr)
    return 1 if server.replay.failures or server.replay.left else 0


if __name__ == "__main__":
    sys.exit(main())
