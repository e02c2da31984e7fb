#!/bin/bash
# `sweep` over a program whose truth is known: killed, taken up, interrupted, and right in the end.
. tests/cli/tap.sh

subject=${OUROSCOPE_BUILD:?}/tests/sweep-subject

# Processes of the program, and of what it runs, that stand in our folder, whoever started them.
our_processes() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd") == "$scratch"/* ]] && echo "${process#/proc/}"
    done 2>/dev/null
}
end_all() {
    local left
    left=$(our_processes)
    # shellcheck disable=SC2086 # a word each
    [ -z "$left" ] || kill -KILL $left 2>/dev/null
    rm -rf "$scratch"
}
trap end_all EXIT

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
    local tries=$(($1 * 10))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "waited in vain: $*"; return 1; }
        sleep 0.1
    done
}
nobody_left() { [ -z "$(our_processes)" ]; }

mkdir "$scratch/work"
dir=$scratch/work/truth
cat >"$scratch/truth.json" <<JSON
{ "name": "truth", "desc": "three areas by three numbers of capabilities", "profile": "demo",
  "overlay": { "composition": { "n_singular_hosts": 1 }, "analysis": { "filters": [] },
    "run": { "max_duration_s": 60 },
    "node": { "kind": "command", "rts_stats": "summary",
      "command": { "argv": ["$subject", "$scratch/counter"], "ready": { "kind": "at-once" },
                   "ends_by_itself": true } } },
  "axes": [ { "name": "allocation area", "rts": ["-A4m", "-A16m", "-A64m"] },
            { "name": "capabilities", "rts": ["-N1", "-N2", "-N4"] } ],
  "repetitions": 2, "seed": 42, "metrics": ["rtsGcCpu"] }
JSON

# ---- killed at any moment, and taken up ----

# The program is started from inside our folder, so that whatever it leaves behind is found.
kill_after() {
    local pid
    (cd "$scratch/work" && exec "$OUROSCOPE" sweep --dir truth "$scratch/truth.json" 2>>"$scratch/kills") &
    pid=$!
    sleep "$1"
    kill -KILL $pid
    wait $pid 2>/dev/null
}
for _ in 1 2 3; do
    kill_after "$((RANDOM % 3)).$((RANDOM % 10))5" >/dev/null 2>&1
done
(cd "$scratch/work" && "$OUROSCOPE" sweep --dir truth "$scratch/truth.json") >"$scratch/out" 2>"$scratch/err"
status=$?
check "a sweep that was killed three times comes to its end" ended 0
check "it says how many runs were made" grep -q '18 of 18 runs were made, 0 given up' "$scratch/err"
check "no process is left" wait_for 10 nobody_left

cat >"$scratch/journal.py" <<'END'
import json, sys
plan = json.load(open(sys.argv[1] + "/sweep.json"))
events = [json.loads(line) for line in open(sys.argv[1] + "/journal.jsonl")]
done = [e for e in events if e["event"] == "done"]
assert len(plan["order"]) == 18 and len(plan["points"]) == 9
assert [e["run"] for e in done] == list(range(18)), "not each run once, in order"
for e in events:
    planned = plan["order"][e["run"]]
    assert all(e[k] == planned[k] for k in ("block", "position", "point")), e
for e in done:
    where = sys.argv[1] + "/" + e["directory"]
    meta = json.load(open(where + "/meta.json"))["meta"]
    setting = {a["name"]: a["levels"][l]
               for a, l in zip(plan["axes"], plan["points"][e["point"]])}
    assert meta["setting"] == setting, meta["setting"]
    assert meta["design"] == {"series": "truth", "block": e["block"], "position": e["position"]}
    assert meta["ident"] == "p%d" % e["point"] and meta["batch"] == "truth"
    flags = json.load(open(where + "/profile.json"))["node"]["rts_flags_override"]
    assert flags == list(setting.values()), flags
    assert json.load(open(where + "/status.json"))["state"] == "analysed"
END
check "each run was made once, in the order of the plan, with its setting" \
    python3 "$scratch/journal.py" "$dir"

# ---- the report against the truth ----

cat >"$scratch/truth.py" <<'END'
import json, sys
r = json.load(open(sys.argv[1] + "/results.json"))
m = next(m for m in r["metrics"] if m["metric"]["id"] == "rtsGcCpu")
level = {tuple(l["at"][0]): l["mean"] for l in m["levels"] if len(l["at"]) == 1}
def near(value, truth):
    assert abs(value - truth) < 0.25, (value, truth)
near(level[0, 0] - level[0, 1], 1.5)
near(level[0, 1] - level[0, 2], 0.3)
near(level[1, 1] - level[1, 0], 0.0)
near(level[1, 2] - level[1, 0], 0.4)
effects = {tuple(e["axes"]): e for e in m["effects"]}
assert effects[(0,)]["pAdjusted"] < 0.001 and effects[(0,)]["share"] > 0.8
assert effects[(0, 1)]["p"] > 0.0001, "an interaction that is not there"
best = r["settings"][r["recommendation"]["setting"]]
assert r["recommendation"]["made"] and best["levels"][0] == 2 and best["levels"][1] in (0, 1), best
assert r["analysed"] == 18 and r["failed"] == 0
END
check "the report finds the effects that are there, and no other" \
    python3 "$scratch/truth.py" "$dir"
check "there are a page and a text" test -s "$dir/report.html" -a -s "$dir/report.md"

# ---- going on ----

cp "$dir/journal.jsonl" "$scratch/before"
run sweep --resume "$dir"
check "a sweep that is done has nothing more to do" ended 0
check "its journal stays as it is" cmp "$scratch/before" "$dir/journal.jsonl"
run sweep --resume "$dir" --repetitions 1
check "no block is taken away" ended 2
check "who asks for it is told" grep -q -- "--repetitions 1: $dir has 2 blocks" "$scratch/err"
run sweep --plan --resume "$dir"
check "a plan says what is left by what was made" grep -q '^Time: about 0 s more, by the runs' "$scratch/out"
run sweep --resume "$dir" --repetitions 3 --budget 1s
check "a budget that is used up begins no block" ended 0
check "and says so" grep -q 'stopped: 0 s of the budget of 1 s are left' "$scratch/err"
check "nothing was made" test "$(grep -c '"done"' "$dir/journal.jsonl")" -eq 18
sed 's/"seed": 42/"seed": 7/' "$scratch/truth.json" >"$scratch/other.json"
run sweep --dir "$dir" "$scratch/other.json"
check "another sweep does not go into its directory" ended 2
check "it is said what differs" grep -q 'seed is 42 there, and 7 here' "$scratch/err"

# ---- what a killed session left running is ended; Ctrl-C ends a run in order ----

cat >"$scratch/long.json" <<'JSON'
{ "name": "long", "profile": "demo",
  "overlay": { "composition": { "n_singular_hosts": 1 }, "analysis": { "filters": [] },
    "node": { "kind": "command",
      "command": { "argv": ["sleep", "300"], "ready": { "kind": "at-once" }, "ends_by_itself": true } } },
  "axes": [ { "name": "x", "member": "node.environment.X", "values": ["1", "2"] } ] }
JSON
sleeping() {
    local process
    for process in $(our_processes); do
        [[ "$(tr '\0' ' ' <"/proc/$process/cmdline")" == *"sleep 300 " ]] && echo "$process"
    done 2>/dev/null | grep .
}

(cd "$scratch/work" && exec "$OUROSCOPE" sweep --dir long "$scratch/long.json") >/dev/null 2>&1 &
first=$!
check "a long run is begun" wait_for 30 sleeping
stray=$(sleeping)
kill -KILL $first
wait $first 2>/dev/null
(cd "$scratch/work" && exec "$OUROSCOPE" sweep --resume long) >/dev/null 2>"$scratch/err" &
second=$!
gone() { ! kill -0 "$stray"; }
check "the next session ends what the killed one left" wait_for 60 gone
check "and begins the run anew" wait_for 30 sleeping
check "nobody else may work there meanwhile" \
    bash -c "! '$OUROSCOPE' sweep --resume '$scratch/work/long' 2>'$scratch/second'"
check "and is told why" grep -q 'another ouroscope works on this sweep' "$scratch/second"
kill -INT $second
wait $second
status=$?
check "an interrupted sweep has failed" ended 1
check "it says how to go on" grep -q 'sweep --resume long goes on' "$scratch/err"
check "the journal knows of it" grep -q '"interrupted"' "$scratch/work/long/journal.jsonl"
check "nobody is left" wait_for 10 nobody_left
tap_end
