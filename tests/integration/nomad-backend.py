"""The Nomad backend with agents, a real S3 server, and the model of Nomad, or a real agent of it where NOMAD names a nomad program:
tests/integration/nomad_backend.c has the tests, most of them the contract of all backends."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from nomad_process import REAL, Nomad  # noqa: E402

PROGRAM = os.path.realpath(os.environ["OUROSCOPE"])
TESTS = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "nomad-backend")
NO_S3 = 77  # the S3 server's exit status where its packages are not there


def start_storage(folder):
    """The S3 server and what it says of itself; the tests are skipped where it cannot be had."""
    server = subprocess.Popen(["/usr/bin/python3", "tests/support/s3_server.py", os.path.join(folder, "s3")], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    line = server.stdout.readline()
    if line:
        return server, json.loads(line)
    if server.wait() == NO_S3:
        print("1..0 # SKIP no python3-swift")
        sys.exit(0)
    sys.exit("the S3 server did not begin")


def write_plan(folder, nomad, storage):
    plan = {
        "nomad": {"address": nomad.address, "driver": "raw_exec", "distinct_hosts": False},
        "storage": {name: storage[name] for name in ("endpoint", "region", "bucket")},
        "instances": {"small": {"cpu_mhz": 100, "memory_mb": 100, "disk_mb": 100}},
        "regions": [{"name": "*", "datacenter": "dc1", "producer": "small", "explorer": "small"}],
        "agent": {"program": PROGRAM, "poll_s": 0.2},
        "timing": {"deploy_timeout_s": 120},
    }
    path = os.path.join(folder, "plan.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    return path


def objects(folder):
    return [name for _, _, names in os.walk(os.path.join(folder, "s3", "devices")) for name in names if name.endswith(".data")]


def main():
    with tempfile.TemporaryDirectory() as folder:
        server, storage = start_storage(folder)
        nomad = Nomad(os.path.join(folder, "nomad"), real=bool(REAL))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NOMAD"))}
        environment = dict(kept, AWS_ACCESS_KEY_ID=storage["access_key"], AWS_SECRET_ACCESS_KEY=storage["secret_key"],
                           NOMAD_BACKEND_PLAN=write_plan(folder, nomad, storage))
        try:
            status = subprocess.run(["tests/run-cmocka.sh", TESTS], env=environment, check=False).returncode
            left = nomad.get("/v1/jobs") or objects(folder)
        finally:
            nomad.close()
            server.stdin.close()
            server.wait(timeout=60)
        if left:
            print(f"# left behind: {left}")
        sys.exit(status or bool(left))


main()
