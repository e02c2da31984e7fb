"""`ouroscope publish`, `import` and `run --publish-to` to a server of results: what arrives is what was sent, once, whoever is asked;
tokens, conflicts and servers that are away are told as what they are.
"""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
PUBLISHED = os.path.join(os.environ.get("OUROSCOPE_SHARED_DATA", "../shared/data"), "published", "published_results.tsv")
OTHER_RUN = "tests/data/repeated/slow-1.json.zst"
RUNS = ["tests/data/repeated/base-%d.json.zst" % i for i in range(1, 6)]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why)[:2000].splitlines()), flush=True)


def ouroscope(*arguments, token=None):
    environment = {k: v for k, v in os.environ.items() if k not in ("OUROSCOPE_TOKEN", "OUROSCOPE_DB")}
    if token:
        environment["OUROSCOPE_TOKEN"] = token
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_runs(server, folder):
    token = server.token("publish")
    done = ouroscope("publish", "--json", "--project", "node", "--info", "release=1", "--to", server.url, *RUNS, token=token)
    check("runs are published to a server", done.returncode == 0, done.stderr)
    told = lines(done)
    check("each is told with its page", [line["url"] for line in told] ==
          ["%s/runs/%s" % (server.url, line["id"]) for line in told], told)
    listed = server.json("/api/v1/runs?project=node")["data"]
    check("the server has them", {run["id"] for run in listed} == {line["id"] for line in told}, listed)
    check("with their labels", server.json("/api/v1/runs/" + told[0]["id"])["info"] == {"release": "1"})
    again = ouroscope("publish", "--json", "--project", "node", "--to", server.url + "/", *RUNS, token=token)
    check("again they are there already", again.returncode == 0 and
          {line["outcome"] for line in lines(again)} == {"already there"}, again.stdout)
    local = os.path.join(folder, "local.db")
    done = ouroscope("publish", "--json", "--to", local, *RUNS)
    check("a database gives them the same ids", [line["id"] for line in lines(done)] == [line["id"] for line in told])
    return told


def test_bytes(server, told):
    plain = subprocess.run(["zstd", "-dcq", RUNS[0]], capture_output=True, check=True).stdout
    status, headers, body = server.request("GET", "/api/v1/runs/%s/artifacts/analysis.json" % told[0]["id"])
    check("a file comes back byte for byte", status == 200 and body == plain, headers)


def test_conflict(server, folder):
    changed = os.path.join(folder, "changed.json")
    plain = subprocess.run(["zstd", "-dcq", RUNS[0]], capture_output=True, check=True).stdout
    with open(changed, "wb") as file:
        file.write(plain.replace(b'"batch": "exp"', b'"batch": "other"'))
    command = ["publish", "--json", "--project", "node", "--to", server.url, changed]
    done = ouroscope(*command, token=server.token("publish"))
    check("other content of a run is a conflict", done.returncode == 1 and lines(done)[0]["outcome"] == "conflict", done.stdout)
    check("which tells how to replace it", "--replace" in done.stderr and "--replace" in lines(done)[0]["message"], done.stderr)
    done = ouroscope(*command, "--replace", token=server.token("publish"))
    check("to replace it a token to publish is not enough", done.returncode == 2 and "admin" in done.stderr, done.stderr)
    done = ouroscope(*command, "--replace", token=server.token("publish", "admin"))
    check("an administrator's is", done.returncode == 0 and lines(done)[0]["outcome"] == "replaced", done.stdout + done.stderr)


def test_tokens(server, folder):
    done = ouroscope("publish", "--to", server.url, RUNS[0])
    check("without a token it is told what is missing", done.returncode == 2 and "OUROSCOPE_TOKEN" in done.stderr, done.stderr)
    done = ouroscope("publish", "--to", server.url, RUNS[0], token=server.token("read"))
    check("a token to read is not enough", done.returncode == 2 and "publish" in done.stderr, done.stderr)
    done = ouroscope("publish", "--project", "theirs", "--to", server.url, RUNS[0], token=server.token("publish", project="ours"))
    check("nor is one of another project", done.returncode == 2 and "ours" in done.stderr, done.stderr)
    elsewhere = ouroscope("publish", "--json", "--project", "ours", "--to", server.url, RUNS[1], token=server.token("publish"))
    check("a run of another project is told as such", elsewhere.returncode == 1 and
          lines(elsewhere)[0]["outcome"] == "conflict" and "--replace moves it" in elsewhere.stderr, elsewhere.stderr)
    path = os.path.join(folder, "token")
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(server.token("publish", project="ours") + "\n")
    done = ouroscope("publish", "--project", "ours", "--to", server.url, "--token-file", path, OTHER_RUN)
    check("a token may stand in a file", done.returncode == 0, done.stderr)
    secret = server.token("publish").split("_", 2)[2]  # which may have _ in it, too
    check("no log has a token", secret not in server.said() and secret not in open(server.log).read())


def test_run(server, folder):
    """What a server would refuse is told before half an hour is spent."""
    done = subprocess.run([PROGRAM, "run", "demo", "--publish-to", server.url], capture_output=True, text=True, cwd=folder,
                          env={k: v for k, v in os.environ.items() if k != "OUROSCOPE_TOKEN"})
    check("a run begins with the question whether it can be published", done.returncode == 2 and
          "OUROSCOPE_TOKEN" in done.stderr and not os.path.exists(os.path.join(folder, "runs")), done.stderr)


def test_table(server):
    if not os.path.exists(PUBLISHED):
        print("# there are no published results here")
        return
    done = ouroscope("import", "--to", server.url, PUBLISHED, token=server.token("publish"))
    check("published results are imported", done.returncode == 0 and "70 runs: 70 published" in done.stdout, done.stdout + done.stderr)
    series = server.json("/api/v1/series?project=published")["data"]
    check("a series for each workload", len(series) == 3, series)
    history = server.json("/api/v1/runs?project=published&profile=value&limit=1000")["data"]
    check("of which that of value has thirty runs", len(history) == 30, len(history))
    done = ouroscope("import", "--to", server.url, PUBLISHED, token=server.token("publish"))
    check("again they are there already", "70 there already" in done.stdout, done.stdout)


def test_away(server):
    server.stop()
    done = ouroscope("publish", "--json", "--to", server.url, RUNS[0], token=server.token("publish"))
    check("a server that is away is waited for, and told", done.returncode == 1 and "trying again" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder, Server(PROGRAM, os.path.join(folder, "server")) as server:
        told = test_runs(server, folder)
        test_bytes(server, told)
        test_conflict(server, folder)
        test_tokens(server, folder)
        test_run(server, folder)
        test_table(server)
        test_away(server)
    print("1..%d" % tests)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
