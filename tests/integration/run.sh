#!/bin/bash
# `run` with real nodes: what they forge, what the analysis makes of it, and how a run ends.
. tests/cli/tap.sh

# Processes of the program that run in our folder, whoever started them.
our_processes() {
    local process program
    program=$(readlink -f "$OUROSCOPE")
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd") == "$scratch"/* && $(readlink "$process/exe") == "$program" ]] && echo "${process#/proc/}"
    done 2>/dev/null
}
end_all() {
    local left
    left=$(our_processes)
    [ -z "$left" ] || kill -KILL $left
    rm -rf "$scratch"
}
trap end_all EXIT

# Three nodes, each connected with both others, and a block every quarter of a second.
cat >"$scratch/short.json" <<'JSON'
{"composition": {"n_singular_hosts": 3, "topology": "dense"},
 "genesis": {"slot_duration": 0.1, "active_slots_coeff": 0.4, "parameter_k": 10},
 "generator": {"tps": 40, "tx_count": 40, "init_cooldown": 0.2},
 "node": {"shutdown_on_block_synced": 16},
 "run": {"max_duration_s": 60},
 "analysis": {"cluster_base_startup_overhead_s": 1, "filters": ["unitary"]}}
JSON
endless='{"node": {"shutdown_on_block_synced": null}, "generator": {"tx_count": 100000}, "run": {"max_duration_s": 300}}'

# json FILE EXPRESSION: of its document d
json() {
    python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"
}
states() {
    json "$1/status.json" '" ".join(c["state"] for c in d["history"])'
}
nobody_is_left() {
    local left
    left=$(our_processes)
    [ -z "$left" ] || { echo "still there: $left"; return 1; }
}

# begin NAME OVERLAY: starts a run in the background, of which $run and $supervisor tell. It takes signals that a
# shell keeps from its background jobs.
begin() {
    mkdir "$scratch/$1"
    env --default-signal=INT "$OUROSCOPE" run --dir "$scratch/$1" --overlay "$scratch/short.json" --overlay "$2" ci-test \
        >"$scratch/$1.out" 2>"$scratch/$1.err" </dev/null &
    supervisor=$!
    wait_until run_is_there "$1"
}
run_is_there() {
    run=$(echo "$scratch/$1"/*_ci-test_*)
    [ -e "$run/status.json" ]
}
# wait_until COMMAND...: for what happens within a moment; half a minute is more than any machine needs.
wait_until() {
    local i
    for ((i = 0; i < 300; i++)); do
        "$@" && return
        sleep 0.1
    done
    echo "did not happen: $*"
    return 1
}
# has_blocks RUN N: the first node has adopted so many.
has_blocks() {
    [ "$(grep -hc '"ns":"ChainDB.AddBlockEvent.AddedToCurrentChain"' "$1/logs/node-0/node.json" 2>/dev/null)" -ge "$2" ] 2>/dev/null
}
# ends STATUS: of the run in the background
ends() {
    local got=0
    wait "$supervisor" || got=$?
    [ $got -eq "$1" ] || { echo "exit status $got instead of $1"; cat "$scratch"/*.err; return 1; }
}

# --- A good run ---------------------------------------------------------------

good_run() {
    run run --dir "$scratch/good" --overlay "$scratch/short.json" --ident good ci-test
    ended 0 || { cat "$scratch/err"; return 1; }
    good=$(echo "$scratch/good"/*_ci-test_good)
    same 'allocated deployed genesis-ready running stopped fetched analysed' <(states "$good") && nobody_is_left
}
check "a run goes through all its states, and leaves no process" good_run

reports() {
    grep -q -- '── End-to-end propagation ' "$scratch/out" && grep -q 'hosts *3: node-0, node-1, node-2$' "$scratch/out" &&
        grep -q "the analysis is in $good/analysis" "$scratch/err"
}
check "the report is printed, and it is told where it is" reports
pages() {
    "$OUROSCOPE" report --out "$scratch/again.html" "$good" && cmp "$scratch/again.html" "$good/analysis/report.html" &&
        grep -q '^## Key numbers' "$good/analysis/report.md"
}
check "a page and Markdown of the run are beside its analysis" pages

# What nodes say that they forged is what the analysis knows: on the chain, orphaned, or pending at the very end.
all_forged_are_known() {
    python3 - "$good" <<'PYTHON'
import json, sys
forged = set()
for node in "node-0", "node-1", "node-2":
    for line in map(json.loads, open(f"{sys.argv[1]}/logs/{node}/node.json")):
        if line["ns"] == "Forge.Loop.ForgedBlock":
            forged.add((line["data"]["block"], node, line["data"]["slot"]))
chain = json.load(open(sys.argv[1] + "/analysis/analysis.json"))["chain"]
known = {(b["hash"], b["forger"], b["slot"]) for b in chain["blocks"]}
print(len(forged), "forged", len(known), "known", "missing", forged - known, "more", known - forged)
assert forged == known and len(forged) >= 17
assert chain["chained"] >= 16 and chain["clusterSize"] == 3
PYTHON
}
check "every block that was forged is on the chain, or counted as orphan" all_forged_are_known

# Delays, and not only zeros: the blocks went over sockets.
has_centiles() {
    python3 - "$good/analysis/analysis.json" <<'PYTHON'
import json, sys
a = json.load(open(sys.argv[1]))
blocks = [b for b in a["chain"]["blocks"] if b["accepted"]]
assert len(blocks) >= 5, len(blocks)
for b in blocks:
    assert b["adopters"] == 3 and 0 < b["adoption"][0] <= b["adoption"][-1] < 5, b
PYTHON
}
check "adoption by shares of the cluster is measured" has_centiles

has_transactions() {
    same '1 40' <(json "$good/analysis/analysis.json" '" ".join(map(str, d["load"].values()))') &&
        python3 -c 'import json, sys; b = json.load(open(sys.argv[1]))["chain"]["blocks"]; assert max(x["size"] for x in b) > 2000, b' \
            "$good/analysis/analysis.json"
}
check "transactions are sent, and blocks carry them" has_transactions

only_logs_stay() {
    [ ! -e "$good/nodes/node-0/db" ] && [ -s "$good/logs/node-2/node.json" ]
}
check "databases are removed, logs stay" only_logs_stay

# Sanitizers would have their say there, too.
ended_in_order() {
    same $'0\n0\n0\n0\n0' <(cat "$good"/nodes/*/exit_status "$good/generator/exit_status" "$good/tracer/exit_status") || return
    cat "$good"/generator/stderr "$good"/nodes/*/stderr >"$scratch/stderr"
    same '' "$scratch/stderr" && same 'ouroscope tracer: nodes connect to forward.socket' "$good/tracer/stderr"
}
check "nodes and generator ended in order, and complained of nothing" ended_in_order

# The collector has written what nodes traced: whole lines, and none of them dropped on the way.
collected_everything() {
    local node
    for node in node-0 node-1 node-2 generator; do
        [ "$(readlink "$good/logs/$node/node.json")" = "$(basename "$good/logs/$node"/node-2*.json)" ] &&
            jq -e . "$good/logs/$node/node.json" >/dev/null || { echo "$node"; return 1; }
    done
    same '' <(grep -lE '"ns":"Reflection.(ForwarderLost|RecordsLost)"' "$good"/logs/*/node-*.json)
}
check "logs are what the collector wrote, and nothing was lost" collected_everything

# Each message is as the generated schema has it.
lines_are_documented() {
    "$OUROSCOPE" docs traces --format schema >"$scratch/schema.json" &&
        python3 tests/support/validate-lines.py "$scratch/schema.json" "$good"/logs/*/node.json
}
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>"$scratch/why"; then
    check "lines of the run are as their documentation says" lines_are_documented
else
    skip "lines of the run are as their documentation says" "there is no python3-jsonschema with draft 2020-12"
fi

own_files() {
    run run --dir "$scratch/own" --overlay "$scratch/short.json" --overlay '{"node": {"tracer": false}}' ci-test
    ended 0 && nobody_is_left && [ ! -e "$scratch"/own/*/tracer ] && [ -s "$(echo "$scratch"/own/*/logs/node-1/node.json)" ] &&
        [ ! -L "$(echo "$scratch"/own/*/logs/node-1/node.json)" ]
}
check "without a collector nodes write files of their own" own_files

# --- Other ends ------------------------------------------------------------------

interrupted() {
    begin interrupted "$endless" && wait_until has_blocks "$run" 4 || return
    kill -INT "$supervisor"
    ends 1 && nobody_is_left && same 'allocated deployed genesis-ready running stopped fetched' <(states "$run") &&
        same interrupted <(json "$run/status.json" 'd["history"][-2]["cause"]') || return
    run analyse "$run"
    ended 0 && grep -q 'blocks *[1-9][0-9]* on the chain' "$scratch/out"
}
check "Ctrl-C ends all processes, and leaves a run that can be analysed" interrupted

killed() {
    begin killed "$endless" && wait_until has_blocks "$run" 1 || return
    kill -KILL "$supervisor"
    wait "$supervisor"
    wait_until nobody_is_left
}
check "when the run itself is killed, its nodes go, too" killed

is_restarted() {
    [ "$(grep -c '"ns":"Net.Server.Local.Started"' "$run/logs/node-1/node.json")" -eq 2 ]
}
# A node is killed; then somebody starts it by hand, on the port that was kept for it.
restarted() {
    begin restarted "$endless" && wait_until has_blocks "$run" 6 || return
    kill -KILL "$(cat "$run/nodes/node-1/pid")"
    wait_until grep -q 'node-1 was killed by signal 9' "$scratch/restarted.err" || return
    "$run/nodes/node-1/start.sh" >/dev/null 2>&1 &
    wait_until is_restarted && wait_until has_blocks "$run" 16 || return
    kill -INT "$supervisor"
    ends 1 && nobody_is_left || return
    run analyse --json "$run"
    ended 0 && json "$scratch/out" '[f["code"] for f in d["findings"] if f["host"] == "node-1"]' >"$scratch/findings" && grep -q restart "$scratch/findings" &&
        json "$scratch/out" '[h["host"] for h in d["hosts"]]' | grep -q node-1
}
check "a node that was killed and started by hand goes on, and the report tells of it" restarted

# It had what it had stored, and what it missed came from the others.
caught_up() {
    python3 - "$run" <<'PYTHON'
import json, sys
def tips(node):
    lines = map(json.loads, open(f"{sys.argv[1]}/logs/{node}/node.json"))
    return [l["data"]["newtip"].split("@")[0] for l in lines if l["ns"].endswith((".AddedToCurrentChain", ".SwitchedToAFork"))]
theirs, its = tips("node-0"), tips("node-1")
assert its[-1] in theirs[-6:] or theirs[-1] in its[-6:], (its[-3:], theirs[-3:])
PYTHON
}
check "it caught up with the others" caught_up

# --- Several runs -----------------------------------------------------------------

repeated() {
    run run --dir "$scratch/many" --overlay "$scratch/short.json" --overlay '{"node": {"shutdown_on_block_synced": 3}}' \
        --repeat 2 --batch b --json ci-test
    ended 0 && same 2 <(wc -l <"$scratch/out") && python3 - "$scratch/out" <<'PYTHON'
import json, os, sys
first = None
for block, line in enumerate(open(sys.argv[1])):
    d = json.loads(line)
    first = first or os.path.basename(d["directory"])
    place = {"series": first, "block": block, "position": 0}
    assert d["state"] == "analysed" and d["blocks"] >= 4 and not d["interrupted"], d
    meta = json.load(open(d["directory"] + "/meta.json"))["meta"]
    assert meta["batch"] == "b" and meta["design"] == place, meta
    told = json.load(open(d["directory"] + "/analysis/analysis.json"))["run"]
    assert told["design"] == place and told["machine"] and told["flags"] == meta["flags"], told
PYTHON
}
check "a run can be repeated" repeated

without_load() {
    run run --dir "$scratch/unloaded" --overlay "$scratch/short.json" \
        --overlay '{"generator": {"init_cooldown": 60}, "node": {"shutdown_on_block_synced": 3}}' --no-analysis ci-test
    ended 0 && grep -q 'no transaction of the load was acknowledged' "$scratch/err"
}
check "a run that ends before its load begins says so" without_load

refused() {
    run run --dir "$scratch/no" nothing-of-this-name
    ended 2 && [ ! -e "$scratch/no" ] || return
    run run --dir "$scratch/no" --overlay '{"genesis": {"no_such": 1}}' demo
    ended 2 && [ ! -e "$scratch/no" ] && grep -q no_such "$scratch/err" || return
    run run --dir "$scratch/no" --overlay '{"analysis": {"filters": ["size-ful"]}}' demo
    ended 2 && [ ! -e "$scratch/no" ] && grep -q size-ful "$scratch/err" || return
    run run --dir "$scratch/no" --overlay '{"analysis": {"filter_exprs": [{"tag": "COdd"}]}}' demo
    ended 2 && [ ! -e "$scratch/no" ] && grep -q filter_exprs "$scratch/err" || return
    run run --dir "$scratch/no" --ident a/b demo
    ended 2 && [ ! -e "$scratch/no" ]
}
check "what cannot be run is refused before anything is made" refused

tap_end
