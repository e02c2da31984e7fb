"""One block from forge to API, as ARCHITECTURE.md tells it: a cluster runs, a block of it is chosen, and found again at each step.

With --show FOLDER what is found at each step is printed in place of TAP, and the run stays in FOLDER: the page is made of that."""

import csv
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
import n2n  # noqa: E402
from results_server import Server  # noqa: E402

PROGRAM = os.path.abspath(os.environ["OUROSCOPE"])
SHOW = len(sys.argv) == 3 and sys.argv[1] == "--show"
OVERLAY = {"composition": {"n_singular_hosts": 4}, "genesis": {"slot_duration": 0.1, "active_slots_coeff": 0.2, "parameter_k": 10},
           "generator": {"tx_count": 200}, "node": {"shutdown_on_block_synced": 12}}

tests = failures = 0


def check(name, good, shown):
    """shown: what is there, for the page or for whoever wonders why not."""
    global tests, failures
    tests += 1
    failures += not good
    if SHOW:
        print("\n== %s\n%s" % (name, shown))
        return
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(shown).splitlines()[:30]), flush=True)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def records(path):
    """(kind, payload) of a chain database: docs/formats/chain-database.md."""
    with open(path, "rb") as f:
        data = f.read()
    at = 40
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 4:at + 8], "little")
        yield data[at + 3], data[at + 16:at + 16 + length]
        at += 16 + length


def header_of(block):
    """The bytes of the header in [7, [header, ...]], which the block's hash is of."""
    assert block[:3] == b"\x82\x07\x85", block[:8].hex()
    _, end = n2n.decode(block, 3)
    return block[3:end]


def lines_with(run, host, block_hash):
    for path in sorted(glob.glob(run + "/logs/" + host + "/*.json")):
        for line in read(path).splitlines():
            if block_hash in line:
                yield line


def line_of(run, host, namespace, block_hash):
    return next((line for line in lines_with(run, host, block_hash) if '"ns":"%s"' % namespace in line), "")


def instant(line):
    return json.loads(line)["at"] if line else ""


def walk(folder, run, server):
    analysis = json.loads(read(run + "/analysis/analysis.json"))
    chained = [b for b in analysis["chain"]["blocks"] if b["fate"] == "chained" and b["accepted"]]
    block = chained[len(chained) // 2]
    this, forger = block["hash"], block["forger"]
    other = next(h for h in ("node-0", "node-1") if h != forger)

    stored = {hashlib.blake2b(header_of(p), digest_size=32).hexdigest(): p for kind, p in records(run + "/nodes/" + forger + "/db/blocks") if kind == 1}
    check("the forger's database has it, and its hash is that of its header", this in stored,
          "%d bytes: %s..." % (len(stored.get(this, b"")), stored.get(this, b"")[:40].hex(" ")))
    stored = {hashlib.blake2b(header_of(p), digest_size=32).hexdigest(): p for kind, p in records(run + "/nodes/" + other + "/db/blocks") if kind == 1}
    check("so has another node's, the same bytes", this in stored, len(stored))

    line = line_of(run, forger, "Forge.Loop.ForgedBlock", this)
    check("the collector wrote the forger's line", instant(line) == block["forgedAt"], line)
    way = ["ChainSync.Client.DownloadedHeader", "BlockFetch.Client.SendFetchRequest", "BlockFetch.Client.CompletedBlockFetch",
           "ChainDB.AddBlockEvent.AddedToCurrentChain"]
    lines = [line_of(run, other, name, this) for name in way]
    check("and the lines of another node, in the order of its way", all(lines) and sorted(map(instant, lines)) == list(map(instant, lines)), "\n".join(lines))

    check("the analysis has it once, with its forger", this in [b["hash"] for b in chained], json.dumps(block))
    with open(run + "/analysis/blocks.csv", encoding="utf-8") as f:
        rows = [row for row in csv.DictReader(f) if row["beBlock"] == this]
    check("a row of blocks.csv has the same numbers", [(r["bfForger"], r["beSlotNo"]) for r in rows] == [(forger, str(block["slot"]))], rows)
    events = json.loads(subprocess.run([PROGRAM, "report", "--format", "trace", "--block", str(block["number"]), run], capture_output=True, check=True).stdout)
    named = [e for e in events["traceEvents"] if this[:8] in json.dumps(e)]
    check("its journey is a trace for Perfetto", named, json.dumps(named[:1]))

    found = server.json("/api/v1/runs?name=" + os.path.basename(run))["data"]
    check("the run is published under its name", len(found) == 1, found)
    blocks = server.json("/api/v1/runs/%s/blocks?number=%d" % (found[0]["id"], block["number"]))["data"]
    check("the API has the block", [(b["slot"], b["forger"]) for b in blocks] == [(block["slot"], forger)], json.dumps(blocks))
    published = server.json("/api/v1/runs/%s/artifacts/analysis.json" % found[0]["id"])
    check("and gives the analysis with its hash", this in json.dumps(published), "")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    database = os.path.join(folder, "results.db")
    ended = subprocess.run([PROGRAM, "run", "--dir", folder + "/runs", "--ident", "walk", "--keep", "--publish-to", database,
                            "--progress", "never", "--overlay", json.dumps(OVERLAY), "demo"], capture_output=True, text=True, timeout=240)
    check("a cluster runs, and its run is published", ended.returncode == 0, ended.stderr)
    with Server(PROGRAM, folder) as server:
        walk(folder, glob.glob(folder + "/runs/*_walk")[0], server)
    print("" if SHOW else "1..%d" % tests)
    return 1 if failures else 0


if __name__ == "__main__":
    if SHOW:
        sys.exit(main(os.path.abspath(sys.argv[2])))
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(scratch))
