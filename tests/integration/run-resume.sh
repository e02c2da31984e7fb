#!/bin/bash
# Runs that are cut off, taken up again, ended from outside, listed and cleaned: what the system knows of them, and not what files
# say that were left behind.
. tests/cli/tap.sh

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
runs=$scratch/runs

# Two nodes, a block every quarter of a second, and no load; it ends by itself within seconds.
cat >"$scratch/short.json" <<'JSON'
{"scenario": "fixed",
 "genesis": {"slot_duration": 0.1, "active_slots_coeff": 0.4, "parameter_k": 20},
 "node": {"shutdown_on_block_synced": 12},
 "run": {"max_duration_s": 90},
 "analysis": {"cluster_base_startup_overhead_s": 1, "filters": []}}
JSON
endless='{"node": {"shutdown_on_block_synced": null}, "run": {"max_duration_s": 300}}'

json() {
    python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"
}
state() {
    json "$1/status.json" 'd["state"]'
}
nobody_is_left() {
    local left
    left=$(our_processes)
    [ -z "$left" ] || { echo "still there: $left"; return 1; }
}
wait_until() {
    local i
    for ((i = 0; i < 300; i++)); do
        "$@" && return
        sleep 0.1
    done
    echo "did not happen: $*"
    return 1
}
# begin IDENT OVERLAY...: starts a run in the background: $run, $supervisor
begin() {
    local ident=$1 overlay overlays=()
    shift
    for overlay in "$@"; do overlays+=(--overlay "$overlay"); done
    "$OUROSCOPE" run --dir "$runs" --ident "$ident" --overlay "$scratch/short.json" "${overlays[@]}" ci-test \
        >"$scratch/$ident.out" 2>"$scratch/$ident.err" </dev/null &
    supervisor=$!
    wait_until run_is_there "$ident"
}
run_is_there() {
    run=$(echo "$runs"/*_"$1")
    [ -e "$run/status.json" ]
}
cut_off() {
    kill -KILL "$supervisor"
    wait "$supervisor" 2>/dev/null
    wait_until nobody_is_left
}
has_blocks() {
    [ "$(cat "$1"/logs/node-0/node-*.json 2>/dev/null | grep -c '"ns":"ChainDB.AddBlockEvent.AddedToCurrentChain"')" -ge "$2" ]
}
# row IDENT: of the list of runs
row() {
    "$OUROSCOPE" run list "$runs" | grep "_$1 "
}
resume() {
    run run --dir "$runs" --resume "$1" --progress never
    ended 0 || { cat "$scratch/err"; return 1; }
}

# --- Prepared ---------------------------------------------------------------------

prepared() {
    run run --dir "$runs" --ident prepared --prepare --overlay "$scratch/short.json" ci-test
    ended 0 && run_is_there prepared && same genesis-ready <(state "$run") && nobody_is_left &&
        [ -s "$run/genesis/shelley.json" ] && [ -x "$run/nodes/node-1/start.sh" ] && row prepared | grep -q ' genesis-ready ' || return
    resume prepared && same analysed <(state "$run") && nobody_is_left &&
        same 1 <(json "$run/meta.json" 'd["meta"]["resumed"]')
}
check "a run is prepared, and started when that is asked for" prepared

analysed_already() {
    resume prepared && same analysed <(state "$run") && same 1 <(json "$run/meta.json" 'd["meta"]["resumed"]')
}
check "a run that is analysed stays as it is" analysed_already

# --- Cut off at any moment ---------------------------------------------------------

# cut_after SECONDS IDENT: kills the supervisor so long after the folder is there.
cut_after() {
    begin "$2" && sleep "$1" && cut_off || return
    row "$2" | grep -q -e ' genesis-ready ' -e ' cut-off ' || { row "$2"; return 1; }
    run run stop --dir "$runs" "$2"
    ended 0 && grep -q 'nothing of it runs' "$scratch/err" && resume "$2" && same analysed <(state "$run") && nobody_is_left
}
check "a run that is killed at once is taken up" cut_after 0 at-once
check "a run that is killed while it is made is taken up" cut_after 0.05 making
check "a run that is killed before slot 0 is taken up" cut_after 0.5 starting

goes_on() {
    local blocks
    begin goes-on '{"node": {"shutdown_on_block_synced": 25}}' && wait_until has_blocks "$run" 8 && cut_off || return
    row goes-on | grep -q ' cut-off ' || return
    start=$(json "$run/meta.json" 'd["meta"]["timing"]["start"]')
    resume goes-on && same analysed <(state "$run") && grep -q 'go on with the chain' "$scratch/err" &&
        same "$start" <(json "$run/meta.json" 'd["meta"]["timing"]["start"]') && [ ! -e "$run/earlier" ] &&
        same False <(json "$run/meta.json" 'd["meta"]["modifiers"]["wiped_and_restarted"]') || return
    # One chain, of both halves. What nodes had not yet forwarded when they were killed, nobody knows of.
    python3 - "$run" <<'PYTHON'
import json, sys
blocks = json.load(open(sys.argv[1] + "/analysis/analysis.json"))["chain"]["blocks"]
numbers = sorted({b["number"] for b in blocks if "number" in b} or {b["blockNo"] for b in blocks})
assert numbers[0] <= 1 and numbers[-1] >= 25 and len(numbers) >= numbers[-1] - 2, numbers
PYTHON
}
check "nodes go on with the chain that they have" goes_on

load='{"scenario": "fixed-loaded", "generator": {"tps": 20, "tx_count": 4000, "init_cooldown": 0.2},
       "node": {"shutdown_on_block_synced": 10}}'
begins_anew() {
    begin anew "$load" && wait_until has_blocks "$run" 4 && cut_off || return
    resume anew && same analysed <(state "$run") && grep -q 'begins anew: its load was interrupted' "$scratch/err" &&
        [ -s "$run"/earlier/1/logs/node-0/node.json ] &&
        same True <(json "$run/meta.json" 'd["meta"]["modifiers"]["wiped_and_restarted"]') && nobody_is_left
}
check "a run whose load was cut off begins anew, and keeps the logs" begins_anew

# --- Ended from outside ------------------------------------------------------------

stopped() {
    begin stopped "$endless" && wait_until has_blocks "$run" 4 && row stopped | grep -q ' running (live) ' || return
    run run --dir "$runs" --resume stopped
    ended 1 && grep -q "process $supervisor watches this run" "$scratch/err" || return
    run run clean --dir "$runs" stopped
    ended 1 && grep -q 'the run goes on' "$scratch/err" || return
    run run stop --dir "$runs" stopped
    ended 0 && nobody_is_left && same fetched <(state "$run") || return
    wait "$supervisor"
    resume stopped && same analysed <(state "$run")
}
check "a run is ended from outside, and analysed later" stopped

# A node that somebody started by hand survives the supervisor.
strays() {
    begin strays "$endless" && wait_until has_blocks "$run" 4 || return
    kill -KILL "$(cat "$run/nodes/node-1/pid")"
    wait_until grep -q 'node-1 was killed by signal 9' "$scratch/strays.err" || return
    "$run/nodes/node-1/start.sh" >/dev/null 2>&1 &
    sleep 1
    kill -KILL "$supervisor"
    wait "$supervisor" 2>/dev/null
    wait_until test "$(our_processes | wc -l)" -eq 1
    row strays | grep -q 'running (live)' || { row strays; return 1; }
    run run stop --dir "$runs" strays
    ended 0 && nobody_is_left && row strays | grep -q ' cut-off '
}
check "what is left of a run that was killed is found and ended" strays

# --- Failures -----------------------------------------------------------------------

is_up_again() {
    local pid
    pid=$(cat "$run/nodes/node-1/pid") && [ "$pid" != "$1" ] && kill -0 "$pid" 2>/dev/null
}
restarted() {
    local pid
    begin restarted "$endless" '{"run": {"on_node_death": "restart", "restarts_max": 2}}' && wait_until has_blocks "$run" 4 || return
    pid=$(cat "$run/nodes/node-1/pid")
    kill -KILL "$pid"
    wait_until is_up_again "$pid" && grep -q 'it is started again (1 of 2 times)' "$scratch/restarted.err" &&
        json "$run/status.json" 'd["cause"]' | grep -q 'node-1 was killed by signal 9.*started again' || return
    run run stop --dir "$runs" restarted
    wait "$supervisor"
    nobody_is_left
}
check "a node that died is started again where the profile says so" restarted

is_another_collector() {
    [ "$(cat "$run/tracer/pid")" != "$1" ]
}
# What nodes say meanwhile is kept by them; the run reads on in the file of the next collector.
collector_restarted() {
    local pid blocks
    begin collector "$endless" '{"run": {"on_node_death": "restart", "restarts_max": 2}}' && wait_until has_blocks "$run" 4 || return
    pid=$(cat "$run/tracer/pid")
    kill -KILL "$pid"
    wait_until grep -q 'the collector was killed by signal 9 (Killed); it is started again (1 of 2 times)' "$scratch/collector.err" &&
        wait_until is_another_collector "$pid" || return
    blocks=$(grep -h '"ns":"ChainDB.AddBlockEvent.AddedToCurrentChain"' "$run"/logs/node-0/node-*.json | wc -l)
    wait_until has_blocks "$run" $((blocks + 4)) || return
    run run stop --dir "$runs" collector
    wait "$supervisor"
    nobody_is_left && json "$run/status.json" 'd["history"]' | grep -q 'the collector was killed' && run analyse --json "$run" &&
        ended 0 && json "$scratch/out" '[f["text"] for f in d["findings"] if f["code"] == "incident"]' | grep -q 'the collector was killed' &&
        json "$scratch/out" '[f["code"] for f in d["findings"]]' >"$scratch/codes" && ! grep -E 'missing-heights|trace-loss' "$scratch/codes"
}
check "so is the collector, and nothing is missing from the logs" collector_restarted

attempts() {
    run run --dir "$scratch/attempts" --overlay '{"run": {"attempts": 2}, "node": {"kind": "command", "command":
        {"argv": ["/bin/false"], "ready": {"kind": "at-once"}, "ends_by_itself": true}}, "scenario": "fixed"}' ci-test
    ended 1 && grep -q 'attempt 1 of 2 failed' "$scratch/err" && same 2 <(ls "$scratch/attempts" | wc -l) &&
        same '1 2' <(for run in "$scratch"/attempts/*; do json "$run/meta.json" 'd["meta"]["attempt"]'; done | sort | xargs)
}
check "a run that failed is made anew, as often as its profile says" attempts

# --- Other scenarios and kinds --------------------------------------------------------

idle() {
    begin idle '{"scenario": "idle"}' && wait_until has_blocks "$run" 14 || return
    run run stop --dir "$runs" idle
    ended 0 && wait "$supervisor" && same analysed <(state "$run") && nobody_is_left
}
check "an idle cluster goes on until somebody ends it, and that is no interruption" idle

tracer_only() {
    begin tracer-only '{"scenario": "tracer-only"}' && wait_until row_is_running tracer-only || return
    run run stop --dir "$runs" tracer-only
    ended 0 && wait "$supervisor" && same fetched <(state "$run") && [ ! -e "$run/nodes" ] && nobody_is_left
}
row_is_running() {
    row "$1" | grep -q ' running '
}
check "the collector alone is run, and is nothing to analyse" tracer_only

chainsync() {
    run run --dir "$runs" --ident source --keep --overlay "$scratch/short.json" ci-test
    ended 0 && run_is_there source && source=$run || return
    run run --dir "$runs" --ident sync --overlay "$scratch/short.json" --overlay "{\"scenario\": \"chainsync\",
        \"composition\": {\"n_singular_hosts\": 0, \"with_chaindb_server\": true, \"with_explorer\": true},
        \"node\": {\"shutdown_on_block_synced\": null}, \"chaindb\": {\"source\": \"$source\"}}" ci-test
    ended 0 || { cat "$scratch/err"; return 1; }
    run_is_there sync && same 'the explorer has the whole chain' <(json "$run/status.json" 'd["history"][-3]["cause"]') && nobody_is_left &&
        cmp "$source/genesis/shelley.json" "$run/genesis/shelley.json"
}
check "a chain that was kept is served to a node that has none" chainsync

command() {
    run run --dir "$runs" --ident command --overlay '{"scenario": "fixed", "node": {"kind": "command", "command": {
        "argv": ["/bin/sh", "-c", "echo %{name} is up; sleep 2"], "ready": {"kind": "line", "text": "is up"},
        "ends_by_itself": true}}}' ci-test
    ended 0 || { cat "$scratch/err"; return 1; }
    run_is_there command && [ ! -e "$run/genesis" ] && [ ! -e "$run/tracer" ] && same 'node-0 is up' "$run/nodes/node-0/stdout" &&
        same 'ouroscope sh' <(json "$run/meta.json" '" ".join(c["name"] for c in d["meta"]["components"])') &&
        json "$run/meta.json" 'd["meta"]["node_version"]' | grep -qx 'sha256:[0-9a-f]\{64\}'
}
check "any program is run, until it has ended" command

# --- Lists and room --------------------------------------------------------------------

listed() {
    run run list --json --state failed "$scratch/attempts"
    ended 0 && same '2 False' <(json "$scratch/out" 'len(d), d[0]["live"]' | tr -d '(),') || return
    run run show --dir "$runs" sourc
    ended 0 && grep -q '^blocks accepted ' "$scratch/out" && grep -q '^made of  *ouroscope ' "$scratch/out" || return
    run run show --dir "$runs" st
    ended 1 && grep -q "'st' may be any of" "$scratch/err" || return
    run run show --dir "$runs" sorce
    ended 1 && grep -q "did you mean 'source'" "$scratch/err"
}
check "runs are listed and found by the beginnings of their names" listed

cleaned() {
    local logs
    run_is_there source
    logs=$(find "$run/logs" -type f -exec cksum {} + | sort | cksum)
    run run clean --dir "$runs" --dry-run source
    ended 0 && [ -d "$run/nodes/node-0/db" ] || return
    run run clean --dir "$runs" --all-finished
    ended 0 && [ ! -e "$run/nodes/node-0/db" ] && [ -s "$run/analysis/analysis.json" ] &&
        [ "$logs" = "$(find "$run/logs" -type f -exec cksum {} + | sort | cksum)" ] && [ -z "$(find "$run" -type s)" ]
}
check "databases and sockets are removed, and never a log" cleaned

refused() {
    run run --resume nothing --dir "$runs"
    ended 2 && grep -q "no run 'nothing'" "$scratch/err" || return
    run run --resume prepared --dir "$runs" --ident x
    ended 2 && grep -q -- '--ident is of new runs' "$scratch/err" || return
    run run stop
    ended 2 && grep -q 'which run?' "$scratch/err"
}
check "what makes no sense is refused" refused

tap_end
