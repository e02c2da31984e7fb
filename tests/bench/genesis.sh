#!/bin/bash
# The benchmark of genesis files: making large ones, changing their parameters, copying and checking them.
# README.md explains the figures.
#
#   BENCH_SCALE=1      size of the data sets; 1 is four million UTxO entries and a million delegators, and thirty million
#                      UTxO entries
#   BENCH_ROUNDS=5     how often everything is measured
#   BENCH_FOLDER=DIR   where the files go for the time being (a temporary folder; 6 GB)
#   BENCH_PROGRAM=EXE  measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

build="build-bench"
table=$build/genesis.tsv
rounds=${BENCH_ROUNDS:-5}
scale=${BENCH_SCALE:-1}
work=$(mktemp -d "${BENCH_FOLDER:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

build_release() {
    local targets=(tests/bench/measure)

    [ -n "${BENCH_PROGRAM:-}" ] || targets+=(ouroscope)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build "${targets[@]}" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
    measure=$build/tests/bench/measure
}

# overlay UTXO DELEGATORS DREPS BODY_BYTES: a file with that part of a profile, scaled.
overlay() {
    local file
    file=$(mktemp "$work/overlay.XXXXXX")
    awk -v s="$scale" -v u="$1" -v d="$2" -v r="$3" -v b="$4" 'BEGIN {
        printf "{\"genesis\": {\"utxo\": %d, \"delegators\": %d, \"dreps\": %d, \"per_pool_balance\": 1000000000000000, ", u * s, d * s, r * s
        printf "\"shelley\": {\"protocolParams\": {\"maxBlockBodySize\": %d}}}}\n", b }' >"$file"
    echo "$file"
}

# Behind each row the bytes of the genesis files in a folder.
keep() { awk -F '\t' -v OFS='\t' -v bytes="$(cat "$1"/*.json | wc -c)" '{ print $0, bytes }' >>"$table"; }

# set NAME UTXO DELEGATORS DREPS: making it, from nothing; other parameters in place; a copy of what is kept; a check.
set_of() {
    local name=$1 one other create dir=$work/g cache=$work/cache
    shift
    one=$(overlay "$@" 90112)
    other=$(overlay "$@" 80000)
    create="'$program' genesis create --quiet --cache $cache"
    "$measure" -n "$rounds" "$name-made=rm -rf $dir $cache; exec $create --overlay $one ci-bench $dir" >"$work/rows"
    # Two times each, so that every call changes something.
    "$measure" -n "$rounds" \
        "$name-parameters=$create --overlay $other ci-bench $dir; exec $create --overlay $one ci-bench $dir" \
        "$name-copied=rm -rf $dir; exec $create --overlay $one ci-bench $dir" \
        "$name-checked=exec '$program' genesis check $dir >/dev/null" >>"$work/rows"
    keep "$dir" <"$work/rows"
    rm -rf "$dir" "$cache"
}

report() {
    awk -F '\t' '
        NR == 1 { printf "%-22s %9s %20s %9s %9s\n", "", "wall s", "(min .. max)", "MiB", "file GB"; next }
        { printf "%-22s %9.3f %9.3f..%-9.3f %9.0f %9.2f\n", $1, $4, $3, $5, $10 / 1048576, $12 / 1e9
          wall[$1] = $4; resident[$1] = $11 / 1048576 }
        function budget(text, value, unit, met) {
            printf "%-62s %9.2f %-4s %s\n", text, value, unit, met ? "met" : "MISSED"
        }
        END {
            print ""
            budget("4 M UTxO, 1 M delegators, 100 k DReps: below 60 s", wall["delegators-made"], "s", wall["delegators-made"] < 60)
            budget("and below 1 GiB of memory", resident["delegators-made"], "MiB", resident["delegators-made"] < 1024)
            budget("30 M UTxO: below 1 GiB of memory", resident["utxo-made"], "MiB", resident["utxo-made"] < 1024)
            budget("two changes of parameters, each a process: below 100 ms", 1e3 * wall["delegators-parameters"], "ms",
                   wall["delegators-parameters"] < 0.1)
        }' "$table"
}

build_release
columns='name\trounds\twall_min_s\twall_median_s\twall_max_s\tcpu_min_s\tcpu_median_s\tcpu_max_s'
columns+='\tresident_min_bytes\tresident_median_bytes\tresident_max_bytes\tbytes'
printf '%b\n' "$columns" >"$table"
set_of delegators 4000000 1000000 100000
set_of utxo 30000000 0 0
report
say "Written to $table."
