"""OUT/README.md: what was done to the system, what the tools said of it, and whether all held."""

import os
import platform
import re
import subprocess

HEAD = """# A soak of the whole system

For who wants to know whether anything is lost when everything fails in turn. Written by `make soak`; how it is done stands in
[the internals](../../internals/soak.md).

%s

| | |
|---|---|
| machine | %s |
| program | %s |
| lasted | %.0f minutes, a fault every %.0f s, seed %d |
| faults | %d, of %d kinds |
| verdict | **%s** |
"""


def cell(text):
    """In a table; paths of this machine are nobody's business."""
    text = re.sub(r"(?<![\w/])/[\w.@/-]{6,}/", ".../", str(text))
    return " ".join(text.split()).replace("|", "\\|")[:300]


def machine():
    with open("/proc/meminfo", encoding="ascii") as file:
        kib = int(re.search(r"MemTotal:\s*(\d+)", file.read())[1])
    return "%d cores, %.1f GB, Linux %s" % (os.cpu_count(), kib * 1024 / 1e9, platform.release())


def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()[0]


def table(names, rows):
    lines = ["| %s |" % " | ".join(names), "|%s" % ("---|" * len(names))]
    return "\n".join(lines + ["| %s |" % " | ".join(cell(item) for item in row) for row in rows]) + "\n"


def write(soak, held, watch, outages):
    """The exit status."""
    good = all(one[1] for _, one in held)
    done = [fault for fault in soak.faults if not fault.said.startswith("skipped")]
    missing = ["%s: %s" % pair for pair in soak.missing.items()]
    text = HEAD % ("Everything that was acknowledged is there, and each fault was told." if good else "Not everything held: see below.",
                   machine(), version(os.environ.get("OUROSCOPE", "build/ouroscope")), soak.options.minutes, soak.options.every,
                   soak.options.seed, len(done), len({fault.kind for fault in done}), "all held" if good else "something did not hold")
    if missing:
        text += "\nNot part of it here: %s.\n" % cell("; ".join(missing))
    text += "\n## What had to hold\n\n" + table(("where", "what", "", "evidence"), (
        (where, what, "yes" if is_so else "**no**", why) for where, (what, is_so, why) in held))
    text += "\n## Faults, and who told of them\n\n" + table(("at", "fault", "whom", "lasted", "told by"), (
        ("%.0f s" % one.at_s, one.kind, one.target, "%.1f s" % one.lasted_s, one.said or "**nobody**") for one in soak.faults))
    text += "\n## Memory and open files\n\nThe most in the first and in the last third; a process that was killed has several lives.\n\n" + table(
        ("process", "lives", "KiB, first third", "KiB, last third", "files, first", "files, last"), watch.rows())
    if outages:
        text += "\n## What Prometheus saw\n\nIt looked every 2 s.\n\n" + table(
            ("job", "looks in vain"), (("`%s`" % job, "%.0f" % count) for job, count in sorted(outages.items())))
    text += "\nNext: [performance](../../performance.md), [the internals of the soak](../../internals/soak.md).\n"
    with open(os.path.join(soak.folder, "README.md"), "w", encoding="utf-8") as file:
        file.write(text)
    for number, (where, (what, is_so, why)) in enumerate(held, 1):
        soak.say("%s: %s (%s)" % (where, what, cell(why)))
        print("%sok %d - %s: %s%s" % ("" if is_so else "not ", number, where, what, "" if is_so else " (%s)" % cell(why)), flush=True)
    print("1..%d" % len(held))
    return not good
