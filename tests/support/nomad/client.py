"""The client side: machines, and the allocations that run on them."""

import json
import os
import signal
import subprocess
import threading
import uuid

from nomad import placing, task as tasks
from nomad.documents import SECOND, duration, now_ns, task_event, timestamp
from nomad.scheduler import CLIENT_DONE, group_of

EVENTS_KEPT = 10


def node_document(wanted, version, address_of_server):
    """A machine as a client registers it, from a line of the file of hosts."""
    memory, cores = wanted.get("memory_mb", 16384), wanted.get("cores", 4)
    shares, disk = wanted.get("cpu_mhz", 2600 * cores), wanted.get("disk_mb", 100000)
    address = wanted.get("address", "127.0.0.1")
    drivers = {name: {"Attributes": {f"driver.{name}": "true"}, "Detected": True, "HealthDescription": "Healthy", "Healthy": True,
                      "UpdateTime": timestamp(now_ns())} for name in wanted.get("drivers", ["raw_exec"])}
    attributes = {
        "cpu.arch": "amd64", "cpu.modelname": "model", "cpu.numcores": str(cores), "cpu.totalcompute": str(shares), "kernel.name": "linux",
        "kernel.version": os.uname().release, "memory.totalbytes": str(memory << 20), "nomad.advertise.address": address_of_server,
        "nomad.version": version, "os.name": "debian", "unique.hostname": wanted["name"], "unique.network.ip-address": address,
        "unique.storage.bytesfree": str(disk << 20), "unique.storage.bytestotal": str(disk << 20), "unique.storage.volume": "/dev/vda",
    }
    attributes.update({f"driver.{name}": "1" for name in drivers})
    attributes.update(wanted.get("attributes", {}))
    network = {"CIDR": f"{address}/32", "DNS": None, "Device": "eth0", "DynamicPorts": None, "IP": address, "MBits": 1000, "Mode": "host",
               "ReservedPorts": None}
    node = {
        "Attributes": attributes, "CSIControllerPlugins": None, "CSINodePlugins": None, "Datacenter": wanted.get("datacenter", "dc1"),
        "Drain": False, "DrainStrategy": None, "Drivers": drivers,
        "Events": [{"CreateIndex": 0, "Details": None, "Message": "Node registered", "Subsystem": "Cluster",
                    "Timestamp": timestamp(now_ns())}],
        "HTTPAddr": address_of_server, "HostVolumes": wanted.get("host_volumes"), "ID": str(uuid.uuid4()), "LastDrain": None, "Links": None,
        "Meta": wanted.get("meta", {}), "Name": wanted["name"], "NodeClass": wanted.get("class", ""),
        "NodeResources": {"Cpu": {"CpuShares": shares, "ReservableCpuCores": list(range(cores)), "TotalCpuCores": cores}, "Devices": None,
                          "Disk": {"DiskMB": disk}, "Memory": {"MemoryMB": memory}, "Networks": [network],
                          "NodeNetworks": [{"Addresses": [{"Address": address, "Alias": "default", "Family": "ipv4", "Gateway": "",
                                                           "ReservedPorts": ""}], "Device": "eth0", "MacAddress": "", "Mode": "host",
                                            "Speed": 1000}]},
        "Reserved": {"CPU": 0, "Cores": 0, "Devices": None, "DiskMB": 0, "IOPS": 0, "MemoryMB": 0, "MemoryMaxMB": 0, "Networks": None},
        "ReservedResources": {"Cpu": {"CpuShares": 0, "ReservedCpuCores": None}, "Disk": {"DiskMB": 0}, "Memory": {"MemoryMB": 0},
                              "Networks": {"ReservedHostPorts": ""}},
        "Resources": {"CPU": shares, "Cores": 0, "Devices": None, "DiskMB": disk, "IOPS": 0, "MemoryMB": memory, "MemoryMaxMB": 0,
                      "Networks": [network]},
        "SchedulingEligibility": "eligible", "SecretID": "", "Status": "ready", "StatusDescription": "",
        "StatusUpdatedAt": now_ns() // SECOND, "TLSEnabled": False,
    }
    node["ComputedClass"] = placing.computed_class(node)
    return node


def read_hosts(path):
    if path is None:
        return [{"name": "test", "drivers": ["raw_exec", "exec", "mock_driver"]}]
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class TaskRunner:
    """One task: a thread that sets it up, starts it, starts it again where its policy says so, and ends it."""

    def __init__(self, runner, task):
        self.runner, self.task = runner, task
        self.process = None
        self.ended = threading.Event()     # it is to end: killed by us
        self.restart_asked = False
        self.restarts = []                 # when it was started again, ns
        self.thread = threading.Thread(target=self.run, daemon=True)

    @property
    def state(self):
        return self.runner.allocation["TaskStates"][self.task["Name"]]

    def tell(self, kind, display, details=None, **members):
        """Appends an event and lets the server know, together with changes of the state."""
        state_changes = members.pop("state", {})
        with self.runner.store.changed:
            self.state["Events"] = (self.state["Events"] + [task_event(kind, display, details, **members)])[-EVENTS_KEPT:]
            self.state.update(state_changes)
            self.runner.update()

    def run(self):
        self.tell("Received", "Task received by client")
        while not self.ended.is_set():
            code = self.run_once()
            if self.ended.is_set() or not self.goes_on(code):
                break
        if self.ended.is_set() and not self.runner.vanished:
            self.tell("Killed", "Task successfully killed", state=self.dead(failed=self.state["Failed"]))

    def dead(self, failed):
        return {"State": "dead", "Failed": failed, "FinishedAt": timestamp(now_ns())}

    def run_once(self):
        """Sets it up and waits for its end: its exit code; None where it could not be started."""
        root, name = self.runner.root, self.task["Name"]
        try:
            if not self.restarts:
                self.tell("Task Setup", "Building Task Directory", {"message": "Building Task Directory"}, Message="Building Task Directory")
            tasks.make_folders(root, name)
            told = tasks.environment(self.runner.allocation, self.task, self.runner.node, root)
            known = tasks.known_names(told, self.runner.node)
            if self.task["Artifacts"] and not self.restarts:
                self.tell("Downloading Artifacts", "Client is downloading artifacts")
                tasks.fetch_artifacts(root, self.task, known, self.runner.ca_file)
            tasks.write_templates(root, self.task, told, known)
            self.process = tasks.start(root, self.task, told, known, self.runner.namespace)
        except tasks.SetupError as error:
            self.tell(error.kind, error.text, {snake_case(error.member): error.text}, **{error.member: error.text})
            return None
        self.tell("Started", "Task started by client", state={"State": "running", "StartedAt": timestamp(now_ns())})
        if self.ended.is_set():  # asked to while it was being started
            self.ask_to_end()
        code = self.process.wait()
        tasks.end_all(self.runner.allocation["ID"])
        self.say_how_it_ended(code)
        return code

    def say_how_it_ended(self, code):
        if self.runner.vanished:
            return
        sent = -code if code < 0 else 0
        status = 128 + sent if sent else code
        text = f"Exit Code: {status}" + (f", Signal: {sent}" if sent else "")
        self.tell("Terminated", text, {"exit_code": str(status), "signal": str(sent), "oom_killed": "false"}, ExitCode=status, Signal=sent)

    def goes_on(self, code):
        """Whether it is started again, after the delay of its policy."""
        if self.runner.vanished:
            return False
        if self.restart_asked:
            self.restart_asked = False
            return self.begin_again(0)
        if code == 0 and self.runner.allocation["JobType"] == "batch":
            with self.runner.store.changed:
                self.state.update(self.dead(failed=False))
                self.runner.update()
            return False
        policy = self.task["RestartPolicy"]
        recent = [one for one in self.restarts if one > now_ns() - policy["Interval"]]
        if len(recent) < policy["Attempts"]:
            return self.begin_again(policy["Delay"])
        if policy["Attempts"] == 0:
            reason = "Policy allows no restarts"
        else:
            reason = f"Exceeded allowed attempts {policy['Attempts']} in interval {duration(policy['Interval'])} and mode is \"fail\""
        self.tell("Not Restarting", reason, {"restart_reason": reason, "fails_task": "true"}, FailsTask=True, RestartReason=reason,
                  state=self.dead(failed=True))
        return False

    def begin_again(self, delay):
        self.restarts.append(now_ns())
        reason = "Restart within policy" if delay else ""
        self.tell("Restarting", f"Task restarting in {duration(delay)}", {"restart_reason": reason, "start_delay": str(delay)},
                  RestartReason=reason, StartDelay=delay,
                  state={"State": "pending", "Restarts": len(self.restarts), "LastRestart": timestamp(now_ns())})
        self.ended.wait(delay / SECOND)
        return not self.ended.is_set()

    def signal(self, name):
        self.tell("Signaling", "Task being sent a signal", {"signal": name})
        self.process.send_signal(getattr(signal, name))

    def ask_restart(self):
        self.restart_asked = True
        self.tell("Restart Signaled", "User requested restart", {"restart_reason": "User requested restart"},
                  RestartReason="User requested restart")
        self.ask_to_end()

    def ask_to_end(self):
        """Its kill signal, and SIGKILL when its patience is over: the latter from a thread of its own."""
        process = self.process
        if not process or process.poll() is not None:
            return
        process.send_signal(getattr(signal, self.task["KillSignal"] or "SIGINT"))
        patience = self.task["KillTimeout"] / SECOND

        def enforce():
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                tasks.end_all(self.runner.allocation["ID"])

        threading.Thread(target=enforce, daemon=True).start()

    def end(self):
        if self.ended.is_set():
            return
        self.ended.set()
        if self.state["State"] != "dead":
            text = duration(self.task["KillTimeout"])
            self.tell("Killing", f"Sent interrupt. Waiting {text} before force killing", {"kill_timeout": text},
                      KillTimeout=self.task["KillTimeout"])
        self.ask_to_end()


def snake_case(member):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in member).lstrip("_")


class Runner:
    """One allocation on its machine."""

    def __init__(self, clients, allocation, node):
        self.store, self.clients, self.allocation, self.node = clients.store, clients, allocation, node
        self.root = os.path.join(clients.folder, allocation["ID"])
        self.namespace = clients.namespaces.get(node["Name"])
        self.ca_file = clients.ca_file
        self.vanished = False
        self.tasks = {task["Name"]: TaskRunner(self, task) for task in group_of(allocation)["Tasks"]}

    def begin(self):
        for task in self.tasks.values():
            task.thread.start()

    def end(self):
        for task in self.tasks.values():
            if task.state["State"] == "dead":
                continue
            task.end()

    def vanish(self):
        """The machine is gone: nothing more is told of it."""
        self.vanished = True
        for task in self.tasks.values():
            task.ended.set()
        tasks.end_all(self.allocation["ID"])

    def update(self):
        """Tells the server how it stands. The lock is held."""
        if self.vanished or self.allocation["ClientStatus"] == "lost":
            return
        states = self.allocation["TaskStates"].values()
        if all(state["State"] == "dead" for state in states):
            failed = any(state["Failed"] for state in states)
            status, text = ("failed", "Failed tasks") if failed else ("complete", "All tasks have completed")
        elif any(state["State"] == "running" for state in states) or any(state["Restarts"] for state in states):
            status, text = "running", "Tasks are running"
        else:
            status, text = "pending", "No tasks have started"
        before = self.allocation["ClientStatus"]
        self.store.step()
        self.allocation.update(ClientStatus=status, ClientDescription=text)
        if status == "running" and not self.allocation["NetworkStatus"]:
            self.allocation["NetworkStatus"] = {"Address": "", "DNS": None, "InterfaceName": ""}
        self.store.put_allocation(self.allocation, "AllocationUpdated")
        if status != before:
            self.clients.scheduler.told(self.allocation)
            if status == "failed":
                self.end()


class Clients:
    """All machines of the model."""

    def __init__(self, store, folder, hosts, address_of_server, ca_file):
        self.store, self.folder, self.ca_file = store, folder, ca_file
        self.scheduler = None
        self.runners = {}
        self.namespaces = {host["name"]: host.get("namespace") for host in hosts}
        with store.changed:
            for host in hosts:
                store.step()
                store.put_node(node_document(host, store.version, address_of_server), "NodeRegistration")

    def begin(self, allocation):
        runner = Runner(self, allocation, self.store.nodes[allocation["NodeID"]])
        self.runners[allocation["ID"]] = runner
        runner.begin()

    def end(self, allocation):
        runner = self.runners.get(allocation["ID"])
        if runner and allocation["ClientStatus"] not in CLIENT_DONE:
            threading.Thread(target=runner.end, daemon=True).start()

    def close(self):
        """Ends every task, at once."""
        for runner in list(self.runners.values()):
            runner.vanish()

    # --- machines that fall silent ---

    def lose(self, name):
        """A machine falls silent, and all that runs on it ends: its allocations are lost, or unknown where their group waits for them."""
        node = self.node(name)
        for runner in self.of_node(node):
            runner.vanish()
        with self.store.changed:
            self.store.step()
            waits = any(self.waits_ns(runner) for runner in self.of_node(node))
            node.update(Status="disconnected" if waits else "down", StatusUpdatedAt=now_ns() // SECOND)
            self.store.put_node(node, "NodeStatusUpdate")
            jobs = {}
            for runner in self.of_node(node):
                allocation = runner.allocation
                allocation.update(ClientStatus="unknown" if self.waits_ns(runner) else "lost", ClientDescription="")
                self.store.put_allocation(allocation, "NodeStatusUpdate")
                if self.waits_ns(runner):
                    self.scheduler.after(self.waits_ns(runner) / SECOND, self.give_up, allocation)
                jobs[allocation["Namespace"], allocation["JobID"]] = True
            self.evaluate(jobs, node)

    def give_up(self, allocation):
        """A machine was silent for longer than its group waits."""
        if allocation["ClientStatus"] == "unknown":
            self.store.step()
            allocation.update(ClientStatus="lost")
            self.store.put_allocation(allocation, "NodeStatusUpdate")
            self.evaluate({(allocation["Namespace"], allocation["JobID"]): True}, self.store.nodes[allocation["NodeID"]])

    def bring_back(self, name):
        """A machine is there again, with none of its tasks."""
        node = self.node(name)
        with self.store.changed:
            self.store.step()
            node.update(Status="ready", StatusUpdatedAt=now_ns() // SECOND)
            self.store.put_node(node, "NodeStatusUpdate")
            self.scheduler.unblock()

    def evaluate(self, jobs, node):
        for key in jobs:
            job = self.store.jobs.get(key)
            if job:
                self.scheduler.evaluate(job, "node-update", NodeID=node["ID"])

    def waits_ns(self, runner):
        return group_of(runner.allocation).get("MaxClientDisconnect") or 0

    def node(self, name):
        return next(node for node in self.store.nodes.values() if node["Name"] == name)

    def of_node(self, node):
        return [runner for runner in self.runners.values()
                if runner.node["ID"] == node["ID"] and runner.allocation["ClientStatus"] not in CLIENT_DONE]

    def kill(self, allocation_id):
        """As if its processes had been killed on the machine."""
        tasks.end_all(allocation_id)
