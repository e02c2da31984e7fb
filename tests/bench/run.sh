#!/bin/bash
# The benchmarks. Of the analysis: speed beside wc, jq and DuckDB on the same logs
# in the same run, and memory as the logs grow. README.md explains the figures.
#
#   BENCH_SCALE=1      size of the logs; 1 is about 1.2 GB for speed, 5 GB at most for memory
#   BENCH_ROUNDS=5     how often everything is measured, in turns
#   BENCH_FOLDER=DIR   where the logs go for the time being (a temporary folder)
#   BENCH_PROGRAM=EXE  measure this ouroscope instead of a release build of this tree
#   BENCH_ONLY=speed   or memory, trace (trace.sh: the benchmark of tracing), collector (collector.sh: that of
#                      the collector), cluster (cluster.sh: that of the local cluster), report (report.sh:
#                      that of reports), stats (stats.sh: that of statistical methods) genesis (genesis.sh:
#                      that of genesis files), deploy (deploy.sh: that of what clusters are handed) or api
#                      (api.sh: that of the server of results), which come last;
#                      soak (soak.sh: ten minutes of a server of results at half load) is only made when it is asked for
set -euo pipefail
cd "$(dirname "$0")/../.."

scale=${BENCH_SCALE:-1}
rounds=${BENCH_ROUNDS:-5}
only=${BENCH_ONLY:-all}
build="build-bench"
work=$(mktemp -d "${BENCH_FOLDER:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
table=$build/bench.tsv
columns='name\trounds\twall_min_s\twall_median_s\twall_max_s\tcpu_min_s\tcpu_median_s\tcpu_max_s'
columns+='\tresident_min_bytes\tresident_median_bytes\tresident_max_bytes\tbytes\tlines'

say() { printf '%s\n' "$*" >&2; }

# times N: N times the scale, as a whole number.
times() { awk -v n="$1" -v scale="$scale" 'BEGIN { n = int(n * scale); print n < 30 ? 30 : n }'; }

build_release() {
    local targets=(tests/bench/cluster-logs tests/bench/measure)

    [ -n "${BENCH_PROGRAM:-}" ] || targets+=(ouroscope)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build "${targets[@]}" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
    generator=$build/tests/bench/cluster-logs
    measure=$build/tests/bench/measure
}

# generate NAME OPTIONS...: a cluster, read once so that the page cache holds it.
# Leaves its size in $bytes and $lines.
generate() {
    local name=$1 said
    shift
    said=$("$generator" "$@")
    say "$name: $said"
    lines=$(sed 's/.* lines \([0-9]*\).*/\1/' <<<"$said")
    bytes=${said##* }
}

warm() { find "$@" -type f -exec cat {} + >/dev/null; }

has_room() { # for bytes $1 in the working folder
    [ "$(df --output=avail -B1 "$work" | tail -n 1)" -gt "$1" ]
}

# Adds measured rows to the table, with the bytes and lines that each command read.
keep() {
    awk -F '\t' -v OFS='\t' -v bytes="$1" -v lines="$2" '{ print $0, bytes, lines }' >>"$table"
}

# DuckDB comes through npm, on demand; without npm it is left out.
get_duckdb() {
    duckdb=$build/node
    [ -d $duckdb/node_modules/@duckdb/node-api ] && return
    command -v npm >/dev/null || { say 'DuckDB is left out: no npm'; return 1; }
    mkdir -p $duckdb
    npm install --prefix $duckdb --no-audit --no-fund --silent @duckdb/node-api@1.5.6-r.1 >&2 ||
        { say 'DuckDB is left out: npm could not install it'; return 1; }
}

# Everything that reads the same logs takes turns, so that what else the machine
# does meets all of them alike. jq is so slow that it gets a slice.
measure_speed() {
    local slots run=$work/run one=$work/one.json slice=$work/slice.json duck=()
    slots=$(times 720)
    generate 'one file, all hosts' --slots "$slots" --single-file "$one"
    generate '52 hosts' --slots "$slots" --out "$run"
    head -n $((lines / 50)) "$one" >"$slice"
    get_duckdb &&
        duck=("duckdb-1-thread=node tests/bench/duckdb.mjs $duckdb 1 '$run/logs/*/*.json'"
              "duckdb-2-threads=node tests/bench/duckdb.mjs $duckdb 2 '$run/logs/*/*.json'")
    warm "$run" "$one" "$slice"

    "$measure" -n "$rounds" \
        "analyse-run-1-thread='$program' analyse --no-write --quiet --threads 1 $run" \
        "wc-run=exec wc -l $run/logs/*/*.json" \
        "analyse-run-2-threads='$program' analyse --no-write --quiet --threads 2 $run" \
        "analyse-file-1-thread='$program' analyse --quiet --threads 1 --genesis $run/genesis/shelley.json $one" \
        "wc-file=exec wc -l $one" \
        "analyse-file-2-threads='$program' analyse --quiet --threads 2 --genesis $run/genesis/shelley.json $one" \
        "${duck[@]}" >"$work/speed"
    keep "$bytes" "$lines" <"$work/speed"
    "$measure" -n "$rounds" "jq-slice=jq -c 'select(.ns==\"Forge.Loop.ForgedBlock\")' $slice" |
        keep "$(stat -c %s "$slice")" "$((lines / 50))"
    rm -rf "$run" "$one" "$slice"
}

# The same blocks, ever more lines around them.
measure_memory() {
    local slots factor per_host
    slots=$(times 180)
    per_host=$((slots * 79))
    for factor in 1 4 16; do
        if ! has_room $((per_host * factor * 52 * 450)); then
            say "memory at ${factor}x is left out: not enough room in $work"
            continue
        fi
        generate "memory at ${factor}x" --slots "$slots" --active-slots 0.1 \
            --lines-per-host $((per_host * factor)) --out "$work/memory"
        warm "$work/memory"
        "$measure" -n 3 \
            "memory-${factor}x-1-thread='$program' analyse --no-write --quiet --threads 1 $work/memory" \
            "memory-${factor}x-2-threads='$program' analyse --no-write --quiet --threads 2 $work/memory" |
            keep "$bytes" "$lines"
        rm -rf "$work/memory"
    done
}

# GB/s are decimal; per core: of processor time, user and system.
report() {
    awk -F '\t' '
        NR == 1 { printf "%-23s %8s %17s %9s %9s %8s %7s\n", "", "wall s", "(min .. max)", "GB/s",
                  "per core", "Mline/s", "MiB"; next }
        { printf "%-23s %8.3f %8.3f..%-7.3f %9.2f %9.2f %8.2f %7.0f\n", $1, $4, $3, $5,
                 $12 / $4 / 1e9, $12 / $7 / 1e9, $13 / $4 / 1e6, $10 / 1048576
          per_core[$1] = $12 / $7 / 1e9; wall[$1] = $4; speed[$1] = $12 / $4
          resident[$1] = $11 / 1048576 }
        function budget(text, value, unit, met) {
            printf "%-52s %9.2f %-6s %s\n", text, value, unit, met ? "met" : "MISSED"
        }
        END {
            print ""
            if ("wc-run" in wall) {
                a = "analyse-run-1-thread"
                b = "analyse-file-1-thread"
                budget("52 hosts, one thread: at least 1.5 GB/s per core", per_core[a], "GB/s",
                       per_core[a] >= 1.5)
                budget("one file, one thread: at least 1.5 GB/s per core", per_core[b], "GB/s",
                       per_core[b] >= 1.5)
                budget("52 hosts: at most 3 times the time of wc -l", wall[a] / wall["wc-run"], "times",
                       wall[a] <= 3 * wall["wc-run"])
                budget("one file: at most 3 times the time of wc -l", wall[b] / wall["wc-file"],
                       "times", wall[b] <= 3 * wall["wc-file"])
                c = "analyse-run-2-threads"
                budget("52 hosts, two threads: at most 3 times wc -l", wall[c] / wall["wc-run"],
                       "times", wall[c] <= 3 * wall["wc-run"])
                budget("one thread: at least 50 times as fast as jq", speed[b] / speed["jq-slice"],
                       "times", speed[b] >= 50 * speed["jq-slice"])
                budget("two threads: at least 50 times as fast as jq", speed[c] / speed["jq-slice"],
                       "times", speed[c] >= 50 * speed["jq-slice"])
            }
            if ("memory-16x-2-threads" in resident) {
                m = resident["memory-16x-2-threads"]
                first = resident["memory-1x-2-threads"]
                budget("memory at 16 times the lines: below 1 GiB", m, "MiB", m < 1024)
                budget("and not growing with lines: 16x over 1x below 1.25", m / first, "times",
                       m < 1.25 * first)
            }
        }' "$table"
}

measure_analysis() {
    build_release
    printf '%b\n' "$columns" >"$table"
    [ "$only" = memory ] || measure_speed
    [ "$only" = speed ] || measure_memory
    report
    say "Written to $table."
}

case $only in trace | collector | cluster | report | stats | genesis | soak) ;; *) measure_analysis ;; esac
[[ $only = all || $only = trace ]] && tests/bench/trace.sh
[[ $only = all || $only = collector ]] && tests/bench/collector.sh
[[ $only = all || $only = cluster ]] && tests/bench/cluster.sh
[[ $only = all || $only = report ]] && tests/bench/report.sh
[[ $only = all || $only = stats ]] && tests/bench/stats.sh
[[ $only = all || $only = genesis ]] && tests/bench/genesis.sh
[[ $only = all || $only = deploy ]] && tests/bench/deploy.sh
[[ $only = all || $only = api ]] && tests/bench/api.sh
[[ $only = soak ]] && OUROSCOPE=${BENCH_PROGRAM:-build/ouroscope} tests/bench/soak.sh
true
