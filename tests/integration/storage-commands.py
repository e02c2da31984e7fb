"""ouroscope storage check, list and clean with a real S3 server: what they find, what they refuse, and that nothing secret is
in what they print."""

import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, "tests/support")
from fault_proxy import FaultProxy  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
DRIVER = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "storage-driver")

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.server = subprocess.Popen(["/usr/bin/python3", "tests/support/s3_server.py", folder + "/store"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.server.stdout.readline()
        if not line:
            self.give_up()
        self.about = json.loads(line)
        self.printed = ""
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment.update({"AWS_ACCESS_KEY_ID": self.about["access_key"],
                                 "AWS_SECRET_ACCESS_KEY": self.about["secret_key"],
                                 "OUROSCOPE_BUCKET": self.about["bucket"],
                                 "S3_ENDPOINT": self.about["endpoint"], "S3_BUCKET": self.about["bucket"]})

    def give_up(self):
        why = self.server.stderr.read().decode().strip()
        if self.server.wait() != 77:
            sys.exit(why)
        print("1..0 # SKIP " + why)
        sys.exit(0)

    def storage(self, *arguments, endpoint=None, **variables):
        where = ["--endpoint", endpoint or self.about["endpoint"]]
        done = subprocess.run([PROGRAM, "storage"] + list(arguments) + where,
                              env=dict(self.environment, **variables), check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.printed += done.stdout + done.stderr
        return done

    def put(self, key, text="some text"):
        subprocess.run([DRIVER, "put", key, text], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def runs(self):
        return {run["run"]: run for run in json.loads(self.storage("list", "--json").stdout)}

    def stop(self):
        self.server.stdin.close()
        self.server.wait(timeout=60)


def checks(bench):
    done = bench.storage("check")
    check("a bucket that does all is found good", done.returncode == 0 and done.stdout.count(" ok ") == 12 and
          done.stderr == "", done)
    check("it is told where credentials come from, and their end",
          "from environment, access key ending in " + bench.about["access_key"][-4:] in done.stdout, done)
    found = json.loads(bench.storage("check", "--json").stdout)
    check("as JSON, too", [step["result"] for step in found["steps"]] == ["ok"] * 12 and
          abs(found["clock_ahead_s"]) < 3 and len(str(found["clock_ahead_s"])) <= 4, found)
    check("nothing of it stays", bench.runs() == {})

    done = bench.storage("check", AWS_ACCESS_KEY_ID=bench.about["reader_access_key"],
                         AWS_SECRET_ACCESS_KEY=bench.about["reader_secret_key"])
    check("who may not list is told the action, and how to get the policy", done.returncode == 1 and
          "needs s3:ListBucket" in done.stderr and "--policy prints" in done.stderr, done)
    done = bench.storage("check", AWS_SECRET_ACCESS_KEY="wrong")
    check("a wrong key is told", done.returncode == 1 and "SignatureDoesNotMatch" in done.stderr and
          done.stdout.count("not tried") == 9, done)
    done = bench.storage("check", "--bucket", "no-such-bucket")
    check("a bucket that is not there is told", done.returncode == 1 and "NoSuchBucket" in done.stderr, done)
    done = bench.storage("check", "--policy")
    check("a policy allows what is done, below the prefix",
          json.loads(done.stdout)["Statement"][1]["Resource"] == "arn:aws:s3:::%s/ouroscope/*" % bench.about["bucket"],
          done)


def interrupted(bench):
    """Ctrl-C while a part hangs: the object and the upload that were there are removed."""
    host, port = bench.about["endpoint"].split("//")[1].split(":")
    proxy = FaultProxy((host, int(port)))
    proxy.ledger.set([{"match": "PUT .*partNumber", "fault": "hang"}])
    check_process = subprocess.Popen([PROGRAM, "storage", "check", "--endpoint", "http://%s:%d" % proxy.address],
                                     env=bench.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while check_process.poll() is None and not proxy.ledger.counts()["rules"][0]:
        time.sleep(0.05)
    check_process.send_signal(signal.SIGINT)
    output = check_process.communicate(timeout=60)
    last = proxy.ledger.counts()["log"][-1]["request"]
    check("an interrupted check says so, and leaves nothing", check_process.returncode == 1 and
          b"interrupted" in output[1] and last.startswith("GET ") and bench.runs() == {}, (output, last))


class Behind(http.server.BaseHTTPRequestHandler):
    """A store whose clock is 20 minutes behind, with a run that is written to."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() - 1200)

    def do_GET(self):
        modified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1260))
        body = ("<ListBucketResult><Contents><Key>ouroscope/run-a/probe</Key><Size>1</Size><LastModified>%s</LastModified>"
                "</Contents></ListBucketResult>" % modified).encode()
        self.answer(200, body)

    def do_HEAD(self):
        self.answer(404, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def clocks(bench):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = bench.storage("clean", "run-a", endpoint="http://127.0.0.1:%d" % server.server_port)
    check("how old a run is says the store's clock", done.returncode == 1 and "it may go on" in done.stderr, done)
    server.shutdown()
    server.server_close()


def plans(bench):
    plan = os.path.join(bench.folder, "plan.json")
    with open(plan, "w", encoding="utf-8") as file:
        json.dump({"name": "here", "storage": {"endpoint": bench.about["endpoint"], "prefix": "mine/",
                                               "bucket": bench.about["bucket"]}}, file)
    bench.put("mine/run-x/probe")
    done = bench.storage("list", "--placement", plan, OUROSCOPE_BUCKET="another")
    check("a plan says bucket and prefix", done.returncode == 0 and "run-x" in done.stdout, done)
    done = bench.storage("clean", "--placement", plan, "--force", "run-x")
    check("and what is cleaned", done.returncode == 0 and "1 object " in done.stdout, done)


def cleans(bench):
    for key in ("run-a/probe", "run-a/node-0/state.json", "run-b/probe", "run-ab/probe"):
        bench.put("ouroscope/" + key)
    bench.put("ouroscope/beside")
    bench.put("else/where")
    runs = bench.runs()
    check("runs are listed with their objects", list(runs) == ["run-a", "run-ab", "run-b"] and
          runs["run-a"]["objects"] == 2 and runs["run-a"]["bytes"] == 18, runs)
    done = bench.storage("clean", "run-a")
    check("a run that was just written to is not cleaned", done.returncode == 1 and "it may go on" in done.stderr, done)
    done = bench.storage("clean", "--force", "--dry-run", "run-a")
    check("a dry run tells and leaves", done.returncode == 0 and "would be removed" in done.stderr and
          "run-a" in bench.runs(), done)
    done = bench.storage("clean", "--force", "run-a")
    check("a run is cleaned, and none whose name begins alike", done.returncode == 0 and
          list(bench.runs()) == ["run-ab", "run-b"], done)
    done = bench.storage("clean", "--older-than", "1h")
    check("what is young is not older than an hour", done.returncode == 0 and len(bench.runs()) == 2, done)
    bench.put("ouroscope/run-\u009b31m/probe")
    done = bench.storage("clean", "--older-than", "0m", "--force")
    check("a name cannot harm a terminal", "run-\\u{9b}31m" in done.stdout and "\u009b" not in done.stdout, done)
    check("all that is older than nothing goes", done.returncode == 0 and bench.runs() == {}, done)
    done = bench.storage("clean", "run-a")
    check("a run that is not there is told", done.returncode == 1 and "nothing is there" in done.stderr, done)
    done = subprocess.run([DRIVER, "list", ""], env=bench.environment, check=False, stdout=subprocess.PIPE)
    check("what is beside the runs stays", json.loads(done.stdout)["count"] == 2, done)


def wrong_usage(bench):
    for arguments, words in [(["clean"], "which runs?"), (["clean", "a/b"], "as `ouroscope storage list` names it"),
                             (["clean", "--older-than", "7"], "a whole number with m, h or d"),
                             (["list", "--prefix", "/x"], "begin without a slash"),
                             (["list", "--prefix", "ouro"], "end with a slash"),
                             (["clean", "--prefix", "", "--older-than", "7d"], "name the runs"),
                             (["list", "--path-style", "--virtual-host"], "exclude each other")]:
        done = bench.storage(*arguments)
        check("storage %s is wrong usage" % " ".join(arguments), done.returncode == 2 and words in done.stderr, done)
    done = bench.storage("list", OUROSCOPE_BUCKET="")
    check("no bucket is wrong usage", done.returncode == 2, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        try:
            checks(bench)
            interrupted(bench)
            clocks(bench)
            plans(bench)
            cleans(bench)
            wrong_usage(bench)
            secrets = [bench.about["secret_key"], bench.about["access_key"], "Signature="]
            check("nothing secret was printed", not [s for s in secrets if s in bench.printed], bench.printed)
        finally:
            bench.stop()
    print("1..%d" % tests)
    sys.exit(1 if failures else 0)


main()
