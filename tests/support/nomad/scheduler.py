"""What follows from a job: evaluations, the allocations that they place, replace and stop, and deployments with the health of these."""

import copy
import queue
import threading

from nomad import documents, placing
from nomad.documents import SECOND, now_ns, timestamp
from nomad.store import new_id

CLIENT_DONE = ("complete", "failed", "lost")


class Scheduler:
    """One thread that takes evaluations one after the other. `begin` and `end` are the clients': they run and stop an allocation."""

    def __init__(self, store, begin, end):
        self.store, self.begin, self.end = store, begin, end
        self.refusals = placing.Refusals()
        self.waiting = queue.Queue()
        self.timers = set()
        self.closed = False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def close(self):
        self.closed = True
        self.waiting.put(None)
        for timer in list(self.timers):
            timer.cancel()

    def after(self, seconds, what, *arguments):
        """Calls it later, with the lock held, unless the model ends before."""
        def call():
            self.timers.discard(timer)
            if not self.closed:
                with self.store.changed:
                    what(*arguments)
        timer = threading.Timer(max(seconds, 0), call)
        timer.daemon = True
        self.timers.add(timer)
        timer.start()

    def work(self):
        while (evaluation := self.waiting.get()) is not None:
            with self.store.changed:
                self.process(self.store.evaluations[evaluation])

    # --- evaluations ---

    def evaluate(self, job, trigger, kind="EvaluationUpdated", **members):
        """Makes an evaluation within the change that goes on, and has it processed. The lock is held."""
        evaluation = {
            "CreateTime": now_ns(), "ID": new_id(), "JobID": job["ID"], "JobModifyIndex": job["JobModifyIndex"],
            "Namespace": job["Namespace"], "Priority": job["Priority"], "Status": "pending", "TriggeredBy": trigger, "Type": job["Type"],
            **members,
        }
        self.store.put_evaluation(evaluation, kind)
        if "WaitUntil" not in members:
            self.waiting.put(evaluation["ID"])
        return evaluation

    def process(self, evaluation):
        if evaluation["Status"] not in ("pending", "blocked"):
            return
        job = self.store.jobs.get((evaluation["Namespace"], evaluation["JobID"]))
        evaluation["SnapshotIndex"] = self.store.index
        self.store.step()
        failed, queued = Reconciliation(self, evaluation, job).run()
        evaluation.update(QueuedAllocations=queued, FailedTGAllocs=failed)
        if evaluation["Status"] == "blocked" and failed:
            self.store.put_evaluation(evaluation)
            return
        if failed:
            self.block(evaluation, job, failed)
        elif job:
            self.cancel_blocked(evaluation)
        self.store.step()
        evaluation["Status"] = "complete"
        self.store.put_evaluation(evaluation)
        self.settle_job(evaluation["Namespace"], evaluation["JobID"])

    def block(self, evaluation, job, failed):
        """What could not be placed waits for room, in an evaluation of its own."""
        self.cancel_blocked(evaluation)
        self.store.step()
        waits = {
            "ClassEligibility": {node["ComputedClass"]: not metrics["ConstraintFiltered"] for metrics in failed.values()
                                 for node in placing.candidates(self.store, job)},
            "CreateTime": now_ns(), "FailedTGAllocs": failed, "ID": new_id(), "JobID": job["ID"], "Namespace": job["Namespace"],
            "PreviousEval": evaluation["ID"], "Priority": job["Priority"], "SnapshotIndex": evaluation["SnapshotIndex"],
            "Status": "blocked", "StatusDescription": "created to place remaining allocations", "TriggeredBy": "queued-allocs",
            "Type": job["Type"],
        }
        self.store.put_evaluation(waits)
        evaluation["BlockedEval"] = waits["ID"]
        for rule in self.refusals.rules:
            if "until" in rule:
                self.after(rule["seconds"] + 0.1, self.unblock)
        if any("times" in rule for rule in self.refusals.rules):
            self.after(0.5, self.unblock)

    def cancel_blocked(self, newer):
        for one in self.store.evaluations_of(newer["Namespace"], newer["JobID"]):
            if one["Status"] == "blocked" and one is not newer:
                one.update(Status="canceled", StatusDescription=f"evaluation \"{newer['ID']}\" successful")
                self.store.put_evaluation(one)

    def unblock(self):
        """There may be room again. The lock is held."""
        for one in self.store.evaluations.values():
            if one["Status"] == "blocked":
                self.waiting.put(one["ID"])
        if any(rule.get("times", 0) > 0 for rule in self.refusals.rules):
            self.after(0.5, self.unblock)

    # --- jobs ---

    def settle_job(self, namespace, name):
        """The job's status, from its allocations."""
        job = self.store.jobs.get((namespace, name))
        if not job:
            return
        of_job = self.store.allocations_of(namespace, name)
        alive = any(one["ClientStatus"] not in CLIENT_DONE for one in of_job)
        open_evaluations = any(one["Status"] in ("pending", "blocked") for one in self.store.evaluations_of(namespace, name))
        if job["Stop"]:
            status = "dead"
        elif alive:
            status = "running"
        elif open_evaluations or not of_job:
            status = "pending"
        else:
            status = "dead" if job["Type"] == "batch" else "pending"
        if status != job["Status"]:
            job["Status"] = status
            self.store.put_job(job, "EvaluationUpdated")

    def summary(self, job):
        kinds = ("Complete", "Failed", "Lost", "Queued", "Running", "Starting")
        groups = {group["Name"]: dict.fromkeys(kinds, 0) for group in job["TaskGroups"]}
        member = {"complete": "Complete", "failed": "Failed", "lost": "Lost", "running": "Running", "pending": "Starting",
                  "unknown": "Running"}
        of_job = self.store.allocations_of(job["Namespace"], job["ID"])
        for one in of_job:
            if one["TaskGroup"] in groups:
                groups[one["TaskGroup"]][member[one["ClientStatus"]]] += 1
        newest = next(iter(self.store.evaluations_of(job["Namespace"], job["ID"])), {})
        for name, waiting in (newest.get("QueuedAllocations") or {}).items():
            if name in groups:
                groups[name]["Queued"] = waiting
        index = max([job["ModifyIndex"]] + [one["ModifyIndex"] for one in of_job])
        return {"Children": {"Dead": 0, "Pending": 0, "Running": 0}, "CreateIndex": job["CreateIndex"], "JobID": job["ID"],
                "ModifyIndex": index, "Namespace": job["Namespace"], "Summary": groups}

    # --- what clients tell ---

    def told(self, allocation):
        """An allocation's status has changed. The lock is held, within the change."""
        if allocation["ClientStatus"] == "running" and allocation["DeploymentID"]:
            self.after(group_of(allocation)["Update"]["MinHealthyTime"] / SECOND, self.look_at_health, allocation["ID"])
        if allocation["ClientStatus"] in CLIENT_DONE:
            if allocation["DeploymentID"] and not allocation["DeploymentStatus"]:
                self.set_health(allocation, False)
            job = self.store.jobs.get((allocation["Namespace"], allocation["JobID"]))
            if allocation["ClientStatus"] == "failed" and allocation["DesiredStatus"] == "run" and job and not job["Stop"]:
                if reschedule_delay_ns(allocation) is not None:
                    self.evaluate(job, "alloc-failure")
            self.settle_job(allocation["Namespace"], allocation["JobID"])
            self.unblock()

    # --- deployments ---

    def look_at_health(self, allocation_id):
        allocation = self.store.allocations.get(allocation_id)
        if not allocation or allocation["ClientStatus"] != "running" or allocation["DeploymentStatus"]:
            return
        least = group_of(allocation)["Update"]["MinHealthyTime"]
        since = now_ns() - last_event_ns(allocation, "Started")
        if since < least:
            self.after((least - since) / SECOND, self.look_at_health, allocation_id)
            return
        self.store.step()
        self.set_health(allocation, True)

    def give_up_health(self, allocation_id):
        allocation = self.store.allocations.get(allocation_id)
        if allocation and not allocation["DeploymentStatus"] and allocation["ClientStatus"] not in CLIENT_DONE:
            self.store.step()
            self.set_health(allocation, False)

    def set_health(self, allocation, healthy):
        allocation["DeploymentStatus"] = {"Canary": False, "Healthy": healthy, "ModifyIndex": self.store.index,
                                          "Timestamp": timestamp(now_ns())}
        self.store.put_allocation(allocation, "AllocationUpdated")
        deployment = self.store.deployments.get(allocation["DeploymentID"])
        if not deployment or deployment["Status"] != "running":
            return
        group = deployment["TaskGroups"][allocation["TaskGroup"]]
        group["HealthyAllocs" if healthy else "UnhealthyAllocs"] += 1
        if healthy and all(one["HealthyAllocs"] >= one["DesiredTotal"] for one in deployment["TaskGroups"].values()):
            deployment.update(Status="successful", StatusDescription="Deployment completed successfully")
        elif not healthy and group["ProgressDeadline"] == 0:
            deployment.update(Status="failed", StatusDescription="Failed due to unhealthy allocations")
        self.store.put_deployment(deployment, "DeploymentAllocHealth")

    def progress_is_due(self, deployment_id):
        deployment = self.store.deployments.get(deployment_id)
        if deployment and deployment["Status"] == "running":
            self.store.step()
            deployment.update(Status="failed", StatusDescription="Failed due to progress deadline")
            self.store.put_deployment(deployment, "DeploymentStatusUpdate")

    def deployment_for(self, job, kind):
        """The deployment of a job's version; made when there is none. None: jobs of this kind have none."""
        if job["Type"] != "service" or not any(placing_update(group) for group in job["TaskGroups"]):
            return None
        newest = next(iter(self.store.deployments_of(job["Namespace"], job["ID"])), None)
        if newest and newest["JobVersion"] == job["Version"] and newest["JobCreateIndex"] == job["CreateIndex"]:
            return newest
        if newest and newest["Status"] == "running":
            newest.update(Status="cancelled", StatusDescription="Cancelled due to newer version of job")
            self.store.put_deployment(newest, kind)
        deployment = {
            "ID": new_id(), "IsMultiregion": False, "JobCreateIndex": job["CreateIndex"], "JobID": job["ID"],
            "JobModifyIndex": job["ModifyIndex"], "JobSpecModifyIndex": job["JobModifyIndex"], "JobVersion": job["Version"],
            "Namespace": job["Namespace"], "Status": "running", "StatusDescription": "Deployment is running",
            "TaskGroups": {group["Name"]: deployment_group(group) for group in job["TaskGroups"] if placing_update(group)},
        }
        self.store.put_deployment(deployment, kind)
        deadline = max(one["ProgressDeadline"] for one in deployment["TaskGroups"].values())
        if deadline:
            self.after(deadline / SECOND, self.progress_is_due, deployment["ID"])
        return deployment


def group_of(allocation):
    return next(group for group in allocation["Job"]["TaskGroups"] if group["Name"] == allocation["TaskGroup"])


def last_event_ns(allocation, kind=None):
    """When the last event of its tasks was, of any kind or of one."""
    return max((event["Time"] for state in allocation["TaskStates"].values() for event in state["Events"]
                if kind in (None, event["Type"])), default=allocation["CreateTime"])


def placing_update(group):
    return group["Update"] and group["Update"]["MaxParallel"] > 0


def deployment_group(group):
    update = group["Update"]
    return {"AutoPromote": False, "AutoRevert": update["AutoRevert"], "DesiredCanaries": 0, "DesiredTotal": group["Count"],
            "HealthyAllocs": 0, "PlacedAllocs": 0, "PlacedCanaries": None, "ProgressDeadline": update["ProgressDeadline"],
            "Promoted": False, "RequireProgressBy": timestamp(now_ns() + update["ProgressDeadline"]), "UnhealthyAllocs": 0}


def reschedule_delay_ns(allocation):
    """How long after its failure it may stand elsewhere; None: its policy allows no more."""
    policy, tracker = group_of(allocation)["ReschedulePolicy"], allocation["RescheduleTracker"]
    events = tracker["Events"] if tracker else []
    if not policy["Unlimited"]:
        recent = [one for one in events if one["RescheduleTime"] > now_ns() - policy["Interval"]]
        if len(recent) >= policy["Attempts"]:
            return None
    delay = policy["Delay"]
    if policy["DelayFunction"] == "exponential":
        delay = min(delay << min(len(events), 30), policy["MaxDelay"])
    elif policy["DelayFunction"] == "fibonacci":
        before, delay = 0, delay
        for _ in events:
            before, delay = delay, min(before + delay, policy["MaxDelay"])
    return delay


class Reconciliation:
    """One evaluation of one job: what is there is compared with what is wanted."""

    def __init__(self, scheduler, evaluation, job):
        self.scheduler, self.store, self.evaluation, self.job = scheduler, scheduler.store, evaluation, job
        self.wanted = {} if job is None or job["Stop"] else {group["Name"]: group for group in job["TaskGroups"]}
        self.failed, self.queued, self.deployment, self.changed = {}, {}, None, False

    def run(self):
        """(FailedTGAllocs or None, QueuedAllocations)"""
        of_job = self.store.allocations_of(self.evaluation["Namespace"], self.evaluation["JobID"])
        standing = [one for one in of_job if one["DesiredStatus"] == "run"]
        for one in standing:
            if one["TaskGroup"] not in self.wanted:
                self.stop(one, "alloc not needed due to job update")
        if self.job is not None and self.job["Stop"]:
            self.cancel_deployment()
        if self.wanted:
            self.deployment = self.scheduler.deployment_for(self.job, "PlanResult")
        for name, group in self.wanted.items():
            self.settle_group(group, [one for one in standing if one["TaskGroup"] == name])
        if self.changed:
            self.store.put_evaluation(self.evaluation, "PlanResult")
            if self.job is not None:
                self.job["Status"] = "running" if self.wanted and not self.job["Stop"] else self.job["Status"]
                self.store.put_job(self.job, "PlanResult")
        return self.failed or None, self.queued

    def cancel_deployment(self):
        for one in self.store.deployments_of(self.job["Namespace"], self.job["ID"])[:1]:
            if one["Status"] == "running":
                one.update(Status="cancelled", StatusDescription="Cancelled because job is stopped")
                self.store.put_deployment(one, "PlanResult")

    def settle_group(self, group, standing):
        keep, replaced = [], []
        for one in standing:
            reason = self.replacement_reason(one, group)
            (replaced.append((one, reason)) if reason else keep.append(one))
        names = {one["Name"] for one in keep}
        by_name = {one["Name"]: (one, reason) for one, reason in replaced}
        self.queued[group["Name"]] = 0
        for position in range(group["Count"]):
            name = f"{self.job['ID']}.{group['Name']}[{position}]"
            if name not in names:
                self.place(group, name, *by_name.get(name, (None, None)))
        for one in keep[group["Count"]:]:
            self.stop(one, "alloc not needed due to job update")

    def replacement_reason(self, one, group):
        """Why another allocation has to stand in its place; None: it stays."""
        if one["ClientStatus"] == "lost":
            return "alloc is lost since its node is down"
        if one["ClientStatus"] == "unknown":
            return None if one["NextAllocation"] else "alloc is unknown since its node is disconnected"
        if one["DesiredTransition"]["Migrate"]:
            return "alloc is being migrated"
        if group_text(group_of(one)) != group_text(group):
            return "alloc is being updated due to job update"
        if one["ClientStatus"] == "failed":
            return self.due_to_be_rescheduled(one)
        return None

    def due_to_be_rescheduled(self, one):
        delay = reschedule_delay_ns(one)
        if delay is None:
            return None
        due = last_event_ns(one) + delay
        if now_ns() >= due - SECOND // 10:
            return "alloc was rescheduled because it failed"
        if not one["FollowupEvalID"]:
            later = self.scheduler.evaluate(self.job, "alloc-failure", WaitUntil=timestamp(due),
                                            StatusDescription="created for delayed rescheduling")
            one["FollowupEvalID"] = later["ID"]
            self.store.put_allocation(one, "PlanResult")
            self.scheduler.after((due - now_ns()) / SECOND, self.scheduler.waiting.put, later["ID"])
        return None

    def stop(self, one, why):
        self.changed = True
        one.update(DesiredStatus="stop", DesiredDescription=why)
        self.store.put_allocation(one, "PlanResult")
        self.scheduler.end(one)

    def place(self, group, name, old, reason):
        penalized = {old["NodeID"]} if old and old["ClientStatus"] == "failed" else set()
        updated = reason == "alloc is being updated due to job update"
        if old and (updated or old["DesiredTransition"]["Migrate"]):
            self.stop(old, reason)
        node, ports, metrics = placing.place(self.store, self.job, group, penalized, self.scheduler.refusals)
        if node is None:
            self.queued[group["Name"]] += 1
            self.failed[group["Name"]] = metrics
            return
        self.changed = True
        new = new_allocation(self.job, group, name, node, ports, metrics, self.evaluation)
        if self.deployment and group["Name"] in self.deployment["TaskGroups"] and self.deployment["Status"] == "running":
            new["DeploymentID"] = self.deployment["ID"]
            self.deployment["TaskGroups"][group["Name"]]["PlacedAllocs"] += 1
            self.store.put_deployment(self.deployment, "PlanResult")
            self.scheduler.after(group["Update"]["HealthyDeadline"] / SECOND, self.scheduler.give_up_health, new["ID"])
        if old:
            self.succeed(old, new, reason)
        self.store.put_allocation(new, "PlanResult")
        self.scheduler.begin(new)

    def succeed(self, old, new, reason):
        new["PreviousAllocation"], old["NextAllocation"] = old["ID"], new["ID"]
        if old["ClientStatus"] == "failed":
            earlier = old["RescheduleTracker"]["Events"] if old["RescheduleTracker"] else []
            event = {"Delay": reschedule_delay_ns(old) or 0, "PrevAllocID": old["ID"], "PrevNodeID": old["NodeID"], "RescheduleTime": now_ns()}
            new["RescheduleTracker"] = {"Events": earlier + [event]}
        if old["ClientStatus"] != "unknown" and old["DesiredStatus"] == "run":
            self.stop(old, reason)
        else:
            self.store.put_allocation(old, "PlanResult")


def group_text(group):
    """What of a group has to be the same for an allocation to stay."""
    return repr(sorted((name, value) for name, value in group.items() if name != "Count"))


def networks_of(group, node, ports):
    """The networks of an allocation with the ports that it was given."""
    has = node["NodeResources"]["Networks"][0]
    value = {port["Label"]: port["Value"] for port in ports}
    filled = lambda some: [dict(port, Value=value[port["Label"]]) for port in some] if some else None
    return [dict(net, Device=has["Device"], IP=has["IP"], DynamicPorts=filled(net["DynamicPorts"]),
                 ReservedPorts=filled(net["ReservedPorts"])) for net in group["Networks"] or []] or None


def task_share(task, node):
    resources = task["Resources"]
    shares = node["NodeResources"]["Cpu"]
    per_core = shares["CpuShares"] // max(shares["TotalCpuCores"], 1)
    return {"Cpu": {"CpuShares": resources["CPU"] + resources["Cores"] * per_core,
                    "ReservedCores": list(range(resources["Cores"])) or None},
            "Devices": None, "Memory": {"MemoryMB": resources["MemoryMB"], "MemoryMaxMB": resources["MemoryMaxMB"]}, "Networks": None}


def resources_of(group, disk, networks):
    """The older form of what an allocation has, in sum."""
    asked = [task["Resources"] for task in group["Tasks"]]
    total = lambda member: sum(one[member] for one in asked)
    return {"CPU": total("CPU"), "Cores": total("Cores"), "Devices": None, "DiskMB": disk, "IOPS": 0, "MemoryMB": total("MemoryMB"),
            "MemoryMaxMB": sum(one["MemoryMaxMB"] or one["MemoryMB"] for one in asked), "Networks": networks}


def new_allocation(job, group, name, node, ports, metrics, evaluation):
    disk = group["EphemeralDisk"]["SizeMB"]
    networks = networks_of(group, node, ports)
    nothing = dict.fromkeys(("CPU", "Cores", "IOPS", "MemoryMB", "MemoryMaxMB"), 0)
    return {
        "AllocatedResources": {"Shared": {"DiskMB": disk, "Networks": networks, "Ports": ports or None},
                               "TaskLifecycles": {task["Name"]: task["Lifecycle"] for task in group["Tasks"]},
                               "Tasks": {task["Name"]: task_share(task, node) for task in group["Tasks"]}},
        "ClientDescription": "", "ClientStatus": "pending", "CreateTime": now_ns(), "DeploymentID": "", "DeploymentStatus": None,
        "DesiredDescription": "", "DesiredStatus": "run", "DesiredTransition": {"ForceReschedule": None, "Migrate": None, "Reschedule": None},
        "EvalID": evaluation["ID"], "FollowupEvalID": "", "ID": new_id(), "Job": copy.deepcopy(job), "JobID": job["ID"],
        "JobType": job["Type"], "JobVersion": job["Version"], "Metrics": metrics, "Name": name, "Namespace": job["Namespace"],
        "NetworkStatus": None, "NextAllocation": "", "NodeID": node["ID"], "NodeName": node["Name"], "PreemptedAllocations": None,
        "PreemptedByAllocation": "", "PreviousAllocation": "", "RescheduleTracker": None,
        "Resources": resources_of(group, disk, networks),
        "SharedResources": dict(nothing, Devices=None, DiskMB=disk, Networks=networks),
        "TaskGroup": group["Name"], "TaskResources": {task["Name"]: task["Resources"] for task in group["Tasks"]},
        "TaskStates": {task["Name"]: documents.task_state() for task in group["Tasks"]},
    }
