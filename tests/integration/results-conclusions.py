"""What the server concludes from runs: comparisons, variances and histories say what the commands say; thresholds open alerts, and
their messages arrive, whatever dies on the way.

Every answer is held against the description of the API.
"""

import hashlib
import hmac
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, "tests/support")
try:
    from openapi import Api
except ImportError:
    print("1..0 # SKIP there is no jsonschema for Python (scripts/setup-debian.sh results)")
    sys.exit(0)
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
PUBLISHED = os.path.join(os.environ.get("OUROSCOPE_SHARED_DATA", "../shared/data"), "published", "published_results.tsv")
SIDES = {side: ["tests/data/repeated/%s-%d.json.zst" % (side, i) for i in range(1, 6)] for side in ("base", "slow")}
OTHER = "tests/data/repeated/ci-test-01.json.zst"
APART = "tests/data/repeated/ci-test-02.json.zst"  # made like OTHER, and published into another project
SECRET = "a secret of the receiver"

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why)[:2000].splitlines()), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def ouroscope(*arguments, statuses=(0,)):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode not in statuses:
        raise AssertionError("ouroscope %s: %d\n%s" % (" ".join(arguments), done.returncode, done.stderr))
    return done.stdout


# --- Comparisons ---------------------------------------------------------------------------------------


def metrics_of(result):
    """What a comparison says, without where its runs come from."""
    return [{key: value for key, value in variant.items() if key not in ("runs", "label")} for variant in result["variants"]]


class Comparisons:
    def __init__(self, api):
        self.api = api
        runs = {row["name"]: row["id"] for row in api.pages("/api/v1/runs", query={"project": "perf"})}
        self.base = [id for name, id in sorted(runs.items()) if "base" in name]
        self.slow = [id for name, id in sorted(runs.items()) if "slow" in name]
        self.other = [id for name, id in runs.items() if "ci-test" in name]

    def ask(self, query, **more):
        return self.api.get("/api/v1/comparisons", query={"plan": "false", **query}, **more)

    def all(self):
        check("the runs are there", len(self.base) == 5 and len(self.slow) == 5 and len(self.other) == 1,
              [self.base, self.slow, self.other])
        self.same_as_the_command()
        self.kept()
        self.tables()
        self.refusals()
        self.variants()
        self.variance()

    def same_as_the_command(self):
        said = json.loads(ouroscope("compare", "--json", "--fail-on", "never", *SIDES["base"], "--", *SIDES["slow"]))
        answer = self.api.get("/api/v1/comparisons", query={"base": self.base, "new": self.slow})
        check("a comparison says what `ouroscope compare` says",
              answer.status == 200 and metrics_of(answer.json["result"]) == metrics_of(said), answer.text[:600])
        check("it has verdicts", answer.json["result"]["variants"][0]["verdicts"]["regression"] > 0, answer.text[:600])

    def kept(self):
        first, second = self.ask({"base": self.base, "new": self.slow}), self.ask({"base": self.base, "new": self.slow})
        check("the same question has the same bytes", first.body == second.body)
        check("an answer about named runs never changes", "immutable" in first.headers["cache-control"], first.headers)
        again = self.ask({"base": self.base, "new": self.slow}, headers={"If-None-Match": first.headers["etag"]})
        check("who has it is told so", again.status == 304, again.status)
        by_id = self.api.get("/api/v1/comparisons/" + first.json["id"])
        check("it is had by its id, too", by_id.status == 200 and by_id.body == first.body, by_id.text[:300])
        check("one that is not kept is not found", self.api.get("/api/v1/comparisons/" + "0" * 32).status == 404)

    def beside_earlier_runs(self, database):
        """One run against one: how much the others of the project differ is part of the answer, and so of its name."""
        query = {"base": self.base[0], "new": self.slow[0]}
        first, second = self.ask(query), self.ask(query)
        check("a single run is held against all others of its project",
              first.status == 200 and first.json["request"]["history"] == 9, first.text[:600])
        check("that is kept, too", second.body == first.body and second.headers["content-location"] == first.headers["content-location"])
        check("and may be another answer tomorrow", second.headers["cache-control"] == "no-cache", second.headers)
        ouroscope("publish", "--replace", APART, "--to", database, "--project", "perf")  # moves it
        later = self.ask(query)
        check("a run that is published later makes it one",
              later.json["request"]["history"] == 10 and later.headers["content-location"] != first.headers["content-location"],
              later.text[:600])
        by_id = self.api.get("/api/v1/comparisons/" + first.json["id"])
        check("the one from before is had by its id", by_id.body == first.body, by_id.text[:300])

    def tables(self):
        answer = self.ask({"base": self.base, "new": self.slow, "metric": "machperf/CentiCpu"}, headers={"Accept": "text/csv"})
        check("its tables are had as CSV", answer.type == "text/csv" and "# verdicts" in answer.text, answer.text[:300])

    def refusals(self):
        answer = self.ask({"base": self.base, "new": self.other})
        check("runs that differ are refused, with each difference",
              answer.status == 422 and len(answer.json["errors"]) > 1 and "allowDifferent" in answer.json["detail"], answer.text)
        answer = self.ask({"base": self.base, "new": self.other, "allowDifferent": "true"})
        check("unless that is allowed; then it names them", answer.status == 200 and answer.json["result"]["differences"], answer.text[:300])
        self.apart()
        self.on_two_sides()
        answer = self.api.get("/api/v1/comparisons", query={"bose": "version:1", "plan": "maybe"})
        told = {(e["parameter"], e["detail"].split(";")[0]) for e in answer.json["errors"]}
        check("all that is wrong with parameters is told at once", answer.status == 400 and told == {
            ("base", "it must be given"), ("new", "it must be given"), ("bose", "there is no such parameter"),
            ("plan", "it must be true or false")} and "did you mean \"base\"" in answer.json["detail"], answer.text)
        answer = self.ask({"base": ["nobody"], "new": self.slow})
        check("a run that is not there is not found, and which side it is of is told",
              answer.status == 404 and answer.json["errors"][0]["parameter"] == "base", answer.text)
        answer = self.ask({"base": self.base, "new": self.slow, "metric": "nonsense"})
        check("a metric that there is not is refused", answer.status == 400, answer.text)

    def apart(self):
        version = self.api.get("/api/v1/runs/" + self.other[0]).json["version"]
        apart = self.api.get("/api/v1/runs", query={"project": "apart"}).json["data"][0]["id"]
        query = {"base": "version:" + version, "new": apart, "project": "perf"}
        answer = self.ask(query)
        told = " ".join(error["detail"] for error in answer.json["errors"])
        check("runs that differ in project alone are refused for that, and nothing else is advised",
              answer.status == 422 and "in different projects" in answer.json["detail"] and
              "allowDifferent" not in answer.json["detail"] and "project perf" in told and "project apart" in told, answer.text)
        answer = self.ask({"base": self.other, "new": apart})
        check("named by their ids they are compared", answer.status == 200, answer.text[:600])

    def on_two_sides(self):
        version = self.api.get("/api/v1/runs/" + self.base[0]).json["version"]
        answer = self.ask({"base": self.base, "new": self.base[:1]})
        check("a run on both sides is refused", answer.status == 422 and "on two sides" in answer.json["detail"], answer.text)
        answer = self.ask({"base": "version:" + version, "new": self.base[:1], "project": "perf"})
        check("also where the version of one side is that of the other's runs, which is told",
              answer.status == 422 and "version:%s means it" % version in answer.json["detail"], answer.text)

    def variants(self):
        wish = {"base": self.base[:3], "variants": [self.base[3:], self.slow], "adjust": "bh", "plan": False}
        answer = self.api.post("/api/v1/comparisons", wish)
        check("several variants are compared with one base", answer.status == 200 and len(answer.json["result"]["variants"]) == 2,
              answer.text[:300])
        answer = self.api.post("/api/v1/comparisons", dict(wish, variants=[]))
        check("no variant at all is refused", answer.status == 400, answer.text)

    def variance(self):
        answer = self.api.get("/api/v1/variances", query={"run": self.base, "plan": "false"})
        check("a variance of five runs", answer.status == 200 and len(answer.json["result"]["runs"]) == 5, answer.text[:300])
        check("which is no comparison", self.api.get("/api/v1/comparisons/" + answer.json["id"]).status == 404)
        answer = self.api.get("/api/v1/variances", query={"run": self.base + self.other, "plan": "false"})
        check("runs that differ have none", answer.status == 422, answer.text[:300])


# --- Histories ------------------------------------------------------------------------------------------


def levels_of(series):
    return [(level["firstPoint"], level["points"], level["mean"], level["changePercent"], level["p"], level["pAdjusted"])
            for level in series["levels"]]


class Histories:
    """Of the results that were published with releases of the node."""

    def __init__(self, api):
        self.api = api

    def all(self):
        self.same_as_the_command()
        self.by_series()
        self.releases()

    def same_as_the_command(self):
        said = json.loads(ouroscope("history", "--json", "--by", "version", "CentiCpu", PUBLISHED))
        answer = self.api.get("/api/v1/history", query={"project": "published", "metric": "machperf/CentiCpu", "by": "workload",
                                                        "order": "version"})
        theirs = {s["workload"]: s for s in said["series"] if s["section"] == "machperf"}
        ours = {s["workload"]: s for s in answer.json["data"]}
        check("a history has the workloads that `ouroscope history` finds", ours.keys() == theirs.keys(), [ours.keys(), theirs.keys()])
        for workload in sorted(ours.keys() & theirs.keys()):
            one, other = ours[workload], theirs[workload]
            check("%s: the same values and levels" % workload,
                  [p["value"] for p in one["points"]] == [p[1] for p in other["points"]] and levels_of(one) == levels_of(other) and
                  one["next"] == other["next"] and one["last"]["unusual"] == other["last"]["unusual"],
                  [levels_of(one), levels_of(other)])
        found = {s["points"][level["firstPoint"]]["version"] for s in answer.json["data"] for level in s["levels"][1:]}
        check("the level of CPU changes with 10.7.1", any(version.startswith("10.7.1") for version in found), found)

    def by_series(self):
        query = {"project": "published", "metric": "machperf/CentiCpu"}
        answer = self.api.get("/api/v1/history", query=query)
        one = max(answer.json["data"], key=lambda s: len(s["points"]))
        alone = self.api.get("/api/v1/series/%s/history" % one["series"], query={"metric": "machperf/CentiCpu"})
        check("a series alone has the same points", alone.json["data"][0]["points"] == one["points"], alone.text[:300])
        points = self.api.get("/api/v1/series/%s/points" % one["series"], query={"metric": "machperf/CentiCpu", "limit": 3})
        check("its last points", points.json["data"] == one["points"][-3:], points.text[:300])
        rows = self.api.get("/api/v1/history", query=query, headers={"Accept": "text/csv"}).text.splitlines()
        check("as CSV it has a line for each point", len(rows) == 1 + sum(len(s["points"]) for s in answer.json["data"]), rows[:3])
        check("a series that is not there is not found",
              self.api.get("/api/v1/series/nobody/history", query={"metric": "machperf/CentiCpu"}).status == 404)

    def releases(self):
        versions = {}
        for row in self.api.pages("/api/v1/runs", query={"project": "published", "limit": 1000}):
            versions.setdefault(row["series"], set()).add(row["version"])
        pair = next((sorted(names)[:2] for names in versions.values() if len(names) > 1), None)
        if not pair:
            skip("versions are compared by their names", "no series has two versions")
            return
        query = {"base": "version:" + pair[0], "new": "version:" + pair[1], "project": "published", "plan": "false"}
        answer = self.api.get("/api/v1/comparisons", query=query)
        if answer.status == 422:
            query["series"] = answer.json["errors"][0]["detail"].split("=")[1].split()[0]
            answer = self.api.get("/api/v1/comparisons", query=query)
        check("versions are compared by their names, in one series", answer.status == 200 and answer.json["request"]["history"] > 0,
              answer.text[:600])
        check("what versions mean may change", answer.headers["cache-control"] == "no-cache", answer.headers)


# --- Alerts ----------------------------------------------------------------------------------------------


class Receiver:
    """A webhook's server: refuses as often as it is told, and can keep a request waiting."""

    def __init__(self):
        self.refusals, self.got, self.hold = 0, [], threading.Event()
        self.hold.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                receiver.hold.wait(60)
                refused = receiver.refusals > 0
                receiver.refusals -= refused
                try:
                    self.send_response(503 if refused else 204)
                    self.end_headers()
                except OSError:
                    pass  # the server was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/hooks/secret-path" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()


def is_signed(headers, body):
    wanted = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("Ouroscope-Signature", ""), wanted)


class Alerts:
    def __init__(self, folder):
        self.folder, self.receiver = folder, Receiver()
        self.told = os.path.join(folder, "told")
        outlets = [{"name": "chat", "url": self.receiver.url, "secretVariable": "CHAT_SECRET"},
                   {"name": "script", "command": ["sh", "-c", "cat >> %s; echo >> %s" % (self.told, self.told)]}]
        self.server = Server(PROGRAM, os.path.join(folder, "alerts"), config={"outlets": outlets},
                             environment={"CHAT_SECRET": SECRET})
        self.connect()

    def connect(self):
        self.api = Api(self.server.url, self.server.token())

    def close(self):
        self.receiver.close()
        self.server.__exit__()

    def publish(self, path):
        ouroscope("publish", path, "--to", self.server.database, "--project", "perf")

    def all(self):
        self.publish(SIDES["base"][0])
        self.threshold()
        self.opened()
        self.changed()
        self.killed()
        self.forgotten()

    def threshold(self):
        wish = {"project": "perf", "metric": "machperf/CentiCpu", "kind": "static", "parameters": {"above": 0.0001},
                "outlets": ["chat", "script"]}
        refused = self.api.post("/api/v1/thresholds", dict(wish, outlets=["nobody"]))
        check("an outlet that the server has not got is refused, by its name",
              refused.status == 422 and 'no outlet "nobody"' in refused.json["detail"], refused.text)
        refused = self.api.post("/api/v1/thresholds", dict(wish, metric="machperf/centicpu"))
        check("a mistyped metric is told what may have been meant",
              refused.status == 422 and '"machperf/centicpu"' in refused.json["detail"]
              and 'did you mean "machperf/CentiCpu"?' in refused.json["detail"], refused.text)
        for query, words in (({"sort": "-cpu"}, 'runs are not sorted by "cpu"; they are by startedAt, publishedAt'),
                             ({"fields": "foo"}, 'runs have no field "foo"; they have id, project,'),
                             ({"fields": "verison"}, 'did you mean "version"? they have id,')):
            refused = self.api.get("/api/v1/runs", query=query)
            check("a list says what it has: %s" % query, refused.status == 400 and words in refused.json["detail"], refused.text)
        refused = self.api.post("/api/v1/thresholds", dict(wish, kind=""))
        check("one fault of a body is told in its detail", refused.status == 400 and "/kind: it " in refused.json["detail"], refused.text)
        refused = self.api.post("/api/v1/thresholds", dict(wish, parameters={"under": 3}))
        check("so is a parameter that the kind has not got", refused.status == 422 and "under" in refused.text, refused.text)
        check("and a caller without the scope",
              self.api.post("/api/v1/thresholds", wish, token=self.server.token("read")).status == 403)
        made = self.api.post("/api/v1/thresholds", wish)
        self.at = "/api/v1/thresholds/" + made.json["id"]
        check("a threshold is made", made.status == 201 and made.headers["location"].endswith(self.at), made.text)
        item = self.api.get(self.at)
        check("it needs the tag of what was seen to be changed", self.api.put(self.at, wish).status == 428)
        renewed = self.api.put(self.at, wish, headers={"If-Match": item.headers["etag"]})
        check("and is changed with it", renewed.status == 200, renewed.text)

    def opened(self):
        self.receiver.refusals = 2
        self.publish(SIDES["base"][1])
        arrived = wait_until(lambda: len(self.receiver.got) >= 3, 30)
        check("a message is sent again until it is taken", arrived, self.receiver.got)
        alerts = self.api.get("/api/v1/alerts").json["data"]
        check("the alert is there, once", len(alerts) == 1 and alerts[0]["state"] == "active", alerts)
        self.alert = "/api/v1/alerts/" + alerts[0]["id"]
        bodies = {body for _, body in self.receiver.got}
        keys = {headers.get("Idempotency-Key") for headers, _ in self.receiver.got}
        check("each try is the same message, with one key", len(bodies) == 1 and len(keys) == 1, [bodies, keys])
        check("signed with the secret of the outlet", all(is_signed(*one) for one in self.receiver.got))
        check("and says what it is about", json.loads(self.receiver.got[0][1])["alert"]["id"] == alerts[0]["id"], bodies)
        check("the command was told, too", wait_until(lambda: os.path.exists(self.told) and "opened" in open(self.told).read(), 30))
        sent = wait_until(lambda: {d["state"] for d in self.api.get("/api/v1/deliveries").json["data"]} == {"sent"}, 30)
        check("what was sent is shown as sent", sent, self.api.get("/api/v1/deliveries").text)
        shown = self.api.get("/api/v1/deliveries").text + self.server.said()
        check("neither the secret nor the address of the webhook is told", SECRET not in shown and "secret-path" not in shown, shown)

    def changed(self):
        seen = self.api.get(self.alert)
        change = {"state": "silenced", "silencedUntil": "2099-01-01T00:00:00Z", "note": "a new machine <b>"}
        check("a change wants If-Match", self.api.patch(self.alert, change).status == 428)
        stale = self.api.patch(self.alert, change, headers={"If-Match": "\"other\""})
        check("of what is there now", stale.status == 412, stale.text)
        done = self.api.patch(self.alert, change, headers={"If-Match": seen.headers["etag"]})
        check("then it is silenced, with a note", done.status == 200 and done.json["state"] == "silenced" and
              done.json["note"] == change["note"], done.text)
        count = len(self.receiver.got)
        check("which the outlets are told", wait_until(lambda: len(self.receiver.got) > count or
                                                       b"changed" in self.receiver.got[-1][1], 30))
        count = len(self.receiver.got)
        self.publish(SIDES["base"][2])
        alerts = self.api.get("/api/v1/alerts", query={"state": "silenced"}).json["data"]
        check("what comes while it is silenced is silenced", len(alerts) == 2, alerts)
        past = self.api.patch(self.alert, {"silencedUntil": "2001-01-01T00:00:00Z"}, headers={"If-Match": done.headers["etag"]})
        check("silence does not end in the past", past.status == 422, past.text)
        for row in alerts:
            path = "/api/v1/alerts/" + row["id"]
            tag = self.api.get(path).headers["etag"]
            over = self.api.patch(path, {"state": "dismissed"}, headers={"If-Match": tag})
            check("an alert is dismissed", over.status == 200 and over.json["state"] == "dismissed", over.text)
        wait_until(lambda: all(d["state"] == "sent" for d in self.api.get("/api/v1/deliveries").json["data"]), 30)

    def killed(self):
        """The server dies while the receiver has the message and has not answered."""
        count = len(self.receiver.got)
        self.receiver.hold.clear()
        self.publish(SIDES["base"][3])
        check("the message is on its way", wait_until(lambda: len(self.receiver.got) > count, 30))
        self.server.kill()
        key = self.receiver.got[count][0]["Idempotency-Key"]
        self.receiver.hold.set()
        self.server.start()
        self.connect()
        again = wait_until(lambda: [h["Idempotency-Key"] for h, _ in self.receiver.got].count(key) == 2, 90)
        check("a server that was killed sends it again when it is back, with the same key", again, self.receiver.got[count:])

    def forgotten(self):
        tag = self.api.get(self.at).headers["etag"]
        gone = self.api.delete(self.at, headers={"If-Match": tag})
        check("a threshold goes with its alerts", gone.status == 204 and not self.api.get("/api/v1/alerts").json["data"], gone.status)
        check("all of it stands in the record of writes", {"threshold.create", "threshold.replace", "alert.change", "threshold.delete"} <=
              {row["action"] for row in self.api.pages("/api/v1/audit", query={"limit": 100})})


# --- All of it -------------------------------------------------------------------------------------------


def with_server(folder):
    database = os.path.join(folder, "results.db")
    ouroscope("publish", *SIDES["base"], *SIDES["slow"], OTHER, "--to", database, "--project", "perf")
    ouroscope("publish", APART, "--to", database, "--project", "apart")
    published = os.path.exists(PUBLISHED)
    if published:
        ouroscope("import", PUBLISHED, "--to", database)
    with Server(PROGRAM, folder, database=database) as server:
        api = Api(server.url)
        comparisons = Comparisons(api)
        comparisons.all()
        comparisons.beside_earlier_runs(database)
        if published:
            Histories(api).all()
        else:
            skip("histories of published results", "%s is not there" % PUBLISHED)


def main():
    with tempfile.TemporaryDirectory() as folder:
        with_server(folder)
        alerts = Alerts(folder)
        try:
            alerts.all()
        finally:
            alerts.close()
    done = subprocess.run(["/usr/bin/python3", "scripts/embed-result-schemas.py", "--check"], capture_output=True, text=True, check=False)
    check("the description has the schemas of result files as they are", done.returncode == 0, done.stdout)
    print("1..%d" % tests)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
