#!/usr/bin/env python3
# Mirror all data
#
#     mirror.py FOLDER
#
# Every list of the server as FOLDER/NAME.ndjson, and the files that each run was published with in FOLDER/runs/ID/. A second time
# only what changed is fetched: lists are asked for with the tag that they had, and files of a run never change. Whatever stops it, it can be run again.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scope "read", where reads are not open.
# Needs: Python 3
import hashlib
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

SERVER = os.environ.get("OUROSCOPE_API", "http://127.0.0.1:8380")
LISTS = ["projects", "profiles", "environments", "versions", "series", "runs", "metrics", "summaries", "change-points",
         "thresholds", "alerts"]


def ask(url, accept="application/json", tag=None):
    """(bytes, headers); None in place of the bytes: nothing has changed."""
    request = urllib.request.Request(url if "://" in url else SERVER + url, headers={"Accept": accept})
    if os.environ.get("OUROSCOPE_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["OUROSCOPE_TOKEN"])
    if tag:
        request.add_header("If-None-Match", tag)
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            if error.code == 304:
                return None, error.headers
            if error.code not in (429, 503):
                raise
            time.sleep(float(error.headers.get("Retry-After", 1)))  # the server says when to come again


def save(path, content):
    """All of it or nothing: whoever reads the folder meanwhile sees no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    part.replace(path)


def rows(name):
    url = "/api/v1/%s?limit=1000" % name
    while url:
        page = json.loads(ask(url)[0])
        yield from page["data"]
        url = page["next"]


def mirror_list(folder, name):
    """Whether it was fetched. The first page's tag stands for a list of one page; longer ones are read again."""
    path, kept = folder / (name + ".ndjson"), folder / (name + ".tag")
    tag = kept.read_text() if kept.exists() and path.exists() else None
    first, headers = ask("/api/v1/%s?limit=1000" % name, tag=tag)
    if first is None:
        return False
    save(path, "".join(json.dumps(row) + "\n" for row in rows(name)).encode())
    if json.loads(first)["next"] is None:
        save(kept, headers["ETag"].encode())
    return True


def mirror_files(folder, run):
    fetched = 0
    for item in rows("runs/%s/artifacts" % run["id"]):
        path = folder / "runs" / run["id"] / item["name"]
        if path.exists():
            continue
        content, _ = ask("/api/v1/runs/%s/artifacts/%s" % (run["id"], item["name"]), accept="*/*")
        if hashlib.sha256(content).hexdigest() != item["sha256"]:
            sys.exit("%s is not what the server says that it is" % path)
        save(path, content)
        fetched += 1
    return fetched


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: mirror.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lists = sum(mirror_list(folder, name) for name in LISTS)
    runs = [json.loads(line) for line in (folder / "runs.ndjson").read_text().splitlines()]
    files = sum(mirror_files(folder, run) for run in runs)
    print("%d of %d lists had changed; %d runs, %d new files" % (lists, len(LISTS), len(runs), files))


main()
