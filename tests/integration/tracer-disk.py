"""What the collector does when its disk fails it, and its clock: a full one, one without inodes, folders that are
removed, a clock that jumps. It asks its nodes for no more than it can write, says what is wrong, and goes
on where it was when it can."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests/support")
from forward import TRACES  # noqa: E402
from tracer import Collector, Node, Peer, reply, trace_object, wait_until  # noqa: E402

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
SANITIZED = os.environ.get("OUROSCOPE_SANITIZE", "none") != "none"

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


class World:
    """A collector whose logs may be on a file system of their own, and a node."""

    def __init__(self, scratch, name, mount=None, environment=None, **more):
        folder = os.path.join(scratch, name)
        self.logs = os.path.join(folder, "logs")
        os.makedirs(self.logs)
        self.is_mounted = mount is not None and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", mount, "none", self.logs], stderr=subprocess.DEVNULL).returncode == 0
        if mount is not None and not self.is_mounted:
            return
        self.collector = Collector(os.environ["OUROSCOPE"], folder, environment, **more)
        self.node = Node(self.collector, "node")

    def numbers(self):
        return [line["data"]["number"] for line in self.collector.lines("node")]

    def stands_still(self, seconds=1.5):
        """Whether the node is asked for nothing in this time."""
        before = self.node.confirmed
        time.sleep(seconds)
        return self.node.confirmed == before

    def said(self, *words, seconds=10):
        return wait_until(lambda: all(word in self.collector.said() for word in words), seconds)

    def end(self, files_in_order=True):
        """Ends all; whether each object of the node has its line, once, in order."""
        self.node.stop()
        status = self.collector.stop()
        numbers = self.numbers()
        if not files_in_order:
            numbers.sort()
        good = (status == 0 and numbers == list(range(len(numbers))) and
                self.node.confirmed <= len(numbers) <= self.node.given)
        why = "status %d, %d lines, %d given, %d confirmed, %s\n%s" % (
            status, len(numbers), self.node.given, self.node.confirmed, self.node.failure,
            self.collector.said()[-3000:])
        self.unmount()
        return good, why

    def unmount(self):
        if self.is_mounted:
            subprocess.run(["umount", self.logs], check=True)


def full(scratch):
    """The disk fills up with the node's own lines, and has room again a while later; twice."""
    world = World(scratch, "full", mount="size=512k")
    if not world.is_mounted:
        skip("a full disk", "no file system can be mounted here")
        return
    filler = os.path.join(world.logs, "filler")
    for time_ in ("first", "second"):
        with open(filler, "wb") as file:
            try:
                file.write(bytes(1 << 20))
            except OSError:
                pass
        check("a full disk is told (the %s time)" % time_, world.said("No space left on device"), world.collector.said())
        check("no more is asked of the node than can be written", wait_until(world.stands_still, 10), world.node.failure)
        os.unlink(filler)
        check("when there is room again it goes on by itself", world.node.is_served(), world.collector.said())
    check("that it goes on is told", world.said("Recovered"), world.collector.said())
    check("nothing is lost or written twice, no line is torn", *world.end())


def no_inodes(scratch):
    """Files are to be rotated, and no new one can be made."""
    world = World(scratch, "inodes", mount="nr_inodes=40,size=8m",
                  rotation={"rpFrequencySecs": 1, "rpLogLimitBytes": 4096, "rpMaxAgeHours": 24, "rpKeepFilesNum": 1000})
    if not world.is_mounted:
        skip("a disk without inodes", "no file system can be mounted here")
        return
    check("files are rotated while there are inodes", wait_until(lambda: len(world.collector.files("node")) > 2))
    fillers = []
    try:
        while True:
            fillers.append(os.path.join(world.logs, "filler-%d" % len(fillers)))
            open(fillers[-1], "w").close()
    except OSError:
        fillers.pop()
    check("that no file can be made is told", world.said("No space left on device"), world.collector.said())
    check("the node is served from the file that there is", world.node.is_served(), world.collector.said())
    count = len(world.collector.files("node"))
    for path in fillers:
        os.unlink(path)
    check("when there are inodes again, files are rotated", wait_until(lambda: len(world.collector.files("node")) > count))
    check("nothing is lost or written twice, no line is torn", *world.end())


def removed(scratch):
    """The folder of the node goes, then that of all logs. What was in them is gone; what follows is written."""
    world = World(scratch, "removed")
    check("lines are written", wait_until(lambda: world.collector.files("node")) and world.node.is_served())
    for name, path in (("of the node", os.path.join(world.logs, "node")), ("of all logs", world.logs)):
        shutil.rmtree(path)
        check("the folder %s is made again" % name, wait_until(lambda: world.collector.files("node")), world.collector.said())
        check("and the node is served", world.node.is_served(), world.collector.said())
    world.node.stop()
    status = world.collector.stop()
    numbers = world.numbers()
    check("what follows is whole and in order", status == 0 and numbers == list(range(numbers[0], numbers[0] + len(numbers))),
          "%d: %s" % (status, numbers[:20]))


def in_the_way(scratch):
    """A file stands where a folder is to be made."""
    world = World(scratch, "way")
    wait_until(lambda: world.collector.files("node"))
    shutil.rmtree(world.logs)
    open(world.logs, "w").close()
    check("a file in the place of the folder of logs is told", world.said(world.logs), world.collector.said())
    check("and nothing more is asked for", wait_until(world.stands_still, 10))
    os.unlink(world.logs)
    check("when it is gone, it goes on", world.node.is_served() and
          wait_until(lambda: world.collector.files("node")), world.collector.said())
    world.node.stop()
    numbers_first = world.numbers()[0]
    status = world.collector.stop()
    numbers = world.numbers()
    check("nothing that was asked for meanwhile is lost", status == 0 and
          numbers == list(range(numbers_first, numbers_first + len(numbers))), numbers[:20])


def lost_lines(collector, node):
    """What it says of them, in all its messages."""
    lines = [json.loads(line) for line in collector.said().splitlines() if '"Tracer.LinesLost"' in line]
    return sum(line["data"]["lost"] for line in lines if line["data"]["nodeName"] == node)


def block_logs(world):
    """The folder of logs is gone, and a file in its place."""
    while not os.path.isfile(world.logs):
        shutil.rmtree(world.logs, ignore_errors=True)
        try:
            open(world.logs, "x").close()
        except FileExistsError:
            pass


def dropped(scratch):
    """A file stands where a folder is to be made, and lines that cannot be written are to be dropped: no node waits, and all is
    counted and told."""
    world = World(scratch, "drop", ouroscope={"whenUnwritable": "drop"})
    wait_until(lambda: world.collector.files("node"))
    check("the node is served", world.node.is_served(), world.collector.said())
    block_logs(world)
    check("why lines are dropped is told", world.said("Tracer.WriteFailed", "Not a directory"), world.collector.said())
    check("and how many", world.said("Tracer.LinesLost"), world.collector.said())
    check("the node is served nevertheless", world.node.is_served(), world.collector.said())
    os.unlink(world.logs)
    check("that lines are written again is told", world.said("Tracer.WriteRecovered"), world.collector.said())
    check("and they are", wait_until(world.numbers), world.collector.said())
    first_lost = lost_lines(world.collector, "node")
    block_logs(world)
    check("another time begins with its reason, too", wait_until(
        lambda: world.collector.said().count("Tracer.WriteFailed") == 2), world.collector.said())
    check("without end of it", world.node.is_served(), world.collector.said())
    world.node.stop()
    status = world.collector.stop()
    lost = lost_lines(world.collector, "node")
    check("at the end all that was lost has been told", status == 0 and lost > first_lost > 0 and
          '"total":%d' % lost in world.collector.said() and lost <= world.node.given,
          "%d of %d: %s" % (lost, world.node.given, world.collector.said()[-3000:]))


def left(scratch):
    """A node that comes and goes while its first messages cannot be written."""
    world = World(scratch, "left")
    wait_until(lambda: world.collector.files("node"))
    os.rename(world.logs, world.logs + ".away")
    open(world.logs, "w").close()
    for number in range(3):
        peer = Peer(world.collector).greet()
        peer.asked_for_objects()
        peer.say_name("brief")
        peer.say(TRACES, reply(trace_object(2 * number), trace_object(2 * number + 1)))
        if number == 0:
            check("its lines cannot be written", world.said("lines of brief cannot be written") or
                  world.said('"nodeName":"brief","why"'), world.collector.said())
        peer.say_name("brief")
        peer.close()
        gone = '"nodeName":"brief","why":"the peer'
        wait_until(lambda: world.collector.said().count(gone) > number, 10)
    os.unlink(world.logs)
    os.rename(world.logs + ".away", world.logs)
    written = wait_until(lambda: len(list(world.collector.lines("brief"))) >= 4)
    numbers = [line["data"]["number"] for line in world.collector.lines("brief")]
    check("what it left behind is written: the first messages and the last", written and numbers == [0, 1, 4, 5], numbers)
    check("and what found no room is counted", wait_until(lambda: lost_lines(world.collector, "brief") == 2),
          world.collector.said())
    check("nothing of others is lost", *world.end())


def clock_jumps(scratch):
    """The wall clock is set to and fro by days, as on machines that find out late what time it is."""
    name = "a clock that jumps by days harms neither lines nor files"
    if SANITIZED or not os.path.exists(FAKETIME):
        skip(name, "libfaketime is not installed, or a sanitizer stands in its way")
        return
    clock = os.path.join(scratch, "clock")
    world = None
    for offset in ("+0", "+3d", "-2d", "+1", "-40d", "+0"):
        with open(clock + ".new", "w") as file:
            file.write(offset + "\n")
        os.rename(clock + ".new", clock)
        if not world:
            world = World(scratch, "clock-logs", environment={
                "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
                rotation={"rpFrequencySecs": 1, "rpLogLimitBytes": 4096, "rpMaxAgeHours": 24 * 365,
                          "rpKeepFilesNum": 1000})
        good = world.node.is_served()
        time.sleep(1.2)
        if not good:
            break
    check(name, good, world.collector.said())
    # Names of files are stamps of that clock.
    check("nothing is lost or written twice", *world.end(files_in_order=False))


def main():
    scratch = tempfile.mkdtemp(prefix="ouroscope-tracer-")
    try:
        for part in (full, no_inodes, removed, in_the_way, dropped, left, clock_jumps):
            part(scratch)
        print("1..%d" % tests)
    finally:
        subprocess.run("umount %s/*/logs 2>/dev/null" % scratch, shell=True)
        shutil.rmtree(scratch)
    return failures > 0


sys.exit(main())
