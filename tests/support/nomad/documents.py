"""Documents of Nomad's API: which members they have, what is filled in where a request leaves one out, and what a job may not be.

Names and defaults are those of Nomad's documentation of its HTTP API; what the recorded answers in tests/data/nomad-api show goes
before."""

import copy
import time

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def now_ns():
    return time.time_ns()


def timestamp(ns):
    """RFC 3339 with nanoseconds, without zeros at its end: as Go writes it."""
    whole, rest = divmod(ns, SECOND)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    fraction = f"{rest:09d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else text + "Z"


def duration(ns):
    """A duration as Go prints it: "5s", "1m0s", "1h0m0s", "1.5s"."""
    if ns < SECOND:
        return f"{ns / 1e6:g}ms" if ns else "0s"
    hours, rest = divmod(ns, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds = f"{rest / SECOND:g}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def without_empty(document, names):
    """Members that Nomad leaves out where they are empty."""
    return {name: value for name, value in document.items() if name not in names or value not in (None, "", 0, {}, [])}


# --- Jobs ---------------------------------------------------------------------------

JOB = {
    "Affinities": None, "AllAtOnce": False, "Constraints": None, "ConsulNamespace": "", "ConsulToken": "", "Datacenters": None,
    "Dispatched": False, "ID": "", "Meta": None, "Multiregion": None, "Name": "", "Namespace": "default",
    "NomadTokenID": "", "ParameterizedJob": None, "ParentID": "", "Payload": None, "Periodic": None, "Priority": 50,
    "Region": "global", "Spreads": None, "Stable": False, "Stop": False, "TaskGroups": None, "Type": "service", "VaultNamespace": "",
    "VaultToken": "",
}
GROUP = {
    "Affinities": None, "Constraints": None, "Consul": {"Namespace": ""}, "Count": 1, "Meta": None, "Migrate": None, "Name": "",
    "Networks": None, "Scaling": None, "Services": None, "ShutdownDelay": None, "Spreads": None, "StopAfterClientDisconnect": None,
    "Volumes": None,
}
TASK = {
    "Affinities": None, "CSIPluginConfig": None, "Config": None, "Constraints": None, "DispatchPayload": None, "Driver": "",
    "Env": None, "KillSignal": "", "KillTimeout": 5 * SECOND, "Kind": "", "Leader": False, "Lifecycle": None, "Meta": None, "Name": "",
    "ScalingPolicies": None, "Services": None, "ShutdownDelay": 0, "User": "", "Vault": None, "VolumeMounts": None,
}
TEMPLATE = {
    "ChangeMode": "restart", "ChangeSignal": "", "DestPath": "", "EmbeddedTmpl": "", "Envvars": False, "LeftDelim": "{{",
    "Perms": "0644", "RightDelim": "}}", "SourcePath": "", "Splay": 5 * SECOND, "VaultGrace": 0,
}
ARTIFACT = {"GetterHeaders": None, "GetterMode": "any", "GetterOptions": None, "GetterSource": "", "RelativeDest": "local/"}
RESOURCES = {"CPU": 100, "Cores": 0, "Devices": None, "DiskMB": 0, "IOPS": 0, "MemoryMB": 300, "MemoryMaxMB": 0, "Networks": None}
LOGS = {"MaxFileSizeMB": 10, "MaxFiles": 10}
DISK = {"Migrate": False, "SizeMB": 300, "Sticky": False}
NETWORK = {"CIDR": "", "DNS": None, "Device": "", "DynamicPorts": None, "IP": "", "MBits": 0, "Mode": "host", "ReservedPorts": None}
PORT = {"HostNetwork": "default", "Label": "", "To": 0, "Value": 0}
NO_UPDATE = {
    "AutoPromote": False, "AutoRevert": False, "Canary": 0, "HealthCheck": "", "HealthyDeadline": 0, "MaxParallel": 0,
    "MinHealthyTime": 0, "ProgressDeadline": 0, "Stagger": 0,
}
SERVICE_UPDATE = {
    "AutoPromote": False, "AutoRevert": False, "Canary": 0, "HealthCheck": "checks", "HealthyDeadline": 5 * MINUTE, "MaxParallel": 1,
    "MinHealthyTime": 10 * SECOND, "ProgressDeadline": 10 * MINUTE, "Stagger": 30 * SECOND,
}
RESTART = {
    "service": {"Attempts": 2, "Delay": 15 * SECOND, "Interval": 30 * MINUTE, "Mode": "fail"},
    "batch": {"Attempts": 3, "Delay": 15 * SECOND, "Interval": 24 * HOUR, "Mode": "fail"},
}
RESCHEDULE = {
    "service": {"Attempts": 0, "Delay": 30 * SECOND, "DelayFunction": "exponential", "Interval": 0, "MaxDelay": HOUR, "Unlimited": True},
    "batch": {"Attempts": 1, "Delay": 5 * SECOND, "DelayFunction": "constant", "Interval": 24 * HOUR, "MaxDelay": 0, "Unlimited": False},
}
# Members that came later, with the minor version of 1.x: an older server passes them over in silence.
LATER_OF_GROUP = {"MaxClientDisconnect": (3, None)}
LATER_OF_TEMPLATE = {"ErrMissingKey": (4, False)}


def filled(given, members):
    """What is known of a document, with what is left out, or null, filled in."""
    given = given or {}
    return {name: copy.deepcopy(default if given.get(name) is None else given[name]) for name, default in members.items()}


def later(given, members, minor):
    return {name: given.get(name, default) for name, (since, default) in members.items() if minor >= since}


def each(given, convert):
    return [convert(one) for one in given] if given else None


def constraint(given):
    return {name: given.get(name) or "" for name in ("LTarget", "Operand", "RTarget")}


def affinity(given):
    return dict(constraint(given), Weight=given.get("Weight") or 0)


def network(given):
    return dict(filled(given, NETWORK), **{name: each(given.get(name), lambda port: filled(port, PORT))
                                           for name in ("DynamicPorts", "ReservedPorts")})


def rules(given):
    return {"Constraints": each(given.get("Constraints"), constraint), "Affinities": each(given.get("Affinities"), affinity)}


def canonical_task(given, group, minor):
    template = lambda one: dict(filled(one, TEMPLATE), **later(one, LATER_OF_TEMPLATE, minor))
    resources = filled(given.get("Resources"), RESOURCES)
    if resources["Cores"]:
        resources["CPU"] = (given.get("Resources") or {}).get("CPU") or 0
    return dict(filled(given, TASK), **rules(given),
                Artifacts=each(given.get("Artifacts"), lambda one: filled(one, ARTIFACT)),
                LogConfig=filled(given.get("LogConfig"), LOGS), Resources=resources,
                RestartPolicy=filled(given.get("RestartPolicy"), group["RestartPolicy"]),
                Templates=each(given.get("Templates"), template))


def canonical_group(given, job, minor):
    kind = job["Type"] if job["Type"] in RESTART else "service"
    group = dict(filled(given, GROUP), **rules(given), **later(given, LATER_OF_GROUP, minor),
                 EphemeralDisk=filled(given.get("EphemeralDisk"), DISK), Networks=each(given.get("Networks"), network),
                 RestartPolicy=filled(given.get("RestartPolicy"), RESTART[kind]),
                 ReschedulePolicy=filled(given.get("ReschedulePolicy"), filled(job["Reschedule"], RESCHEDULE[kind])))
    group["Update"] = filled(given.get("Update"), job["Update"]) if job["Type"] == "service" else None
    group["Tasks"] = each(given.get("Tasks"), lambda task: canonical_task(task, group, minor))
    return group


def canonical_job(given, minor):
    """The job as Nomad keeps it; indexes, status and version are the store's."""
    job = dict(filled(given, JOB), **rules(given), Reschedule=given.get("Reschedule"))
    job["Name"] = job["Name"] or job["ID"]
    job["Update"] = filled(given.get("Update"), SERVICE_UPDATE if job["Type"] == "service" else NO_UPDATE)
    job["TaskGroups"] = each(given.get("TaskGroups"), lambda group: canonical_group(group, job, minor))
    del job["Reschedule"]
    return job


# --- What a job may not be ----------------------------------------------------------


def together(problems):
    """Several errors in one text, as Nomad lays them out."""
    heading = "1 error occurred" if len(problems) == 1 else f"{len(problems)} errors occurred"
    return heading + ":" + "".join("\n\t* " + problem for problem in problems) + "\n\n"


def task_problems(task):
    problems = []
    if not task["Name"]:
        problems.append("Missing task name")
    if not task["Driver"]:
        problems.append("Missing task driver")
    if task["KillTimeout"] < 0:
        problems.append("KillTimeout must be a positive value")
    resources = task["Resources"]
    if resources["Cores"] and resources["CPU"]:
        problems.append("Task can only ask for 'cpu' or 'cores' resource, not both.")
    if not resources["Cores"] and resources["CPU"] < 1:
        problems.append(f"minimum CPU value is 1; got {resources['CPU']}")
    if resources["MemoryMB"] < 10:
        problems.append(f"minimum MemoryMB value is 10; got {resources['MemoryMB']}")
    if 0 < resources["MemoryMaxMB"] < resources["MemoryMB"]:
        problems.append(f"MemoryMaxMB value ({resources['MemoryMaxMB']}) should be larger than MemoryMB value ({resources['MemoryMB']})")
    for position, template in enumerate(task["Templates"] or [], 1):
        inner = template_problems(template)
        if inner:
            problems.append(f"Template {position} validation failed: {together(inner)}")
    return problems


def template_problems(template):
    problems = []
    if not template["SourcePath"] and not template["EmbeddedTmpl"]:
        problems.append("Must specify a source path or have an embedded template")
    if not template["DestPath"]:
        problems.append("Must specify a destination for the template")
    if ".." in template["DestPath"].split("/"):
        problems.append("template destination escapes allocation directory")
    return problems


def restart_problems(policy):
    if policy["Mode"] not in ("fail", "delay"):
        return [f"Unsupported restart mode: \"{policy['Mode']}\""]
    if policy["Attempts"] == 0:
        return [] if policy["Mode"] == "fail" else ['Restart policy "delay" with 0 attempts is ambiguous']
    if policy["Interval"] < 5 * SECOND:
        return [f"Interval can not be less than 5s (got {duration(policy['Interval'])})"]
    if policy["Attempts"] * policy["Delay"] > policy["Interval"]:
        return [f"Nomad can't restart the TaskGroup {policy['Attempts']} times in an interval of "
                f"{duration(policy['Interval'])} with a delay of {duration(policy['Delay'])}"]
    return []


def reschedule_problems(policy):
    if not policy["Unlimited"] and policy["Attempts"] == 0:
        return []
    problems = []
    if policy["DelayFunction"] not in ("constant", "exponential", "fibonacci"):
        problems.append(f"Invalid delay function \"{policy['DelayFunction']}\", must be one of [\"constant\" \"exponential\" \"fibonacci\"]")
    if policy["Delay"] < 5 * SECOND:
        problems.append(f"Delay cannot be less than 5s (got {duration(policy['Delay'])})")
    if policy["DelayFunction"] != "constant" and policy["MaxDelay"] < policy["Delay"]:
        problems.append(f"Max Delay cannot be less than Delay {duration(policy['Delay'])} (got {duration(policy['MaxDelay'])})")
    if not policy["Unlimited"] and policy["Interval"] <= 0:
        problems.append("Interval must be a non zero value if Attempts > 0")
    return problems


def update_problems(update):
    if not update or update["MaxParallel"] == 0:
        return []
    problems = []
    if update["MinHealthyTime"] >= update["HealthyDeadline"]:
        problems.append(f"Minimum healthy time must be less than healthy deadline: {duration(update['MinHealthyTime'])} > "
                        f"{duration(update['HealthyDeadline'])}")
    if 0 < update["ProgressDeadline"] <= update["HealthyDeadline"]:
        problems.append(f"Healthy deadline must be less than progress deadline: {duration(update['HealthyDeadline'])} > "
                        f"{duration(update['ProgressDeadline'])}")
    if update["Stagger"] <= 0:
        problems.append(f"Stagger must be greater than zero: {duration(update['Stagger'])}")
    return problems


def port_problems(group):
    problems, seen = [], {}
    for net in group["Networks"] or []:
        for port in (net["ReservedPorts"] or []) + (net["DynamicPorts"] or []):
            if port["Label"] in seen:
                problems.append(f"Port label {port['Label']} already in use")
            seen[port["Label"]] = port
    return problems


def group_problems(group):
    problems = []
    if not group["Name"]:
        problems.append("Missing task group name")
    if group["Count"] < 0:
        problems.append("Task group count can't be negative")
    if not group["Tasks"]:
        problems.append("Missing tasks for task group")
    problems += restart_problems(group["RestartPolicy"]) + reschedule_problems(group["ReschedulePolicy"])
    problems += update_problems(group["Update"]) + port_problems(group)
    for task in group["Tasks"] or []:
        inner = task_problems(task)
        if inner:
            problems.append(f"Task {task['Name']} validation failed: {together(inner)}")
    return problems


def job_problems(job):
    """All that Nomad finds wrong with a canonical job; an empty list where it takes it."""
    problems = []
    if not job["ID"]:
        problems.append("Missing job ID")
    elif " " in job["ID"]:
        problems.append("Job ID contains a space")
    if job["Type"] not in ("service", "batch", "system"):
        problems.append(f"Invalid job type: \"{job['Type']}\"")
    if not 1 <= job["Priority"] <= 100:
        problems.append("Job priority must be between [1, 100]")
    if not job["Datacenters"]:
        problems.append("Missing job datacenters")
    if not job["TaskGroups"]:
        problems.append("Missing job task groups")
    names = [group["Name"] for group in job["TaskGroups"] or []]
    for position, group in enumerate(job["TaskGroups"] or []):
        if group["Name"] in names[:position]:
            problems.append(f"Job task group {position + 1} redefines '{group['Name']}' from group {names.index(group['Name']) + 1}")
        inner = group_problems(group)
        if inner:
            problems.append(f"Task group {group['Name']} validation failed: {together(inner)}")
    return problems


def job_warnings(job):
    texts = [f'Memory oversubscription is not enabled; Task "{group["Name"]}.{task["Name"]}" memory_max value will be ignored. '
             "Update the Scheduler Configuration to allow oversubscription."
             for group in job["TaskGroups"] or [] for task in group["Tasks"] or [] if task["Resources"]["MemoryMaxMB"]]
    return f"{len(texts)} warning(s):\n\n* " + "\n* ".join(texts) if texts else ""


# --- Allocations, evaluations -------------------------------------------------------

TASK_EVENT = {
    "Details": {}, "DiskLimit": 0, "DisplayMessage": "", "DownloadError": "", "DriverError": "", "DriverMessage": "", "ExitCode": 0,
    "FailedSibling": "", "FailsTask": False, "GenericSource": "", "KillError": "", "KillReason": "", "KillTimeout": 0, "Message": "",
    "RestartReason": "", "SetupError": "", "Signal": 0, "StartDelay": 0, "TaskSignal": "", "TaskSignalReason": "", "Time": 0, "Type": "",
    "ValidationError": "", "VaultError": "",
}


def task_event(kind, display, details=None, **members):
    return dict(TASK_EVENT, Type=kind, DisplayMessage=display, Details=details or {}, Time=now_ns(), **members)


def task_state():
    return {"Events": [], "Failed": False, "FinishedAt": None, "LastRestart": None, "Restarts": 0, "StartedAt": None,
            "State": "pending", "TaskHandle": None}


OF_A_LIST = (
    "ClientDescription", "ClientStatus", "CreateIndex", "CreateTime", "DeploymentStatus", "DesiredDescription", "DesiredStatus",
    "DesiredTransition", "EvalID", "FollowupEvalID", "ID", "JobID", "JobType", "JobVersion", "ModifyIndex", "ModifyTime", "Name",
    "Namespace", "NodeID", "NodeName", "PreemptedAllocations", "PreemptedByAllocation", "RescheduleTracker", "TaskGroup", "TaskStates",
)
LEFT_OUT_OF_ALLOCATION = (
    "ClientDescription", "DeploymentID", "DeploymentStatus", "DesiredDescription", "FollowupEvalID", "NetworkStatus", "NextAllocation",
    "PreviousAllocation", "PreemptedAllocations", "PreemptedByAllocation", "RescheduleTracker", "TaskStates",
)
ONLY_OF_A_LIST = ("DesiredTransition", "JobType", "JobVersion")
LEFT_OUT_OF_EVALUATION = (
    "BlockedEval", "ClassEligibility", "DeploymentID", "FailedTGAllocs", "JobModifyIndex", "NextEval", "NodeID", "PreviousEval",
    "QueuedAllocations", "SnapshotIndex", "StatusDescription", "WaitUntil",
)


def states_shown(allocation):
    """States of tasks, null until the client has told one."""
    states = allocation["TaskStates"]
    return states if any(state["Events"] for state in states.values()) else None


def allocation_of_list(allocation):
    return dict({name: allocation[name] for name in OF_A_LIST}, TaskStates=states_shown(allocation))


def allocation_whole(allocation, with_job=True):
    hidden = ONLY_OF_A_LIST if with_job else ONLY_OF_A_LIST + ("Job",)
    shown = {name: value for name, value in allocation.items() if name not in hidden}
    return without_empty(dict(shown, TaskStates=states_shown(allocation)), LEFT_OUT_OF_ALLOCATION)


def evaluation_shown(evaluation):
    return without_empty(evaluation, LEFT_OUT_OF_EVALUATION)
