#!/bin/bash
# `variance`: a set of repeated runs, in any form that runs are kept in.
. tests/cli/tap.sh

unset NO_COLOR
export COLUMNS=100

# refused STATUS PATTERN ARGUMENTS...
refused() {
    local wanted=$1 pattern=$2
    shift 2
    run variance "$@"
    ended "$wanted" && same '' "$scratch/out" && {
        grep -q -- "^ouroscope variance: $pattern" "$scratch/err" || { cat "$scratch/err"; return 1; }
    }
}

# Six runs: one analysis, with another start and other speeds each; in run 5 the processor is busy.
runs=$scratch/runs
for i in 1 2 3 4 5 6; do
    mkdir -p "$runs/r$i/analysis"
    jq --argjson i "$i" \
        '.run.ident = "r\($i)" | .run.nodeVersion = "8.0.0"
        | .genesis.systemStart = "2023-03-22T0\($i):00:00Z"
        | .metrics.endtoend[].mean *= 1 + 0.01 * ($i % 3)
        | .metrics.machperf.CentiCpu.mean = (if $i == 5 then 40 else 10 + 0.1 * ($i % 4) end)' \
        tests/data/report/run.json >"$runs/r$i/analysis/analysis.json"
done

# ---- what it says ----

run variance "$runs"/r*
check "runs give a report" ended 0
check "nothing is said on standard error" same '' "$scratch/err"
cp "$scratch/out" "$scratch/plain.txt"
sed '/^── With --full/,$d' "$scratch/out" >"$scratch/words"
check "it is text, with the columns of multi-run tables" golden variance.txt "$scratch/words"
check "no line is wider than the page" bash -c '! grep -n ".\{101\}" "$1"' - "$scratch/out"
check "a run that stands apart is named" grep -q '^  run  *r5  *CPU' "$scratch/out"
run variance "$runs"/r{6,5,4,3,2,1}
check "the order of operands does not matter" cmp "$scratch/plain.txt" "$scratch/out"
run variance --aspect overall "$runs"/r*
check "--aspect overall tells of all samples" grep -q '^── All samples of all runs' "$scratch/out"
check "which are more than there are runs" bash -c 'grep -A11 "End-to-end" "$1" | grep -q "In each row: .*size 18\.$"' - "$scratch/out"
run variance --full "$runs"/r*
check "--full has what text leaves out" grep -q '^── 95 % intervals of quantiles' "$scratch/out"
check "which is named where it is left out" \
    grep -q '95 % intervals of quantiles' <(sed -n '/^── With --full/,$p' "$scratch/plain.txt")

# ---- forms ----

run variance --format org "$runs"/r*
sed -n '/in the layout of existing tools/,$p' "$scratch/out" >"$scratch/org"
check "Org has the tables of existing tools, too" golden variance.org "$scratch/org"
run variance --json "$runs"/r*
check "--json is the variance file" jq -e '.schema == 1 and .kind == "variance" and (.runs | length) == 6' "$scratch/out"
check "with what was asked of it" \
    jq -e '.metrics.machperf.CentiCpu | .oddRuns[0].name == "r5" and .runs == 6 and (.meanInterval | length) == 2' "$scratch/out"
cp "$scratch/out" "$scratch/variance.json"
run variance --json --out "$scratch/again.json" "$runs"/r*
check "the same input gives the same bytes" cmp "$scratch/variance.json" "$scratch/again.json"
run variance --json "$scratch/variance.json"
check "the file stands for its runs" \
    cmp <(jq '[.metrics[][] | .interRun, .meanInterval]' "$scratch/variance.json") \
    <(jq '[.metrics[][] | .interRun, .meanInterval]' "$scratch/out")
run variance --out "$scratch/page.html" "$runs"/r*
check "--out NAME.html is a page" grep -qi '^<!doctype html>' "$scratch/page.html"
run variance --seed 7 --resamples 200 --json "$runs"/r*
check "seed and resamples are kept with the result" jq -e '.seed == 7' "$scratch/out"

# ---- operands ----

gzip -c "$runs/r1/analysis/analysis.json" >"$scratch/r1.json.gz"
run variance "$runs/r2" "$scratch/r1.json.gz"
check "a packed analysis is one, too" ended 0
run variance "$runs/r1"
check "one run says nothing about others" grep -q 'This is one run' "$scratch/out"
check "a run that is given twice is refused" refused 1 'r1.* stands there twice' "$runs/r1" "$scratch/r1.json.gz"
example=tests/data/examples/01-propagation
mkdir -p "$scratch/raw/genesis"
cp $example/genesis-shelley.json "$scratch/raw/genesis/shelley.json"
for host in node-0 node-1 node-2; do
    mkdir -p "$scratch/raw/logs/$host"
    cp $example/logs-$host.json "$scratch/raw/logs/$host/node.json"
done
run variance "$scratch/raw"
check "a run that was not analysed is analysed first" ended 0
check "which is said" \
    same "ouroscope variance: $scratch/raw has no analysis yet; it is analysed first" "$scratch/err"

# ---- what is refused ----

jq '.run.profile = "other"' "$runs/r2/analysis/analysis.json" >"$scratch/other.json"
check "runs that are not alike are refused with what differs" \
    refused 1 'the runs differ in what has to be the same: profile: ci-test in r1, other in r2' "$runs/r1" "$scratch/other.json"
run variance --allow-different "$runs/r1" "$scratch/other.json"
check "--allow-different lists it and goes on" grep -q 'Not alike: profile is ci-test in r1 and other in r2' "$scratch/out"
check "a mistyped name gets a hint" refused 1 "there is no .*runs/r7; is .*runs/r. meant?" "$runs/r7"
mkdir "$scratch/nothing"
check "a directory of nothing has a next step" refused 1 '.*`ouroscope analyse .*nothing`' "$scratch/nothing"
check "what is no file of results is refused" refused 1 'README.md: neither an analysis' README.md
check "without runs it is wrong usage" refused 2 '' </dev/null
check "resamples have bounds" refused 2 '--resamples must be a number from 100 to 100000' --resamples 1000000 "$runs/r1"

run variance --full tests/data/repeated/ci-test-*.zst
check "of metrics with one name, the section stands behind each" grep -Eq '^ *block context \(forger\) +0\.64 ' "$scratch/out"
tap_end
