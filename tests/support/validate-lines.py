#!/usr/bin/env python3
"""Holds lines of logs against a JSON Schema: validate-lines.py SCHEMA FILE...

Prints what is wrong, and at the end how many lines of how many messages were looked at. Of each message the
first 50 lines of a file are. Ends with 1 when something is wrong, with 77 where there is no python3-jsonschema."""

import collections
import json
import sys

try:
    import jsonschema
    Validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):  # not there, or older than the draft
    sys.exit(77)

LINES_EACH = 50


def lines_of(path):
    seen = collections.Counter()
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            line = json.loads(text)
            name = str(line.get("ns")) if isinstance(line, dict) else ""
            seen[name] += 1
            if seen[name] <= LINES_EACH:
                yield number, name, line


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Validator.check_schema(schema)
    validator = Validator(schema)
    names, count, wrong = set(), 0, 0
    for path in paths:
        for number, name, line in lines_of(path):
            names.add(name)
            count += 1
            for error in validator.iter_errors(line):
                print(f"{path}:{number}: {name}: {error.message[:200]}")
                wrong += 1
    print(f"{count} lines of {len(names)} messages, {wrong} errors")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
