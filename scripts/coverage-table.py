#!/usr/bin/env python3
"""Says what tests reach, layer by layer: coverage-table.py BUILD SUITES [--record]

Reads BUILD/coverage.json of gcovr, and writes BUILD/uncovered-errors.txt: lines that no test reaches and that tell of an
error, with the kind of error. --record puts the table into docs/internals/testing.md.
"""

import collections
import datetime
import json
import os
import re
import subprocess
import sys

PAGE = "docs/internals/testing.md"
MARKS = ("<!-- coverage -->\n", "<!-- /coverage -->\n")
# The first that fits, of a statement up to its semicolon.
KINDS = (
    ("memory", re.compile(r"NO_MEMORY|fail_memory|no_memory|no memory")),
    ("system", re.compile(r"OU_IO|errno|strerror|fail_io|uv_strerror|sqlite|PQerror|curl_easy_strerror|archive_error")),
    ("input", re.compile(r"OU_INVALID|OU_TOO_LARGE|OU_NOT_FOUND|OU_USAGE|refuse|complain")),
    ("error", re.compile(r"ou_fail|\bfail\w*\(|\w+_fail(ed)?\(|goto (\w*fail\w*|error|broken|out|done|end)\b|return -1|"
                         r"_exit\(|abort\(")),
)


def layer_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else "(root)"


def statement_at(lines, number):
    """The line and those behind it up to the end of the statement, as one text; nothing of a condition."""
    if re.match(r"\s*(\} )?(if|else|for|while|switch|case)\b.*[^;]$", lines[number - 1]):
        return ""
    text = ""
    for line in lines[number - 1:number + 4]:
        text += line.strip() + " "
        if ";" in line or "{" in line:
            break
    return text.strip()


def kind_of(statement):
    return next((kind for kind, pattern in KINDS if pattern.search(statement)), None)


def measure(files):
    """Per layer: lines and branches with those reached; and the errors that are not, as (path, line, kind, statement)."""
    layers = collections.defaultdict(collections.Counter)
    errors = []
    for file in files:
        path = file["file"]
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as source:
            lines = source.read().split("\n")
        count = layers[layer_of(path)]
        for line in file["lines"]:
            if line.get("gcovr/noncode"):
                continue
            count["lines"] += 1
            count["reached"] += line["count"] > 0
            count["branches"] += len(line["branches"])
            count["taken"] += sum(branch["count"] > 0 for branch in line["branches"])
            statement = statement_at(lines, line["line_number"])
            if kind_of(statement):
                count["errors"] += 1
                count["errors reached"] += line["count"] > 0
                if line["count"] == 0:
                    errors.append((path, line["line_number"], kind_of(statement), statement))
    return layers, errors


def per_cent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(layers, suites):
    commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True,
                            check=True).stdout.strip()
    total = sum(layers.values(), collections.Counter())
    lines = [f"Suites {suites}, {datetime.date.today().isoformat()}, commit {commit}.", "",
             "| layer | lines | reached | branches | taken | error lines | reached | not |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for name, count in [*sorted(layers.items()), ("**all**", total)]:
        lines.append(f"| {name} | {count['lines']:,} | {per_cent(count['reached'], count['lines'])} | {count['branches']:,} | "
                     f"{per_cent(count['taken'], count['branches'])} | {count['errors']:,} | "
                     f"{per_cent(count['errors reached'], count['errors'])} | {count['errors'] - count['errors reached']:,} |")
    return "\n".join(lines) + "\n"


def main():
    build, suites = sys.argv[1:3]
    with open(f"{build}/coverage.json", encoding="utf-8") as file:
        layers, errors = measure(json.load(file)["files"])
    with open(f"{build}/uncovered-errors.txt", "w", encoding="utf-8") as file:
        for path, line, kind, statement in sorted(errors):
            file.write(f"{path}:{line}: {kind}: {statement}\n")
    text = table(layers, suites)
    print(text, end="")
    if "--record" in sys.argv[3:]:
        with open(PAGE, encoding="utf-8") as file:
            before, rest = file.read().split(MARKS[0])
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(before + MARKS[0] + text + MARKS[1] + rest.split(MARKS[1])[1])


if __name__ == "__main__":
    main()
