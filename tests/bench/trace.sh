#!/bin/bash
# The benchmark of tracing: what a call costs, and how many a second reach a file, beside
# LTTng-UST and spdlog in the same run. README.md explains the figures.
#
#   BENCH_CALLS=1000000    calls that are timed, of each thread and case
#   BENCH_ROUNDS=5         how often everything is measured, in turns
#   BENCH_PITCH=2000       ns between calls of a thread where calls are paced
#   BENCH_TRACES=/dev/shm  where lines go for the time being; not a disk, whose speed would be measured
set -euo pipefail
cd "$(dirname "$0")/../.."

calls=${BENCH_CALLS:-1000000}
rounds=${BENCH_ROUNDS:-5}
pitch=${BENCH_PITCH:-2000}
build="build-bench"
source=tests/bench
work=$(mktemp -d "${BENCH_TRACES:-/dev/shm}/ouroscope-bench.XXXXXX")
table=$build/trace.tsv
cases=(off on peer full sustained sustained-peer)
daemon=
export LTTNG_UST_ALLOW_BLOCKING=1 # where a channel asks for it
trap 'stop_daemon; rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

build_ours() {
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build tests/bench/trace-calls >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
}

# build_peer NAME PKG-CONFIG-NAME COMPILER...: only the benchmark needs them, so Meson does not know them.
build_peer() {
    local name=$1 package=$2
    shift 2
    pkg-config --exists "$package" || { say "$package is left out: it is not installed"; return 1; }
    # shellcheck disable=SC2046 # lists of words
    "$@" -O3 -DNDEBUG -D_GNU_SOURCE -I $source -I $source/peers -o $build/"$name" \
        "$work/call_timing.o" $(pkg-config --cflags --libs "$package") -lpthread
}

build_peers() {
    peers=
    cc -std=c17 -O3 -DNDEBUG -D_GNU_SOURCE -c $source/call_timing.c -o "$work/call_timing.o"
    build_peer lttng-calls lttng-ust cc -std=gnu17 $source/peers/lttng_calls.c &&
        start_daemon && peers+=' lttng-calls'
    build_peer spdlog-calls spdlog c++ -std=c++17 $source/peers/spdlog_calls.cpp &&
        peers+=' spdlog-calls'
    return 0
}

# LTTng's session daemon, unless one is running.
start_daemon() {
    lttng --no-sessiond list >/dev/null 2>&1 && return
    lttng-sessiond --no-kernel --daemonize --pidfile="$work/daemon" >"$work/daemon.log" 2>&1 ||
        { say 'LTTng-UST is left out: no session daemon'; return 1; }
    daemon=$(<"$work/daemon")
}

stop_daemon() { [ -z "$daemon" ] || kill "$daemon"; }

# measure PROGRAM THREADS CASES...: rows of the table.
measure() {
    local program=$1 threads=$2
    shift 2
    for name in "$@"; do
        "$program" -c "$calls" -t "$threads" -p "$pitch" -o "$work/lines" "$name" >>$table
        rm -rf "$work/lines"
    done
}

measure_all() {
    local round threads peer
    for round in $(seq "$rounds"); do
        for threads in 1 2; do
            say "tracing, round $round of $rounds, threads: $threads"
            measure $build/tests/bench/trace-calls $threads nothing legacy "${cases[@]}"
            for peer in $peers; do
                measure $build/"$peer" $threads "${cases[@]}"
            done
        done
    done
}

# Medians over the rounds; of the median call and the tail, also the range.
report() {
    sort -t "$(printf '\t')" -k 1,1 -k 2,2 -k 3,3n $table | awk -F '\t' '
        function median(list, n) { return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
        function sorted(column, list,   i, k, x) {
            for (i = 1; i <= n; i++) {
                x = row[i, column]
                for (k = i - 1; k > 0 && list[k] > x; k--)
                    list[k + 1] = list[k]
                list[k + 1] = x
            }
        }
        function figure(column, form, unit,   list) {
            unit = unit ? unit : 1
            sorted(column, list)
            return sprintf(form, median(list, n) / unit, list[1] / unit, list[n] / unit)
        }
        function total(column,   sum, i) {
            for (i = 1; i <= n; i++)
                sum += row[i, column]
            return sum
        }
        function show(   parts) {
            split(key, parts, FS)
            printf "%-10s %-14s %7d ", parts[1], parts[2], parts[3]
            if (row[1, 5] == "-")
                printf "%s million calls a second", figure(4, "%8.2f %7.2f..%-8.2f", 1e6)
            else
                printf "%s %s %s %s", figure(4, "%8.2f %7.2f..%-8.2f"), figure(6, "%8.1f"),
                       figure(7, "%8.1f %8.1f..%-9.1f"), figure(8, "%10.0f")
            printf " %7.3f %%\n", 100 * total(10) / total(9)
            p50[parts[1], parts[2], parts[3]] = figure(4, "%f") + 0
            tail[parts[1], parts[2], parts[3]] = figure(7, "%f") + 0
            n = 0
        }
        function budget(text, value, limit) {
            printf "%-52s %9.2f ns %s\n", text, value, value <= limit ? "met" : "MISSED"
        }
        BEGIN { printf "%-10s %-14s %7s %8s %17s %8s %8s %19s %10s %9s\n", "ns a call", "", "threads",
                       "p50", "(min .. max)", "p99", "p99.9", "(min .. max)", "max", "lost" }
        { if ($1 FS $2 FS $3 != key && n) show()
          key = $1 FS $2 FS $3
          n++
          for (i = 4; i <= 10; i++) row[n, i] = $i }
        END {
            show()
            print ""
            for (threads = 1; threads <= 2; threads++) {
                budget("filtered out, " threads " thread(s): at most 2 ns", p50["ouroscope", "off", threads], 2)
                budget("enabled, " threads " thread(s): median at most 15 ns", p50["ouroscope", "on", threads], 15)
                budget("enabled, " threads " thread(s): p99.9 at most 60 ns", tail["ouroscope", "on", threads], 60)
            }
        }'
}

build_ours
build_peers
: >$table
measure_all
report
say "Written to $table."
