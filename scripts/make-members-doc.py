#!/usr/bin/env python3
"""Writes the page of the members of result files, of their JSON Schemas: make-members-doc.py docs/formats"""

import json
import sys

FILES = {
    "analysis": "The analysis file",
    "variance": "The variance file",
    "comparison": "Comparisons",
    "history": "Histories",
    "sweep-results": "Results of a sweep",
}

HEAD = """# Members of result files

Made from `docs/formats/*.schema.json` by `scripts/make-members-doc.py`; change those files, not this page.

For who writes programs that read results: every member of every file, with its type. What the numbers mean is told on the page of each file, which is linked. `?` marks a member that may
be absent; what is not known is null. An object has a section of its own where more than one place has it.
"""


class File:
    def __init__(self, folder, name):
        with open("%s/%s.schema.json" % (folder, name), encoding="utf-8") as f:
            self.schema = json.load(f)
        self.name = name

    def anchor(self, definition):
        return (self.name + " " + definition).lower().replace(" ", "-")

    def type_of(self, schema):
        """In a few words; a link where an object has a section."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            target = self.schema["$defs"][name]
            return "[%s](#%s)" % (name, self.anchor(name)) if "properties" in target else self.type_of(target)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return " or ".join(dict.fromkeys(self.type_of(s) for s in schema[key]))
        if "const" in schema:
            return "`%s`" % json.dumps(schema["const"])
        if "enum" in schema:
            return " or ".join("`%s`" % json.dumps(v) for v in schema["enum"])
        kinds = schema.get("type", "any")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return " or ".join(self.kind(schema, k) for k in kinds)

    def kind(self, schema, kind):
        if kind == "array" and isinstance(schema.get("items"), dict):
            return "list of " + self.type_of(schema["items"])
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
            return "object of " + self.type_of(schema["additionalProperties"])
        return kind

    def description(self, schema):
        if "description" in schema:
            return schema["description"]
        if "$ref" in schema:
            return self.schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]].get("description", "")
        return ""

    def rows(self, schema, path=""):
        """(path, type, what) of each member, those of objects within it behind it."""
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            at = path + name
            yield at + ("" if name in required else "?"), self.type_of(member), self.description(member)
            yield from self.rows(member, at + ".")
            if isinstance(member.get("items"), dict):
                yield from self.rows(member["items"], at + "[].")

    def tables(self):
        yield self.schema
        for name, schema in self.schema.get("$defs", {}).items():
            if "properties" in schema:
                yield {"name": name, **schema}


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def main():
    out = [HEAD]
    for name, title in FILES.items():
        f = File(sys.argv[1], name)
        for schema in f.tables():
            out.append("\n### %s %s\n" % (name, schema["name"]) if "name" in schema else "\n## %s\n\n[%s](../formats/%s.md) explains it.\n" % (title, "Its page", name))
            if "name" in schema and schema.get("description"):
                out.append(schema["description"] + "\n")
            out.append("| member | type | what |\n|---|---|---|")
            out += ["| `%s` | %s | %s |" % (cell(path), cell(kind), cell(what)) for path, kind, what in f.rows(schema)]
    print("\n".join(out))
    print("\nNext: [metrics](metrics.md), by which results name their numbers; [tables](../formats/tables.md) for spreadsheets.")


if __name__ == "__main__":
    main()
