#!/bin/bash
# The benchmark of reports: how long variance, comparison and the HTML of them take over runs of
# 52 hosts and 2,500 blocks, and how large the pages are. README.md explains the figures.
#
#   BENCH_RUNS=6           runs, half of them on each side of the comparison
#   BENCH_SLOTS=2750       slots of each; nearly all have a block
#   BENCH_ROUNDS=5         how often everything is measured, in turns
#   BENCH_FOLDER=DIR       where the runs go for the time being (a temporary folder; 5 GB)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

runs=$(setting BENCH_RUNS 6 2)
slots=$(setting BENCH_SLOTS 2750 300)
rounds=$(setting BENCH_ROUNDS 5 1)
begin report "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"

# A run's results without its logs: nearly every slot has a block, so that 2,500 of them take few lines.
make_runs() {
    local i
    for ((i = 1; i <= runs; i++)); do
        "$cluster_logs" --out "$work/run-$i" --slots "$slots" --active-slots 0.95 --seed "$i" >"$work/said"
        "$program" analyse --quiet --no-filters "$work/run-$i" >"$work/text"
        rm -rf "$work/run-$i/logs"
        say "run $i of $runs: $(jq .chain.accepted "$work/run-$i/analysis/analysis.json") blocks," \
            "$(stat -c %s "$work/run-$i/analysis/analysis.json") bytes"
    done
}

measure_reports() {
    local base=() new=() i
    for ((i = 1; i <= runs; i++)); do
        if ((i % 2)); then base+=("$work/run-$i"); else new+=("$work/run-$i"); fi
    done
    "$measure" -n "$rounds" \
        "one run, HTML='$program' report --quiet --out $work/one.html $work/run-1" \
        "one run, text='$program' report --quiet --format text $work/run-1" \
        "variance, text='$program' variance ${base[*]} ${new[*]}" \
        "variance, HTML='$program' report --quiet --out $work/variance.html ${base[*]} ${new[*]}" \
        "comparison, text='$program' compare --fail-on never ${base[*]} -- ${new[*]}" \
        "comparison, HTML='$program' report --quiet --out $work/comparison.html ${base[*]} -- ${new[*]}" \
        >"$work/rows"
}

note_pages() {
    stat -c '%n %s' "$work"/*.html | sed 's|.*/||; s|\.html||' | while read -r name size; do
        note "page, $name" size MB "$(awk -v s="$size" 'BEGIN { print s / 1e6 }')"
    done
}

build tests/bench/cluster-logs tests/bench/measure
make_runs
measure_reports
note_commands <"$work/rows"
note_pages
finish
