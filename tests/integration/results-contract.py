"""The API as its description has it, on SQLite and on PostgreSQL: every answer is held against the description, and both databases
give the same bodies, byte by byte.

Reads: one database, copied into the other, and every GET that there is, in all its forms. Writes: the same requests to two
empty servers, whose answers may differ in instants and in what is random.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
try:
    from openapi import Api, Mismatch, path_of
except ImportError:
    print("1..0 # SKIP there is no jsonschema for Python (scripts/setup-debian.sh results)")
    sys.exit(0)
from postgres_process import PostgresProcess  # noqa: E402
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
SHARED = os.environ.get("OUROSCOPE_SHARED_DATA", "../shared/data")
PUBLISHED = os.path.join(SHARED, "published", "published_results.tsv")
SAMPLES = ["tests/data/repeated/%s.json.zst" % name
           for name in ("ci-test-01", "ci-test-02", "ci-test-03", "base-1", "base-2", "base-3", "slow-1", "slow-2", "slow-3")]

RATE = {"rate": {"requests": 10000000, "seconds": 60}}  # some thousand questions a minute are one client's here

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:40]), flush=True)
    return good


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def ouroscope(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError("ouroscope %s: %d\n%s" % (" ".join(arguments), done.returncode, done.stderr))
    return done.stdout


# --- Requests that only read ---------------------------------------------------------------------------


class Known:
    """What there is to ask for, as lists tell it."""

    def __init__(self, api):
        self.runs = [row["id"] for row in api.pages("/api/v1/runs", query={"limit": 50})]
        self.series = [row["id"] for row in api.pages("/api/v1/series")]
        self.projects = [row["name"] for row in api.pages("/api/v1/projects")]
        self.profiles = [row["id"] for row in api.pages("/api/v1/profiles")]
        self.environments = [row["id"] for row in api.pages("/api/v1/environments")]
        self.versions = [row["id"] for row in api.pages("/api/v1/versions")]
        self.changes = [row["id"] for row in api.get("/api/v1/change-points", query={"limit": 5}).json["data"]]
        self.by_name = {row["name"]: row["id"] for row in api.pages("/api/v1/runs")}


def list_requests(api):
    """Each list in all its forms."""
    for _, path, operation in api.description.operations():
        if "x-resource" not in operation or "{" in path or _ != "get":
            continue
        yield path, {}, {}
        yield path, {"limit": 2}, {}
        yield path, {"limit": 3}, {"Prefer": "count=exact"}
        yield path, {}, {"Accept": "text/csv"}
        yield path, {"limit": 5}, {"Accept": "application/x-ndjson"}
        yield path, {"limit": 0}, {}
        yield path, {"nonsense": "1"}, {}
        yield path, {"fields": "nonsense"}, {}
        yield path, {"cursor": "bm9uc2Vuc2U"}, {}
        for parameter in map(api.description.resolve, operation.get("parameters", [])):
            name = parameter["name"]
            if parameter["in"] != "query" or name in ("limit", "cursor", "fields", "sort"):
                continue
            for value in ("is.null", "not.null", "eq.1", "gt.0", "in.(1,2)", "prefix.1", "ne.x", "'"):
                yield path, {name: value, "limit": 4}, {}


def sorted_requests(api):
    """Both directions of whatever may be sorted by, with pages behind the first."""
    for method, path, operation in api.description.operations():
        if "x-resource" not in operation or "{" in path or method != "get":
            continue
        sort = [p for p in map(api.description.resolve, operation["parameters"]) if p["name"] == "sort"]
        for name in (sort[0]["schema"]["examples"] if sort else []):
            yield path, {"sort": name, "limit": 3}
            yield path, {"sort": "-" + name, "limit": 3}
    for value in ("run", "-run"):  # another table gives the order
        yield "/api/v1/summaries", {"sort": value, "limit": 50, "project": "default"}


def item_requests(known):
    run, other = known.runs[0], known.runs[-1]
    for path, values in (
            ("/api/v1/projects/{}", known.projects), ("/api/v1/profiles/{}", known.profiles),
            ("/api/v1/environments/{}", known.environments), ("/api/v1/versions/{}", known.versions),
            ("/api/v1/series/{}", known.series), ("/api/v1/runs/{}", [run, other, "0" * 32, "'", "nonsense"])):
        for value in values[:5]:
            yield path_of(path, value), {}
    for some in (run, other):
        for part in ("hosts", "summaries", "blocks", "artifacts"):
            yield path_of("/api/v1/runs/{}/" + part, some), {}
            yield path_of("/api/v1/runs/{}/" + part, some), {"limit": 2}
        for metric in ("machperf/CentiCpu", "endtoend/cdf0.50", "forger/cdfForgerLead", "summary/sumHosts", "no/metric"):
            for part in ("summaries", "samples"):
                yield path_of("/api/v1/runs/{}/%s/{}/{}" % part, some, *metric.split("/")), {}
        yield path_of("/api/v1/runs/{}/artifacts/{}", some, "analysis.json"), {}
        yield path_of("/api/v1/runs/{}/artifacts/{}", some, "results.tsv"), {}
    for change in known.changes[:2]:
        yield path_of("/api/v1/change-points/{}", change), {}
    yield "/api/v1", {}
    yield "/api/v1/metrics/machperf/CentiCpu", {}
    yield "/api/v1/nonsense", {}


def computed_requests(known):
    runs = known.by_name
    base = [runs[name] for name in sorted(runs) if "base" in name][:3] or known.runs[:3]
    new = [runs[name] for name in sorted(runs) if "slow" in name][:3] or known.runs[3:6]
    yield "/api/v1/comparisons", {"base": base, "new": new}
    yield "/api/v1/comparisons", {"base": base[:1], "new": new[:1]}
    yield "/api/v1/comparisons", {"base": base[:1], "new": base[:1]}
    yield "/api/v1/comparisons", {"base": ["0" * 32], "new": new}
    yield "/api/v1/comparisons", {}
    yield "/api/v1/variances", {"run": base}
    for series in known.series[:3]:
        for metric in ("machperf/CentiCpu", "endtoend/cdf0.96", "nonsense", "no/metric"):
            yield path_of("/api/v1/series/{}/points", series), {"metric": metric}
            yield path_of("/api/v1/series/{}/history", series), {"metric": metric}
    for query in ({"metric": "machperf/CentiCpu"}, {"metric": "machperf/CentiCpu", "by": "workload", "order": "version"}, {}):
        yield "/api/v1/history", query
    yield from prometheus_requests()


def prometheus_requests():
    for name in ("series", "labels", "label/version/values", "metadata", "status/buildinfo", "rules", "alerts", "query_exemplars"):
        yield "/prometheus/api/v1/" + name, {"match[]": "ouroscope_machperf_CentiCpu"} if name == "series" else {}
    for name in ("query", "query_range"):
        times = {"start": "2023-01-01T00:00:00Z", "end": "2026-12-01T00:00:00Z", "step": "30d"} if "_" in name else {"time": "2026-11-23T00:00:00Z"}
        for text in ("ouroscope_machperf_CentiCpu", "avg by (workload) (ouroscope_machperf_CentiCpu)", "1 + 1", "("):
            yield "/api/v1/" + name, dict(times, query=text)
            yield "/prometheus/api/v1/" + name, dict(times, query=text)


def shape(api, answer):
    """What has to be the same on both servers; addresses with the server's name left out."""
    keep = ("content-type", "etag", "cache-control", "link", "vary", "location", "preference-applied", "content-disposition")
    base = api.base.geturl().encode()
    headers = {name: answer.headers[name].replace(base.decode(), "") for name in keep if name in answer.headers}
    body = re.sub(rb"urn:ouroscope:request:[0-9a-f-]+", b"", answer.body.replace(base, b""))
    if b"usedAt" in body:  # of tokens: to the hour
        headers.pop("etag", None)
        body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:00:00Z", b"", body)
    return answer.status, headers, body


def compare_read(apis, path, query, headers, different):
    answers = []
    for api in apis:
        answer = api.get(path, query=query, headers=headers)
        answers.append(shape(api, answer))
        if answer.status == 200 and "etag" in answer.headers:
            again = api.get(path, query=query, headers=dict(headers, **{"If-None-Match": answer.headers["etag"]}))
            if again.status != 304 or again.body:
                different.append("%s %s: not 304 but %d for its own tag" % (path, query, again.status))
        if answer.status == 200:
            head = api.call("HEAD", path, query=query, headers=headers)
            if (head.status, head.headers.get("etag"), head.body) != (200, answer.headers.get("etag"), b""):
                different.append("%s %s: HEAD says otherwise" % (path, query))
    if len(answers) == 2 and answers[0] != answers[1]:
        different.append("%s %s %s:\n  %s\n  %s" % (path, query, headers, str(answers[0])[:700], str(answers[1])[:700]))
    return answers[0]


def read_suite(name, apis, requests):
    different, count, statuses = [], 0, set()
    try:
        for path, query, headers in requests:
            statuses.add(compare_read(apis, path, query, headers, different)[0])
            count += 1
    except Mismatch as error:
        different.append(str(error))
    good = not different and count > 0 and 200 in statuses
    check("%s: %d requests, each as described%s" % (name, count, " and the same on both" if len(apis) > 1 else ""), good,
          "\n".join(different) or "statuses %s" % statuses)


def pages_suite(apis):
    """Following `next` gives each row once, in both databases the same, whatever the order."""
    wrong = []
    for path, query in sorted_requests(apis[0]):
        try:
            rows = [[json.dumps(row) for row in api.pages(path, query=query)] for api in apis]
        except Mismatch as error:
            wrong.append(str(error))
            continue
        whole = [json.dumps(row) for row in apis[0].pages(path, query=dict(query, limit=1000))]
        if rows[0] != whole or rows[-1] != whole:
            wrong.append("%s %s: %d rows by pages, %d at once" % (path, query, len(rows[0]), len(whole)))
    check("pages of every list in every order have each row once", not wrong, "\n".join(wrong))


# --- Requests that write ---------------------------------------------------------------------------------


def masked(value):
    """An answer without instants and what is drawn at random."""
    text = json.dumps(value, sort_keys=True)
    text = re.sub(r"ouro_\w{16}_[\w-]{43}", "TOKEN", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "INSTANT", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+", "", text)
    return re.sub(r"urn:ouroscope:request:[0-9a-f-]+|(?<=\")[0-9a-f]{16}(?=\")|(?<=s/)[0-9a-f]{16}(?=\")", "RANDOM", text)


def publication_of(path, **changes):
    """An analysis file as it is published, with other members of its run."""
    document = json.loads(subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout)
    document["run"].update(changes)
    return {"publication": 1, "project": "default",
            "files": [{"name": "analysis.json", "type": "application/json", "text": json.dumps(document)}]}


class Writer:
    """The same requests to a server, with what it answered."""

    def __init__(self, api, publication):
        self.api, self.publication, self.said, self.ids = api, publication, [], {}

    def note(self, answer):
        body = answer.json if answer.body and answer.type.endswith("json") else len(answer.body)
        text = re.sub(r"\b[0-9a-f]{32}\b", self.numbered, masked(body))
        self.said.append((answer.status, text))
        return answer

    def numbered(self, match):
        """Some ids are drawn at random: they are told by the order in which they were first seen."""
        return "ID%d" % self.ids.setdefault(match.group(0), len(self.ids))

    def all(self):
        self.projects()
        run = self.runs()
        self.labels(run)
        self.thresholds()
        self.alerts()
        self.tokens()
        self.live()
        self.end(run)
        return self.said

    def projects(self):
        api = self.api
        self.note(api.post("/api/v1/projects", {"name": "node", "title": "A node"}))
        self.note(api.post("/api/v1/projects", {"name": "node", "title": "Another one"}))
        self.note(api.post("/api/v1/projects", {"name": "no/good", "title": 7}))
        tag = api.get("/api/v1/projects/node").headers["etag"]
        self.note(api.patch("/api/v1/projects/node", {"title": "The node"}, headers={"If-Match": tag}))
        self.note(api.post("/api/v1/projects", b"{", headers={"Content-Type": "application/json"}))
        self.note(api.post("/api/v1/projects", b"{}", headers={"Content-Type": "text/plain"}))

    def runs(self):
        api = self.api
        first = self.note(api.post("/api/v1/runs", self.publication))
        again = self.note(api.post("/api/v1/runs", self.publication))
        self.said.append(("created, then there", first.status, again.status, first.json["id"] == again.json["id"]))
        self.note(api.post("/api/v1/runs", publication_of(SAMPLES[0], compiler="another")))  # the same name, other content
        self.note(api.post("/api/v1/runs", {"publication": 1, "files": []}))
        return first.json["id"]

    def labels(self, run):
        api, path = self.api, "/api/v1/runs/" + run
        item = api.get(path)
        tag = item.headers["etag"]
        self.note(api.patch(path, {"info": {"ticket": "<b>1</b>"}}))
        self.note(api.patch(path, {"info": {"ticket": "<b>1</b>"}}, headers={"If-Match": "\"other\""}))
        self.note(api.patch(path, {"info": {"ticket": "<b>1</b>"}}, headers={"If-Match": tag}))
        self.note(api.patch(path, {"info": {"ticket": "2"}}, headers={"If-Match": tag}))
        self.note(api.get(path))

    def thresholds(self):
        api = self.api
        wish = {"project": "default", "metric": "machperf/CentiCpu", "kind": "static", "parameters": {"above": 1}}
        made = self.note(api.post("/api/v1/thresholds", wish))
        self.note(api.post("/api/v1/thresholds", dict(wish, kind="nonsense")))
        self.note(api.post("/api/v1/thresholds", dict(wish, metric="no/metric")))
        self.note(api.post("/api/v1/thresholds", dict(wish, outlets=["nowhere"])))
        if made.status == 201:
            path = "/api/v1/thresholds/" + made.json["id"]
            item = self.note(api.get(path))
            self.note(api.put(path, dict(wish, parameters={"above": 2}), headers={"If-Match": item.headers["etag"]}))
            self.note(api.delete(path, headers={"If-Match": "\"other\""}))
            self.note(api.delete(path, headers={"If-Match": api.get(path).headers["etag"]}))
            self.note(api.get(path))

    def alerts(self):
        """A threshold that every run is above, and one more run."""
        api = self.api
        self.note(api.post("/api/v1/thresholds", {"project": "default", "metric": "machperf/CentiCpu", "kind": "static",
                                                  "parameters": {"above": 0}}))
        self.note(api.post("/api/v1/runs", publication_of(SAMPLES[1])))
        for row in list(api.pages("/api/v1/alerts")):
            path = "/api/v1/alerts/" + row["id"]
            tag = self.note(api.get(path)).headers["etag"]
            self.note(api.patch(path, {"state": "dismissed", "note": "expected"}, headers={"If-Match": tag}))
            self.note(api.patch(path, {"state": "gone"}, headers={"If-Match": tag}))
        self.note(api.get("/api/v1/deliveries"))

    def tokens(self):
        api = self.api
        made = self.note(api.post("/api/v1/tokens", {"name": "reader", "scopes": ["read"]}))
        self.note(api.post("/api/v1/tokens", {"name": "x", "scopes": ["all"]}))
        reader = made.json.get("token")
        self.note(api.post("/api/v1/projects", {"name": "more", "title": "More"}, token=reader))
        self.note(api.post("/api/v1/projects", {"name": "more", "title": "More"}, token=None))
        self.note(api.get("/api/v1/tokens"))
        self.note(api.get("/api/v1/tokens/" + made.json["id"]))
        self.note(api.delete("/api/v1/tokens/" + made.json["id"]))
        self.note(api.get("/api/v1/audit", token=reader))

    def live(self):
        api, path = self.api, "/api/v1/live/2026-11-23T00-00-00_demo_1"
        report = {"project": "default", "profile": "demo", "state": "running", "slot": 5, "blocksForged": 2}
        self.note(api.put(path, report))
        self.note(api.put(path, dict(report, slot=6)))
        self.note(api.put(path, dict(report, slot="six")))
        self.note(api.get(path))
        self.note(api.get("/api/v1/live"))
        self.note(api.delete(path))
        self.note(api.get(path))

    def end(self, run):
        api, path = self.api, "/api/v1/runs/" + run
        tag = api.get(path).headers["etag"]
        self.note(api.delete(path))
        self.note(api.delete(path, headers={"If-Match": tag}))
        self.note(api.delete(path, headers={"If-Match": tag}))
        self.note(api.get(path))
        self.note(api.get("/api/v1/audit", query={"fields": "action,target"}))


# --- Both ------------------------------------------------------------------------------------------------


def fill(database):
    ouroscope("publish", *SAMPLES, "--to", database)
    if os.path.exists(PUBLISHED):
        ouroscope("import", PUBLISHED, "--to", database)


def reads(folder, postgres, stack):
    source = os.path.join(folder, "results.db")
    fill(source)
    token = re.search(r"ouro_\S+", ouroscope("token", "create", "--db", source, "--scopes", "read,publish,alerts,admin", "contract")).group(0)
    servers = [stack.enter_context(Server(PROGRAM, os.path.join(folder, "sqlite"), database=source, config=RATE))]
    if postgres.about:
        copy = postgres.database("copied")
        ouroscope("db", "backup", "--db", source, copy)
        servers.append(stack.enter_context(Server(PROGRAM, os.path.join(folder, "postgres"), database=copy, config=RATE)))
    apis = [Api(server.url, token) for server in servers]
    known = Known(apis[0])
    check("runs and series are there", len(known.runs) >= len(SAMPLES) and known.series, known.runs)
    read_suite("lists", apis, list_requests(apis[0]))
    pages_suite(apis)
    read_suite("items", apis, ((path, query, {}) for path, query in item_requests(known)))
    read_suite("what is computed", apis, ((path, query, {}) for path, query in computed_requests(known)))
    posted(apis, known)
    return apis


def posted(apis, known):
    """Questions that are asked by POST."""
    wrong = []
    body = {"base": known.runs[:1], "variants": [known.runs[1:2]], "allowDifferent": True}
    answers = [api.post("/api/v1/comparisons", body) for api in apis]
    answers += [api.get("/api/v1/comparisons/" + answers[0].json.get("id", "-")) for api in apis]
    if any(answer.status != 200 or answer.body != answers[0].body for answer in answers):
        wrong.append("\n".join(str((answer.status, answer.body[:300])) for answer in answers))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    times = "start=1700000000&end=1790000000"
    for name, text in (("query", "query=ouroscope_machperf_CentiCpu&time=1700000000"), ("labels", times),
                       ("query_range", "query=ouroscope_machperf_CentiCpu&step=864000&" + times),
                       ("series", "match[]=ouroscope_machperf_CentiCpu&" + times)):
        for prefix in ("/prometheus/api/v1/", "/api/v1/") if name.startswith("query") else ("/prometheus/api/v1/",):
            answers = [api.post(prefix + name, text, headers=form) for api in apis]
            if any(answer.status != 200 or answer.body != answers[0].body for answer in answers):
                wrong.append("%s: %s" % (name, [answer.body[:300] for answer in answers]))
    for api in apis:
        for path in ("/api/v1/health", "/api/v1/version", "/api/v1/openapi.json", "/metrics"):
            if api.get(path).status != 200:
                wrong.append(path)
    for change in known.changes[:1]:
        path = path_of("/api/v1/change-points/{}", change)
        noted = [api.patch(path, {"note": "a new compiler"}, headers={"If-Match": api.get(path).headers["etag"]}) for api in apis]
        if any(answer.status != 200 or answer.body != noted[0].body for answer in noted):
            wrong.append(str([answer.body[:300] for answer in noted]))
    check("what is asked by POST, and what servers say of themselves", not wrong, "\n".join(wrong))


def writes(folder, postgres, stack):
    publication = publication_of(SAMPLES[0])
    places = [os.path.join(folder, "fresh.db")] + ([postgres.database("fresh")] if postgres.about else [])
    said, apis = [], []
    for i, place in enumerate(places):
        server = stack.enter_context(Server(PROGRAM, os.path.join(folder, "fresh%d" % i), database=place, config=RATE))
        apis.append(Api(server.url, server.token()))
        try:
            said.append(Writer(apis[-1], publication).all())
            check("writing to %s is as described" % ("SQLite", "PostgreSQL")[i], True)
        except (Mismatch, KeyError) as error:
            check("writing to %s is as described" % ("SQLite", "PostgreSQL")[i], False, repr(error))
    if len(said) == 2:
        differ = ["%s\n  %s" % pair for pair in zip(*said) if pair[0] != pair[1]]
        check("both answered %d requests alike" % len(said[0]), not differ, "\n".join(differ))
    return apis


def covered(apis):
    """Every operation was called."""
    known = {operation["operationId"] for _, _, operation in apis[0].description.operations()}
    seen = set().union(*(set(api.seen) for api in apis))
    elsewhere = {"streamEvents"}  # endless: tests of live runs have it
    if not os.path.exists(PUBLISHED):
        elsewhere |= {"getChangePoint", "updateChangePoint"}  # of so few runs there are none
    missing = sorted(known - seen - elsewhere)
    check("every operation of the description was asked for", len(known) > 30 and not missing, missing)


def main():
    postgres = PostgresProcess()
    try:
        with tempfile.TemporaryDirectory(prefix="ouroscope-contract.") as folder, contextlib.ExitStack() as stack:
            if not postgres.about:
                skip("the same on PostgreSQL", postgres.why)
            covered(reads(folder, postgres, stack) + writes(folder, postgres, stack))
    finally:
        postgres.close()
    print("1..%d" % tests)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
