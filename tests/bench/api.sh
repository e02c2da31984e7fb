#!/bin/bash
# The benchmark of the results' server: a million metric rows in a database, and wrk asking for what readers ask for.
# README.md explains the figures.
#
#   BENCH_RESULTS=10000         runs in the database, of 100 metrics each
#   BENCH_SECONDS=5             how long each request is asked for
#   BENCH_CONNECTIONS=8         clients at a time
#   BENCH_DATABASES="sqlite postgres"
#   BENCH_FOLDER=DIR            where the databases go for the time being (a temporary folder; 2 GB)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

runs=$(setting BENCH_RESULTS 10000 300)
seconds=$(setting BENCH_SECONDS 5 1)
connections=${BENCH_CONNECTIONS:-8}
databases=${BENCH_DATABASES:-sqlite postgres}
begin api "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"
server='' postgres='' peer=''
others=$(($(nproc) > 1))-$(($(nproc) - 1)) # but the first, where there are others

stop_all() {
    local process
    for process in $server $postgres $peer; do
        kill "$process" 2>/dev/null || :
    done
    wait
}
at_exit+=(stop_all)

# Two runs with everything that a publication has: what is compared.
make_runs() {
    local i
    for i in 1 2; do
        "$cluster_logs" --out "$work/run-$i" --slots 1200 --seed "$i" >"$work/said"
        "$program" analyse --quiet "$work/run-$i" >"$work/said"
        rm -rf "$work/run-$i/logs"
    done
}

# With fsync, as for others; its URL goes to $place.
start_postgres() {
    scripts/setup-debian.sh postgres >&2 || { say 'PostgreSQL is left out'; return 1; }
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

# fill SUBJECT: makes what is asked for, in $place; ids go to the variables of ask_all.
fill() {
    local start=$EPOCHREALTIME
    "$build/tests/bench/fill-results" -r "$runs" "$place" >"$work/ids"
    note "$1, filling" "a run of 100 metrics" ms "$(awk -v a="$start" -v b="$EPOCHREALTIME" -v n="$runs" 'BEGIN { print 1e3 * (b - a) / n }')"
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

# ask SUBJECT TARGET: of $url. Each answer is to be 200.
ask() {
    local status
    status=$(curl -s -o "$work/body" -w '%{http_code}' "$url$2")
    [ "$status" = 200 ] || { say "$1: $status from $2"; cat "$work/body" >&2; exit 1; }
    taskset -c "$others" wrk -t 1 -c "$connections" -d 1s "$url$2" >"$work/warm"
    taskset -c "$others" wrk -t 1 -c "$connections" -d "${seconds}s" --latency "$url$2" >"$work/wrk"
    ! grep -q 'Non-2xx' "$work/wrk" || { cat "$work/wrk" >&2; exit 1; }
    awk -v OFS='\t' -v subject="$1" -v bytes="$(stat -c %s "$work/body")" '
        function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
        $1 == "50%" { half = ms($2) }
        $1 == "99%" { late = ms($2) }
        $1 == "Requests/sec:" { rate = $2 }
        END { print subject, "speed", "requests/s", rate
              print subject, "p50", "ms", half
              print subject, "p99", "ms", late
              print subject, "size", "bytes", bytes }' "$work/wrk" >>"$values"
}

# The slowest of what is no page, as the budget is of every request.
note_slowest() {
    awk -F '\t' -v OFS='\t' -v database="$1" '
        index($1, database ", ") == 1 && $1 !~ /, page$/ {
            if ($2 == "speed" && (!speed || $4 < speed)) speed = $4
            if ($2 == "p99" && $4 > late) late = $4 }
        END { print database ": the slowest request", "speed", "requests/s", speed
              print database ": the slowest request", "p99", "ms", late }' "$values" >"$work/slowest"
    cat "$work/slowest" >>"$values"
}

ask_all() {
    ask "$1, a run" "/api/v1/runs/$run"
    ask "$1, runs, 20" '/api/v1/runs?limit=20'
    ask "$1, runs, 100" '/api/v1/runs?limit=100'
    ask "$1, runs of a version, 20" '/api/v1/runs?version=3.4&limit=20'
    ask "$1, summaries of a run, 100" "/api/v1/runs/$run/summaries"
    ask "$1, a metric of a run" "/api/v1/runs/$run/summaries/$metric"
    ask "$1, points of a series, 100" "/api/v1/series/$series/points?metric=$metric&limit=100"
    ask "$1, a comparison, kept" "/api/v1/comparisons?base=$base&new=$new"
    ask "$1, query, one series" \
        "/prometheus/api/v1/query?query=ouroscope_${metric//[^a-zA-Z0-9]/_}%7Bseries%3D%22$series%22,stat%3D%22mean%22%7D&time=$at"
    ask "$1, overview, page" '/'
    note_slowest "$1"
    curl -s -o "$work/summaries.json" "$url/api/v1/runs/$run/summaries"
}

stop_server() {
    kill "$server"
    wait "$server" || :
    server=''
}

measure_database() { # SUBJECT
    fill "$1"
    serve
    ask_all "$1"
    stop_server
}

measure_sqlite() {
    place=$work/results.db
    measure_database SQLite
}

measure_postgres() {
    start_postgres || return 0
    measure_database PostgreSQL
}

# wait_for_peer NAME: until it answers at $url.
wait_for_peer() {
    local left=100
    until curl -s -o "$work/body" "$url/"; do
        left=$((left - 1))
        { [ $left -gt 0 ] && kill -0 "$peer"; } || { say "$1 is left out: it did not start"; cat "$work/peer.err" >&2; return 1; }
        sleep 0.1
    done
}

stop_peer() {
    kill "$peer"
    wait "$peer" || :
    peer=''
}

free_port() { python3 tests/support/ports.py; }

# The same bytes as a file: what HTTP alone takes.
beside_nginx() {
    local port
    unpacked nginx nginx || { say 'nginx is left out: its package cannot be had'; return 0; }
    port=$(free_port)
    url=http://127.0.0.1:$port
    mkdir "$work/files"
    cp "$work/summaries.json" "$work/files/summaries"
    chmod 755 "$work" "$work/files"
    cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.err;
events { }
http { access_log off; default_type application/json; sendfile on; keepalive_requests 1000000000;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen 127.0.0.1:$port; root $work/files; } }
CONF
    taskset -c 0 "$build/nginx/usr/sbin/nginx" -c "$work/nginx.conf" 2>"$work/peer.err" &
    peer=$!
    wait_for_peer nginx || return 0
    ask 'nginx, the same summaries as a file' /summaries
    stop_peer
}

# The same rows from the same file, by what one would write for it.
beside_flask() {
    local port
    [ -f "$work/results.db" ] || return 0
    /usr/bin/python3 -c 'import flask, gunicorn' 2>/dev/null || { say 'Flask is left out: it is not installed'; return 0; }
    port=$(free_port)
    url=http://127.0.0.1:$port
    RESULTS_DB=$work/results.db taskset -c 0 /usr/bin/python3 -m gunicorn --chdir tests/bench/peers --bind "127.0.0.1:$port" \
        --workers 1 --threads 4 --log-level error flask_results:app 2>"$work/peer.err" &
    peer=$!
    wait_for_peer Flask || return 0
    ask 'Flask and SQLite, summaries of a run' "/runs/$sqlite_run/summaries"
    stop_peer
}

command -v wrk >/dev/null || { say 'wrk is missing: scripts/setup-debian.sh bench'; exit 1; }
build tests/bench/cluster-logs tests/bench/fill-results
make_runs
sqlite_run=''
for database in $databases; do
    "measure_$database"
    [ "$database" != sqlite ] || sqlite_run=$run
done
[ ! -f "$work/summaries.json" ] || beside_nginx
beside_flask
finish
