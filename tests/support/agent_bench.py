"""What tests of `ouroscope agent` need: a bucket on loopback that knows GET and PUT by URL, ETags and ranges, and counts; an operator
that signs orders and checks states; bundles, good and bad ones; and the agent as a process. Signatures are libsodium's."""

import ctypes
import hashlib
import http.server
import io
import json
import os
import re
import secrets
import struct
import subprocess
import tarfile
import threading
import time

SODIUM = ctypes.CDLL("libsodium.so.23")
SODIUM.sodium_init()

RUN = "2026-01-01T00-00-00_test_one"
HOST = "node-3"
QUERY = "X-Amz-Signature=SECRETSECRET"


def wait_until(condition, seconds=30):
    """What the condition says when it is no longer false, or when time is up."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.02)


# ---- the bucket ----


class Bucket:
    def __init__(self):
        bucket = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                bucket.get(self)

            def do_PUT(self):
                bucket.put(self)

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        self.objects, self.requests = {}, []
        self.down = False
        self.held = set()  # keys whose PUTs get no answer while they are here
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # agents are killed while they talk
        self.base = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, key):
        return "%s/%s?%s" % (self.base, key, QUERY)

    def __setitem__(self, key, content):
        with self.lock:
            self.objects[key] = content

    def __getitem__(self, key):
        with self.lock:
            return self.objects.get(key)

    def count(self, method, key):
        with self.lock:
            return self.requests.count((method, key))

    def reply(self, handler, status, content=b"", **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def key_of(self, handler, method):
        path, _, query = handler.path.partition("?")
        with self.lock:
            self.requests.append((method, path[1:]))
        return path[1:] if query == QUERY and not self.down else None

    def get(self, handler):
        key = self.key_of(handler, "GET")
        content = self[key] if key else None
        if content is None:
            return self.reply(handler, 404 if key else 403)
        etag = '"%s"' % hashlib.md5(content).hexdigest()
        if handler.headers.get("If-None-Match", "").strip('"') == etag.strip('"'):
            return self.reply(handler, 304, ETag=etag)
        part = re.match(r"bytes=(\d+)-(\d*)$", handler.headers.get("Range", ""))
        if not part:
            return self.reply(handler, 200, content, ETag=etag)
        first, last = int(part[1]), int(part[2] or len(content) - 1)
        told = "bytes %d-%d/%d" % (first, last, len(content))
        return self.reply(handler, 206, content[first : last + 1], ETag=etag, Content_Range=told)

    def put(self, handler):
        content = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        key = self.key_of(handler, "PUT")
        wait_until(lambda: key not in self.held)
        if not key:
            return self.reply(handler, 403)
        told = handler.headers.get("x-amz-content-sha256")
        if told and told != hashlib.sha256(content).hexdigest():
            return self.reply(handler, 400)
        self[key] = content
        return self.reply(handler, 200, ETag='"%s"' % hashlib.md5(content).hexdigest())


# ---- signatures ----


class Keys:
    def __init__(self):
        self.seed = secrets.token_bytes(32)
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(public, secret, self.seed)
        self.public, self.secret = public.raw, secret.raw

    def seal(self, purpose, document):
        text = json.dumps(document)
        over = (purpose + "\n" + text).encode()
        signature = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_detached(signature, None, over, ctypes.c_ulonglong(len(over)), self.secret)
        return json.dumps({"text": text, "signature": signature.raw.hex()}).encode()

    def open(self, purpose, sealed):
        envelope = json.loads(sealed)
        over = (purpose + "\n" + envelope["text"]).encode()
        signature = bytes.fromhex(envelope["signature"])
        length = ctypes.c_ulonglong(len(over))
        if SODIUM.crypto_sign_verify_detached(signature, over, length, self.public) != 0:
            raise ValueError("a state with a wrong signature")
        return json.loads(envelope["text"])


# ---- bundles ----


def zstd(content):
    """A frame of blocks that are not compressed (RFC 8878): what a reader of Zstandard takes."""
    out = [struct.pack("<IBQ", 0xFD2FB528, 0xE0, len(content))]
    pieces = [content[i : i + (1 << 17)] for i in range(0, len(content), 1 << 17)] or [b""]
    for i, piece in enumerate(pieces):
        out.append(struct.pack("<I", len(piece) << 3 | (i + 1 == len(pieces)))[:3] + piece)
    return b"".join(out)


def tar(files, links=()):
    """files: a list of name and content; links: of name and where it leads to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return zstd(out.getvalue())


# ---- the operator ----


class Operator:
    """Orders for one host, and its states."""

    def __init__(self, bucket, folder, **more):
        self.bucket, self.folder = bucket, folder
        self.keys, self.state_keys = Keys(), Keys()
        self.prefix = secrets.token_hex(4)
        self.orders = {"schema": 1, "run": RUN, "host": HOST, "number": 0, "start_ns": 0,
                       "bundles": [], "services": [], "jobs": [], "orders_url": None,
                       "state_url": None, "poll_s": 0, "leave": False}
        os.makedirs(folder, mode=0o700, exist_ok=True)
        bucket[self.key("probe")] = secrets.token_bytes(1 << 20)
        self.task = {"schema": 1, "run": RUN, "host": HOST, "node": "machine-9",
                     "orders_key": self.keys.public.hex(),
                     "state_seed": self.state_keys.seed.hex(),
                     "orders_url": bucket.url(self.key("orders.json")),
                     "state_url": bucket.url(self.key("state.json")),
                     "probe_url": bucket.url(self.key("probe")), "probe_bytes": 1 << 20,
                     "poll_s": 0.1, "ca_file": None, **more}
        self.task_file = os.path.join(folder, "task.json")
        with open(os.open(self.task_file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self.task, out)

    def key(self, name):
        return "%s/%s" % (self.prefix, name)

    def order(self, keys=None, **members):
        """Writes the orders with these members from now on; the number rises unless it is given."""
        self.orders.update({"number": self.orders["number"] + 1, **members})
        sealed = (keys or self.keys).seal("ouroscope orders 1", self.orders)
        self.bucket[self.key("orders.json")] = sealed

    def bundle(self, name, content, content_bytes, **wrong):
        """Puts a bundle; returns the order for it."""
        sha256 = hashlib.sha256(content).hexdigest()
        key = self.key("%s-%s.tar.zst" % (name, sha256[:16]))
        self.bucket[key] = content
        return {"name": name, "url": self.bucket.url(key), "bytes": len(content),
                "content_bytes": content_bytes, "sha256": sha256, **wrong}

    def state(self):
        """The last one; None: there is none yet."""
        sealed = self.bucket[self.key("state.json")]
        return self.state_keys.open("ouroscope state 1", sealed) if sealed else None

    def wait(self, condition, seconds=30):
        """The first state of which the condition is true; the last one when there is none in time."""
        def look():
            state = self.state()
            return state if state and condition(state) else None
        return wait_until(look, seconds) or self.state() or {}


def service(name, *argv, **members):
    command = {"argv": list(argv), "directory": "nodes/" + name, "environment": [], "cores": "",
               "stop_signal": 0, "ready": {"kind": "at-once", "port": 0, "text": None},
               "sampled": False, "ends_by_itself": False}
    command.update({key: members.pop(key) for key in list(members) if key in command})
    return {"name": name, "command": command, "log": None, "starts": 1, "stopped": False,
            "grace_ms": 5000, "not_before_ns": 0, **members}


def facts(state, name):
    """What a state has of a service: {} when it has nothing."""
    for told in state.get("services", []):
        if told["name"] == name:
            return {**told["facts"], "last_lines": told["last_lines"], "problem": told["problem"]}
    return {}


def job(state, number):
    for told in state.get("jobs", []):
        if told["id"] == number:
            return told
    return {}


def bundle_state(state, order):
    for told in state.get("bundles", []):
        if told["sha256"] == order["sha256"]:
            return told
    return {}


# ---- the agent ----


class Agent:
    def __init__(self, operator, *arguments, environment=None, folder=None):
        self.operator = operator
        self.folder = folder or operator.folder
        self.log = open(os.path.join(operator.folder, "agent.log"), "ab")
        self.process = subprocess.Popen(
            [os.environ["OUROSCOPE"], "agent", "--task", operator.task_file, "--folder",
             self.folder, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "NOMAD_ALLOC_ID": "allocation-1", **(environment or {})})

    def said(self):
        with open(os.path.join(self.operator.folder, "agent.log")) as log:
            return log.read()

    def path(self, *parts):
        return os.path.join(self.folder, "run", *parts)

    def end(self, seconds=30):
        """Its exit status; it is killed when it does not end by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return "still there after %s s" % seconds
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
