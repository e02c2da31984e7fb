#!/usr/bin/env python3
"""Every page that can be reached from the first one: answered, strict, small, fast, and without a hostile name's markup."""

import base64
import html
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
PAGES_MAX = 150
BYTES_MAX = 200 << 10  # of a page on its way, packed
tests = 0
failures = 0


def check(name, problems):
    """problems: what is wrong, nothing if all is well."""
    global tests, failures
    tests += 1
    failures += bool(problems)
    print("%s %d - %s" % ("not ok" if problems else "ok", tests, name))
    for problem in problems:
        print("# " + str(problem)[:400])


class Page(HTMLParser):
    """Links of a page, and what should not be there."""

    def __init__(self, text):
        super().__init__()
        self.links, self.wrong = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href", "").startswith("/"):
            self.links.add(attributes["href"].split("#")[0])
        if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            self.wrong.append("a script of its own")
        self.wrong += [name for name in attributes if name.startswith("on") or name == "style"]
        outside = attributes.get("src", "") + attributes.get("href", "")
        if re.match(r"(?i)\s*(javascript:|//)", outside) or (tag != "a" and outside.startswith("http")):
            self.wrong.append(outside)


def world(folder):
    """A database with releases, repeated runs, and hostile names: made by the same program as for the browser."""
    made = subprocess.Popen([sys.executable, "tests/e2e/results/world.py", folder], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    made.stdout.readline()
    made.communicate()
    return os.path.join(folder, "results.db")


def walk(server):
    """Status, headers, text of each page, breadth first."""
    seen, queue = {}, ["/"]
    while queue and len(seen) < PAGES_MAX:
        path = queue.pop(0)
        if path in seen or path.startswith("/api/"):
            continue
        status, headers, body = server.request("GET", path)
        seen[path] = (status, headers, body.decode())
        if headers.get("content-type", "").startswith("text/html"):
            queue += sorted(Page(seen[path][2]).links)
    return seen


def check_pages(server, pages):
    bad = {path: page for path, page in pages.items() if page[0] != 200 and not (page[0] == 422 and "/compare" in path)}
    check("all of %d pages are there" % len(pages), ["%s: %d" % (path, page[0]) for path, page in bad.items()])
    found = [(path, Page(page[2]).wrong) for path, page in pages.items()]
    check("no page has code or style in it, or asks others for something", [f for f in found if f[1]])
    strict = [path for path, page in pages.items()
              if "default-src 'none'" not in page[1].get("content-security-policy", "") or "unsafe" in page[1]["content-security-policy"]]
    check("every page has a strict policy", strict)
    check("hostile names are escaped", [path for path, page in pages.items() if "<script>owned" in page[2] or "<img src=x" in page[2]])
    reached = [path for path, page in pages.items() if "&lt;script&gt;owned" in page[2]]
    check("and were on some pages", [] if len(reached) > 3 else ["only on %r" % reached])


def check_weight(server, pages):
    heavy = []
    for path in pages:
        _, _, body = server.request("GET", path, headers={"Accept-Encoding": "gzip"})
        if len(body) > BYTES_MAX:
            heavy.append("%s: %d" % (path, len(body)))
    check("no page takes more than 200 KiB", heavy)
    stale = []
    for path, (status, headers, _) in pages.items():
        again = server.request("GET", path, headers={"If-None-Match": headers.get("etag", "")})
        if status == 200 and (again[0] != 304 or again[2]):
            stale.append("%s: %d" % (path, again[0]))
    check("what a browser has already is not sent again", stale)


def check_static(server, pages):
    names = set(re.findall(r'"(/static/[^"]+)"', pages["/"][2] + pages["/history"][2]))
    wrong = [name for name in names if "immutable" not in server.request("GET", name)[1].get("cache-control", "")]
    check("scripts and styles never change", wrong if len(names) >= 4 else ["only %r" % names])
    check("another name is not there", [] if server.request("GET", "/static/site.0000.css")[0] == 404 else ["it is"])


def check_speed(server):
    def once():
        begun = time.monotonic()
        server.request("GET", "/")
        return time.monotonic() - begun
    typical = statistics.median(once() for _ in range(20))
    print("# the overview takes %.1f ms" % (1000 * typical))


def check_hostile_queries(server):
    tries = ["/runs?project=%27%20OR%201%3D1--", "/runs?before=x", "/runs?before=1.2.3", "/runs?before=%00", "/history?metric=%3Cscript%3E",
             "/history?series=%27", "/compare?base=%3Cb%3E&new=x", "/series/%3Cscript%3E", "/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
             "/static/..%2f..%2fetc%2fpasswd", "/live/%3Cscript%3Eowned()%3C%2Fscript%3E", "/docs/..%2fconventions", "/compare?marginScale=nan&base=a&new=b",
             "/alerts?state=" + "x" * 5000, "/runs?version=" + "%F0%9F%90%8D" * 50]
    wrong = []
    for target in tries:
        status, headers, body = server.request("GET", target)
        if status >= 500 or "text/html" not in headers.get("content-type", "") or b"<script>owned" in body or Page(body.decode()).wrong:
            wrong.append("%s: %d" % (target, status))
    check("what is asked for is text, too", wrong)


def check_failed(server, folder):
    """A run that has nothing but its cause."""
    cause = "node-2 ended: port <b>30002</b> is taken"
    os.makedirs(folder)
    for name, content in (("status", {"state": "failed", "cause": cause}), ("meta", {"meta": {"tag": "failed-1", "profile": "ci-test"}})):
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump(content, file)
    made = subprocess.run([PROGRAM, "publish", "--to", server.database, "--json", folder], capture_output=True, text=True, check=True)
    status, _, body = server.request("GET", "/runs/" + json.loads(made.stdout)["id"])
    wanted = ["<h1>failed-1</h1>", "ci-test, node unknown, never started", html.escape(cause), "status.json"]
    check("a run that failed has a name, its cause and its files", [text for text in wanted if status != 200 or text not in body.decode()])


def check_closed(folder, database):
    """Where reads need a token, a browser asks for it, as a password."""
    with Server(PROGRAM, folder, database=database, arguments=["--reads", "token"]) as server:
        status, headers, body = server.request("GET", "/")
        check("without a token there is a page that says so",
              [] if status == 401 and headers["www-authenticate"].startswith("Basic ") and b"<h1>" in body else [status, headers])
        basic = {"Authorization": "Basic " + base64.b64encode(("token:" + server.token("read")).encode()).decode()}
        wrong = [path for path in ("/", "/runs", "/api/v1/runs") if server.request("GET", path, headers=basic)[0] != 200]
        check("with it as a password all can be read", wrong)
        check("but nothing written",
              [] if server.request("POST", "/api/v1/projects", body={"name": "x"}, headers=basic)[0] in (401, 403) else ["it can be"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = world(os.path.join(folder, "world"))
        with Server(PROGRAM, os.path.join(folder, "open"), database=database) as server:
            pages = walk(server)
            check_pages(server, pages)
            check_weight(server, pages)
            check_static(server, pages)
            check_hostile_queries(server)
            check_speed(server)
            check_failed(server, os.path.join(folder, "failed"))
        with Server(PROGRAM, os.path.join(folder, "empty")) as server:
            body = server.request("GET", "/")[2].decode()
            check("an empty server says how to begin", [] if "ouroscope import" in body else [body[-500:]])
        check_closed(os.path.join(folder, "closed"), database)
    print("1..%d" % tests)
    sys.exit(1 if failures else 0)


main()
