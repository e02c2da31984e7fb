#!/bin/bash
# The benchmarks: every budget, measured beside a named peer, and one table in the end. README.md explains the figures.
#
#   BENCH_ONLY="speed api"  these parts alone; their names stand below
#   BENCH_RESUME=1          leave out parts that an earlier run on this commit has finished
#   BENCH_QUICK=1           everything small and once, in some five minutes: whether it works, no figures
#
# Other variables stand in the heads of common.sh and of the parts, which are scripts that can be run alone.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Name, and about how many minutes it takes on two processors. Those that want the quietest machine come first.
parts='trace 6
cluster 6
speed 2
memory 5
collector 3
api 5
report 1
stats 1
genesis 2
deploy 3'
on_demand='tests 12
soak 10' # only when they are named

build=${BENCH_BUILD:-build-bench}
export OUROSCOPE=${BENCH_PROGRAM:-$build/ouroscope} # for soak.sh

say() { printf '%s\n' "$*" >&2; }

named() { awk -v name="$1" '$1 == name { print $2 }' <<<"$parts
$on_demand"; }

# Whether an earlier run measured this part of this commit.
is_done() {
    [ -n "${BENCH_RESUME:-}" ] && [ -f "$build/rounds/$1.tsv" ] &&
        [ "$(cut -f 5 "$build/parts/$1.tsv")" = "$(git describe --always --dirty)${BENCH_QUICK:+-quick}" ]
}

chosen=${BENCH_ONLY:-$(cut -d ' ' -f 1 <<<"$parts")}
[ "$chosen" != all ] || chosen=$(cut -d ' ' -f 1 <<<"$parts")
for part in $chosen; do
    [ -n "$(named "$part")" ] || { say "There is no part $part; there are: $(cut -d ' ' -f 1 <<<"$parts
$on_demand" | tr '\n' ' ')"; exit 2; }
done

# shellcheck disable=SC2086 # a list of words
set -- $chosen
failed=''
for part in "$@"; do
    number=$((${number:-0} + 1))
    if is_done "$part"; then
        say "Part $number of $#, $part: done before."
        continue
    fi
    say "Part $number of $#, $part: ${BENCH_QUICK:+less than }$(named "$part") min."
    "tests/bench/$part.sh" || { say "Part $part failed."; failed+=" $part"; }
done
python3 tests/bench/summary.py budgets "$build"
[ -z "$failed" ] || { say "These parts failed:$failed"; exit 1; }
