#!/bin/bash
# A single `ouroscope node`: how it begins, what it refuses, how it ends.
. tests/cli/tap.sh

cat >"$scratch/profile.json" <<'END'
{
  "name": "single-node", "base": "demo", "desc": "one node that forges a few blocks", "scenario": "fixed",
  "composition": { "n_singular_hosts": 1, "locations": ["loopback"], "topology": "line", "links": [] },
  "genesis": { "slot_duration": 0.1, "active_slots_coeff": 0.5, "epoch_length": 1000 },
  "node": { "shutdown_on_block_synced": 3, "tracer": false },
  "run": { "max_duration_s": 120 }
}
END

# A run whose node has ended by itself, with its database kept.
make_run() {
    timeout 200 "${OUROSCOPE:?}" run "$scratch/profile.json" --dir "$scratch/runs" --keep --no-analysis
}
check "a node forges until the block that it is to run to" make_run
folder=$(echo "$scratch"/runs/*/nodes/node-0)
log=$(echo "$scratch"/runs/*/logs/node-0/node.json)

config=config.json topology=topology.json database=db

# node OPTIONS...: runs one in the run's folder, without forging, for a minute at most
node() {
    status=0
    (cd "$folder" && exec timeout 60 "$OUROSCOPE" node --config $config --topology $topology \
        --database-path $database "$@") >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
told() {
    grep -qF -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}
# refuses STATUS TEXT OPTIONS...
refuses() {
    local wanted=$1 text=$2
    shift 2
    node "$@"
    ended "$wanted" && told "$text"
}

rm "$log"
node --shutdown-on-block-synced 3
check "a node whose chain is long enough ends at once" ended 0
check "it tells its address" grep -qE '^listening at 127\.0\.0\.1:[0-9]+$' "$scratch/out"

# said_once NAMESPACE: the log has one such line
said_once() {
    [ "$(grep -c "\"ns\":\"$1\"" "$log")" -eq 1 ] || { grep -c "\"ns\":\"$1\"" "$log"; return 1; }
}
for name in Startup.Common Startup.ShelleyBased Startup.Network Startup.Time Startup.Info \
    Net.Server.Remote.Started Net.Server.Local.Started NodeState.NodeKernelOnline \
    Shutdown.Requesting NodeState.NodeShutdown; do
    check "$name is traced once" said_once "$name"
done
asked_by_nobody() { ! grep -q '"ns":"Shutdown.Requested"' "$log"; }
check "nobody asked it to end" asked_by_nobody

node --shutdown-on-slot-synced 1
check "likewise with slots" ended 0
node_run() {
    (cd "$folder" && timeout 60 "$OUROSCOPE" node run --config config.json --topology topology.json \
        --database-path db --shutdown-on-slot-synced 1)
}
check "the word run may stand before the options" node_run

# Started in the background: $pid and $port.
start_node() {
    (cd "$folder" && exec "$OUROSCOPE" node --config config.json --topology topology.json \
        --database-path db) >"$scratch/background" 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 300); do
        port=$(sed -n 's/^listening at 127\.0\.0\.1://p' "$scratch/background")
        [ -n "$port" ] && return
        sleep 0.1
    done
    return 1
}
check "a node runs on" start_node
check "its database is its own" refuses 1 "db"
database=other
check "and so is its port" refuses 1 "listen at 127.0.0.1:$port: address already in use" \
    --port "$port"
database=db
ends_by() {
    kill "-$1" "$pid" && wait "$pid"
}
check "SIGTERM ends it in order" ends_by TERM
check "it starts again" start_node
check "SIGINT, too" ends_by INT

refuses_without() {
    run node --config "$folder/config.json"
    ended 2 && told "--topology is needed"
}
check "what is needed is named" refuses_without
check "half of the keys are not enough" refuses 2 "who forges needs all of" --shelley-kes-key x
check "a port is a number" refuses 2 "--port must be a whole number up to 65535" --port 70000
check "an address is numeric" refuses 1 "localhost is no numeric address" --host-addr localhost
config=nowhere.json
check "a file that is not there is named" refuses 1 "nowhere.json"
sed 's/"Protocol"/"ShelleyGenesisHash": "00", "Protocol"/' "$folder/config.json" >"$folder/hash.json"
config=hash.json
check "another genesis than the one meant is refused" refuses 1 "but hash.json says 00"
config=config.json
echo '{"localRoots": [{"accessPoints": [{"address": "127.0.0.1"}]}]}' >"$folder/bad.json"
topology=bad.json
check "a wrong topology is named with the member" refuses 1 'bad.json: "port" of peer 1 is no port'

# A collector in Python, and a node that has reached its end: what it says at the beginning, and who it is.
collect() {
    python3 - "$scratch/collector.socket" "$scratch/collected" <<'END'
import json, sys
sys.path.insert(0, "tests/support")
import forward
door = forward.Door(sys.argv[1])
print("ready", flush=True)
collector = door.let_in(magic=42)
points = collector.data_points("NodeInfo", "NodeStartupInfo")
names = set()
try:
    while True:
        names |= {o.name for o in collector.objects()}
except forward.Closed:
    pass
info, startup = (json.loads(points[name]) for name in ("NodeInfo", "NodeStartupInfo"))
with open(sys.argv[2], "w") as out:
    print(info["niName"], info["niProtocol"], startup["suiEra"], startup["suiSlotLength"], file=out)
    print("\n".join(sorted({"NodeState.OpeningDbs", "NodeState.NodeShutdown"} & names)), file=out)
END
}

forwards() {
    local ready
    sed 's/"Stdout MachineFormat"/"Forwarder"/; s/"File MachineFormat [^"]*"/"Forwarder"/' "$folder/config.json" >"$folder/forwards.json"
    grep -q Forwarder "$folder/forwards.json" || { cat "$folder/forwards.json"; return 1; }
    coproc collector { timeout 60 bash -c "$(declare -f collect); scratch='$scratch' collect" 2>"$scratch/collector.err"; }
    local pid=$collector_PID
    read -r ready <&"${collector[0]}" && [ "$ready" = ready ] || { cat "$scratch/collector.err"; return 1; }
    config=forwards.json topology=topology.json node --tracer-socket-path-connect "$scratch/collector.socket" --shutdown-on-block-synced 3
    ended 0 && wait "$pid" && same $'node-0 Cardano Conway 0.1\nNodeState.NodeShutdown\nNodeState.OpeningDbs' "$scratch/collected" ||
        { cat "$scratch/err" "$scratch/collector.err"; return 1; }
}
check "a node forwards what it traces, and says who it is" forwards
alone() {
    config=forwards.json topology=topology.json node --tracer-socket-path-connect "$scratch/nobody.socket" --shutdown-on-block-synced 3
    ended 0 && [ "$(grep -cF "collector at" "$scratch/err")" = 1 ] && grep -qxF \
        "ouroscope node: collector at $scratch/nobody.socket: No such file or directory; trying again" "$scratch/err"
}
check "without a collector it says so, once" alone
# Two nodes 60 ms apart, slower by as much as the block had been under way: adoption comes 60 ms and more behind the body.
cat >"$scratch/slow.json" <<'END'
{
  "name": "slow", "base": "demo", "desc": "two slow nodes", "scenario": "fixed",
  "composition": { "n_singular_hosts": 2, "locations": ["a", "b"], "topology": "line",
    "links": [ { "a": "a", "b": "b", "latency_ms": 60 } ] },
  "genesis": { "slot_duration": 0.2, "active_slots_coeff": 0.3, "epoch_length": 1000 },
  "node": { "shutdown_on_block_synced": 4, "tracer": false, "slowdown_percent": 100 },
  "run": { "max_duration_s": 120 }
}
END
slow_nodes() {
    timeout 200 "$OUROSCOPE" run "$scratch/slow.json" --dir "$scratch/slow" || return
    python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["metrics"]["peers"]["cdfPeerAdoption"]
assert d["n"] > 0 and d["min"] >= 0.06, d' "$scratch"/slow/*/analysis/analysis.json
}
check "nodes that are slower on purpose adopt later" slow_nodes

tap_end
