"""What a Nomad server knows: tables, one index that rises with every change, and the events of these changes. All of it is guarded by
one lock; who changes something holds it over the whole change, so that nobody sees a half."""

import collections
import copy
import threading
import time
import uuid

from nomad import documents

EVENTS_KEPT = 4096


def new_id():
    return str(uuid.uuid4())


class Store:
    def __init__(self, version):
        self.version = version
        self.minor = int(version.split(".")[1])
        self.changed = threading.Condition(threading.RLock())
        self.index = 6
        self.table_index = collections.Counter()
        self.nodes, self.evaluations, self.deployments, self.allocations = {}, {}, {}, {}
        self.jobs = {}  # by (namespace, id)
        self.namespaces = {}
        self.events = collections.deque(maxlen=EVENTS_KEPT)  # (index, [event, ...])

    # --- changes ---

    def step(self):
        """The index of a change that begins. The lock is held."""
        self.index += 1
        return self.index

    def touch(self, table):
        self.table_index[table] = self.index
        self.changed.notify_all()

    def tell(self, topic, kind, key, namespace, filters, payload):
        event = {"FilterKeys": filters, "Index": self.index, "Key": key, "Namespace": namespace, "Payload": {topic: payload},
                 "Topic": topic, "Type": kind}
        if not self.events or self.events[-1][0] != self.index:
            self.events.append((self.index, []))
        self.events[-1][1].append(copy.deepcopy(event))

    def put_node(self, node, kind):
        node["ModifyIndex"] = self.index
        node.setdefault("CreateIndex", self.index)
        self.nodes[node["ID"]] = node
        self.touch("nodes")
        self.tell("Node", kind, node["ID"], "", None, node)

    def put_job(self, job, kind):
        job["ModifyIndex"] = self.index
        self.jobs[job["Namespace"], job["ID"]] = job
        self.touch("jobs")
        self.tell("Job", kind, job["ID"], job["Namespace"], None, job)

    def put_evaluation(self, evaluation, kind="EvaluationUpdated"):
        evaluation.setdefault("CreateIndex", self.index)
        evaluation.update(ModifyIndex=self.index, ModifyTime=documents.now_ns())
        self.evaluations[evaluation["ID"]] = evaluation
        self.touch("evaluations")
        self.tell("Evaluation", kind, evaluation["ID"], evaluation["Namespace"], [evaluation["JobID"], evaluation.get("DeploymentID", "")],
                  documents.evaluation_shown(evaluation))

    def put_deployment(self, deployment, kind):
        deployment.setdefault("CreateIndex", self.index)
        deployment["ModifyIndex"] = self.index
        self.deployments[deployment["ID"]] = deployment
        self.touch("deployments")
        self.tell("Deployment", kind, deployment["ID"], deployment["Namespace"], [deployment["JobID"]], deployment)

    def put_allocation(self, allocation, kind):
        allocation.setdefault("CreateIndex", self.index)
        allocation.update(ModifyIndex=self.index, ModifyTime=documents.now_ns())
        if kind == "PlanResult":
            allocation["AllocModifyIndex"] = self.index
        self.allocations[allocation["ID"]] = allocation
        self.touch("allocations")
        self.tell("Allocation", kind, allocation["ID"], allocation["Namespace"], [allocation["JobID"], allocation["DeploymentID"]],
                  documents.allocation_whole(allocation, with_job=False))

    def put_namespace(self, name, description):
        namespace = self.namespaces.setdefault(
            name, {"CreateIndex": self.index, "Hash": "C7UbjDwBK0dK8wQq7Izg7SJIzaV+lIo2X7wRtzY3pSw=", "Name": name, "Quota": ""})
        namespace.update(Description=description, ModifyIndex=self.index)
        self.touch("namespaces")

    # --- what there is ---

    def allocations_of(self, namespace, job):
        """Of a job, by the time they were made."""
        found = [one for one in self.allocations.values() if one["JobID"] == job and one["Namespace"] == namespace]
        return sorted(found, key=lambda one: one["CreateIndex"])

    def evaluations_of(self, namespace, job):
        found = [one for one in self.evaluations.values() if one["JobID"] == job and one["Namespace"] == namespace]
        return sorted(found, key=lambda one: -one["CreateIndex"])

    def deployments_of(self, namespace, job):
        found = [one for one in self.deployments.values() if one["JobID"] == job and one["Namespace"] == namespace]
        return sorted(found, key=lambda one: -one["CreateIndex"])

    def latest(self, table, found):
        """The index of an answer: of the newest that it has, or of the table where it has none."""
        return max((one["ModifyIndex"] for one in found), default=self.table_index[table]) or 1

    # --- waiting ---

    def wait_for_newer(self, query, index, seconds, ended):
        """(index, answer) of a query, once its index is above that one, or the time is over, or the server ends."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                found, answer = query()
                left = deadline - time.monotonic()
                if index == 0 or found > index or left <= 0 or ended():
                    return found, copy.deepcopy(answer)
                self.changed.wait(min(left, 1))
