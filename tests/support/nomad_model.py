"""A model of HashiCorp Nomad: its HTTP API (1.1 and later) with state, and a client for each machine that runs raw_exec tasks for real.

    nomad_model.py DIR [--port N] [--address A] [--hosts FILE] [--version V] [--token-file F] [--cert F --key F [--ca F]]

DIR gets the folders of allocations. The model prints one line of JSON, {"address": "http://...", "rpc": "..."}, and serves until its standard input
ends or SIGTERM comes; then it ends all tasks. Without --hosts there is one machine, "test" in dc1 at 127.0.0.1. FILE has

    [{"name", "address", "namespace": of the network (ip netns) or null, "datacenter", "class", "cpu_mhz", "cores", "memory_mb",
      "disk_mb", "drivers": ["raw_exec"], "attributes": {}, "meta": {}, "host_volumes": {}}]

all but the name may be left out. PUT /_model does to the cluster what happens to clusters:

    {"fail_placement": {"group": pattern, "dimension": "memory" | "constraint": "...", "times": n | "seconds": s}}   no room for it so often, so long
    {"allow_placement": true}          all of these are forgotten
    {"kill_allocation": id}            SIGKILL to its processes, as from the kernel
    {"lose_node": name}                a machine falls silent, and what ran on it ends
    {"return_node": name}              it is there again
    {"restart_server": seconds}        connections are cut and refused for so long, then there is no leader for a moment
    {"refuse": n | {"times", "status", "text", "match"}}   requests are answered so

GET /_model tells what has been asked how often, and where allocations have their folders. What the model does not know: other
drivers, batch jobs with parameters or periods, exec, volumes, Consul, Vault, preemption."""

import argparse
import json
import os
import signal
import ssl
import threading

from nomad.api import Api
from nomad.client import Clients, read_hosts
from nomad.scheduler import Scheduler
from nomad.server import Server
from nomad.store import Store


def arguments():
    parser = argparse.ArgumentParser(description="A model of Nomad's HTTP API that runs tasks.")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--hosts", metavar="FILE")
    parser.add_argument("--version", default="1.1.2")
    parser.add_argument("--token-file", metavar="FILE", help="tokens that are good, one a line; with it, requests need one")
    parser.add_argument("--cert", metavar="FILE")
    parser.add_argument("--key", metavar="FILE")
    parser.add_argument("--ca", metavar="FILE", help="whose certificates clients must have")
    return parser.parse_args()


def tls(given):
    if not given.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.cert, given.key)
    if given.ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(given.ca)
    return context


def tokens(path):
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().split()


class Model:
    """All parts of it; close() ends them and every task."""

    def __init__(self, given):
        folder = os.path.abspath(given.folder)
        os.makedirs(folder, exist_ok=True)
        self.store = Store(given.version)
        with self.store.changed:
            self.store.put_namespace("default", "Default shared namespace")
        self.server = Server(given.address, given.port, tokens(given.token_file), tls(given))
        self.clients = Clients(self.store, os.path.join(folder, "alloc"), read_hosts(given.hosts), self.server.address, given.ca)
        self.scheduler = Scheduler(self.store, self.clients.begin, self.clients.end)
        self.clients.scheduler = self.scheduler
        self.server.api = Api(self.store, self.scheduler, self.clients, self.server)
        self.scheme = "https" if given.cert else "http"
        self.server.serve()

    def close(self):
        self.scheduler.close()
        self.clients.close()
        self.server.close()


def wait_for_end_of_input(over):
    while os.read(0, 4096):
        pass
    over.set()


def main():
    model = Model(arguments())
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    print(json.dumps({"address": f"{model.scheme}://{model.server.address}", "rpc": model.server.rpc_address}), flush=True)
    threading.Thread(target=wait_for_end_of_input, args=(over,), daemon=True).start()
    over.wait()
    model.close()


if __name__ == "__main__":
    main()
