#!/usr/bin/python3
"""Puts the report of a sweep of ways of tracing, its pictures, the machine and the times of calls on one page.

tracing-comparison-page.py SWEEP RESULTS: writes README.md and machine.json into RESULTS, which has results.json, calls.tsv and
pictures already. All numbers are those of the files.
"""
import json
import pathlib
import statistics
import sys

SWEEP, RESULTS = map(pathlib.Path, sys.argv[1:3])

CALLS = {
    "off": "new, the point is filtered out",
    "on": "new, on: a number, a hash and a number",
    "peer": "new, on: a number and two texts",
    "legacy": "legacy: formatted, locked and written by the caller",
}
MACHINE = {
    "cpu": "processor",
    "cores": "processors",
    "memory_bytes": "memory, bytes",
    "kernel": "kernel",
    "architecture": "architecture",
    "governor": "governor of the clock",
    "smt": "two threads share a core",
}

HEAD = """\
# What tracing costs a node

For operators who choose between the tracing of before 2023 and today's, and for developers of tracing. It was made by
`make tracing-comparison`; [Compare ways of tracing](../../howto/compare-tracing.md) tells how to repeat and how to read it.
Numbers for programs are in [results.json](results.json); the page with pictures that answer to the mouse is made beside the runs
(`sweeps/tracing-comparison/report.html`), and not kept here.

The older tracing stamps messages in steps of 10 ms, cut off: times of blocks of `legacy` read 5 ms too early in the mean, and short
phases as 0 or 10 ms. Means stand as measured; intervals of times against `legacy` are wider by 10 ms on both sides for that,
and it is the best in a time only where it would be with 10 ms more.

Four reference nodes with full blocks ran under each way of tracing, in shuffled blocks, on this machine:
"""


def all_meta():
    """Who ran where, of each run, the first one first."""
    metas = [json.loads(path.read_text())["meta"] for path in sorted(SWEEP.glob("runs/*/meta.json"))]
    return metas or sys.exit("tracing-comparison-page: no run in " + str(SWEEP))


def circumstances(metas):
    """When it was, and what else the machine did."""
    lines = (SWEEP / "journal.jsonl").read_text().splitlines()
    times = [json.loads(line)["at"][:16].replace("T", " ") for line in (lines[0], lines[-1])]
    loads = [m["machine"]["load_average"] for m in metas if m["machine"].get("load_average") is not None]
    load = f"from {min(loads):.2f} to {max(loads):.2f}" if loads else "not known"
    return (f"Runs from {times[0]} to {times[1]} UTC. Load of the machine in the minute before each run, "
            f"which that of the run before is part of: {load}.")


def shown(value):
    if value is None:
        return "not known"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def machine_table(machine):
    rows = [f"| {name} | {shown(machine.get(key))} |" for key, name in MACHINE.items()]
    return "\n".join(["| | |", "|---|---|", *rows])


def call_rows():
    times = {}
    for line in (RESULTS / "calls.tsv").read_text().splitlines():
        _, case, _, *numbers = line.split("\t")
        times.setdefault(case, []).append([float(n) for n in (numbers[0], *numbers[2:5])])
    for case, name in CALLS.items():
        medians = [statistics.median(column) for column in zip(*times[case])]
        yield f"| {name} | " + " | ".join(f"{m:,.1f}" if m < 100 else f"{m:,.0f}" for m in medians) + " |"


def calls_section():
    rounds = len((RESULTS / "calls.tsv").read_text().splitlines()) // len(CALLS)
    return "\n".join([
        "## A trace call",
        "",
        f"Nanoseconds that the caller waits, one thread; medians of {rounds} rounds, measured before the runs in the same "
        "session ([calls.tsv](calls.tsv); `tests/bench/README.md` says how).",
        "",
        "| | median | 99 % | 99.9 % | longest |",
        "|---|--:|--:|--:|--:|",
        *call_rows(),
        "",
        "To files and forwarded are one call: it puts the message into the thread's ring, and the library's threads do the rest.",
    ])


def pictures():
    return "\n\n".join(f"![{path.stem}]({path.name})" for path in sorted(RESULTS.glob("*.svg")))


def report():
    """The report itself, whose title becomes a heading of the page."""
    text = (SWEEP / "report.md").read_text()
    return text.replace("\n## ", "\n### ").replace("# ", "## ", 1)


def main():
    metas = all_meta()
    meta = metas[0]
    machine = {key: meta["machine"].get(key) for key in MACHINE}
    version = {key: meta["components"][0].get(key) for key in ("name", "version", "commit")}
    (RESULTS / "machine.json").write_text(json.dumps({"machine": machine, "program": version}, indent=2) + "\n")
    parts = [HEAD, machine_table(machine), f"Program: ouroscope {version['version']}, commit {version['commit']}.",
             circumstances(metas),
             pictures(), report(), calls_section(),
             "Next: [how to read a sweep](../../howto/read-a-sweep.md), [performance](../../performance.md)."]
    (RESULTS / "README.md").write_text("\n\n".join(part.strip("\n") for part in parts if part) + "\n")


if __name__ == "__main__":
    main()
