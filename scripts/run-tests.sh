#!/bin/bash
# Runs tests and ends with a line "N passed, N failed": run-tests.sh BUILD [MESON TEST OPTIONS]
#
# What counts is a test case, not a program; see test-summary.py. The exit
# status is 0 only when at least one case ran and none failed.
set -u

build=$1
shift
log=$build/meson-logs/testlog.json

# Half of the tests wait for most of their time: for slots of a second, for servers, for limits to pass.
export MESON_TESTTHREADS=${MESON_TESTTHREADS:-$((3 * $(nproc)))}

rm -f "$log"
# A shell's background job ignores Ctrl-C, and so would all that tests start and interrupt.
env --default-signal=INT,QUIT meson test -C "$build" --no-rebuild --print-errorlogs "$@" </dev/null
status=$?
python3 "$(dirname "$0")/test-summary.py" "$log" | tee "$build/test-summary.txt"
counted=${PIPESTATUS[0]}
[ $status -eq 0 ] && exit "$counted"
exit $status
