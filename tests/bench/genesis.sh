#!/bin/bash
# The benchmark of genesis files: making large ones, changing their parameters, copying and checking them.
# README.md explains the figures.
#
#   BENCH_SCALE=1      size of the data sets; 1 is four million UTxO entries and a million delegators, and thirty million
#                      UTxO entries
#   BENCH_ROUNDS=2     how often everything is measured
#   BENCH_FOLDER=DIR   where the files go for the time being (a temporary folder; 6 GB)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

rounds=$(setting BENCH_ROUNDS 2 1)
scale=$(setting BENCH_SCALE 1 0.02)
begin genesis "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"

# overlay UTXO DELEGATORS DREPS BODY_BYTES: a file with that part of a profile, scaled.
overlay() {
    local file
    file=$(mktemp "$work/overlay.XXXXXX")
    awk -v s="$scale" -v u="$1" -v d="$2" -v r="$3" -v b="$4" 'BEGIN {
        printf "{\"genesis\": {\"utxo\": %d, \"delegators\": %d, \"dreps\": %d, \"per_pool_balance\": 1000000000000000, ", u * s, d * s, r * s
        printf "\"shelley\": {\"protocolParams\": {\"maxBlockBodySize\": %d}}}}\n", b }' >"$file"
    echo "$file"
}

# set_of NAME UTXO DELEGATORS DREPS: making it, from nothing; other parameters in place; a copy of what is kept; a check.
set_of() {
    local name=$1 one other create dir=$work/g cache=$work/cache
    shift
    one=$(overlay "$@" 90112)
    other=$(overlay "$@" 80000)
    create="'$program' genesis create --quiet --cache $cache"
    "$measure" -n "$rounds" "$name, made=rm -rf $dir $cache; exec $create --overlay $one ci-bench $dir" >"$work/rows"
    # Two times each, so that every call changes something.
    "$measure" -n "$rounds" \
        "$name, two changes of parameters=$create --overlay $other ci-bench $dir; exec $create --overlay $one ci-bench $dir" \
        "$name, copied from the cache=rm -rf $dir; exec $create --overlay $one ci-bench $dir" \
        "$name, checked=exec '$program' genesis check $dir >/dev/null" >>"$work/rows"
    note_commands <"$work/rows"
    note "$name, made" size GB "$(cat "$dir"/*.json | wc -c | awk '{ print $1 / 1e9 }')"
    rm -rf "$dir" "$cache"
}

build tests/bench/measure
set_of delegators 4000000 1000000 100000
set_of utxo 30000000 0 0
finish
