"""What HTTP asks of the server of results, and what clients may rely on: each refusal is a problem (RFC 9457) of a documented
type, with the headers that its status wants; HEAD and OPTIONS; questions of any length."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REPORT = {"project": "default", "profile": "demo", "state": "running"}

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("# %s" % str(why)[:2000].replace("\n", "\n# "), flush=True)


def documented():
    """Kinds of problems: what the page that their addresses lead to has."""
    with open("docs/reference/api/problems.md") as page:
        return set(re.findall(r"^## ([a-z-]+)$", page.read(), re.M))


def exchange(server, text):
    """Sends bytes as they are. All that comes back, until the server closes."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(text)
        connection.settimeout(30)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    return got


def split(answer):
    """Status, headers, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body


def fault(answer, status):
    """What is wrong with a problem; "": nothing."""
    given, headers, body = answer
    if given != status or headers.get("content-type") != "application/problem+json":
        return "%s %s" % (given, headers)
    problem = json.loads(body)
    name = problem["type"].partition("/docs/problems#")[2]
    if problem["status"] != status or not problem["title"] or not problem["detail"]:
        return problem
    if name not in KINDS or problem["instance"] != "urn:ouroscope:request:" + headers["x-request-id"]:
        return "%s %s" % (problem, headers)
    if headers.get("cache-control") != "no-store":
        return headers
    return ""


# --- Refusals --------------------------------------------------------------------------------------


def refused(server, status, method, target, body=None, **more):
    answer = server.request(method, target, body, **more)
    wrong = fault(answer, status)
    check("%d is a problem: %s %s" % (status, method, target[:40]), not wrong, wrong)
    return answer[1]


def of_questions(server):
    refused(server, 400, "GET", "/api/v1/runs?limit=1001")
    refused(server, 404, "GET", "/api/v1/nonsense")
    refused(server, 406, "GET", "/api/v1/runs", headers={"Accept": "application/xml"})
    refused(server, 412, "GET", "/api/v1/runs", headers={"If-Match": '"another"'})
    allow = refused(server, 405, "DELETE", "/api/v1/runs")["allow"]
    check("with what the path has", set(allow.split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}, allow)
    allow = refused(server, 405, "TRACE", "/api/v1/runs")["allow"]
    check("or, of methods that no path has, the server", set(allow.split(", ")) == METHODS, allow)
    refused(server, 414, "GET", "/api/v1/runs?name=" + "x" * 17000)
    refused(server, 431, "GET", "/api/v1/runs", headers={"X-%d" % i: "1" for i in range(120)})
    refused(server, 400, "GET", "/api/v1/runs%00/x")


def of_bodies(server):
    admin, path = server.token(), "/api/v1/projects"
    check("401 names the scheme", refused(server, 401, "POST", path, {"name": "a"})["www-authenticate"].startswith("Bearer"))
    refused(server, 403, "POST", path, {"name": "a"}, token=server.token("read"))
    refused(server, 413, "POST", path, b"x" * 1100000, token=admin)
    refused(server, 415, "POST", path, b"{}", token=admin, headers={"Content-Type": "text/plain"})
    refused(server, 415, "POST", path, b'{"name": "a"}', token=admin,
            headers={"Content-Type": "application/x-www-form-urlencoded"})
    refused(server, 415, "POST", path, b"{}", token=admin,
            headers={"Content-Type": "application/json", "Content-Encoding": "br"})
    refused(server, 400, "POST", path, b"{", token=admin, headers={"Content-Type": "application/json"})
    assert server.request("POST", path, {"name": "a"}, admin)[0] == 201
    refused(server, 409, "POST", path, {"name": "a", "title": "another"}, token=admin)
    refused(server, 428, "PATCH", path + "/a", {"title": "A"}, token=admin)
    refused(server, 412, "PATCH", path + "/a", {"title": "A"}, token=admin, headers={"If-Match": '"another"'})


def of_bodies_that_come(server):
    """Whose length is not told; and those that wait to be asked for."""
    head = b"POST /api/v1/projects HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for name, text in (("chunks", b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n"),
                       ("what was only announced", b"Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")):
        wrong = fault(split(exchange(server, head + text)), 413)
        check("413 is a problem: of " + name, not wrong, wrong)


def of_many(folder):
    with Server(PROGRAM, folder, config={"rate": {"requests": 2, "seconds": 3600}}) as server:
        for _ in range(2):
            server.request("GET", "/api/v1/version")
        headers = refused(server, 429, "GET", "/api/v1/version")
        check("with when to come again", int(headers["retry-after"]) > 0 and headers["ratelimit"].startswith('"default";r=0'), headers)


# --- What is answered ------------------------------------------------------------------------------


def without_bodies(server):
    got = server.request("GET", "/api/v1/live?limit=2")
    head = server.request("HEAD", "/api/v1/live?limit=2")
    keep = ("content-length", "content-type", "etag", "link", "cache-control", "vary")
    check("HEAD says what GET does, without the body", head[0] == 200 and head[2] == b""
          and [head[1].get(k) for k in keep] == [got[1].get(k) for k in keep], (head, got[1]))
    again = server.request("GET", "/api/v1/live?limit=2", headers={"If-None-Match": "W/" + got[1]["etag"]})
    check("a body that is known is not sent again", again[0] == 304 and again[2] == b"" and again[1]["etag"] == got[1]["etag"], again)
    status, headers, body = server.request("OPTIONS", "/api/v1/live/run-1")
    check("OPTIONS tells the methods of a path", (status, body) == (204, b"")
          and set(headers["allow"].split(", ")) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}, headers)
    status, headers, _ = split(exchange(server, b"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
    check("and of the server", status == 204 and set(headers["allow"].split(", ")) == METHODS, (status, headers))


def long_questions(server):
    """Filters of almost 4000 characters each, which the links repeat, and some that grow when they are encoded."""
    for i in range(3):
        assert server.request("PUT", "/api/v1/live/run-%d" % i, REPORT, server.token("publish"))[0] == 201
    for letter, names, expected in (("x", 1, 200), ("x", 2, 200), ("x", 3, 200), ("x", 4, 414), ('"', 1, 200), ('"', 2, 414)):
        filters = "&".join("%s=ne.%s" % (name, letter * 3900) for name in ("profile", "state", "run", "id")[:names])
        answer = split(exchange(server, ("GET /api/v1/live?limit=1&%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                         % filters).encode()))
        wrong = "%s %s" % answer[:2] if answer[0] != expected else fault(answer, 414) if expected == 414 else ""
        check("%d filters of 3900 times %s: %d" % (names, letter, expected), not wrong, wrong)
        if answer[0] == 200:
            check("with a link to what follows", json.loads(answer[2])["next"] in answer[1]["link"], answer[1])


def of_two_one_wins(server):
    """A change and a deletion of what both have seen, decided while neither can write."""
    admin = server.token()
    published = subprocess.run([PROGRAM, "publish", "--to", server.database, "tests/data/repeated/base-1.json.zst"],
                               capture_output=True, text=True)
    assert published.returncode == 0, published.stderr
    path = "/api/v1/runs/" + server.json("/api/v1/runs")["data"][0]["id"]
    seen = {"If-Match": server.request("GET", path)[1]["etag"]}
    statuses = []

    def ask(*request):
        statuses.append(server.request(*request, admin, seen)[0])

    lock = sqlite3.connect(server.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    threads = [threading.Thread(target=ask, args=request) for request in (("PATCH", path, {"info": {"a": "b"}}), ("DELETE", path, None))]
    for thread in threads:
        thread.start()
    time.sleep(1)
    lock.execute("ROLLBACK")
    lock.close()
    for thread in threads:
        thread.join()
    check("of a change and a deletion of the same state one is done", sorted(statuses) in ([200, 412], [204, 412]), statuses)


KINDS = documented()
with tempfile.TemporaryDirectory() as scratch:
    with Server(PROGRAM, scratch + "/one") as results:
        of_questions(results)
        of_bodies(results)
        of_bodies_that_come(results)
        long_questions(results)
        without_bodies(results)
        of_two_one_wins(results)
    of_many(scratch + "/two")
print("1..%d" % tests)
sys.exit(failures > 0)
