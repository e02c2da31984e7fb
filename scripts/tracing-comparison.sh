#!/bin/bash
# Measures what tracing costs a node, and writes what came out: tracing-comparison.sh PROGRAM
#
#   REPETITIONS=10   runs of each of the four settings; more can be added to what is there
#   CALLS=1000000    trace calls that are timed in each of five rounds
#   SWEEP=sweeps/tracing-comparison          the runs; a session that was interrupted goes on where it stopped
#   RESULTS=docs/results/tracing-comparison  README.md, figures, results.json, calls.tsv, machine.json
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."

repetitions=${REPETITIONS:-10}
calls=${CALLS:-1000000}
sweep=${SWEEP:-sweeps/tracing-comparison}
results=${RESULTS:-docs/results/tracing-comparison}
build=build-bench
rounds=5
figures=(sweep-resources sweep-matrix)

# The same trace point in each state, in turns; once for a sweep.
time_calls() {
    [ -s "$sweep/calls.tsv" ] && return
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$sweep/calls.log"
    ninja -C $build tests/bench/trace-calls >"$sweep/calls.log"
    for _ in $(seq $rounds); do
        $build/tests/bench/trace-calls -c "$calls" -t 1 -p 2000 -o "$work/lines" off on peer legacy
        rm -rf "$work/lines"
    done >"$work/calls.tsv"
    mv "$work/calls.tsv" "$sweep/calls.tsv"
}

# A sweep that is there has its own number, which may only grow.
run_sweep() {
    "$program" sweep --dir "$sweep" --repetitions "$repetitions" tracing-comparison
}

draw_figures() {
    local charts
    rm -f "$results"/*.svg
    charts=$(sh scripts/fetch-charts.sh) && [ -n "$charts" ] && command -v node >/dev/null || {
        echo 'No pictures: node, or the libraries that draw them, cannot be had.' >&2
        return 0
    }
    node scripts/report-figures.js "$charts" "$sweep/report.html" "$results" "${figures[@]}"
}

write_results() {
    mkdir -p "$results"
    "$program" sweep report --json "$sweep" >"$results/results.json"
    cp "$sweep/calls.tsv" "$results"
    draw_figures
    python3 scripts/tracing-comparison-page.py "$sweep" "$results"
}

work=$(mktemp -d "${TMPDIR:-/dev/shm}/ouroscope-calls.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$sweep"
time_calls
run_sweep
write_results
echo "The report is $results/README.md." >&2
