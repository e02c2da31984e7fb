#!/bin/bash
# How late 52 reference nodes begin their slots on this machine, and what memory and processor time they take; beside
# it cyclictest, with as many threads that do nothing but wake up once a second.
#
#   BENCH_SLOTS=60         slots of a second, of each run
#   BENCH_ROUNDS=2         runs without load and with it, in turns
#   BENCH_CLUSTERS=DIR     where the runs go for the time being (a temporary folder)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

slots=$(setting BENCH_SLOTS 60 10)
rounds=$(setting BENCH_ROUNDS 2 1)
begin cluster "${BENCH_CLUSTERS:-${TMPDIR:-/tmp}}"

# column FILE NAME: its number in slots.csv
column() { head -n 1 "$1" | tr ',' '\n' | grep -nx -- "$2" | cut -d : -f 1; }

# note_lateness SUBJECT: of sorted milliseconds on standard input.
note_lateness() {
    awk -v OFS='\t' -v subject="$1" '
        { x[NR] = $1 }
        function at(share) { return x[1 + int(share * (NR - 1) + 0.5)] }
        END { print subject, "lateness, median", "ms", at(0.5)
              print subject, "95 %", "ms", at(0.95)
              print subject, "99 %", "ms", at(0.99)
              print subject, "worst", "ms", at(1) }' >>"$values"
}

note_run() { # SUBJECT RUN
    local csv=$2/analysis/slots.csv
    cut -d , -f "$(column "$csv" startDelay)" "$csv" | awk '/^[0-9]/ { print 1e3 * $1 }' | sort -g | note_lateness "$1"
    jq -r --arg subject "$1" '
        [["memory of a node", "MB", .metrics.machperf.RSS.mean], ["most", "MB", .metrics.machperf.RSS.max],
         ["processors, all nodes", "", .metrics.machperf.CentiCpu.mean * (.hosts | map(select(.clusterMember)) | length) / 100]]
        | .[] | [$subject] + . | @tsv' "$2/analysis/analysis.json" >>"$values"
}

run_once() { # SUBJECT SCENARIO ROUND
    say "$1, round $3 of $rounds: 52 nodes, $slots slots"
    "$program" run model-52 --dir "$work/runs" --ident "round-$3" --progress never --overlay \
        "{\"scenario\": \"$2\", \"node\": {\"shutdown_on_slot_synced\": $slots}, \"generator\": {\"init_cooldown\": 1}}" \
        >"$work/report" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
    note_run "$1" "$work"/runs/*
    rm -rf "$work/runs"
}

# Its histogram has a line of each microsecond, and a column of each thread; what is beyond it counts as its end.
run_cyclictest() {
    command -v cyclictest >/dev/null || { say 'cyclictest is left out: it is not installed'; return 0; }
    say "cyclictest: 52 threads, $slots wake-ups of each"
    cyclictest --quiet --threads=52 --distance=0 --interval=1000000 --loops="$slots" --policy=other --priority=0 \
        --histogram=20000 >"$work/histogram" 2>"$work/said" || { cat "$work/said" >&2; return 0; }
    awk '/^[0-9]/ { for (i = 2; i <= NF; i++) for (k = 0; k < $i; k++) print $1 / 1000 }' "$work/histogram" |
        note_lateness 'cyclictest, 52 threads'
}

build
for ((round = 1; round <= rounds; round++)); do
    run_once '52 nodes, idle' fixed $round
    run_once '52 nodes, loaded' fixed-loaded $round
    run_cyclictest
done
finish
