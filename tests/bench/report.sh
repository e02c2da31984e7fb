#!/bin/bash
# The benchmark of reports: how long variance, comparison and the HTML of them take over runs of
# 52 hosts and 2,500 blocks, and how large the pages are. README.md explains the figures.
#
#   BENCH_RUNS=6           runs, half of them on each side of the comparison
#   BENCH_ROUNDS=5         how often everything is measured, in turns
#   BENCH_FOLDER=DIR       where the runs go for the time being (a temporary folder; 5 GB)
#   BENCH_PROGRAM=EXE      measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${BENCH_RUNS:-6}
rounds=${BENCH_ROUNDS:-5}
build="build-bench"
work=$(mktemp -d "${BENCH_FOLDER:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

build_release() {
    local targets=(tests/bench/cluster-logs tests/bench/measure)

    [ -n "${BENCH_PROGRAM:-}" ] || targets+=(ouroscope)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build "${targets[@]}" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
}

# A run's results without its logs: nearly every slot has a block, so that 2,500 of them take few lines.
make_runs() {
    local i
    for ((i = 1; i <= runs; i++)); do
        $build/tests/bench/cluster-logs --out "$work/run-$i" --slots 2750 --active-slots 0.95 --seed "$i" >"$work/said"
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
    "$build/tests/bench/measure" -n "$rounds" \
        "one run, HTML='$program' report --quiet --out $work/one.html $work/run-1" \
        "one run, text='$program' report --quiet --format text $work/run-1" \
        "variance, text='$program' variance ${base[*]} ${new[*]}" \
        "variance, HTML='$program' report --quiet --out $work/variance.html ${base[*]} ${new[*]}" \
        "comparison, text='$program' compare --fail-on never ${base[*]} -- ${new[*]}" \
        "comparison, HTML='$program' report --quiet --out $work/comparison.html ${base[*]} -- ${new[*]}" \
        >"$work/rows"
}

show() {
    awk -F '\t' '{ printf "%-18s %8.3f s (%.3f..%.3f), %6.0f MiB\n", $1, $4, $3, $5, $10 / 1048576 }' "$work/rows"
    stat -c '%n %s' "$work"/*.html | awk '{ sub(/.*\//, ""); printf "%-18s %8.2f MB\n", $1, $2 / 1e6 }'
}

build_release
make_runs
measure_reports
show
