#!/bin/bash
# A sweep over the run-time settings of a program that GHC has compiled: a larger allocation area has to lower the number of
# minor collections. (More capabilities, each with an area of its own, lower it, too, but only where processors are free.)
. tests/cli/tap.sh

give_up() {
    skip "a GHC program is swept" "$1"
    tap_end
    exit
}

if ! command -v ghc >/dev/null; then
    [ "$(id -u)" = 0 ] && timeout 250 sh scripts/setup-debian.sh ghc >"$scratch/setup.log" 2>&1
    command -v ghc >/dev/null || give_up "GHC cannot be installed"
fi
program=$scratch/Allocating
cp tests/support/Allocating.hs "$scratch"
(cd "$scratch" && ghc -v0 -O1 -threaded -rtsopts Allocating.hs) >"$scratch/ghc.log" 2>&1 ||
    give_up "this GHC cannot compile: $(head -1 "$scratch/ghc.log")"

cat >"$scratch/allocating.json" <<PROFILE
{
  "name": "allocating",
  "desc": "a program that allocates a quarter of a gigabyte",
  "scenario": "fixed",
  "composition": { "n_singular_hosts": 1, "n_dense_hosts": 0 },
  "node": {
    "kind": "command",
    "rts_stats": "summary",
    "command": { "argv": ["$program", "%{rts}", "100000"], "ready": { "kind": "at-once" }, "ends_by_itself": true }
  },
  "run": { "max_duration_s": 120 }
}
PROFILE
cat >"$scratch/sweep.json" <<SWEEP
{
  "name": "areas",
  "desc": "allocation area and capabilities",
  "profile": "allocating.json",
  "axes": [
    { "name": "allocation area", "rts": ["-A1m", "-A4m", "-A16m"] },
    { "name": "capabilities", "rts": ["-N1", "-N2"] }
  ],
  "repetitions": 2,
  "seed": 7,
  "metrics": ["rtsMinorGcs", "rtsTotalWall"]
}
SWEEP

run sweep "$scratch/sweep.json" --dir "$scratch/swept"
check "the sweep comes to its end" ended 0
cp "$scratch/err" "$scratch/said"

made() { # DIRECTORY PATTERN COUNT
    local count
    count=$(find "$1" -mindepth 1 -maxdepth 1 -name "$2" | wc -l)
    [ "$count" -eq "$3" ] || { echo "$count instead of $3"; cat "$scratch/said"; return 1; }
}
check "twelve runs were made" made "$scratch/swept/runs" '20*' 12

run sweep report "$scratch/swept" --json
check "its results are read by programs" ended 0
cp "$scratch/out" "$scratch/results.json"

larger_areas_collect_less() {
    python3 - "$scratch/results.json" <<'PYTHON'
import json, sys

results = json.load(open(sys.argv[1]))
metric = next(m for m in results["metrics"] if m["metric"]["id"] == "rtsMinorGcs")
axes = [axis["name"] for axis in results["axes"]]
area = axes.index("allocation area")
means = [level["mean"] for level in metric["levels"] if [place[0] for place in level["at"]] == [area]]
print(means)
assert means[0] > 3 * means[1] > 9 * means[2] > 0, "areas four times as large"
best = results["settings"][metric["settings"][0]["setting"]]["label"]
assert "-A16m" in best, best
assert metric["effects"][0]["p"] < 0.001, metric["effects"][0]
PYTHON
}
check "a larger allocation area means fewer minor collections" larger_areas_collect_less

tells() { grep -q -- "$1" "$scratch/swept/report.md" || { echo "not in the report: $1"; return 1; }; }
check "the report names the levels" tells '-A16m'
check "the report has the metric by its name" tells 'minor collections'
tap_end
