"""What goes wrong: each fault is done to the real thing, and taken back; then it is asked who has seen it."""

import os
import random
import re
import signal
import subprocess
import time

from cluster_bench import wait_until

REST_S = 12  # requests may fail for so long after a fault is over: clients and pools come back
CLOCK_STEP_S = 1.5
AWAY_S = 22  # what a cluster far away does not tell sooner


class Fault:
    """One that was done: when, which, to whom, for how long, and what its witness said."""

    def __init__(self, kind, at_s):
        self.kind, self.at_s, self.wall_s, self.lasted_s, self.target, self.said = kind, at_s, time.time(), 0.0, "", ""


def a_node(soak):
    return "node-%d" % soak.random.randrange(4)


def pause(soak, process, seconds):
    os.kill(process, signal.SIGSTOP)
    try:
        soak.sleep(seconds)
    finally:
        os.kill(process, signal.SIGCONT)


def killed_in_run(soak, find):
    """SIGKILL to a process of the run, which starts it again."""
    before = find()
    soak.cluster.kills += 1
    os.kill(before, signal.SIGKILL)
    if not wait_until(lambda: find() not in (0, before), 30):
        raise AssertionError("it is not started again")


# --- the faults: (soak) -> whom it befell -----------------------------------------------------------


def node_killed(soak):
    name = a_node(soak)
    killed_in_run(soak, lambda: soak.cluster.node(name))
    return name


def node_stopped(soak):
    name = a_node(soak)
    pause(soak, soak.cluster.node(name), 20 * soak.scale)
    return name


def run_collector_killed(soak):
    killed_in_run(soak, soak.cluster.tracer)
    return "collector of the run"


def clock_step(soak):
    name = a_node(soak)
    soak.cluster.set_clock(name, CLOCK_STEP_S)
    soak.sleep(20 * soak.scale)
    soak.cluster.set_clock(name, 0)
    return name


def collector_killed(soak):
    soak.collecting.collector.kill()
    soak.sleep(3 * soak.scale)
    soak.collecting.collector.start()
    return "collector"


def collector_stopped(soak):
    pause(soak, soak.collecting.collector.process.pid, 20 * soak.scale)
    return "collector"


def fill(folder):
    """A file that takes all room of a file system; its path."""
    path = os.path.join(folder, "filler")
    with open(path, "wb") as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            pass
    return path


def collector_disk_full(soak):
    path = fill(soak.collecting.logs)
    soak.sleep(15 * soak.scale)
    os.unlink(path)
    return "disk of the collector's logs"


def away(soak, how):
    """The database, for some seconds."""
    how()
    soak.sleep(8 * soak.scale)
    soak.postgres.start()


def database_stopped(soak):
    away(soak, soak.postgres.stop_fast)
    return "PostgreSQL (as an administrator would)"


def database_killed(soak):
    away(soak, soak.postgres.kill)
    return "PostgreSQL (SIGKILL)"


def server_killed(soak):
    soak.results.server.kill()
    soak.sleep(3 * soak.scale)
    soak.results.server.start()
    return "server of results"


def bucket(soak, **rule):
    soak.bench.proxy.ledger.set([{"match": ".", **rule}])
    soak.sleep(AWAY_S)
    soak.bench.proxy.ledger.set([])
    return "bucket"


def s3_refuses(soak):
    return bucket(soak, fault="refuse", seconds=AWAY_S, times=1)


def s3_hangs(soak):
    return bucket(soak, fault="hang", seconds=AWAY_S)


def s3_busy(soak):
    return bucket(soak, fault="status", status=503, code="SlowDown")


def agent_killed(soak):
    """The task of a host: its agent, node and collector."""
    if not wait_until(lambda: soak.over.is_set() or soak.rounds.is_running(), 100) or soak.over.is_set():
        raise Skipped("no cluster was running")
    allocation = soak.random.choice(soak.bench.running())
    soak.rounds.kills += 1
    soak.bench.nomad.control(kill_allocation=allocation["ID"])
    return "task of " + allocation["TaskGroup"]


def link_down(soak):
    """The network interface of a host."""
    if not wait_until(lambda: soak.over.is_set() or soak.rounds.is_running(), 100) or soak.over.is_set():
        raise Skipped("no cluster was running")
    host = soak.random.choice(soak.bench.hosts.names[:2])
    device = subprocess.run(["ip", "-n", host, "-o", "link", "show"], capture_output=True, text=True, check=True).stdout
    name = next(line.split(": ")[1].split("@")[0] for line in device.splitlines() if ": lo:" not in line)
    route = subprocess.run(["ip", "-n", host, "route"], capture_output=True, text=True, check=True).stdout
    subprocess.run(["ip", "-n", host, "link", "set", name, "down"], check=True)
    try:
        soak.sleep(AWAY_S)
    finally:
        subprocess.run(["ip", "-n", host, "link", "set", name, "up"], check=True)
        for line in route.splitlines():
            subprocess.run(["ip", "-n", host, "route", "replace", *line.split()], check=False, capture_output=True)
    return "link of machine " + host.rsplit("-", 1)[1]


class Skipped(Exception):
    """The fault could not be done, and why."""


# --- who has seen it --------------------------------------------------------------------------------


TOLD_S = 90  # behind a fault: a run far away tells it when it has been heard of again


def by_finding(*codes):
    """A finding of the run's analysis that names whom it befell; these say no time."""

    def look(soak, fault):
        for one in soak.cluster.findings():
            if one["code"] in codes and fault.target in one["text"]:
                return "report, %s: %s" % (one["code"], one["text"])
        return ""

    return look


def by_statement(part, pattern):
    """What a part said in the time of the fault, or soon after it."""

    def look(soak, fault):
        for at, text in getattr(soak, part).statements():
            if fault.wall_s - 1 <= at <= fault.wall_s + fault.lasted_s + TOLD_S and re.search(pattern, text):
                return text
        return ""

    return look


def by_incident(pattern):
    """The same, of the run; and its report has it, too."""
    stated = by_statement("cluster", pattern)

    def look(soak, fault):
        text = stated(soak, fault)
        return "report, incident: " + text if any(text and text in one["text"] for one in soak.cluster.findings()) else ""

    return look


# name: (what is done, who sees it, which part is needed, whether requests to the server fail meanwhile)
FAULTS = {
    "node killed": (node_killed, by_incident("^node-. was killed"), "cluster", False),
    "collector of the run killed": (run_collector_killed, by_incident("^the collector was killed"), "cluster", False),
    "node stopped": (node_stopped, by_finding("missed-slots", "time-gap"), "cluster", False),
    "clock step": (clock_step, by_finding("out-of-order", "clock-suspect"), "cluster", False),
    "collector killed": (collector_killed, by_statement("collecting", "StaleSocket"), "collecting", False),
    "collector stopped": (collector_stopped, by_statement("collecting", "Stalled"), "collecting", False),
    "disk full": (collector_disk_full, by_statement("collecting", "WriteFailed.*No space left"), "mount", False),
    "database restarted": (database_stopped, by_statement("results", "DatabaseAway"), "results", True),
    "database killed": (database_killed, by_statement("results", "DatabaseAway"), "results", True),
    "server killed": (server_killed, by_statement("results", "Results.Started"), "results", True),
    "S3 refuses": (s3_refuses, by_statement("rounds", "connection refused|without an answer|was not heard of|has not answered"), "rounds", False),
    "S3 hangs": (s3_hangs, by_statement("rounds", "nothing moved for|without an answer|was not heard of|has not answered"), "rounds", False),
    "S3 busy": (s3_busy, by_statement("rounds", "SlowDown|was not heard of"), "rounds", False),
    "agent killed": (agent_killed, by_statement("rounds", "was killed by signal 9"), "rounds", False),
    "network cut": (link_down, by_statement("rounds", "was not heard of|late"), "rounds", False),
}


def order_of(kinds, seed):
    """All kinds once in a random order, again and again: none is left out of a short soak for long."""
    chance = random.Random(seed)
    while True:
        turn = list(kinds)
        chance.shuffle(turn)
        yield from turn


def commit(soak, kind):
    """Does it, and says how it went."""
    do, _, _, breaks_requests = FAULTS[kind]
    fault = Fault(kind, soak.elapsed_s())
    soak.faults.append(fault)
    if breaks_requests:
        soak.results.expect_trouble(300)
    try:
        fault.target = do(soak)
    except Skipped as why:
        fault.said = "skipped: %s" % why
    finally:
        fault.lasted_s = soak.elapsed_s() - fault.at_s
        if breaks_requests:
            soak.results.expected_until = time.monotonic() + REST_S
    return fault


def ask_witnesses(soak):
    for fault in soak.faults:
        if not fault.said:
            fault.said = FAULTS[fault.kind][1](soak, fault)
