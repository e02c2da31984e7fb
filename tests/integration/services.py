"""What the collector and the server of results tell systemd, whose socket is the test's: sd_notify(3)."""

import os
import signal
import socket
import sys
import tempfile

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402
from tracer import Collector, wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("# %s" % (why,), flush=True)


class Manager:
    """systemd's end: keeps what is told."""

    def __init__(self, folder):
        path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(30)
        self.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"}

    def next(self):
        """The next word but those for the watchdog."""
        while True:
            word = self.any()
            if word != "WATCHDOG=1":
                return word

    def any(self):
        try:
            return self.socket.recv(4096).decode().split("\n")[0]
        except socket.timeout:
            return "nothing"

    def silence(self):
        self.socket.settimeout(0)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            self.socket.settimeout(30)


def life(what, manager, process):
    """Of a service that is ready: the watchdog, a reload, the end."""
    manager.silence()
    check("%s tells the watchdog that it is well" % what, manager.any() == "WATCHDOG=1")
    process.send_signal(signal.SIGHUP)
    said = [manager.next(), manager.next()]
    check("%s tells a reload, and its end" % what, said == ["RELOADING=1", "READY=1"], said)
    process.send_signal(signal.SIGTERM)
    word = manager.next()
    check("%s tells that it ends" % what, word == "STOPPING=1", word)
    check("and ends well", process.wait(timeout=30) == 0, process.returncode)


def collector(folder):
    manager = Manager(folder)
    daemon = Collector(PROGRAM, os.path.join(folder, "tracer"), manager.environment)
    word = manager.next()
    check("the collector tells when nodes can connect", word == "READY=1" and os.path.exists(daemon.socket), word)
    with open(daemon.config, "a") as file:
        file.write("}")
    daemon.process.send_signal(signal.SIGHUP)
    said = [manager.next(), manager.next()]
    check("a reload that is refused ends, too", said == ["RELOADING=1", "READY=1"], said)
    check("and is told in the log", wait_until(lambda: "Tracer.ConfigurationRefused" in daemon.said()))
    with open(daemon.config, "r+") as file:
        file.truncate(os.path.getsize(daemon.config) - 1)
    life("the collector", manager, daemon.process)


def server(folder):
    manager = Manager(folder)
    serving = Server(PROGRAM, os.path.join(folder, "serve"), environment=manager.environment)
    word = manager.next()
    check("the server tells when it answers", word == "READY=1" and serving.json("/api/v1/health") is not None, word)
    life("the server", manager, serving.process)


def without_systemd(folder):
    daemon = Collector(PROGRAM, os.path.join(folder, "tracer"), {"NOTIFY_SOCKET": "/nobody/is/here"})
    check("a socket that is not there stops nobody", daemon.stop() in (0, None), daemon.process.returncode)


for part in (collector, server, without_systemd):
    with tempfile.TemporaryDirectory(prefix="ou-", dir="/tmp") as place:
        part(place)
print("1..%d" % tests)
sys.exit(failures != 0)
