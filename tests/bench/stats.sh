#!/bin/bash
# The benchmark of the statistical methods: what they take on millions of values, and what Python
# takes for quantiles where it is installed. README.md explains the figures.
#
#   BENCH_SCALE=1     size of the samples; 1 is millions of values
#   BENCH_ROUNDS=5    how often everything is measured
set -euo pipefail
cd "$(dirname "$0")/../.."

build="build-bench"
table=$build/stats.tsv
rounds=${BENCH_ROUNDS:-5}
scale=${BENCH_SCALE:-1}

say() { printf '%s\n' "$*" >&2; }

build_release() {
    local log
    log=$(mktemp)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$log"
    ninja -C $build tests/bench/stats-bench >"$log" || { cat "$log" >&2; exit 1; }
    rm -f "$log"
}

# Python's standard library: sorting and the quantiles of as many values.
python_peer() {
    command -v python3 >/dev/null || { say 'Python is left out: not installed'; return 0; }
    python3 - "$scale" "$rounds" <<'END'
import random, statistics, sys, time

n, seconds = max(2, int(5e6 * float(sys.argv[1]))), []
values = [random.gauss(100, 1) for _ in range(n)]
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    statistics.quantiles(values, n=100, method="inclusive")
    seconds.append(time.perf_counter() - start)
print("python3", "distribution", n, *("%.6f" % f(seconds) for f in (statistics.median, min, max)), sep="\t")
END
}

# The only budget: a history of ten metrics must not be waited for.
report() {
    awk -F '\t' '
        { printf "%-12s %-30s %9d %11.4f s %11.4f..%-.4f\n", $1, $2, $3, $4, $5, $6 }
        $2 == "change-points" { changes = 1e3 * $4 }
        END { printf "%-52s %9.2f %-6s %s\n", "change points of 10 series of 90: below 50 ms", changes,
                     "ms", changes < 50 ? "met" : "MISSED" }' "$table"
}

build_release
$build/tests/bench/stats-bench -s "$scale" -r "$rounds" >"$table"
python_peer >>"$table"
report
say "Written to $table."
