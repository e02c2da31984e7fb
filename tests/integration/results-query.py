"""Results asked in the language of Prometheus, as Grafana does: a table of runs goes into the server, the same values at the same
instants into a real Prometheus, and both are asked the same; what Grafana's data source asks besides is answered; and a real
Prometheus scrapes the server's own metrics."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from prometheus import ask, difference, is_there, start_prometheus, stop  # noqa: E402
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
PUBLISHED = os.path.join(os.environ.get("OUROSCOPE_SHARED_DATA", "../shared/data"), "published", "published_results.tsv")
BEGIN = datetime(2024, 1, 1, tzinfo=timezone.utc)
DAY = 86400
# of the table: section, label, unit, metric; and what it is called here
METRICS = {
    ("resource", "Process CPU usage", "%", "CentiCpu"): "ouroscope_machperf_CentiCpu",
    ("resource", "Kernel RSS", "MB", "RSS"): "ouroscope_machperf_RSS",
    ("endtoend", "0.50 adoption", "s", "cdf0.50"): "ouroscope_endtoend_cdf0_50",
    ("endtoend", "0.80 adoption", "s", "cdf0.80"): "ouroscope_endtoend_cdf0_80",
    ("forger", "Started forge loop iteration", "s", "cdfForgerStart"): "ouroscope_forger_cdfForgerStart",
}
CPU, RSS, HALF = "ouroscope_machperf_CentiCpu", "ouroscope_machperf_RSS", "ouroscope_endtoend_cdf0_50"
MEAN = '{stat="mean"}'

# asked at single instants and over time
QUERIES = [query.replace("CPU", CPU + MEAN).replace("RSS", RSS + MEAN).replace("HALF", HALF + MEAN) for query in [
    "CPU", "RSS{workload=\"value\"}".replace(MEAN, ""), "CPU offset 30d", "CPU / RSS", "CPU / ignoring (stat) RSS", "CPU > 40",
    "sum by (workload) (CPU)", "avg without (workload, profile, series, environment) (CPU)", "max by (project) (RSS)", "topk(1, CPU)",
    "stddev(CPU)", "quantile(0.5, CPU)", "count by (__name__) ({__name__=~\"ouroscope_endtoend_.*\",stat=\"mean\"})",
    "avg_over_time(CPU[60d])", "last_over_time(CPU[180d])", "max_over_time(RSS[90d]) - min_over_time(RSS[90d])",
    "count_over_time(HALF[30d])", "delta(CPU[60d])", "deriv(RSS[60d])", "quantile_over_time(0.9, HALF[120d])", "changes(CPU[45d])",
    "stdvar_over_time(HALF[90d])", "CPU - avg_over_time(CPU[90d])", "CPU / on () group_left () sum(CPU)",
    "RSS * on (series) group_left (profile) label_replace(CPU, \"profile\", \"p-$1\", \"profile\", \"(.*)\")",
    "label_join(CPU, \"both\", \"-\", \"workload\", \"stat\")", "{project=\"made\",workload=\"plutus\",stat=\"mean\",__name__!~\".*:.*|.*_info\"}",
    "absent(" + CPU + "{workload=\"none\"})", "abs(CPU - CPU offset 7d)", "sum(CPU) or vector(0)", "CPU unless on (workload) HALF > 0.5",
    "round(CPU, 0.5)", "clamp(CPU, 30, 45)", "scalar(sum(RSS)) * 2", "sort_desc(CPU)", "time() - 1700000000",
    "avg by (version) (" + CPU + ":by_run" + MEAN + ")", "count(" + CPU + ":by_run" + MEAN + ")",
    "max by (name, run) (last_over_time(" + RSS + ":by_run" + MEAN + "[200d]))",
]]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name.replace("\n", " ").replace("#", "\\#")), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why)[:2000].splitlines()), flush=True)


# --- Runs -------------------------------------------------------------------------------------

def runs():
    """workload, version, start, values by metric: weekly, irregular, and with a gap that is longer than a run stands for."""
    rand = random.Random(7)
    for workload, days in (("value", range(0, 400, 7)), ("plutus", sorted(rand.sample(range(400), 20))), ("voting", (3, 40, 300))):
        level = 50.0
        for number, day in enumerate(days):
            level *= 0.9 if number == len(list(days)) // 2 else 1 + rand.gauss(0, 0.02)
            start = BEGIN + timedelta(days=day, seconds=rand.randrange(3600, 80000))
            yield workload, "10.%d.%d" % (day // 100, day % 100), start, {
                metric: round(level * (i + 1) / 10 + rand.random(), 4) for i, metric in enumerate(METRICS)}


def write_table(path, made):
    with open(path, "w") as file:
        file.write("report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n")
        for workload, version, start, values in made:
            rows = [("summary", "Cluster system start date", "", "", start.strftime("%Y-%m-%d")),
                    ("summary", "Cluster system start time", "", "", start.strftime("%H:%M:%S"))]
            rows += [(*metric, "%r" % value) for metric, value in values.items()]
            for section, label, unit, metric, value in rows:
                file.write("\t".join(("made." + workload, workload, section, label, unit, metric, version, value)) + "\n")


def import_table(server, path, project):
    done = subprocess.run([PROGRAM, "import", "--to", server.database, "--project", project, path], capture_output=True, text=True)
    check("a table of runs is imported into project " + project, done.returncode == 0, done.stdout + done.stderr)


# --- Against Prometheus -------------------------------------------------------------------------

def labels_text(labels):
    return "{" + ",".join('%s="%s"' % pair for pair in sorted(labels.items()) if pair[0] != "__name__") + "}"


def write_samples(server, path, made):
    """The samples that the server should have, from the table that it was given; only the ids are its own."""
    series = {(s["__name__"], s["workload"], s.get("version")): s for s in ask_all(server, "project=\"made\",stat=\"mean\"")}
    with open(path, "w") as file:
        for name in METRICS.values():
            for by_run in (False, True):
                for workload, version, start, values in made:
                    labels = series[name + ":by_run" * by_run, workload, version if by_run else None]
                    value = next(v for metric, v in values.items() if METRICS[metric] == name)
                    file.write("%s%s %r %d\n" % (labels["__name__"], labels_text(labels), value, start.timestamp()))
        file.write("# EOF\n")
    return len(series)


def ask_all(server, matchers):
    """All series, those of single runs too."""
    found = []
    for name in METRICS.values():
        for suffix in ("", ":by_run"):
            found += ask(server.url + "/prometheus", "/api/v1/series", **{"match[]": "%s%s{%s}" % (name, suffix, matchers)})[1]["data"]
    return found


def compare(theirs, ours):
    end = BEGIN + timedelta(days=420)
    for query in QUERIES:
        why = "".join(difference(ask(theirs, "/api/v1/query", query=query, time=at), ask(ours, "/api/v1/query", query=query, time=at))
                      for at in (BEGIN.timestamp() + 100.5 * DAY, BEGIN.timestamp() + 200 * DAY, end.timestamp()))
        times = {"start": BEGIN.timestamp() - 5 * DAY, "end": end.timestamp() + 100 * DAY, "step": "36h"}
        why += difference(*(ask(url, "/api/v1/query_range", post=True, query=query, **times) for url in (theirs, ours)))
        check("as Prometheus: " + query, not why, why)


def compare_with_prometheus(server, made, scratch):
    path = os.path.join(scratch, "samples.om")
    series = write_samples(server, path, made)
    check("there is a series for each metric and series of runs, and for each run", series == (3 + len(made)) * len(METRICS), series)
    process, theirs = start_prometheus(scratch, path, arguments=["--query.lookback-delta=90d"])
    try:
        compare(theirs, server.url + "/prometheus")
        why = difference(*(ask(url, "/api/v1/query_range", query=CPU + MEAN, start=BEGIN.timestamp(), end=BEGIN.timestamp() + 300 * DAY,
                               step="1d") for url in (theirs, server.url)))
        check("/api/v1/query_range answers like /prometheus/api/v1/query_range", not why, why)
    finally:
        stop(process)


# --- What Grafana asks ----------------------------------------------------------------------------

def grafana(server):
    """The requests of its data source: Save & test, the query builder, variables, panels."""
    url, made = server.url + "/prometheus", 'project="made"'
    status, answer = ask(url, "/api/v1/query", post=True, query="1+1", time=1700000000.123)
    check("Save & test is answered", (status, answer["data"]["result"][1]) == (200, "2"), answer)
    status, answer = ask(url, "/api/v1/status/buildinfo")
    check("the version is one that Grafana knows", answer["data"]["version"].startswith("2."), answer)
    for path in ("rules", "alerts", "query_exemplars"):
        status, answer = ask(url, "/api/v1/" + path)
        check("there are no " + path, status == 200 and answer["status"] == "success", answer)
    status, answer = ask(url, "/api/v1/metadata", limit=5000)
    check("metrics are told with their meaning", answer["data"][CPU][0]["help"] and answer["data"][CPU][0]["type"] == "gauge", answer["data"].get(CPU))
    span = {"start": BEGIN.timestamp(), "end": BEGIN.timestamp() + 500 * DAY}
    status, answer = ask(url, "/api/v1/labels", post=True, **span)
    check("labels are listed", {"project", "profile", "workload", "series", "stat", "version", "run"} <= set(answer["data"]), answer)
    status, answer = ask(url, "/api/v1/label/__name__/values", limit=40000, **span)
    check("metrics are listed", set(METRICS.values()) | {"ouroscope_run_info"} <= set(answer["data"]), answer)
    status, answer = ask(url, "/api/v1/label/workload/values", **{"match[]": "%s{%s}" % (CPU, made), **span})
    check("a variable lists workloads", answer["data"] == ["plutus", "value", "voting"], answer)
    status, answer = ask(url, "/api/v1/label/version/values", **{"match[]": 'ouroscope_run_info{%s,workload="voting"}' % made})
    check("a variable lists versions", answer["data"] == ["10.0.3", "10.0.40", "10.3.0"], answer)
    answers = [ask(url, "/api/v1/" + path, lookback_delta="365d") for path in ("labels", "label/project/values", "metadata", "status/buildinfo")]
    check("custom parameters of the data source may come with everything", all(status == 200 for status, _ in answers), answers)
    status, answer = ask(url, "/api/v1/series", post=True, **{"match[]": ["%s{%s}" % (CPU, made), RSS + '{workload="value"}'], **span})
    check("series are found by a form", status == 200 and len(answer["data"]) >= 4, answer)
    query = CPU + '{%s,stat="mean"} * on (series) group_left (version, name) ouroscope_run_info' % made
    status, answer = ask(url, "/api/v1/query_range", post=True, query=query, step=DAY, **span)
    versions = {row["metric"]["version"] for row in answer["data"]["result"]}
    check("a panel can tell versions", status == 200 and len(versions) > 50, answer if status != 200 else versions)
    status, answer = ask(url, "/api/v1/query", post=True, query="sum(", time=0)
    check("a mistake is told as Prometheus tells it", (status, answer["errorType"]) == (400, "bad_data") and "1:5" in answer["error"], answer)
    status, answer = ask(url, "/api/v1/query", query="ouroscope_nothing")
    check("what is not there is an empty answer", answer == {"status": "success", "data": {"resultType": "vector", "result": []}}, answer)


# --- Dashboards -----------------------------------------------------------------------------------

def substituted(text, values):
    for name, value in sorted(values.items(), key=lambda pair: -len(pair[0])):
        text = text.replace("$" + name, value)
    return text


def choices(url, query, values):
    """What a variable offers: label_values(SELECTOR, LABEL) or label_values(LABEL)."""
    selector, label = re.fullmatch(r"label_values\((?:(.*), )?(\w+)\)", substituted(query, values)).groups()
    return ask(url, "/api/v1/label/%s/values" % label, **({"match[]": selector} if selector else {}))[1]["data"]


def dashboard(server, name, chosen, end):
    """Each variable has what is chosen, and each panel something to show, of what is shipped for Grafana."""
    with open("data/grafana/%s.json" % name) as file:
        board = json.load(file)
    url, values = server.url + "/prometheus", {"__range": "700d"}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            offered = choices(url, variable["definition"], values)
            check("dashboard %s: %s can be chosen for %s" % (name, chosen[variable["name"]], variable["name"]),
                  chosen[variable["name"]] in offered, offered)
            if variable["regex"]:
                check("dashboard %s: only metrics of results are offered" % name,
                      all(re.search(variable["regex"].strip("/"), m) for m in METRICS.values()) and
                      not re.search(variable["regex"].strip("/"), "ouroscope_run_info"))
        values[variable["name"]] = chosen.get(variable["name"], "")
    for panel in board["panels"]:
        for target in panel["targets"]:
            query = substituted(target["expr"], values)
            times = {"time": end} if target["instant"] else {"start": end - 100 * DAY, "end": end, "step": panel.get("interval", "15m")}
            status, answer = ask(url, "/api/v1/query" if target["instant"] else "/api/v1/query_range", post=True, query=query, **times)
            check("dashboard %s: %s shows something" % (name, panel["title"]), status == 200 and answer["data"]["result"], (query, answer))


def dashboards(server):
    dashboard(server, "results", {"project": "made", "profile": "value", "metric": CPU, "stat": "mean"}, BEGIN.timestamp() + 380 * DAY)
    report = {"project": "made", "profile": "value", "state": "running", "elapsedSeconds": 12.5, "slot": 12, "blocksForged": 3, "heightLow": 2,
              "heightHigh": 3, "transactionsSent": 40, "transactionsPerSecond": 3.5, "cpuCores": 1.5, "residentBytes": 1000000, "nodesUp": 2,
              "nodes": 2, "hosts": [], "notices": []}
    status, _, body = server.request("PUT", "/api/v1/live/run-1", body=report, token=server.token("publish"))
    check("a run in progress is reported", status in (201, 204), (status, body))
    dashboard(server, "live", {"project": "made", "run": "run-1"}, time.time() + 5)


def hostile(server):
    """What nobody means: labels and names that are no such thing, and questions that are too large."""
    url = server.url + "/prometheus"
    for query in ('{__name__="x\' OR 1=1 --"}', '{project="\\"); DROP TABLE runs; --"}', "x" * 20000, "{" * 500, "\0", "\udcff".encode("utf-8", "surrogateescape")):
        status, _, body = server.request("GET", "/prometheus/api/v1/query?query=" + urllib.parse.quote(query))
        check("%r is refused, or has no answer" % query[:40], status in (200, 400, 414) and b'"result":[{' not in body, (status, body[:200]))
    status, answer = ask(url, "/api/v1/query_range", query="up", start=0, end=1e9, step=1)
    check("too many steps are refused", (status, answer["errorType"]) == (400, "bad_data"), answer)
    for target, headers in (("/query?query=1&quary=2", {}), ("/query?query=1&query=2", {}), ("/nothing", {}), ("/labels", {"Authorization": "Bearer wrong"}),
                            ("/labels", {"Accept": "image/png"})):
        status, headers, body = server.request("GET", "/prometheus/api/v1" + target, headers=headers)
        answer = json.loads(body)
        check("%s is refused in Prometheus' shape" % target, status >= 400 and headers["content-type"] == "application/json" and sorted(answer) ==
              ["error", "errorType", "status"] and answer["status"] == "error", (status, headers, body))
    status, answer = ask(url, "/api/v1/query", query="count(ouroscope_run_info)", time=BEGIN.timestamp() + 10 * DAY)
    check("and the runs are still there", answer["data"]["result"][0]["value"][1] == "2", answer)


# --- Its own metrics --------------------------------------------------------------------------------

def scraped(server, scratch):
    status, headers, body = server.request("GET", "/metrics")
    check("metrics are text", (status, headers["content-type"]) == (200, "text/plain;version=0.0.4;charset=utf-8"), headers)
    lint = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True)
    check("promtool finds nothing to say about them", lint.returncode == 0 and not lint.stderr + lint.stdout, lint.stderr + lint.stdout)
    status, headers, body = server.request("GET", "/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"})
    check("OpenMetrics is for who asks for it", headers["content-type"].startswith("application/openmetrics-text") and body.endswith(b"# EOF\n"), headers)
    config = json.dumps({"scrape_configs": [{"job_name": "results", "scrape_interval": "1s", "static_configs": [
        {"targets": [urllib.parse.urlsplit(server.url).netloc]}]}]})
    folder = os.path.join(scratch, "scraping")
    os.makedirs(folder)
    process, url = start_prometheus(folder, config=config)

    def value(query):
        result = ask(url, "/api/v1/query", query=query)[1]["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    try:
        check("a Prometheus scrapes them", wait_until(lambda: value("up") == 1, 60), ask(url, "/api/v1/targets"))
        check("requests are counted", wait_until(lambda: (value('sum(ouroscope_api_requests_total{operation="prometheusQuery",status="2xx"})') or 0) > 30, 30))
        check("times are a histogram", wait_until(lambda: (value(
            'histogram_quantile(0.99, sum by (le) (ouroscope_api_request_seconds_bucket{operation="prometheusQueryRangeForm"}))') or 0) > 0, 30))
        for name in ("process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds", "ouroscope_database_statements_total",
                     "ouroscope_database_connections_open"):
            check("%s has a value" % name, (value(name) or 0) > 0, value(name))
        check("the version stands in a label", value("ouroscope_build_info") == 1)
    finally:
        stop(process)


def published(server):
    """Two and a half years of real releases."""
    import_table(server, PUBLISHED, "published")
    status, answer = ask(server.url + "/prometheus", "/api/v1/query_range", start="2023-01-01T00:00:00Z", end="2026-11-01T00:00:00Z", step="7d",
                         query='%s{project="published",workload="value",stat="mean"}' % CPU)
    rows = answer["data"]["result"]
    check("process CPU usage of the published releases is a line a series", status == 200 and rows and all(len(r["values"]) > 5 for r in rows), answer)
    status, answer = ask(server.url + "/prometheus", "/api/v1/query", time="2026-11-01T00:00:00Z",
                         query='sort(avg by (version) (last_over_time(%s:by_run{project="published",workload="value",stat="mean"}[4y])))' % CPU)
    check("and a table of versions", status == 200 and len(answer["data"]["result"]) > 10, answer)


def main():
    if not is_there():
        print("1..0 # SKIP there is no Prometheus here")
        return 0
    scratch = tempfile.mkdtemp(prefix="ouroscope-results-query-")
    made = list(runs())
    table = os.path.join(scratch, "made.tsv")
    write_table(table, made)
    try:
        with Server(PROGRAM, os.path.join(scratch, "server")) as server:
            import_table(server, table, "made")
            compare_with_prometheus(server, made, scratch)
            grafana(server)
            dashboards(server)
            hostile(server)
            scraped(server, scratch)
            if os.path.exists(PUBLISHED):
                published(server)
            check("the server ends in order", server.stop() == 0)
    finally:
        shutil.rmtree(scratch)
    print("1..%d" % tests)
    return failures > 0


sys.exit(main())
