#!/bin/bash
# What memory an analysis takes: as the lines grow around the same blocks, as blocks grow, and at the size of published
# runs, 52 hosts of five million lines each.
#
#   BENCH_SCALE=1      size of the logs; 1 is 5 GB at most where lines grow, and 14 GB for the large run
#   BENCH_FOLDER=DIR   where the logs go for the time being (a temporary folder)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

scale=$(setting BENCH_SCALE 1 0.02)
rounds=$(setting BENCH_ROUNDS 3 1)
begin memory "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"
logs=$work/logs

# analyse_as NAME: with one thread and with two.
analyse_as() {
    warm "$logs"
    "$measure" -n "$rounds" \
        "$1, 1 thread='$program' analyse --no-write --quiet --threads 1 $logs" \
        "$1, 2 threads='$program' analyse --no-write --quiet --threads 2 $logs" >"$work/rows"
    note_commands "$bytes" "$lines" <"$work/rows"
    note "$1, 2 threads" "read" GB "$(awk -v b="$bytes" 'BEGIN { print b / 1e9 }')"
    rm -rf "$logs"
}

# The same blocks, ever more lines around them.
lines_grow() {
    local slots factor per_host
    slots=$(times 180 "$scale")
    per_host=$((slots * 79))
    for factor in 1 4 16; do
        has_room $((per_host * factor * 52 * 450)) || { say "lines x$factor is left out: not enough room in $work"; continue; }
        generate "lines x$factor" --slots "$slots" --active-slots 0.1 --lines-per-host $((per_host * factor)) --out "$logs"
        analyse_as "lines x$factor"
    done
}

# As many lines, ever more of them about blocks: what memory does grow with.
blocks_grow() {
    local slots share
    slots=$(times 720 "$scale")
    for share in 0.05 0.2 0.8; do
        generate "blocks in $share of slots" --slots "$slots" --active-slots "$share" --lines-per-host $((slots * 79)) --out "$logs"
        analyse_as "blocks in $share of the slots"
    done
}

# Eight hosts' logs of 64,000 slots, read under 52 names through as many pipes: 52 distinct hosts would be 91 GB on the disk.
# What memory depends on (blocks, hosts, slots) is that of 52 hosts; `cat` takes a part of the time.
large_run() {
    local slots hosts host i=0 arguments=''
    slots=$(times 64000 "$scale")
    has_room $((slots * 250000)) || { say "the large run is left out: not enough room in $work"; return 0; }
    generate 'eight hosts of the large run' --hosts 8 --slots "$slots" --lines-per-host $((slots * 79)) --out "$logs"
    mapfile -t hosts < <(find "$logs/logs" -mindepth 1 -maxdepth 1 -type d | sort)
    for ((i = 0; i < 52; i++)); do
        host=${hosts[i % 8]}
        arguments+=" host-$i=<(cat $host/*.json)"
    done
    printf "exec '%s' analyse --quiet --threads 2 --genesis %s %s\n" "$program" "$logs/genesis/shelley.json" "$arguments" >"$work/large"
    "$measure" -n 1 "52 hosts of $((slots * 79)) lines, 2 threads=exec bash $work/large" >"$work/rows"
    note_commands $((bytes * 52 / 8)) $((lines * 52 / 8)) <"$work/rows"
}

build tests/bench/cluster-logs tests/bench/measure
lines_grow
blocks_grow
large_run
finish
