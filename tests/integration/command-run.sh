#!/bin/bash
# `run` of programs that are no nodes: how they are started, when they are up, how they end, and what is measured of them.
. tests/cli/tap.sh

# Processes that run in our folder, whoever started them.
our_processes() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd") == "$scratch"/* ]] && echo "${process#/proc/}"
    done 2>/dev/null
}
end_all() {
    local left
    left=$(our_processes)
    [ -z "$left" ] || kill -KILL $left
    rm -rf "$scratch"
}
trap end_all EXIT

# json FILE EXPRESSION: of its document d
json() {
    python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"
}
states() {
    json "$1/status.json" '" ".join(c["state"] for c in d["history"])'
}
only_run() { # PARENT
    echo "$scratch/$1"/*_*_*
}
says() { # FILE PATTERN
    grep -q -- "$2" "$1" || { cat "$1"; return 1; }
}
nobody_is_left() {
    local left
    left=$(our_processes)
    [ -z "$left" ] || { echo "still there: $left"; return 1; }
}

# ---- two programs that end by themselves ----

cat >"$scratch/count.json" <<'JSON'
{"name": "count", "desc": "a shell that counts, twice",
 "composition": {"n_singular_hosts": 2, "n_dense_hosts": 0},
 "node": {"kind": "command", "environment": {"SHADE": "%{name} is green"},
          "command": {"argv": ["/bin/sh", "-c", "echo \"$SHADE\"; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done", "%{index}"],
                      "ready": {"kind": "line", "text": "%{name} is"}, "ends_by_itself": true}},
 "run": {"max_duration_s": 120}}
JSON
run run --dir "$scratch/count" "$scratch/count.json"
count=$(only_run count)
check "a run ends when all its programs have" test "$status" = 0
check "it goes through the same states as one of nodes" test "$(states "$count")" = \
    "allocated deployed genesis-ready running stopped fetched analysed"
check "there is no genesis and no collector" test ! -e "$count/genesis" -a ! -e "$count/tracer"
check "each program has its environment" test "$(cat "$count/nodes/node-1/stdout")" = "node-1 is green"
check "a log tells its end" says "$count/logs/node-1/node.json" '"ns":"Process.Ended"'
check "start.sh starts it again" test "$("$count/nodes/node-0/start.sh")" = "node-0 is green"

what_was_used_is_measured() {
    python3 - "$count" <<'PYTHON'
import json, sys
run = sys.argv[1]
metrics = json.load(open(run + "/analysis/analysis.json"))["metrics"]
ends = []
for node in ("node-0", "node-1"):
    lines = [json.loads(line) for line in open(f"{run}/logs/{node}/node.json")]
    assert [line["ns"] for line in lines[:-1]] == ["Resources"] * (len(lines) - 1), lines
    assert len(lines) >= 3, lines
    ends.append(lines[-1]["data"])
cpu = sum(e["userSeconds"] + e["systemSeconds"] for e in ends) / 2
wall = sum(e["wallSeconds"] for e in ends) / 2
process = metrics["process"]
assert abs(process["processCpuSeconds"]["mean"] - cpu) < 1e-9, (process["processCpuSeconds"], cpu)
assert abs(process["processWallSeconds"]["mean"] - wall) < 1e-9
assert cpu > 0 and wall >= 0.9 * cpu
assert metrics["machperf"]["CentiCpu"]["mean"] > 0
assert metrics["machperf"]["RSS"]["mean"] > 0
assert "no chain" in metrics["endtoend"]["cdf0.96"]["reason"]
PYTHON
}
check "its use is measured: exactly at the end, and by the second" what_was_used_is_measured
run run --json --dir "$scratch/told" "$scratch/count.json"
check "a good run told as JSON has no cause" test "$(json "$scratch/out" 'd["state"] + d["cause"]')" = analysed
run analyse "$count"
check "it can be analysed again" test "$status" = 0
check "the report tells what the processes used" says "$scratch/out" "wall-clock time"

# ---- a server, which the run ends ----

cat >"$scratch/server.py" <<'PYTHON'
import os, signal, socket, sys, time
def end(number, frame):
    print("ended by", signal.Signals(number).name, flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, end)
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print("processors", *sorted(os.sched_getaffinity(0)), flush=True)
while True:
    s.accept()[0].close()
PYTHON
core=$(python3 -c 'import os; print(min(os.sched_getaffinity(0)))')
cat >"$scratch/server.json" <<JSON
{"name": "server", "desc": "a server",
 "composition": {"n_singular_hosts": 1, "n_dense_hosts": 0},
 "node": {"kind": "command", "cores": "$core",
          "command": {"argv": ["python3", "$scratch/server.py", "%{port}"], "ready": {"kind": "port"},
                      "stop_signal": "INT"}},
 "run": {"max_duration_s": 2}}
JSON
run run --dir "$scratch/server" "$scratch/server.json"
server=$(only_run server)
check "a server is stopped when the time is over" test "$status" = 0
check "by its own signal" says "$server/nodes/node-0/stdout" "ended by SIGINT"
check "it kept to its processors" says "$server/nodes/node-0/stdout" "^processors $core\$"
check "start.sh keeps to them, too" says "$server/nodes/node-0/start.sh" "^exec taskset -c $core "

# ---- what goes wrong ----

run run --dir "$scratch/fails" --overlay '{"node": {"command": {"argv": ["/bin/sh", "-c", "echo no good >&2; exit 3"], "ready": {"kind": "at-once"}}}}' "$scratch/count.json"
check "a program that fails makes the run fail" test "$status" = 1
check "and is told, with its last line" says "$scratch/err" "no good"
check "its state tells which, and why" says "$(only_run fails)/status.json" \
    '"all nodes have ended; node-[01] ended with status 3: no good"'
run run --dir "$scratch/missing" --overlay '{"node": {"program": "no-such-program"}}' "$scratch/count.json"
check "a program that is not there is told before anything is made" test "$status" = 2 -a ! -e "$scratch/missing"
check "with what to set" says "$scratch/err" "node.program"
check "nothing is left" nobody_is_left
tap_end
