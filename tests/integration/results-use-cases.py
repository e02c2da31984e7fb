"""The scripts of docs/use-cases, each run against a live server: what they find is what is known of the runs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
SHARED = os.environ.get("OUROSCOPE_SHARED_DATA", "../shared/data")
PUBLISHED = os.path.join(SHARED, "published", "published_results.tsv")
FOLDER = os.path.abspath("docs/use-cases")

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:30]), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


class Bench:
    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.environment = dict(os.environ, OUROSCOPE_API=server.url, OUROSCOPE_TOKEN=server.token("read", "publish"))
        self.environment["PATH"] = os.path.dirname(PROGRAM) + ":" + self.environment["PATH"]

    def run(self, *command, **variables):
        return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=self.folder, check=False,
                              env=dict(self.environment, **variables))

    def script(self, name, *arguments, **variables):
        with open(os.path.join(FOLDER, name)) as file:
            interpreter = {"py": ["/usr/bin/python3"], "R": ["Rscript"], "sh": ["sh"]}[name.rsplit(".")[-1]]
            assert file.readline().startswith("#!")
        return self.run(*interpreter, os.path.join(FOLDER, name), *arguments, **variables)


def said(done):
    return "%d\n%s\n%s" % (done.returncode, done.stdout, done.stderr)


def repeated(*names):
    return [os.path.abspath("tests/data/repeated/%s.json.zst" % name) for name in names]


def slower(bench):
    done = bench.script("is-it-slower.sh", "no-such-version", "0.1.0")
    check("a version that is not there is told", done.returncode == 1 and "no-such-version" in done.stderr, said(done))
    if not os.path.exists(PUBLISHED):
        skip("10.7.1 is held against 10.6.2", "there are no published results")
        return
    done = bench.script("is-it-slower.sh", "10.7.1", "10.6.2", "value")
    check("10.7.1 is held against 10.6.2", done.returncode == 0 and "10.7.1" in done.stdout, said(done))
    check("its process CPU usage is among what improved", any(
        line.startswith("improvement") and "CPU" in line for line in done.stdout.splitlines()), said(done))


def in_ci(bench):
    done = bench.script("fail-on-regression.sh", "0.1.0", *repeated("base-1", "base-2", "base-3"))
    check("runs that are the baseline's own are refused with a reason", done.returncode == 1 and done.stderr, said(done))


def regression(bench):
    """A baseline of five runs, and five that are slower on purpose: the same sides as `ouroscope compare` is tested with."""
    base = relabelled(bench.folder, "1.0", *repeated("base-1", "base-2", "base-3", "base-4", "base-5"))
    slow = relabelled(bench.folder, "1.1", *repeated("slow-1", "slow-2", "slow-3", "slow-4", "slow-5"))
    done = bench.run(PROGRAM, "publish", "--to", bench.server.url, *base)
    check("a baseline is published", done.returncode == 0, said(done))
    done = bench.script("fail-on-regression.sh", "1.0", *slow)
    check("a regression fails the job", done.returncode == 3 and "%" in done.stdout, said(done))
    done = bench.script("fail-on-regression.sh", "1.0", *relabelled(bench.folder, "1.2", *repeated("slow-1")), OUROSCOPE_TOKEN="")
    check("without a token nothing is published", done.returncode == 1 and "jq" not in done.stderr, said(done))


def relabelled(folder, version, *paths):
    """Copies of analyses, of runs with another version of the node."""
    copies = []
    for path in paths:
        document = json.loads(subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout)
        document["run"]["nodeVersion"] = version
        document["run"]["tag"] += "-" + version
        copies.append(os.path.join(folder, version + "-" + os.path.basename(path)[:-4]))
        with open(copies[-1], "w") as file:
            json.dump(document, file)
    return copies


def plots(bench):
    if not os.path.exists(PUBLISHED):
        skip("plots over releases", "there are no published results")
        return
    if subprocess.run(["/usr/bin/python3", "-c", "import matplotlib"], capture_output=True, check=False).returncode:
        skip("a plot in Python", "there is no Matplotlib")
    else:
        done = bench.script("cpu-over-releases.py", "cpu.png")
        made = os.path.join(bench.folder, "cpu.png")
        check("a plot in Python", done.returncode == 0 and open(made, "rb").read(4) == b"\x89PNG", said(done))
    if not shutil.which("Rscript"):
        skip("a plot in R", "there is no R")
    else:
        done = bench.script("cpu-over-releases.R", "cpu.pdf")
        made = os.path.join(bench.folder, "cpu.pdf")
        check("a plot in R", done.returncode == 0 and open(made, "rb").read(4) == b"%PDF", said(done))


def mirror(bench):
    done = bench.script("mirror.py", "copy")
    check("all data is mirrored", done.returncode == 0, said(done))
    runs = [json.loads(line) for line in open(os.path.join(bench.folder, "copy", "runs.ndjson"))]
    there = [os.listdir(os.path.join(bench.folder, "copy", "runs", run["id"])) for run in runs]
    check("each run has its files", runs and all(there), there)
    again = bench.script("mirror.py", "copy")
    check("a second time no file is fetched", again.returncode == 0 and " 0 new files" in again.stdout, said(again))


def tell(bench):
    path = os.path.join(bench.folder, "told")
    with open(path, "w") as out:
        process = subprocess.Popen(["/usr/bin/python3", os.path.join(FOLDER, "tell-me.py"), "run.published"], stdout=out,
                                   env=bench.environment)
    try:
        # Where it listens only afterwards it hears nothing: then another run is published.
        told = any(bench.run(PROGRAM, "publish", "--to", bench.server.url, *repeated("ci-test-0%d" % i)) and
                   wait_until(lambda: "run.published" in open(path).read(), 5) for i in range(5, 10))
        check("a run that is published is told", told, open(path).read())
    finally:
        process.kill()
        process.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="ouroscope-use-cases.") as folder:
        database = os.path.join(folder, "results.db")
        for command in (["publish", "--to", database, *repeated("base-1", "base-2", "base-3", "ci-test-01")],
                        *([["import", "--to", database, os.path.abspath(PUBLISHED)]] if os.path.exists(PUBLISHED) else [])):
            subprocess.run([PROGRAM, *command], check=True, capture_output=True, timeout=120)
        with Server(PROGRAM, os.path.join(folder, "server"), database=database) as server:
            bench = Bench(folder, server)
            for case in (slower, in_ci, regression, plots, mirror, tell):
                case(bench)
    print("1..%d" % tests)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
