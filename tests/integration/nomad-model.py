"""The model of Nomad answers as a real agent did: the requests of tests/data/nomad-api are made again, and statuses, texts of failures and the shapes
of documents compared. Where NOMAD names a nomad program the same is asked of a real agent; what only a test can bring about (machines that fall
silent, a server that is started again) is asked of the model alone."""

import http.server
import io
import json
import os
import re
import shutil
import ssl
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, "tests/support")
from nomad_process import REAL, Nomad, client_context, tls_files, wait_until  # noqa: E402

RECORDED = "tests/data/nomad-api"
S = 1_000_000_000

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:40]), flush=True)


def recorded(name):
    with open(os.path.join(RECORDED, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


# --- Shapes ---------------------------------------------------------------------------------------------

# Members whose keys are data: of these the values are compared, whatever they are called.
MAPS = {"Attributes", "ClassEligibility", "ConstraintFiltered", "DesiredTGUpdates", "DimensionExhausted", "Drivers", "Env",
        "FailedTGAllocs", "GetterOptions", "Meta", "NodesAvailable", "QueuedAllocations", "ResourcesExhausted", "Scores", "Summary",
        "TaskLifecycles", "TaskResources", "TaskStates", "Tasks"}
# What differs with what a machine has and a driver takes, and not with what answers.
MACHINES = {"Config", "HostVolumes", "NodeNetworks", "Networks", "Links"}


def kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(ours, theirs, path="", part=False):
    """Where two documents differ in members and types. null stands for any; with `part` ours may have less."""
    if ours is None or theirs is None:
        return []
    if kind(ours) != kind(theirs):
        return [f"{path}: {kind(ours)}, recorded {kind(theirs)}"]
    if isinstance(ours, dict):
        return differences_of_members(ours, theirs, path, part)
    if isinstance(ours, list) and ours and theirs:
        if isinstance(ours[0], dict) and "DisplayMessage" in ours[0]:
            return differences_of_events(ours, theirs, path)
        return differences(ours[0], theirs[0], path + "[0]", part)
    return []


def differences_of_members(ours, theirs, path, part):
    name = path.rpartition(".")[2]
    if name in MACHINES:
        return []
    if name in MAPS:
        pairs = zip(list(ours.values())[:1], list(theirs.values())[:1])
        return [one for first, second in pairs for one in differences(first, second, path + ".*", part)]
    found = [f"{path}.{member}: not recorded" for member in sorted(ours.keys() - theirs.keys())]
    if not part:
        found += [f"{path}.{member}: missing" for member in sorted(theirs.keys() - ours.keys())]
    for member in sorted(ours.keys() & theirs.keys()):
        found += differences(ours[member], theirs[member], f"{path}.{member}", part)
    return found


def differences_of_events(ours, theirs, path):
    """Events of tasks: those of one type have the same members, and the same details."""
    found, by_type = [], {event["Type"]: event for event in theirs}
    for event in ours:
        if event["Type"] in by_type:
            found += differences(event, by_type[event["Type"]], f"{path}({event['Type']})")
    return found


def same_shape(name, ours, theirs, part=False):
    # A newer agent than the recorded one has more.
    found = [one for one in differences(ours, theirs, part=part) if not (REAL and one.endswith("not recorded"))]
    check(f"{name} has the members that were recorded", not found, "\n".join(found))


# --- What jobs fetch ------------------------------------------------------------------------------------


class Files(http.server.ThreadingHTTPServer):
    """Serves pk.tar.gz, an archive with a text and a script; all else is 404."""

    def __init__(self):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, text, mode in (("pk/data.txt", b"payload v1\n", 0o644), ("pk/run.sh", b"#!/bin/sh\necho script $@\n", 0o755)):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(text), mode
                archive.addfile(entry, io.BytesIO(text))
        content = packed.getvalue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                good = self.path == "/pk.tar.gz"
                self.send_response(200 if good else 404)
                self.send_header("Content-Length", str(len(content) if good else 0))
                self.end_headers()
                if good:
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


def demo_job(files):
    """The recorded job, with artifacts of this test's server, and what raw_exec can run where that needed a chroot."""
    job = recorded("05-register")["request"]["body"]["Job"]
    one, two = (group["Tasks"][0] for group in job["TaskGroups"])
    one["Artifacts"] = [{"GetterSource": files.url + "/pk.tar.gz", "RelativeDest": "local/http"}]
    one["Config"]["args"][1] = one["Config"]["args"][1].replace("local/s3/pk/run.sh", "local/http/pk/run.sh")
    two.update(Driver="raw_exec", Artifacts=None)
    two["Config"]["args"] = ["-c", "sleep 1; exit 3"]
    return job


def simple_job(name, command="/bin/sleep", arguments=("1000",), groups=("g",), kind="service", **members):
    """A job of groups of one task each; members of groups, resources and tasks are set by name."""
    task = {"Name": "main", "Driver": members.pop("Driver", "raw_exec"), "Config": {"command": command, "args": list(arguments)},
            "Resources": {"CPU": 50, "MemoryMB": members.pop("MemoryMB", 20)}, "KillTimeout": S}
    of_group = {key: members.pop(key) for key in ("Constraints", "Networks", "ReschedulePolicy", "MaxClientDisconnect", "Affinities")
                if key in members}
    group = {"Count": 1, "RestartPolicy": {"Attempts": 0, "Mode": "fail", "Interval": 10 * S, "Delay": S},
             "ReschedulePolicy": {"Attempts": 0, "Unlimited": False}, "Tasks": [task], **of_group}
    return {"ID": name, "Type": kind, "Datacenters": ["dc1"], "Update": {"MinHealthyTime": S // 5, "MaxParallel": 1},
            "TaskGroups": [dict(group, Name=one) for one in groups], **members}


def register(nomad, job):
    """Registers it and waits until its evaluation is through: (the answer, the evaluation)."""
    answer = nomad.ask("PUT", "/v1/jobs", {"Job": job}).body
    evaluation = lambda: nomad.get(f"/v1/evaluation/{answer['EvalID']}")
    wait_until(lambda: evaluation()["Status"] != "pending")
    return answer, evaluation()


def allocations(nomad, job, **wanted):
    return [one for one in nomad.get(f"/v1/job/{job}/allocations") if all(one[name] == value for name, value in wanted.items())]


def running(nomad, job):
    return allocations(nomad, job, ClientStatus="running", DesiredStatus="run")


# --- As it was recorded ---------------------------------------------------------------------------------


def agent_and_nodes(nomad):
    for name in ("00-agent-members", "00-namespaces", "00-nodes", "00-agent-health"):
        record = recorded(name)
        same_shape(name, nomad.get(record["request"]["path"]), record["response"]["body"])
    same_shape("00-agent-self", nomad.get("/v1/agent/self"), recorded("00-agent-self")["response"]["body"], part=True)
    leader = nomad.get("/v1/status/leader")
    check("there is a leader, and it is among the peers", leader in nomad.get("/v1/status/peers"), leader)
    check("the region is the recorded one", nomad.get("/v1/regions") == recorded("00-regions")["response"]["body"])
    node = nomad.get("/v1/nodes")[0]["ID"]
    same_shape("01-node", nomad.get(f"/v1/node/{node}"), recorded("01-node")["response"]["body"])


def refusals_as_recorded(nomad):
    """Requests that were refused, sent again as they stand: the same status and the same text."""
    for name in ("03-validate-error", "05-register-error", "05-register-malformed", "08-job-unknown", "08-allocation-unknown"):
        record = recorded(name)
        body = record["request"].get("body")
        answer = nomad.ask(record["request"]["method"], record["request"]["path"], body)
        wanted = record["response"]
        given = answer.body if isinstance(wanted["body"], dict) else answer.text
        check(f"{name} is refused with the recorded text", (answer.status, given) == (wanted["status"], wanted["body"]),
              f"{answer.status} {given}\nrecorded: {wanted['status']} {wanted['body']}")


def a_job_runs(nomad, files):
    """Validate, plan, register, watch: the documents of a job with two groups, one of which fails."""
    job = demo_job(files)
    same_shape("03-validate", nomad.ask("POST", "/v1/validate/job", {"Job": job}).body, recorded("03-validate")["response"]["body"])
    plan = nomad.ask("POST", "/v1/job/demo/plan", {"Job": job, "Diff": True}).body
    same_shape("04-plan", {key: value for key, value in plan.items() if key != "Diff"}, recorded("04-plan")["response"]["body"], part=True)
    check("a plan says what it would place", plan["Annotations"]["DesiredTGUpdates"]["one"]["Place"] == 1 and plan["Diff"]["Type"] == "Added",
          plan)
    registered = nomad.ask("POST", "/v1/jobs", {"Job": job}).body
    same_shape("05-register", registered, recorded("05-register")["response"]["body"])
    wait_until(lambda: len(allocations(nomad, "demo", ClientStatus="running")) == 2)
    for name, path in (("06-evaluation", f"/v1/evaluation/{registered['EvalID']}"), ("07-job", "/v1/job/demo"),
                       ("06-evaluation-allocations", f"/v1/evaluation/{registered['EvalID']}/allocations"),
                       ("07-job-summary", "/v1/job/demo/summary"), ("07-job-evaluations", "/v1/job/demo/evaluations"),
                       ("07-job-allocations", "/v1/job/demo/allocations"), ("07-jobs-list", "/v1/jobs?prefix=de")):
        same_shape(name, nomad.get(path), recorded(name)["response"]["body"])
    key = allocations(nomad, "demo", TaskGroup="one")[0]["ID"]
    same_shape("08-allocation-running", nomad.get(f"/v1/allocation/{key}"), recorded("08-allocation-running")["response"]["body"])
    return key


def files_and_logs(nomad, key):
    read = lambda name, query: nomad.ask("GET", f"/v1/client/fs/{name}/{key}?{query}")
    whole = "task=main&type=stdout&plain=true"
    wait_until(lambda: "tick 1" in read("logs", whole).text)
    text = read("logs", whole).text
    check("a template knows the allocation, artifacts are unpacked, the environment is told",
          f"alloc={key} index=0 run=r-1\npayload v1\nscript a b\n" in text and f"NOMAD_ALLOC_ID={key}\n" in text and
          "NOMAD_META_run=r-1\n" in text, text)
    names = lambda some: set(re.findall(r"^(NOMAD_\w+)=", some, re.M))
    missing = names(recorded("10-logs-plain")["response"]["body"]) - names(text)
    check("the environment has the names that were recorded", not missing, missing)
    same_shape("09-fs-ls", read("ls", "path=/main/local").body, recorded("09-fs-ls")["response"]["body"])
    same_shape("09-fs-stat", read("stat", "path=/main/local/conf.txt").body, recorded("09-fs-stat")["response"]["body"])
    check("a file is read", read("cat", "path=/main/local/conf.txt").text == f"alloc={key} index=0 run=r-1\n")
    missing, outside = read("cat", "path=/main/local/none"), read("cat", "path=/../../../../etc/passwd")
    check("a file that is not there is told with 200, one outside likewise",
          missing.status == 200 and missing.text.endswith("main/local/none: no such file or directory") and outside.status == 200 and
          outside.text == recorded("09-fs-cat-escape")["response"]["body"], missing.text + outside.text)
    check("and fs/stat says 500", read("stat", "path=/main/local/none").status == (404 if REAL else 500))
    nobody = read("logs", "task=nope&type=stdout&plain=true")
    wanted = recorded("10-logs-no-task")["response"]
    check("a task that is not there is refused as recorded", (nobody.status, nobody.text) == (wanted["status"], wanted["body"]), nobody.text)
    frame = json.loads(read("logs", "task=main&type=stdout").text.partition("}")[0] + "}")
    same_shape("10-logs-frames", frame, recorded("10-logs-frames")["response"]["body"])
    tail = read("logs", "task=main&type=stdout&offset=4&origin=end&plain=true").text
    check("the end of a log is read from behind", len(tail) >= 4 and tail.endswith("\n"), tail)


def signals_and_ends(nomad, key):
    check("a signal is sent", nomad.ask("PUT", f"/v1/client/allocation/{key}/signal", {"Task": "main", "Signal": "SIGWINCH"}).body ==
          recorded("13-signal")["response"]["body"])
    nomad.ask("PUT", f"/v1/client/allocation/{key}/restart", {"TaskName": "main"})
    whole = lambda: nomad.get(f"/v1/allocation/{key}")
    wait_until(lambda: whole()["TaskStates"]["main"]["Restarts"] == 1 and whole()["TaskStates"]["main"]["State"] == "running")
    same_shape("13-allocation-after-restart", whole(), recorded("13-allocation-after-restart")["response"]["body"])
    failed = lambda: allocations(nomad, "demo", TaskGroup="two")[0]
    wait_until(lambda: failed()["ClientStatus"] == "failed")
    ours, theirs = nomad.get(f"/v1/allocation/{failed()['ID']}"), recorded("14-allocation-failed-exit3")["response"]["body"]
    same_shape("14-allocation-failed-exit3", ours, theirs)
    last = lambda one: [(event["Type"], event["DisplayMessage"], event["Details"]) for event in one["TaskStates"]["main"]["Events"][-2:]]
    check("the end of a failed task is told as recorded", last(ours) == last(theirs), f"{last(ours)}\n{last(theirs)}")
    same_shape("17-deregister", nomad.ask("DELETE", "/v1/job/demo").body, recorded("17-deregister")["response"]["body"])
    wait_until(lambda: whole()["ClientStatus"] == "complete")
    theirs = recorded("17-allocation-stopped")["response"]["body"]
    same_shape("17-allocation-stopped", whole(), theirs)
    told = lambda one: (one["DesiredStatus"], one["DesiredDescription"], one["ClientStatus"], one["ClientDescription"])
    check("a stopped allocation says what was recorded", told(whole()) == told(theirs), told(whole()))
    wait_until(lambda: nomad.get("/v1/job/demo")["Status"] == "dead")
    same_shape("17-job-dead", nomad.get("/v1/job/demo"), recorded("17-job-dead")["response"]["body"])
    nomad.ask("DELETE", "/v1/job/demo?purge=true")
    gone = nomad.ask("GET", "/v1/job/demo")
    check("a purged job is not found", (gone.status, gone.text) == (404, "job not found"), gone.text)
    wait_until(lambda: nomad.ask("PUT", "/v1/system/gc").status == 200 and nomad.ask("GET", f"/v1/allocation/{key}").status == 404)
    logs = nomad.ask("GET", f"/v1/client/fs/logs/{key}?task=main&type=stdout&plain=true")
    check("behind a garbage collection its logs are unknown", logs.status == 404 and logs.text.endswith(f'"{key}"'), logs.text)


def jobs_that_cannot_run(nomad, files):
    for name, evaluation in (("15-register-too-big", "15-evaluation-blocked"), ("15-register-no-driver", "15-evaluation-no-driver")):
        job = recorded(name)["request"]["body"]["Job"]
        _, ours = register(nomad, job)
        theirs = recorded(evaluation)["response"]["body"]
        same_shape(evaluation, ours, theirs)
        reasons = lambda one: {member: one["FailedTGAllocs"]["g"][member] for member in
                               ("ConstraintFiltered", "DimensionExhausted", "NodesAvailable", "NodesEvaluated", "NodesExhausted", "NodesFiltered")}
        check(f"{evaluation} gives the recorded reasons", reasons(ours) == reasons(theirs) and ours["QueuedAllocations"] == {"g": 1},
              f"{reasons(ours)}\n{reasons(theirs)}")
        blocked = nomad.get(f"/v1/evaluation/{ours['BlockedEval']}")
        check("and the rest waits as blocked", blocked["Status"] == "blocked" and blocked["PreviousEval"] == ours["ID"], blocked)
    for name, record in (("15-register-artifact-404", "15-allocations-badart"), ("15-register-artifact-badsum", "15-allocations-badsum")):
        text = json.dumps(recorded(name)["request"]["body"]["Job"]).replace("http://127.0.0.1:28080", files.url)
        job = json.loads(text)
        register(nomad, job)
        wait_until(lambda: allocations(nomad, job["ID"], ClientStatus="failed"))
        theirs = recorded(record)["response"]["body"]
        same_shape(record, nomad.get(f"/v1/job/{job['ID']}/allocations"), theirs)
        cause = lambda some: next(event["DownloadError"] for event in some[0]["TaskStates"]["main"]["Events"] if event["DownloadError"])
        plain = lambda text: re.sub(r"[0-9a-f]{64}", "HASH", re.sub(r":\d+/|for \S+", ":", text))
        ours = allocations(nomad, job["ID"])
        check(f"{record} says why", plain(cause(ours)) == plain(cause(theirs)), f"{cause(ours)}\n{cause(theirs)}")


def events_are_told(nomad):
    """The stream tells of a job what was recorded of one: topics and types, and the same members."""
    register(nomad, simple_job("told", "/bin/true", (), kind="batch"))
    wait_until(lambda: allocations(nomad, "told", ClientStatus="complete"))
    connection = nomad.connection(20)
    connection.request("GET", "/v1/event/stream?index=0&topic=Job:told&topic=Evaluation:told&topic=Allocation:told")
    stream, seen = connection.getresponse(), []
    while not any(event["Type"] == "AllocationUpdated" and event["Payload"]["Allocation"]["ClientStatus"] == "complete" for event in seen
                  if event["Topic"] == "Allocation"):
        seen += json.loads(stream.readline()).get("Events") or []
    connection.close()
    with open(os.path.join(RECORDED, "20-event-stream.json"), encoding="utf-8") as file:
        theirs = [event for line in json.load(file) for event in line.get("Events") or []]
    known = {(event["Topic"], event["Type"]): event for event in theirs}
    strange = {(event["Topic"], event["Type"]) for event in seen} - known.keys()
    check("the event stream has the recorded kinds of events", not strange and len(seen) >= 6, strange)
    found = [one for event in seen if event["Topic"] != "Job"
             for one in differences(dict(event, Payload=None), dict(known[event["Topic"], event["Type"]], Payload=None))]
    check("with the recorded members", not found, "\n".join(found))
    check("of this job alone", all("told" in (event["Key"], *(event["FilterKeys"] or [])) for event in seen))


def blocking_queries_wait(nomad):
    """A query with the last index ends when something has happened; its index is a later one."""
    path = "/v1/job/waits/allocations"
    before = nomad.ask("GET", path).index
    answers = []
    asks = threading.Thread(target=lambda: answers.append(nomad.ask("GET", f"{path}?index={before}&wait=60s")))
    asks.start()
    register(nomad, simple_job("waits"))
    asks.join(30)
    check("a blocking query ends with what is new", answers and answers[0].index > before and answers[0].body[0]["JobID"] == "waits")
    newest = wait_until(lambda: running(nomad, "waits")) and nomad.ask("GET", path)
    nomad.ask("DELETE", "/v1/job/waits?purge=true")
    after = nomad.ask("GET", f"{path}?index={newest.index}&wait=60s")
    check("indexes only rise", after.index > newest.index, (after.index, newest.index))


# --- Of the model alone ---------------------------------------------------------------------------------

HOSTS = [{"name": f"client-{i}", "address": f"127.0.0.{i + 2}", "datacenter": "dc1" if i < 3 else "dc2", "class": "perf" if i < 2 else "other",
          "memory_mb": 1000, "cores": 2, "attributes": {"kernel.version": "6.1" if i else "5.4", "unique.platform": f"p{i}"}} for i in range(4)]


def rule(left, operand, right):
    return {"LTarget": left, "Operand": operand, "RTarget": right}


def reasons(evaluation, group="g"):
    failed = evaluation["FailedTGAllocs"][group]
    return failed["ConstraintFiltered"], failed["DimensionExhausted"], failed["NodesEvaluated"]


def placement_follows_rules(nomad):
    _, none = register(nomad, simple_job("nowhere", Constraints=[rule("${node.class}", "=", "fast")]))
    check("a constraint that no node meets is named, and the rest of a class is not looked at",
          reasons(none) == ({"${node.class} = fast": 3}, None, 3) and none["FailedTGAllocs"]["g"]["ClassFiltered"] == {"other": 1, "perf": 2},
          none)
    register(nomad, simple_job("pinned", Constraints=[rule("${node.unique.name}", "regexp", "^client-[1]$"),
                                                      rule("${attr.kernel.version}", "version", ">= 6.0")]))
    wait_until(lambda: running(nomad, "pinned"))
    check("a pinned group stands where it is to", running(nomad, "pinned")[0]["NodeName"] == "client-1", allocations(nomad, "pinned"))
    liked = simple_job("liked", Affinities=[dict(rule("${attr.unique.platform}", "=", "p2"), Weight=50)])
    register(nomad, liked)
    check("an affinity is followed", allocations(nomad, "liked")[0]["NodeName"] == "client-2")
    apart = simple_job("apart", groups=("a", "b", "c", "d"), Constraints=[{"Operand": "distinct_hosts"}])
    _, evaluation = register(nomad, apart)
    places = {one["NodeName"] for one in allocations(nomad, "apart")}
    check("groups that are to stand apart do, as far as there are nodes", len(places) == 3 and
          reasons(evaluation, "d") == ({"distinct_hosts": 3}, None, 3), (places, evaluation))
    _, elsewhere = register(nomad, dict(simple_job("elsewhere"), Datacenters=["dc9"]))
    check("a datacenter without nodes is told", elsewhere["FailedTGAllocs"]["g"]["NodesAvailable"] == {"dc9": 0}, elsewhere)
    for name in ("nowhere", "pinned", "liked", "apart", "elsewhere"):
        nomad.ask("DELETE", f"/v1/job/{name}?purge=true")


def room_is_counted(nomad):
    wide = dict(simple_job("wide", groups=("a", "b"), MemoryMB=900), Datacenters=["dc2"])
    _, evaluation = register(nomad, wide)
    check("what does not fit beside another waits", reasons(evaluation, "b") == (None, {"memory": 1}, 1), evaluation)
    narrower = dict(wide, TaskGroups=wide["TaskGroups"][1:])
    register(nomad, narrower)
    wait_until(lambda: [one for one in running(nomad, "wide") if one["TaskGroup"] == "b"])
    check("and stands when there is room", len(running(nomad, "wide")) == 1, allocations(nomad, "wide"))
    nomad.ask("DELETE", "/v1/job/wide?purge=true")
    port = [{"Mode": "host", "ReservedPorts": [{"Label": "node", "Value": 31999}]}]
    _, evaluation = register(nomad, dict(simple_job("ports", groups=("a", "b"), Networks=port), Datacenters=["dc2"]))
    check("a port that is taken is named", reasons(evaluation, "b")[1] == {"network: reserved port collision node=31999": 1}, evaluation)
    nomad.ask("DELETE", "/v1/job/ports?purge=true")


def refused_placements_pass(nomad):
    nomad.control(fail_placement={"group": "g", "dimension": "cpu", "times": 2})
    job = simple_job("later")
    plan = nomad.ask("POST", "/v1/job/later/plan", {"Job": job}).body
    _, evaluation = register(nomad, job)
    check("a refused placement is seen by plan and evaluation", plan["FailedTGAllocs"]["g"]["DimensionExhausted"] == {"cpu": 3} and
          evaluation["QueuedAllocations"] == {"g": 1}, plan)
    check("and passes", wait_until(lambda: running(nomad, "later")), allocations(nomad, "later"))
    nomad.ask("DELETE", "/v1/job/later?purge=true")


PATIENT = {"Attempts": 3, "Interval": 600 * S, "Delay": 5 * S, "DelayFunction": "constant", "Unlimited": False}


def failures_are_rescheduled(nomad):
    network = [{"Mode": "host", "DynamicPorts": [{"Label": "node"}]}]
    register(nomad, simple_job("again", ReschedulePolicy=PATIENT, Networks=network))
    deployment = lambda: nomad.get("/v1/job/again/deployment")
    check("a deployment is successful when all are healthy", wait_until(lambda: deployment()["Status"] == "successful"), deployment())
    first = running(nomad, "again")[0]
    port = nomad.get(f"/v1/allocation/{first['ID']}")["AllocatedResources"]["Shared"]["Ports"][0]
    check("a dynamic port is one of the machine's", 20000 <= port["Value"] <= 32000 and port["Label"] == "node" and
          port["HostIP"].startswith("127.0.0."), port)
    nomad.control(kill_allocation=first["ID"])
    check("a killed task has failed, with its signal", wait_until(lambda: allocations(nomad, "again", ClientStatus="failed")) and
          any(event["DisplayMessage"] == "Exit Code: 137, Signal: 9" for event in
              allocations(nomad, "again", ClientStatus="failed")[0]["TaskStates"]["main"]["Events"]), allocations(nomad, "again"))
    second = wait_until(lambda: running(nomad, "again"))[0]
    old = nomad.get(f"/v1/allocation/{first['ID']}")
    whole = nomad.get(f"/v1/allocation/{second['ID']}")
    check("it stands again elsewhere, and both say so", second["NodeName"] != first["NodeName"] and old["NextAllocation"] == second["ID"] and
          whole["PreviousAllocation"] == first["ID"] and second["RescheduleTracker"]["Events"][0]["PrevAllocID"] == first["ID"], second)
    nomad.control(lose_node=second["NodeName"])
    third = wait_until(lambda: [one for one in running(nomad, "again") if one["ID"] != second["ID"]])
    lost = nomad.get(f"/v1/allocation/{second['ID']}")
    check("what stood on a machine that fell silent is lost, and replaced", third and lost["ClientStatus"] == "lost" and
          lost["DesiredDescription"] == "alloc is lost since its node is down", lost)
    nomad.control(return_node=second["NodeName"])
    check("the machine comes back", wait_until(lambda: all(node["Status"] == "ready" for node in nomad.get("/v1/nodes"))))


def servers_are_started_again(nomad):
    before = running(nomad, "again")[0]
    index = nomad.ask("GET", "/v1/jobs").index
    nomad.control(restart_server=0.5)
    seen, deadline = set(), time.monotonic() + 20
    while "ok" not in seen and time.monotonic() < deadline:
        try:
            answer = nomad.ask("GET", "/v1/jobs", timeout=5)
            seen.add("ok" if answer.status == 200 and len(seen) >= 2 else answer.text if answer.status != 200 else "before")
        except OSError as error:
            seen.add(type(error).__name__)
        time.sleep(0.02)
    check("a server that is started again refuses, then has no leader, then goes on", "No cluster leader" in seen and
          "ConnectionRefusedError" in seen and nomad.ask("GET", "/v1/jobs").index >= index, seen)
    check("and tasks have gone on", running(nomad, "again")[0]["ID"] == before["ID"])
    nomad.control(refuse={"times": 1, "status": 429, "text": "slow down", "match": "GET /v1/nodes"})
    check("a request is refused when that is wanted, once", [nomad.ask("GET", "/v1/nodes").status for _ in range(2)] == [429, 200])
    elsewhere = nomad.ask("GET", "/v1/jobs?region=mars")
    check("a region that is not there is refused", (elsewhere.status, elsewhere.text) == (500, "No path to region"))


def nothing_is_left(folder):
    """Processes whose folder is below that of the model."""
    left = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/cwd").startswith(folder):
                left.append(name)
        except OSError:
            continue
    return left


def newer_servers_wait(folder):
    """Since 1.3 a group may wait for a silent machine; an older server does not know the member."""
    job = simple_job("waits", MaxClientDisconnect=600 * S)
    for version, kept in (("1.1.2", False), ("1.7.7", True)):
        nomad = Nomad(os.path.join(folder, version), "--version", version)
        register(nomad, job)
        group = nomad.get("/v1/job/waits")["TaskGroups"][0]
        check(f"version {version} {'keeps' if kept else 'passes over'} a member that came with 1.3", ("MaxClientDisconnect" in group) == kept)
        one = wait_until(lambda: running(nomad, "waits"))[0]
        nomad.control(lose_node="test")
        wanted = "unknown" if kept else "lost"
        check(f"and its allocation is {wanted} when the machine is silent",
              wait_until(lambda: nomad.get(f"/v1/allocation/{one['ID']}")["ClientStatus"] == wanted))
        nomad.close()


def tokens_and_certificates(folder):
    path = os.path.join(folder, "tokens")
    with open(path, "w", encoding="utf-8") as file:
        file.write("s3cret-token\n")
    nomad = Nomad(os.path.join(folder, "acl"), "--token-file", path)
    asked = lambda headers: (lambda answer: (answer.status, answer.text[:20]))(nomad.ask("GET", "/v1/jobs", headers=headers))
    check("a server with tokens wants one", [asked({}), asked({"X-Nomad-Token": "no"}), asked({"X-Nomad-Token": "s3cret-token"}),
                                             asked({"Authorization": "Bearer s3cret-token"})] ==
          [(403, "Permission denied"), (403, "ACL token not found"), (200, "[]"), (200, "[]")])
    nomad.close()
    files = tls_files(os.path.join(folder, "tls"))
    if files is None:
        check("a server with TLS wants a certificate # SKIP no openssl", True)
        return
    nomad = Nomad(os.path.join(folder, "with-tls"), "--cert", files["server.pem"], "--key", files["server.key"], "--ca", files["ca.pem"],
                  context=client_context(files))
    good = nomad.ask("GET", "/v1/jobs").status
    nomad.context = client_context(files, with_certificate=False)
    try:
        bad = nomad.ask("GET", "/v1/jobs").status
    except (ssl.SSLError, OSError) as error:
        bad = type(error).__name__
    check("a server with TLS wants a certificate", good == 200 and bad != 200, (good, bad))
    nomad.close()


def as_recorded(folder):
    files = Files()
    nomad = Nomad(os.path.join(folder, "recorded"), real=bool(REAL))
    agent_and_nodes(nomad)
    refusals_as_recorded(nomad)
    key = a_job_runs(nomad, files)
    files_and_logs(nomad, key)
    signals_and_ends(nomad, key)
    jobs_that_cannot_run(nomad, files)
    events_are_told(nomad)
    blocking_queries_wait(nomad)
    nomad.close()


def of_the_model(folder):
    hosts = os.path.join(folder, "hosts.json")
    with open(hosts, "w", encoding="utf-8") as file:
        json.dump(HOSTS, file)
    nomad = Nomad(os.path.join(folder, "several"), "--hosts", hosts)
    placement_follows_rules(nomad)
    room_is_counted(nomad)
    refused_placements_pass(nomad)
    failures_are_rescheduled(nomad)
    servers_are_started_again(nomad)
    nomad.close()
    check("when the model ends, no task is left", not nothing_is_left(folder), nothing_is_left(folder))
    newer_servers_wait(folder)
    tokens_and_certificates(folder)


def main():
    folder = tempfile.mkdtemp()
    try:
        as_recorded(folder)
        of_the_model(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{tests}")
    sys.exit(failures > 0)


main()
