#!/bin/bash
# How fast logs are analysed, beside wc, DuckDB and jq on the same logs in the same run.
#
#   BENCH_SCALE=1      size of the logs; 1 is about 1.2 GB
#   BENCH_ROUNDS=5     how often everything is measured, in turns
#   BENCH_FOLDER=DIR   where the logs go for the time being (a temporary folder)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

scale=$(setting BENCH_SCALE 1 0.1)
rounds=$(setting BENCH_ROUNDS 5 2)
begin speed "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"
run=$work/run one=$work/one.json slice=$work/slice.json

# DuckDB comes through npm, on demand; without npm it is left out.
get_duckdb() {
    local folder=$build/node
    duckdb=()
    if [ ! -d "$folder/node_modules/@duckdb/node-api" ]; then
        command -v npm >/dev/null || { say 'DuckDB is left out: no npm'; return 0; }
        mkdir -p "$folder"
        npm install --prefix "$folder" --no-audit --no-fund --silent @duckdb/node-api@1.5.6-r.1 >&2 ||
            { say 'DuckDB is left out: npm could not install it'; return 0; }
    fi
    duckdb=("DuckDB, count by namespace, 1 thread=node tests/bench/duckdb.mjs $folder 1 '$run/logs/*/*.json'"
            "DuckDB, count by namespace, 2 threads=node tests/bench/duckdb.mjs $folder 2 '$run/logs/*/*.json'")
}

# jq is so slow that it gets a slice.
make_logs() {
    local slots
    slots=$(times 720 "$scale")
    generate 'one file, all hosts' --slots "$slots" --single-file "$one"
    generate '52 hosts' --slots "$slots" --out "$run"
    head -n $((lines / 50)) "$one" >"$slice"
    warm "$run" "$one" "$slice"
}

# Everything that reads the same logs takes turns, so that what else the machine does meets all of them alike.
measure_readers() {
    "$measure" -n "$rounds" \
        "analyse, run directory, 1 thread='$program' analyse --no-write --quiet --threads 1 $run" \
        "wc -l, run directory=exec wc -l $run/logs/*/*.json" \
        "analyse, run directory, 2 threads='$program' analyse --no-write --quiet --threads 2 $run" \
        "analyse, one file, 1 thread='$program' analyse --quiet --threads 1 --genesis $run/genesis/shelley.json $one" \
        "wc -l, one file=exec wc -l $one" \
        "analyse, one file, 2 threads='$program' analyse --quiet --threads 2 --genesis $run/genesis/shelley.json $one" \
        "${duckdb[@]}" >"$work/rows"
    note_commands "$bytes" "$lines" <"$work/rows"
    "$measure" -n "$rounds" "jq, select one namespace (a slice)=jq -c 'select(.ns==\"Forge.Loop.ForgedBlock\")' $slice" >"$work/rows"
    note_commands "$(stat -c %s "$slice")" "$((lines / 50))" <"$work/rows"
}

build tests/bench/cluster-logs tests/bench/measure
get_duckdb
make_logs
measure_readers
finish
