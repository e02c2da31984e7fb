#!/bin/bash
# The benchmark of the collector: trace objects a second from ten nodes at full speed into files of
# JSON lines, beside rsyslog and syslog-ng taking the same lines over a unix socket. README.md explains the figures.
#
#   BENCH_OBJECTS=200000   objects (lines) of each connection
#   BENCH_CONNECTIONS=10   nodes
#   BENCH_PACE=5000        messages a second of each of ten programs, for what forwarding costs them
#   BENCH_ROUNDS=5         how often everything is measured, in turns
#   BENCH_TRACES=/dev/shm  where files go for the time being; not a disk, whose speed would be measured
#   BENCH_PROGRAM=EXE      measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

objects=${BENCH_OBJECTS:-200000}
connections=${BENCH_CONNECTIONS:-10}
pace=${BENCH_PACE:-5000}
rounds=${BENCH_ROUNDS:-5}
build="build-bench"
work=$(mktemp -d "${BENCH_TRACES:-/dev/shm}/ouroscope-bench.XXXXXX")
table=$build/collector.tsv
costs=$build/forward-cost.tsv
daemon=
trap 'stop_daemon; rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }

build_ours() {
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build ouroscope tests/bench/collector-load tests/bench/forward-cost tests/bench/cluster-logs >"$work/build.log" ||
        { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
    load=$PWD/$build/tests/bench/collector-load
}

# Lines of a node, as all of them get them: 52 hosts' logs of two minutes, interleaved.
make_lines() {
    $build/tests/bench/cluster-logs --slots 120 --single-file "$work/all.json" >/dev/null
    head -n 50000 "$work/all.json" >"$work/lines.json"
    rm "$work/all.json"
    line_bytes=$(($(stat -c %s "$work/lines.json") / $(wc -l <"$work/lines.json")))
}

# syslog-ng and rsyslog cannot be installed side by side; a package's files can be put into a folder.
get_syslog_ng() {
    syslog_ng=$PWD/$build/syslog-ng
    [ -x "$syslog_ng/usr/sbin/syslog-ng" ] && return
    mkdir -p "$syslog_ng" "$work/packages"
    (cd "$work/packages" && apt-get -qq download syslog-ng-core libivykis0 libnet1 libwrap0 >/dev/null 2>&1 &&
        for package in *.deb; do dpkg -x "$package" "$syslog_ng"; done) ||
        { say 'syslog-ng is left out: its packages cannot be had'; return 1; }
}

wait_for_socket() {
    local left=100
    while [ $left -gt 0 ]; do
        [ -S "$1" ] && return
        sleep 0.05
        left=$((left - 1))
    done
    say "no socket at $1"
    cat "$work"/*.out >&2
    exit 1
}

stop_daemon() {
    [ -z "$daemon" ] || { kill "$daemon"; wait "$daemon" || true; } 2>/dev/null
    daemon=
}

# cpu_s PID, peak_bytes PID
cpu_s() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); split($0, f, " "); print (f[12] + f[13]) / hz }' "/proc/$1/stat"; }
peak_bytes() { awk '/^VmHWM/ { print $2 * 1024 }' "/proc/$1/status"; }

lines_in() { find "$1" -type f \( -name '*.json' -o -name '*.out-lines' \) -exec cat {} + | wc -l; }

# The daemon is done when the processor time that it uses does not grow any more.
settle() {
    local before after
    before=$(cpu_s "$daemon")
    while sleep 0.2; do
        after=$(cpu_s "$daemon")
        [ "$before" = "$after" ] && return
        before=$after
    done
}

# run_once NAME MODE SOCKET FOLDER: the daemon has been started. A row of the table:
# name, objects, seconds, objects/s, CPU s of the daemon, of the senders, objects a CPU second, peak bytes, lines in files
run_once() {
    local name=$1 mode=$2 socket=$3 folder=$4 row before cpu peak
    wait_for_socket "$socket"
    before=$(cpu_s "$daemon")
    row=$("$load" "$mode" "$socket" "$connections" "$objects" "$work/lines.json" 42)
    # A log daemon has taken lines that it has not written yet: the rest of its work counts, too.
    settle
    cpu=$(cpu_s "$daemon") peak=$(peak_bytes "$daemon")
    stop_daemon # which writes what is in its buffer
    awk -F '\t' -v OFS='\t' -v name="$name" -v cpu="$cpu" -v before="$before" -v peak="$peak" -v lines="$(lines_in "$folder")" \
        '{ print name, $1, $2, $1 / $2, cpu - before, $3, $1 / (cpu - before), peak, lines }' <<<"$row" >>"$table"
    rm -rf "$folder"
}

start_ours() { # objects a request
    mkdir "$work/ours"
    cat >"$work/ours.json" <<JSON
{ "networkMagic": 42, "network": { "tag": "AcceptAt", "contents": "$work/ours.socket" }, "loRequestNum": $1,
  "logging": [ { "logRoot": "$work/ours", "logMode": "FileMode", "logFormat": "ForMachine" } ] }
JSON
    "$program" tracer --config "$work/ours.json" --min-log-severity Error >"$work/ours.out" 2>&1 &
    daemon=$!
}

ours() {
    start_ours "$1"
    run_once "ouroscope, $1 a request" forward "$work/ours.socket" "$work/ours"
}

# Ten programs with the library, at the same time, at a pace; ten seconds. A row: where to, then their sums of
# messages, arrived, dropped, CPU s; and CPU s of the collector.
cost_of_forwarding() {
    local i pids=() where
    for where in file forward; do
        start_ours 100
        wait_for_socket "$work/ours.socket"
        for i in $(seq 10); do
            $build/tests/bench/forward-cost $where "$work/$([ $where = forward ] && echo ours.socket || echo "cost-$i.json")" \
                "cost-$i" $((10 * pace)) "$pace" >"$work/cost-$i.row" &
            pids+=($!)
        done
        wait "${pids[@]}"
        pids=()
        cat "$work"/cost-*.row | awk -F '\t' -v OFS='\t' -v where=$where -v cpu="$(cpu_s "$daemon")" \
            '{ for (i = 1; i <= 4; i++) sum[i] += $i } END { print where, sum[1], sum[2], sum[3], sum[4], cpu }' >>"$costs"
        stop_daemon
        rm -rf "$work/ours" "$work"/cost-*
    done
}

rsyslog() {
    mkdir "$work/rsyslog"
    cat >"$work/rsyslog.conf" <<CONF
global(maxMessageSize="64k" workDirectory="$work/rsyslog")
module(load="imptcp")
input(type="imptcp" path="$work/rsyslog.socket" ruleset="r" SupportOctetCountedFraming="off")
template(name="raw" type="string" string="%rawmsg%\n")
ruleset(name="r" queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="1024" queue.timeoutEnqueue="60000") {
    action(type="omfile" file="$work/rsyslog/all.json" template="raw" ioBufferSize="256k" flushOnTXEnd="off")
}
CONF
    rm -f "$work/rsyslog.socket"
    rsyslogd -n -i "$work/rsyslog.pid" -f "$work/rsyslog.conf" >"$work/rsyslog.out" 2>&1 &
    daemon=$!
    run_once rsyslog lines "$work/rsyslog.socket" "$work/rsyslog"
}

syslog_ng() {
    local libraries
    libraries=$(find "$syslog_ng" -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
    mkdir "$work/syslog-ng"
    cat >"$work/syslog-ng.conf" <<CONF
@version: 3.38
options { stats-freq(0); flush-lines(1000); log-fifo-size(200000); log-msg-size(65536); threaded(yes); };
source s { unix-stream("$work/syslog-ng.socket" max-connections(64) flags(no-parse) log-iw-size(20000) log-fetch-limit(1000)); };
destination d { file("$work/syslog-ng/all.json" template("\$MSG\n")); };
log { source(s); destination(d); flags(flow-control); };
CONF
    rm -f "$work/syslog-ng.socket"
    LD_LIBRARY_PATH=$libraries "$syslog_ng/usr/sbin/syslog-ng" -F --no-caps -f "$work/syslog-ng.conf" \
        -p "$work/syslog-ng.pid" -R "$work/syslog-ng.persist" -c "$work/syslog-ng.ctl" \
        --module-path="$(dirname "$(find "$syslog_ng" -name libafsocket.so)")" >"$work/syslog-ng.out" 2>&1 &
    daemon=$!
    run_once syslog-ng lines "$work/syslog-ng.socket" "$work/syslog-ng"
}

measure_all() {
    local round
    for round in $(seq "$rounds"); do
        say "collector, round $round of $rounds: $connections connections, $objects objects each, $line_bytes bytes a line"
        ours 100
        ours 1000
        ! command -v rsyslogd >/dev/null || rsyslog
        [ -z "$syslog_ng" ] || syslog_ng
        cost_of_forwarding
    done
}

report() {
    sort -t "$(printf '\t')" -k 1,1 -k 4,4g "$table" | awk -F '\t' '
        function show() {
            middle = int((n + 1) / 2)
            printf "%-26s %10.0f %10.0f..%-10.0f %12.0f %10.2f %10.2f %10.1f %s\n", name, rate[middle], rate[1], rate[n],
                per_core[middle], cpu[middle], sender[middle], peak / 1048576, lost ? lost " lines missing" : ""
            best[name] = per_core[middle]
            high[name] = peak
            n = peak = lost = 0
        }
        BEGIN { printf "%-26s %10s %22s %12s %10s %10s %10s\n", "", "objects/s", "(min .. max)", "a core, s",
                       "daemon s", "senders s", "peak MiB" }
        name != $1 && n { show() }
        { name = $1; n++; rate[n] = $4; per_core[n] = $7; cpu[n] = $5; sender[n] = $6
          if ($8 > peak) peak = $8
          if ($9 != $2) lost += $2 - $9 }
        END {
            show()
            print ""
            for (name in best)
                if (name ~ /^ouroscope, 100 /) {
                    printf "at least 200,000 objects a second and core: %.0f %s\n", best[name], (best[name] >= 200000 ? "met" : "MISSED")
                    printf "peak memory below 64 MiB: %.1f %s\n", high[name] / 1048576, (high[name] < 67108864 ? "met" : "MISSED")
                }
        }'
}

report_costs() {
    echo
    sort -t "$(printf '\t')" -k 1,1 -k 5,5g "$costs" | awk -F '\t' '
        function show() {
            middle = int((n + 1) / 2)
            printf "%-26s %10d messages, %d arrived, %d dropped; us of CPU a message: %.2f (%.2f .. %.2f), and %.2f of the collector\n",
                name == "file" ? "to a file of its own" : "to the collector", messages, arrived, dropped,
                cost[middle], cost[1], cost[n], name == "file" ? 0 : collector[middle]
            n = 0
        }
        name != $1 && n { show() }
        { name = $1; n++; messages = $2; arrived = $3; dropped = $4; cost[n] = 1e6 * $5 / $2; collector[n] = 1e6 * $6 / $2 }
        END { show() }'
}

build_ours
make_lines
syslog_ng=
get_syslog_ng || syslog_ng=
: >"$table"
: >"$costs"
measure_all
report
report_costs
say "Written to $table and $costs."
