#!/bin/bash
# Runs tests under valgrind's memcheck: valgrind.sh BUILD [--suite unit | NAME...]
#
# A NAME is a unit test (wire/cbor) or a script (cli/compare.sh), which runs the
# program under memcheck; without one it is all unit tests, and the scripts below:
# the program as it is used. What memcheck says is in BUILD/valgrind, a file for
# each process that did something wrong: read or wrote beside its memory, decided
# by a value that nobody set, or lost memory.
set -eu

build=$(realpath "$1")
shift
use=(cli/analyse.sh cli/compare.sh cli/report.sh cli/variance.sh cli/history.sh cli/genesis-create.sh cli/genesis-files.sh
    cli/profile.sh cli/topology.sh cli/sweep.sh cli/publish.sh cli/import.sh cli/traces.sh cli/usage.sh
    integration/node.sh integration/run.sh integration/tracer-daemon.py integration/serve.py)
[ $# -gt 0 ] || set -- --suite unit "${use[@]}"

logs=$build/valgrind
rm -rf "$logs"
mkdir -p "$logs"
# Memory that is still pointed at when a process ends is not lost.
memcheck="valgrind --quiet --tool=memcheck --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
--track-fds=no --num-callers=25 --fair-sched=try --suppressions=$PWD/tests/support/valgrind.supp --log-file=$logs/%p.log"

# What the scripts take for the program.
printf '#!/bin/sh\nexec %s %s "$@"\n' "$memcheck" "$build/ouroscope" >"$logs/ouroscope"
chmod +x "$logs/ouroscope"

run_script() {
    local interpreter=bash
    case $1 in *.py) interpreter=python3 ;; esac
    OUROSCOPE=$logs/ouroscope OUROSCOPE_BUILD=$build OUROSCOPE_CC=cc LC_ALL=C.UTF-8 \
        timeout 1800 $interpreter "tests/$1" >"$logs/$(basename "$1").out" 2>&1 </dev/null ||
        { echo "valgrind: $1 failed (memcheck makes programs twenty times slower):"; grep '^not ok' "$logs/$(basename "$1").out" || true; }
}

while [ $# -gt 0 ]; do
    case $1 in
    --suite)
        OUROSCOPE_WRAPPER=$memcheck scripts/run-tests.sh "$build" --suite "$2" --timeout-multiplier 30 || true
        shift
        ;;
    cli/* | integration/*) run_script "$1" ;;
    *) OUROSCOPE_WRAPPER=$memcheck scripts/run-tests.sh "$build" "$1" --timeout-multiplier 30 || true ;;
    esac
    shift
done

# Killed processes leave empty files.
find "$logs" -name '*.log' -empty -delete
mapfile -t said < <(find "$logs" -name '*.log')
[ ${#said[@]} -eq 0 ] || cat "${said[@]}"
echo "valgrind: ${#said[@]} processes did something wrong"
[ ${#said[@]} -eq 0 ]
