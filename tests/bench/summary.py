#!/usr/bin/env python3
"""What the parts of the benchmark have measured, as tables.

    summary.py part BUILD PART     the part's values: a row for each subject, to people
    summary.py budgets BUILD       all budgets, to people, and in BUILD/budgets.tsv, .json and .md
    summary.py page BUILD PAGE     writes tables into a Markdown page, between <!-- bench: NAME --> and <!-- /bench -->, where NAME
                                   is "machine", "budgets" or a part; a part that was not measured keeps what stands there

BUILD/rounds/PART.tsv has a line for each value: subject, quantity, unit, value; BUILD/parts/PART.tsv says when the
part began, the load average then, what share of the processors others used, the commit, and how many seconds it took.
"""

import collections
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUSY_PERCENT = 10  # from here on a part was not measured on an idle machine

Figure = collections.namedtuple("Figure", "unit rounds low median high")


def read_rows(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


# --- Figures -------------------------------------------------------------------------------------------


def figures_of(build, part):
    """{(subject, quantity): Figure}, in the order in which they were first measured."""
    values, units = {}, {}
    for subject, quantity, unit, value in read_rows(f"{build}/rounds/{part}.tsv"):
        values.setdefault((subject, quantity), []).append(float(value))
        units[subject, quantity] = unit
    return {key: Figure(units[key], len(v), min(v), statistics.median(v), max(v)) for key, v in values.items()}


def all_figures(build):
    """{"PART/SUBJECT/QUANTITY": Figure}"""
    parts = sorted(name[:-4] for name in os.listdir(f"{build}/rounds") if name.endswith(".tsv"))
    return {f"{part}/{subject}/{quantity}": figure for part in parts
            for (subject, quantity), figure in figures_of(build, part).items()}


def show(number):
    """Three digits that count, thousands apart."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    text = f"{number:.3g}"
    return f"{number:.6f}".rstrip("0").rstrip(".") if "e" in text else text


def show_range(figure):
    return "" if figure.low == figure.high else f"{show(figure.low)} .. {show(figure.high)}"


# --- Tables --------------------------------------------------------------------------------------------


def markdown(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def plain(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in [head, *rows]) + "\n"


def table_of_part(build, part):
    """(head, rows): a row for each subject, a column for each quantity, with the range where there is one."""
    figures = figures_of(build, part)
    subjects = list(dict.fromkeys(subject for subject, _ in figures))
    quantities = list(dict.fromkeys((quantity, figure.unit) for (_, quantity), figure in figures.items()))

    def cell(subject, quantity):
        figure = figures.get((subject, quantity))
        if not figure:
            return ""
        spread = show_range(figure)
        return show(figure.median) + (f" ({spread})" if spread else "")

    head = [""] + [f"{quantity}, {unit}" if unit else quantity for quantity, unit in quantities]
    return head, [[subject] + [cell(subject, quantity) for quantity, _ in quantities] for subject in subjects]


# --- Budgets -------------------------------------------------------------------------------------------


def read_budgets(path=f"{HERE}/budgets.tsv"):
    head, *rows = read_rows(path)
    return [dict(zip(head, row + [""] * (len(head) - len(row)))) for row in rows]


def divided(figure, by):
    """Over the median of what it is held against: a range over a range would say more than was measured."""
    return Figure("times", figure.rounds, figure.low / by, figure.median / by, figure.high / by)


def resolve(text, figures):
    """(name, number or None, whether it is quoted) of "NAME=FIGURE" or "NAME=NUMBER"."""
    name, where = re.fullmatch(r"(.*?)=(.*)", text).groups()
    if re.fullmatch(r"[0-9.]+", where):
        return name, float(where), True
    return name, figures[where].median if where in figures else None, False


def measured(budget, figures):
    figure = figures.get(budget["figure"])
    if figure is None or not budget["over"]:
        return figure
    value = resolve(budget["over"], figures)[1]
    return divided(figure, value) if value else None


def judged(budget, figures):
    """The budget with what was measured, as JSON knows it; null where nothing was."""
    figure, limit, own = measured(budget, figures), float(budget["limit"]), figures.get(budget["figure"])
    met = None
    if figure:
        met = figure.median <= limit if budget["sense"] == "most" else figure.median >= limit
    peers = [resolve(text, figures) for text in (budget["over"] or budget["peers"]).split("; ") if text]
    return {
        "what": budget["what"], "sense": budget["sense"], "limit": limit, "unit": budget["unit"],
        "measured": figure.median if figure else None, "low": figure.low if figure else None,
        "high": figure.high if figure else None, "rounds": figure.rounds if figure else None,
        "peers": [{"name": name, "value": value, "quoted": quoted, "ratio": own.median / value if own and value else None}
                  for name, value, quoted in peers],
        "met": met, "figure": budget["figure"],
    }


def verdict(row):
    return {None: "not measured", True: "met", False: "**missed**"}[row["met"]]


def show_peers(row):
    return "; ".join(f"{p['name']}: {'?' if p['value'] is None else show(p['value'])}" +
                     ("" if p["ratio"] is None or row["unit"] == "times" else f" ({show(p['ratio'])}x)") for p in row["peers"])


def table_of_budgets(rows):
    head = ["budget", "limit", "measured", "min .. max", "rounds", "beside it (ours over it)", ""]
    sign = {"most": "at most", "least": "at least"}
    return head, [[
        r["what"], f"{sign[r['sense']]} {show(r['limit'])} {r['unit']}",
        "" if r["measured"] is None else show(r["measured"]),
        "" if r["measured"] is None or r["low"] == r["high"] else f"{show(r['low'])} .. {show(r['high'])}",
        str(r["rounds"] or ""), show_peers(r), verdict(r)] for r in rows]


def write_tsv(path, rows):
    def cell(value):
        return "" if value is None else str(value)
    names = ("what", "sense", "limit", "unit", "measured", "low", "high", "rounds", "met", "figure")
    with open(path, "w", encoding="utf-8") as file:
        print(*names, "peers", sep="\t", file=file)
        for row in rows:
            print(*(cell(row[name]) for name in names), show_peers(row), sep="\t", file=file)


# --- The machine ---------------------------------------------------------------------------------------


def first_match(path, pattern):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return None
    return found.group(1).strip() if found else None


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def build_options(build):
    """The compiler and what of its flags somebody chose."""
    try:
        options = json.loads(output_of("meson", "introspect", "--buildoptions", build) or "[]")
        compilers = json.loads(output_of("meson", "introspect", "--targets", build) or "[]")
    except ValueError:
        return None, None
    chosen = {o["name"]: o["value"] for o in options}
    command = next((s["compiler"][-1] for t in compilers for s in t.get("target_sources", []) if s.get("language") == "c"), "cc")
    flags = [f"buildtype={chosen.get('buildtype')}", f"optimization={chosen.get('optimization')}"]
    flags += [f"{name}={chosen[name]}" for name in ("b_lto", "b_ndebug") if name in chosen]
    return (output_of(command, "--version") or "").split("\n")[0] or None, ", ".join(flags)


def machine(build):
    compiler, flags = build_options(build)
    memory = first_match("/proc/meminfo", r"^MemTotal: *([0-9]+)")
    return {
        "processor": first_match("/proc/cpuinfo", r"^model name\s*: (.*)") or platform.processor() or None,
        "processors": os.cpu_count(), "memory_gib": round(int(memory) / 1048576, 1) if memory else None,
        "kernel": platform.release(), "system": first_match("/etc/os-release", r'^PRETTY_NAME="(.*)"'),
        "compiler": compiler, "flags": flags,
        "versions": {name: version for name, version in {
            "coreutils": (output_of("wc", "--version") or "").split("\n")[0].split(" ")[-1],
            "jq": output_of("jq", "--version"), "lttng-ust": output_of("pkg-config", "--modversion", "lttng-ust"),
            "spdlog": output_of("pkg-config", "--modversion", "spdlog"),
            "rsyslog": first_word_match(output_of("rsyslogd", "-v"), r"rsyslogd +([0-9.]+)"),
            "PostgreSQL": first_word_match(output_of("sh", "-c", "/usr/lib/postgresql/*/bin/postgres --version"), r"([0-9.]+)"),
        }.items() if version},
    }


def first_word_match(text, pattern):
    found = re.search(pattern, text or "")
    return found.group(1) if found else None


def parts_of(build):
    parts = []
    for name in os.listdir(f"{build}/parts"):
        if name.endswith(".tsv"):
            row = read_rows(f"{build}/parts/{name}")[0]
            parts.append({"part": row[0], "began": row[1], "load": float(row[2]), "others_percent": int(row[3]),
                          "commit": row[4], "seconds": int(row[5])})
    return sorted(parts, key=lambda p: p["began"])


def table_of_machine(facts, parts):
    days = sorted({p["began"][:10] for p in parts})
    commits = sorted({p["commit"] for p in parts})
    rows = [
        ["processor", f"{facts['processor']}, {facts['processors']} of them"],
        ["memory, kernel, system", f"{facts['memory_gib']} GiB, Linux {facts['kernel']}, {facts['system']}"],
        ["compiler", f"{facts['compiler']}; {facts['flags']}"],
        ["beside it", ", ".join(f"{name} {version}" for name, version in facts["versions"].items())],
        ["date, commit", f"{' to '.join(dict.fromkeys((days[0], days[-1]))) if days else '?'}; {', '.join(commits) or '?'}"],
        ["load average before each part", ", ".join(f"{p['part']} {p['load']}" for p in parts)],
        ["processors used by others then", ", ".join(f"{p['part']} {p['others_percent']} %" for p in parts)],
        ["the run took", f"{sum(p['seconds'] for p in parts) / 60:.0f} minutes"],
    ]
    return ["", ""], rows


# --- Commands ------------------------------------------------------------------------------------------


def busy_parts(parts):
    return [p["part"] for p in parts if p["others_percent"] >= BUSY_PERCENT]


def command_part(build, part):
    print(plain(*table_of_part(build, part)))
    return 0


def unknown_figures(figures, done):
    """What budgets.tsv names of parts that were measured, and nothing measured: a name was changed, or a peer left out."""
    names = [name for b in read_budgets() for name in
             [b["figure"]] + [p.split("=")[1] for p in (b["over"] + "; " + b["peers"]).split("; ") if "=" in p]]
    return [name for name in dict.fromkeys(names) if name.split("/")[0] in done and name not in figures]


def command_budgets(build):
    figures, parts, facts = all_figures(build), parts_of(build), machine(build)
    rows = [judged(budget, figures) for budget in read_budgets()]
    write_tsv(f"{build}/budgets.tsv", rows)
    with open(f"{build}/budgets.json", "w", encoding="utf-8") as file:
        json.dump({"written": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                   "machine": facts, "parts": parts, "budgets": rows}, file, indent=1)
        file.write("\n")
    with open(f"{build}/budgets.md", "w", encoding="utf-8") as file:
        file.write(markdown(*table_of_machine(facts, parts)) + "\n" + markdown(*table_of_budgets(rows)))
    print(plain(*table_of_machine(facts, parts)))
    print(plain(*table_of_budgets(rows)))
    count = collections.Counter(verdict(row).strip("*") for row in rows)
    print(", ".join(f"{n} {what}" for what, n in count.items()) + f". Written to {build}/budgets.tsv, .json and .md.")
    for name in unknown_figures(figures, {p["part"] for p in parts}):
        print(f"Warning: no figure {name}")
    if any(p["commit"].endswith("-quick") for p in parts):
        print("Warning: parts were measured quickly; their figures show that they work, and nothing else")
    if busy_parts(parts):
        print("Warning: the machine was not idle before these parts: " + ", ".join(busy_parts(parts)))
    return 0


def command_page(build, page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    figures, parts = all_figures(build), parts_of(build)
    done = {p["part"] for p in parts}

    def tables(found):
        name = found.group(1)
        if name == "machine":
            made = markdown(*table_of_machine(machine(build), parts))
        elif name == "budgets":
            made = markdown(*table_of_budgets([judged(b, figures) for b in read_budgets()]))
        elif name in done:
            made = markdown(*table_of_part(build, name))
        else:
            return found.group(0)
        return f"<!-- bench: {name} -->\n{made}<!-- /bench -->"

    text = re.sub(r"<!-- bench: ([a-z]+) -->\n(.*?)<!-- /bench -->", tables, text, flags=re.DOTALL)
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


def main(arguments):
    commands = {"part": (command_part, 2), "budgets": (command_budgets, 1), "page": (command_page, 2)}
    command, count = commands.get(arguments[0] if arguments else "", (None, 0))
    if command is None or len(arguments) != count + 1:
        print(__doc__, file=sys.stderr)
        return 2
    return command(*arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
