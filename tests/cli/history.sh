#!/bin/bash
# ouroscope history: what it prints, in each form, of a small table of results; and of the published one, where it is.
. tests/cli/tap.sh

table=$scratch/results.tsv

# number RUN SECTION LABEL METRIC VALUE: a line of the table
number() {
    printf 'report\tvalue\t%s\t%s\t%%\t%s\t%s\t%s\n' "$2" "$3" "$4" "$1" "$5" >>"$table"
}
printf 'report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n' >"$table"
day=10
for run in 1.0:6.0 1.1-pre:6.1 1.1:5.9 1.2:6.05 1.10:5.95 2.0:3.0 2.1:3.05 2.2:2.95; do
    name=${run%:*}
    number "$name" summary "Cluster system start date" "" "2026-01-$day"
    number "$name" summary "Cluster system start time" "" "08:00:00"
    number "$name" summary "Identifier" "ident" "$name"
    number "$name" resource "Process CPU usage" CentiCpu "${run#*:}"
    number "$name" resource "RSS" RSS "100$day"
    day=$((day + 1))
done

history_of() {
    run history "$@"
    ended 0
}
text() {
    history_of --width 100 CentiCpu "$table" && sed 's/ouroscope [0-9.]*$/ouroscope VERSION/' "$scratch/out" >"$scratch/text" &&
        golden history.txt "$scratch/text"
}
check "text is as it is expected" text
csv() {
    history_of --format csv CentiCpu "$table" &&
        grep -q '^2.0,2026-01-15,"CPU, %",machperf/CentiCpu,' "$scratch/out"
}
check "CSV has every number" csv
json() {
    history_of --json CentiCpu "$table" && python3 - "$scratch/out" <<'END'
import json, sys
h = json.load(open(sys.argv[1]))
s, = h["series"]
assert [r["title"] for r in h["runs"]][5] == "2.0"
assert [l["firstPoint"] for l in s["levels"]] == [0, 5] and s["levels"][1]["points"] == 3
assert abs(s["levels"][1]["changePercent"] + 50) < 1e-9 and s["levels"][1]["pAdjusted"] < .001
assert h["seriesSearched"] == 1 and not s["last"]["unusual"]
END
}
check "history.json has levels and points" json
fits_schema() {
    python3 - docs/formats/history.schema.json "$scratch/out" <<'END'
import json, sys, jsonschema
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
END
}
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
    check "and is as its schema says" fits_schema
fi
page() {
    history_of -o "$scratch/history.html" all "$table" && grep -q '<html' "$scratch/history.html"
}
check "a page is written" page
order() {
    history_of --json --by version CentiCpu "$table" &&
        same '1.0 1.1-pre 1.1 1.2 1.10 2.0 2.1 2.2' <(python3 -c 'import json, sys
print(*[r["title"] for r in json.load(open(sys.argv[1]))["runs"]])' "$scratch/out")
}
check "versions stand in their order" order
least() {
    history_of --json --minimum-change 60 CentiCpu "$table" && ! grep -q '"firstPoint": 5' "$scratch/out"
}
check "small changes can be left out" least

twice() {
    history_of --json CentiCpu "$table" && cp "$scratch/out" "$scratch/once.json" &&
        history_of --json CentiCpu "$table" "$table" &&
        python3 -c 'import json, sys
once, twice = (json.load(open(name)) for name in sys.argv[1:])
assert once["repeatedRuns"] == 0 and twice["repeatedRuns"] == len(once["runs"])
assert once["series"] == twice["series"]' "$scratch/once.json" "$scratch/out"
}
check "a table that is given twice counts once" twice
mixed() {
    local recorded=tests/data/repeated
    "$OUROSCOPE" variance --json "$recorded"/base-[123].json.zst >"$scratch/v.json" &&
        history_of cdf0.50 "$scratch/v.json" "$recorded/base-1.json.zst" "$recorded/base-4.json.zst" &&
        grep -q '^4 runs' "$scratch/out" && grep -q '1 run was given' "$scratch/out"
}
check "so does a run of a variance file that is given, too" mixed

# refused STATUS TEXT OPTIONS...
refused() {
    local wanted=$1 text=$2
    shift 2
    run history "$@"
    ended "$wanted" && grep -qF -- "$text" "$scratch/err" || { cat "$scratch/err"; return 1; }
}
check "a metric that there is not" refused 2 "is CentiCpu meant?" CentiCup "$table"
check "a metric that no run has" refused 1 "none of these runs has a number for Alloc" Alloc "$table"
check "a table that there is not" refused 1 "nowhere.tsv" CentiCpu "$scratch/nowhere.tsv"
check "no runs" refused 2 "RUN" CentiCpu
check "a threshold is a number" refused 2 "--threshold must be a number" --threshold low CentiCpu "$table"
check "a level has two runs" refused 2 "--least-runs must be a number from 2" --least-runs 1 CentiCpu "$table"

published=${OUROSCOPE_SHARED_DATA:-../shared/data}/published/published_results.tsv
drops() {
    history_of --format csv CentiCpu "$published" && [ "$(grep -c '^10\.7\.1,2026-04-1' "$scratch/out")" -ge 2 ]
}
if [ -e "$published" ]; then
    check "published: processor usage drops at 10.7.1, with both workloads" drops
    run history all "$published"
    check "of many series those that changed most come before the long table" \
        bash -c 'grep -n "The series that changed most\|^.. Changes of level" "$1" | head -1 | grep -q most' - "$scratch/out"
fi
tap_end
