#!/usr/bin/env python3
"""Writes the page of the tables of a results database, of the steps that make its schema: make-database-doc.py data/schema"""

import glob
import os
import re
import sys

HEAD = """# Tables of a results database

Made from `data/schema/*.sql` by `scripts/make-database-doc.py`; change those files, not this page.

For who looks into a database of results with SQL, which is allowed and not promised: the [API](api/conventions.md) stays as it is, tables may change with any version. Both kinds, SQLite and
PostgreSQL, have these tables. Who writes into them goes around what keeps them right: [publish](../howto/publish-results.md) instead. `no` is a number of this database's own, `id` what readers see;
instants are nanoseconds since 1970 in UTC, names end in `_ns`; hashes are hexadecimal. `?` marks a column that may be null.
"""


def tables(sql):
    """(name, comment before it, lines) of each table."""
    for match in re.finditer(r"((?:^--[^\n]*\n)*)^CREATE TABLE (\w+) \(\n(.*?)^\);", sql, re.M | re.S):
        comment = " ".join(line.lstrip("- ") for line in match[1].splitlines())
        yield match[2], comment, match[3].splitlines()


def column(line):
    """(name, type, what); None of a line that tells of several columns."""
    code, _, comment = line.partition("--")
    match = re.match(r"    (\w+) ([A-Z]+)\b(.*)|    (\w+) (\{id\})", code)
    if not match or match[1] in ("PRIMARY", "UNIQUE"):
        return None
    name, kind, rest = (match[1], match[2], match[3]) if match[1] else (match[4], "number", "NOT NULL")
    comment = comment.strip()
    other = re.search(r"REFERENCES (\w+)", rest)
    what = "; ".join(filter(None, ["a row of [%s](#%s)" % (other[1], other[1]) if other else "", comment]))
    needed = "NOT NULL" in rest or "PRIMARY KEY" in rest
    return name + ("" if needed else "?"), kind.lower(), what.replace("|", "\\|")


def main():
    print(HEAD)
    for path in sorted(glob.glob(sys.argv[1] + "/*.sql")):
        with open(path, encoding="utf-8") as f:
            for name, comment, lines in tables(f.read()):
                print("## %s\n\n%sSince `%s`.\n" % (name, comment + " " if comment else "", os.path.basename(path)))
                print("| column | type | what |\n|---|---|---|")
                for row in filter(None, map(column, lines)):
                    print("| `%s` | %s | %s |" % row)
                print()
    print("Next: [keep a database of results](../howto/results-database.md), [the store inside](../internals/store.md).")


if __name__ == "__main__":
    main()
