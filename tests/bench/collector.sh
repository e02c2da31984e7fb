#!/bin/bash
# The benchmark of the collector: trace objects a second from ten nodes at full speed into files of
# JSON lines, beside rsyslog and syslog-ng taking the same lines over a unix socket. README.md explains the figures.
#
#   BENCH_OBJECTS=200000   objects (lines) of each connection
#   BENCH_CONNECTIONS=10   nodes
#   BENCH_PACE=5000        messages a second of each of ten programs, for what forwarding costs them
#   BENCH_ROUNDS=3         how often everything is measured, in turns
#   BENCH_TRACES=/dev/shm  where files go for the time being; not a disk, whose speed would be measured
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

objects=$(setting BENCH_OBJECTS 200000 20000)
connections=${BENCH_CONNECTIONS:-10}
pace=$(setting BENCH_PACE 5000 500)
rounds=$(setting BENCH_ROUNDS 3 1)
begin collector "${BENCH_TRACES:-/dev/shm}"
load=$build/tests/bench/collector-load
daemon=
at_exit+=(stop_daemon)

# Lines of a node, as all of them get them: 52 hosts' logs of two minutes, interleaved.
make_lines() {
    "$cluster_logs" --slots 120 --single-file "$work/all.json" >/dev/null
    head -n 50000 "$work/all.json" >"$work/lines.json"
    rm "$work/all.json"
    line_bytes=$(($(stat -c %s "$work/lines.json") / $(wc -l <"$work/lines.json")))
}

# syslog-ng and rsyslog cannot be installed side by side.
get_syslog_ng() {
    syslog_ng=$(realpath "$build")/syslog-ng
    unpacked syslog-ng syslog-ng-core libivykis0 libnet1 libwrap0 || { say 'syslog-ng is left out: its packages cannot be had'; return 1; }
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

# run_once NAME MODE SOCKET FOLDER: the daemon has been started.
run_once() {
    local name=$1 mode=$2 socket=$3 folder=$4 row before cpu peak
    wait_for_socket "$socket"
    before=$(cpu_s "$daemon")
    row=$("$load" "$mode" "$socket" "$connections" "$objects" "$work/lines.json" 42)
    # A log daemon has taken lines that it has not written yet: the rest of its work counts, too.
    settle
    cpu=$(cpu_s "$daemon") peak=$(peak_bytes "$daemon")
    stop_daemon # which writes what is in its buffer
    awk -F '\t' -v OFS='\t' -v name="$name" -v cpu="$cpu" -v before="$before" -v peak="$peak" -v lines="$(lines_in "$folder")" '
        { print name, "speed", "objects/s", $1 / $2
          print name, "speed a core", "objects/s", $1 / (cpu - before)
          print name, "memory, most", "MiB", peak / 1048576
          print name, "missing in files", "", $1 - lines }' <<<"$row" >>"$values"
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

# Ten programs with the library, at the same time, at a pace; ten seconds. forward-cost says messages, arrived, dropped, CPU s.
cost_of_forwarding() {
    local i pids=() where
    for where in file forward; do
        start_ours 100
        wait_for_socket "$work/ours.socket"
        for i in $(seq 10); do
            "$build/tests/bench/forward-cost" $where "$work/$([ $where = forward ] && echo ours.socket || echo "cost-$i.json")" \
                "cost-$i" $((10 * pace)) "$pace" >"$work/cost-$i.row" &
            pids+=($!)
        done
        wait "${pids[@]}"
        pids=()
        awk -F '\t' -v OFS='\t' -v name="a message, to ${where/forward/the collector}" -v cpu="$(cpu_s "$daemon")" -v where=$where '
            { messages += $1; dropped += $3; own += $4 }
            END { print name, "cost in the program", "us", 1e6 * own / messages
                  if (where == "forward")
                      print name, "and in the collector", "us", 1e6 * cpu / messages
                  print name, "dropped", "", dropped }' "$work"/cost-*.row >>"$values"
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

build tests/bench/collector-load tests/bench/forward-cost tests/bench/cluster-logs
make_lines
syslog_ng=
get_syslog_ng || syslog_ng=
measure_all
finish
