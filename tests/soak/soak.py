#!/usr/bin/python3
"""The whole system under load for an hour, with a fault a minute: soak.py [--minutes 60] [--every 60] [--seed 1] [--out FOLDER]
        [--only KIND,...] [--scale X] [--local]

A cluster of reference nodes with its collector, whose run reports to the server of results; programs that trace numbers to a collector of
their own; the server on PostgreSQL with publishers, readers and listeners; runs on a cluster whose files go through an object store;
Prometheus. Faults (faults.py) are drawn in an order that the seed decides. In the end all that was acknowledged has to be there, and each fault has
to be told by the tools: OUT/README.md says how it went. Exit status 0: all held; 1: something did not; 77: not enough of it can run here.
OUT is made, and has to be empty; what the parts wrote stays in it. `make soak` runs it."""

import argparse
import os
import random
import subprocess
import sys
import threading
import time

sys.path[:0] = ["tests/support", "tests/soak"]
import faults  # noqa: E402
import hosts  # noqa: E402
import prometheus  # noqa: E402
import report  # noqa: E402
from cluster_bench import Bench, Missing  # noqa: E402
from parts import REGIONS, Cluster, Collecting, Results, Rounds  # noqa: E402
from ports import free_port  # noqa: E402
from postgres_process import PostgresProcess  # noqa: E402
from watch import Watch  # noqa: E402

PROGRAM = os.path.realpath(os.environ.get("OUROSCOPE", "build/ouroscope"))
BUILD = os.path.realpath(os.environ.get("OUROSCOPE_BUILD", "build"))
MACHINES = [("client-eu-1", REGIONS[0]), ("client-us-1", REGIONS[1]), ("client-eu-2", REGIONS[0])]


class Soak:
    """All parts, the faults so far, and the time."""

    def __init__(self, options):
        self.options, self.folder = options, os.path.abspath(options.out)
        self.seconds, self.scale = options.minutes * 60, options.scale
        self.random, self.over, self.faults, self.missing = random.Random(options.seed), threading.Event(), [], {}
        self.bench = self.postgres = self.results = self.collecting = self.cluster = self.rounds = self.prometheus = None
        self.clock, self.closing, self.began = "", [], time.monotonic()

    def elapsed_s(self):
        return time.monotonic() - self.began

    def sleep(self, seconds):
        self.over.wait(seconds)

    def path(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        return path

    def say(self, text):
        print("# %7.1f s  %s" % (self.elapsed_s(), text), flush=True)

    # --- from the first part to the last ---

    def compile(self, name, *arguments):
        output = os.path.join(self.path("bin"), name)
        subprocess.run([*os.environ.get("OUROSCOPE_CC", "cc").split(), "-std=c17", "-D_GNU_SOURCE", "-O2", "-pthread", *arguments, "-o", output], check=True)
        return output

    def begin_bench(self):
        """First of all: this process goes into a network of its own."""
        why = "left out" if self.options.local else hosts.missing()
        try:
            if not why:
                self.bench = Bench(self.path("cluster"), os.path.join(BUILD, "tests", "delay-switch"), MACHINES, {REGIONS: 20})
                self.closing.append(self.bench.close)
        except Missing as missing:
            why = str(missing)
        if why:
            self.missing["rounds"] = why

    def begin_results(self):
        self.postgres = PostgresProcess(sync=True)
        self.closing.append(self.postgres.close)
        if self.postgres.why:
            raise Missing(self.postgres.why)
        self.results = Results(PROGRAM, self.path("results"), self.postgres.database("soak"), free_port(), self.options.publish)
        self.closing.append(self.results.server.__exit__)

    def begin_collecting(self):
        forward = self.compile("forward", "-Iinclude", "tests/integration/library/forward.c", "-L" + os.path.join(BUILD, "src"),
                               "-Wl,-rpath," + os.path.join(BUILD, "src"), "-louroscope")
        self.page = free_port()
        self.collecting = Collecting(PROGRAM, self.path("collector"), forward, self.page)
        self.closing.append(self.collecting.close)
        if not self.collecting.is_mounted:
            self.missing["mount"] = "no file system can be mounted here"

    def begin_clusters(self):
        self.clock = self.compile("stepped-clock.so", "-shared", "-fPIC", "tests/support/stepped_clock.c", "-ldl")
        if self.bench:
            plan = self.bench.placement(PROGRAM, REGIONS, timing={"margin_s": 3, "lead_s": 4, "deploy_timeout_s": 150})
            self.rounds = Rounds(self.bench, PROGRAM, self.path("rounds"), plan, self.results.server)
        self.cluster = Cluster(PROGRAM, self.path("runs"), self.seconds, self.results.server, self.clock)

    def begin_prometheus(self):
        if not prometheus.is_there():
            self.missing["prometheus"] = "not installed"
            return
        config = "global: {scrape_interval: 2s}\nscrape_configs:\n" + "".join(
            "  - {job_name: %s, static_configs: [{targets: ['%s']}]}\n" % pair for pair in (
                ("results", self.results.server.url.split("//")[1]), ("collector", "127.0.0.1:%d" % self.page)))
        self.prometheus, self.prometheus_url = prometheus.start_prometheus(self.path("prometheus"), config=config)
        self.closing.append(lambda: prometheus.stop(self.prometheus))

    def watched(self):
        """What memory and descriptors are looked at of: by name, process numbers as they are now."""
        found = {"ouroscope run": self.cluster.operator.process.pid, "collector of the run": self.cluster.tracer(),
                 "ouroscope tracer": self.collecting.collector.process.pid, "ouroscope serve": self.results.server.pid}
        found.update({"node-%d" % i: self.cluster.node("node-%d" % i) for i in range(4)})
        found.update({one.name: one.process.pid for one in self.collecting.programs})
        return found

    # --- the hour ---

    def kinds(self):
        wanted = self.options.only.split(",") if self.options.only else list(faults.FAULTS)
        for kind in [kind for kind in wanted if faults.FAULTS[kind][2] in self.missing]:
            self.say("no fault %r: %s" % (kind, self.missing[faults.FAULTS[kind][2]]))
        return [kind for kind in wanted if faults.FAULTS[kind][2] not in self.missing]

    def run_faults(self):
        """A fault at each full interval, until the run is about to end."""
        due, last = self.elapsed_s() + self.options.every / 2, self.elapsed_s() + self.seconds - 45 * self.scale
        for kind in faults.order_of(self.kinds(), self.options.seed):
            self.sleep(max(0, due - self.elapsed_s()))
            if self.elapsed_s() >= last or self.cluster.operator.is_over():
                return
            self.say("fault: " + kind)
            fault = faults.commit(self, kind)
            self.say("over: %s, %s, %.1f s %s" % (kind, fault.target, fault.lasted_s, fault.said))
            due = max(due + self.options.every, self.elapsed_s() + self.options.every / 4)

    def outages(self):
        """Of each job, how many of Prometheus's looks were in vain."""
        if not self.prometheus:
            return {}
        ask = lambda query: prometheus.ask(self.prometheus_url, "/api/v1/query", query=query)[1]["data"]["result"]  # noqa: E731
        return {row["metric"]["job"]: float(row["value"][1]) for row in ask("count_over_time(up[2h]) - sum_over_time(up[2h])")}

    def perform(self):
        for begin in (self.begin_bench, self.begin_results, self.begin_collecting, self.begin_clusters, self.begin_prometheus):
            begin()
            self.say(begin.__name__.replace("begin_", "") + " is up")
        watch = Watch(self.watched)
        self.run_faults()
        self.say("no more faults")
        outages = self.outages()
        held = [("collector", what) for what in self.collecting_end()]
        if self.rounds:
            held += [("cluster", what) for what in self.rounds.end()]
        held += [("run", what) for what in self.cluster.end()]
        held += [("processes", what) for what in watch.end()]
        held += [("server", what) for what in self.results.end()]
        faults.ask_witnesses(self)
        unseen = ["%s (%s)" % (fault.kind, fault.target) for fault in self.faults if not fault.said]
        held.append(("report", ("each fault is told by the tools", not unseen, "%d faults; not told: %s" % (len(self.faults), unseen))))
        return report.write(self, held, watch, outages)

    def collecting_end(self):
        told = self.collecting.end()
        self.say("the collector has ended")
        return told

    def close(self):
        self.over.set()
        for part in (self.cluster and self.cluster.operator, self.rounds and self.rounds.operator):
            if part and not part.is_over():
                part.process.terminate()
                part.wait(60)
        while self.closing:
            self.closing.pop()()


def main():
    parser = argparse.ArgumentParser(description="The whole system under load, with faults")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=60, help="seconds between faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default="build/soak")
    parser.add_argument("--only", default="", help="these faults, by name, with commas between")
    parser.add_argument("--scale", type=float, default=1, help="of how long faults last")
    parser.add_argument("--local", action="store_true", help="without runs on other machines")
    parser.add_argument("--publish", type=float, default=3, help="seconds between publications")
    soak = Soak(parser.parse_args())
    os.makedirs(soak.folder, exist_ok=True)
    if os.listdir(soak.folder):
        sys.exit("soak: %s is not empty" % soak.folder)
    try:
        return soak.perform()
    except Missing as missing:
        print("1..0 # SKIP %s" % missing)
        return 77
    finally:
        soak.close()


if __name__ == "__main__":
    sys.exit(main())
