#!/bin/bash
# The benchmark of the local cluster: how late 52 reference nodes begin their slots on this
# machine, and what memory and processor time they take. README.md explains the figures.
#
#   BENCH_SLOTS=180        slots of a second, of each run
#   BENCH_ROUNDS=3         runs without load and with it, in turns
#   BENCH_CLUSTERS=DIR     where the runs go for the time being (a temporary folder)
#   BENCH_PROGRAM=EXE      measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

slots=${BENCH_SLOTS:-180}
rounds=${BENCH_ROUNDS:-3}
build="build-bench"
work=$(mktemp -d "${BENCH_CLUSTERS:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
table=$build/cluster.tsv
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

build_release() {
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
    [ -z "${BENCH_PROGRAM:-}" ] || return 0
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build ouroscope >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
}

# run_once CASE SCENARIO ROUND: leaves the run in $work/runs.
run_once() {
    say "$1, round $3: 52 nodes, $slots slots"
    "$program" run model-52 --dir "$work/runs" --ident "$1-$3" --progress never --overlay \
        "{\"scenario\": \"$2\", \"node\": {\"shutdown_on_slot_synced\": $slots}, \"generator\": {\"init_cooldown\": 1}}" \
        >"$work/report" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
    keep "$1" "$work"/runs/*
    rm -rf "$work/runs"
}

# column NAME: its number in slots.csv
column() { head -n 1 "$1" | tr ',' '\n' | grep -nx -- "$2" | cut -d : -f 1; }

# at SHARE: that quantile of the sorted numbers on standard input
at() { awk -v share="$1" '{ x[NR] = $1 } END { print x[1 + int(share * (NR - 1) + 0.5)] }'; }

# keep CASE RUN: a row of the table.
keep() {
    local csv=$2/analysis/slots.csv json=$2/analysis/analysis.json
    cut -d , -f "$(column "$csv" startDelay)" "$csv" | grep '^[0-9]' | sort -g >"$work/late"
    {
        printf '%s\t%s' "$1" "$(wc -l <"$work/late")"
        printf '\t%s' "$(at 0.5 <"$work/late")" "$(at 0.95 <"$work/late")" "$(at 0.99 <"$work/late")" \
            "$(tail -n 1 "$work/late")"
        jq -r '[.metrics.machperf.RSS.mean, .metrics.machperf.RSS.max,
                .metrics.machperf.CentiCpu.mean * (.hosts | map(select(.clusterMember)) | length) / 100,
                .chain.accepted, .metrics.endtoend["cdf0.98"].median // 0]
               | "\t" + (map(tostring) | join("\t"))' "$json"
    } >>"$table"
}

report() {
    awk -F '\t' '
        { n[$1]++; for (i = 3; i <= 9; i++) sum[$1, i] += $i; if ($6 > worst[$1]) worst[$1] = $6 }
        END {
            printf "%-10s %9s %9s %9s %9s %9s %9s %12s\n", "", "median ms", "p95 ms", "p99 ms",
                   "worst ms", "RSS MB", "most MB", "processors"
            for (c in n) {
                printf "%-10s %9.2f %9.2f %9.2f %9.2f %9.1f %9.1f %12.2f\n", c, 1e3 * sum[c, 3] / n[c],
                       1e3 * sum[c, 4] / n[c], 1e3 * sum[c, 5] / n[c], 1e3 * worst[c],
                       sum[c, 7] / n[c], sum[c, 8] / n[c], sum[c, 9] / n[c]
                printf "%-52s %9.2f %-6s %s\n", c ": median lateness of slots below 5 ms",
                       1e3 * sum[c, 3] / n[c], "ms", 1e3 * sum[c, 3] / n[c] < 5 ? "met" : "MISSED"
            }
        }' "$table"
}

build_release
: >"$table"
for ((round = 1; round <= rounds; round++)); do
    run_once idle fixed $round
    run_once loaded fixed-loaded $round
done
report
say "Written to $table."
