"""Every member of a file that the program reads is told on the page of that file: names are taken from the code that reads them, and
from the JSON Schemas, and looked for on the page. Those of result files have a generated page."""

import glob
import json
import os
import re
import subprocess
import sys

# Page below docs/formats, and who reads what it tells of.
PAGES = {
    "tracer-configuration.md": ["src/collect/config*.c"],
    "serve-configuration.md": ["src/cmd/serve_config.c"],
    "tracing-configuration.md": ["src/trace/config*.c"],
    "node-configuration.md": ["src/node/node_config.c", "src/node/topology_file.c"],
    "generator-configuration.md": ["src/node/generator_config.c"],
    "profile.md": ["src/profile/members.c"],
    "sweep.md": ["src/workbench/sweep_file.c", "src/workbench/sweep_axes.c"],
    "placement.md": ["src/cluster/placement_fields.c", "src/cluster/placement_lists.c"],
    "agent.md": ["src/agent/orders_read.c", "src/agent/agent_task.c", "src/agent/agent_state_read.c"],
}

# How names of members stand in the code: lists of what is known, rows of tables, and calls that take one.
LIST = re.compile(r"(?:members|names)\[\]\s*=\s*\{([^}]*)\}")
ROW = re.compile(r'\{\s*"([A-Za-z_$][\w.$]*)",\s*(?:MEMBER|FIELD)_')
NAMED = re.compile(r'\.name = "([A-Z_a-z]\w*)"')
CALL = re.compile(r"\b(?:settings_(?!is_|expect|refuse|fail|warn|note)\w+|members_(?!fault)\w+|config_member|config_item|json_object_get|text_of|path_of|count_of|real_of|rate_of|"
                  r'member|whole|real|text|path|boolean|number_of|list_of|instance_of|read_number|read_page|read_names)\(([^;"]*?)"([A-Za-z_]\w*)"')

tests = failures = 0


def check(name, problems):
    global tests, failures
    tests += 1
    failures += bool(problems)
    print("%sok %d - %s" % ("not " if problems else "", tests, name), flush=True)
    for problem in problems:
        print("# " + problem)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def names_in(code):
    names = set(ROW.findall(code)) | set(NAMED.findall(code)) | {name for _, name in CALL.findall(code)}
    for words in LIST.findall(code):
        names.update(re.findall(r'"([\w$.]+)"', words))
    return names


def names_of_code(patterns):
    files = [f for p in patterns for f in sorted(glob.glob(p)) if not f.endswith("_test.c")]
    assert files, patterns
    return set().union(*(names_in(read(f)) for f in files))


def properties(schema):
    """Names of members anywhere in a JSON Schema."""
    if isinstance(schema, list):
        return set().union(set(), *map(properties, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*(properties(v) for v in schema.values()))


def untold(names, page):
    """Names that are no word of the page, as code or in a block; of a path its last part may stand in the section of the others."""
    text = read(page)
    code = " ".join(re.findall(r"`([^`\n]+)`", text)) + " ".join(re.findall(r"^```.*?^```$", text, re.M | re.S))
    words = set(re.findall(r"[\w$]+", code))
    return sorted(n for n in names if n.rsplit(".", 1)[-1] not in words)


def main():
    for page, sources in PAGES.items():
        names = names_of_code(sources)
        problems = ["`%s` is read, and not told" % name for name in untold(names, "docs/formats/" + page)]
        check("%s tells of each of %d members that are read" % (page, len(names)), problems if len(names) >= 4 else ["too few names: %s" % names])
    for name in ("profile", "publication", "sweep"):
        page = "docs/formats/%s.md" % name
        names = properties(json.loads(read(page.replace(".md", ".schema.json"))))
        problems = ["`%s` is in the schema, and not told" % n for n in untold(names, page)]
        check("%s tells of each of %d members of its schema" % (page, len(names)), problems if names else ["no members"])
    made = subprocess.run(["scripts/make-members-doc.py", "docs/formats"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    check("result-members.md is what `make docs` writes", [] if made == read("docs/reference/result-members.md") else ["it differs"])
    made_again = subprocess.run(["scripts/make-database-doc.py", "data/schema"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    check("database.md is what `make docs` writes", [] if made_again == read("docs/reference/database.md") else ["it differs"])
    created = sum(read(s).count("CREATE TABLE") for s in glob.glob("data/schema/*.sql"))
    check("database.md has each of %d tables" % created, [] if created == made_again.count("\n## ") else ["it has %d" % made_again.count("\n## ")])
    schemas = glob.glob("docs/formats/*.schema.json")
    told = [s for s in schemas if "formats/%s.md" % os.path.basename(s).split(".")[0] in made]
    check("each of %d schemas is a file's of results, or has its page" % len(schemas), [] if len(told) + 3 == len(schemas) else sorted(set(schemas) - set(told)))
    rows = re.findall(r"^\| (`[^|]*`) \|", read("docs/formats/README.md"), re.M)
    listed = sorted(name for row in rows for name in re.findall(r"`([^`]+)`", row))
    # Groups of commands have no page of their own.
    pages = glob.glob("docs/reference/man/ouroscope-*.1")
    commands = sorted({os.path.basename(p)[len("ouroscope-"):-2].replace("-", " ") for p in pages})
    check("formats/README.md says what each of %d commands reads and writes" % len(commands), sorted(set(commands) ^ set(listed)))
    print("1..%d" % tests)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
