"""What a collector has collected goes on to another one: what passes the filter, each object once, also over an end of the
other one; and what there was no room for is told."""

import os
import shutil
import sys
import tempfile

sys.path.insert(0, "tests/support")
from forwarding_node import Node  # noqa: E402
from tracer import Collector, wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def written(collector):
    """All lines of all nodes: of a collector that is forwarded to, there is one, without a name of its own."""
    if not os.path.isdir(collector.logs):
        return []
    return [line for node in os.listdir(collector.logs) for line in collector.lines(node)]


def numbers(collector):
    return sorted(line["data"]["n"] for line in written(collector) if line["ns"] == "Forge.Loop.ForgedBlock")


def said(collectors):
    return "\n".join(c.said()[-3000:] for c in collectors)


def start_pair(folder, who_listens, filtered, queue=1000):
    """Two collectors: what the first one collects goes to the second one."""
    between = os.path.join(folder, "between.sock")
    listen, connect = {"tag": "AcceptAt", "contents": between}, {"tag": "ConnectTo", "contents": [between]}
    ours, theirs = (listen, connect) if who_listens == "first" else (connect, listen)
    first = Collector(PROGRAM, os.path.join(folder, "first"),
                      hasForwarding=[ours, filtered, {"queueSize": queue, "maxReconnectDelay": 1}])
    second = Second(folder, theirs)
    return first, second


class Second(Collector):
    """No node connects to it, so its socket is not probed."""

    def __init__(self, folder, network):
        super().__init__(PROGRAM, os.path.join(folder, "second"), network=network)

    def is_ready(self):
        return '"ns":"Tracer.InitDone"' in self.said()


def it_passes_what_the_filter_lets_through(folder, who_listens):
    first, second = start_pair(folder, who_listens, [["Forge", "Loop"], ["Mempool"]])
    node = Node(first.socket, "producer")
    for n in range(300):
        node.say("Forge.Loop.ForgedBlock", {"kind": "x", "n": n})
        node.say("Forge.Loopy", {"kind": "x"})
        node.say("Net.Server", {"kind": "x"})
    node.say("Mempool.AddedTx", {"kind": "x"})
    node.say("Mempool", {"kind": "x", "the end": True})
    check("all is written here, the %s listening" % who_listens,
          wait_until(lambda: sum(1 for _ in first.lines("producer")) == 902), said([first, second]))
    check("what passes is written there", wait_until(lambda: len(written(second)) >= 302), said([first, second]))
    check("each once", numbers(second) == list(range(300)), numbers(second))
    names = {line["ns"] for line in written(second)}
    check("and nothing else", names == {"Forge.Loop.ForgedBlock", "Mempool.AddedTx", "Mempool"}, names)
    here = {line["at"]: line for line in first.lines("producer")}
    check("as it came", all(here.get(line["at"]) == line for line in written(second) if line["ns"] == "Mempool"), written(second)[-1])
    node.leave()
    check("both end in order", first.stop() == 0 and second.stop() == 0, said([first, second]))


def it_waits_for_one_that_is_away(folder):
    first, second = start_pair(folder, "second", None)
    node = Node(first.socket, "producer")
    for n in range(100):
        node.say("Forge.Loop.ForgedBlock", {"kind": "x", "n": n})
    check("some objects arrive", wait_until(lambda: len(numbers(second)) == 100), said([first, second]))
    second.kill()
    for n in range(100, 500):
        node.say("Forge.Loop.ForgedBlock", {"kind": "x", "n": n})
    check("while the other one is away all is written here",
          wait_until(lambda: sum(1 for _ in first.lines("producer")) == 500), said([first, second]))
    os.unlink(second.errors)
    second.start()
    check("the rest arrives when it is back", wait_until(lambda: len(numbers(second)) >= 500), said([first, second]))
    check("each once", numbers(second) == list(range(500)), numbers(second))
    node.leave()
    first.stop()
    second.stop()


def it_tells_what_there_was_no_room_for(folder):
    first, second = start_pair(folder, "second", None, queue=50)
    second.kill()
    node = Node(first.socket, "producer")
    for n in range(500):
        node.say("Forge.Loop.ForgedBlock", {"kind": "x", "n": n})
    check("one that is away for too long does not disturb the collector",
          wait_until(lambda: sum(1 for _ in first.lines("producer")) == 500), said([first, second]))
    os.unlink(second.errors)
    second.start()
    check("the newest arrive", wait_until(lambda: 499 in numbers(second)), said([first, second]))
    lost = sum(line["data"]["dropped"] for line in written(second) if line["ns"] == "Reflection.ForwarderLost")
    check("and with what is told as lost they are all", len(numbers(second)) + lost == 500 and lost > 0, (len(numbers(second)), lost))
    node.leave()
    first.stop()
    second.stop()


def it_tells_what_is_left_at_the_end(folder):
    first, second = start_pair(folder, "second", None)
    second.kill()
    node = Node(first.socket, "producer")
    for n in range(20):
        node.say("Forge.Loop.ForgedBlock", {"kind": "x", "n": n})
    check("what is for one that has gone is written here",
          wait_until(lambda: sum(1 for _ in first.lines("producer")) == 20), said([first, second]))
    node.leave()
    check("what could not go on is told at the end",
          first.stop() == 0 and "20 messages could not be forwarded" in first.said(), said([first]))


def main():
    scratch = tempfile.mkdtemp()
    try:
        for who in ("first", "second"):
            os.makedirs(scratch + "/" + who)
            it_passes_what_the_filter_lets_through(scratch + "/" + who, who)
        for name, test in (("away", it_waits_for_one_that_is_away), ("full", it_tells_what_there_was_no_room_for),
                           ("left", it_tells_what_is_left_at_the_end)):
            os.makedirs(scratch + "/" + name)
            test(scratch + "/" + name)
    finally:
        shutil.rmtree(scratch)
        print("1..%d" % tests)
    return failures > 0


sys.exit(main())
