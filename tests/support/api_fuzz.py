#!/usr/bin/env python3
"""Requests that the description of the API allows, and many that it does not, for as long as one likes.

    api_fuzz.py URL [--seconds N] [--seed N] [--token-file FILE] [--ids FILE]

Each request begins as a good one of some operation and is spoiled in a place or two. Whatever comes back must be an answer that the
description has (tests/support/openapi.py), never a 500, and the server must still answer /api/v1/health at the end. The first
request that breaks this is printed so that it can be sent again, and the exit status is 1. --ids: a JSON object
{"run": [...], "series": [...]} of values for names in paths.

Prints what was sent: {"requests", "seconds", "seed", "statuses", "operations"}.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from openapi import METHODS, Api, Mismatch  # noqa: E402

# Texts that mean something to somebody on the way: SQL, HTML, paths, header lines, formats, other encodings.
HOSTILE = [
    "", " ", "'", "\"", "' OR 1=1--", "'; DROP TABLE runs;--", "1) UNION SELECT hash FROM tokens--", "$1", "?1", "%s%n%x",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://x}",
    "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "a\r\nSet-Cookie: x=1", "a\nb", "\0", "a\0b", "\x7f", "\x1b[31m",
    "é", "Ā", "\u202egnp.exe", "\ufeff", "\U0001f600", "a" * 300, "a" * 70000, "-1", "0", "1e400", "NaN", "Infinity", "0x10",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1.5", "true", "null", "[]", "{}",
    "eq.", "gt.", "in.()", "in.(,)", "in.(" + ",".join("a" * 200) + ")", "is.null", "not.null", "prefix.", "prefix.%", "prefix._",
    "eq.eq.eq.", "like.*", "*", "%", "_", "\\", "a,b,,c", ",", "2026-11-22T00:00:00Z", "2026-02-30T00:00:00Z", "0000-00-00", "-startedAt",
]
RAW_BYTES = [b"%", b"%zz", b"%00", b"%ff", b"%c0%80", b"%ed%a0%80", b"+", b"%2b", b"%2F", b"%252F"]
TYPES = ["application/json", "text/csv", "application/x-ndjson", "*/*", "text/*", "application/xml", "application/json;q=0",
         "text/html, */*;q=0.1", ",", ";", "a" * 5000, "application/json;q=nan", "identity"]
BODIES = [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b"{\"a\":" * 3000, b"[" * 100000, b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08",
          b"{\"publication\":1,\"files\":[]}", b"{\"name\":\"x\",\"name\":\"y\"}", b"1e999", b"\"" + b"a" * 100000 + b"\""]
# A proxy, a full queue, or a limit in force: described, and nobody's fault.
QUIET_STATUSES = {429, 503}


def is_endless(operation):
    """A stream of events has no end to wait for."""
    return any("text/event-stream" in response.get("content", {}) for response in operation["responses"].values())


class Fuzzer:
    def __init__(self, api, rng, ids):
        self.api, self.rng, self.ids = api, rng, ids
        self.operations = [item for item in api.description.operations() if not is_endless(item[2])]
        self.statuses, self.called = {}, {}

    # --- Values --------------------------------------------------------------------------------------

    def value(self, schema, depth=0):
        """One that the schema allows, mostly."""
        schema, rng = self.api.description.resolve(schema or {}), self.rng
        if "enum" in schema:
            return rng.choice(schema["enum"])
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self.value(rng.choice(schema[several]), depth)
        kind = schema.get("type", "string")
        kind = rng.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
            return [self.value(schema.get("items"), depth + 1) for _ in range(rng.randint(least, max(least, min(most, 3))))]
        if kind == "integer":
            return rng.randint(schema.get("minimum", 0), min(schema.get("maximum", 1000), 1000))
        if kind == "number":
            return rng.choice([0, 1, -1, .5, 1e-300, 1e300, rng.random()])
        if kind == "boolean":
            return rng.random() < .5
        if kind == "null":
            return None
        if schema.get("format") == "date-time":
            return "2026-11-22T%02d:00:00.000000001Z" % rng.randrange(24)
        return rng.choice(["a", "10.7.1", "default", "forger/cdfForgerLead", "machperf/CentiCpu", "x" * rng.randint(0, 40)])

    def object(self, schema, depth):
        rng = self.rng
        names = [name for name in schema.get("properties", {})
                 if name in schema.get("required", []) or (depth < 4 and rng.random() < .6)]
        return {name: self.value(schema["properties"][name], depth + 1) for name in names}

    def spoil(self, value):
        """Something else in its place, or somewhere in it."""
        rng = self.rng
        if isinstance(value, dict) and value and rng.random() < .7:
            name = rng.choice(sorted(value))
            changed = dict(value)
            if rng.random() < .2:
                del changed[name]
            else:
                changed[name] = self.spoil(value[name])
            return changed
        if isinstance(value, list) and value and rng.random() < .7:
            return [self.spoil(item) for item in value] * rng.choice([1, 1, 50])
        return rng.choice([None, True, -1, 1e308, [], {}, [[]], {"a": {}}, rng.choice(HOSTILE)])

    def text(self, name, schema):
        known = self.ids.get(name, [])
        if known and self.rng.random() < .8:
            return str(self.rng.choice(known))
        return str(self.value(schema))

    # --- Requests --------------------------------------------------------------------------------------

    def parameters(self, operation, path_item):
        every = path_item.get("parameters", []) + operation.get("parameters", [])
        return [self.api.description.resolve(parameter) for parameter in every]

    def build(self):
        """(method, target, body, headers)"""
        rng = self.rng
        method, path, operation = rng.choice(self.operations)
        parameters = self.parameters(operation, self.api.description.document["paths"][path])
        headers, query = {}, []
        for parameter in parameters:
            name, schema = parameter["name"], parameter.get("schema")
            if parameter["in"] == "path":
                text = rng.choice(HOSTILE) if rng.random() < .1 else self.text(name, schema)
                path = path.replace("{%s}" % name, quote(text[:2000], safe="") or "-")
            elif parameter["in"] == "query" and (parameter.get("required") or rng.random() < .25):
                for _ in range(rng.choice([1, 1, 1, 2])):
                    query.append(self.pair(name, self.text(name, schema)))
            elif parameter["in"] == "header" and rng.random() < .4:
                headers[name] = self.header(rng.choice(["*", "\"abc\"", "W/\"abc\"", "count=exact", "1", self.text(name, schema)]))
        if rng.random() < .1:
            query.append(self.pair(rng.choice(HOSTILE), "1"))
        if rng.random() < .3:
            headers["Accept"] = rng.choice(TYPES)
        if rng.random() < .3:
            headers["Accept-Encoding"] = rng.choice(["gzip", "identity", "*;q=0", "gzip;q=0.5, *", "br", "a" * 1000])
        method = method.upper() if rng.random() < .95 else rng.choice(METHODS).upper()
        body = self.body(operation, headers)
        return method, path + ("?" + "&".join(query) if query else ""), body, headers

    def pair(self, name, value):
        if self.rng.random() < .4:
            value = self.rng.choice(HOSTILE)
        text = quote(name[:3000], safe="") + "=" + quote(value[:70000], safe="")
        return text + self.rng.choice(RAW_BYTES).decode() if self.rng.random() < .05 else text

    @staticmethod
    def header(text):
        return "".join(c if 32 <= ord(c) < 127 else "?" for c in text)[:4000]

    def body(self, operation, headers):
        wanted = self.api.description.resolve(operation.get("requestBody", {}))
        if not wanted and self.rng.random() < .95:
            return None
        content = wanted.get("content", {"application/json": {}})
        kind = self.rng.choice(sorted(content))
        headers["Content-Type"] = kind if self.rng.random() < .9 else self.rng.choice(TYPES)
        if self.rng.random() < .15:
            if self.rng.random() < .3:
                headers["Content-Encoding"] = self.rng.choice(["gzip", "zstd", "br", "gzip, gzip", "identity"])
            return self.rng.choice(BODIES)
        value = self.value(content[kind].get("schema"))
        if self.rng.random() < .5:
            value = self.spoil(value)
        return json.dumps(value).encode()

    # --- One after the other --------------------------------------------------------------------------

    def step(self):
        method, target, body, headers = request = self.build()
        try:
            answer = self.api.raw(method, target, body, headers, token=None if self.rng.random() < .1 else "own")
        except (ConnectionError, OSError) as error:
            if not len(target) > 8000:
                self.fail(request, "no answer: %s" % error)
            return
        except Exception as error:  # http.client's own refusals: nothing was sent
            if "InvalidURL" not in type(error).__name__ and "ValueError" not in type(error).__name__:
                self.fail(request, repr(error))
            return
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.status >= 500 and answer.status not in QUIET_STATUSES:
            self.fail(request, "%d: %s" % (answer.status, answer.body[:500]))
        # A head that is too large has no operation yet; an escaped slash is one, and may make another path of it.
        if answer.status in (414, 431) or (answer.status == 404 and "%2f" in target.split("?")[0].lower()):
            return
        try:
            if len(answer.headers.get("set-cookie", "")):
                raise Mismatch("a line was added to the headers")
            self.check(method.lower(), target.split("?")[0], answer)
        except Mismatch as error:
            self.fail(request, error)

    def check(self, method, path, answer):
        if self.api.description.find(method, path)[1] is None and 400 <= answer.status < 500 and method != "head":
            self.api.check_problem(answer, "%s %s" % (method, path))
        else:
            self.api.validate(method, path, answer)

    def fail(self, request, why):
        method, target, body, headers = request
        print(json.dumps({"why": str(why), "method": method, "target": target[:3000], "headers": headers,
                          "body": (body or b"")[:3000].decode("latin-1")}, indent=1), file=sys.stderr)
        sys.exit(1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--token-file")
    options.add_argument("--ids")
    options = options.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    token = Path(options.token_file).read_text().strip() if options.token_file else None
    ids = json.loads(Path(options.ids).read_text()) if options.ids else {}
    fuzzer = Fuzzer(Api(options.url, token), random.Random(seed), ids)
    print("seed %d" % seed, file=sys.stderr)
    end, requests = time.monotonic() + options.seconds, 0
    while time.monotonic() < end:
        fuzzer.step()
        requests += 1
    health = fuzzer.api.raw("GET", "/api/v1/health")
    if health.status != 200:
        sys.exit("the server is not well behind it: %s" % health.body[:300])
    seen, missing = fuzzer.api.coverage()
    print(json.dumps({"requests": requests, "seconds": options.seconds, "seed": seed,
                      "statuses": {str(k): v for k, v in sorted(fuzzer.statuses.items())},
                      "operations": len(seen), "notCalled": sorted(missing)}))


if __name__ == "__main__":
    main()
