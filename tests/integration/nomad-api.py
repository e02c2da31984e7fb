"""Our client of Nomad against the model of its API, or against a real agent where NOMAD names a nomad program: the life of a job, jobs
that cannot run, and, of the model alone, servers that are started again, machines that fall silent, tokens and TLS."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from fault_proxy import FaultProxy  # noqa: E402
from nomad_process import REAL, Nomad, client_context, tls_files, wait_until  # noqa: E402

DRIVER = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "nomad-driver")
RUNNING, FAILED, LOST = "1", "3", "4"
NOT_FOUND = 4
TASK = "trap 'exit 0' INT; trap 'echo got usr1' USR1; echo ready; while :; do sleep 0.1; done"
LITERAL = "{{ env \"HOME\" }} ${HOME} <<| %{x}\n"

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:40]), flush=True)


class Driver:
    """nomad-driver with the environment of one place."""

    def __init__(self, address, folder, **settings):
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NOMAD")}
        self.environment = {**kept, "NOMAD_ADDR": address, **settings}

    def run(self, *arguments, timeout=120):
        return subprocess.run([DRIVER, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False)

    def begin(self, *arguments):
        return subprocess.Popen([DRIVER, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def say(self, *arguments):
        """What it prints; a failure ends the test."""
        done = self.run(*arguments)
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.stderr}")
        return done.stdout

    def get(self, *arguments):
        return json.loads(self.say(*arguments))

    def file(self, name, document):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return path

    def job(self, name, datacenter="dc1", driver="raw_exec", script=TASK, memory_mb=32, **more):
        """The file of a job that job.c has made."""
        spec = {"id": name, "datacenters": [datacenter], "driver": driver, "command": "/bin/sh", "arguments": ["-c", script],
                "memory_mb": memory_mb, "meta": [f"run={name}"], **more}
        return self.file(name + ".json", self.get("document", self.file(name + ".spec", spec)))


def has(text, *words):
    return all(word in text for word in words)


# --- A job that does well ---------------------------------------------------------------------------------------------


def look_around(driver):
    facts = driver.get("look")
    check("the cluster is looked at", facts["leader"] and facts["major"] >= 1 and facts["region"] == "global", facts)
    nodes = driver.get("nodes")
    check("its machines tell drivers and attributes", "raw_exec" in nodes[0]["Drivers"] and nodes[0]["Attributes"]["kernel.name"] == "linux",
          nodes)
    check("a namespace is made, and again", driver.run("namespace", "perf").returncode == 0 == driver.run("namespace", "perf").returncode)


def begin_job(driver, name):
    """Validate, plan, register, watch; the ID of the allocation."""
    path = driver.job(name, file={"path": "local/conf.txt", "content": LITERAL})
    check("a good job is taken", driver.run("validate", path).returncode == 0, driver.run("validate", path).stderr)
    check("it could be placed", driver.say("plan", path) == "", driver.say("plan", path))
    evaluation = driver.say("register", path).strip()
    check("it is placed", driver.say("evaluation", evaluation).startswith("1 "), driver.say("evaluation", evaluation))
    allocation = driver.say("wait", name, RUNNING).split()[0]
    check("it runs", driver.get("job", name)["Status"] == "running", driver.get("job", name))
    healthy = wait_until(lambda: (driver.get("deployment", name) or {}).get("Status") == "successful")
    check("its deployment succeeds", healthy, driver.get("deployment", name))
    return path, allocation


def register_again(driver, name, path, allocation):
    before = driver.get("job", name)["JobModifyIndex"]
    driver.say("register", path)
    check("registering it again changes nothing", driver.get("job", name)["JobModifyIndex"] == before, before)
    check("it is not begun twice", [one["ID"] for one in driver.get("allocations", name)] == [allocation], driver.get("allocations", name))


def use_allocation(driver, name, allocation):
    address, port = driver.say("port", allocation, "node").split()
    check("it has an address and a free port", address == "127.0.0.1" and int(port) > 1024, (address, port))
    check("a file's content is what it was, whatever stands in it", driver.say("file", allocation, "/agent/local/conf.txt") == LITERAL,
          driver.say("file", allocation, "/agent/local/conf.txt"))
    check("folders are listed", "conf.txt" in [one["Name"] for one in driver.get("list", allocation, "/agent/local")])
    check("a file that is not there is not found", driver.run("file", allocation, "/agent/local/none").returncode == NOT_FOUND,
          driver.run("file", allocation, "/agent/local/none").stderr)
    log = lambda: driver.say("log", allocation, "agent", "stdout")
    check("its output is read", wait_until(lambda: "ready" in log()), log())
    driver.say("signal", allocation, "agent", "SIGUSR1")
    check("a signal reaches it", wait_until(lambda: "got usr1" in log()), log())
    driver.say("restart", allocation, "agent")
    restarts = lambda: driver.say("wait", name, RUNNING).split()[1]
    check("it is started again", wait_until(lambda: restarts() == "1"), restarts())


def end_job(driver, name, allocation):
    driver.say("stop", name)
    ended = wait_until(lambda: driver.get("allocation", allocation)["ClientStatus"] == "complete")
    check("a job that is stopped ends", ended, driver.get("allocation", allocation)["ClientStatus"])
    driver.say("purge", name)
    gone = driver.run("job", name)
    check("one that is purged is gone", gone.returncode == NOT_FOUND and has(gone.stderr, "it was purged"), gone.stderr)
    check("purging what is gone is fine", driver.run("purge", name).returncode == 0)


def good_job(driver):
    path, allocation = begin_job(driver, "good")
    register_again(driver, "good", path, allocation)
    use_allocation(driver, "good", allocation)
    events = driver.run("events", "good", "is running")
    check("its events are told", has(events.stdout, "group host-1: allocation", "is running"), events.stdout + events.stderr)
    end_job(driver, "good", allocation)


# --- Jobs that cannot run ---------------------------------------------------------------------------------------------


def refused(driver):
    path = driver.job("bad")
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    job["TaskGroups"][0]["Tasks"][0]["Driver"] = ""
    said = driver.run("validate", driver.file("bad.json", job))
    check("a job without a driver is refused", said.returncode == 1 and has(said.stderr, "Missing task driver"), said.stderr)
    said = driver.run("register", driver.file("bad.json", job))
    check("and not registered", said.returncode == 1 and has(said.stderr, "Missing task driver"), said.stderr)


def unplaceable(driver):
    said = driver.say("plan", driver.job("too-big", memory_mb=99_999_999))
    check("the machine that is full is named", has(said, "namely test:"), said)
    for name, options, words in (
            ("too-big", {"memory_mb": 99_999_999}, ("too little memory (99999999 MB asked for)", "ask for less memory")),
            ("no-driver", {"driver": "podman", "image": "example.org/none:1"}, ("without the task's driver", "enable the driver")),
            ("nowhere", {"datacenter": "nowhere"}, ("no machine is ready in", "name a datacenter that has clients"))):
        path = driver.job(name, **options)
        check(f"{name}: the plan says why", has(driver.say("plan", path), *words), driver.say("plan", path))
        said = driver.say("evaluation", driver.say("register", path).strip())
        check(f"{name}: the evaluation is blocked and says why", said.startswith("2 ") and has(said, *words), said)
        driver.say("purge", name)


def failing(driver):
    driver.say("register", driver.job("exit-3", script="echo sorry >&2; exit 3", restarts=1))
    said = driver.say("wait", "exit-3", FAILED)
    check("a task that fails says how", has(said, " 3 task agent: it ended with exit status 3; see what it printed"), said)
    errors = driver.say("log", said.split()[0], "agent", "stderr")
    check("what it printed can be read", "sorry" in errors, errors)
    driver.say("purge", "exit-3")


# --- With faults between ----------------------------------------------------------------------------------------------

# Each twice, so that the second try meets it, too.
FAULTS = {
    "cut": {"fault": "cut"},
    "lost": {"fault": "lose"},
    "cut-body": {"fault": "cut-body", "after_bytes": 20},
    "late": {"fault": "delay", "seconds": 0.3},
    "slow": {"fault": "throttle", "bytes_per_s": 20000},
    "no-leader": {"fault": "status", "status": 500, "body": "No cluster leader"},
    "unavailable": {"fault": "status", "status": 503, "body": ""},
    "refused": {"fault": "refuse", "seconds": 0.3, "times": 1},
}


def faults(nomad, folder):
    host, _, port = nomad.address.rpartition("//")[2].partition(":")
    proxy = FaultProxy((host, int(port)))
    driver = Driver("http://%s:%d" % proxy.address, folder)
    for name, fault in FAULTS.items():
        path = driver.job(f"fault-{name}")
        proxy.ledger.set([{"match": "^(POST|PUT) /v1/jobs", "times": 2, **fault}])
        said = driver.run("register", path)
        met = sum(proxy.ledger.counts()["rules"])
        proxy.ledger.set([{"match": "^GET /v1/(job|allocation)", "times": 2, **fault}])
        allocation = driver.run("wait", f"fault-{name}", RUNNING).stdout
        found = [one["ID"] for one in driver.get("allocations", f"fault-{name}")]
        check(f"{name}: a job is registered once", said.returncode == 0 and met > 0 and len(said.stdout.strip()) == 36 and len(found) == 1,
              (said, met, found))
        check(f"{name}: it is watched", allocation.split()[:1] == found, allocation)
        proxy.ledger.set([{"match": "^DELETE", "times": 2, **fault}])
        done = driver.run("purge", f"fault-{name}")
        check(f"{name}: it is purged", done.returncode == 0 and driver.run("job", f"fault-{name}").returncode == NOT_FOUND, done.stderr)
    proxy.ledger.set([{"match": "^GET /v1/nodes", "fault": "corrupt", "after_bytes": 0}])
    said = driver.run("nodes")
    check("an answer that was changed is not believed", said.returncode == 1 and has(said.stderr, "the answer to /v1/nodes"), said.stderr)


# --- Of the model alone -----------------------------------------------------------------------------------------------


def answers(nomad):
    try:
        return nomad.ask("GET", "/v1/status/leader").status == 200
    except OSError:
        return False


def restart(nomad):
    """Down, and up again."""
    nomad.control(restart_server=1)
    wait_until(lambda: not answers(nomad))
    wait_until(lambda: answers(nomad))


def troubles(nomad, driver):
    nomad.control(refuse={"times": 2, "status": 503, "text": "busy", "match": "^/v1/nodes"})
    check("a server that is busy is asked again", driver.run("nodes").returncode == 0)
    driver.say("register", driver.job("watched"))
    allocation = driver.say("wait", "watched", RUNNING).split()[0]
    watcher = driver.begin("wait", "watched", FAILED)
    restart(nomad)
    nomad.control(kill_allocation=allocation)
    said, wrong = watcher.communicate(timeout=120)
    check("a blocking query outlives a server that is started again", has(said, allocation, "ended by signal 9"), said + wrong)
    driver.say("purge", "watched")


def silent_machine(nomad, driver):
    driver.say("register", driver.job("silent"))
    driver.say("wait", "silent", RUNNING)
    nomad.control(lose_node="test")
    said = driver.say("wait", "silent", LOST)
    check("a machine that falls silent is told", has(said, "machine test fell silent"), said)
    nomad.control(return_node="test")
    driver.say("purge", "silent")


def secret_file(folder, secret):
    """Not an argument: every user of the machine can read those."""
    path = os.path.join(folder, "tokens")
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(secret + "\n")
    return path


def with_token(folder):
    secret = "b6e29626-e23d-98b4-e19f-c71a96fbdef7"
    nomad = Nomad(os.path.join(folder, "token"), "--token-file", secret_file(folder, secret), headers={"X-Nomad-Token": secret})
    try:
        said = Driver(nomad.address, folder).run("nodes")
        check("without a token it says what is needed", said.returncode == 1 and has(said.stderr, "403", "token"), said.stderr)
        said = Driver(nomad.address, folder, NOMAD_TOKEN="7" + secret[1:]).run("nodes")
        check("a bad token is refused, and not shown", said.returncode == 1 and secret[1:] not in said.stderr, said.stderr)
        check("a good token is taken", Driver(nomad.address, folder, NOMAD_TOKEN=secret).run("nodes").returncode == 0)
    finally:
        nomad.close()


def with_tls(folder):
    files = tls_files(os.path.join(folder, "pem"))
    if files is None:
        check("TLS # SKIP no openssl", True)
        return
    nomad = Nomad(os.path.join(folder, "tls"), "--cert", files["server.pem"], "--key", files["server.key"], "--ca", files["ca.pem"],
                  context=client_context(files))
    ours = {"NOMAD_CACERT": files["ca.pem"], "NOMAD_CLIENT_CERT": files["client.pem"], "NOMAD_CLIENT_KEY": files["client.key"]}
    try:
        check("with both certificates it answers", Driver(nomad.address, folder, **ours).run("look").returncode == 0,
              Driver(nomad.address, folder, **ours).run("look").stderr)
        named = {**ours, "NOMAD_TLS_SERVER_NAME": "server.global.nomad"}
        check("the certificate may have another name, if it is said", Driver(nomad.address, folder, **named).run("look").returncode == 0)
        said = Driver(nomad.address, folder, **{**ours, "NOMAD_CACERT": files["client.pem"]}).run("look")
        check("a server that is not known is not believed", said.returncode == 1 and "certificate" in said.stderr, said.stderr)
    finally:
        nomad.close()


def main():
    with tempfile.TemporaryDirectory(prefix="ouroscope-nomad-") as folder:
        nomad = Nomad(os.path.join(folder, "nomad"), real=bool(REAL))
        driver = Driver(nomad.address, folder)
        try:
            look_around(driver)
            refused(driver)
            good_job(driver)
            unplaceable(driver)
            failing(driver)
            faults(nomad, folder)
            if not REAL:
                troubles(nomad, driver)
                silent_machine(nomad, driver)
        finally:
            nomad.close()
        if not REAL:
            with_token(folder)
            with_tls(folder)
    print(f"1..{tests}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
