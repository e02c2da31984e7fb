"""What the databases do for the requests that readers make all the time: no large table is read from end to end.

A database of a hundred thousand metric rows is filled on PostgreSQL, a server on it is asked, and the plans of all that it
ran are taken from the log (auto_explain). The same statements are explained by SQLite, on a file with the same rows.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from postgres_process import PostgresProcess  # noqa: E402
from results_server import Server  # noqa: E402

PROGRAM, FILL = os.environ["OUROSCOPE"], os.environ["FILL_RESULTS"]
LARGE = {"runs", "summaries", "hosts", "host_values"}  # of the filled ones
RUNS, METRICS = 10000, 12


class Requests:
    """What is asked for, with ids that are there."""

    def __init__(self, filled):
        words = [line.split(" ", 1) for line in filled.splitlines()]
        names = dict(reversed(words))
        run, series, metric = names["run"], names["series"], names["metric"]
        name = "ouroscope_" + metric.replace("/", "_").replace("-", "_")
        self.targets = [
            "/api/v1/runs/" + run,
            "/api/v1/runs?limit=100",
            "/api/v1/runs?limit=20&series=" + series,
            "/api/v1/runs?limit=20&project=project-1",
            "/api/v1/runs?limit=20&version=3.4",
            "/api/v1/runs?limit=20&sort=startedAt&startedAt=gt.2023-03-01",
            "/api/v1/runs/%s/summaries" % run,
            "/api/v1/runs/%s/summaries/%s" % (run, metric),
            "/api/v1/runs/%s/hosts" % run,
            "/api/v1/summaries?limit=100",
            "/api/v1/summaries?limit=100&metric=" + metric,
            "/api/v1/summaries?limit=100&project=project-1",
            "/api/v1/summaries?limit=100&series=" + series,
            "/api/v1/series/%s/points?metric=%s&limit=50" % (series, metric),
            "/prometheus/api/v1/query?query=%s%%7Bseries%%3D%%22%s%%22%%7D&time=%s" % (name, series, names["end"]),
        ]


def fill(place):
    return subprocess.run([FILL, "-r", str(RUNS), "-m", str(METRICS), place], check=True, capture_output=True, text=True).stdout


def ask(server, targets):
    for target in targets:
        status, headers, body = server.request("GET", target)
        assert status == 200, (target, status, body[:300])
        following = re.search(r"<([^>]*)>; rel=\"next\"", headers.get("link", ""))
        if following:
            server.request("GET", re.sub(r"^https?://[^/]*", "", following.group(1)))


# --- PostgreSQL ---------------------------------------------------------------------------------------


def explain_all(postgres):
    """Every statement of a new connection to this database is explained in the server's log."""
    for name, value in (("session_preload_libraries", "auto_explain"), ("auto_explain.log_min_duration", "0"),
                        ("auto_explain.log_format", "json")):
        postgres.ask("ALTER DATABASE results SET %s = '%s'" % (name, value))


def logged_plans(postgres):
    """(statement, plan) of each entry; an entry's lines begin with a tab."""
    with open(os.path.join(postgres.about["dir"], "server.log"), errors="replace") as log:
        entries = re.findall(r"plan:\n((?:\t.*\n)+)", log.read())
    for entry in entries:
        found = json.loads(entry)
        yield found["Query Text"], found["Plan"]


def nodes(plan):
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def sequential(plan):
    return sorted({n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"} & LARGE)


def is_page_of_summaries(statement):
    """Of more than one run: the table grows with runs and metrics, and its pages have to come in an index's order."""
    return " FROM summaries " in statement and " LIMIT " in statement and "WHERE y.run_no = " not in statement


def sorts(plan):
    """All rows at once; an incremental sort sorts those of one run."""
    return any(n["Node Type"] == "Sort" for n in nodes(plan))


def is_common(statement):
    """Asks for rows, and is run on both databases."""
    return re.match(r"\s*(SELECT|WITH)\b", statement) and "pg_" not in statement


# --- SQLite ---------------------------------------------------------------------------------------------


def scanned(database, statement):
    """Large tables that are read whole, and not in an index's order."""
    found = set()
    for row in explained(database, statement):
        whole = re.match(r"SCAN (\w+)(?! USING)", row)
        if whole and whole.group(1) in aliases(statement) and " USING " not in row:
            found.add(aliases(statement)[whole.group(1)])
    return sorted(found)


def sorted_whole(database, statement):
    return [row for row in explained(database, statement) if row == "USE TEMP B-TREE FOR ORDER BY"]


def aliases(statement):
    """Large tables by what a statement calls them."""
    tables = dict(re.findall(r"(\w+) (\w+)(?= (?:LEFT|JOIN|ON|WHERE|ORDER|$))", statement))
    return {alias: table for table, alias in tables.items() if table in LARGE} | {table: table for table in LARGE}


def explained(database, statement):
    count = max([int(n) for n in re.findall(r"\$(\d+)", statement)] or [0])
    values = {str(i + 1): None for i in range(count)}
    return [row[3] for row in database.execute("EXPLAIN QUERY PLAN " + statement, values)]


# --- Tests -----------------------------------------------------------------------------------------------

count = 0


def check(name, bad):
    global count
    count += 1
    print("%sok %d - %s" % ("not " if bad else "", count, name), flush=True)
    for line in bad:
        print("# " + line, flush=True)
    return not bad


def main():
    postgres = PostgresProcess()
    if postgres.why:
        print("1..0 # SKIP " + postgres.why)
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            return compare_plans(postgres, folder)
    finally:
        postgres.close()


def compare_plans(postgres, folder):
    place = postgres.database("results")
    requests = Requests(fill(place))
    explain_all(postgres)
    with Server(PROGRAM, os.path.join(folder, "server"), database=place) as server:
        ask(server, requests.targets)
    plans = [(text, plan) for text, plan in logged_plans(postgres) if is_common(text)]
    path = os.path.join(folder, "results.db")
    fill(path)
    with sqlite3.connect(path) as database:
        texts = {text for text, _ in plans}
        whole = {text: scanned(database, text) for text in texts}
        ordered = {text: sorted_whole(database, text) for text in texts if is_page_of_summaries(text)}
    print("1..5")
    good = check("plans of many statements were logged", [] if len(whole) > 10 else ["%d of them" % len(whole)])
    good &= check("PostgreSQL reads no large table from end to end",
                  ["%s: %s" % (sequential(plan), text[:400]) for text, plan in plans if sequential(plan)])
    good &= check("SQLite reads no large table from end to end",
                  ["%s: %s" % (tables, text[:400]) for text, tables in whole.items() if tables])
    good &= check("PostgreSQL sorts no page of summaries",
                  [text[:900] for text, plan in plans if is_page_of_summaries(text) and sorts(plan)])
    good &= check("SQLite sorts none of %d" % len(ordered), [text[:900] for text, rows in ordered.items() if rows or len(ordered) < 6])
    return 0 if good else 1


sys.exit(main())
