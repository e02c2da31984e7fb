#!/usr/bin/env python3
"""Stands for cardano-cli in tests: `latest genesis create-testnet-data` with its arguments and its layout of files, small.

The arguments go to $FAKE_CLI_LOG, one a line; with $FAKE_CLI_FAILS it fails as the program does."""
import json
import os
import sys
from pathlib import Path

arguments = sys.argv[1:]
if log := os.environ.get("FAKE_CLI_LOG"):
    Path(log).write_text("".join(f"{argument}\n" for argument in arguments))
if why := os.environ.get("FAKE_CLI_FAILS"):
    sys.exit(f"Command failed: genesis create-testnet-data\n{why}")
if arguments[:3] != ["latest", "genesis", "create-testnet-data"]:
    sys.exit("Invalid argument")
given = dict(zip(arguments[3::2], arguments[4::2]))
out = Path(given["--out-dir"])
pools, delegators, dreps = (int(given[name]) for name in ("--pools", "--stake-delegators", "--drep-keys"))


def digits(kind, number, count):
    return f"{kind:02x}{number:0{count - 2}x}"


def envelope(kind):
    return {"type": kind, "description": "", "cborHex": "00"}


def write(path, value):
    path = out / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=4))


def write_keys(folder, names):
    for name in names:
        write(f"{folder}/{name}", envelope("Fake"))


shelley = json.loads(Path(given["--spec-shelley"]).read_text())
shelley["maxLovelaceSupply"] = int(given["--total-supply"])
shelley["initialFunds"] = {"60" + digits(1, i, 56): 9000 for i in range(int(given["--utxo-keys"]))}
shelley["initialFunds"] |= {"60" + digits(2, i, 56): 1000000 for i in range(int(given["--stuffed-utxo"]))}
shelley["initialFunds"] |= {
    "00" + digits(3, i, 56) + digits(4, i, 56): int(given["--delegated-supply"]) // 10 * 9 // delegators
    for i in range(delegators)}
shelley["staking"] = {
    "pools": {
        digits(5, i, 56): {
            "cost": 0, "margin": 0, "metadata": None, "owners": [], "pledge": 0, "publicKey": digits(5, i, 56),
            "relays": [], "rewardAccount": {"credential": {"keyHash": digits(6, i, 56)}, "network": "Testnet"},
            "vrf": digits(7, i, 64)}
        for i in range(pools)},
    "stake": {digits(4, i, 56): digits(5, i % pools, 56) for i in range(delegators)}}
conway = json.loads(Path(given["--spec-conway"]).read_text())
conway["initialDReps"] = {f"keyHash-{digits(8, i, 56)}": {"deposit": 500000000, "expiry": 1000} for i in range(dreps)}
conway["delegs"] = {
    f"keyHash-{digits(4, i, 56)}": {"dRep": f"drep-keyHash-{digits(8, i % dreps, 56)}", "kind": "DelegVote"}
    for i in range(delegators if dreps else 0)}
write("shelley-genesis.json", dict(sorted(shelley.items())))
write("alonzo-genesis.json", json.loads(Path(given["--spec-alonzo"]).read_text()))
write("conway-genesis.json", dict(sorted(conway.items())))
byron = json.loads((Path(__file__).resolve().parents[2] / "data/genesis/byron.json").read_text())
write("byron-genesis.json", byron | {
    "bootStakeholders": {digits(9, 0, 56): 1},
    "protocolConsts": {"k": 2160, "protocolMagic": 1, "vssMinTTL": 2, "vssMaxTTL": 6}, "startTime": 1})
forger = ["kes.skey", "kes.vkey", "vrf.skey", "vrf.vkey", "opcert.cert", "opcert.counter"]
for i in range(1, pools + 1):
    write_keys(f"pools-keys/pool{i}", forger + ["cold.skey", "cold.vkey", "staking-reward.skey", "staking-reward.vkey"])
for i in range(1, int(given["--utxo-keys"]) + 1):
    write_keys(f"utxo-keys/utxo{i}", ["utxo.skey", "utxo.vkey"])
for i in range(1, int(given["--genesis-keys"]) + 1):
    write_keys(f"genesis-keys/genesis{i}", ["key.skey", "key.vkey"])
    write_keys(f"delegate-keys/delegate{i}", forger + ["key.skey", "key.vkey"])
for i in range(1, delegators + 1):
    write_keys(f"stake-delegators/delegator{i}", ["payment.skey", "payment.vkey", "staking.skey", "staking.vkey"])
for i in range(1, dreps + 1):
    write_keys(f"drep-keys/drep{i}", ["drep.skey", "drep.vkey"])
