"""A Nomad to test with: the model (nomad_model.py), or a real agent where NOMAD names a nomad program."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.parse

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nomad_model.py")
REAL = os.environ.get("NOMAD")

AGENT = """
disable_update_check = true
bind_addr = "127.0.0.1"
name = "test"
ports {{ http = {0}  rpc = {1}  serf = {2} }}
advertise {{ http = "127.0.0.1"  rpc = "127.0.0.1"  serf = "127.0.0.1" }}
consul {{ auto_advertise = false  server_auto_join = false  client_auto_join = false }}
client {{
  enabled = true
  network_interface = "lo"
  options = {{
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,consul,vault,cni"
    "driver.allowlist" = "raw_exec,exec,mock_driver"
  }}
}}
plugin "raw_exec" {{ config {{ enabled = true }} }}
"""


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text.decode("utf-8", "replace")
        self.index = int(headers.get("X-Nomad-Index") or 0)

    @property
    def body(self):
        return json.loads(self.text)


class Nomad:
    """What is asked here is asked at `address`, "http://HOST:PORT"; options are those of the model."""

    def __init__(self, folder, *options, context=None, headers=None, real=False):
        self.context, self.headers, self.is_real = context, headers or {}, real
        self.process = self.start_real(folder) if real else self.start_model(folder, options)

    def start_model(self, folder, options):
        process = subprocess.Popen(["/usr/bin/python3", MODEL, folder, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = json.loads(process.stdout.readline())["address"]
        return process

    def start_real(self, folder):
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "agent.hcl"), "w", encoding="utf-8") as file:
            file.write(AGENT.format(*ports))
        self.address = f"http://127.0.0.1:{ports[0]}"
        with open(os.path.join(folder, "log"), "wb") as log:
            process = subprocess.Popen([REAL, "agent", "-dev", "-config", os.path.join(folder, "agent.hcl")], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log)
        wait_until(self.is_ready, 60)
        return process

    def is_ready(self):
        try:
            return self.ask("GET", "/v1/nodes").body[0]["Status"] == "ready"
        except (OSError, ValueError, IndexError):
            return False

    def connection(self, timeout):
        host = urllib.parse.urlsplit(self.address).netloc
        if self.context:
            return http.client.HTTPSConnection(host, timeout=timeout, context=self.context)
        return http.client.HTTPConnection(host, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=90):
        """One request; a body that is not text is sent as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        connection = self.connection(timeout)
        try:
            connection.request(method, path, text, {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path).body

    def control(self, **wanted):
        return self.ask("PUT", "/_model", wanted)

    def close(self):
        """Ends it, and with it all tasks."""
        if self.is_real:
            for job in self.get("/v1/jobs"):
                self.ask("DELETE", f"/v1/job/{urllib.parse.quote(job['ID'], '')}?purge=true")
            time.sleep(1)
            self.process.terminate()
        else:
            self.process.stdin.close()
        self.process.wait(60)


def tls_files(folder):
    """An authority, a server's certificate for 127.0.0.1 and a client's, as paths by name; None where openssl is not there."""
    if not shutil.which("openssl"):
        return None
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    quiet = {"check": True, "capture_output": True}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test authority", "-days", "2", "-keyout",
                    path("ca.key"), "-out", path("ca.pem")], **quiet)
    for name in ("server", "client"):
        subprocess.run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}.global.nomad", "-keyout",
                        path(name + ".key"), "-out", path(name + ".csr")], **quiet)
        with open(path(name + ".ext"), "w", encoding="utf-8") as file:
            file.write("subjectAltName=IP:127.0.0.1,DNS:server.global.nomad\n")
        subprocess.run(["openssl", "x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                        "-CAcreateserial", "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem")], **quiet)
    return {name: path(name) for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")}


def client_context(files, with_certificate=True):
    context = ssl.create_default_context(cafile=files["ca.pem"])
    if with_certificate:
        context.load_cert_chain(files["client.pem"], files["client.key"])
    return context


def wait_until(holds, seconds=30):
    """The first value of holds() that is true; the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value
