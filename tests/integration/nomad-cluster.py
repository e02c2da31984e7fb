"""A run on a cluster of six hosts in three regions, end to end: agents, real nodes and their collectors, genesis through S3, with all that goes
wrong on the way: a server of Nomad that is started again, machines and tasks that die, a bucket that refuses, cuts and corrupts, a host that is
late. Then a run whose operator is killed in the middle, and goes on."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, "tests/support")
import hosts  # noqa: E402
from cluster_bench import Bench, CommandLines, Missing, Operator, files_below, leaks, read, wait_until  # noqa: E402

PROGRAM = os.path.realpath(os.environ["OUROSCOPE"])
SWITCH = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "delay-switch")
EU, US, AP = REGIONS = ("eu-central-1", "us-east-1", "ap-southeast-2")
DELAYS_MS = {(EU, EU): 5, (US, US): 5, (AP, AP): 5, (EU, US): 40, (EU, AP): 60, (US, AP): 50}
# Two a region for the run's hosts, and one to spare where a machine is lost.
MACHINES = [("client-eu-1", EU), ("client-us-1", US), ("client-ap-1", AP), ("client-eu-2", EU), ("client-us-2", US), ("client-ap-2", AP),
            ("client-us-3", US)]
HOSTS = [f"node-{i}" for i in range(6)]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[-60:]), flush=True)


def overlay(blocks, **more):
    return json.dumps({
        "composition": {"locations": list(REGIONS), "n_singular_hosts": 6, "topology": "dense", "links": []},
        "genesis": {"slot_duration": 0.2, "active_slots_coeff": 0.2, "parameter_k": 10},
        "generator": {"tps": 10, "tx_count": 100, "init_cooldown": 0.5},
        "node": {"shutdown_on_block_synced": blocks},
        "run": {"max_duration_s": 100, "on_node_death": "continue"},
        "analysis": {"cluster_base_startup_overhead_s": 1, "filters": []}, **more})


# --- What goes wrong ------------------------------------------------------------------------------------

FAULTS = [
    # The bucket: refusals and broken connections are tried again, and what came changed is not taken.
    {"match": r"^PUT \S*/state\.json", "fault": "status", "status": 503, "code": "SlowDown", "times": 4, "skip": 3},
    {"match": r"^PUT \S*/probe", "fault": "status", "status": 500, "code": "InternalError", "times": 1},
    {"match": r"^GET \S*/orders\.json", "fault": "cut", "times": 3, "skip": 10},
    {"match": r"^GET \S*/genesis-", "fault": "cut-body", "after_bytes": 3000, "times": 2},
    {"match": r"^GET \S*/genesis-", "fault": "corrupt", "after_bytes": 200, "times": 1},
    {"match": r"^PUT \S*/genesis-", "fault": "corrupt-request", "after_bytes": 1000, "times": 1},
    {"match": r"^GET \S*/genesis-", "fault": "status", "status": 503, "code": "SlowDown", "times": 2},
    # A connection of one host falls silent; that of another is so slow that the host is late, and the start has to be put off.
    {"match": r"^GET \S*/node-5/files-", "fault": "hang", "seconds": 60, "times": 1},
    {"match": r"^GET \S*/node-2/files-", "fault": "throttle", "bytes_per_s": 250, "times": 1},
    # Logs on their way home.
    {"match": r"^PUT \S*/pack-", "fault": "corrupt-request", "after_bytes": 100, "times": 1},
    {"match": r"^PUT \S*/pack-", "fault": "status", "status": 503, "code": "SlowDown", "times": 2},
    {"match": r"^GET \S*/pack-", "fault": "cut-body", "after_bytes": 2000, "times": 2},
    {"match": r"^GET \S*/pack-", "fault": "corrupt", "after_bytes": 500, "times": 1},
]


class Saboteur(threading.Thread):
    """Does to the cluster, at the right moments, what is to be survived."""

    def __init__(self, bench, operator):
        super().__init__(daemon=True)
        self.bench, self.operator = bench, operator
        self.done = {}  # what, and to which allocation

    def run(self):
        try:
            self.while_it_is_deployed()
            self.while_it_runs()
        except OSError as error:  # the cluster ended with the test
            self.done["trouble"] = str(error)

    def while_it_is_deployed(self):
        bench, operator = self.bench, self.operator
        if operator.reaches(lambda: bench.running("node-1") and bench.running("node-3"), 60):
            self.done["killed while deployed"] = bench.running("node-3")[0]["ID"]
            bench.nomad.control(kill_allocation=self.done["killed while deployed"])
            self.done["moved"] = bench.running("node-1")[0]["ID"]
            bench.nomad.control(lose_node=bench.running("node-1")[0]["NodeName"])
            bench.nomad.control(restart_server=1.0)
            self.done["server"] = "restarted"

    def while_it_runs(self):
        bench, operator = self.bench, self.operator
        if operator.reaches(lambda: operator.state == "running" and bench.blocks() >= 5, 120):
            self.done["killed while running"] = bench.running("node-4")[0]["ID"]
            bench.nomad.control(kill_allocation=self.done["killed while running"])


# --- What has to be true then ---------------------------------------------------------------------------


def events(operator):
    return [json.loads(line) for line in read(os.path.join(operator.run, "deploy", "events.jsonl")).splitlines()]


def it_went_well(bench, operator, saboteur, status):
    check("six hosts: the run comes to its end, and is analysed", status == 0 and operator.state == "analysed", operator.told())
    counts = bench.proxy.ledger.counts()
    unused = [rule["match"] + " " + rule["fault"] for rule, count in zip(FAULTS, counts["rules"]) if not count]
    check("every fault of the bucket has been done", not unused, unused)
    check("the server of Nomad was restarted, a task killed and a machine lost while it was deployed, a task killed while it ran",
          set(saboteur.done) == {"killed while deployed", "moved", "server", "killed while running"}, saboteur.done)
    told = [event for event in events(operator) if event["from"] == "nomad"]
    check("what Nomad told is kept: of the host that moved, and of the one whose task was killed",
          {"node-1", "node-3"} <= {event["host"] for event in told}, told[-20:])
    said = operator.told()
    check("the late host is named, and the start put off", "node-2" in said and re.search(r"late|later", said), said)
    history = " ".join(change["state"] for change in operator.document("status.json")["history"])
    check("the run went through its states", history.endswith("running stopped fetched analysed"), history)


def a_death_is_told(operator):
    text = json.dumps(operator.document("status.json"))
    check("the host that died is in status.json", "node-4 was killed" in text, text)
    report = read(os.path.join(operator.run, "analysis", "report.md")).decode()
    check("and in the report", "node-4 was killed" in report, report[:3000])


def meta_is_whole(operator, saboteur):
    meta = operator.document("meta.json").get("meta", {})
    backend, steps = meta.get("backend", {}), meta.get("timing", {}).get("to_start", [])
    check("meta.json says where the run stood", backend.get("name") == "nomad" and [host["name"] for host in backend["hosts"]] == HOSTS and
          all(host["address"].startswith("10.77.0.") and host["allocation"] for host in backend["hosts"]), backend)
    places = {host["name"]: (host["node"], host["allocation"]) for host in backend.get("hosts", [])}
    check("the host whose machine was lost stands on the spare one, the one whose task was killed where it was",
          places["node-1"][0] == "client-us-3" and places["node-3"][1] == saboteur.done.get("killed while deployed"), places)
    moments = [step["at"] for step in steps]
    check("and how long it took to start", len(steps) >= 5 and moments == sorted(moments), steps)


def analysis_of(operator):
    return operator.document("analysis/analysis.json")


def headings(operator):
    """Of sections: the report's own is the run's name."""
    return set(re.findall(r"^##+ (.+)$", read(os.path.join(operator.run, "analysis", "report.md")).decode(), re.M))


def blocks_travelled(operator):
    """Blocks were forged in all regions, and adopted by hosts of the others."""
    blocks = analysis_of(operator).get("chain", {}).get("blocks", [])
    check("blocks were forged and adopted across the regions", len(blocks) >= 10 and len({block.get("forger") for block in blocks}) >= 3,
          json.dumps(blocks[:2]))


def the_report_is_alike(operator, local):
    """In kind: the same sections and metrics as those of a run of the same profile on this machine."""
    metrics = lambda one: {(group, name) for group, some in analysis_of(one).get("metrics", {}).items() for name in some}
    check("it has the metrics of a local run", metrics(operator) == metrics(local), metrics(operator) ^ metrics(local))
    more = headings(operator) - headings(local)
    check("its report has the sections of a local run", headings(local) <= headings(operator) and len(more) <= 2,
          f"missing: {headings(local) - headings(operator)}, more: {more}")


def nothing_is_left(bench):
    check("the bucket is empty", not bench.storage.objects(), bench.storage.objects())
    check("the job is purged", wait_until(lambda: not bench.jobs(), 10), bench.jobs())
    check("no process of a task is left", wait_until(lambda: not bench.processes(), 20), bench.processes())


def nothing_is_told(bench, operator, secrets, lines):
    private = os.path.join(operator.run, "deploy", "deployment.json")
    mode = stat.S_IMODE(os.stat(private).st_mode)
    check("the deployment's keys are for its owner alone", mode == 0o600, oct(mode))
    paths = [path for path in files_below(operator.run) if path != private] + operator.said + bench.logs_of_tasks()
    found = leaks(paths, secrets)
    check("no secret is in a file of the run, in what was printed, or in what tasks printed", len(secrets) > 10 and not found, found)
    check("no secret was in a command line", not lines.with_secret(secrets), lines.with_secret(secrets))


# --- The tests ------------------------------------------------------------------------------------------


def with_all_faults(bench, folder, plan):
    local = Operator(PROGRAM, os.path.join(folder, "local"), ["--overlay", overlay(12), "ci-test"], bench.environment())
    local_status = local.wait(120)
    check("a run of the same profile on this machine, to compare with", local_status == 0, local.told())
    bench.proxy.ledger.set(FAULTS)
    lines = CommandLines()
    operator = Operator(PROGRAM, os.path.join(folder, "runs"), ["--on", "nomad", "--placement", plan, "--overlay", overlay(25), "ci-test"],
                        bench.environment())
    saboteur = Saboteur(bench, operator)
    saboteur.start()
    secrets = set()
    while not operator.is_over():  # tasks' folders may go; what they had is to be known
        secrets |= bench.secrets(operator.run)
        wait_until(operator.is_over, 1)
    secrets |= bench.secrets(operator.run)
    status = operator.wait(1)
    lines.close()
    it_went_well(bench, operator, saboteur, status)
    if operator.state == "analysed":
        a_death_is_told(operator)
        meta_is_whole(operator, saboteur)
        blocks_travelled(operator)
        the_report_is_alike(operator, local)
    nothing_is_left(bench)
    nothing_is_told(bench, operator, secrets, lines)


def taken_up_again(bench, folder, plan):
    """The operator's process is killed while the cluster runs, and another one goes on."""
    for machine in bench.nomad.get("/v1/nodes"):
        if machine["Status"] != "ready":
            bench.nomad.control(return_node=machine["Name"])
    bench.proxy.ledger.set([])
    parent = os.path.join(folder, "resumed")
    first = Operator(PROGRAM, parent, ["--on", "nomad", "--placement", plan, "--overlay", overlay(20), "ci-test"], bench.environment())
    reached = first.reaches(lambda: first.state == "running" and bench.blocks() >= 2, 120)
    first.process.send_signal(signal.SIGKILL)
    first.wait(10)
    check("tasks outlive the operator's process", reached and len(bench.running()) == len(HOSTS), first.told())
    listed = subprocess.run([PROGRAM, "run", "list", parent], capture_output=True, text=True, check=False).stdout
    check("its cluster is listed as one that stands", " cut-off (cluster) " in listed, listed)
    refused = subprocess.run([PROGRAM, "run", "clean", first.run], capture_output=True, text=True, check=False)
    check("and is not cleaned while it does", refused.returncode == 1 and "its cluster stands" in refused.stderr, refused.stderr)
    second = Operator(PROGRAM, parent, ["--resume", "latest"], bench.environment(), name="resume")
    status = second.wait(150)
    check("a run whose operator was killed is taken up, and analysed", status == 0 and second.state == "analysed", second.told())
    nothing_is_left(bench)


def main():
    reason = hosts.missing()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return
    folder, bench = tempfile.mkdtemp(), None
    try:
        bench = Bench(folder, SWITCH, MACHINES, DELAYS_MS)
        plan = bench.placement(PROGRAM, REGIONS, timing={"margin_s": 3, "lead_s": 4, "deploy_timeout_s": 120})
        with_all_faults(bench, folder, plan)
        taken_up_again(bench, folder, plan)
        print(f"1..{tests}")
    except Missing as missing:
        print(f"1..0 # SKIP {missing}")
    finally:
        if bench:
            bench.close()
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failures > 0)


main()
