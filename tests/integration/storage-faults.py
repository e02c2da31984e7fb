"""What src/storage does when the way to a real S3 server is bad: every kind of fault on every kind of call. Faults that pass
are got over, with the right content at the end; faults that stay are told, and leave nothing in the bucket. No message
has a secret."""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from fault_proxy import FaultProxy  # noqa: E402

DRIVER = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "storage-driver")
MIB = 1 << 20
LARGE = 11 * MIB  # three parts of an upload
STALL_S = 1

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


class Bench:
    """The server, the proxy before it, and a folder with a large file."""

    def __init__(self, folder):
        self.folder = folder
        self.server = subprocess.Popen(["/usr/bin/python3", "tests/support/s3_server.py", folder + "/store"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.server.stdout.readline()
        if not line:
            self.give_up()
        self.about = json.loads(line)
        host, port = self.about["endpoint"].split("//")[1].split(":")
        self.proxy = FaultProxy((host, int(port)))
        content = random.Random(8).randbytes(LARGE)
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.large = self.path("large")
        with open(self.large, "wb") as file:
            file.write(content)
        self.secrets = [self.about["secret_key"], "X-Amz-Signature", "X-Amz-Credential", "uploadId="]
        self.said = []

    def give_up(self):
        why = self.server.stderr.read().decode().strip()
        if self.server.wait() != 77:
            sys.exit(why)
        print("1..0 # SKIP " + why)
        sys.exit(0)

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self):
        values = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        values.update({"AWS_ACCESS_KEY_ID": self.about["access_key"],
                       "AWS_SECRET_ACCESS_KEY": self.about["secret_key"],
                       "S3_ENDPOINT": "http://%s:%d" % self.proxy.address,
                       "S3_BUCKET": self.about["bucket"], "S3_STALL": str(STALL_S)})
        return values

    def call(self, rules, *arguments):
        """The driver's answer, and what the proxy counted."""
        self.proxy.ledger.set(rules)
        done = subprocess.run([DRIVER] + [str(a) for a in arguments], env=self.environment(), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.said.append(done.stdout + done.stderr)
        counts = self.proxy.ledger.counts()
        try:
            return json.loads(done.stdout), counts
        except ValueError:
            return {"status": "died", "message": done.stderr.decode()}, counts

    def leaks(self):
        text = b"\n".join(self.said).decode()
        return [secret for secret in self.secrets if secret in text]

    def stop(self):
        self.server.stdin.close()
        self.server.wait(timeout=60)


def content_is(path, expected):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() == expected


# Faults that pass. What a call sends goes by its "up", what it gets by its "down".
PASSING = {
    "a reset connection, twice": {"fault": "cut", "times": 2},
    "an answer that is lost": {"fault": "lose", "times": 1},
    "a delay": {"fault": "delay", "seconds": 0.3, "times": 1},
    "500, twice": {"fault": "status", "status": 500, "code": "InternalError", "times": 2},
    "503 SlowDown, twice": {"fault": "status", "status": 503, "code": "SlowDown", "times": 2},
    "429 with Retry-After": {"fault": "status", "status": 429, "body": "", "headers": {"Retry-After": "0"}, "times": 1},
    "silence": {"fault": "hang", "times": 1},
    "nobody who listens": {"fault": "refuse", "seconds": 0.3, "times": 1},
}
UP = {
    "a request cut in its body": {"fault": "cut", "after_bytes": 20, "times": 1},
    "a damaged request": {"fault": "corrupt-request", "after_bytes": 3, "times": 1},
}
DOWN = {
    "an answer cut in its body": {"fault": "cut-body", "after_bytes": 40, "times": 1},
    "an answer that stops in its body": {"fault": "hang", "after_bytes": 40, "times": 1},
}
DAMAGE = {"a damaged answer": {"fault": "corrupt", "after_bytes": 9, "times": 1}}
SLOW = {"a slow way": {"fault": "throttle", "bytes_per_s": 20 * MIB}}


def calls(bench):
    """Name, arguments, what of its requests is harmed, with which faults, and whether the outcome is right."""
    out = bench.path("out")
    fetch = ["fetch", "large", out, LARGE, bench.sha256]

    def whole(_):
        return content_is(out, bench.sha256)

    def counted(answer):
        return answer.get("count", 0) >= 2

    def stored(_):
        return bench.call([], *fetch)[0]["status"] == "ok" and whole(None)

    text = "a small state of 40 bytes, and some more."
    return [
        ("put", ["put", "small", text], "^PUT ", {**PASSING, **UP}, None),
        ("put a file in parts", ["put-file", "large", bench.large], "^PUT .*partNumber=2",
         {**PASSING, **UP, **SLOW}, stored),
        ("begin and complete an upload", ["put-file", "large", bench.large], "^POST ", PASSING, stored),
        ("put a part by a URL", ["put-part", "part", bench.large], "^PUT ", {**PASSING, **UP}, None),
        ("get", ["get", "large", out], "^GET ", {**PASSING, **DOWN, **DAMAGE, **SLOW}, whole),
        ("fetch by a URL", fetch, "^GET ", {**PASSING, **DOWN, **DAMAGE, **SLOW}, whole),
        ("list", ["list", ""], "^GET ", {**PASSING, **DOWN}, counted),
        ("poll a state", ["poll", "small", 3], "^GET ", {**PASSING, **DOWN}, lambda a: a["changes"] == 1),
    ]


def faults_that_pass(bench):
    for name, arguments, match, faults, is_right in calls(bench):
        for fault, rule in faults.items():
            answer, counts = bench.call([dict(rule, match=match)], *arguments)
            good = answer["status"] == "ok" and counts["rules"][0] == rule.get("times", counts["rules"][0])
            if good and is_right:
                good = is_right(answer)
            check("%s: %s is got over" % (name, fault), good, "%s\n%s" % (answer, counts))


def resumes(bench):
    fetch = ["fetch", "large", bench.path("out"), LARGE, bench.sha256]
    answer, counts = bench.call([{"match": "^GET", "fault": "cut-body", "after_bytes": MIB}], *fetch)
    ranges = [request["range"] for request in counts["log"]]
    starts = [int(r.split("=")[1].split("-")[0]) for r in ranges if r]
    check("a fetch whose every answer is cut goes on where it was, however often",
          answer["status"] == "ok" and answer["resumed"] >= 10 and content_is(bench.path("out"), bench.sha256), answer)
    check("no byte is asked for twice", starts == [MIB * i for i in range(1, 11)], ranges)

    with open(bench.path("out.part"), "wb") as part, open(bench.large, "rb") as large:
        part.write(large.read(5 * MIB))
    answer, counts = bench.call([], *fetch)
    check("what an earlier call left is taken up", answer["status"] == "ok" and
          [r["range"] for r in counts["log"]] == ["bytes=%d-" % (5 * MIB)], counts)


def random_rule(chance):
    """A fault that a fetch may meet; all of them pass."""
    kind = chance.choice(["cut", "lose", "cut-body", "corrupt", "status", "refuse", "delay"])
    return {"match": "^GET", "fault": kind, "times": 1, "after_bytes": chance.randrange(LARGE), "status": 503,
            "code": "SlowDown", "seconds": 0.2} if kind != "cut" else {"match": "^GET", "fault": kind, "times": 1}


def faults_by_chance(bench):
    """Whatever comes, in whatever order: what is there at the end is right, or there is nothing; and then a later call does it."""
    out = bench.path("chance")
    for seed in range(12):
        chance = random.Random(seed)
        rules = [random_rule(chance) for _ in range(chance.randrange(1, 9))]
        fetch = ["fetch", "large", out, LARGE, bench.sha256]
        answer, counts = bench.call(rules, *fetch)
        good = content_is(out, bench.sha256) if answer["status"] == "ok" else not os.path.exists(out)
        if good and answer["status"] != "ok":
            answer, counts = bench.call([], *fetch)
            good = answer["status"] == "ok" and content_is(out, bench.sha256)
        check("faults by chance (seed %d) do not damage what is fetched" % seed, good, "%s\n%s" % (answer, counts))
        os.remove(out)


def faults_that_stay(bench):
    out = bench.path("never")
    fetch = ["fetch", "large", out, LARGE, bench.sha256]
    answer, _ = bench.call([{"match": "^GET", "fault": "corrupt", "after_bytes": 9}], *fetch)
    check("content that is damaged each time is told", answer["status"] == "invalid" and "SHA-256" in answer["message"],
          answer)
    check("nothing is left of it", not os.path.exists(out) and not os.path.exists(out + ".part"))

    answer, counts = bench.call([{"match": "^GET", "fault": "status", "status": 403, "code": "AccessDenied"}], *fetch)
    check("a URL that is refused is told at once, with what it may be",
          answer["status"] == "input/output" and "403 AccessDenied: the URL has expired" in answer["message"] and
          counts["requests"] == 1, answer)
    answer, counts = bench.call([{"match": "^PUT", "fault": "status", "status": 503, "code": "SlowDown"}],
                                "put", "small", "text")
    check("a store that stays busy is told after the last try",
          answer["status"] == "input/output" and "SlowDown" in answer["message"] and counts["requests"] == 6, answer)
    answer, _ = bench.call([{"match": "^GET", "fault": "hang"}], "get", "large", out)
    check("a store that stays silent is told", answer["status"] == "input/output" and
          "nothing moved" in answer["message"], answer)
    answer, _ = bench.call([{"match": "^GET", "fault": "cut"}], "list", "")
    check("a connection that is reset each time is told", answer["status"] == "input/output", answer)


def nothing_is_left(bench):
    answer, counts = bench.call([{"match": "partNumber=2", "fault": "status", "status": 500, "code": "InternalError"}],
                                "put-file", "broken", bench.large)
    aborted = [r["request"] for r in counts["log"] if r["request"].startswith("DELETE")]
    check("an upload that fails is aborted", answer["status"] == "input/output" and
          aborted == ["DELETE /%s/broken" % bench.about["bucket"]], counts)
    answer, _ = bench.call([], "delete", "")
    check("all objects are deleted", answer["status"] == "ok" and answer["count"] >= 3, answer)
    answer, counts = bench.call([], "delete", "")
    check("no object is left, nor an upload that was begun",
          answer["count"] == 0 and not [r for r in counts["log"] if r["request"].startswith("DELETE")], counts)


def main():
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        try:
            bench.call([], "put", "small", "text")
            bench.call([], "put-file", "large", bench.large)
            faults_that_pass(bench)
            resumes(bench)
            faults_by_chance(bench)
            faults_that_stay(bench)
            nothing_is_left(bench)
            check("no message has a key, a signature or an upload's name", not bench.leaks(), bench.leaks())
        finally:
            bench.stop()
    print("1..%d" % tests)
    sys.exit(1 if failures else 0)


main()
