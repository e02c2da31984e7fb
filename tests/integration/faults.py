#!/usr/bin/env python3
"""Commands while memory, or the file system, fails them: at each place of the program that asks for either, or at some of them.

A command that could not do its work says why and ends with 1; one that ends as it always does did all of it, and wrote the very
bytes that it writes when nothing fails, or says what it had to leave out. No failure kills it. The failing is done by
tests/support/faults.c.

FAULTS=all tries every place, which takes an hour; otherwise each command has some places, others for each kind.
FAULTS_ONLY=NAME is one command.
"""

import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(os.environ["OUROSCOPE"])
LIBRARY = os.environ.get("FAULTS_LIBRARY") or os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "support", "libfaults.so")
DATA = os.path.abspath("tests/data")
PLACES = 10  # of each kind and command
HANG_S = 300
KINDS = (("memory", "memory", {}), ("files", "files", {}), ("files, from then on", "files", {"FAULTS_STAYS": "1"}))

RUNS = [f"{DATA}/repeated/{name}.json.zst" for name in ("base-1", "base-2", "base-3", "slow-1", "slow-2", "slow-3")]
CLUSTER = f"{DATA}/cluster"
START = "2026-01-14T13:02:30Z"
SEED = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
# Name, arguments, and a command that comes before, without failures. All work in an empty folder.
COMMANDS = (
    ("analyse", ["analyse", "--threads", "1", "--out", "out", CLUSTER], None),
    ("analyse-json", ["analyse", "--threads", "1", "--json", "--no-write", CLUSTER], None),
    ("variance", ["variance", "--json", *RUNS[:3]], None),
    ("compare", ["compare", *RUNS[:3], "--", *RUNS[3:]], None),
    ("history", ["history", "CentiCpu", *RUNS[:3]], None),
    ("report", ["report", "--out", "out.md", f"{DATA}/report/run.json"], None),
    ("genesis-create", ["genesis", "create", "--seed", SEED, "--start", START, "ci-test", "out"], None),
    ("genesis-hash", ["genesis", "hash", "out/shelley.json"], ["genesis", "create", "--seed", SEED, "--start", START, "ci-test", "out"]),
    ("genesis-check", ["genesis", "check", "out"], ["genesis", "create", "--seed", SEED, "--start", START, "ci-test", "out"]),
    ("genesis-edit", ["genesis", "edit", "out/shelley.json", "--set", "epochLength=500", "--out", "changed.json"],
     ["genesis", "create", "--seed", SEED, "--start", START, "ci-test", "out"]),
    ("profile", ["profile", "show", "default"], None),
    ("topology", ["topology", "make", "value-nomadperf", "--out", "topology.json"], None),
    ("docs", ["docs"], None),
    ("publish", ["publish", "--to", "results.db", "--project", "node", RUNS[0]], None),
    ("publish-again", ["publish", "--to", "results.db", "--project", "node", *RUNS[:2]],
     ["publish", "--to", "results.db", "--project", "node", RUNS[0]]),
    ("db-check", ["db", "check", "--db", "results.db"], ["publish", "--to", "results.db", "--project", "node", RUNS[0]]),
    ("db-backup", ["db", "backup", "--db", "results.db", "copy.db"],
     ["publish", "--to", "results.db", "--project", "node", RUNS[0]]),
)
# Files whose bytes tell the time, or a random salt; and what a database leaves for the next one who opens it.
VARYING = (".db", ".db-wal", ".db-shm", ".db-journal", "dataset.json")
# What it says depends on whether its cache could be used.
OTHER_WORDS = ("genesis-create",)


def execute(arguments, folder, faults):
    environment = dict(os.environ, XDG_CACHE_HOME=f"{folder}/.cache", MALLOC_PERTURB_="165", LC_ALL="C.UTF-8", COLUMNS="80", **faults)
    try:
        done = subprocess.run([PROGRAM, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=HANG_S, check=False)
    except subprocess.TimeoutExpired:
        return None, b"", b"hangs"
    return done.returncode, done.stdout, done.stderr


def files_of(folder):
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class Run:
    """A command in a folder of its own, with a failure at a place or none."""

    def __init__(self, command, kind, more, place):
        _, arguments, before = command
        with tempfile.TemporaryDirectory() as scratch:
            folder, report = f"{scratch}/work", f"{scratch}/report"
            os.mkdir(folder)
            if before:
                status, _, said = execute(before, folder, {})
                assert status == 0, said
            self.status, self.out, self.said = execute(arguments, folder, {
                "LD_PRELOAD": LIBRARY, "FAULTS_KIND": kind, "FAULTS_AT": str(place), "FAULTS_REPORT": report, **more})
            self.places, self.callers = 0, []
            if os.path.exists(report):
                with open(report, encoding="ascii") as file:
                    places, *self.callers = file.read().split()
                self.places = int(places)
            self.files = files_of(folder)


# Words by which a result, or a warning beside it, tells that something failed.
TOLD = re.compile(rb"no[ -]memory|events-lost|too-many-names|no room|Too many open files|No space left|Input/output error|Permission denied|Cannot allocate memory")


def complaint_of(run, good, name, kind):
    """What is wrong with a run that was failed; None if nothing is."""
    if run.status is None or run.status < 0:
        return f"ended by signal {-run.status}" if run.status else "hangs"
    if run.status not in (good.status, 1):
        return f"exit status {run.status}"
    if run.status == 1:
        return None if run.said else "failed without a word"
    if TOLD.search(run.out + run.said):
        return None
    if run.out != good.out and name not in OTHER_WORDS:
        return f"exit status {run.status}, and other words on standard output"
    for file, content in sorted(good.files.items()):
        if not file.endswith(VARYING) and not file.startswith(".cache") and run.files.get(file) != content:
            return f"exit status {run.status}, and {file} is not what it should be"
    return None


def names_of(callers):
    """Addresses in the program as functions with their lines, the inmost first."""
    # What is on the stack is where a call returns to, which is behind the call.
    addresses = [hex(int(caller, 16) - 1) for caller in callers]
    try:
        said = subprocess.run(["addr2line", "-s", "-f", "-e", PROGRAM, *addresses], capture_output=True, text=True, check=False)
    except OSError:
        return " ".join(addresses)
    lines = said.stdout.split("\n")
    return ", ".join(f"{name} {line}" for name, line in zip(lines[::2], lines[1::2]))


def places_of(count):
    if os.environ.get("FAULTS") == "all" or count <= PLACES:
        return range(1, count + 1)
    return sorted({1 + (i * count) // PLACES + (count // 3) % max(count // PLACES, 1) for i in range(PLACES)})


def trouble_with(command, kind, more):
    """Fails a command at its places, one run each. Returns complaints."""
    good = Run(command, kind, more, 0)
    if good.status not in (0, 3):  # 3: a regression was found
        return [f"without a failure: {good.said.decode(errors='replace')}"], 0
    troubles, tried = [], 0
    for place in places_of(good.places):
        run = Run(command, kind, more, place)
        if run.callers:
            tried += 1
            complaint = complaint_of(run, good, command[0], kind)
            if complaint:
                troubles.append(f"place {place} of {good.places} ({names_of(run.callers)}): {complaint}: "
                                f"{run.said.decode(errors='replace').strip()[:300]}")
    return troubles, tried


def main():
    if os.environ.get("OUROSCOPE_SANITIZE", "none") != "none":
        print("1..0 # SKIP sanitizers have an allocator of their own")
        return 0
    commands = [command for command in COMMANDS if os.environ.get("FAULTS_ONLY", command[0]) == command[0]]
    number = failures = 0
    for command in commands:
        for title, kind, more in KINDS:
            number += 1
            troubles, tried = trouble_with(command, kind, more)
            good = not troubles and tried > 0
            failures += not good
            print(f"{'' if good else 'not '}ok {number} - {command[0]}: {title}", flush=True)
            print(f"# {tried} places", *(f"# {trouble}" for trouble in troubles), sep="\n", flush=True)
    print(f"1..{number}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
