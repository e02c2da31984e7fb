#!/usr/bin/env python3
"""Counts test cases: test-summary.py TESTLOG.JSON

The log is Meson's, one JSON object per test program, with the program's TAP
output in it. A program that ends badly without a failed case of its own (a
crash, a hang, a case that its plan announced but that never ran) counts as one
failed case. Prints the failed ones, then "N passed, N failed", with
", N skipped" when there are any. Fails when a case failed, or when none ran.
"""

import json
import re
import sys

CASE = re.compile(r"^(not )?ok\b *(\d+)?[ -]*([^#]*)(?:# *(\w+)\S* *(.*))?", re.IGNORECASE)
SKIPPED_PROGRAM = re.compile(r"^1\.\.0\b(?: *# *(.*))?", re.IGNORECASE)


def cases_of(output):
    """Yields (result, name) for each case of a TAP text."""
    for line in output.splitlines():
        case = CASE.match(line)
        if not case:
            if SKIPPED_PROGRAM.match(line):
                yield "skipped", "all of it"
            continue
        bad, _, name, directive, _ = case.groups()
        directive = (directive or "").upper()
        if directive == "SKIP":
            yield "skipped", name.strip()
        elif bad and directive != "TODO":
            yield "failed", name.strip()
        else:
            yield "passed", name.strip()


def cases_of_program(program):
    cases = list(cases_of(program.get("stdout") or ""))
    ended_well = program["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
    if not ended_well and not any(result == "failed" for result, _ in cases):
        cases.append(("failed", f"ended badly: {program['result']}, status {program['returncode']}"))
    return cases


def main(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            programs = [json.loads(line) for line in log]
    except OSError as reason:
        print(f"no log of the tests: {reason}")
        programs = []
    for program in programs:
        for result, name in cases_of_program(program):
            counts[result] += 1
            if result == "failed":
                print(f"FAILED {program['name']}: {name}")
    ran = counts["passed"] + counts["failed"]
    if ran == 0:
        print("no test ran")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 0 if ran > 0 and counts["failed"] == 0 else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} TESTLOG.JSON")
    sys.exit(main(sys.argv[1]))
