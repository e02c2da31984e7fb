#!/bin/bash
# The benchmark of the results' server: a million metric rows in a database, and wrk asking for what readers ask for.
# README.md explains the figures.
#
#   BENCH_RESULTS=10000         runs in the database, of 100 metrics each
#   BENCH_SECONDS=5             how long each request is asked for
#   BENCH_CONNECTIONS=8         clients at a time
#   BENCH_DATABASES="sqlite postgres"
#   BENCH_FOLDER=DIR            where the databases go for the time being (a temporary folder; 2 GB)
#   BENCH_PROGRAM=EXE           measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${BENCH_RESULTS:-10000}
seconds=${BENCH_SECONDS:-5}
connections=${BENCH_CONNECTIONS:-8}
databases=${BENCH_DATABASES:-sqlite postgres}
build=${BENCH_BUILD:-build-bench}
work=$(mktemp -d "${BENCH_FOLDER:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
table=$build/api.tsv
server='' postgres=''
others=$(($(nproc) > 1))-$(($(nproc) - 1)) # but the first, where there are others

say() { printf '%s\n' "$*" >&2; }

stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$postgres" ] || kill "$postgres" 2>/dev/null || :
    wait
    rm -rf "$work"
}
trap stop EXIT

build_release() {
    local targets=(tests/bench/cluster-logs tests/bench/fill-results)

    [ -n "${BENCH_PROGRAM:-}" ] || targets+=(ouroscope)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build "${targets[@]}" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
}

# Two runs with everything that a publication has: what is compared.
make_runs() {
    local i
    for i in 1 2; do
        $build/tests/bench/cluster-logs --out "$work/run-$i" --slots 1200 --seed "$i" >"$work/said"
        "$program" analyse --quiet "$work/run-$i" >"$work/said"
        rm -rf "$work/run-$i/logs"
    done
}

# With fsync, as for others; its URL goes to $place.
start_postgres() {
    chmod 755 "$work"
    mkfifo "$work/postgres.in"
    python3 tests/support/postgres.py --sync "$work/postgres" <"$work/postgres.in" >"$work/postgres.out" &
    postgres=$!
    exec 9>"$work/postgres.in"
    until [ -s "$work/postgres.out" ]; do
        kill -0 "$postgres" 2>/dev/null || { say 'PostgreSQL is left out'; postgres=''; return 1; }
        sleep 0.2
    done
    place=$(jq -r .socket "$work/postgres.out")
}

# fill NAME: makes what is asked for, in $place; ids go to the variables of ask_all.
fill() {
    local start=$EPOCHREALTIME
    $build/tests/bench/fill-results -r "$runs" "$place" >"$work/ids"
    say "$1: $runs runs, $((runs * 100)) metric rows in" \
        "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }')"
    run=$(awk '$1 == "run" { print $2; exit }' "$work/ids")
    series=$(awk '$1 == "series" { print $2 }' "$work/ids")
    metric=$(awk '$1 == "metric" { print $2 }' "$work/ids")
    at=$(awk '$1 == "end" { print $2 }' "$work/ids")
    "$program" publish --json --progress never --to "$place" "$work/run-1" "$work/run-2" >"$work/published"
    base=$(jq -r .id "$work/published" | sed -n 1p)
    new=$(jq -r .id "$work/published" | sed -n 2p)
}

# The server on the first core alone; wrk, and PostgreSQL, have the others.
serve() {
    printf '{"rate": {"requests": 10000000, "seconds": 1}}\n' >"$work/serve.json"
    : >"$work/serve.err"
    taskset -c 0 "$program" serve --db "$place" --listen 127.0.0.1:0 --config "$work/serve.json" --log none \
        >"$work/serve.out" 2>"$work/serve.err" &
    server=$!
    until grep -q 'Results at' "$work/serve.err"; do
        kill -0 $server 2>/dev/null || { cat "$work/serve.err" >&2; exit 1; }
        sleep 0.1
    done
    url=$(sed -n 's/.*Results at \(http[^ ]*\)\/ .*/\1/p' "$work/serve.err")
}

# ask DATABASE NAME TARGET: a row of the table. Each answer is to be 200.
ask() {
    local status
    status=$(curl -s -o "$work/body" -w '%{http_code}' "$url$3")
    [ "$status" = 200 ] || { say "$2: $status from $3"; cat "$work/body" >&2; exit 1; }
    taskset -c "$others" wrk -t 1 -c "$connections" -d 1s "$url$3" >"$work/warm"
    taskset -c "$others" wrk -t 1 -c "$connections" -d "${seconds}s" --latency "$url$3" >"$work/wrk"
    ! grep -q 'Non-2xx' "$work/wrk" || { cat "$work/wrk" >&2; exit 1; }
    awk -v OFS='\t' -v database="$1" -v name="$2" -v bytes="$(stat -c %s "$work/body")" '
        function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
        $1 == "50%" { half = ms($2) }
        $1 == "99%" { late = ms($2) }
        $1 == "Requests/sec:" { rate = $2 }
        END { print database, name, rate, half, late, bytes }' "$work/wrk" >>"$table"
}

ask_all() {
    ask "$1" 'a run' "/api/v1/runs/$run"
    ask "$1" 'runs, 20' '/api/v1/runs?limit=20'
    ask "$1" 'runs, 100' '/api/v1/runs?limit=100'
    ask "$1" 'runs of a version, 20' '/api/v1/runs?version=3.4&limit=20'
    ask "$1" 'summaries of a run, 100' "/api/v1/runs/$run/summaries"
    ask "$1" 'a metric of a run' "/api/v1/runs/$run/summaries/$metric"
    ask "$1" 'points of a series, 100' "/api/v1/series/$series/points?metric=$metric&limit=100"
    ask "$1" 'a comparison, kept' "/api/v1/comparisons?base=$base&new=$new"
    ask "$1" 'query, one series' \
        "/prometheus/api/v1/query?query=ouroscope_${metric//[^a-zA-Z0-9]/_}%7Bseries%3D%22$series%22,stat%3D%22mean%22%7D&time=$at"
    ask "$1" 'overview, page' '/'
}

measure_sqlite() {
    place=$work/results.db
    fill sqlite
    serve
    ask_all sqlite
}

measure_postgres() {
    start_postgres || return 0
    fill postgres
    serve
    ask_all postgres
}

show() {
    printf '%-9s %-26s %11s %9s %9s %9s\n' database request requests/s 'p50 ms' 'p99 ms' bytes
    awk -F '\t' 'NR > 1 { printf "%-9s %-26s %11.0f %9.2f %9.2f %9d\n", $1, $2, $3, $4, $5, $6 }' "$table"
}

command -v wrk >/dev/null || { say 'wrk is missing: scripts/setup-debian.sh bench'; exit 1; }
build_release
make_runs
printf 'database\trequest\trequests_per_s\tp50_ms\tp99_ms\tbytes\n' >"$table"
for database in $databases; do
    "measure_$database"
    kill "$server"
    wait "$server" || :
    server=''
done
show
