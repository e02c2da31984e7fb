"""Who may ask for what: tokens, closed reads, projects, foreign origins, proxies, rate limits."""

import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit
import http.client

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
RUNS = ["tests/data/repeated/base-%d.json.zst" % i for i in (1, 2)]
tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("# %s" % (why,), flush=True)


def ask(server, method, path, body=None, **headers):
    """Status, headers in lower case, body. Underscores of names of headers stand for hyphens."""
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        body, named["Content-Type"] = json.dumps(body), "application/json"
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def bearer(token):
    return {"Authorization": "Bearer " + token}


def names(content):
    return [row["name"] for row in json.loads(content)["data"]]


def open_reads(folder):
    with Server(PROGRAM, folder, config={"origins": ["https://good.example"]}) as server:
        admin = server.token()
        status, headers, _ = ask(server, "POST", "/api/v1/projects", {"name": "a"})
        check("writing wants a token", status == 401 and headers["www-authenticate"].startswith("Bearer"), status)
        status, _, _ = ask(server, "POST", "/api/v1/projects", {"name": "a"}, **bearer(server.token("publish")))
        check("and the scope", status == 403, status)
        status, headers, _ = ask(server, "GET", "/api/v1/runs", **bearer(admin[:-1] + "_"))
        check("a wrong token is refused also where none is needed", status == 401 and "invalid_token" in headers["www-authenticate"], status)
        for word in ("Basic dG9rZW46eA==", "Bearer", "Bearer  ", "Bearer x y", "Digest a", "Bearer " + "a" * 4000):
            status, _, _ = ask(server, "GET", "/api/v1/runs", Authorization=word)
            check("so is %r" % word[:20], status == 401, status)
        status, _, _ = ask(server, "POST", "/api/v1/projects", {"name": "a"}, **bearer(admin))
        check("with both it is done", status == 201, status)

        evil = {"Origin": "https://evil.example", **bearer(admin)}
        status, headers, _ = ask(server, "POST", "/api/v1/projects", {"name": "b"}, **evil)
        check("pages of foreign origins change nothing", status == 403 and "access-control-allow-origin" not in headers, status)
        status, headers, _ = ask(server, "OPTIONS", "/api/v1/projects", Origin="https://good.example", Access_Control_Request_Method="POST")
        check("allowed ones are told what they may do", status == 204 and "POST" in headers["access-control-allow-methods"]
              and headers["access-control-allow-origin"] == "https://good.example" and "Origin" in headers["vary"], headers)
        status, headers, _ = ask(server, "POST", "/api/v1/projects", {"name": "b"}, Origin="https://good.example", **bearer(admin))
        check("and may", status == 201 and "ETag" in headers["access-control-expose-headers"], status)

        status, _, content = ask(server, "GET", "/api/v1/audit", **bearer(admin))
        rows = json.loads(content)["data"]
        check("each write is in the record, with its token and request", [row["action"] for row in rows[:2]] == ["project.create"] * 2
              and rows[0]["actor"] == admin[5:21] and len(rows[0]["request"]) == 32, rows[:2])
        log = open(server.log, errors="replace").read()
        check("no secret is in the log", admin[22:] not in log and "X" * 40 not in log)


def pages_of_a_project(server, ours, admin):
    """Runs and a run in progress of another project: no page shows them to a token of this one."""
    published = subprocess.run([PROGRAM, "publish", "--to", server.database, "--project", "theirs", *RUNS], capture_output=True, text=True)
    assert published.returncode == 0, published.stderr
    ask(server, "PUT", "/api/v1/live/their-run", {"project": "theirs", "profile": "demo", "state": "running"}, **admin)
    run, series = (json.loads(ask(server, "GET", "/api/v1/" + what, **admin)[2])["data"][0]["id"] for what in ("runs", "series"))
    for path in ("/", "/runs", "/history", "/live", "/compare", "/alerts"):
        seen = [ask(server, "GET", path, **who) for who in (ours, admin)]
        shown = [any(word in content for word in (b"theirs", b"their-run", run.encode(), series.encode())) for _, _, content in seen]
        check("%s shows a token what is of its project" % path, [status for status, _, _ in seen] == [200, 200] and not shown[0]
              and (shown[1] or path == "/alerts"), shown)
    for path in ("/runs/" + run, "/series/" + series, "/live/their-run", "/history?series=" + series, "/history?project=theirs",
                 "/compare?series=" + series, "/compare?new=" + run):
        statuses = [ask(server, "GET", path, **who)[0] for who in (ours, admin)]
        check("%s is not for all" % path.replace(run, "RUN").replace(series, "SERIES"), statuses in ([403, 200], [404, 200]), statuses)


def closed_reads(folder):
    with Server(PROGRAM, folder, config={"reads": "token"}) as server:
        admin, ours = server.token(), server.token("read", "publish", project="ours")
        for name in ("theirs", "third"):
            ask(server, "POST", "/api/v1/projects", {"name": name}, **bearer(admin))
        status, _, _ = ask(server, "GET", "/api/v1/runs")
        check("closed reads want a token", status == 401, status)
        for path in ("/api/v1/health", "/api/v1/openapi.json", "/api/v1", "/api/v1/version"):
            status, _, _ = ask(server, "GET", path)
            check("%s is open" % path, status == 200, status)
        status, headers, content = ask(server, "GET", "/api/v1/projects", **bearer(ours))
        check("a token of a project sees its own rows", status == 200 and names(content) == ["ours"], content)
        check("which no cache gives to others", "Authorization" in headers["vary"], headers)
        _, _, content = ask(server, "GET", "/api/v1/projects", **bearer(admin))
        check("one of all projects sees all", names(content) == ["ours", "theirs", "third"], content)
        status, _, _ = ask(server, "GET", "/api/v1/projects/theirs", **bearer(ours))
        check("items of others are not there", status == 404, status)
        pages_of_a_project(server, bearer(ours), bearer(admin))
        status, _, _ = ask(server, "GET", "/api/v1/runs", **bearer(server.token("publish")))
        check("to read wants the scope to read", status == 403, status)


def forwarded_twice(server, *clients):
    """The status for a request with a line of X-Forwarded-For for each."""
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    connection.putrequest("GET", "/api/v1/version")
    for client in clients:
        connection.putheader("X-Forwarded-For", client)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def limits(folder):
    with Server(PROGRAM, folder, config={"rate": {"requests": 40, "seconds": 3600}, "trustedProxies": ["127.0.0.1"]}) as server:
        def status_of(client, **headers):
            return ask(server, "GET", "/api/v1/version", X_Forwarded_For=client, **headers)

        status, headers, _ = status_of("192.0.2.1")
        check("what is left is told", headers["ratelimit-policy"] == '"default";q=40;w=3600' and headers["ratelimit"].startswith('"default";r=39'), headers)
        seen = [status_of("192.0.2.1")[0] for _ in range(45)]
        check("then it is 429", seen[:39] == [200] * 39 and set(seen[39:]) == {429}, seen)
        _, headers, content = status_of("192.0.2.1")
        check("with the time to wait", int(headers["retry-after"]) >= 90 and json.loads(content)["status"] == 429, headers)
        check("others go on", status_of("192.0.2.2")[0] == 200)
        check("who writes a list of addresses is told by the last one", status_of("192.0.2.9, 192.0.2.1")[0] == 429)
        check("and what is no address counts for nothing", status_of("192.0.2.1, x")[0] == 200)
        check("a line of a client's own in front of the proxy's counts for nothing", forwarded_twice(server, "192.0.2.9", "192.0.2.1") == 429)
        seen = [ask(server, "GET", "/api/v1/runs", X_Forwarded_For="192.0.2.3", **bearer("ouro_guess"))[0] for _ in range(4)]
        check("guessing tokens ends soon", seen == [401, 401, 429, 429], seen)


for part in (open_reads, closed_reads, limits):
    with tempfile.TemporaryDirectory() as folder:
        part(folder)
print("1..%d" % tests)
sys.exit(failures > 0)
