"""Where a task group can stand: which nodes a job may use, why others are filtered or full, and which of the rest is best.

Nomad walks nodes in random order and scores a few; the model looks at all of them in the order of their names, so that a test sees the
same each time."""

import errno
import hashlib
import random
import re
import socket
import time

DYNAMIC_PORTS = range(20000, 32001)
LIVE = ("pending", "running", "unknown")


def blank_metrics(available):
    return {
        "AllocationTime": 0, "ClassExhausted": None, "ClassFiltered": None, "CoalescedFailures": 0, "ConstraintFiltered": None,
        "DimensionExhausted": None, "NodesAvailable": available, "NodesEvaluated": 0, "NodesExhausted": 0, "NodesFiltered": 0,
        "QuotaExhausted": None, "ResourcesExhausted": None, "ScoreMetaData": None, "Scores": None,
    }


def count(metrics, member, key):
    """One more of a reason; a member that counts nothing is null."""
    metrics[member] = metrics[member] or {}
    metrics[member][key] = metrics[member].get(key, 0) + 1


# --- Constraints --------------------------------------------------------------------


def target(text, node):
    """What an expression is on a node: (value, whether it is there). Plain text is itself."""
    found = re.fullmatch(r"\$\{(.+)\}", text)
    if not found:
        return text, True
    name = found.group(1)
    own = {"node.unique.id": "ID", "node.unique.name": "Name", "node.datacenter": "Datacenter", "node.class": "NodeClass"}
    if name in own:
        return node[own[name]], True
    if name == "node.region":
        return "global", True
    for prefix, table in (("attr.", "Attributes"), ("meta.", "Meta")):
        if name.startswith(prefix):
            value = (node[table] or {}).get(name[len(prefix):])
            return value, value is not None
    return None, False


def version_numbers(text):
    return [int(number) for number in re.findall(r"\d+", text.split("-")[0])]


def version_matches(version, wanted):
    for part in wanted.split(","):
        operand, number = re.fullmatch(r"\s*(>=|<=|!=|~>|=|>|<)?\s*(.+?)\s*", part).groups()
        ours, theirs = version_numbers(version), version_numbers(number)
        holds = {None: ours == theirs, "=": ours == theirs, "!=": ours != theirs, ">": ours > theirs, "<": ours < theirs,
                 ">=": ours >= theirs, "<=": ours <= theirs,
                 "~>": ours >= theirs and ours[:len(theirs) - 1] == theirs[:-1]}[operand]
        if not holds:
            return False
    return True


def words(text):
    return {word.strip() for word in text.split(",")}


def holds(rule, node):
    """Whether a constraint, or an affinity, is met by a node."""
    left, has_left = target(rule["LTarget"], node)
    right, has_right = target(rule["RTarget"], node)
    operand = rule["Operand"]
    if operand == "is_set":
        return has_left
    if operand == "is_not_set":
        return not has_left
    if operand in ("!=", "not"):
        return left != right
    if not has_left or not has_right:
        return False
    if operand in ("=", "==", "is"):
        return left == right
    if operand in ("<", "<=", ">", ">="):
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operand]
    if operand == "regexp":
        return re.search(right, left) is not None
    if operand in ("version", "semver"):
        return version_matches(left, right)
    if operand in ("set_contains", "set_contains_all"):
        return words(right) <= words(left)
    if operand == "set_contains_any":
        return bool(words(right) & words(left))
    return False


def rule_text(rule):
    return " ".join(part for part in (rule["LTarget"], rule["Operand"], rule["RTarget"]) if part)


def all_constraints(job, group):
    lists = [job["Constraints"], group["Constraints"]] + [task["Constraints"] for task in group["Tasks"]]
    return [rule for rules in lists for rule in rules or []]


def all_affinities(job, group):
    lists = [job["Affinities"], group["Affinities"]] + [task["Affinities"] for task in group["Tasks"]]
    return [rule for rules in lists for rule in rules or []]


def computed_class(node):
    """Nodes that differ only in what is unique to each have the same one."""
    common = lambda table: sorted((name, value) for name, value in (node[table] or {}).items() if not name.startswith("unique."))
    text = repr((node["Datacenter"], node["NodeClass"], common("Attributes"), common("Meta"), sorted(node["Drivers"])))
    return "v1:%d" % int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def infeasible(job, group, node):
    """Why a node is filtered, and whether that goes for all nodes of its computed class; (None, ...) where it is not."""
    for task in group["Tasks"]:
        driver = node["Drivers"].get(task["Driver"])
        if not (driver and driver["Detected"] and driver["Healthy"]):
            return "missing drivers", True
    volumes = [volume for volume in (group["Volumes"] or {}).values() if volume.get("Type") == "host"]
    if any(volume["Source"] not in (node["HostVolumes"] or {}) for volume in volumes):
        return "missing compatible host volumes", True
    for rule in all_constraints(job, group):
        if rule["Operand"] != "distinct_hosts" and not holds(rule, node):
            escapes = "unique." in rule["LTarget"] + rule["RTarget"]
            return rule_text(rule), not escapes
    return None, False


# --- Room ---------------------------------------------------------------------------


def used_on(store, node):
    """What live allocations have of a node."""
    used = {"cpu": 0, "memory": 0, "disk": 0, "cores": 0}
    for one in live_on(store, node):
        used["disk"] += one["AllocatedResources"]["Shared"]["DiskMB"]
        for task in one["AllocatedResources"]["Tasks"].values():
            used["cpu"] += task["Cpu"]["CpuShares"]
            used["cores"] += len(task["Cpu"]["ReservedCores"] or [])
            used["memory"] += task["Memory"]["MemoryMB"]
    return used


def live_on(store, node):
    return [one for one in store.allocations.values()
            if one["NodeID"] == node["ID"] and one["DesiredStatus"] == "run" and one["ClientStatus"] in LIVE]


def asked_by(group, node):
    per_core = node["NodeResources"]["Cpu"]["CpuShares"] // max(node["NodeResources"]["Cpu"]["TotalCpuCores"], 1)
    resources = [task["Resources"] for task in group["Tasks"]]
    return {"cores": sum(one["Cores"] for one in resources),
            "cpu": sum(one["CPU"] + one["Cores"] * per_core for one in resources),
            "memory": sum(one["MemoryMB"] for one in resources), "disk": group["EphemeralDisk"]["SizeMB"]}


def exhausted(store, group, node):
    """The dimension in which a node has no room for a group; None: it fits."""
    has = node["NodeResources"]
    room = {"cores": has["Cpu"]["TotalCpuCores"], "cpu": has["Cpu"]["CpuShares"], "memory": has["Memory"]["MemoryMB"],
            "disk": has["Disk"]["DiskMB"]}
    used, asked = used_on(store, node), asked_by(group, node)
    for dimension in ("cores", "cpu", "memory", "disk"):
        if used[dimension] + asked[dimension] > room[dimension]:
            return dimension
    return None


def ports_taken(store, address):
    """By all live allocations at an address: several nodes may share one."""
    taken = set()
    for node in store.nodes.values():
        if node["NodeResources"]["Networks"][0]["IP"] == address:
            for one in live_on(store, node):
                taken |= {port["Value"] for port in one["AllocatedResources"]["Shared"]["Ports"] or []}
    return taken


def is_free(address, number):
    """Whether nobody listens there. An address that is not this machine's, that of a namespace say, has only what the model puts there."""
    with socket.socket() as probe:
        try:
            probe.bind((address, number))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
    return True


def ports_for(store, group, node):
    """(ports of a group on a node, None), or (None, why there are none)."""
    address = node["NodeResources"]["Networks"][0]["IP"]
    taken = ports_taken(store, address)
    given = []
    for net in group["Networks"] or []:
        for port in net["ReservedPorts"] or []:
            if port["Value"] in taken:
                return None, f"network: reserved port collision {port['Label']}={port['Value']}"
            taken.add(port["Value"])
            given.append({"HostIP": address, "Label": port["Label"], "To": port["To"], "Value": port["Value"]})
        for port in net["DynamicPorts"] or []:
            number = next((one for one in random.sample(DYNAMIC_PORTS, 400) if one not in taken and is_free(address, one)), None)
            if number is None:
                return None, "network: dynamic port selection failed"
            taken.add(number)
            given.append({"HostIP": address, "Label": port["Label"], "To": port["To"], "Value": number})
    return given, None


# --- Choice -------------------------------------------------------------------------


def scores_of(store, job, group, node, penalized):
    """The parts of a node's score, each from -1 to 1."""
    affinities = all_affinities(job, group)
    total = sum(abs(rule["Weight"]) for rule in affinities)
    liked = sum(rule["Weight"] for rule in affinities if holds(rule, node)) / total if total else 0.0
    here = live_on(store, node)
    same = sum(1 for one in here if one["JobID"] == job["ID"] and one["TaskGroup"] == group["Name"])
    share = used_on(store, node)["memory"] / max(node["NodeResources"]["Memory"]["MemoryMB"], 1)
    return {"binpack": round(share / 10, 6), "job-anti-affinity": -same / (group["Count"] + same) if same else 0.0,
            "node-affinity": float(liked), "node-reschedule-penalty": -1.0 if node["ID"] in penalized else 0.0}


class Refusals:
    """Placements that a test wants to fail, by rules: {"group": pattern, "dimension" or "constraint": text, "times": n or "seconds": s}."""

    def __init__(self):
        self.rules = []

    def add(self, rule):
        rule = dict(rule)
        if "seconds" in rule:
            rule["until"] = time.monotonic() + rule["seconds"]
        self.rules.append(rule)

    def clear(self):
        self.rules = []

    def active(self, group):
        for rule in self.rules:
            over = rule.get("times", 1) <= 0 or time.monotonic() > rule.get("until", float("inf"))
            if not over and re.fullmatch(rule.get("group") or ".*", group):
                if "times" in rule:
                    rule["times"] -= 1
                return rule
        return None


def candidates(store, job):
    return sorted((node for node in store.nodes.values() if node["Datacenter"] in job["Datacenters"] and
                   node["Status"] == "ready" and node["SchedulingEligibility"] == "eligible"), key=lambda node: node["Name"])


def filter_reason(store, job, group, node, classes, refusal):
    """Why a node may not be used at all; None: it may. What is known of its computed class is not looked at again."""
    known = node["ComputedClass"]
    if known in classes:
        return "computed class ineligible"
    reason, of_class = infeasible(job, group, node)
    if of_class:
        classes.add(known)
    if reason is None and any(rule["Operand"] == "distinct_hosts" for rule in all_constraints(job, group)):
        if any(one["JobID"] == job["ID"] for one in live_on(store, node)):
            reason = "distinct_hosts"
    if reason is None and refusal:
        reason = refusal.get("constraint")
    return reason


def place(store, job, group, penalized, refusals):
    """(node, its ports, metrics); node is None where there is no place."""
    available = {name: sum(1 for node in candidates(store, job) if node["Datacenter"] == name) for name in job["Datacenters"]}
    metrics = blank_metrics(available)
    begun = time.perf_counter_ns()
    refusal, classes, ranked = refusals.active(group["Name"]), set(), []
    for node in candidates(store, job):
        metrics["NodesEvaluated"] += 1
        reason = filter_reason(store, job, group, node, classes, refusal)
        if reason:
            metrics["NodesFiltered"] += 1
            count(metrics, "ConstraintFiltered", reason)
            if node["NodeClass"]:
                count(metrics, "ClassFiltered", node["NodeClass"])
            continue
        dimension = exhausted(store, group, node) or (refusal or {}).get("dimension")
        ports, trouble = (None, dimension) if dimension else ports_for(store, group, node)
        if trouble:
            metrics["NodesExhausted"] += 1
            count(metrics, "DimensionExhausted", trouble)
            metrics["ResourcesExhausted"] = {task["Name"]: task["Resources"] for task in group["Tasks"]}
            if node["NodeClass"]:
                count(metrics, "ClassExhausted", node["NodeClass"])
            continue
        scores = scores_of(store, job, group, node, penalized)
        ranked.append((sum(scores.values()), node, ports, scores))
    metrics["AllocationTime"] = time.perf_counter_ns() - begun
    if not ranked:
        return None, None, metrics
    metrics["ScoreMetaData"] = [{"NodeID": node["ID"], "NormScore": score, "Scores": scores} for score, node, _, scores in ranked]
    _, node, ports, _ = max(ranked, key=lambda one: one[0])
    return node, ports, metrics
