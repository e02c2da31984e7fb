"""The server of results under test: `ouroscope serve` on a free port, with a database of its own and tokens.

    with Server(program, folder) as server:           # SQLite in the folder; or database="postgres://..."
        server.url                                     # "http://127.0.0.1:40123"
        server.token("publish", "admin")               # made when it is first asked for
        server.request("GET", "/api/v1/runs")          # (status, headers, body)
"""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
from urllib.parse import urlsplit

from tracer import end_with_parent, wait_until

STARTED = re.compile(r"Results at (\S+?)/? \(database")


class Server:
    """Started at once. arguments: further ones of the command; config: members of a configuration file."""

    def __init__(self, program, folder, database=None, arguments=(), config=None, environment=None, start=True):
        self.program, self.folder = program, folder
        os.makedirs(folder, exist_ok=True)
        self.database = database or os.path.join(folder, "results.db")
        self.arguments = list(arguments)
        self.environment = {**os.environ, **(environment or {})}
        self.log = os.path.join(folder, "access.log")
        self.errors = os.path.join(folder, "serve.err")
        self.tokens = {}
        self.process = None
        if config is not None:
            self.arguments += ["--config", self._write_config(config)]
        if start:
            self.start()

    def _write_config(self, config):
        path = os.path.join(self.folder, "serve.json")
        with open(path, "w") as file:
            json.dump(config, file)
        return path

    # --- life ---------------------------------------------------------------------------------

    def start(self):
        at = os.path.getsize(self.errors) if os.path.exists(self.errors) else 0
        listen = [] if "--listen" in self.arguments else ["--listen", "127.0.0.1:0"]
        with open(self.errors, "ab") as errors, open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--db", self.database, *listen, *self.arguments], stdout=log, stderr=errors,
                stdin=subprocess.DEVNULL, env=self.environment, preexec_fn=end_with_parent)
        if not wait_until(lambda: STARTED.search(self.said(at)) or not self.is_alive(), 60) or not self.is_alive():
            raise AssertionError("the server does not start: " + self.said(at))
        self.public_url = STARTED.search(self.said(at)).group(1)
        listening = re.search(r"listening at (\S+?)/?$", self.said(at), re.M)
        self.url = listening.group(1) if listening else self.public_url

    @property
    def pid(self):
        return self.process.pid

    def is_alive(self):
        return self.process.poll() is None

    def said(self, since=0):
        """On standard error."""
        with open(self.errors, errors="replace") as file:
            file.seek(since)
            return file.read()

    def logged(self, name=None):
        """Messages of the access log, those of one name ("Results.Request")."""
        with open(self.log, errors="replace") as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
        return [line for line in lines if name is None or line["ns"] == name]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """Its status; it has answered what it had."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def memory_kb(self, what="VmRSS"):
        with open("/proc/%d/status" % self.pid) as status:
            return int(re.search(what + r":\s*(\d+)", status.read()).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.is_alive():
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    # --- tokens ---------------------------------------------------------------------------------

    def token(self, *scopes, project=None):
        """One with these scopes, all of them if none is named."""
        scopes = scopes or ("read", "publish", "alerts", "admin")
        key = (scopes, project)
        if key not in self.tokens:
            command = [self.program, "token", "create", "--db", self.database, "--scopes", ",".join(scopes),
                       *(["--project", project] if project else []), "test-" + "-".join(scopes)]
            made = subprocess.run(command, capture_output=True, text=True, env=self.environment)
            if made.returncode != 0:
                raise AssertionError("no token: " + made.stderr)
            self.tokens[key] = re.search(r"ouro_\w{16}_[\w-]{43}", made.stdout).group(0)
        return self.tokens[key]

    # --- requests -------------------------------------------------------------------------------

    def connect(self, timeout=30):
        """A connection, to be closed by its caller."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def request(self, method, target, body=None, token=None, headers=None):
        """Status, headers by their names in small letters, body."""
        connection = self.connect()
        all_headers = dict(headers or {})
        if token:
            all_headers["Authorization"] = "Bearer " + token
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            all_headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, target, body=body, headers=all_headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def json(self, target, **more):
        """What GET answers, which must be 200 and JSON."""
        status, _, body = self.request("GET", target, **more)
        assert status == 200, (target, status, body[:300])
        return json.loads(body)

    def events(self, query="", token=None, last=None):
        return Events(self, query, token, last)


class Events:
    """A stream of /api/v1/events, read in a thread of its own."""

    def __init__(self, server, query="", token=None, last=None):
        headers = {"Accept": "text/event-stream"}
        if token:
            headers["Authorization"] = "Bearer " + token
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection = server.connect(timeout=120)
        self.connection.request("GET", "/api/v1/events" + ("?" + query if query else ""), headers=headers)
        self.socket = self.connection.sock  # the connection may forget it
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.seen, self.comments, self.ended = [], 0, False
        self.thread = threading.Thread(target=self._read, daemon=True)
        if self.status == 200:
            self.thread.start()

    def _read(self):
        event = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if not line:
                    if "data" in event:
                        self.seen.append(event)
                    event = {}
                elif line.startswith(":"):
                    self.comments += 1
                else:
                    name, _, value = line.partition(": ")
                    event[name] = json.loads(value) if name == "data" else value
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # it was closed
        self.ended = True

    def wait(self, condition, seconds=30):
        """Whether an event came for which the condition holds."""
        return wait_until(lambda: any(condition(event) for event in list(self.seen)), seconds)

    def close(self):
        """The thread has read all that had come by then."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server was faster
        if self.thread.is_alive():
            self.thread.join(timeout=10)
        self.answer.close()
        self.connection.close()
