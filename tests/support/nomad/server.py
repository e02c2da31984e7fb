"""The model's HTTP server: connections, tokens, TLS, and what a server does when it is started again."""

import collections
import http.server
import json
import re
import socket
import ssl
import sys
import threading
import time
import traceback

from nomad import api as apis
from nomad.store import new_id

OPEN_TO_ALL = ("/v1/status/leader", "/v1/status/peers", "/v1/agent/health", "/_model")
ELECTION_S = 0.5
serving = threading.local()  # .listener: whose connection this thread answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Nomad", ""
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_one(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        request = apis.Request(self.command, self.path, body)
        self.owner.counts[f"{self.command} {re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}', 'ID', request.path)}"] += 1
        try:
            self.owner.check(request, self.headers)
            self.send_answer(self.owner.api.answer(request))
        except apis.Refused as error:
            self.send_refusal(error)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def send_head(self, status, content_type, index=None, is_query=False):
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Vary", "Accept-Encoding")
        if index is not None:
            self.send_header("X-Nomad-Index", str(index))
        if is_query:
            self.send_header("X-Nomad-Knownleader", "true")
            self.send_header("X-Nomad-Lastcontact", "0")

    def send_refusal(self, error):
        text = error.text.encode()
        self.send_head(error.status, "text/plain; charset=utf-8", error.index, error.index is not None)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def send_answer(self, answer):
        self.send_head(200, answer.content_type, answer.index, answer.is_query)
        if answer.pieces is not None:
            self.send_pieces(answer.pieces)
            return
        text = answer.raw if answer.raw is not None else json.dumps(answer.body, separators=(",", ":")).encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def send_pieces(self, pieces):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, handler, context):
        self.context, self.open, self.is_down = context, set(), False
        super().__init__(address, handler)

    def get_request(self):
        connection, peer = super().get_request()
        if self.context:  # the handshake is made by the connection's own thread, with its first byte: a slow one keeps nobody else waiting
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.open.add(connection)
        return connection, peer

    def finish_request(self, request, client_address):
        serving.listener = self
        super().finish_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A connection that was cut while it was answered is nothing; all else is a fault of the model's."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()

    def drop_all(self):
        self.is_down = True
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Server:
    """One Nomad agent as others see it."""

    def __init__(self, host, port, tokens, context):
        self.host, self.tokens, self.context = host, tokens, context
        self.id, self.counts, self.restarts = new_id(), collections.Counter(), 0
        self.api, self.refusals, self.leaderless_until = None, [], 0.0
        self.closed = False
        self.listener = None
        self.port = port
        self.listen()
        self.rpc_address = f"{host}:{self.port}"

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def listen(self):
        handler = type("OwnHandler", (Handler,), {"owner": self})
        self.listener = Listener((self.host, self.port), handler, self.context)
        self.port = self.listener.server_address[1]

    def serve(self):
        threading.Thread(target=self.listener.serve_forever, args=(0.1,), daemon=True).start()

    def ended(self):
        """Whether the connection that this thread answers is to end."""
        return self.closed or serving.listener.is_down

    # --- what is let through ---

    def check(self, request, headers):
        if request.path.startswith("/_model"):
            return
        self.check_refusals(request)
        if time.monotonic() < self.leaderless_until and not request.path.startswith("/v1/agent/"):
            raise apis.Refused(500, "No cluster leader")
        if request.get("region") not in ("", "global"):
            raise apis.Refused(500, "No path to region")
        if self.tokens is not None and request.path not in OPEN_TO_ALL:
            self.check_token(headers)

    def check_token(self, headers):
        token = headers.get("X-Nomad-Token") or ""
        bearer = headers.get("Authorization") or ""
        if not token and bearer.startswith("Bearer "):
            token = bearer[len("Bearer "):]
        if not token:
            raise apis.Refused(403, "Permission denied")
        if token not in self.tokens:
            raise apis.Refused(403, "ACL token not found")

    def refuse(self, rule):
        """The next requests that match are refused: {"times", "status", "text", "match": pattern of "METHOD path"}; a number is how many."""
        rule = {"times": rule} if isinstance(rule, int) else dict(rule)
        self.refusals.append({"status": 500, "text": "rpc error: EOF", "match": ".*", "times": 1, **rule})

    def check_refusals(self, request):
        for rule in self.refusals:
            if rule["times"] > 0 and re.search(rule["match"], f"{request.method} {request.path}"):
                rule["times"] -= 1
                raise apis.Refused(rule["status"], rule["text"])

    # --- down and up again ---

    def restart(self, seconds):
        """Connections are cut, new ones refused for so long; then there is no leader for a moment."""
        threading.Thread(target=self.go_down_and_up, args=(seconds,), daemon=True).start()

    def go_down_and_up(self, seconds):
        time.sleep(0.05)  # the answer to who asked for it goes out
        self.restarts += 1
        self.stop_listening()
        time.sleep(seconds)
        if not self.closed:
            self.leaderless_until = time.monotonic() + ELECTION_S
            self.listen()
            self.serve()

    def stop_listening(self):
        self.listener.shutdown()
        self.listener.server_close()
        self.listener.drop_all()

    def close(self):
        self.closed = True
        self.stop_listening()
