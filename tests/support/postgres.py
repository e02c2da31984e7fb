"""A PostgreSQL of this machine's packages for a test: postgres.py [--sync] [DIR]

Makes a cluster in DIR (or a folder of its own, removed in the end), starts the server on a free loopback port and a
socket in DIR, and prints one line of JSON: url (over TCP, with a password), socket (a URL by the socket, without one),
pid, dir, psql (that program). It serves until standard input ends or SIGTERM comes. Lines on standard input are commands, each answered by a
line of JSON: kill (as by a power failure), stop-fast (as an administrator would), start (again), pid.
--sync keeps fsync on: for tests of what survives, and for measuring.

Exit status 77 and a word on standard error: no PostgreSQL can be had here.
"""

import argparse
import contextlib
import glob
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ports import free_port

START_SECONDS = 60
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
port = {port}
max_connections = 60
shared_buffers = 64MB
logging_collector = off
log_min_messages = warning
"""
UNSAFE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Unavailable(Exception):
    """No PostgreSQL can be had; the text says why."""


def find_programs():
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda f: int(f.split("/")[4].split(".")[0]))
    found = shutil.which("postgres")
    for folder in folders[::-1] + ([os.path.dirname(found)] if found else []):
        if all(os.access(os.path.join(folder, p), os.X_OK) for p in ("postgres", "initdb", "psql")):
            return folder
    raise Unavailable("PostgreSQL is not installed: scripts/setup-debian.sh postgres")


def owner():
    """Whom the server runs as: it refuses to be root."""
    if os.getuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise Unavailable("there is no user postgres, and a server does not run as root") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Postgres:
    """A cluster in a folder, and its server."""

    def __init__(self, folder, sync=False):
        self.folder, self.sync = folder, sync
        self.data = os.path.join(folder, "data")
        self.programs, self.owner = find_programs(), owner()
        self.environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGTZ": "UTC"}
        self.password, self.port, self.server = secrets.token_hex(12), free_port(), None

    def run(self, program, *args, **more):
        return subprocess.run(
            [os.path.join(self.programs, program), *args], cwd=self.folder, env=self.environment, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.owner, **more)

    def made_before(self):
        """Where a build's tests keep a cluster as initdb leaves it, which takes a second of a processor each time; None: nowhere."""
        build = os.environ.get("OUROSCOPE_BUILD")
        return build and os.path.join(os.path.abspath(build), "postgres-" + self.programs.split("/")[-2])

    def copy(self):
        """Whether there was one to copy. One that another user made is none: it may not be read."""
        kept = self.made_before()
        if not kept or not os.access(os.path.join(kept, "data"), os.R_OK | os.X_OK) or os.stat(kept).st_uid != os.getuid():
            return False
        subprocess.run(["cp", "-a", "--reflink=auto", os.path.join(kept, "data"), self.data], check=True)
        with open(os.path.join(kept, "password"), encoding="ascii") as f:
            self.password = f.read()
        return True

    def keep(self):
        """For those that come later. Of several that make one at the same time the first is taken."""
        kept = self.made_before()
        if not kept or os.path.exists(kept):
            return
        own = tempfile.mkdtemp(prefix="postgres-", dir=os.path.dirname(kept))
        subprocess.run(["cp", "-a", "--reflink=auto", self.data, os.path.join(own, "data")], check=True)
        with open(os.path.join(own, "password"), "w", encoding="ascii") as f:
            f.write(self.password)
        try:
            os.rename(own, kept)
        except OSError:
            shutil.rmtree(own, ignore_errors=True)

    def make(self):
        os.makedirs(self.folder, exist_ok=True)
        if self.owner:
            os.chown(self.folder, self.owner["user"], self.owner["group"])
        if not self.copy():
            self.initialise()
            self.keep()
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as f:
            f.write(SETTINGS.format(folder=self.folder, port=self.port) + ("" if self.sync else UNSAFE))

    def initialise(self):
        secret = os.path.join(self.folder, "password")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as f:
            f.write(self.password)
        if self.owner:
            os.chown(secret, self.owner["user"], self.owner["group"])
        try:
            self.run("initdb", "-D", self.data, "-U", "test", "--auth-host=scram-sha-256", "--auth-local=trust",
                     "--pwfile=" + secret, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        except subprocess.CalledProcessError as e:
            raise Unavailable("initdb: " + e.stdout.decode(errors="replace")) from None
        os.remove(secret)

    def url(self, name="test"):
        return f"postgresql://test:{self.password}@127.0.0.1:{self.port}/{name}"

    def socket_url(self, name="test"):
        return f"postgresql:///{name}?host={self.folder}&port={self.port}&user=test"

    def ask(self, statement, name="postgres"):
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.socket_url(name), "-c", statement)

    def begin(self):
        with open(os.path.join(self.folder, "server.log"), "ab") as log:
            self.server = subprocess.Popen(
                [os.path.join(self.programs, "postgres"), "-D", self.data], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self.owner)

    def start(self):
        """Starts the server and waits until it answers; again where children of a killed one are still leaving."""
        end = time.monotonic() + START_SECONDS
        self.begin()
        while time.monotonic() < end:
            if self.server.poll() is not None:
                time.sleep(0.2)
                self.begin()
            try:
                self.ask("SELECT 1")
                return
            except subprocess.CalledProcessError:
                time.sleep(0.05)
        raise Unavailable(f"the server did not start within {START_SECONDS} s: {self.folder}/server.log")

    def end(self, how):
        if self.server and self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait()

    def kill(self):
        """The server and its children at once, as when the power fails."""
        with open("/proc/%d/task/%d/children" % (self.server.pid, self.server.pid)) as file:
            children = [int(pid) for pid in file.read().split()]
        for pid in [self.server.pid, *children]:  # each has a session of its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()
        while any(os.path.exists("/proc/%d" % pid) for pid in children):
            time.sleep(0.01)

    def __enter__(self):
        self.make()
        try:
            self.start()
            self.ask("CREATE DATABASE test")
        except BaseException:
            self.end(signal.SIGQUIT)
            raise
        return self

    def __exit__(self, *unused):
        self.end(signal.SIGQUIT)  # nobody needs a checkpoint any more

    def described(self):
        return {"url": self.url(), "socket": self.socket_url(), "pid": self.server.pid, "dir": self.folder,
                "psql": os.path.join(self.programs, "psql")}


def obey(server, command):
    if command == "kill":
        server.kill()
    elif command == "stop-fast":
        server.end(signal.SIGINT)
    elif command == "start":
        server.start()
    elif command != "pid":
        return {"error": f"no command: {command}"}
    return {"done": command, "pid": server.server.pid}


def say(what):
    print(json.dumps(what), flush=True)


def serve(folder, sync):
    with Postgres(folder, sync) as server:
        say(server.described())
        for line in sys.stdin:
            say(obey(server, line.strip()))


def main():
    parser = argparse.ArgumentParser(description="a PostgreSQL for a test")
    parser.add_argument("--sync", action="store_true")
    parser.add_argument("dir", nargs="?")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    own = None if args.dir else tempfile.mkdtemp(prefix="ouroscope-pg-")
    try:
        serve(os.path.abspath(args.dir or own), args.sync)
    except Unavailable as e:
        print(f"postgres.py: {e}", file=sys.stderr)
        return 77
    finally:
        if own:
            shutil.rmtree(own, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
