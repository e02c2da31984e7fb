"""The server of results from outside: its log, TLS, proxies, foreign pages, configuration, its end, and its memory."""

import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
REPORT = {"project": "default", "profile": "demo", "state": "running"}
SANITIZED = os.environ.get("OUROSCOPE_SANITIZE", "none") not in ("", "none")

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


# --- The access log -------------------------------------------------------------------------------


def requests_are_logged(server):
    token = server.token("publish")
    _, headers, _ = server.request("GET", "/api/v1/live?limit=3")
    server.request("PUT", "/api/v1/live/run-1", REPORT, token)
    server.request("GET", "/nowhere?password=hunter2")
    wait_until(lambda: len(server.logged("Results.Request")) >= 3, 10)
    lines = [line["data"] for line in server.logged("Results.Request")]
    first = lines[0]
    check("a request is a line of the log", first["method"] == "GET" and first["target"] == "/api/v1/live?limit=3"
          and first["operation"] == "listLive" and first["status"] == 200 and first["client"] == "127.0.0.1", first)
    check("under the id that its answer has", first["requestId"] == headers["x-request-id"], (first, headers))
    put = [line for line in lines if line["method"] == "PUT"][0]
    check("with who it was, and no more of the token", put["actor"] and token.startswith("ouro_" + put["actor"]), put)
    with open(server.log) as log:
        text = log.read()
    check("no secret is in the log", token[22:] not in text and "hunter2" not in text and "password=***" in text)
    names = [line["ns"] for line in server.logged()]
    check("it begins with the start", "Results.Started" in names, names[:3])


def log_files_are_opened_anew(folder):
    path = os.path.join(folder, "a.log")
    with Server(PROGRAM, folder, config={"accessLog": {"file": path}}) as server:
        server.request("GET", "/api/v1")
        wait_until(lambda: os.path.exists(path) and "getIndex" in open(path).read(), 10)
        os.rename(path, path + ".1")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: os.path.exists(path), 10)
        server.request("GET", "/api/v1/version")
        check("SIGHUP opens the log anew", wait_until(lambda: "getVersion" in open(path).read(), 10))
        check("what was moved away stays", "getIndex" in open(path + ".1").read())


# --- Encryption -----------------------------------------------------------------------------------


def certificate(folder):
    os.makedirs(folder, exist_ok=True)
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    key, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return cert, key


def tls_works(folder):
    cert, key = certificate(folder)
    config = {"tls": {"certificate": cert, "key": key}}
    with Server(PROGRAM, folder, config=config) as server:
        check("with a certificate its address is https", server.url.startswith("https://"), server.url)
        context = ssl.create_default_context(cafile=cert)
        with urllib.request.urlopen(server.url + "/api/v1", context=context) as answer:
            check("and it proves who it is", json.load(answer)["title"] and
                  "max-age" in answer.headers["Strict-Transport-Security"], answer.headers)
        stream = server.events()
        check("streams work, too", wait_until(lambda: stream.seen, 10), stream.status)
        stream.close()
        said = plain_text_to(server)
        check("who talks clear text gets no answer", b"200" not in said, said)
        check("old versions of TLS are refused", not old_tls_is_taken(server))


def plain_text_to(server):
    host, port = server.url.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET /api/v1 HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            return plain.recv(1000)
        except OSError:
            return b""


def old_tls_is_taken(server):
    host, port = server.url.split("//")[1].split(":")
    old = subprocess.run(["openssl", "s_client", "-tls1_1", "-connect", "%s:%s" % (host, port)], input=b"", capture_output=True,
                         timeout=20)
    return b"Cipher is (NONE)" not in old.stdout and old.returncode == 0


def tokens_need_encryption(folder):
    """Behind a proxy that says that its client does not."""
    with Server(PROGRAM, folder, config={"trustedProxies": ["127.0.0.1"]}) as server:
        token = server.token("publish")

        def put(**headers):
            return server.request("PUT", "/api/v1/live/run-1", REPORT, token, headers)[0]

        check("a token that came in clear text to a proxy is refused",
              put(**{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}) == 403)
        check("one that came over TLS is taken",
              put(**{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}) == 201)
        wait_until(lambda: len(server.logged("Results.Request")) >= 2, 10)
        clients = [line["data"]["client"] for line in server.logged("Results.Request")]
        check("the log has the client, not the proxy", clients == ["203.0.113.7"] * 2, clients)


def strangers_are_no_proxies(server):
    server.request("GET", "/api/v1/version", headers={"X-Forwarded-For": "203.0.113.9"})
    check("who is no proxy cannot say who it is", wait_until(
        lambda: any(line["data"]["operation"] == "getVersion" for line in server.logged("Results.Request")), 10)
        and not any(line["data"]["client"] == "203.0.113.9" for line in server.logged("Results.Request")))


# --- A proxy ----------------------------------------------------------------------------------------


class Proxy(http.server.BaseHTTPRequestHandler):
    """In front of one server, as a small nginx: it says for whom it asks."""

    protocol_version = "HTTP/1.1"
    server_url = None

    def do_GET(self):
        request = urllib.request.Request(self.server_url + self.path, headers={
            "X-Forwarded-For": "198.51.100.4", "X-Forwarded-Proto": "https", "Host": "results.example.org"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def links_are_the_proxys(folder):
    config = {"trustedProxies": ["127.0.0.1"], "publicUrl": "https://results.example.org"}
    with Server(PROGRAM, folder, config=config) as server:
        check("it tells the address that its clients know", server.public_url == "https://results.example.org", server.said())
        for i in range(3):
            server.request("PUT", "/api/v1/live/run-%d" % i, REPORT, server.token("publish"))
        Proxy.server_url = server.url
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/live?limit=1" % proxy.server_port, timeout=20) as answer:
            page = json.load(answer)
        check("links through a proxy lead to the proxy", page["next"].startswith("https://results.example.org/api/v1/live?"),
              page["next"])
        proxy.shutdown()


# --- Other people's pages ---------------------------------------------------------------------------


def foreign_pages_change_nothing(folder):
    with Server(PROGRAM, folder, config={"origins": ["https://good.example.org"]}) as server:
        token = server.token("publish")

        def put(origin):
            return server.request("PUT", "/api/v1/live/run-1", REPORT, token, {"Origin": origin})

        check("a page of another site changes nothing", put("https://evil.example.org")[0] == 403)
        status, headers, _ = put("https://good.example.org")
        check("one of an allowed site may", status == 201
              and headers["access-control-allow-origin"] == "https://good.example.org", (status, headers))
        _, headers, _ = server.request("GET", "/api/v1/live", headers={"Origin": "https://evil.example.org"})
        check("what others read, their browsers keep from them", "access-control-allow-origin" not in headers, headers)
        check("cookies are never looked at", "access-control-allow-credentials" not in headers
              and server.request("PUT", "/api/v1/live/x", REPORT, None, {"Cookie": "token=" + token})[0] == 401)


def reads_may_need_a_token(folder):
    with Server(PROGRAM, folder, arguments=["--reads", "token"]) as server:
        bare = [server.request("GET", path)[0] for path in ("/api/v1/runs", "/api/v1/live", "/api/v1/events", "/runs", "/metrics")]
        check("nothing is read without a token, if it is said so", bare == [401] * 5, bare)
        check("health is", server.request("GET", "/api/v1/health")[0] == 200)
        check("with one it is", server.request("GET", "/api/v1/runs", token=server.token("read"))[0] == 200)


# --- How it is started --------------------------------------------------------------------------------


def run(*arguments):
    return subprocess.run([PROGRAM, "serve", *arguments], capture_output=True, text=True, timeout=60)


def configurations_are_checked(folder):
    os.makedirs(folder, exist_ok=True)

    def checked(text, *more):
        path = os.path.join(folder, "c.yaml")
        with open(path, "w") as file:
            file.write(text)
        return run("--config", path, "--check", *more)

    check("a configuration is fine", checked("listen: 127.0.0.1:0\nreads: token\n").stdout.endswith(": fine\n"))
    wrong = checked("listne: 127.0.0.1:0\n")
    check("a member that there is not is refused, with its place and what was meant",
          wrong.returncode == 1 and "c.yaml:1:" in wrong.stderr and 'did you mean "listen"' in wrong.stderr, wrong.stderr)
    for text, word in (("listen: /run/socket\n", "HOST:PORT"), ("workers: 0\n", "from 1 to 64"), ("reads: maybe\n", "open, token"),
                       ("tls: { key: nowhere.pem }\n", "certificate"), ("publicUrl: example.org\n", "publicUrl"),
                       ("outlets: [ { name: a } ]\n", "url or a command"),
                       ("outlets: [ { name: a, url: 'http://h', secretVariable: NOT_THERE } ]\n", "NOT_THERE"),
                       ("accessLog: { to: file }\n", "file")):
        wrong = checked(text)
        check("refused: " + text.strip(), wrong.returncode == 1 and word in wrong.stderr, wrong.stderr)
    open_net = checked("listen: 0.0.0.0:0\nreads: token\n")
    check("tokens for reading do not go over the net in clear text", open_net.returncode == 2 and "clear text" in open_net.stderr,
          open_net.stderr)
    page = open("docs/formats/serve-configuration.md").read().split("```yaml is serve-configuration\n")[1].split("```")[0]
    page = page.replace("/etc/ouroscope/results.pem", certificate(folder)[0]).replace(
        "/etc/ouroscope/results.key", certificate(folder)[1]).replace("/etc/ouroscope/hook.secret", secret(folder))
    fine = checked(page)
    check("the example of the page is right", fine.returncode == 0, fine.stderr)


def secret(folder):
    path = os.path.join(folder, "hook.secret")
    with open(path, "w") as file:
        file.write("a secret\n")
    return path


def what_cannot_be_served_is_said(server):
    taken = run("--db", server.database, "--listen", server.url.split("//")[1])
    check("a port that is taken is told", taken.returncode == 1 and "in use" in taken.stderr.lower(), taken.stderr)
    lost = run("--db", "/nowhere/at/all.db", "--listen", "127.0.0.1:0")
    check("a database that cannot be opened is told", lost.returncode == 1 and "/nowhere/at/all.db" in lost.stderr, lost.stderr)


# --- Its end, its memory ---------------------------------------------------------------------------


def it_ends_in_order(folder):
    with Server(PROGRAM, folder) as server:
        stream = server.events()
        wait_until(lambda: stream.seen, 10)
        status = server.stop()
        check("SIGTERM ends it in order", status == 0, status)
        check("with its streams", wait_until(lambda: stream.ended, 10))
        names = [line["ns"] for line in server.logged()]
        check("and says so", names[-2:] == ["Results.Stopping", "Results.Stopped"], names[-3:])


def what_waits_is_answered(folder):
    """One worker, held up by a lock on the database, and requests behind it that look at all parts of the server."""
    with Server(PROGRAM, folder, config={"workers": 1}) as server:
        token = server.token("publish")
        answers = []

        def put():
            answers.append(server.request("PUT", "/api/v1/live/run-1", REPORT, token)[0])

        def get(path):
            answers.append(server.request("GET", path)[0])

        lock = sqlite3.connect(server.database, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=put)]
        threads += [threading.Thread(target=get, args=(path,)) for path in ("/metrics", "/api/v1/events", "/api/v1/runs", "/live")]
        for thread in threads:
            thread.start()
            time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        lock.execute("ROLLBACK")
        for thread in threads:
            thread.join()
        status = server.process.wait(timeout=30)
        check("what waits when it is to end is answered", status == 0 and sorted(answers) == [200] * 4 + [201],
              (status, answers, server.said()[-3000:]))
        lock.close()


def memory_stays_flat(server, seconds=8):
    """A small soak; tests/bench/soak.sh is the long one."""

    def work(until):
        connection = server.connect()
        count = 0
        while time.monotonic() < until:
            connection.request("GET", ("/api/v1/live", "/api/v1/runs?limit=5", "/", "/metrics")[count % 4])
            connection.getresponse().read()
            count += 1
        connection.close()

    def load(seconds):
        until = time.monotonic() + seconds
        workers = [threading.Thread(target=work, args=(until,)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    load(seconds / 2)
    before = server.memory_kb()
    load(seconds)
    after = server.memory_kb()
    check("its memory stays flat under load", SANITIZED or after < before * 1.1 + 2048, (before, after))


def main():
    scratch = tempfile.mkdtemp()
    try:
        with Server(PROGRAM, scratch + "/one", environment={"OUROSCOPE_DB": ""}) as server:
            requests_are_logged(server)
            strangers_are_no_proxies(server)
            what_cannot_be_served_is_said(server)
        with Server(PROGRAM, scratch + "/soak", config={"rate": {"requests": 10000000, "seconds": 1}}) as server:
            memory_stays_flat(server)
        log_files_are_opened_anew(scratch + "/log")
        tls_works(scratch + "/tls")
        tokens_need_encryption(scratch + "/clear")
        links_are_the_proxys(scratch + "/proxy")
        foreign_pages_change_nothing(scratch + "/foreign")
        reads_may_need_a_token(scratch + "/reads")
        configurations_are_checked(scratch + "/config")
        it_ends_in_order(scratch + "/end")
        what_waits_is_answered(scratch + "/waits")
    finally:
        shutil.rmtree(scratch)
        print("1..%d" % tests)
    return failures > 0


sys.exit(main())
