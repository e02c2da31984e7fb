#!/usr/bin/env python3
"""published_table.py TABLE REPORT BASE NEW CSV: does the CSV of `ouroscope compare` say what the report printed?

Values have to be the printed ones, digit by digit (but for a "2996." that we write 2996.0). Deltas and
percentages are computed here from them by the rules of the published reports: three decimals, and a whole
percentage of exact values with one decimal below 1 in magnitude.
"""
import csv
import sys
from decimal import Decimal


def published(table, report, base, new):
    rows = {}
    with open(table, encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["report"] == report and row["section"] != "summary" and row["metric_id"]:
                rows.setdefault((row["section"], row["metric_id"]), {})[row["run"]] = row["value"]
    return {key: (values[base], values[new]) for key, values in rows.items()}


def shown(path):
    """Rows of the field's tables, by label."""
    rows, table = {}, None
    with open(path, encoding="utf-8") as lines:
        for row in csv.reader(lines):
            if len(row) >= 1 and row[0].startswith("# "):
                table = row[0][2:].split(":")[0]
            elif table and table.startswith("field-") and len(row) >= 5:
                rows[(table, row[0])] = row[2:6]  # row[1] is the metric's identifier
    return rows


def near(text, exact, places):
    """Is text the exact number, rounded? A tie may go either way."""
    return len(text.partition(".")[2]) == places and abs(Decimal(text) - exact) <= Decimal(5).scaleb(-places - 1)


def is_percent(text, base, new):
    if base == 0 or text == "~":  # the battles: counts, which were tested and do not differ
        return text in "?~"
    exact = 100 * (new - base) / abs(base)
    return near(text, exact, 1 if exact and abs(exact) < 1 else 0)


def agrees(row, values):
    base, new = (Decimal(v) for v in values)
    return (Decimal(row[0]) == base and Decimal(row[1]) == new and near(row[2], new - base, 3)
            and is_percent(row[3], base, new))


def main():
    table, report, base, new, path = sys.argv[1:]
    want, got = published(table, report, base, new), shown(path)
    labels = {}
    with open("data/metrics.tsv", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            labels[(row["section"], row["id"])] = row["label"] + (", " + row["unit"] if row["unit"] else "")
    ids = {"resource": ("machperf", "field-resources"), "control": ("control", "field-control"),
           "forger": ("forger", "field-forging"), "peers": ("peers", "field-peers"),
           "endtoend": ("endtoend", "field-endtoend")}
    bad = 0
    for (section, metric), values in sorted(want.items()):
        ours, name = ids[section]
        row = got.get((name, labels[(ours, metric)]))
        if row is None or not agrees(row, values) or (row[3] == "~" and metric != "cdfBlockBattle"):
            print(f"{section}/{metric}: {row} instead of {values}")
            bad += 1
    print(f"{len(want)} rows, {bad} differ")
    return bad != 0 or len(want) < 40


sys.exit(main())
