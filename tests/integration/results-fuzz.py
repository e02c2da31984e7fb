"""Requests that are made from the description of the API and spoiled, for some seconds: whatever comes back is described, and the
server is well behind it. tests/support/api_fuzz.py says how; it runs for as long as one likes against any server."""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
SAMPLES = ["tests/data/repeated/%s.json.zst" % name for name in ("ci-test-01", "ci-test-02", "base-1", "base-2", "slow-1", "slow-2")]
SECONDS = os.environ.get("FUZZ_SECONDS", "15")


def known(server):
    """Values for names in paths and queries, so that many requests find something."""
    runs = [row["id"] for row in server.json("/api/v1/runs")["data"]]
    return {"run": runs, "base": runs[:3], "new": runs[3:], "series": [row["id"] for row in server.json("/api/v1/series")["data"]],
            "project": ["default"], "section": ["machperf", "forger"], "metric": ["CentiCpu", "machperf/CentiCpu", "endtoend/cdf0.50"]}


def fuzz(server, folder):
    files = {"ids": json.dumps(known(server)), "token": server.token()}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    return subprocess.run(["/usr/bin/python3", "tests/support/api_fuzz.py", server.url, "--seconds", SECONDS, "--token-file",
                           os.path.join(folder, "token"), "--ids", os.path.join(folder, "ids")],
                          capture_output=True, text=True, check=False)


def main():
    if subprocess.run(["/usr/bin/python3", "-c", "import jsonschema"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP there is no jsonschema for Python (scripts/setup-debian.sh results)")
        return
    with tempfile.TemporaryDirectory(prefix="ouroscope-fuzz.") as folder:
        database = os.path.join(folder, "results.db")
        subprocess.run([PROGRAM, "publish", "--to", database, *SAMPLES], check=True, capture_output=True)
        with Server(PROGRAM, folder, database=database, config={"rate": {"requests": 10000000, "seconds": 60}}) as server:
            done = fuzz(server, folder)
            alive = server.is_alive()
    good = done.returncode == 0 and alive
    print("%sok 1 - whatever is asked, the answer is one that the description has" % ("" if good else "not "))
    print(re.sub("^", "# ", (done.stdout + done.stderr).strip(), flags=re.M))
    print("1..1")
    sys.exit(not good)


if __name__ == "__main__":
    main()
