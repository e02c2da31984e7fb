"""Nomad's HTTP API over the model's state. A route is a function; what it returns is an answer, or a query that may be waited for."""

import copy
import json
import re
import time
import urllib.parse

from nomad import documents, files
from nomad.documents import now_ns
from nomad.scheduler import Reconciliation
from nomad.store import new_id

WAIT_S, WAIT_MAX_S = 300, 600


class Refused(Exception):
    """An answer that is an error: its text goes out as it stands."""

    def __init__(self, status, text, index=None):
        super().__init__(text)
        self.status, self.text, self.index = status, text, index


class Answer:
    """A body as JSON, or bytes, or an iterator of pieces that are sent in chunks."""

    def __init__(self, body=None, index=None, content_type="application/json", is_query=False, raw=None, pieces=None):
        self.body, self.index, self.content_type, self.is_query = body, index, content_type, is_query
        self.raw, self.pieces = raw, pieces


class Request:
    def __init__(self, method, target, body):
        split = urllib.parse.urlsplit(target)
        self.method, self.path, self.text = method, split.path, body
        self.query = {name: values for name, values in urllib.parse.parse_qs(split.query, keep_blank_values=True).items()}

    def get(self, name, default=""):
        return self.query.get(name, [default])[0]

    @property
    def namespace(self):
        return self.get("namespace") or "default"

    def document(self):
        try:
            return json.loads(self.text or "")
        except ValueError as error:
            raise Refused(400, go_json_error(self.text)) from error

    def flag(self, name):
        return self.get(name).lower() in ("true", "1", "t")


def go_json_error(text):
    """What Go's decoder says of a text that is no JSON: of the commonest kinds."""
    text = (text or b"").decode("utf-8", "replace").strip()
    if not text:
        return "EOF"
    if text[0] == "{" and len(text) > 1 and text[1:].lstrip()[:1] not in ('"', "}", ""):
        return f"invalid character '{text[1:].lstrip()[0]}' looking for beginning of object key string"
    if text[0] not in '{["-0123456789tfn':
        return f"invalid character '{text[0]}' looking for beginning of value"
    return "unexpected EOF"


def wait_seconds(text):
    """A duration of a query: "5s", "1m", "500ms"; "" is Nomad's default."""
    if not text:
        return WAIT_S
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Refused(400, "Invalid wait time")
    return min(sum(float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit] for number, unit in parts), WAIT_MAX_S)


ROUTES = []


def route(methods, pattern):
    def add(function):
        ROUTES.append((methods.split(), re.compile(pattern), function))
        return function
    return add


class Api:
    """`server` has: ended() whether connections are to end, address, and the tokens that are good (None: no ACL)."""

    def __init__(self, store, scheduler, clients, server):
        self.store, self.scheduler, self.clients, self.server = store, scheduler, clients, server

    def answer(self, request):
        known = False
        for methods, pattern, function in ROUTES:
            found = pattern.fullmatch(request.path)
            if found:
                known = True
                if request.method in methods:
                    values = [urllib.parse.unquote(value) for value in found.groups() if value is not None]
                    return function(self, request, *values)
        raise Refused(405, "Invalid method") if known else Refused(404, "404 page not found\n")

    def query(self, request, ask, table):
        """A read that waits where the request has an index. `ask` gives (index, answer); an answer of None is not there."""
        try:
            index = int(request.get("index") or 0)
        except ValueError as error:
            raise Refused(400, "Invalid index") from error
        seconds = wait_seconds(request.get("wait"))
        newest, found = self.store.wait_for_newer(ask, index, seconds * 17 / 16, self.server.ended)
        if found is None and table:
            raise Refused(404, f"{table} not found", newest)
        return Answer(found, newest, is_query=True)

    def one(self, table, name, key, shown):
        """A query for one document of a table."""
        def ask():
            found = table.get(key)
            return (found["ModifyIndex"], shown(found)) if found else (self.store.table_index[name + "s"] or 1, None)
        return ask

    def runner(self, key):
        """Who runs an allocation; for what clients answer themselves."""
        if key not in self.store.allocations:
            raise Refused(404, f"Unknown allocation \"{key}\"")
        return self.clients.runners[key]


# --- The server itself --------------------------------------------------------------


@route("GET", "/v1/status/leader")
def leader(api, request):
    return Answer(api.server.rpc_address)


@route("GET", "/v1/status/peers")
def peers(api, request):
    return Answer([api.server.rpc_address])


@route("GET", "/v1/regions")
def regions(api, request):
    return Answer(["global"])


@route("GET", "/v1/agent/health")
def health(api, request):
    return Answer({"client": {"message": "ok", "ok": True}, "server": {"message": "ok", "ok": True}})


def member(api):
    host, port = api.server.rpc_address.split(":")
    return {"Addr": host, "DelegateCur": 4, "DelegateMax": 5, "DelegateMin": 2, "Name": "model.global", "Port": int(port), "ProtocolCur": 2,
            "ProtocolMax": 5, "ProtocolMin": 1, "Status": "alive",
            "Tags": {"bootstrap": "1", "build": api.store.version, "dc": "dc1", "expect": "1", "id": api.server.id, "mvn": "1",
                     "port": port, "raft_vsn": "2", "region": "global", "role": "nomad", "rpc_addr": host, "vsn": "1"}}


@route("GET", "/v1/agent/members")
def members(api, request):
    return Answer({"Members": [member(api)], "ServerDC": "dc1", "ServerName": "model", "ServerRegion": "global"})


@route("GET", "/v1/agent/self")
def agent(api, request):
    version = {"Revision": "v" + api.store.version, "Version": api.store.version, "VersionMetadata": "", "VersionPrerelease": ""}
    config = {"ACL": {"Enabled": api.server.tokens is not None, "PolicyTTL": 30_000_000_000, "ReplicationToken": "", "TokenTTL": 30_000_000_000},
              "BindAddr": "127.0.0.1", "Datacenter": "dc1", "NodeName": "model", "Region": "global", "Server": {"Enabled": True},
              "Client": {"Enabled": True}, "Version": version}
    stats = {"nomad": {"bootstrap": "true", "known_regions": "1", "leader": "true", "leader_addr": api.server.rpc_address, "server": "true"}}
    return Answer({"config": config, "member": member(api), "stats": stats})


@route("GET", "/v1/namespaces")
def namespaces(api, request):
    return api.query(request, lambda: (api.store.table_index["namespaces"] or 1, list(api.store.namespaces.values())), None)


@route("GET", "/v1/namespace/([^/]+)")
def namespace(api, request, name):
    found = api.store.namespaces.get(name)
    if not found:
        raise Refused(404, "Namespace not found")
    return Answer(found, found["ModifyIndex"], is_query=True)


@route("PUT POST", "/v1/namespace(?:/([^/]+))?")
def namespace_put(api, request, name=""):
    given = request.document()
    name = given.get("Name") or name
    if not re.fullmatch(r"[a-zA-Z0-9-]{1,128}", name or ""):
        raise Refused(500, documents.together([f"invalid name \"{name}\". Must match regex ^[a-zA-Z0-9-]{{1,128}}$"]))
    with api.store.changed:
        api.store.step()
        api.store.put_namespace(name, given.get("Description") or "")
    return Answer(raw=b"", index=api.store.index)


@route("PUT POST", "/v1/system/gc")
def collect_garbage(api, request):
    """What has ended is forgotten: allocations, and evaluations and deployments of jobs that are dead."""
    store = api.store
    with store.changed:
        store.step()
        gone = [key for key, one in store.allocations.items() if one["ClientStatus"] in ("complete", "failed", "lost")
                and (one["DesiredStatus"] != "run" or store.jobs.get((one["Namespace"], one["JobID"]), {"Status": "dead"})["Status"] == "dead")]
        for key in gone:
            del store.allocations[key]
        for key in [key for key, job in store.jobs.items() if job["Status"] == "dead"]:
            del store.jobs[key]
        for table in (store.evaluations, store.deployments):
            for key in [key for key, one in table.items() if (one["Namespace"], one["JobID"]) not in store.jobs]:
                del table[key]
        for table in ("allocations", "jobs", "evaluations", "deployments"):
            store.touch(table)
    return Answer(raw=b"", content_type=None)


# --- Machines -----------------------------------------------------------------------

OF_NODE_LIST = ("Address", "CreateIndex", "Datacenter", "Drain", "Drivers", "HostVolumes", "ID", "LastDrain", "ModifyIndex", "Name",
                "NodeClass", "SchedulingEligibility", "Status", "StatusDescription", "Version")


def node_of_list(node):
    whole = dict(node, Address=node["NodeResources"]["Networks"][0]["IP"], Version=node["Attributes"]["nomad.version"])
    return {name: whole[name] for name in OF_NODE_LIST}


@route("GET", "/v1/nodes")
def nodes(api, request):
    def ask():
        found = [node for node in api.store.nodes.values() if node["ID"].startswith(request.get("prefix"))]
        return api.store.table_index["nodes"], [node_of_list(node) for node in found]
    return api.query(request, ask, None)


@route("GET", "/v1/node/([^/]+)")
def node_whole(api, request, key):
    return api.query(request, api.one(api.store.nodes, "node", key, dict), "node")


@route("GET", "/v1/node/([^/]+)/allocations")
def node_allocations(api, request, key):
    def ask():
        found = [one for one in api.store.allocations.values() if one["NodeID"] == key]
        return api.store.latest("allocations", found), [documents.allocation_whole(one) for one in found]
    return api.query(request, ask, None)


# --- Jobs ---------------------------------------------------------------------------


def job_of(request, name=None):
    given = request.document()
    job = given.get("Job") if isinstance(given, dict) else None
    if not job:
        raise Refused(400, "Job must be specified")
    if not job.get("ID"):
        raise Refused(400, "Job ID hasn't been provided")
    if name is not None and job["ID"] != name:
        raise Refused(400, "Job ID does not match")
    if job.get("Region") not in (None, "", "global"):
        raise Refused(500, "No path to region")
    return given, job


def canonical(api, request, job):
    """The job as it would be kept; a job that cannot be is refused."""
    whole = documents.canonical_job(dict(job, Namespace=job.get("Namespace") or request.namespace), api.store.minor)
    problems = documents.job_problems(whole)
    if problems:
        raise Refused(500, documents.together(problems))
    if whole["Namespace"] not in api.store.namespaces:
        raise Refused(500, f"job \"{whole['ID']}\" is in nonexistent namespace \"{whole['Namespace']}\"")
    return whole


@route("PUT POST", "/v1/validate/job")
def validate(api, request):
    _, job = job_of(request)
    whole = documents.canonical_job(job, api.store.minor)
    problems = documents.job_problems(whole)
    return Answer({"DriverConfigValidated": True, "Error": documents.together(problems) if problems else "",
                   "ValidationErrors": problems or None, "Warnings": documents.job_warnings(whole)})


OWN_MEMBERS = ("CreateIndex", "ModifyIndex", "JobModifyIndex", "Status", "StatusDescription", "SubmitTime", "Version", "Stop", "Stable")


def same_specification(one, other):
    strip = lambda job: {name: value for name, value in job.items() if name not in OWN_MEMBERS}
    return strip(one) == strip(other)


def check_expected_index(given, before):
    if not given.get("EnforceIndex"):
        return
    wanted, prefix = given.get("JobModifyIndex") or 0, "Enforcing job modify index"
    if before and wanted == 0:
        raise Refused(500, f"{prefix} 0: job already exists")
    if not before and wanted:
        raise Refused(500, f"{prefix} {wanted}: job does not exist")
    if before and wanted != before["JobModifyIndex"]:
        raise Refused(500, f"{prefix} {wanted}: job exists with conflicting job modify index: {before['JobModifyIndex']}")


@route("PUT POST", "/v1/jobs|/v1/job/([^/]+)")
def register(api, request, name=None):
    given, job = job_of(request, name)
    store = api.store
    with store.changed:
        whole = canonical(api, request, job)
        before = store.jobs.get((whole["Namespace"], whole["ID"]))
        check_expected_index(given, before)
        store.step()
        if before and same_specification(before, whole) and not before["Stop"]:
            whole = before
        else:
            whole.update(CreateIndex=before["CreateIndex"] if before else store.index, JobModifyIndex=store.index, Status="pending",
                         StatusDescription="", Stop=False, SubmitTime=now_ns(), Version=before["Version"] + 1 if before else 0)
            store.put_job(whole, "JobRegistered")
        evaluation = api.scheduler.evaluate(whole, "job-register", "JobRegistered")
        answer = {"EvalCreateIndex": store.index, "EvalID": evaluation["ID"], "Index": store.index,
                  "JobModifyIndex": whole["JobModifyIndex"], "KnownLeader": False, "LastContact": 0,
                  "Warnings": documents.job_warnings(whole)}
        return Answer(answer, store.index)


class DryRun:
    """The scheduler's part for a plan: places on a copy of what stands, and nothing comes of it."""

    def __init__(self, api):
        store = api.store
        self.refusals = api.scheduler.refusals
        self.store = copy.copy(store)
        self.store.allocations = {key: dict(one) for key, one in store.allocations.items()}
        self.store.events = []
        self.placed, self.stopped = {}, {}
        self.store.put_allocation = self.keep
        for name in ("put_job", "put_evaluation", "put_deployment"):
            setattr(self.store, name, lambda *_: None)

    def keep(self, allocation, kind):
        self.store.allocations[allocation["ID"]] = allocation
        allocation.setdefault("CreateIndex", 0)

    def deployment_for(self, job, kind):
        return None

    def begin(self, allocation):
        self.placed[allocation["TaskGroup"]] = self.placed.get(allocation["TaskGroup"], 0) + 1

    def end(self, allocation):
        self.stopped[allocation["TaskGroup"]] = self.stopped.get(allocation["TaskGroup"], 0) + 1


def field(name, old, new):
    return {"Annotations": None, "Name": name, "New": new, "Old": old, "Type": "Added" if not old else "Edited"}


def difference(before, job):
    """What a plan says of the change: of the job's own plain members, and which groups come, change and go."""
    kind = "Added" if not before else "None" if same_specification(before, job) else "Edited"
    text = lambda value: str(value).lower() if isinstance(value, bool) else str(value)
    fields = [field(name, text(before[name]) if before else "", text(job[name])) for name in
              ("AllAtOnce", "Dispatched", "Name", "Namespace", "Priority", "Region", "Stop", "Type")
              if not before or before[name] != job[name]]
    old = {group["Name"]: group for group in before["TaskGroups"]} if before else {}
    groups = [{"Fields": [], "Name": group["Name"], "Objects": None, "Tasks": None,
               "Type": "Added" if group["Name"] not in old else "None" if old[group["Name"]] == group else "Edited", "Updates": None}
              for group in job["TaskGroups"]]
    return {"Fields": fields, "ID": job["ID"], "Objects": None, "TaskGroups": groups, "Type": kind}


@route("PUT POST", "/v1/job/([^/]+)/plan")
def plan(api, request, name):
    given, job = job_of(request, name)
    store = api.store
    with store.changed:
        whole = canonical(api, request, job)
        before = store.jobs.get((whole["Namespace"], name))
        index = before["JobModifyIndex"] if before else 0
        whole.update(CreateIndex=index, JobModifyIndex=index, ModifyIndex=index, Status="pending", Stop=False, Version=0)
        dry = DryRun(api)
        failed, _ = Reconciliation(dry, {"ID": new_id(), "Namespace": whole["Namespace"], "JobID": name}, whole).run()
        updates = {}
        for group in whole["TaskGroups"]:
            standing = sum(1 for one in store.allocations_of(whole["Namespace"], name)
                           if one["TaskGroup"] == group["Name"] and one["DesiredStatus"] == "run")
            stopped = dry.stopped.get(group["Name"], 0)
            updates[group["Name"]] = {"Canary": 0, "DestructiveUpdate": stopped, "Ignore": max(standing - stopped, 0), "InPlaceUpdate": 0,
                                      "Migrate": 0, "Place": group["Count"] - standing, "Preemptions": 0, "Stop": 0}
        return Answer({"Annotations": {"DesiredTGUpdates": updates, "PreemptedAllocs": None}, "CreatedEvals": None,
                       "Diff": difference(before, whole) if given.get("Diff") else None, "FailedTGAllocs": failed, "JobModifyIndex": index,
                       "NextPeriodicLaunch": None, "Warnings": documents.job_warnings(whole)}, index)


@route("GET", "/v1/jobs")
def jobs(api, request):
    def ask():
        prefix = request.get("prefix")
        found = [job for (space, name), job in sorted(api.store.jobs.items())
                 if name.startswith(prefix) and request.namespace in ("*", space)]
        return api.store.table_index["jobs"] or 1, [job_of_list(api, job) for job in found]
    return api.query(request, ask, None)


def job_of_list(api, job):
    names = ("CreateIndex", "Datacenters", "ID", "JobModifyIndex", "ModifyIndex", "Multiregion", "Name", "Namespace", "ParentID",
             "Priority", "Status", "StatusDescription", "Stop", "SubmitTime", "Type")
    return dict({name: job[name] for name in names}, JobSummary=api.scheduler.summary(job), ParameterizedJob=False, Periodic=False)


@route("GET", "/v1/job/([^/]+)")
def job_whole(api, request, name):
    return api.query(request, api.one(api.store.jobs, "job", (request.namespace, name), dict), "job")


@route("GET", "/v1/job/([^/]+)/summary")
def job_summary(api, request, name):
    def ask():
        job = api.store.jobs.get((request.namespace, name))
        found = api.scheduler.summary(job) if job else None
        return (found["ModifyIndex"] if found else api.store.table_index["jobs"] or 1), found
    return api.query(request, ask, "job")


@route("GET", "/v1/job/([^/]+)/allocations")
def job_allocations(api, request, name):
    def ask():
        found = api.store.allocations_of(request.namespace, name)
        return api.store.latest("allocations", found), [documents.allocation_of_list(one) for one in found]
    return api.query(request, ask, None)


@route("GET", "/v1/job/([^/]+)/evaluations")
def job_evaluations(api, request, name):
    def ask():
        found = api.store.evaluations_of(request.namespace, name)
        return api.store.latest("evaluations", found), [documents.evaluation_shown(one) for one in found]
    return api.query(request, ask, None)


@route("GET", "/v1/job/([^/]+)/deployments")
def job_deployments(api, request, name):
    def ask():
        found = api.store.deployments_of(request.namespace, name)
        return api.store.latest("deployments", found), found
    return api.query(request, ask, None)


@route("GET", "/v1/job/([^/]+)/deployment")
def job_deployment(api, request, name):
    def ask():
        found = api.store.deployments_of(request.namespace, name)
        return api.store.latest("deployments", found[:1]), found[0] if found else None
    return api.query(request, ask, None)


@route("DELETE", "/v1/job/([^/]+)")
def deregister(api, request, name):
    store = api.store
    with store.changed:
        store.step()
        job = store.jobs.get((request.namespace, name))
        stub = {"ID": name, "JobModifyIndex": store.index, "Namespace": request.namespace, "Priority": 50, "Type": "service"}
        if job:
            if not job["Stop"]:
                job.update(Stop=True, Version=job["Version"] + 1, JobModifyIndex=store.index)
            store.put_job(job, "JobDeregistered")
            if request.flag("purge"):
                del store.jobs[request.namespace, name]
            stub = job
        evaluation = api.scheduler.evaluate(stub, "job-deregister", "JobDeregistered")
        return Answer({"EvalCreateIndex": store.index, "EvalID": evaluation["ID"], "Index": store.index, "JobModifyIndex": store.index,
                       "KnownLeader": False, "LastContact": 0, "VolumeEvalID": "", "VolumeEvalIndex": 0}, store.index)


@route("PUT POST", "/v1/job/([^/]+)/evaluate")
def evaluate(api, request, name):
    store = api.store
    with store.changed:
        job = store.jobs.get((request.namespace, name))
        if not job:
            raise Refused(404, "job not found")
        store.step()
        evaluation = api.scheduler.evaluate(job, "job-register")
        return Answer({"EvalCreateIndex": store.index, "EvalID": evaluation["ID"], "Index": store.index,
                       "JobModifyIndex": job["JobModifyIndex"], "KnownLeader": False, "LastContact": 0, "Warnings": ""}, store.index)


# --- Evaluations, deployments -------------------------------------------------------


@route("GET", "/v1/evaluation/([^/]+)")
def evaluation_whole(api, request, key):
    ask = api.one(api.store.evaluations, "evaluation", key, documents.evaluation_shown)
    return api.query(request, ask, "eval")


@route("GET", "/v1/evaluation/([^/]+)/allocations")
def evaluation_allocations(api, request, key):
    def ask():
        found = [one for one in api.store.allocations.values() if one["EvalID"] == key]
        return api.store.latest("allocations", found), [documents.allocation_of_list(one) for one in found]
    return api.query(request, ask, None)


@route("GET", "/v1/deployment/([^/]+)")
def deployment_whole(api, request, key):
    return api.query(request, api.one(api.store.deployments, "deployment", key, dict), "deployment")


# --- Allocations --------------------------------------------------------------------


@route("GET", "/v1/allocations")
def allocations(api, request):
    def ask():
        found = [one for one in api.store.allocations.values()
                 if one["ID"].startswith(request.get("prefix")) and request.namespace in ("*", one["Namespace"])]
        return api.store.latest("allocations", found), [documents.allocation_of_list(one) for one in found]
    return api.query(request, ask, None)


@route("GET", "/v1/allocation/([^/]+)")
def allocation_whole(api, request, key):
    return api.query(request, api.one(api.store.allocations, "allocation", key, documents.allocation_whole), "alloc")


@route("PUT POST", "/v1/allocation/([^/]+)/stop")
def allocation_stop(api, request, key):
    store = api.store
    with store.changed:
        allocation = store.allocations.get(key)
        if not allocation:
            raise Refused(404, "alloc not found")
        store.step()
        allocation["DesiredTransition"] = dict(allocation["DesiredTransition"], Migrate=True)
        store.put_allocation(allocation, "AllocationUpdateDesiredStatus")
        job = store.jobs.get((allocation["Namespace"], allocation["JobID"])) or dict(allocation["Job"])
        evaluation = api.scheduler.evaluate(job, "alloc-stop")
        return Answer({"EvalID": evaluation["ID"], "Index": store.index}, store.index)


def running_task(api, key, name):
    runner = api.runner(key)
    if name and name not in runner.tasks:
        raise Refused(500, f"Task \"{name}\" does not exist")
    chosen = [runner.tasks[name]] if name else list(runner.tasks.values())
    if any(task.state["State"] != "running" for task in chosen):
        raise Refused(500, "Task not running")
    return chosen


@route("PUT POST", "/v1/client/allocation/([^/]+)/signal")
def allocation_signal(api, request, key):
    given = request.document()
    chosen = running_task(api, key, given.get("Task") or given.get("TaskName"))
    if not re.fullmatch(r"SIG[A-Z0-9]+", given.get("Signal") or ""):
        raise Refused(500, f"invalid signal {given.get('Signal')}")
    for task in chosen:
        task.signal(given["Signal"])
    return Answer({"Index": 0})


@route("PUT POST", "/v1/client/allocation/([^/]+)/restart")
def allocation_restart(api, request, key):
    given = request.document() if request.text else {}
    chosen = running_task(api, key, given.get("TaskName"))
    for task in chosen:
        task.ask_restart()
    return Answer({"Index": 0})


# --- Files --------------------------------------------------------------------------


@route("GET", "/v1/client/fs/ls/([^/]+)")
def files_list(api, request, key):
    found, trouble = files.listing(api.runner(key).root, request.get("path"))
    if trouble:
        raise Refused(500, trouble)
    return Answer(found)


@route("GET", "/v1/client/fs/stat/([^/]+)")
def files_stat(api, request, key):
    found, trouble = files.statement(api.runner(key).root, request.get("path"))
    if trouble:
        raise Refused(500, trouble)
    return Answer(found)


@route("GET", "/v1/client/fs/cat/([^/]+)")
def files_cat(api, request, key):
    return Answer(raw=files.content(api.runner(key).root, request.get("path")), content_type="text/plain; charset=utf-8")


@route("GET", "/v1/client/fs/readat/([^/]+)")
def files_read_at(api, request, key):
    raw = files.content(api.runner(key).root, request.get("path"), int(request.get("offset", "0")), int(request.get("limit", "0")) or None)
    return Answer(raw=raw, content_type="text/plain; charset=utf-8")


@route("GET", "/v1/client/fs/logs/([^/]+)")
def files_logs(api, request, key):
    runner, task = api.runner(key), request.get("task")
    if task not in runner.tasks:
        raise Refused(400, f"unknown task name \"{task}\"")
    if request.get("type") not in ("stdout", "stderr"):
        raise Refused(400, 'please provide a valid log type (stdout or stderr)')
    try:
        pieces = list_or_stream(files.log_frames(runner.root, task, request.get("type"), request.get("origin") or "start",
                                                 int(request.get("offset", "0") or 0), request.flag("follow"), api.server.ended))
    except FileNotFoundError as error:
        raise Refused(404, f"log entry for task \"{task}\" and log type \"{request.get('type')}\" not found") from error
    if request.flag("plain"):
        return Answer(pieces=files.plain(pieces), content_type="text/plain")
    return Answer(pieces=files.framed(pieces))


def list_or_stream(pieces):
    """The same pieces, the first of which has been looked for: errors are found before the answer begins."""
    first = next(pieces, None)

    def all_of_them():
        if first is not None:
            yield first
            yield from pieces
    return all_of_them()


# --- Events -------------------------------------------------------------------------


def wanted_topics(request):
    topics = [one.partition(":")[::2] for one in request.query.get("topic", ["*"])]
    return [(topic, key or "*") for topic, key in topics]


def is_wanted(event, topics, space):
    keys = {event["Key"], *(event["FilterKeys"] or [])}
    return (space == "*" or event["Namespace"] in ("", space)) and any(
        topic in ("*", event["Topic"]) and (key == "*" or key in keys) for topic, key in topics)


def event_lines(api, topics, space, index):
    store, heartbeat = api.store, time.monotonic()
    yield b"{}\n"
    while not api.server.ended():
        with store.changed:
            if not any(number > index for number, _ in list(store.events)[-1:]):
                store.changed.wait(1)
            fresh = [(number, list(events)) for number, events in store.events if number > index]
        for number, events in fresh:
            index = number
            chosen = [event for event in events if is_wanted(event, topics, space)]
            if chosen:
                heartbeat = time.monotonic()
                yield json.dumps({"Events": chosen, "Index": number}, separators=(",", ":")).encode() + b"\n"
        if time.monotonic() - heartbeat > 10:
            heartbeat = time.monotonic()
            yield b"{}\n"


@route("GET", "/v1/event/stream")
def event_stream(api, request):
    index = max(int(request.get("index") or 0) - 1, 0)
    return Answer(pieces=event_lines(api, wanted_topics(request), request.namespace, index))


# --- The model's own ----------------------------------------------------------------


@route("PUT", "/_model")
def control(api, request):
    """What a test does to the cluster; see nomad_model.py."""
    given = request.document()
    for name, value in given.items():
        if name == "fail_placement":
            api.scheduler.refusals.add(value)
        elif name == "allow_placement":
            api.scheduler.refusals.clear()
            with api.store.changed:
                api.scheduler.unblock()
        elif name == "kill_allocation":
            api.clients.kill(value)
        elif name == "lose_node":
            api.clients.lose(value)
        elif name == "return_node":
            api.clients.bring_back(value)
        elif name == "restart_server":
            api.server.restart(value)
        elif name == "refuse":
            api.server.refuse(value)
        else:
            raise Refused(400, f"the model knows no \"{name}\"")
    return Answer({})


@route("GET", "/_model")
def account(api, request):
    """What the model has seen: how often each request came, and where each allocation's folder is."""
    return Answer({"requests": dict(api.server.counts), "restarts": api.server.restarts,
                   "folders": {key: runner.root for key, runner in api.clients.runners.items()}})
