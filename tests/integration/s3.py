"""The S3 client with a real S3 server, which refuses what is not signed or not whole: tests/integration/s3_client.c has the tests."""

import json
import os
import subprocess
import sys
import tempfile

CLIENT = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "s3-client")


def start(folder):
    """The server and what it says of itself; the tests are skipped where it cannot be had."""
    server = subprocess.Popen(["/usr/bin/python3", "tests/support/s3_server.py", folder + "/store"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = server.stdout.readline()
    if line:
        return server, json.loads(line)
    why = server.stderr.read().decode().strip().splitlines()
    if server.wait() != 77:
        sys.exit("\n".join(why))
    print("1..0 # SKIP " + why[-1])
    sys.exit(0)


def main():
    with tempfile.TemporaryDirectory() as folder:
        server, about = start(folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment.update({"S3_TEST_" + name.upper(): value for name, value in about.items()})
        status = subprocess.run(["tests/run-cmocka.sh", CLIENT], env=environment, check=False).returncode
        server.stdin.close()
        server.wait(timeout=60)
        sys.exit(status)


main()
