"""A PostgreSQL for a test, by way of postgres.py, in a process of its own that ends with the test.

    server = PostgresProcess()      # sync=True: what is committed survives a kill
    server.why                      # "" or the reason why none can be had
    server.database("results")      # the URL of a new, empty database, over TCP with a password
    server.kill(); server.start(); server.stop_fast()
    server.close()
"""

import json
import re
import subprocess


class PostgresProcess:
    def __init__(self, sync=False):
        subprocess.run(["sh", "scripts/setup-debian.sh", "postgres"], stdin=subprocess.DEVNULL, capture_output=True,
                       timeout=300, check=False)
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "tests/support/postgres.py", *(["--sync"] if sync else [])], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.about = json.loads(line) if line else {}
        self.why = "" if line else self.process.stderr.read().strip()

    def _command(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer.get("done") == what, answer

    def kill(self):
        """As when the power fails."""
        self._command("kill")

    def start(self):
        self._command("start")

    def stop_fast(self):
        self._command("stop-fast")

    def ask(self, statement, name="test"):
        """The lines that psql prints."""
        done = subprocess.run([self.about["psql"], "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(name), "-c", statement],
                              check=True, capture_output=True, text=True, timeout=120)
        return done.stdout.splitlines()

    def url(self, name):
        return re.sub(r"/test\?", "/%s?" % name, self.about["socket"])

    def database(self, name):
        self.ask("CREATE DATABASE %s" % name)
        return self.about["url"].rsplit("/", 1)[0] + "/" + name

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.process.stderr.close()
