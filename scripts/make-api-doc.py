#!/usr/bin/env python3
"""make-api-doc.py URL|FILE: the list of operations (docs/reference/api/endpoints.md) from the API's description, as a server
hands it out at /api/v1/openapi.json, to standard output."""

import json
import sys
import urllib.request

METHODS = ("get", "post", "put", "patch", "delete")


def load(place):
    if place.startswith("http"):
        with urllib.request.urlopen(place, timeout=30) as answer:
            return json.load(answer)
    with open(place, encoding="utf-8") as file:
        return json.load(file)


class Document:
    def __init__(self, description):
        self.description = description
        self.lines = []

    def meant(self, item):
        """What stands there, or what it refers to."""
        while "$ref" in item:
            node = self.description
            for step in item["$ref"].lstrip("#/").split("/"):
                node = node[step]
            item = node
        return item

    def say(self, *lines):
        self.lines.extend(lines)

    # --- Words -------------------------------------------------------------------------------------

    def type_of(self, schema):
        if "$ref" in schema:
            return schema["$ref"].rsplit("/", 1)[1]
        if "enum" in schema:
            return " or ".join("`%s`" % value for value in schema["enum"])
        types = schema.get("type", "any")
        types = types if isinstance(types, list) else [types]
        words = [self.array(schema) if kind == "array" else kind for kind in types]
        return " or ".join(words)

    def array(self, schema):
        return "array of " + self.type_of(schema.get("items", {}))

    @staticmethod
    def bounds(schema):
        words = []
        for word, text in (("minimum", "from %s"), ("maximum", "to %s"), ("default", "default %s")):
            if word in schema:
                value = json.dumps(schema[word])
                words.append(text % value)
        return ", ".join(words)

    @staticmethod
    def cell(text):
        return text.replace("|", "\\|").replace("\n", " ")

    def row(self, *cells):
        self.say("| " + " | ".join(self.cell(cell) for cell in cells) + " |")

    # --- Operations --------------------------------------------------------------------------------

    def parameters(self, operation):
        parameters = [self.meant(item) for item in operation.get("parameters", [])]
        if not parameters:
            return
        filters = [item["name"] for item in parameters if item["description"].startswith("Only rows with such a value")]
        self.say("| parameter | in | type | |", "|---|---|---|---|")
        for item in parameters:
            if item["name"] not in filters:
                kind = ", ".join(filter(None, (self.type_of(item["schema"]), self.bounds(item["schema"]))))
                needed = " Needed." if item.get("required") and item["in"] != "path" else ""
                self.row("`%s`" % item["name"], item["in"], kind, item.get("description", "") + needed)
        self.say("")
        if filters:
            self.say("Filters: " + ", ".join("`%s`" % name for name in filters) + ".", "")

    def body(self, operation):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            self.say("Body: `%s`." % kind, "")
            self.members(self.meant(content.get("schema", {})))

    def members(self, schema):
        if not schema.get("properties"):
            return
        self.say("| member | type | |", "|---|---|---|")
        for name, member in schema["properties"].items():
            needed = " Needed." if name in schema.get("required", []) else ""
            told = self.meant(member).get("description", "")
            self.row("`%s`" % name, self.type_of(member), told + needed)
        self.say("")

    def answers(self, operation):
        good, bad = [], []
        for status, answer in operation["responses"].items():
            answer = self.meant(answer)
            if status.startswith("2"):
                good.append((status, answer))
            else:
                bad.append(status)
        for status, answer in good:
            kinds = ["`%s`" % kind + self.schema_name(content) for kind, content in answer.get("content", {}).items()]
            self.say("%s: %s %s" % (status, answer["description"], ", ".join(kinds)))
        self.say("", "Also: " + ", ".join(sorted(bad)) + ".", "")

    @staticmethod
    def schema_name(content):
        ref = content.get("schema", {}).get("$ref")
        return " (%s)" % ref.rsplit("/", 1)[1] if ref else ""

    def operation(self, method, path, operation):
        self.say("### " + operation["operationId"], "", "`%s %s`" % (method.upper(), path), "")
        scope = operation.get("x-scope", "none")
        self.say(operation.get("description") or operation["summary"], "")
        if scope != "none":
            self.say("Scope: `%s`." % scope, "")
        self.parameters(operation)
        self.body(operation)
        self.answers(operation)

    def schema(self, name):
        schema = self.description["components"]["schemas"][name]
        self.say("### " + name, "")
        if schema.get("description"):
            self.say(schema["description"], "")
        self.members(schema)

    def make(self):
        self.say("# Operations of the API", "",
                 "Made from the description by `scripts/make-api-doc.py`. What they have in common: [conventions](conventions.md); what failures mean: "
                 "[problems](problems.md).", "")
        for tag in self.description["tags"]:
            self.say("## " + tag["name"], "", tag["description"], "")
            for path, methods in self.description["paths"].items():
                for method, operation in methods.items():
                    if method in METHODS and tag["name"] in operation.get("tags", []):
                        self.operation(method, path, operation)
        self.say("## Schemas", "")
        for name in sorted(self.description["components"]["schemas"]):
            self.schema(name)
        return "\n".join(self.lines).rstrip() + "\n"


if len(sys.argv) != 2:
    sys.exit(__doc__)
sys.stdout.write(Document(load(sys.argv[1])).make())
