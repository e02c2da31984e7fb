#!/bin/bash
# What a trace call costs, and how many a second reach a file, beside LTTng-UST and spdlog in the same run.
#
#   BENCH_CALLS=1000000    calls that are timed, of each thread and case
#   BENCH_ROUNDS=5         how often everything is measured, in turns
#   BENCH_PITCH=2000       ns between calls of a thread where calls are paced
#   BENCH_TRACES=/dev/shm  where lines go for the time being; not a disk, whose speed would be measured
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

calls=$(setting BENCH_CALLS 1000000 50000)
rounds=$(setting BENCH_ROUNDS 5 1)
pitch=${BENCH_PITCH:-2000}
begin trace "${BENCH_TRACES:-/dev/shm}"
source=tests/bench
cases=(off on peer full sustained sustained-peer)
daemon=
export LTTNG_UST_ALLOW_BLOCKING=1 # where a channel asks for it

# build_peer NAME PKG-CONFIG-NAME COMPILER...: only the benchmark needs them, so Meson does not know them.
build_peer() {
    local name=$1 package=$2
    shift 2
    pkg-config --exists "$package" || { say "$package is left out: it is not installed"; return 1; }
    # shellcheck disable=SC2046 # lists of words
    "$@" -O3 -DNDEBUG -D_GNU_SOURCE -I $source -I $source/peers -o "$build/$name" \
        "$work/call_timing.o" $(pkg-config --cflags --libs "$package") -lpthread
}

build_peers() {
    peers=()
    cc -std=c17 -O3 -DNDEBUG -D_GNU_SOURCE -c $source/call_timing.c -o "$work/call_timing.o"
    build_peer lttng-calls lttng-ust cc -std=gnu17 $source/peers/lttng_calls.c &&
        start_daemon && peers+=("$build/lttng-calls")
    build_peer spdlog-calls spdlog c++ -std=c++17 $source/peers/spdlog_calls.cpp &&
        peers+=("$build/spdlog-calls")
    return 0
}

# LTTng's session daemon, unless one is running.
start_daemon() {
    lttng --no-sessiond list >/dev/null 2>&1 && return
    lttng-sessiond --no-kernel --daemonize --pidfile="$work/daemon" >"$work/daemon.log" 2>&1 ||
        { say 'LTTng-UST is left out: no session daemon'; return 1; }
    daemon=$(<"$work/daemon")
    at_exit+=("kill $daemon")
}

# note_calls: call_timing.c says what its columns are.
note_calls() {
    awk -F '\t' -v OFS='\t' '
        BEGIN { called["ouroscope"] = "libouroscope"; }
        { who = ($1 in called ? called[$1] : $1) ", " $2 ", " $3 ($3 == 1 ? " thread" : " threads") }
        $5 == "-" { print who, "speed", "million/s", $4 / 1e6 }
        $5 != "-" { print who, "p50", "ns", $4
                    print who, "p99", "ns", $6
                    print who, "p99.9", "ns", $7
                    print who, "longest", "us", $8 / 1000 }
        { print who, "lost", "%", 100 * $10 / $9 }' >>"$values"
}

# time_calls PROGRAM THREADS CASES...
time_calls() {
    local program=$1 threads=$2 name
    shift 2
    for name in "$@"; do
        "$program" -c "$calls" -t "$threads" -p "$pitch" -o "$work/lines" "$name" >"$work/row"
        note_calls <"$work/row"
        rm -rf "$work/lines"
    done
}

build tests/bench/trace-calls
build_peers
for ((round = 1; round <= rounds; round++)); do
    for threads in 1 2; do
        say "tracing, round $round of $rounds, threads: $threads"
        time_calls "$build/tests/bench/trace-calls" $threads nothing copy legacy "${cases[@]}"
        for peer in "${peers[@]}"; do
            time_calls "$peer" $threads "${cases[@]}"
        done
    done
done
finish
