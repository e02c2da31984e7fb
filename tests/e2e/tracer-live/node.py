"""node.py SOCKET NAME: a node that the page shows. It says a line each second; with hostile names and lines when its name is
not a plain one."""

import sys
import time

sys.path.insert(0, "tests/support")
from forwarding_node import Node  # noqa: E402

HOSTILE = ["</script><script>document.title = 'owned'</script>", "<img src=x onerror=\"document.title='owned'\">",
           "\"'`${1+1}{{1+1}}", "\u202eright to left\u202c \u200bnothing\ufeff", "\x1b[31mred", "]]><svg onload=alert(1)>"]

path, name = sys.argv[1:]
node = Node(path, name, niVersion="10.6.1")
height = 1000
while node.is_open:
    node.measure({"cardano.node.metrics.blockNum_int": height, "cardano.node.metrics.slotNum_int": 20 * height,
                  "cardano.node.metrics.Mem.resident_int": 50 << 20,
                  "cardano.node.metrics.Stat.cputicks_int": 25 * (height - 1000)})
    node.say("Forge.Loop.ForgedBlock", {"kind": "TraceForgedBlock", "blockNo": height})
    if height == 1002:
        node.say("Forge.Loop.NodeCannotForge", {"kind": "TraceNodeCannotForge", "reason": "no key"}, "Error")
    if not name.isascii() or "<" in name:
        node.say(HOSTILE[height % 6], {HOSTILE[height % 6]: HOSTILE}, "Warning")
    height += 1
    time.sleep(1)
