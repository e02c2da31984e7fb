#!/bin/bash
# Runs tests and ends with a line "N passed, N failed": run-tests.sh BUILD [MESON TEST OPTIONS]
#
# What counts is a test case, not a program; see test-summary.py. The exit
# status is 0 only when at least one case ran and none failed.
set -u

build=$1
shift
log=$build/meson-logs/testlog.json

rm -f "$log"
meson test -C "$build" --no-rebuild --print-errorlogs "$@" </dev/null
status=$?
python3 "$(dirname "$0")/test-summary.py" "$log" | tee "$build/test-summary.txt"
counted=${PIPESTATUS[0]}
[ $status -eq 0 ] && exit "$counted"
exit $status
