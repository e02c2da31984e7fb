"""The life of an agent, from its task file to its leave, with real processes and a bucket of this test: what it does, what it
refuses, and what is left when it, a service or the bucket dies. docs/formats/agent.md is what it is measured by."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests/support")
from agent_bench import (Agent, Bucket, HOST, Keys, Operator, QUERY, bundle_state, facts, job,  # noqa: E402
                         service, tar, wait_until)

tests = failures = 0
bucket = Bucket()


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def unpacked(order):
    return lambda state: bundle_state(state, order).get("state") == "unpacked"


def failed(order):
    return lambda state: bundle_state(state, order).get("state") == "failed"


def is_gone(pid):
    return not os.path.exists("/proc/%d" % pid)


# ---- a whole life ----


def life_begins(operator, agent):
    state = operator.wait(lambda s: s)
    machine = state["machine"]
    check("the first state says who it is",
          (state["run"], state["host"], state["allocation"], state["node"])
          == (operator.task["run"], HOST, "allocation-1", "machine-9"), state)
    check("the first state tells where the run's folder is, and the program",
          machine["directory"] == agent.path() and os.path.exists(machine["program"]), machine)
    check("the way to the bucket was measured before",
          machine["round_trip_s"] > 0 and machine["bytes_per_s"] > 0, machine)
    check("the clocks of one machine are the same within the doubt",
          abs(machine["clock_ahead_s"]) <= machine["clock_doubt_s"] + 0.05, machine)
    check("folders are private", all(os.stat(p).st_mode & 0o777 == 0o700 for p in
          (agent.path(), os.path.join(agent.folder, "agent"))))
    return state


def life_gets_files(operator, agent):
    content = tar([("genesis/shelley.json", b"{}" * 500), ("nodes/node-3/config.json", b"[]")])
    order = operator.bundle("genesis", content, 1002)
    operator.order(bundles=[order])
    state = operator.wait(unpacked(order))
    check("a bundle is fetched and unpacked", unpacked(order)(state), state)
    check("its files are in their places, and private",
          os.path.getsize(agent.path("genesis/shelley.json")) == 1000
          and os.stat(agent.path("nodes/node-3/config.json")).st_mode & 0o777 == 0o600)
    other = operator.bundle("genesis", tar([("genesis/shelley.json", b"[1]")]), 3)
    operator.order(bundles=[other])
    state = operator.wait(unpacked(other))
    with open(agent.path("genesis/shelley.json")) as file:
        check("a later bundle replaces what an earlier one brought",
              unpacked(other)(state) and file.read() == "[1]", state)
    return other


SLEEPER = "echo begun; trap 'echo ending; exit 0' TERM; while :; do sleep 0.05; done"


def life_runs_services(operator, agent):
    at = time.time_ns() + int(1.5e9)
    wanted = [service("tracer", "sh", "-c", SLEEPER, ready={"kind": "line", "port": 0, "text": "begun"}),
              service("node-3", "sh", "-c", SLEEPER, not_before_ns=at, environment=["COLOUR=blue"])]
    operator.order(services=wanted)
    state = operator.wait(lambda s: facts(s, "tracer").get("is_ready"))
    check("a service without a time is started at once, and ready by its line",
          facts(state, "tracer").get("is_ready"), state)
    check("one with a time is not started before it",
          not facts(state, "node-3").get("running") or state["at_ns"] >= at, state)
    state = operator.wait(lambda s: facts(s, "node-3").get("running"))
    check("it is when its time has come",
          facts(state, "node-3").get("running") and state["at_ns"] >= at, state)
    with open(agent.path("nodes/node-3/pid")) as file:
        pid = int(file.read())
    with open("/proc/%d/environ" % pid) as file:
        check("it has its environment and runs in its folder", "COLOUR=blue" in file.read()
              and os.readlink("/proc/%d/cwd" % pid) == agent.path("nodes/node-3"))
    operator.order(services=[{**s, "stopped": s["name"] == "node-3"} for s in wanted])
    state = operator.wait(lambda s: facts(s, "node-3").get("ended"))
    told = facts(state, "node-3")
    check("one that is to be stopped is asked to end, and the other goes on",
          told.get("status") == 0 and is_gone(pid) and facts(state, "tracer").get("running"), state)
    return wanted


def life_ships(operator, agent):
    os.makedirs(agent.path("logs/node-3"))
    os.makedirs(agent.path("nodes/node-3/db"))
    with open(agent.path("logs/node-3/node.json"), "wb") as file:
        file.write(os.urandom(3000))
    with open(agent.path("nodes/node-3/db/chunk"), "w") as file:
        file.write("not wanted")
    pack = {"id": 1, "kind": "pack", "paths": ["logs/node-3", "nodes/node-3", "genesis", "tracer"],
            "part_bytes": 2000}
    operator.order(jobs=[pack])
    told = job(operator.wait(lambda s: job(s, 1).get("state") in ("done", "failed")), 1)
    check("what a run left is packed, in parts whose hashes are told",
          told.get("state") == "done" and len(told["parts"]) == -(-told["bytes"] // 2000), told)
    urls = [bucket.url(operator.key("part-%d" % i)) for i in range(len(told.get("parts", [])))]
    operator.order(jobs=[pack, {"id": 2, "kind": "ship", "packed": 1, "urls": urls}])
    shipped = job(operator.wait(lambda s: job(s, 2).get("state") in ("done", "failed")), 2)
    whole = b"".join(bucket[operator.key("part-%d" % i)] or b"" for i in range(len(urls)))
    check("its parts are put where they are to be, with their ETags told",
          shipped.get("state") == "done" and hashlib.sha256(whole).hexdigest() == told["sha256"]
          and [p["etag"] for p in shipped["parts"]]
          == [hashlib.md5(whole[i:i + 2000]).hexdigest() for i in range(0, len(whole), 2000)],
          shipped)
    check_pack(operator, whole)
    operator.order(jobs=[{"id": 3, "kind": "forget", "packed": 1}])
    operator.wait(lambda s: job(s, 3).get("state") == "done")
    check("what was packed is removed when it is to be forgotten",
          not [n for n in os.listdir(os.path.join(agent.folder, "agent")) if n.startswith("pack")])


def check_pack(operator, content):
    path = os.path.join(operator.folder, "pack.tar.zst")
    with open(path, "wb") as file:
        file.write(content)
    names = subprocess.run(["bsdtar", "-tf", path], capture_output=True, text=True) \
        if any(os.path.exists(p + "/bsdtar") for p in os.environ["PATH"].split(":")) else None
    if not names:
        return skip("databases and genesis are not packed", "there is no bsdtar here")
    return check("databases and genesis are not packed", "logs/node-3/node.json" in names.stdout
                 and "nodes/node-3/stdout" in names.stdout and "/db" not in names.stdout
                 and not re.search("^genesis/.", names.stdout, re.M), names.stdout + names.stderr)


def test_life(folder):
    operator = Operator(bucket, folder)
    with Agent(operator) as agent:
        life_begins(operator, agent)
        life_gets_files(operator, agent)
        life_runs_services(operator, agent)
        life_ships(operator, agent)
        operator.order(leave=True)
        status = agent.end()
        state = operator.state()
        check("told to leave it ends its services, says so and exits with 0", status == 0
              and state["leaving"] and facts(state, "tracer").get("status") == 0, (status, state))
        said = agent.said()
        check("nothing secret is in its log", QUERY not in said and "SECRET" not in said
              and operator.task["state_seed"] not in said, said)


def test_shipping_goes_on(folder):
    """An agent is killed between two parts: the next one puts only what was not put."""
    operator = Operator(bucket, folder)
    keys = [operator.key("p%d" % i) for i in range(3)]
    pack = {"id": 1, "kind": "pack", "paths": ["logs"], "part_bytes": 40000}
    ship = {"id": 2, "kind": "ship", "packed": 1, "urls": [bucket.url(key) for key in keys]}
    with Agent(operator) as agent:
        operator.wait(lambda s: s)
        os.makedirs(agent.path("logs"))
        with open(agent.path("logs/node.json"), "wb") as file:
            file.write(os.urandom(100000))
        bucket.held.add(keys[1])
        operator.order(jobs=[pack, ship])
        wait_until(lambda: bucket.count("PUT", keys[1]))
        told = job(operator.wait(lambda s: job(s, 2).get("bytes_done") == 40000), 2)
        check("how far shipping is, is told", told.get("state") == "begun", told)
    bucket.held.clear()
    with Agent(operator):
        state = operator.wait(lambda s: job(s, 2).get("state") in ("done", "failed"))
        check("a later agent ships the rest, and nothing twice", job(state, 2).get("state") == "done"
              and [bucket.count("PUT", key) for key in keys] == [1, 2, 1], state)
        whole = b"".join(bucket[key] for key in keys)
        check("what came is what was packed",
              hashlib.sha256(whole).hexdigest() == job(state, 1)["sha256"])


CLUSTER = "tests/data/cluster"


def test_extract(folder):
    operator = Operator(bucket, folder)
    with Agent(operator) as agent:
        operator.order(jobs=[{"id": 1, "kind": "extract", "arguments": [], "part_bytes": 1 << 20}])
        told = job(operator.wait(lambda s: job(s, 1).get("state") in ("done", "failed")), 1)
        check("an extract of nothing fails with what the analysis says",
              told.get("state") == "failed" and told["problem"], told)
        host = sorted(os.listdir(CLUSTER + "/logs"))[0]
        shutil.copytree(CLUSTER + "/genesis", agent.path("genesis"))
        shutil.copytree(CLUSTER + "/logs/" + host, agent.path("logs/" + host))
        operator.order(jobs=[{"id": 2, "kind": "extract", "arguments": [], "part_bytes": 1 << 20}])
        told = job(operator.wait(lambda s: job(s, 2).get("state") in ("done", "failed")), 2)
        check("an extract of a log is packed", told.get("state") == "done" and told["bytes"] > 0
              and len(told["parts"]) == 1, told)
        left = os.listdir(os.path.join(agent.folder, "agent"))
        check("the extract itself is not left behind", "pack-2.tar.zst" in left
              and not [name for name in left if name.startswith("extract")], left)


# ---- what it refuses ----


def refused(operator, what, keys=None, **members):
    """Orders that are wrong, then right ones again: what it said of the wrong ones."""
    good = dict(operator.orders)
    operator.order(keys=keys, **members)
    state = operator.wait(lambda s: what in s["problem"])
    check("orders are refused: %s" % what, what in state["problem"] and not state["services"], state)
    operator.orders = {**good, "number": max(good["number"], operator.orders["number"])}
    operator.order()
    state = operator.wait(lambda s: s["problem"] == "" and s["orders"] == operator.orders["number"])
    check("and obeyed again when they are right", state["problem"] == "", state)


def test_refusals(folder):
    operator = Operator(bucket, folder)
    bad = [service("bad", "sh", "-c", "touch %s/touched" % folder)]
    with Agent(operator) as agent:
        operator.order(number=20)
        operator.wait(lambda s: s["orders"] == 20)
        refused(operator, "signature", keys=Keys(), services=bad)
        refused(operator, "of another run", run="another", services=bad)
        refused(operator, "of another host", host="node-4", services=bad)
        refused(operator, "directory: leads out", services=[service("bad", "sh", directory="../..")])
        good = operator.orders["number"]
        operator.order(number=7, services=bad)
        state = operator.wait(lambda s: "number" in s["problem"])
        check("orders with a lower number are refused", "7" in state["problem"]
              and state["orders"] == good and not state["services"], state)
        bucket[operator.key("orders.json")] = b"{ no JSON"
        state = operator.wait(lambda s: "no JSON" in s["problem"])
        check("what is no JSON is refused", "no JSON" in state["problem"], state)
        check("nothing of it was done", not os.path.exists(folder + "/touched"))
        operator.order(number=100, services=[], leave=True)
        check("it goes on all the same", agent.end() == 0, agent.said())


def test_bad_bundles(folder):
    operator = Operator(bucket, folder)
    good = tar([("genesis/a", b"a")])
    cases = [("a wrong hash", operator.bundle("b1", good, 1, sha256="0" * 64)),
             ("a wrong size", operator.bundle("b2", good + b"x", 1, bytes=len(good))),
             ("a path that escapes", operator.bundle("b3", tar([("../escaped", b"x")]), 1)),
             ("an absolute path", operator.bundle("b4", tar([(folder + "/escaped", b"x")]), 1)),
             ("a link", operator.bundle("b5", tar([("l/x", b"x")], [("l2", "/etc")]), 1)),
             ("more content than was told", operator.bundle("b6", tar([("big", b"x" * 5000)]), 10)),
             ("no archive", operator.bundle("b7", b"nonsense" * 100, 1)),
             ("an object that is not there", {**operator.bundle("b8", good + b"y", 1),
                                              "url": bucket.url(operator.key("nowhere"))})]
    with Agent(operator) as agent:
        operator.wait(lambda s: s)
        operator.order(bundles=[order for _, order in cases])
        for name, order in cases:
            state = operator.wait(failed(order), 60)
            check("%s: the bundle has failed, with a reason" % name,
                  failed(order)(state) and bundle_state(state, order)["problem"], state)
        check("nothing of them is in the run's folder", os.listdir(agent.path()) == []
              and not os.path.exists(folder + "/escaped"), os.listdir(agent.path()))
        right = operator.bundle("genesis", good, 1)
        operator.order(bundles=[right])
        check("the right one is taken then", unpacked(right)(operator.wait(unpacked(right))))
        mine = agent.path("mine")
        with open(mine, "w") as file:
            file.write("of a service")
        over = operator.bundle("over", tar([("genesis/new", b"n"), ("mine", b"m")]), 2)
        operator.order(bundles=[right, over])
        state = operator.wait(failed(over), 60)
        with open(mine) as file:
            check("what was not delivered is not replaced, and nothing moved before",
                  "mine is there already" in bundle_state(state, over).get("problem", "")
                  and file.read() == "of a service" and not os.path.exists(agent.path("genesis/new")),
                  state)


def test_full_disk(folder):
    small = folder + "/small"
    os.makedirs(small)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700",
                                            "tmpfs", small], capture_output=True).returncode:
        return skip("a disk that is too small is told", "no file system can be mounted here")
    try:
        operator = Operator(bucket, folder)
        with Agent(operator, folder=small):
            order = operator.bundle("genesis", tar([("genesis/a", b"a" * (12 << 20))]), 12 << 20)
            operator.order(bundles=[order])
            state = operator.wait(failed(order), 60)
            check("a disk that is too small is told, with sizes",
                  "MB are free on the disk" in bundle_state(state, order).get("problem", ""), state)
    finally:
        subprocess.run(["umount", small], check=True)


# ---- what dies ----


def test_services_that_fail(folder):
    operator = Operator(bucket, folder)
    with Agent(operator):
        operator.order(services=[
            service("dies", "sh", "-c", "echo 'no \033[31mdatabase' >&2; exit 3"),
            service("ends", "true", ends_by_itself=True),
            service("missing", "no-such-program-anywhere"),
            service("late", "sleep", "60", not_before_ns=1)])
        state = operator.wait(lambda s: facts(s, "dies").get("ended") and facts(s, "ends").get("ended")
                              and facts(s, "late").get("running") and facts(s, "missing"))
        told = facts(state, "dies")
        check("a service that dies is told with its status and last lines, cleaned",
              told.get("status") == 3 and told["last_lines"] == "no  [31mdatabase", told)
        check("one that ends by itself has no last lines", facts(state, "ends").get("status") == 0
              and facts(state, "ends")["last_lines"] == "", state)
        check("one that cannot be started says why",
              "there is no program no-such-program-anywhere" in facts(state, "missing")["problem"], state)
        check("one whose time is long over is started at once", facts(state, "late")["running"])
        again = [{**s, "starts": 2} if s["command"]["argv"][0] == "sh" else s
                 for s in operator.orders["services"]]
        operator.order(services=again)
        state = operator.wait(lambda s: facts(s, "dies").get("starts") == 2)
        check("it is started again when orders count more starts",
              facts(state, "dies").get("starts") == 2 and facts(state, "missing")["starts"] == 1, state)


def test_killed_and_started_again(folder):
    operator = Operator(bucket, folder)
    order = operator.bundle("genesis", tar([("genesis/a", b"a" * 100)]), 100)
    pack = {"id": 5, "kind": "pack", "paths": ["genesis", "nodes"], "part_bytes": 1000}
    with Agent(operator) as agent:
        operator.order(number=50, bundles=[order], services=[service("node-3", "sh", "-c", SLEEPER)],
                       jobs=[pack])
        before = operator.wait(lambda s: facts(s, "node-3").get("running")
                               and job(s, 5).get("state") == "done")
        with open(agent.path("nodes/node-3/pid")) as file:
            pid = int(file.read())
        other = Agent(operator)
        check("a second agent in the same folder is refused",
              other.end() == 1 and "another agent works" in agent.said(), agent.said())
    check("services die with their agent", wait_until(lambda: is_gone(pid)))
    fetched = bucket.count("GET", order["url"].partition("?")[0][len(bucket.base) + 1:])
    with Agent(operator) as agent:
        # The first agent may have said more behind what was read as its last: only what the next one says tells of an end.
        state = operator.wait(lambda s: facts(s, "node-3").get("ended") and job(s, 5)
                              and unpacked(order)(s))
        told = facts(state, "node-3")
        check("the next one tells what died, and does not start it by itself",
              (told.get("ended"), told.get("status"), told.get("starts")) == (True, 137, 1), state)
        check("numbers of states go on to rise", state["number"] > before["number"])
        check("a bundle that is there is not fetched again", unpacked(order)(state) and fetched
              == bucket.count("GET", order["url"].partition("?")[0][len(bucket.base) + 1:]), state)
        check("a job that was done is not done again", job(state, 5) == job(before, 5), state)
        operator.order(services=[service("node-3", "sh", "-c", SLEEPER, starts=2)])
        state = operator.wait(lambda s: facts(s, "node-3").get("running")
                              and facts(s, "node-3")["starts"] == 2)
        check("it starts it again when it is told to", facts(state, "node-3").get("starts") == 2, state)
        operator.order(number=3)
        state = operator.wait(lambda s: "number" in s["problem"])
        check("it remembers which orders were seen", "53" not in state["problem"]
              and "number is 3" in state["problem"], state)


def test_in_place_of_another(folder):
    operator = Operator(bucket, folder)
    order = operator.bundle("genesis", tar([("genesis/a", b"a" * 100)]), 100)
    with Agent(operator) as agent:
        operator.order(allocation="allocation-0", bundles=[order],
                       services=[service("node-3", "sh", "-c", SLEEPER)],
                       jobs=[{"id": 7, "kind": "forget", "packed": 1}])
        state = operator.wait(lambda s: s["orders"] == operator.orders["number"])
        check("an agent that was made in place of another does not do what that one had to",
              (state["services"], state["bundles"], state["jobs"], state["problem"])
              == ([], [], [], "") and "an earlier task" in agent.said(), (state, agent.said()))
        operator.order(allocation="allocation-1")
        state = operator.wait(lambda s: facts(s, "node-3").get("running") and job(s, 7))
        check("it does what is for itself", unpacked(order)(state)
              and facts(state, "node-3").get("running"), state)
        operator.order(allocation="allocation-0", leave=True)
        check("it leaves when it is told to, whoever the rest is for", agent.end() == 0, agent.said())


def test_renewed_urls(folder):
    operator = Operator(bucket, folder)
    kept = operator.task_file + ".urls"
    with Agent(operator) as agent:
        operator.order()
        operator.wait(lambda s: s["orders"] == 1)
        check("URLs of the task file are not written once more", not os.path.exists(kept))
        renewed = operator.key("renewed.json")
        operator.order(orders_url=bucket.url(renewed), state_url=bucket.url(operator.key("told.json")))
        wait_until(lambda: bucket[operator.key("told.json")])
        check("renewed ones are kept beside the task file, and private",
              os.stat(kept).st_mode & 0o777 == 0o600 and "renewed.json" in open(kept).read())
    bucket[operator.key("told.json")] = None
    bucket[operator.key("orders.json")] = None
    with Agent(operator) as agent:
        told = wait_until(lambda: bucket[operator.key("told.json")])
        check("an agent that is started again goes on with them", told is not None, agent.said())
        check("no URL is in the log", QUERY not in agent.said())
    with open(kept, "w") as file:
        file.write('{"for": "https://elsewhere.example/o", "orders": 5}')
    again = Operator(bucket, folder)
    shutil.rmtree(os.path.join(folder, "agent"))
    with Agent(again):
        check("a task file that is newer counts more", again.wait(lambda s: s), again.state())


def test_broken_off(folder):
    """Some GB of nothing: sparse files take no room, and long to pack."""
    operator = Operator(bucket, folder)
    with Agent(operator) as agent:
        operator.wait(lambda s: s)
        os.makedirs(agent.path("logs/node-3"))
        for i in range(8):
            with open(agent.path("logs/node-3/%d.json" % i), "wb") as file:
                file.truncate(8 << 30)
        operator.order(jobs=[{"id": 1, "kind": "pack", "paths": ["logs"], "part_bytes": 1 << 24}])
        operator.wait(lambda s: job(s, 1).get("bytes_done", 0) > 0)
        agent.process.send_signal(signal.SIGTERM)
        status = agent.end(20)
        check("a pack does not keep an agent from its end", status == 0, (status, agent.said()))
        check("its last state is told all the same, and the job has not failed",
              operator.state()["leaving"] and job(operator.state(), 1)["state"] == "begun",
              operator.state())
        left = [n for n in os.listdir(os.path.join(folder, "agent")) if n.startswith("pack")]
        check("nothing half-made is left", not left, left)


def test_signal(folder):
    operator = Operator(bucket, folder)
    ending = "trap 'echo %s >>%s/order; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    ready = {"kind": "line", "port": 0, "text": "up"}
    names = ["tracer", "node-3", "generator"]
    with Agent(operator) as agent:
        operator.order(services=[service(n, "sh", "-c", ending % (n, folder), ready=ready)
                                 for n in names])
        operator.wait(lambda s: all(facts(s, n).get("is_ready") for n in names))
        agent.process.send_signal(signal.SIGTERM)
        status = agent.end()
        with open(folder + "/order") as file:
            ended = file.read().split()
        check("SIGTERM ends the services, the last one that was started first",
              ended == ["generator", "node-3", "tracer"], ended)
        check("then the last state is told, and it exits with 0",
              status == 0 and operator.state()["leaving"], (status, operator.state()))


def test_patience(folder):
    operator = Operator(bucket, folder)
    deaf = service("deaf", "sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done",
                   ready={"kind": "line", "port": 0, "text": "up"}, grace_ms=3600000)
    with Agent(operator):
        operator.order(services=[deaf])
        operator.wait(lambda s: facts(s, "deaf").get("is_ready"))
        operator.order(services=[{**deaf, "stopped": True}])
        state = operator.wait(lambda s: s["orders"] == operator.orders["number"])
        check("a service that does not listen has its grace", facts(state, "deaf")["running"], state)
        operator.order(services=[{**deaf, "stopped": True, "grace_ms": 0}])
        state = operator.wait(lambda s: facts(s, "deaf").get("ended"))
        check("less patience is heard, too", facts(state, "deaf").get("status") == 137, state)


def test_end_without_orders(folder):
    operator = Operator(bucket, folder)
    with Agent(operator) as agent:
        services = [service(name, "sh", "-c", SLEEPER) for name in ("node-3", "tracer")]
        operator.order(services=services, end_ns=time.time_ns() + 3600 * 10**9)
        state = operator.wait(lambda s: facts(s, "node-3").get("running"))
        check("services run before the end of their run", facts(state, "node-3").get("running"), state)
        operator.order(end_ns=time.time_ns() - 1)
        state = operator.wait(lambda s: facts(s, "node-3").get("ended") and
                              facts(s, "tracer").get("ended"))
        check("at the end of the run services are ended, though nobody told them to",
              facts(state, "node-3").get("ended") and facts(state, "tracer").get("ended"), state)
        check("and the log says why", "time of the run is over" in agent.said(), agent.said())
        operator.order(services=[{**s, "starts": 2} for s in services])
        state = operator.wait(lambda s: s["orders"] == operator.orders["number"])
        check("none is started behind it, and the agent stays",
              facts(state, "node-3").get("starts") == 1 and not state["leaving"], state)


def test_lost_bucket(folder):
    operator = Operator(bucket, folder)
    with Agent(operator, "--lost-after", "8") as agent:
        operator.order(services=[service("node-3", "sh", "-c", SLEEPER)])
        operator.wait(lambda s: facts(s, "node-3").get("running"))
        with open(agent.path("nodes/node-3/pid")) as file:
            pid = int(file.read())
        bucket.down = True
        time.sleep(1)
        check("services go on while the bucket is away", not is_gone(pid))
        bucket.down = False
        number = operator.state()["number"]
        state = operator.wait(lambda s: s["number"] > number)
        check("when it is back the agent tells its state again", state["number"] > number, state)
        bucket.down = True
        status = agent.end(60)
        bucket.down = False
        check("when it stays away too long the agent ends its services and fails",
              status == 1 and is_gone(pid) and "no orders could be fetched" in agent.said(),
              (status, agent.said()))


# ---- task file and folder ----


def run_once(operator):
    with Agent(operator) as agent:
        return agent.end(10), agent.said()


def test_task_files(folder):
    for i, (name, members, reason) in enumerate([
            ("a member that is not known", {"colour": "blue"}, "colour: is not known"),
            ("a key that is none", {"orders_key": "zz"}, "orders_key: is no key"),
            ("a URL that is none", {"state_url": "file:///x"}, "state_url: is no URL"),
            ("a later version", {"schema": 2}, "schema: is of another version")]):
        status, said = run_once(Operator(bucket, "%s/%d" % (folder, i), **members))
        check("%s is named" % name, status == 1 and reason in said, said)
    operator = Operator(bucket, folder + "/broken")
    with open(operator.task_file, "w") as file:
        file.write('{"state_seed": "%s" "x' % operator.task["state_seed"])
    status, said = run_once(operator)
    check("what is no JSON is not quoted", status == 1 and "is no JSON" in said
          and operator.task["state_seed"][:8] not in said, said)


def test_folders(folder):
    for name, spoil, reason in [
            ("a link", lambda path: os.symlink("/tmp", path), "is no folder"),
            ("open to others", lambda path: (os.mkdir(path), os.chmod(path, 0o755)), "open to other users")]:
        operator = Operator(bucket, folder + "/" + name.replace(" ", "-"))
        spoil(operator.folder + "/run")
        status, said = run_once(operator)
        check("a run folder that is %s is refused" % name, status == 1 and reason in said, said)
    operator = Operator(bucket, folder + "/shared")
    with Agent(operator) as agent:
        operator.wait(lambda s: s)
        agent.kill()
    other = Operator(bucket, operator.folder, run="another")
    status, said = run_once(other)
    check("the folder of another run is refused", status == 1 and "of another run" in said, said)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for i, test in enumerate([test_life, test_shipping_goes_on, test_extract, test_refusals, test_bad_bundles, test_full_disk,
                                  test_services_that_fail, test_killed_and_started_again,
                                  test_in_place_of_another, test_renewed_urls, test_broken_off,
                                  test_signal, test_patience, test_end_without_orders,
                                  test_lost_bucket, test_task_files, test_folders]):
            if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
                continue
            folder = "%s/%d" % (scratch, i)
            os.makedirs(folder, mode=0o700)
            test(folder)
    print("1..%d" % tests)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
