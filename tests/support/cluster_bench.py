"""A cluster to deploy to, on one machine: hosts in network namespaces with distance between them, an S3 server behind a proxy that does harm, and
the model of Nomad. The process that makes it is the operator, in a namespace of its own."""

import glob
import json
import os
import re
import subprocess
import threading
import time

from fault_proxy import FaultProxy
from hosts import Hosts
from nomad_process import Nomad, wait_until

SUPPORT = os.path.dirname(os.path.abspath(__file__))
NO_S3 = 77  # the S3 server's exit status where its packages are not there
TOKEN = "5e7c0b1d-token-of-the-test-9f3a"
SESSION = "session-of-the-test-71c2"  # the S3 server takes it, and asks for none
SIGNATURE = re.compile(rb"X-Amz-Signature=([0-9a-f]{16,})")


class Missing(Exception):
    """What the machine does not have."""


class Storage:
    """The S3 server, and what is in its bucket by its own folder."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(["/usr/bin/python3", os.path.join(SUPPORT, "s3_server.py"), folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise Missing("no python3-swift" if self.process.wait() == NO_S3 else "the S3 server did not begin")
        self.facts = json.loads(line)

    @property
    def place(self):
        host, _, port = self.facts["endpoint"].rpartition("://")[2].partition(":")
        return host, int(port)

    def objects(self):
        """Files of objects that have not been deleted."""
        return glob.glob(os.path.join(self.folder, "devices", "**", "objects", "**", "*.data"), recursive=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Bench:
    """`machines` are [(name, region)]; one namespace, datacenter by region, for each."""

    def __init__(self, folder, switch, machines, delays):
        self.folder, self.closing = folder, []
        try:
            self.begin(switch, machines, delays)
        except BaseException:
            self.close()
            raise

    def begin(self, switch, machines, delays):
        self.hosts = Hosts(switch, [region for _, region in machines], delays)
        self.closing.append(self.hosts.close)
        self.hosts.enter_operator()
        self.storage = Storage(os.path.join(self.folder, "s3"))
        self.closing.append(self.storage.close)
        self.proxy = FaultProxy(self.storage.place, (self.hosts.operator_address, 0))
        self.endpoint = "http://%s:%d" % self.proxy.address
        path = os.path.join(self.folder, "machines.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump([{"name": name, "address": self.hosts.address(i), "namespace": self.hosts.names[i], "datacenter": region,
                        "class": "perf", "memory_mb": 4000, "cores": 2} for i, (name, region) in enumerate(machines)], file)
        tokens = os.path.join(self.folder, "tokens")
        with open(tokens, "w", encoding="utf-8") as file:
            file.write(TOKEN)
        self.nomad = Nomad(os.path.join(self.folder, "nomad"), "--hosts", path, "--token-file", tokens, headers={"X-Nomad-Token": TOKEN})
        self.closing.append(self.nomad.close)

    def close(self):
        while self.closing:
            self.closing.pop()()

    def placement(self, program, regions, **more):
        """Writes a plan for the cluster; its path."""
        plan = {
            "name": "bench",
            "nomad": {"address": self.nomad.address, "driver": "raw_exec"},
            "storage": {"endpoint": self.endpoint, "region": self.storage.facts["region"], "bucket": self.storage.facts["bucket"],
                        "allow_http": True, "credentials": {"source": "environment"}},
            "instances": {"small": {"cpu_mhz": 500, "memory_mb": 500, "disk_mb": 500}},
            "regions": [{"name": region, "datacenter": region, "class": "perf", "producer": "small", "explorer": "small"}
                        for region in regions],
            "agent": {"program": program, "poll_s": 0.5},
            **more,
        }
        path = os.path.join(self.folder, "placement.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plan, file)
        return path

    def environment(self):
        """The operator's: credentials are nowhere else."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NOMAD"))}
        return dict(kept, AWS_ACCESS_KEY_ID=self.storage.facts["access_key"], AWS_SECRET_ACCESS_KEY=self.storage.facts["secret_key"],
                    AWS_SESSION_TOKEN=SESSION, NOMAD_TOKEN=TOKEN, XDG_CACHE_HOME=os.path.join(self.folder, "cache"))

    # --- what there is of a job ---

    def jobs(self):
        return [job["ID"] for job in self.nomad.get("/v1/jobs")]

    def allocations(self, **wanted):
        found = [one for one in self.nomad.get("/v1/allocations")]
        return [one for one in found if all(one[name] == value for name, value in wanted.items())]

    def running(self, group=None):
        found = self.allocations(ClientStatus="running", DesiredStatus="run")
        return [one for one in found if group in (None, one["TaskGroup"])]

    def processes(self):
        """Of tasks of this cluster, wherever they stand: those that have one of its folders in their environment."""
        folder = f"NOMAD_ALLOC_DIR={self.folder}/".encode()
        return [number for number, environment in every_process("environ") if folder in environment]

    def blocks(self):
        """How many blocks the host has adopted that has adopted the most, by the logs that are still there."""
        logs = glob.glob(os.path.join(self.folder, "nomad", "alloc", "*", "*", "local", "run", "logs", "*", "node.json"))
        return max((read(path).count(b"ChainDB.AddBlockEvent.AddedToCurrentChain") for path in logs), default=0)

    def secrets(self, run):
        """All that is to stand nowhere: credentials, signatures of URLs that hosts have, keys and seeds of the deployment."""
        found = {self.storage.facts["secret_key"].encode(), TOKEN.encode(), SESSION.encode()}
        texts = [read(path) for path in glob.glob(os.path.join(self.folder, "nomad", "alloc", "*", "*", "secrets", "*"))]
        texts.append(read(os.path.join(run, "deploy", "deployment.json")))
        for text in texts:
            found |= set(SIGNATURE.findall(text))
            found |= {value for name, value in re.findall(rb'"(\w+)":\s*"([0-9a-f]{64,})"', text) if name in (b"seed", b"state_seed", b"secret")}
        return found

    def logs_of_tasks(self):
        return glob.glob(os.path.join(self.folder, "nomad", "alloc", "*", "alloc", "logs", "*"))


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def every_process(what):
    """(number, /proc/NUMBER/what) of all that can be read."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        text = read(f"/proc/{name}/{what}")
        if text:
            yield int(name), text


def files_below(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(where, name)


def leaks(paths, secrets):
    """Files that have a secret in them, with the first letters of it."""
    return [f"{path}: {secret[:6]!r}..." for path in paths for secret in secrets | {b"X-Amz-Signature="} if secret in read(path)]


class CommandLines:
    """Looks at the command lines of all processes, over and over, from its making to close(): what has ever been in one."""

    def __init__(self):
        self.seen, self.over = set(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over:
            self.seen |= {text for _, text in every_process("cmdline")}
            time.sleep(0.1)

    def close(self):
        self.over = True
        self.thread.join()

    def with_secret(self, secrets):
        return [text for text in self.seen if b"X-Amz-Signature" in text or any(secret in text for secret in secrets)]


class Operator:
    """`ouroscope run`, in the background."""

    def __init__(self, program, folder, arguments, environment, name="run"):
        self.parent, self.said = folder, [os.path.join(folder, f"{name}.out"), os.path.join(folder, f"{name}.err")]
        os.makedirs(folder, exist_ok=True)
        with open(self.said[0], "wb") as out, open(self.said[1], "wb") as err:
            self.process = subprocess.Popen([program, "run", "--dir", folder, "--progress", "never", *arguments], stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err, env=environment)

    @property
    def run(self):
        """The run's directory; "" while there is none."""
        return next(iter(glob.glob(os.path.join(self.parent, "*_*_*", ""))), "").rstrip("/")

    def document(self, name):
        try:
            with open(os.path.join(self.run, name), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    @property
    def state(self):
        return self.document("status.json").get("state", "")

    def is_over(self):
        return self.process.poll() is not None

    def reaches(self, holds, seconds):
        """Waits until holds(), or it is over."""
        return wait_until(lambda: self.is_over() or holds(), seconds) and not self.is_over()

    def wait(self, seconds):
        """Its exit status; None, and it is killed, when it takes longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def told(self):
        return "".join(read(path).decode("utf-8", "replace") for path in self.said)
