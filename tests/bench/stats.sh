#!/bin/bash
# What the statistical methods take on millions of values, and what Python takes for quantiles.
#
#   BENCH_SCALE=1     size of the samples; 1 is millions of values
#   BENCH_ROUNDS=3    how often everything is measured
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

rounds=$(setting BENCH_ROUNDS 3 1)
scale=$(setting BENCH_SCALE 1 0.05)
begin stats "${TMPDIR:-/tmp}"

# Python's standard library: sorting and the quantiles of as many values.
time_python() {
    command -v python3 >/dev/null || { say 'Python is left out: not installed'; return 0; }
    note "Python's statistics, quantiles" time s "$(python3 - "$scale" <<'END'
import random, statistics, sys, time

values = [random.gauss(100, 1) for _ in range(max(2, int(5e6 * float(sys.argv[1]))))]
start = time.perf_counter()
statistics.quantiles(values, n=100, method="inclusive")
print("%.6f" % (time.perf_counter() - start))
END
)"
}

build tests/bench/stats-bench
for ((round = 1; round <= rounds; round++)); do
    "$build/tests/bench/stats-bench" -s "$scale" -r 1 >"$work/rows"
    awk -F '\t' -v OFS='\t' '{ print $2, "values", "", $3; print $2, "time", "s", $4 }' "$work/rows" >>"$values"
    time_python
done
finish
