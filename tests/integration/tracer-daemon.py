"""`ouroscope tracer` as a daemon: files and names, both roles on both kinds of sockets, objects and nodes of 2023 and 2026,
what it says, what it refuses, reload, and its end."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, "tests/support")
import trace_forward as tf  # noqa: E402
from tracer import end_with_parent, wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
MAGIC = 42
READY = re.compile(r"ouroscope tracer: (?:nodes connect to|connecting to) (.*)")

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why)[-3000:].splitlines()), flush=True)


def section(function):
    """A part of the test that can fail as a whole."""
    try:
        function()
    except Exception as error:  # whatever it is, the others go on
        check(function.__doc__ or function.__name__, False, "%s: %s" % (type(error).__name__, error))


class Daemon:
    """One with a folder of its own; it is ready when it says so."""

    def __init__(self, network, **more):
        self.folder = tempfile.mkdtemp(prefix="ou-", dir="/tmp")
        self.logs = self.path("logs")
        self.config = {"networkMagic": MAGIC, "network": network(self) if callable(network) else network,
                       "logging": [{"logRoot": self.logs, "logMode": "FileMode", "logFormat": "ForMachine"},
                                   {"logRoot": self.logs, "logMode": "FileMode", "logFormat": "ForHuman"}],
                       "ekgRequestFreq": 0.1, **more}
        self.write()
        with open(self.path("out"), "wb") as out, open(self.path("err"), "wb") as err:
            self.process = subprocess.Popen(
                [PROGRAM, "tracer", "--config", self.path("tracer.json")], stdout=out, stderr=err,
                preexec_fn=end_with_parent)
        if not wait_until(lambda: READY.search(self.read("err")) or self.process.poll() is not None):
            raise AssertionError("it does not get ready")

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def write(self):
        with open(self.path("new.json"), "w") as file:
            json.dump(self.config, file)
        os.rename(self.path("new.json"), self.path("tracer.json"))

    def address(self):
        return READY.search(self.read("err")).group(1)

    def said(self, name):
        """Its own messages of this name."""
        lines = [json.loads(line) for line in self.read("out").splitlines() if line.endswith("}")]
        return [line["data"] for line in lines if line["ns"] == name]

    def first(self, name):
        """The first one of this name, which may take a moment."""
        wait_until(lambda: self.said(name))
        return self.said(name)[0]

    def reload(self, **changes):
        """Whether the new configuration was taken; None: nothing was said in time."""
        self.first("Tracer.ConfigIs")  # of the start, which would count as taken if it came later
        taken, refused = len(self.said("Tracer.ConfigIs")), len(self.said("Tracer.ConfigurationRefused"))
        self.config.update(changes)
        self.write()
        self.process.send_signal(signal.SIGHUP)
        if not wait_until(lambda: len(self.said("Tracer.ConfigIs")) > taken or
                          len(self.said("Tracer.ConfigurationRefused")) > refused):
            return None
        return len(self.said("Tracer.ConfigIs")) > taken

    def lines(self, node, extension="json"):
        try:
            with open(os.path.join(self.logs, node, "node." + extension)) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)


def accept_at_path(daemon):
    return {"tag": "AcceptAt", "contents": daemon.path("t.sock")}


NAME = "Forge.Loop.NodeIsLeader"


def numbered(count, first=0):
    return [tf.object_of_2026(NAME, tf.line_of(NAME, '{"slot":%d}' % i), human="slot %d" % i)
            for i in range(first, first + count)]


def slots(lines):
    return [json.loads(line)["data"]["slot"] for line in lines]


# --- Files and names ----------------------------------------------------------------------------------


def files_of_nodes():
    """a node's lines are written to files"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.points["NodeStartupInfo"] = '{"suiEra":"Conway"}'
    node.push(*numbered(250))
    node.serve_all()
    check("all that a node sent is written, in order", slots(daemon.lines("node-0")) == list(range(250)))
    check("lines of 2026 are written as they came", daemon.lines("node-0")[7] == tf.line_of(NAME, '{"slot":7}'))
    check("the form for people has a file, too", daemon.lines("node-0", "log")[7] == "slot 7",
          daemon.lines("node-0", "log")[:8])
    check("the current file is a link to one with a time in its name",
          os.path.basename(os.path.realpath(os.path.join(daemon.logs, "node-0", "node.json"))).startswith("node-20"))
    check("more was asked for only after each reply", node.asked == 4, node.asked)
    check("data points were asked for: none, then the name, then how it began",
          node.point_requests[:3] == [[], ["NodeInfo"], ["NodeStartupInfo"]], node.point_requests)
    node.serve_until(lambda n: len(n.metric_requests) >= 3)
    check("metrics are asked for again and again, updated ones only", set(map(tuple, node.metric_requests)) == {(2,)},
          node.metric_requests)
    node.close()
    wait_until(lambda: daemon.said("Tracer.NodeGone"))
    check("its end is told", daemon.first("Tracer.NodeGone")["nodeName"] == "node-0")

    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.push(*numbered(10, 250))
    node.serve_all()
    check("a node that comes again goes on in the same file", slots(daemon.lines("node-0")) == list(range(260)))

    other = tf.connect(daemon.path("t.sock"), name="node-0")
    other.push(*numbered(1))
    other.serve_all()
    folders = sorted(os.listdir(daemon.logs))
    check("another one of that name is called by its address", len(folders) == 2 and "t.sock@" in folders[1], folders)
    for name, folder in (("relay 1:3001", "relay_1_3001"), ("a/../b", "b"), ("  ..  ", None), ("../../x", "x")):
        peer = tf.connect(daemon.path("t.sock"), name=name)
        peer.push(*numbered(1))
        peer.serve_all()
        peer.close()
        if folder:
            check("a node that calls itself %s has the folder %s" % (name, folder), len(daemon.lines(folder)) == 1)
    check("nothing was written outside", set(os.listdir(daemon.folder)) == {
        "logs", "tracer.json", "out", "err", "t.sock"}, os.listdir(daemon.folder))
    check("it ends well", daemon.stop() == 0, daemon.read("err"))
    check("its socket is gone", not os.path.exists(daemon.path("t.sock")))
    check("and this is told", len(daemon.said("Tracer.ShutdownComplete")) == 1)
    daemon.remove()


def nodes_of_2023():
    """a node of 2023 is served"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="old", of_2023=True)
    try:
        node.serve_until(lambda n: False, 10)
        check("a node of 2023 hangs up when it is asked for updated metrics", False)
    except EOFError:
        check("a node of 2023 hangs up when it is asked for updated metrics", True)
    node.close()
    check("which is told", wait_until(lambda: daemon.said("Tracer.ForwardingInterrupted")))
    node = tf.connect(daemon.path("t.sock"), name="old", of_2023=True)
    node.push(tf.object_of_2023(NAME, '{"kind":"TraceNodeIsLeader","slot":7,"text":"a \\"b\\" c"}', human="it leads"))
    node.push(tf.object_of_2023("Some.Name", None, human="only for people"))
    node.serve_all()
    node.serve_until(lambda n: len(n.metric_requests) >= 2)
    check("the next time all metrics are asked for", node.metric_requests[:2] == [[0], [0]], node.metric_requests)
    check("its objects become whole lines, quotes restored", daemon.lines("old")[0] ==
          '{"at":"2023-03-22T06:24:52.1234Z","ns":"Forge.Loop.NodeIsLeader","data":{"kind":"TraceNodeIsLeader","slot":7,'
          '"text":"a \\"b\\" c"},"sev":"Info","thread":"9","host":"h1"}', daemon.lines("old"))
    check("what has no form for people or machines is left to the other", any(
        "only for people" in line for line in daemon.lines("old", "log")), daemon.lines("old", "log"))
    daemon.stop()
    daemon.remove()


def nameless():
    """a node without a name has its address"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name=None)
    node.points["NodeStartupInfo"] = '{"niName":"not this one"}'
    node.answer_points = lambda request: tf.Forwarder.answer_points(node, [0, ["NodeStartupInfo"] + request[1]])
    node.push(*numbered(3))
    node.serve_until(lambda n: n.given == 3)
    check("its objects wait while it is asked for its name", not os.path.exists(daemon.logs))
    node.points["NodeInfo"] = '{"niName":"late"}'
    node.serve_all()
    check("a name that comes late is a name", slots(daemon.lines("late")) == [0, 1, 2])
    node.close()
    node = tf.connect(daemon.path("t.sock"), name=None)
    node.push(*numbered(2))
    node.serve_all()
    folders = sorted(os.listdir(daemon.logs))
    check("without one, the address is the name after ten seconds", len(folders) == 2 and
          slots(daemon.lines(folders[1])) == [0, 1], folders)
    node.close()
    node = tf.connect(daemon.path("t.sock"), name=None)
    node.push(*numbered(2))
    node.serve_until(lambda n: n.given == 2)
    node.close()
    check("what came before the name is written when the node goes",
          wait_until(lambda: len(os.listdir(daemon.logs)) == 3), os.listdir(daemon.logs))
    daemon.stop()
    daemon.remove()


# --- Roles and sockets ---------------------------------------------------------------------------------


def tcp():
    """nodes connect over TCP"""
    daemon = Daemon({"tag": "AcceptAt", "contents": "127.0.0.1:0"})
    host, port = daemon.address().rsplit(":", 1)
    check("the port that the system chose is told", int(port) > 0)
    node = tf.connect((host, int(port)), name="far")
    node.push(*numbered(5))
    node.serve_all()
    check("a node can connect over TCP", slots(daemon.lines("far")) == list(range(5)))
    daemon.stop()
    daemon.remove()


def name_of_this_machine():
    """A name where it leads somewhere, which takes /etc/hosts; else an address."""
    try:
        socket.getaddrinfo("localhost", 80, socket.AF_INET)
        return "localhost"
    except OSError:
        return "127.0.0.1"


def connecting():
    """the collector connects to nodes"""
    here = name_of_this_machine()
    folder = tempfile.mkdtemp(prefix="ou-", dir="/tmp")
    door = tf.listen(("127.0.0.1", 0))
    port = door.getsockname()[1]
    path = os.path.join(folder, "n.sock")
    daemon = Daemon({"tag": "ConnectTo", "contents": [path, "%s:%d" % (here, port)]})
    check("it says to which nodes", daemon.address() == "%s, %s:%d" % (path, here, port) ==
          daemon.first("Tracer.StartedAcceptors")["at"], daemon.address())
    far = tf.accept(door, name="far")
    far.push(*numbered(5))
    far.serve_all()
    check("the collector connects over TCP", slots(daemon.lines("far")) == list(range(5)))
    local = tf.listen(path)  # a node that starts later
    near = tf.accept(local, name="near")
    near.push(*numbered(5))
    near.serve_all()
    check("it tries again until a node is there", slots(daemon.lines("near")) == list(range(5)))
    check("and tells why it could not", "connect:" in daemon.first("Tracer.ForwardingInterrupted")["message"])
    near.close()
    near = tf.accept(local, name="near")
    near.push(*numbered(5, 5))
    near.serve_all()
    check("it connects again when a connection has ended", slots(daemon.lines("near")) == list(range(10)))
    third = tf.listen(os.path.join(folder, "m.sock"))
    taken = daemon.reload(network={"tag": "ConnectTo", "contents": [path, os.path.join(folder, "m.sock")]})
    new = tf.accept(third, name="new")
    new.push(*numbered(1))
    new.serve_all()
    check("an address is added by a reload", taken and slots(daemon.lines("new")) == [0])
    near.push(*numbered(1, 10))
    near.serve_all()
    check("connections that stay in the configuration go on", slots(daemon.lines("near")) == list(range(11)))
    try:
        far.serve_until(lambda n: False, 10)
    except (EOFError, ConnectionError):
        pass
    except TimeoutError:
        check("one that was taken out has ended", False)
    check("and is told", any("taken out" in gone["why"] for gone in daemon.said("Tracer.NodeGone")))
    daemon.stop()
    daemon.remove()
    shutil.rmtree(folder)


# --- Reload, refusals -----------------------------------------------------------------------------------


def reload():
    """the configuration is read again"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.push(*numbered(5))
    node.serve_all()
    check("a configuration that is wrong is refused", daemon.reload(loRequestNum="many") is False)
    check("with a reason", "loRequestNum" in daemon.first("Tracer.ConfigurationRefused")["why"])
    other = daemon.path("other")
    logging = [{"logRoot": other, "logMode": "FileMode", "logFormat": "ForMachine"}]
    check("one that is right is taken", daemon.reload(
        loRequestNum=7, logging=logging, hasPrometheus={"epHost": "127.0.0.1", "epPort": 0}) is True)
    node.push(*numbered(20, 5))
    node.serve_all()
    daemon.logs = other
    check("the connection has stayed, and lines go to the new place", slots(daemon.lines("node-0")) == list(range(5, 25)))
    started = daemon.said("Tracer.StartedPrometheus")
    with urllib.request.urlopen(started[0]["at"], timeout=10) as answer:
        check("a page that was added is there", answer.status == 200)
    check("it can listen elsewhere", daemon.reload(network={"tag": "AcceptAt", "contents": daemon.path("u.sock")}))
    moved = tf.connect(daemon.path("u.sock"), name="moved")
    moved.push(*numbered(1))
    moved.serve_all()
    node.push(*numbered(1, 25))
    node.serve_all()
    check("old connections go on beside new ones", slots(daemon.lines("moved")) == [0] and
          slots(daemon.lines("node-0"))[-1] == 25)
    check("the former socket is gone", not os.path.exists(daemon.path("t.sock")))
    daemon.stop()
    daemon.remove()


def run(*arguments):
    return subprocess.run([PROGRAM, "tracer", *arguments], capture_output=True, text=True, timeout=60)


def oddities(daemon):
    """what --check says of files that are odd, or cannot work"""
    path = daemon.path("odd.yaml")
    network = "networkMagic: 1\nnetwork: { tag: AcceptAt, contents: %s }\n"
    logging = "logging: [ { logRoot: %s, logMode: FileMode, logFormat: ForHuman } ]\n"

    def checked(text):
        with open(path, "w") as file:
            file.write(text)
        return run("--config", path, "--check")

    typo = checked(network % "f.sock" + logging % "logs" + "hasEKG: { epHost: a, epport: 80 }\n")
    check("a required member that is spelt wrong is told so, too", typo.returncode == 1 and
          '"epPort" is not given' in typo.stderr and 'did you mean "epPort"' in typo.stderr, typo)
    odd = checked(network % "localhost" + logging % path + "fsync: batch\nprometheusLabels: { 'a b': x }\n")
    check("warnings are counted", odd.returncode == 0 and odd.stdout == path + ": 4 warnings\n", odd)
    check("a path that looks like a host", '"localhost" is taken as the path' in odd.stderr, odd)
    check("a member that belongs in ours", 'it belongs in "ouroscope"' in odd.stderr, odd)
    check("a label that Prometheus does not take", '"a b" of prometheusLabels' in odd.stderr, odd)
    check("a folder of logs that cannot be made", path + " is no folder" in odd.stderr, odd)
    tls = checked(network % "f.sock" + logging % "logs" + "tlsCertificate: { certificateFile: no.pem, certificateKeyFile: no.key }\n")
    check("a certificate that is not there", tls.returncode == 1 and "open no.pem: No such file" in tls.stderr, tls)
    ports = checked(network % "f.sock" + logging % "logs" +
                    "hasEKG: { epHost: a, epPort: 80 }\nhasPrometheus: { epHost: b, epPort: 80 }\n")
    check("which ports are given twice", "duplicate ports in config (80: hasPrometheus and hasEKG)" in ports.stderr, ports)
    checked(network % "nodir/g.sock" + logging % daemon.path("logs"))
    nowhere = run("--config", path)
    check("a socket in a folder that is not there", nowhere.returncode == 1 and "there is no folder nodir" in nowhere.stderr, nowhere)


def one_name_for_two():
    """two nodes of one name, and a name that cannot be a folder"""
    daemon = Daemon(accept_at_path)
    nodes = [tf.connect(daemon.path("t.sock"), name=name) for name in ("twin", "twin", "127.0.0.1:30004")]
    for node in nodes:
        node.push(*numbered(1))
        node.serve_all()
    wait_until(lambda: len(daemon.said("Tracer.AddNewNodeIdMapping")) == 3)
    taken = daemon.said("Tracer.NodeNameTaken")
    check("a name that is in use is told", len(taken) == 1 and taken[0]["niName"] == "twin" and
          taken[0]["nodeName"] == taken[0]["nodeId"] and slots(daemon.lines(taken[0]["nodeName"])) == [0], taken)
    known = [told for told in daemon.said("Tracer.AddNewNodeIdMapping") if told["niName"] == "127.0.0.1:30004"]
    check("and what a name has become", len(known) == 1 and known[0]["nodeName"] == known[0]["folder"] == "127.0.0.1_30004", known)
    daemon.stop()
    daemon.remove()


def refusals():
    """what cannot work is refused"""
    daemon = Daemon(accept_at_path)
    path = daemon.path("tracer.json")
    check("--check says that all is fine", run("--config", path, "--check").stdout == path + ": fine\n")
    shown = run("--config", path, "--check", "--json")
    check("--check --json shows the defaults", json.loads(shown.stdout)["loRequestNum"] == 100, shown)
    second = run("--config", path)
    check("a socket at which somebody listens is not taken away",
          second.returncode == 1 and "a program listens there" in second.stderr, second)
    odd = daemon.path("odd.yaml")
    with open(odd, "w") as file:
        file.write("networkMagic: 1\nnetwork: { tag: AcceptAt, contents: '' }\nlogging:\n"
                   "  - { logRoot: '', logMode: FileMode, logFormat: ForHuman }\n")
    refused = run("--config", odd, "--check")
    check("what cardano-tracer refuses is refused in its words", refused.returncode == 1 and
          "AcceptAt is empty, empty logRoot(s)" in refused.stderr, refused)
    oddities(daemon)
    check("a file that is not there is an error", run("--config", "/nowhere/x").returncode == 1)
    check("without --config it is told what is needed", run().returncode == 2)
    check("--json goes with --check", run("--config", path, "--json").returncode == 2)
    try:
        tf.connect(daemon.path("t.sock"), magic=43)
        check("another network is refused", False)
    except tf.Refused as answer:
        check("another network is refused", answer.args[0][:1] == [2], answer)
    check("and told", wait_until(lambda: any(
        "43" in told["message"] for told in daemon.said("Tracer.ForwardingInterrupted"))))
    daemon.process.kill()
    daemon.process.wait()
    check("a killed collector leaves its socket", os.path.exists(daemon.path("t.sock")))
    again = subprocess.Popen([PROGRAM, "tracer", "--config", path], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
    check("which the next one takes over", READY.search(again.stderr.readline()))
    again.terminate()
    check("and ends well", again.wait(timeout=30) == 0)
    daemon.remove()


# --- Unwritable, the end -----------------------------------------------------------------------------------


def unwritable():
    """what cannot be written waits"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.push(*numbered(5))
    node.serve_all()
    shutil.rmtree(daemon.logs)
    with open(daemon.logs, "w"):  # where the folder was, there is a file
        pass
    asked = node.asked
    node.push(*numbered(5, 5))
    node.serve_until(lambda n: daemon.said("Tracer.WriteFailed"))
    check("lines that cannot be written are told of", daemon.first("Tracer.WriteFailed")["nodeName"] == "node-0")
    check("and no more is asked for", node.asked <= asked + 1 and not node.wanted, (asked, node.asked))
    os.unlink(daemon.logs)
    node.serve_all()
    check("they are written when they can be", slots(daemon.lines("node-0")) == list(range(5, 10)),
          daemon.lines("node-0"))
    check("which is told, too", wait_until(lambda: daemon.said("Tracer.WriteRecovered")))
    daemon.stop()
    daemon.remove()


def the_end():
    """nodes are told of the end"""
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.serve_until(lambda n: n.wanted and n.metric_requests)
    daemon.process.send_signal(signal.SIGTERM)
    wait_until(lambda: daemon.said("Tracer.ShutdownInitiated"))
    node.push(*numbered(5))
    try:
        node.serve_until(lambda n: len(n.done) == 3)
        check("a node is told Done on all protocols, behind its last reply", True)
    except (EOFError, TimeoutError) as error:
        check("a node is told Done on all protocols, behind its last reply", False, (error, node.done))
    check("which is written", daemon.process.wait(timeout=30) == 0 and
          slots(daemon.lines("node-0")) == list(range(5)))
    daemon.remove()
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="node-0")
    node.serve_until(lambda n: n.wanted)
    begun = time.monotonic()
    check("a node that has nothing to say does not hold the end up", daemon.stop() == 0, time.monotonic() - begun)
    daemon.remove()
    end_before_the_name()


def end_before_the_name():
    daemon = Daemon(accept_at_path)
    node = tf.connect(daemon.path("t.sock"), name="early")
    answer, questions = node.answer_points, []
    node.answer_points = questions.append
    node.push(*numbered(5))
    node.serve_until(lambda n: n.given == 5 and questions)
    daemon.process.send_signal(signal.SIGTERM)
    wait_until(lambda: daemon.said("Tracer.ShutdownInitiated"))
    node.answer_points = answer
    answer(questions[0])
    try:
        node.serve_until(lambda n: len(n.done) == 3)
    except (EOFError, TimeoutError):
        pass
    check("what came before the name is written under the name at the end, too",
          daemon.process.wait(timeout=30) == 0 and slots(daemon.lines("early")) == list(range(5)) and
          os.listdir(daemon.logs) == ["early"] and len(node.done) == 3,
          (os.path.exists(daemon.logs) and os.listdir(daemon.logs), node.done))
    daemon.remove()


def stopped_and_killed():
    """one that did not run, and one that was killed, are told of"""
    folder = tempfile.mkdtemp(prefix="ou-", dir="/tmp")
    at_path = {"tag": "AcceptAt", "contents": os.path.join(folder, "t.sock")}
    daemon = Daemon(at_path)
    daemon.first("Tracer.InitDone")
    time.sleep(1)  # it has been running
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(7)
    daemon.process.send_signal(signal.SIGCONT)
    stalled = daemon.first("Tracer.Stalled")
    check("a collector that was stopped tells for how long it did not run", stalled["seconds"] >= 5, stalled)
    check("at its first start it found no socket", not daemon.said("Tracer.StaleSocket"))
    daemon.process.kill()
    daemon.remove()
    following = Daemon(at_path)
    check("the one behind a collector that was killed tells of it", following.first("Tracer.StaleSocket")["at"] == at_path["contents"])
    following.stop()
    following.remove()
    last = Daemon(at_path)
    last.first("Tracer.InitDone")
    check("behind one that ended in order there is nothing to tell", not last.said("Tracer.StaleSocket"))
    last.remove()
    shutil.rmtree(folder)


for part in (files_of_nodes, nodes_of_2023, nameless, tcp, connecting, one_name_for_two, reload, refusals, unwritable, stopped_and_killed, the_end):
    section(part)
print("1..%d" % tests)
sys.exit(failures > 0)
