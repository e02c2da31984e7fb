#!/bin/bash
# The load generator in a run: all of a load arrives although a node dies in the midst of it, and each transaction is
# announced and acknowledged by one connection.
. tests/cli/tap.sh

overlay='{"generator": {"tx_count": 150, "tps": 25, "init_cooldown": 0.2},
          "node": {"shutdown_on_block_synced": null}, "run": {"stop_when_exhausted": true}}'
"${OUROSCOPE:?}" run demo --no-analysis --progress never --dir "$scratch" --ident load \
    --overlay "$overlay" >"$scratch/out" 2>"$scratch/err" &
run_pid=$!

# until_true COMMAND...: waits for it to succeed, a minute at most and no longer than the run lasts.
until_true() {
    local i
    for ((i = 0; i < 600; i++)); do
        "$@" 2>/dev/null && return
        kill -0 $run_pid 2>/dev/null || break
        sleep 0.1
    done
    "$@" 2>/dev/null && return
    echo "waited in vain: $*"
    return 1
}

told() { # TEXT: by the generator
    grep -q -- "$1" "$scratch"/*_load/logs/generator/node.json
}

check "the load begins when the fund is split" until_true told '"sending 150 transactions'
until_true told '"TraceBenchTxSubServAck"'
kill -9 "$(cat "$scratch"/*_load/nodes/node-4/pid)"
check "the end is told" until_true told '"TraceBenchTxSubSummary"'
wait $run_pid
log=$(echo "$scratch"/*_load/logs/generator/node.json)

# summary EXPRESSION: holds of the summary `s`
summary() {
    python3 - "$log" "$1" <<'END'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
s = [l["data"]["summary"] for l in lines if l["ns"] == "Benchmark.BenchTxSubSummary"]
acked = [t for l in lines if l["ns"] == "TraceBenchTxSubServAck" for t in l["data"]["txIds"]]
s, ok = s[0], len(s) == 1
print(s)
sys.exit(0 if ok and eval(sys.argv[2]) else 1)
END
}
# From nothing to all of them.
fund_is_told() {
    python3 - "$log" <<'END'
import json, sys
told = [d["data"] for d in map(json.loads, open(sys.argv[1])) if d["ns"] == "Benchmark.BenchTxSubSetup"]
taken = [d["setupTaken"] for d in told]
print(told)
sys.exit(0 if len(told) > 1 and taken[0] == 0 and taken[-1] == told[0]["setupTxs"] > 0 and
         {d["setupTxs"] for d in told} == {taken[-1]} else 1)
END
}
check "how far the fund is split is told" fund_is_told
check "all transactions were sent" summary 's["ssTxSent"] == 150 and s["ssTxUnavailable"] == 0'
check "each was acknowledged once" summary 'len(acked) == len(set(acked)) == 150'
check "the node that died is told of" summary \
    'len(s["ssFailures"]) == 1 and s["ssFailures"][0].startswith("node-4: ")'
check "the others had their part" summary \
    'len(s["ssThreadwiseTps"]) == 6 and all(tps > 0 for i, tps in enumerate(s["ssThreadwiseTps"]) if i != 4)'
tap_end
