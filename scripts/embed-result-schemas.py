#!/usr/bin/python3
"""Puts the schemas of result files into the description of the API, where they are the bodies' `result`.

docs/formats/comparison.schema.json and variance.schema.json become components of data/openapi/comparisons.json: their
definitions get a prefix, and references are turned to them. With --check nothing is written, and the exit status is 1 if
the description has other schemas than the files.
"""
import json
import pathlib
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent
DESCRIPTION = HOME / "data/openapi/comparisons.json"
FILES = {"ComparisonResult": "comparison", "VarianceResult": "variance"}


def capital(name):
    return name[0].upper() + name[1:]


def turned(value, prefix):
    """The value with references to its own definitions turned to components."""
    if isinstance(value, dict):
        return {key: turned_reference(item, prefix) if key == "$ref" else turned(item, prefix)
                for key, item in value.items()}
    return [turned(item, prefix) for item in value] if isinstance(value, list) else value


def turned_reference(text, prefix):
    return "#/components/schemas/" + prefix + capital(text.removeprefix("#/$defs/"))


def schemas_of(name, file):
    schema = json.loads((HOME / "docs/formats" / (file + ".schema.json")).read_text())
    definitions = schema.pop("$defs", {})
    for member in ("$schema", "$id", "title"):
        schema.pop(member, None)
    prefix = capital(file)
    ret = {name: turned(schema, prefix)}
    for key, definition in definitions.items():
        ret[prefix + capital(key)] = turned(definition, prefix)
    return ret


def main():
    description = json.loads(DESCRIPTION.read_text())
    schemas = description["components"]["schemas"]
    wanted = {}
    for name, file in FILES.items():
        wanted.update(schemas_of(name, file))
    prefixes = tuple(capital(file) for file in FILES.values())
    others = {name: schema for name, schema in schemas.items() if not name.startswith(prefixes)}
    if "--check" in sys.argv[1:]:
        have = {name: schema for name, schema in schemas.items() if name.startswith(prefixes)}
        wrong = sorted(name for name in have.keys() | wanted.keys() if have.get(name) != wanted.get(name))
        for name in wrong:
            print(f"{DESCRIPTION.name}: {name} is not as docs/formats has it; run scripts/embed-result-schemas.py")
        return 1 if wrong else 0
    description["components"]["schemas"] = {**others, **wanted}
    DESCRIPTION.write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
