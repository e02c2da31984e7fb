"""Several hosts on one machine: network namespaces with an address each, 10.77.0.N, joined by a switch that delays (delay_switch.c).

    hosts = Hosts(switch, ["eu", "eu", "us"], {("eu", "us"): 40, ("eu", "eu"): 5})
    hosts.operator, hosts.operator_address        a namespace more, for what is asked by all hosts: 1 ms away from each
    hosts.names[0], hosts.address(0)
    hosts.enter_operator()                        this process, and what it starts from now on, is there
    hosts.close()

By hand: hosts.py SWITCH REGION... makes them, says what they are called, and takes them away when its standard input ends."""

import ctypes
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

OPERATOR_NUMBER, OPERATOR_MS = 254, 1.0
CLONE_NEWNET = 0x40000000


def missing():
    """Why this machine cannot have hosts; None: it can."""
    if os.geteuid() != 0:
        return "not root"
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun"
    if not shutil.which("ip"):
        return "no ip (package iproute2)"
    probe = f"ou-{os.getpid()}-probe"
    made = all(subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0
               for words in (["netns", "add", probe], ["-n", probe, "link", "set", "lo", "up"]))
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return None if made else "no network namespaces that can be made and entered"


def remove_stale():
    """Namespaces of processes that are no more: a test that was killed takes nothing away."""
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False).stdout
    for line in names.splitlines():
        parts = line.split()[0].split("-")
        if parts[0] == "ou" and len(parts) == 3 and parts[1].isdigit() and not os.path.exists(f"/proc/{parts[1]}"):
            subprocess.run(["ip", "netns", "del", line.split()[0]], check=False)


class Hosts:
    """Host i has the region regions[i]. Delays, of pairs of regions in any order, are milliseconds one way."""

    def __init__(self, switch, regions, delays):
        self.regions = regions
        self.names = [f"ou-{os.getpid()}-{i}" for i in range(len(regions))]
        self.operator = f"ou-{os.getpid()}-op"
        self.operator_address = f"10.77.0.{OPERATOR_NUMBER}"
        self.made, self.switch = [], None
        remove_stale()
        try:
            for name in self.names + [self.operator]:
                subprocess.run(["ip", "netns", "add", name], check=True)
                self.made.append(name)
                subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
            self.begin(switch, delays)
        except BaseException:
            self.close()
            raise

    def address(self, i):
        return f"10.77.0.{i + 1}"

    def plan(self, delays):
        addresses = [self.address(i) for i in range(len(self.names))] + [self.operator_address]
        lines = [f"host {name} {address}" for name, address in zip(self.made, addresses)]
        for (i, one), (j, other) in itertools.combinations(enumerate(self.regions), 2):
            lines.append(f"delay {i} {j} {delays.get((one, other), delays.get((other, one), 0))}")
        lines += [f"delay {i} {len(self.names)} {OPERATOR_MS}" for i in range(len(self.names))]
        return "\n".join(lines) + "\n"

    def begin(self, switch, delays):
        with tempfile.NamedTemporaryFile("w", suffix=".plan") as file:
            file.write(self.plan(delays))
            file.flush()
            self.switch = subprocess.Popen([switch, file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if self.switch.stdout.readline() != b"ready\n":
                raise RuntimeError("the switch did not begin")

    def enter_operator(self):
        """For the calling thread, and threads and processes that it makes: to be called before there are others."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/var/run/netns/{self.operator}", "rb") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def close(self):
        """Takes away what was made. Returns what the switch has counted, as text; "" when it was not there."""
        counted = ""
        if self.switch:
            counted = self.switch.communicate()[0].decode()
            self.switch = None
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], check=False)
        self.made = []
        return counted


def main():
    reason = missing()
    if reason:
        sys.exit(f"hosts: {reason}")
    hosts = Hosts(sys.argv[1], sys.argv[2:], {})
    for i, name in enumerate(hosts.names):
        print(name, hosts.address(i), hosts.regions[i])
    print(hosts.operator, hosts.operator_address, "operator", flush=True)
    sys.stdin.read()
    print(hosts.close(), end="")


if __name__ == "__main__":
    main()
