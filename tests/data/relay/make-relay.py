#!/usr/bin/env python3
"""Writes the log of a relay of mainnet that never was: make-relay.py > mainnet-relay.json

Ten blocks over some minutes as one relay sees them, in the format of nodes of 2025. The same
bytes every time. README.md says what there is to see.
"""
import datetime
import hashlib
import json

FIRST_SLOT, FIRST_SECOND = 150_000_000, 1_741_566_291  # 2025-03-10T00:24:51Z
FIRST_NUMBER = 11_570_000
PEERS = ["203.0.113.7:3001", "198.51.100.23:6000", "192.0.2.41:3001"]
FOLLOWERS = ["198.51.100.77:3001", "203.0.113.90:3001"]

# slots after the first; ms from slot start to header, then to request, body, adoption; bytes
BLOCKS = [
    (0, 312, 2, 141, 58, 72_411),
    (17, 268, 1, 96, 51, 41_870),
    (31, 405, 2, 322, 71, 90_008),
    (32, 351, 2, 158, 66, 88_112),
    (70, 1204, 3, 611, 83, 90_092),
    (95, 283, 1, 44, 40, 3_204),
    (118, 377, 2, 187, 60, 64_551),
    (118, 689, 2, 203, 67, 78_340),  # leads the same slot, at the same height
    (141, 330, 2, 128, 57, 55_020),
    (176, 298, 1, 72, 46, 12_877),
    (203, 341, 2, 166, 62, 81_654),
]
LOSER = 6  # its rival, the next one, is what the chain goes on with

lines = []


def hash_of(i):
    return hashlib.sha256(b"block %d" % i).hexdigest()


def say(slot, ms, ns, data, sev="Info", thread="61"):
    at = FIRST_SECOND * 1000 + (slot - FIRST_SLOT) * 1000 + ms
    stamp = datetime.datetime.fromtimestamp(at // 1000, datetime.timezone.utc)
    lines.append((at, len(lines), {
        "at": stamp.strftime("%Y-%m-%dT%H:%M:%S") + ".%03dZ" % (at % 1000), "ns": ns,
        "data": data, "sev": sev, "thread": thread, "host": "relay-1"}))


def peer(i):
    return {"connectionId": "10.0.0.5:3001 " + PEERS[i % len(PEERS)]}


def write_block(i, number, parent):
    after, header, request, body, adoption, size = BLOCKS[i]
    slot, h = FIRST_SLOT + after, hash_of(i)
    fetched = header + request + body
    adopted = fetched + adoption
    for p, late in ((i, 0), (i + 1, 23), (i + 2, 58)):
        say(slot, header + late, "ChainSync.Client.DownloadedHeader",
            {"block": h, "blockNo": number, "kind": "DownloadedHeader", "peer": peer(p), "slot": slot})
    say(slot, header + request, "BlockFetch.Client.SendFetchRequest",
        {"head": h, "kind": "SendFetchRequest", "length": 1, "peer": peer(i)})
    say(slot, fetched, "BlockFetch.Client.CompletedBlockFetch",
        {"block": h, "delay": fetched / 1000, "kind": "CompletedBlockFetch", "peer": peer(i), "size": size})
    switch = i == LOSER + 1
    name = "SwitchedToAFork" if switch else "AddedToCurrentChain"
    say(slot, adopted, "ChainDB.AddBlockEvent." + name,
        {"kind": "TraceAddBlockEvent.SwitchedToAFork" if switch else name,
         "newTipSelectView": {"chainLength": number, "kind": "PraosChainSelectView", "slotNo": slot},
         "newtip": "%s@%d" % (h, slot), "tipBlockHash": h, "tipBlockParentHash": parent}, "Notice", "27")
    say(slot, fetched + 1, "ChainSync.ServerHeader.Update",
        {"addBlock": "%s@%d" % (h, slot), "blockingRead": True, "kind": "ChainSyncServer.Update",
         "risingEdge": True, "tip": "%s@%d" % (h, slot)}, thread="88")
    for f in range(len(FOLLOWERS)):
        say(slot, adopted + 31 + 40 * f, "BlockFetch.Server.SendBlock",
            {"block": h, "kind": "BlockFetchServer", "peer": {"connectionId": "10.0.0.5:3001 " + FOLLOWERS[f]}},
            thread="9%d" % f)


def write_sample(second):
    say(FIRST_SLOT + second, 640, "Resources", {
        "kind": "ResourceStats", "Alloc": 900_000_000_000 + second * 31_000_000,
        "CentiBlkIO": 0, "CentiCpu": 4_000_000 + second * 8 + second // 2, "CentiGC": 300_000 + second // 2,
        "CentiMut": 3_700_000 + second * 8, "FsRd": 0, "FsWr": 51_000_000 + second * 65_000,
        "GcsMajor": 900 + second // 150, "GcsMinor": 610_000 + second * 2 // 3, "Heap": 9_600_000_000,
        "Live": 4_300_000_000, "NetRd": 0, "NetWr": 0, "RSS": 9_750_000_000, "Threads": 19}, thread="14")


number, parent = FIRST_NUMBER, hashlib.sha256(b"before").hexdigest()
for i in range(len(BLOCKS)):
    write_block(i, number, parent)
    if i != LOSER:
        number, parent = number + 1, hash_of(i)
for second in range(0, 206):
    write_sample(second)
for _, _, line in sorted(lines, key=lambda entry: entry[:2]):
    print(json.dumps(line, separators=(",", ":")))
