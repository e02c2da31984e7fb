"""The collector tells what happens to nodes: a webhook of this test, and a command, get what docs/formats/notifications.md says; events are
grouped; what cannot be delivered comes later; and the commands of docs/howto/notifications.md do what the page says."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, "tests/support")
from forwarding_node import Node  # noqa: E402
from tracer import Collector, wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
HOWTO = "docs/howto/notifications.md"

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


class Hook:
    """A webhook: it keeps what is posted, and answers with a status that the test may change."""

    def __init__(self):
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.tries.append(body)
                if hook.status == 200:
                    hook.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.status, self.tries, self.posts = 200, [], []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/hooks/SECRET" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self):
        return [event for _, _, post in self.posts for event in post["events"]]

    def has(self, kind, node):
        return any(e["kind"] == kind and e["node"] == node for e in self.events())


def collector_with(folder, *rules):
    return Collector(PROGRAM, folder, ouroscope={"notifications": list(rules)})


def own(collector, name):
    """The collector's own messages of that name."""
    return [json.loads(line) for line in collector.said().splitlines() if '"ns":"%s"' % name in line]


# --- Nodes that go and come -------------------------------------------------------------------------

def nodes_go_and_come(folder):
    hook = Hook()
    collector = collector_with(folder, {"name": "ups and downs", "nodeDown": True, "graceSeconds": 2, "groupSeconds": 1,
                                        "webhook": hook.url})
    Node(collector.socket, "stays")
    nodes = [Node(collector.socket, "node-%d" % i) for i in range(3)]
    check("four nodes connect", wait_until(lambda: len(own(collector, "Tracer.AddNewNodeIdMapping")) == 4), collector.said())
    for node in nodes:
        node.leave()
    again = Node(collector.socket, "node-2")
    check("nodes that stay away are told", wait_until(lambda: hook.has("node_down", "node-0") and hook.has("node_down", "node-1")),
          hook.posts)
    back = Node(collector.socket, "node-0")
    check("one that comes back is told, too", wait_until(lambda: hook.has("node_back", "node-0")), hook.posts)
    told = {(e["kind"], e["node"]) for e in hook.events()}
    check("one that was back within the grace is not, nor one that stayed",
          told == {("node_down", "node-0"), ("node_down", "node-1"), ("node_back", "node-0")}, told)
    path, kind, post = hook.posts[0]
    check("it is a POST of JSON to the address", (path, kind) == ("/hooks/SECRET", "application/json"), (path, kind))
    check("it has the members of its format",
          set(post) == {"version", "text", "rule", "collector", "from", "to", "failed_deliveries", "total", "events", "counts",
                        "uncounted"} and post["version"] == 1 and post["rule"] == "ups and downs", post)
    check("its text can be read", post["text"].startswith("Ouroscope, ups and downs: Down: node-"), post["text"])
    check("nodes that went together are one notification", post["total"] == 2 and len(post["events"]) == 2, post)
    check("each delivery is told", wait_until(lambda: own(collector, "Tracer.Notification")), collector.said())
    said = "".join(json.dumps(m) for m in own(collector, "Tracer.Notification"))
    check("without the path of the webhook, which may be its password", "127.0.0.1" in said and "SECRET" not in said, said)
    again.leave()
    back.leave()
    check("the collector ends in order", collector.stop() == 0, collector.said())


# --- Messages, grouped --------------------------------------------------------------------------------

def messages_are_grouped(folder):
    hook = Hook()
    collector = collector_with(
        folder,
        {"name": "bad", "severity": "Error", "groupSeconds": 2, "webhook": hook.url},
        {"name": "forging", "namespace": "Forge.Loop", "severity": "Warning", "groupSeconds": 0,
         "command": ["/bin/sh", "-c", "cat >> " + folder + "/forging"]})
    node = Node(collector.socket, "noisy")
    node.say("Forge.Loop.Trouble", {"kind": "Trouble", "n": 0}, "Critical")
    for i in range(999):
        node.say("Net.Trouble", {"kind": "Trouble", "n": i + 1}, "Error")
        node.say("Net.Fine", {"kind": "Fine"}, "Warning")
    node.say("Forge.Loopy", {"kind": "Other"}, "Warning")
    check("a thousand messages are told", wait_until(lambda: sum(p["total"] for _, _, p in hook.posts) >= 1000), hook.posts)
    check("in a few notifications", len(hook.posts) <= 30, len(hook.posts))
    check("of which each has a hundred in full", all(len(p["events"]) <= 100 for _, _, p in hook.posts), "")
    counts = [c for _, _, p in hook.posts for c in p["counts"]]
    check("and the rest counted", sum(c["events"] for c in counts if c["severity"] == "Error") == 999, counts)
    first = hook.posts[0][2]["events"][0]
    check("a message is told as its line says",
          (first["node"], first["severity"], first["namespace"], json.loads(first["text"])["data"]["n"])
          == ("noisy", "Critical", "Forge.Loop.Trouble", 0), first)
    check("the command is run with what its rule is for", wait_until(lambda: os.path.exists(folder + "/forging")), collector.said())
    time.sleep(1.5)  # for what must not come
    with open(folder + "/forging") as file:
        told = json.load(file)
    check("and nothing else", told["total"] == 1 and told["events"][0]["namespace"] == "Forge.Loop.Trouble", told)
    node.leave()
    collector.stop()


# --- Trouble with deliveries ------------------------------------------------------------------------------

def trouble_is_told_and_nothing_lost(folder):
    hook = Hook()
    hook.status = 404
    collector = collector_with(folder, {"name": "refused", "severity": "Error", "groupSeconds": 0, "webhook": hook.url},
                               {"name": "quiet", "silenceSeconds": 2, "groupSeconds": 0, "command": ["/no/such/program"]})
    node = Node(collector.socket, "node")
    node.say("A.B", {"kind": "x"}, "Error")
    check("a webhook that refuses is told", wait_until(lambda: any("404" in json.dumps(m) for m in own(collector, "Tracer.NotificationFailed"))),
          collector.said())
    check("and not tried again at once", len(hook.tries) == 1, hook.tries)
    check("a command that is not there is told, and the silence that it was for",
          wait_until(lambda: any("/no/such/program" in json.dumps(m) for m in own(collector, "Tracer.NotificationFailed"))), collector.said())
    hook.status = 200
    # What a rule of before could not deliver goes by the new one of its name.
    with open(collector.config) as file:
        config = json.load(file)
    config["ouroscope"]["notifications"] = [
        {"name": "refused", "severity": "Emergency", "groupSeconds": 0, "webhook": hook.url}]
    with open(collector.config, "w") as file:
        json.dump(config, file)
    collector.process.send_signal(1)
    check("what was open goes out when the rules are read again", wait_until(lambda: hook.posts), collector.said())
    post = hook.posts[0][2] if hook.posts else {}
    check("with the count of failures", post.get("failed_deliveries") == 1 and post.get("total") == 1, post)
    node.leave()
    collector.stop()


# --- The page of the manual -----------------------------------------------------------------------------------

def scripts_of_the_page(folder):
    with open(HOWTO) as file:
        text = file.read()
    for name, body in re.findall(r"^```sh file (\S+)\n(.*?)^```$", text, re.M | re.S):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(body)
        os.chmod(path, 0o755)
    return [os.path.join(folder, name) for name in ("to-chat", "to-file", "to-mail")]


def example():
    with open("docs/formats/notifications.md") as file:
        return re.search(r"^```json excerpt[^\n]*\n(.*?)^```$", file.read(), re.M | re.S).group(1)


def commands_of_the_page_work(folder):
    os.makedirs(folder)
    chat, to_file, mail = scripts_of_the_page(folder)
    hook = Hook()
    given = example()
    subprocess.run([chat, hook.url], input=given, text=True, check=True, timeout=60)
    check("to-chat renames the text", [p[2] for p in hook.posts] == [{"content": json.loads(given)["text"]}], hook.posts)
    out = os.path.join(folder, "events")
    subprocess.run([to_file, out], input=given, text=True, check=True, timeout=60)
    with open(out) as file:
        lines = file.read().splitlines()
    check("to-file adds a line for each event", len(lines) == 2 and lines[1].split("\t")[1:3] == ["relay-2", "node_down"], lines)
    sendmail = os.path.join(folder, "sendmail")
    with open(sendmail, "w") as file:
        file.write("#!/bin/sh\n[ \"$1\" = -t ] && cat > %s/mail\n" % folder)
    os.chmod(sendmail, 0o755)
    subprocess.run([mail, "ops@example.org"], input=given, text=True, check=True, timeout=60, env={**os.environ, "SENDMAIL": sendmail})
    with open(folder + "/mail") as file:
        letter = file.read()
    check("to-mail makes a letter", letter.startswith("To: ops@example.org\nSubject: Ouroscope, operations: Down: relay-2.")
          and "\n\n2026-11-22T12:00:00.25Z producer message: " in letter, letter)


def configuration_of_the_page_is_fine(folder):
    with open(HOWTO) as file:
        blocks = re.findall(r"^```yaml[^\n]*\n(.*?)^```$", file.read(), re.M | re.S)
    for block in blocks:
        path = os.path.join(folder, "page.yaml")
        with open(path, "w") as file:
            file.write("networkMagic: 1\nnetwork: { tag: AcceptAt, contents: ./s }\n"
                       "logging: [ { logRoot: l, logMode: FileMode, logFormat: ForMachine } ]\n" + block)
        done = subprocess.run([PROGRAM, "tracer", "--config", path, "--check"], capture_output=True, text=True, timeout=60)
        check("a configuration of the page is understood", done.returncode == 0 and not done.stderr, done.stderr + block)


def main():
    scratch = tempfile.mkdtemp()
    try:
        nodes_go_and_come(scratch + "/nodes")
        messages_are_grouped(scratch + "/messages")
        trouble_is_told_and_nothing_lost(scratch + "/trouble")
        commands_of_the_page_work(scratch + "/page")
        configuration_of_the_page_is_fine(scratch)
    finally:
        shutil.rmtree(scratch)
        print("1..%d" % tests)
    return failures > 0


sys.exit(main())
