"""A cluster of three hosts is kept after its run, and analysed by extracts that its hosts make: the same bytes as of the logs that were fetched."""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
import hosts  # noqa: E402
from cluster_bench import Bench, Missing, Operator  # noqa: E402

PROGRAM = os.path.realpath(os.environ["OUROSCOPE"])
SWITCH = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "delay-switch")
REGION = "eu-central-1"
MACHINES = [(f"client-{i}", REGION) for i in range(3)]
RESULTS = ["analysis.json", "blocks.csv", "metrics.csv", "slots.csv"]
OVERLAY = json.dumps({
    "composition": {"locations": [REGION], "n_singular_hosts": 3, "topology": "dense", "links": []},
    "genesis": {"slot_duration": 0.2, "active_slots_coeff": 0.2, "parameter_k": 10},
    "generator": {"tps": 10, "tx_count": 40, "init_cooldown": 0.5},
    "node": {"shutdown_on_block_synced": 8},
    "run": {"max_duration_s": 90},
    "analysis": {"cluster_base_startup_overhead_s": 1, "filters": []},
})

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[-40:]), flush=True)
    return good


def analyse(bench, run, *options):
    done = subprocess.run([PROGRAM, "analyse", *options, run], env=bench.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          check=False)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def different(one, other):
    return [name for name in RESULTS if not filecmp.cmp(os.path.join(one, name), os.path.join(other, name), shallow=False)]


def same_results(bench, operator, folder, *options):
    """Of the logs, and then, when they are away, of extracts; the names of the files that differ, or why there are none."""
    here, there = (os.path.join(folder, name) for name in ("here", "there"))
    logs, away = (os.path.join(operator.run, name) for name in ("logs", "away"))
    status, told = analyse(bench, operator.run, "--quiet", "--out", here, *options)
    if status:
        return told
    os.rename(logs, away)
    try:
        status, told = analyse(bench, operator.run, "--quiet", "--out", there, "--on", "nomad", *options)
    finally:
        os.rename(away, logs)
    return told if status else different(here, there)


def analysed_there(bench, folder):
    plan = bench.placement(PROGRAM, [REGION], timing={"margin_s": 3, "lead_s": 4, "deploy_timeout_s": 120})
    operator = Operator(PROGRAM, os.path.join(folder, "runs"),
                        ["--on", "nomad", "--placement", plan, "--keep-cluster", "--overlay", OVERLAY, "ci-test"], bench.environment())
    status = operator.wait(200)
    if not check("a run whose cluster is kept", status == 0 and operator.state == "analysed", operator.told()):
        return
    check("its hosts are still there", len(bench.running()) == len(MACHINES), bench.allocations())
    found = same_results(bench, operator, folder)
    check("extracts of the hosts give what the logs give, byte for byte", found == [], found)
    found = same_results(bench, operator, folder, "--compat", "locli")
    check("in compat mode, too", found == [], found)
    left = [name for name in os.listdir(os.path.join(operator.run, "deploy")) if name.startswith("extracts")]
    check("no extract is left here", not left, left)
    told = subprocess.run([PROGRAM, "run", "stop", operator.run], env=bench.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          check=False)
    check("the cluster is left", told.returncode == 0 and not bench.running(), told.stderr.decode())
    shutil.rmtree(os.path.join(operator.run, "logs"))
    status, told = analyse(bench, operator.run, "--on", "nomad")
    check("then it is told that the logs are nowhere", status == 1 and "cluster has been left" in told, told)


def main():
    reason = hosts.missing()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return
    folder, bench = tempfile.mkdtemp(), None
    try:
        bench = Bench(folder, SWITCH, MACHINES, {(REGION, REGION): 5})
        analysed_there(bench, folder)
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
