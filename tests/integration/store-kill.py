"""A program that publishes is killed at any moment, and so is PostgreSQL itself: what was acknowledged is there afterwards, and
the database is whole."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests/support")
from postgres_process import PostgresProcess  # noqa: E402
from tracer import end_with_parent  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
RUNS = 1000
KILLS = 5
METRICS = ["CentiCpu", "CentiGC", "CentiMut", "CentiBlkIO", "RSS", "NetRd", "NetWr", "FsRd", "FsWr"]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:40]), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def write_table(path):
    """Runs of a week each, as tables of published results have them."""
    with open(path, "w", encoding="utf-8") as table:
        table.write("report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n")
        for run in range(RUNS):
            start = time.gmtime(1577836800 + 86400 * run)
            rows = [("summary", "Cluster system start date", "", time.strftime("%Y-%m-%d", start)),
                    ("summary", "Cluster system start time", "", "08:00:00"), ("summary", "Machines", "", "52")]
            rows += [("resource", metric, metric, "%.3f" % (run % 7 + place)) for place, metric in enumerate(METRICS)]
            for section, label, metric, value in rows:
                table.write("r%d\tvalue\t%s\t%s\t\t%s\tv%d\t%s\n" % (run, section, label, metric, run, value))


def ouroscope(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=250, check=False)


class Importer:
    """The program at work; what it acknowledged is in .acknowledged, by names of runs."""

    def __init__(self, place, table, out):
        self.out = out
        with open(out, "wb") as file:
            self.process = subprocess.Popen([PROGRAM, "import", "--json", "--to", place, table], stdout=file,
                                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)

    def lines(self):
        with open(self.out, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def acknowledged(self):
        return {line["id"] for line in self.lines() if line["outcome"] in ("published", "already there")}

    def new(self):
        return sum(line["outcome"] == "published" for line in self.lines())

    def wait_for_new(self, count):
        while self.process.poll() is None and self.new() < count:
            time.sleep(0.01)

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()


def ids_in(place, folder):
    """All runs of a database, by way of a copy of it."""
    copy = os.path.join(folder, "copy.db")
    done = ouroscope("db", "backup", "--replace", "--db", place, copy)
    assert done.returncode == 0, done.stderr
    asked = subprocess.run(["/usr/bin/python3", "-c", "import sqlite3, sys\n"
                            "for r in sqlite3.connect(sys.argv[1]).execute('SELECT id FROM runs'): print(r[0])", copy],
                           capture_output=True, text=True, check=True)
    return set(asked.stdout.split())


def kill_the_program(kind, place, folder):
    """Until the table is in, the program is killed after a while, and begins again."""
    table, chance = os.path.join(folder, "table.tsv"), random.Random(kind)
    acknowledged, ended = set(), 0
    for _ in range(KILLS):
        importer = Importer(place, table, os.path.join(folder, "out"))
        importer.wait_for_new(chance.randrange(1, 40))
        time.sleep(chance.random() / 50)
        importer.kill()
        ended += importer.process.returncode == -signal.SIGKILL
        acknowledged |= importer.acknowledged()
    check("%s: the program was killed while it wrote" % kind, ended == KILLS, ended)
    check("%s: it had written" % kind, len(acknowledged) >= KILLS, len(acknowledged))
    report = ouroscope("db", "check", "--db", place)
    check("%s: the database is whole after %d kills" % (kind, ended), report.returncode == 0, report.stdout + report.stderr)
    missing = acknowledged - ids_in(place, folder)
    check("%s: all that was acknowledged is there" % kind, not missing, "%d of %d" % (len(missing), len(acknowledged)))
    return acknowledged


def kill_the_server(server, place, folder, acknowledged):
    """PostgreSQL loses its power while the program writes."""
    importer = Importer(place, os.path.join(folder, "table.tsv"), os.path.join(folder, "out"))
    importer.wait_for_new(10)
    server.kill()
    said = importer.process.communicate(timeout=120)[1].decode()
    acknowledged |= importer.acknowledged()
    check("the loss of the server is told", importer.process.returncode == 1 and "postgres" in said, said[-500:])
    check("no password is in what it says", server.about["url"].split(":")[2].split("@")[0] not in said)
    server.start()
    missing = acknowledged - ids_in(place, folder)
    check("what was acknowledged before the power failed is there", not missing, missing)
    report = ouroscope("db", "check", "--db", place)
    check("the database is whole", report.returncode == 0, report.stdout + report.stderr)


def finish(kind, place, folder):
    """All of it in the end, and each run once."""
    done = ouroscope("import", "--to", place, os.path.join(folder, "table.tsv"))
    check("%s: the rest goes in" % kind, done.returncode == 0, done.stderr)
    check("%s: each run is there once" % kind, len(ids_in(place, folder)) == RUNS)
    report = json.loads(ouroscope("db", "check", "--json", "--db", place).stdout)
    check("%s: and nothing is left over" % kind, report["whole"] and not report["findings"], report["findings"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_table(os.path.join(folder, "table.tsv"))
        place = os.path.join(folder, "results.db")
        kill_the_program("SQLite", place, folder)
        finish("SQLite", place, folder)
        server = PostgresProcess(sync=True)
        if server.why:
            skip("PostgreSQL", server.why)
        else:
            place = server.database("results")
            kill_the_server(server, place, folder, kill_the_program("PostgreSQL", place, folder))
            finish("PostgreSQL", place, folder)
        server.close()
    print("1..%d" % tests)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
