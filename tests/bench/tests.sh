#!/bin/bash
# How long the tests take: all of them, and the unit tests alone. Only made when it is asked for, because it takes ten
# minutes and more.
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

begin tests "${TMPDIR:-/tmp}"
tests=$PWD/build-tests

# timed SUBJECT COMMAND...: what it takes; the end of what it says is shown when it fails.
timed() {
    local subject=$1 start=$EPOCHREALTIME
    shift
    "$@" >"$work/said" 2>&1 || { tail -n 30 "$work/said" >&2; exit 1; }
    note "$subject" wall s "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}

rm -rf "$tests"
at_exit+=("rm -rf $tests")
timed 'setting up' meson setup "$tests"
timed 'building all, without ccache' env CCACHE_DISABLE=1 ninja -C "$tests"
timed 'all tests' make BUILD="$tests" test
timed 'unit tests' scripts/run-tests.sh "$tests" --suite unit
finish
