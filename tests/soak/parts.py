"""The parts of a soak: what is started, worked with for as long as it lasts, and held to account at the end.

Each part has .end(), which ends it in order and says what became of what it was trusted with: a list of (what, whether it
is so, evidence)."""

import datetime
import glob
import hashlib
import http.client
import json
import os
import random
import re
import subprocess
import threading
import time

from cluster_bench import Operator, read, wait_until
from number_tracer import NumberTracer
from openapi import Api, Mismatch
from results_server import Server
from tracer import Collector

NODES = 4
REGIONS = ("eu-central-1", "us-east-1")
BROKEN = (OSError, http.client.HTTPException)  # what a request meets when its server is killed


def number_in(path):
    """A process's number in a file; 0: there is none."""
    text = read(path).strip()
    return int(text) if text.isdigit() else 0


def seconds_of(stamp):
    """Of an instant in ISO 8601, since 1970."""
    return datetime.datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()


def statements_of(text):
    """(when, what) of messages, a JSON object a line."""
    for line in text.splitlines():
        if line.startswith('{"at":"'):
            yield seconds_of(line[7:30]), line


def history_of(operator):
    """(when, what) of the states of a run."""
    return [(seconds_of(one["at"]), one["cause"]) for one in operator.document("status.json").get("history", [])]


class Worker(threading.Thread):
    """Calls `work` again and again, with a pause between, until it is told to stop; what it did not expect is kept in `failure`."""

    def __init__(self, work, pause_s):
        super().__init__(daemon=True)
        self.work, self.pause_s, self.over, self.failure = work, pause_s, threading.Event(), ""
        self.start()

    def run(self):
        while not self.over.is_set():
            try:
                self.work()
            except Exception as failure:  # told at the end; the others go on
                self.failure = "%s: %s" % (type(failure).__name__, failure)
                return
            self.over.wait(self.pause_s)

    def stop(self, seconds=60):
        self.over.set()
        self.join(seconds)
        return self.failure or ("it does not end" if self.is_alive() else "")


# --- The server of results --------------------------------------------------------------------------


class Results:
    """`ouroscope serve` on PostgreSQL, with publishers, a run that reports, readers and a listener."""

    PAGES = ("/", "/metrics", "/api/v1/runs?limit=20", "/api/v1/live", "/api/v1/health", "/api/v1/series?limit=20",
             "/api/v1/metrics?limit=50", "/api/v1/summaries?limit=20", "/api/v1/events/nothing")

    def __init__(self, program, folder, database, port, publish_s):
        self.server = Server(program, folder, database=database, arguments=["--listen", "127.0.0.1:%d" % port],
                             config={"rate": {"requests": 10000000, "seconds": 1}})
        self.token = self.server.token("publish")
        self.api = Api(self.server.url, self.token)
        self.sample = json.loads(subprocess.run(["zstd", "-dc", "tests/data/repeated/base-1.json.zst"], check=True,
                                                capture_output=True).stdout)
        self.published, self.reported = {}, -1  # id of a run: SHA-256 of its analysis; the last slot that was taken
        self.statuses, self.troubles, self.heard, self.last_event = {}, [], {}, None
        self.lock, self.expected_until = threading.Lock(), 0.0
        self.slot, self.tries = 0, 0
        self.workers = [Worker(self.publish, publish_s), Worker(self.report, 1), Worker(self.listen, 0.2),
                        *(Worker(self.look, 0.1) for _ in range(3))]

    # --- what clients do ---

    def expect_trouble(self, seconds):
        """Requests may fail for so long: somebody is breaking something."""
        self.expected_until = max(self.expected_until, time.monotonic() + seconds)

    def count(self, what, is_trouble, about):
        with self.lock:
            self.statuses[what] = self.statuses.get(what, 0) + 1
            if is_trouble and time.monotonic() > self.expected_until:
                self.troubles.append("%s: %s" % (what, about))

    def ask(self, method, target, body=None):
        """The answer, which is as the description has it; None where there is none."""
        at = time.monotonic()
        try:
            if target.startswith("/api/"):
                path, _, query = target.partition("?")
                answer = self.api.call(method, path, query=dict(pair.split("=") for pair in query.split("&") if pair), body=body)
            else:
                answer = self.api.raw(method, target, body)
        except BROKEN as failure:
            self.count("no answer", at > self.expected_until, "%s %s: %r" % (method, target, failure))
            return None
        except Mismatch as mismatch:
            self.count("not as described", True, mismatch)
            self.troubles.append(str(mismatch))  # never excused
            return None
        self.count(str(answer.status), answer.status >= 500 and at > self.expected_until, "%s %s" % (method, target))
        return answer

    def publish(self):
        """The next run; the same again until it is taken."""
        number = len(self.published)
        self.sample["run"]["tag"] = "2026-11-22T10-00-00_soak_%06d" % number
        text = json.dumps(self.sample)
        answer = self.ask("POST", "/api/v1/runs", {"publication": 1, "project": "soak", "files": [
            {"name": "analysis.json", "type": "application/json", "text": text}]})
        self.tries += 1
        if answer and answer.status in (200, 201):
            self.published[answer.json["id"]] = hashlib.sha256(text.encode()).hexdigest()

    def report(self):
        self.slot += 1
        answer = self.ask("PUT", "/api/v1/live/soak", {"project": "soak", "profile": "soak", "state": "running", "slot": self.slot,
                                                      "elapsedSeconds": float(self.slot)})
        if answer and answer.status in (201, 204):
            self.reported = self.slot

    def look(self):
        if self.published and random.random() < 0.3:
            self.look_at_published(random.choice(list(self.published)))
        else:
            self.ask("GET", random.choice(self.PAGES))
        before = self.reported
        answer = self.ask("GET", "/api/v1/live/soak") if before > 0 and random.random() < 0.2 else None
        if answer and answer.status == 200 and answer.json["report"]["slot"] < before:
            self.troubles.append("the report of slot %d was acknowledged, and %s is shown" % (before, answer.json["report"]["slot"]))

    def look_at_published(self, run):
        """Whether it is there as it was published; None where nobody answers."""
        answer = self.ask("GET", "/api/v1/runs/%s/artifacts/analysis.json" % run)
        if answer is None or answer.status >= 500:
            return None
        good = answer.status == 200 and hashlib.sha256(answer.body).hexdigest() == self.published[run]
        if not good:
            self.troubles.append("run %s was acknowledged, and is not there: %d" % (run, answer.status))
        return good

    def listen(self):
        """A stream of events, taken up where it broke off."""
        try:
            stream = self.server.events("kind=run", last=self.last_event)
        except BROKEN:
            return
        try:
            while not stream.ended and stream.status == 200 and not self.workers[2].over.is_set():
                time.sleep(0.2)
        finally:
            stream.close()
            self.hear(stream.seen)

    def hear(self, events):
        for event in events:
            if event["event"] == "run.published":
                subject = event["data"]["subject"]
                self.heard[subject] = self.heard.get(subject, 0) + 1
            if "id" in event:
                self.last_event = event["id"]

    # --- what tools say ---

    def statements(self):
        return statements_of(read(self.server.log).decode())

    # --- at the end ---

    def end(self):
        self.workers[1].stop(), self.workers[0].stop()
        last = list(self.published)[-1] if self.published else None
        wait_until(lambda: last in self.heard or not self.workers[2].is_alive(), 5)
        failures = [failure for failure in (worker.stop() for worker in self.workers) if failure]
        there = [self.look_at_published(run) for run in self.published]
        shown = self.server.json("/api/v1/live/soak")["report"]["slot"] if self.reported > 0 else -1
        unheard = [run for run in self.published if self.heard.get(run) != 1]
        status = self.server.stop()
        return [
            ("each publication that was acknowledged is there, byte for byte", there and all(there),
             "%d acknowledged (of %d tries), %d there" % (len(there), self.tries, sum(one is True for one in there))),
            ("each was told to a listener, once", not unheard, "%d heard; not once: %s" % (len(self.heard), unheard[:3])),
            ("the last report that was acknowledged, or one behind it, is shown", shown >= self.reported,
             "acknowledged: slot %d, shown: slot %d" % (self.reported, shown)),
            ("no answer was other than described, none failed without a fault", not self.troubles and not failures,
             "%s; %s" % (self.counts(), "; ".join((self.troubles + failures)[:5]) or "no trouble")),
            ("the server ended in order", status == 0, "status %s" % status),
        ]

    def counts(self):
        return ", ".join("%d x %s" % (count, what) for what, count in sorted(self.statuses.items()))


# --- The collector ----------------------------------------------------------------------------------


class Collecting:
    """A collector whose logs are on a file system of their own, and programs that trace numbers."""

    def __init__(self, program, folder, forward, port, size="256m"):
        self.logs = os.path.join(folder, "logs")
        os.makedirs(self.logs)
        self.is_mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "none", self.logs],
                                         stderr=subprocess.DEVNULL, check=False).returncode == 0
        self.collector = Collector(program, folder, hasPrometheus={"epHost": "127.0.0.1", "epPort": port})
        self.programs = [NumberTracer(forward, "program-%d" % i, self.collector.socket, batch=20, pause_s=0.4) for i in range(3)]

    def statements(self):
        return statements_of(self.collector.said())

    def end(self):
        threads = [threading.Thread(target=one.end) for one in self.programs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        status = self.collector.stop()
        told = [("the collector ended in order", status == 0, "status %s" % status)]
        for one in self.programs:
            try:
                good, why = True, one.check(self.collector)
            except AssertionError as wrong:
                good, why = False, str(wrong)
            told.append(("each object of %s is in its files once, or told as lost" % one.name, good, why))
        self.close()
        return told

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", self.logs], check=False)
            self.is_mounted = False


# --- A cluster on this machine ----------------------------------------------------------------------


def profile(seconds, tps, **more):
    """Four nodes, a block in 2.5 s, and a load that lasts."""
    return json.dumps({
        "scenario": "fixed-loaded",
        "composition": {"locations": ["here"], "n_singular_hosts": NODES, "topology": "dense", "links": []},
        "genesis": {"slot_duration": 0.5, "active_slots_coeff": 0.2, "parameter_k": 100, "epoch_length": 6000},
        "generator": {"tps": tps, "tx_count": int(tps * seconds), "init_cooldown": 0.5, "inputs_per_tx": 1, "outputs_per_tx": 1},
        "node": {"shutdown_on_block_synced": None, "shutdown_on_slot_synced": None},
        "run": {"max_duration_s": seconds, "stop_when_exhausted": False, "on_node_death": "restart", "restarts_max": 1000},
        "analysis": {"cluster_base_startup_overhead_s": 1, "filters": []}, **more})


class Cluster:
    """`ouroscope run` of as many seconds as the soak has, reported to the server of results."""

    def __init__(self, program, folder, seconds, server, clock):
        self.program, self.kills = program, 0
        environment = {**os.environ, "OUROSCOPE_TOKEN": server.token("publish"), "no_proxy": "127.0.0.1"}
        if clock:
            environment["LD_PRELOAD"] = clock
        self.operator = Operator(program, folder, ["--report-to", server.url, "--ident", "soak", "--overlay",
                                                   profile(seconds, 2), "ci-test"], environment)
        if not self.operator.reaches(lambda: self.operator.state == "running", 240):
            raise RuntimeError("the cluster does not begin: " + self.operator.told()[-2000:])

    @property
    def run(self):
        return self.operator.run

    def node(self, name):
        """The number of its process."""
        return number_in(os.path.join(self.run, "nodes", name, "pid"))

    def tracer(self):
        return number_in(os.path.join(self.run, "tracer", "pid"))

    def set_clock(self, name, seconds):
        """The wall clock of a node is ahead by so much; 0: no longer."""
        path = os.path.join(self.run, "nodes", name, "clock")
        if not seconds:
            os.unlink(path)
            return
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write("%s\n" % seconds)
        os.rename(path + ".new", path)

    def document(self, name):
        return self.operator.document(name)

    def statements(self):
        return history_of(self.operator)

    def findings(self):
        return self.document("analysis/analysis.json").get("findings", [])

    def adopted(self):
        """Hash of each block: the nodes that adopted it, by their logs."""
        found = {}
        for path in glob.glob(os.path.join(self.run, "logs", "node-*", "node-*.json")):
            for line in read(path).splitlines():
                match = re.search(rb'"kind":"(?:AddedToCurrentChain|SwitchedToAFork)".*"newtip":"([0-9a-f]{64})@', line)
                if match:
                    found.setdefault(match[1].decode(), set()).add(os.path.basename(os.path.dirname(path)))
        return found

    def end(self):
        status = self.operator.wait(240)
        told = self.operator.told()
        analysis = self.document("analysis/analysis.json")
        hashes = {block.get("hash") for block in analysis.get("chain", {}).get("blocks", [])}
        wide = [one for one, nodes in self.adopted().items() if len(nodes) > NODES / 2]
        missing = [one for one in wide if one not in hashes]
        losses = [finding["text"] for finding in self.findings() if finding["code"] in ("trace-loss", "events-lost", "duplicate-lines")]
        deaths = len(re.findall(r"^ouroscope run: .*(?:was killed by signal|ended with status)", told, re.M))
        return [
            ("the run came to its end, and was analysed", status == 0 and self.operator.state == "analysed",
             "status %s, %s" % (status, self.operator.state) + ("" if status == 0 else ": " + told[-600:])),
            ("each block that most nodes adopted is in the analysis", wide and not missing,
             "%d such blocks, missing: %s" % (len(wide), missing[:3])),
            ("no message is lost, none stands twice", analysis and not losses, "; ".join(losses) or "no such finding"),
            ("no process died by itself", deaths == self.kills, "%d ends were told, %d processes were killed" % (deaths, self.kills)),
        ]


# --- Clusters that stand elsewhere ------------------------------------------------------------------


class Rounds:
    """Runs on the model of Nomad, one after the other, whose files go through the bucket."""

    def __init__(self, bench, program, folder, plan, server):
        self.bench, self.program, self.folder, self.plan = bench, program, folder, plan
        self.environment = {**bench.environment(), "OUROSCOPE_TOKEN": server.token("publish"), "no_proxy": "127.0.0.1"}
        self.server, self.done, self.refused, self.kills, self.operator = server, [], [], 0, None
        self.worker = Worker(self.one, 0.5)

    def overlay(self):
        return json.dumps({
            "composition": {"locations": list(REGIONS), "n_singular_hosts": 2, "topology": "dense", "links": []},
            "genesis": {"slot_duration": 0.2, "active_slots_coeff": 0.2, "parameter_k": 10},
            "generator": {"tps": 2, "tx_count": 20, "init_cooldown": 0.5},
            "node": {"shutdown_on_block_synced": 25},
            "run": {"max_duration_s": 150, "on_node_death": "restart", "restarts_max": 5},
            "analysis": {"cluster_base_startup_overhead_s": 1, "filters": []}})

    def one(self):
        parent = os.path.join(self.folder, "round-%d" % (len(self.done) + len(self.refused)))
        self.operator = Operator(self.program, parent, ["--on", "nomad", "--placement", self.plan, "--report-to", self.server.url,
                                                        "--overlay", self.overlay(), "ci-test"], self.environment)
        status = self.operator.wait(420)
        self.follow_advice(self.operator)
        if self.was_refused(self.operator):
            self.refused.append(self.operator)
        else:
            self.done.append((self.operator, status, self.is_whole(self.operator)))

    def follow_advice(self, operator):
        """A run that could not remove what it had elsewhere says which command does so, once the store answers again."""
        if "run stop " + operator.run in operator.told():
            wait_until(lambda: subprocess.run([self.program, "run", "stop", operator.run], env=self.environment, stdin=subprocess.DEVNULL,
                                              capture_output=True).returncode == 0, 60)

    @staticmethod
    def was_refused(operator):
        """Whether it ended before it began anything: the store did not answer when it was asked for the first time, which it says."""
        history = operator.document("status.json").get("history", [])
        return [one["state"] for one in history] == ["allocated", "failed"] and "s3://" in history[-1]["cause"]

    def is_running(self):
        return self.operator and not self.operator.is_over() and self.operator.state == "running" and self.bench.blocks() >= 2

    @staticmethod
    def is_whole(operator):
        """Whether logs of all hosts came home, with blocks that both adopted."""
        blocks = operator.document("analysis/analysis.json").get("chain", {}).get("blocks", [])
        return len(blocks) >= 10 and all(glob.glob(os.path.join(operator.run, "logs", "node-%d" % i, "*.json")) for i in range(2))

    def statements(self):
        """What runs tell of themselves, and what is kept of their clusters."""
        for operator in [one for one, _, _ in self.done] + self.refused + [self.operator]:
            yield from history_of(operator)
            yield from statements_of(read(os.path.join(operator.run, "deploy", "events.jsonl")).decode())

    def end(self):
        failure = self.worker.stop(430)
        bad = ["%s: status %s, %s: %s" % (os.path.basename(o.run), status, o.state, o.told()[-400:])
               for o, status, whole in self.done if status != 0 or not whole]
        left = self.bench.storage.objects(), self.bench.jobs(), wait_until(lambda: not self.bench.processes(), 20)
        return [
            ("each run on the cluster was analysed, with the logs of all hosts", self.done and not bad and not failure,
             "%d runs, and %d that were told at once that the store is away; %s"
             % (len(self.done), len(self.refused), "; ".join(bad[:3]) or failure or "all whole")),
            ("nothing is left in the bucket, at Nomad, or of processes", not left[0] and not left[1] and left[2],
             "%d objects, %d jobs" % (len(left[0]), len(left[1]))),
        ]
