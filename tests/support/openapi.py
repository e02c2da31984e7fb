"""A client of the API that believes nothing: every answer is held against the description that the server hands out.

    api = Api("http://127.0.0.1:8380", token)
    runs = api.get("/api/v1/runs", query={"limit": 2})   # Answer: .status .headers .json .text
    api.coverage()                                       # which operations and statuses were seen

An answer that the description does not have, in status, header, media type or body, raises Mismatch. Paths that the
description does not know (pages) go through `api.raw`.
"""

import gzip
import http.client
import json
import re
import ssl
import subprocess
from urllib.parse import quote, urlencode, urlsplit

import jsonschema

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


class Mismatch(AssertionError):
    pass


def unpacked(content, coding):
    if coding == "zstd":
        return subprocess.run(["zstd", "-dcq"], input=content, capture_output=True, check=True).stdout
    return gzip.decompress(content) if coding == "gzip" else content


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def type(self):
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Description:
    """Operations by method and path, with their schemas ready."""

    def __init__(self, document):
        self.document = document
        self.components = document.get("components", {})
        self.templates = [(self._pattern(path), path) for path in sorted(document["paths"], key=lambda p: p.count("{"))]
        self.validators = {}

    @staticmethod
    def _pattern(template):
        return re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)) + "$")

    def resolve(self, item):
        while isinstance(item, dict) and "$ref" in item:
            node = self.document
            for step in item["$ref"].lstrip("#/").split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
            item = node
        return item

    def find(self, method, path):
        """(template, operation), or (template, None) for a method that the path has not got."""
        for pattern, template in self.templates:
            if pattern.match(path):
                return template, self.document["paths"][template].get(method)
        return None, None

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield method, path, operation

    def check(self, schema, value, where):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = dict(schema, components=self.components)
            whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
            jsonschema.Draft202012Validator.check_schema(whole)
            self.validators[key] = jsonschema.Draft202012Validator(
                whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
                if hasattr(jsonschema.Draft202012Validator, "FORMAT_CHECKER") else None)
        for problem in self.validators[key].iter_errors(value):
            raise Mismatch("%s at /%s: %s" % (where, "/".join(map(str, problem.absolute_path)), problem.message[:500]))


class Api:
    def __init__(self, base, token=None, ca_file=None, description=None):
        self.base, self.token = urlsplit(base), token
        self.context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        self.description = description or Description(self.raw("GET", "/api/v1/openapi.json").json)
        self.seen = {}

    # --- Requests ----------------------------------------------------------------------------------

    def raw(self, method, target, body=None, headers=None, token="own", timeout=60):
        """An answer as it comes, unpacked; nothing is checked."""
        kind = http.client.HTTPSConnection if self.base.scheme == "https" else http.client.HTTPConnection
        more = {"context": self.context} if self.base.scheme == "https" else {}
        connection = kind(self.base.hostname, self.base.port, timeout=timeout, **more)
        sent = dict(headers or {})
        token = self.token if token == "own" else token
        if token:
            sent.setdefault("Authorization", "Bearer " + token)
        try:
            connection.request(method, target, body, sent)
            reply = connection.getresponse()
            content = reply.read()
            found = {}
            for name, value in reply.getheaders():
                name = name.lower()
                found[name] = found[name] + ", " + value if name in found else value
            if method != "HEAD":
                content = unpacked(content, found.get("content-encoding"))
            return Answer(reply.status, found, content)
        finally:
            connection.close()

    def call(self, method, path, query=None, body=None, headers=None, **more):
        """One request, whose answer is checked."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        target = path + ("?" + urlencode(query, doseq=True) if query else "")
        answer = self.raw(method, target, body, headers, **more)
        self.validate(method.lower(), path, answer)
        return answer

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body=body, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body=body, **more)

    def patch(self, path, body=None, **more):
        return self.call("PATCH", path, body=body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def pages(self, path, query=None, **more):
        """All rows of a list, page by page."""
        answer = self.get(path, query=query, **more)
        while True:
            yield from answer.json["data"]
            following = answer.json["next"]
            if not following:
                return
            parts = urlsplit(following)
            answer = self.raw("GET", parts.path + "?" + parts.query, **more)
            self.validate("get", parts.path, answer)

    # --- What the description says of an answer ----------------------------------------------------

    def validate(self, method, path, answer):
        template, operation = self.description.find(method, path)
        where = "%s %s: %d" % (method.upper(), path, answer.status)
        if method in ("head", "options") or (operation is None and answer.status == 405):
            return
        if operation is None:
            if answer.status == 404:
                return self.check_problem(answer, where)
            raise Mismatch(where + ": the description has no such operation")
        responses = operation["responses"]
        response = responses.get(str(answer.status)) or responses.get("%dXX" % (answer.status // 100))
        if response is None:
            raise Mismatch("%s is not among the described %s: %s" % (where, sorted(responses), answer.body[:300]))
        self.seen.setdefault(operation["operationId"], set()).add(answer.status)
        response = self.description.resolve(response)
        self._headers(response, answer, where)
        self._content(response, answer, where)

    def _headers(self, response, answer, where):
        for name, header in response.get("headers", {}).items():
            header = self.description.resolve(header)
            value = answer.headers.get(name.lower())
            if value is None and header.get("required"):
                raise Mismatch("%s: the header %s is missing" % (where, name))
            if value is not None and header.get("schema", {}).get("pattern"):
                self.description.check(header["schema"], value, "%s: %s" % (where, name))

    def _content(self, response, answer, where):
        content = response.get("content")
        if not content:
            if answer.body:
                raise Mismatch(where + ": a body where none is described")
            return
        if answer.type not in content:
            raise Mismatch("%s: %s is not among the described %s" % (where, answer.type, sorted(content)))
        schema = content[answer.type].get("schema")
        if answer.type == "application/x-ndjson":
            for line in answer.body.splitlines():
                strict_json(line, where)
        elif answer.type.endswith("json") and schema is not None:
            self.description.check(schema, strict_json(answer.body, where), where)

    def check_problem(self, answer, where):
        """A refusal of what has no operation: a problem, and below /prometheus what a client of Prometheus understands."""
        kind = "QueryError" if answer.type == "application/json" and "/prometheus/" in where else "Problem"
        schema = self.description.components["schemas"][kind]
        self.description.check(schema, strict_json(answer.body, where), where)

    def coverage(self):
        """({operationId: statuses seen}, operations that were not called)."""
        known = {operation["operationId"] for _, _, operation in self.description.operations()}
        return self.seen, known - set(self.seen)


def strict_json(text, where="JSON"):
    """A document without NaN, Infinity or a member that stands twice."""

    def refuse(name):
        raise Mismatch("%s: %s is no JSON" % (where, name))

    def once(pairs):
        if len({name for name, _ in pairs}) < len(pairs):
            raise Mismatch("%s: a member stands twice: %s" % (where, [name for name, _ in pairs]))
        return dict(pairs)

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    except ValueError as error:
        raise Mismatch("%s: %s: %s" % (where, error, text[:200])) from error


def path_of(template, *values):
    """"/api/v1/runs/{run}" with its names filled in."""
    values = iter(values)
    return re.sub(r"\{[^}]*\}", lambda _: quote(str(next(values)), safe=""), template)
