#!/usr/bin/env python3
"""world.py FOLDER: a server of results with something to show, for tests of its pages.

Prints one line of JSON - url, token, pid, runs by what they are - and serves until its standard input is closed. There are
releases of which one halves the CPU usage, repeated runs of two kinds, and a run whose every name is hostile.
"""

import json
import os
import random
import subprocess
import sys

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
HOSTILE = "</title><script>owned()</script><img src=x onerror=owned()>'\"&amp;\u202eevil\u0007" + "x" * 60
VERSIONS = ["10.%d.%d" % (minor, patch) for minor in range(1, 7) for patch in (0, 1)] + ["10.7.1", "10.7.2", "10.7.3"]
METRICS = [  # section, label, unit, id, value
    ("resource", "Process CPU usage", "%", "CentiCpu", 8.0),
    ("resource", "Kernel RSS", "MB", "RSS", 6500.0),
    ("endtoend", "0.50 adoption", "s", "cdf0.50", 0.6),
    ("endtoend", "0.96 adoption", "s", "cdf0.96", 1.0),
]


def table_lines():
    """Releases as a table of published results has them: from 10.7.1 on, half of the CPU usage."""
    rows = ["report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue"]
    noise = random.Random(7)
    for workload, share in (("value", 1.0), ("plutus", 0.5)):
        for i, version in enumerate(VERSIONS):
            def add(section, label, unit, metric, value):
                rows.append("\t".join(("releases", workload, section, label, unit, metric, version, value)))
            add("summary", "Cluster system start date", "", "date.systemStart", "2025-%02d-%02d" % (1 + i * 11 // 14, 1 + i))
            add("summary", "Cluster system start time", "", "time.systemStart", "10:00:%02d" % (30 if share < 1 else 0))
            add("summary", "cardano-node version", "", "cardano-node", version)
            add("summary", "Machines", "#", "sumHosts", "52")
            for section, label, unit, metric, value in METRICS:
                value *= share * (1 + 0.01 * noise.uniform(-1, 1))
                value *= 0.5 if metric == "CentiCpu" and version >= "10.7" else 1
                add(section, label, unit, metric, "%.4f" % value)
    return "\n".join(rows) + "\n"


def hostile_analysis():
    """An analysis of recorded logs, with names that try what names can try."""
    made = subprocess.run(["zstd", "-dc", "tests/data/repeated/base-1.json.zst"], capture_output=True, check=True)
    analysis = json.loads(made.stdout)
    for name in ("tag", "ident", "batch", "profile", "machine", "nodeVersion"):
        analysis["run"][name] = HOSTILE
    text = json.dumps(analysis)
    for host in analysis["hosts"]:
        text = text.replace(json.dumps(host["host"]), json.dumps(HOSTILE[:60] + host["host"]))
    return text


def publish(database, project, *operands):
    made = subprocess.run([PROGRAM, "publish", "--to", database, "--project", project, "--json", *operands],
                          capture_output=True, text=True)
    if made.returncode != 0:
        raise SystemExit("publish: " + made.stderr)
    return [json.loads(line)["id"] for line in made.stdout.splitlines()]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    database = os.path.join(folder, "results.db")
    table, hostile = os.path.join(folder, "releases.tsv"), os.path.join(folder, "hostile.json")
    with open(table, "w") as file:
        file.write(table_lines())
    with open(hostile, "w") as file:
        file.write(hostile_analysis())
    subprocess.run([PROGRAM, "import", "--to", database, table], check=True, stdout=subprocess.DEVNULL)
    runs = {kind: publish(database, "tests", *("tests/data/repeated/%s-%d.json.zst" % (kind, i) for i in range(1, 6)))
            for kind in ("base", "slow")}
    runs["hostile"] = publish(database, "hostile", hostile)
    with Server(PROGRAM, folder, database=database) as server:
        print(json.dumps({"url": server.url, "token": server.token(), "pid": server.pid, "runs": runs}), flush=True)
        sys.stdin.read()


main()
