#!/usr/bin/env python3
"""Fuzzes all harnesses in slices, those that had least time first, and keeps account of it.

    fuzz-batch.py run       fuzzes; each slice that ends is a line of BUILD/fuzz-slices.tsv
    fuzz-batch.py record    adds these lines to tests/fuzz/state.tsv, takes inputs that reach new code into
                            tests/fuzz/corpus, and writes the table of docs/internals/fuzzing.md
    fuzz-batch.py batch     both
    fuzz-batch.py table     the table alone

Ctrl-C, SIGINT or SIGTERM end a run early; what was done counts. A harness that finds something is not started again
in that run, and the exit status is 1. The programs are built by fuzz.sh.
"""

import argparse
import datetime
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

FUZZ = "tests/fuzz"
STATE = f"{FUZZ}/state.tsv"
PAGE = "docs/internals/fuzzing.md"
MARKS = ("<!-- fuzz state -->\n", "<!-- /fuzz state -->\n")
# What both kinds of files have: a slice is added to a state.
SUMS = ("seconds", "runs", "findings")
FIELDS = ("harness", *SUMS, "edges", "features", "commit", "date")
# A corpus is committed, and replayed by each ordinary test run: few files, which reach all code that was reached. How often it was
# and what was compared with what, which fuzzing goes by as well, would be ten times as many.
CORPUS_FILES, CORPUS_BYTES = 50, 256 << 10
MERGE = ("-set_cover_merge=1", "-use_counters=0", "-use_cmp=0")
FINDING = re.compile(r"-(crash|leak|oom|timeout)-[0-9a-f]+$")
INTERRUPTED = 72  # libFuzzer's exit status


def harnesses():
    return sorted(name[5:-2] for name in os.listdir(FUZZ) if re.fullmatch(r"fuzz_\w+\.c", name))


def read_rows(path):
    """The rows of a table with a head line, as dictionaries; none if there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    rows = [dict(zip(lines[0], line)) for line in lines[1:] if len(line) == len(FIELDS)]
    for row in rows:
        for field in (*SUMS, "edges", "features"):
            row[field] = int(row[field])
    return rows


def text_of(rows):
    return "".join("\t".join(str(cell) for cell in line) + "\n"
                   for line in (FIELDS, *([row[field] for field in FIELDS] for row in rows)))


def replace_file(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def state_with(slices):
    """A row for each harness: what is recorded, and slices on top of it, oldest first."""
    recorded = {row["harness"]: row for row in read_rows(STATE)}
    state = {}
    for name in harnesses():
        state[name] = recorded.get(name) or dict.fromkeys(FIELDS, 0) | {"harness": name, "commit": "-", "date": "-"}
    for row in slices:
        if row["harness"] in state:
            old = state[row["harness"]]
            state[row["harness"]] = row | {field: old[field] + row[field] for field in SUMS}
    return state


class Batch:
    """Slices that run beside each other, until the time is over or somebody says stop."""

    def __init__(self, arguments):
        self.build, self.slice, self.seconds = arguments.build, arguments.slice, arguments.minutes * 60
        self.journal = journal_of(self.build)
        os.makedirs(f"{self.build}/crashes", exist_ok=True)
        self.spent = {name: row["seconds"] for name, row in state_with(read_rows(self.journal)).items()
                      if not arguments.only or name in arguments.only}
        self.lock = threading.Lock()
        self.running = {}  # harness: process
        self.stopped = threading.Event()
        self.broken = []

    def run(self, jobs):
        workers = [threading.Thread(target=self.work) for _ in range(jobs)]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop())
        timer = threading.Timer(self.seconds, self.stop)
        timer.daemon = True
        timer.start()
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():  # a join without end would keep signals from being handled
                worker.join(1)
        return self.broken

    def stop(self):
        self.stopped.set()
        for process in list(self.running.values()):
            process.send_signal(signal.SIGINT)

    def work(self):
        while not self.stopped.is_set():
            with self.lock:
                idle = [name for name in self.spent if name not in self.running and name not in self.broken]
                if not idle:
                    return
                name = min(idle, key=lambda name: (self.spent[name], name))
                before = self.findings(name)
                self.running[name] = self.start(name)
            if self.stopped.is_set():  # between the question above and the start
                self.running[name].send_signal(signal.SIGINT)
            self.finish(name, self.running[name], before)

    def start(self, name):
        os.makedirs(f"{self.build}/corpus-{name}", exist_ok=True)
        dictionary = f"{FUZZ}/{name}.dict"
        command = [program_of(self.build, name), f"-max_total_time={self.slice}", "-timeout=60", "-rss_limit_mb=2048",
                   "-print_final_stats=1", f"-artifact_prefix={self.build}/crashes/{name}-",
                   *([f"-dict={dictionary}"] if os.path.exists(dictionary) else []),
                   f"{self.build}/corpus-{name}", f"{FUZZ}/corpus/{name}"]
        with open(log_of(self.build, name), "wb") as log:
            # A session of its own, so that Ctrl-C comes from here, once.
            process = subprocess.Popen(["nice", "-n", "19", *command], stdout=log, stderr=log, start_new_session=True)
        give_way(process.pid)
        return process

    def finish(self, name, process, before):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        found = len(self.findings(name) - before)
        failed = process.returncode not in (0, INTERRUPTED)
        seconds = round(usage.ru_utime + usage.ru_stime)
        with self.lock:
            del self.running[name]
            self.spent[name] += max(seconds, 1)
            row = slice_of(log_of(self.build, name), name, seconds, found or int(failed and not before))
            self.write(row)
        if failed:  # the same input would end its next slice too
            self.broken.append(name)
            shutil.copy(log_of(self.build, name), f"{self.build}/crashes/{name}.log")
            print(f"fuzz: {name} FOUND something: {self.build}/crashes/{name}.log", flush=True)
        else:
            print(f"fuzz: {name}: {seconds} s, {row['runs']} runs, {row['features']} features", flush=True)

    def findings(self, name):
        return {file for file in os.listdir(f"{self.build}/crashes")
                if file.startswith(name + "-") and FINDING.search(file)}

    def write(self, row):
        new = not os.path.exists(self.journal)
        with open(self.journal, "a", encoding="utf-8") as file:
            text = text_of([row])
            file.write(text if new else text.split("\n", 1)[1])


def give_way(leader):
    """Linux may share processors among sessions alike, whatever the niceness of their processes: a session has its own."""
    try:
        with open(f"/proc/{leader}/autogroup", "w", encoding="ascii") as file:
            file.write("19")
    except OSError:
        pass  # no such sharing here


def journal_of(build):
    return f"{build}/fuzz-slices.tsv"


def program_of(build, name):
    return f"{build}/tests/fuzz/fuzz-{name}"


def log_of(build, name):
    return f"{build}/fuzz-{name}.log"


def slice_of(log, name, seconds, findings):
    """What libFuzzer says of a slice. A crash can leave its last words out; the rest counts."""
    with open(log, encoding="utf-8", errors="replace") as file:
        said = file.read()

    def last(pattern):
        return int((re.findall(pattern, said) or [0])[-1])

    commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True).stdout.strip()
    return {"harness": name, "seconds": seconds, "findings": findings, "commit": commit or "-",
            "runs": last(r"number_of_executed_units: *(\d+)") or last(r"\n#(\d+)\t"), "edges": last(r" cov: (\d+) "),
            "features": last(r" ft: (\d+) "), "date": datetime.date.today().isoformat()}


def sizes_in(folder):
    return {entry.name: entry.stat().st_size for entry in os.scandir(folder)}


def take_inputs(build, name):
    """Adds inputs that reach new code to a committed corpus, small ones first, up to its limits. Says how many."""
    found, corpus = f"{build}/corpus-{name}", f"{FUZZ}/corpus/{name}"
    if not os.path.isdir(found) or not os.path.exists(program_of(build, name)):
        return 0
    taken = 0
    with tempfile.TemporaryDirectory() as merged:
        shutil.copytree(corpus, merged, dirs_exist_ok=True)
        subprocess.run([program_of(build, name), *MERGE, "-timeout=60", "-rss_limit_mb=2048",
                        f"-artifact_prefix={build}/crashes/{name}-", merged, found], capture_output=True, check=False)
        have = sizes_in(corpus)
        files, size = len(have), sum(have.values())
        new = {file: count for file, count in sizes_in(merged).items() if file not in have}
        for file in sorted(new, key=lambda file: (new[file], file)):
            if files + 1 > CORPUS_FILES or size + new[file] > CORPUS_BYTES:
                break
            shutil.copy(f"{merged}/{file}", f"{corpus}/{file}")
            files, size, taken = files + 1, size + new[file], taken + 1
    return taken


def record(build):
    slices = read_rows(journal_of(build))
    replace_file(STATE, text_of(state_with(slices).values()))
    if slices:
        os.replace(journal_of(build), journal_of(build) + ".recorded")
    for name in sorted({row["harness"] for row in slices}):
        print(f"fuzz: {take_inputs(build, name)} inputs for tests/fuzz/corpus/{name}", flush=True)
    write_table()


def purpose_of(name):
    """The first sentence of a harness, and the layers whose headers it includes."""
    with open(f"{FUZZ}/fuzz_{name}.c", encoding="utf-8") as file:
        text = file.read()
    comment = re.match(r"/\* *(.*?)\*/", text, re.DOTALL).group(1)
    sentence = re.split(r"(?<=\.)\s", re.sub(r"\s*\n \*?\s*", " ", comment))[0].strip()
    layers = sorted(set(re.findall(r'#include "(\w+)/', text)) - {"base", "json"}) or ["json"]
    return sentence.replace("|", "\\|"), ", ".join(layers)


def table():
    rows = state_with([]).values()
    lines = ["| harness | what it gives | layers | CPU hours | runs | edges | findings | last, at commit |",
             "|---|---|---|--:|--:|--:|--:|---|"]
    for row in rows:
        sentence, layers = purpose_of(row["harness"])
        lines.append(f"| {row['harness']} | {sentence} | {layers} | {row['seconds'] / 3600:.2f} | {row['runs']:,} | "
                     f"{row['edges']:,} | {row['findings']} | {row['date']} {row['commit']} |")
    seconds, runs, findings = (sum(row[field] for row in rows) for field in SUMS)
    lines.append(f"| **all** | | | {seconds / 3600:.2f} | {runs:,} | | {findings} | |")
    return "\n".join(lines) + "\n"


def write_table():
    with open(PAGE, encoding="utf-8") as file:
        before, rest = file.read().split(MARKS[0])
    replace_file(PAGE, before + MARKS[0] + table() + MARKS[1] + rest.split(MARKS[1])[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "record", "batch", "table"))
    parser.add_argument("--build", default="build-fuzz", help="where the programs are (%(default)s)")
    parser.add_argument("--minutes", type=float, default=30, help="how long all of it takes (%(default)s)")
    parser.add_argument("--slice", type=int, default=300, help="seconds of a slice (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="slices at once (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=harnesses(), metavar="NAME", help="these harnesses; all if left out")
    arguments = parser.parse_args()
    broken = []
    if arguments.what in ("run", "batch"):
        missing = [name for name in harnesses() if not os.path.exists(program_of(arguments.build, name))]
        if missing:
            sys.exit(f"fuzz: {arguments.build} has no program of {', '.join(missing)}: scripts/fuzz.sh all 0 builds them")
        broken = Batch(arguments).run(arguments.jobs)
    if arguments.what in ("record", "batch"):
        record(arguments.build)
    if arguments.what == "table":
        write_table()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
