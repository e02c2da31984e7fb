#!/bin/bash
# What `sweep` says before anything runs: plans and refusals.
. tests/cli/tap.sh

cat >"$scratch/gc.json" <<'JSON'
{ "name": "gc", "desc": "areas by cores", "profile": "demo",
  "overlay": { "node": { "kind": "command", "command": { "argv": ["true"] } }, "run": { "max_duration_s": 60 } },
  "axes": [ { "name": "allocation area", "rts": ["-A4m", "-A16m -n4m", ""] },
            { "name": "tracer", "member": "node.tracer", "values": [true, false] } ],
  "repetitions": 2, "seed": 42, "budget": "2h", "metrics": ["CentiCpu", "process/processCpuSeconds"] }
JSON
before=$(ls -A sweeps 2>/dev/null) # somebody's own
run sweep --plan "$scratch/gc.json"
check "a plan is printed" ended 0
check "it tells axes, settings and order" golden sweep-plan.txt "$scratch/out"
check "nothing is written" test "$before" = "$(ls -A sweeps 2>/dev/null)"
cp "$scratch/out" "$scratch/plan"
run sweep --plan "$scratch/gc.json"
check "the same seed gives the same plan" cmp "$scratch/plan" "$scratch/out"

run sweep --plan --json "$scratch/gc.json"
plan_is_whole() {
    python3 - "$scratch/out" "$scratch/gc.json" <<'END'
import json, sys
plan, file = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
assert plan["file"] == file and plan["schema"] == 1 and plan["budget_s"] == 7200
assert [a["levels"] for a in plan["axes"]] == [["-A4m", "-A16m -n4m", "as is"], ["true", "false"]]
assert sorted(map(tuple, plan["points"])) == [(a, b) for a in range(3) for b in range(2)]
assert [r["block"] for r in plan["order"]] == [0] * 6 + [1] * 6
assert all(sorted(r["point"] for r in plan["order"][b:b + 6]) == list(range(6)) for b in (0, 6))
assert plan["estimate_s"] > 0
END
}
check "the plan for programs is whole" plan_is_whole

# Whether files and their schema agree: what one refuses the other does, too.
schema_agrees() {
    python3 - docs/formats/sweep.schema.json "$scratch" <<'END'
import copy, json, subprocess, sys, os, jsonschema
schema = json.load(open(sys.argv[1]))
validator = jsonschema.Draft202012Validator(schema)
good = json.load(open(sys.argv[2] + "/gc.json"))
cases = [good]
def changed(**members):
    cases.append({**copy.deepcopy(good), **members})
changed(repetitions=0)
changed(repetition=1)
changed(budget="1h30m")
changed(budget="30m1h")
changed(budget=-1)
changed(seed=-1)
changed(attempts=101)
changed(grid="half")
changed(grid="full")
changed(name="a/b")
changed(axes=[])
changed(axes=good["axes"][:1])
changed(axes=[{**good["axes"][0], "member": "node.cores", "values": ["0", "1"]}])
changed(axes=[{"name": "x", "levels": [{"label": "a"}, {"rts": "-N2"}]}])
changed(axes=[{"name": "x", "levels": [{}, {"rts": "-N2"}]}])
changed(axes=[{"name": "x", "member": "a..b", "values": [1, 2]}])
changed(overlay={"base": "demo"})
changed(axes=[{**good["axes"][1], "silent": "false"}])
changed(axes=[{**good["axes"][1], "silent": 1}])
for case in cases:
    path = sys.argv[2] + "/case.json"
    json.dump(case, open(path, "w"))
    ended = subprocess.run([os.environ["OUROSCOPE"], "sweep", "--plan", path], capture_output=True)
    assert (ended.returncode == 0) == validator.is_valid(case), (case, ended)
END
}
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
    check "the schema accepts what the program does, and refuses what it refuses" schema_agrees
fi

refused() { # WITH WHAT
    run sweep --plan "$scratch/refused.json"
    ended 2 && grep -qF "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}
sed 's/CentiCpu/CentiCpi/' "$scratch/gc.json" >"$scratch/refused.json"
check "a metric that is none is refused" refused 'no metric is called "CentiCpi"; did you mean CentiCpu?'
sed 's/"-A16m -n4m"/"-a16m"/' "$scratch/gc.json" >"$scratch/refused.json"
check "a flag with a slip is refused" refused 'axes[0].rts[1]: RTS flag -a16m is not known; did you mean -A16m?'
sed 's/"-A16m -n4m"/"-A4096k"/' "$scratch/gc.json" >"$scratch/refused.json"
check "settings that are the same are refused" refused 'the settings "-A4m, true" and "-A4096k, true" are the same'
sed 's/"run": {/"analysis": { "filters": ["none-such"] }, &/' "$scratch/gc.json" >"$scratch/refused.json"
check "filters that are none are refused" refused 'none-such'

sed 's/"member": "node.tracer"/"silent": "none", &/' "$scratch/gc.json" >"$scratch/refused.json"
check "the silent level is one of the axis" refused 'axes[1].silent: the label of one of its levels is wanted'

run sweep --plan --json tracing-comparison
built_in_is_whole() {
    python3 - "$scratch/out" data/sweeps/tracing-comparison.json <<'END'
import json, sys
plan, file = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
assert plan["file"] == file
axis, = plan["axes"]
assert axis["levels"][axis["silent"]] == "off"
END
}
check "a sweep that is built in is taken by its name" built_in_is_whole
run sweep --plan tracing-comparisn
check "one that is not is told with the nearest" grep -qF 'no sweep "tracing-comparisn" is built in; did you mean tracing-comparison?' "$scratch/err"
run sweep list
check "those that are built in are listed" golden sweep-list.txt "$scratch/out"
run sweep list --json
list_is_whole() {
    python3 - "$scratch/out" data/sweeps <<'END'
import json, os, sys
rows = json.load(open(sys.argv[1]))
assert sorted(r["name"] + ".json" for r in rows) == sorted(os.listdir(sys.argv[2]))
assert all(r["runs"] == r["settings"] * r["repetitions"] and r["estimate_s"] > 0 and r["description"] for r in rows)
END
}
check "the list for programs is whole" list_is_whole

run sweep
check "a sweep has to be named" ended 2
run sweep --resume "$scratch/absent"
check "one that is not there cannot be resumed" ended 2
run sweep --resume "$scratch" "$scratch/gc.json"
check "a file is not resumed" ended 2
run sweep --budget soon "$scratch/gc.json"
check "a budget is a time" grep -q -- '--budget must be a time' "$scratch/err"
run sweep --repetitions 0 "$scratch/gc.json"
check "there is one repetition at least" grep -q -- '--repetitions must be a number' "$scratch/err"
tap_end
