#!/bin/bash
# Runs tests under valgrind's memcheck: valgrind.sh BUILD [--suite unit | NAME...]
#
# A NAME is a unit test (wire/cbor) or a script (cli/compare.sh), which runs the
# program under memcheck; without one it is all unit tests but those below, and the
# scripts below: the program as it is used. What memcheck says is in BUILD/valgrind,
# a file for each process that did something wrong: read or wrote beside its memory,
# decided by a value that nobody set, or lost memory.
set -eu

build=$(realpath "$1")
shift
use=(cli/analyse.sh cli/compare.sh cli/report.sh cli/variance.sh cli/history.sh cli/genesis-create.sh cli/genesis-files.sh
    cli/profile.sh cli/topology.sh cli/sweep.sh cli/publish.sh cli/import.sh cli/traces.sh cli/usage.sh
    integration/node.sh integration/hostile-peers.py integration/tracer-daemon.py integration/serve.py)
# They start processes and wait for them by pidfd_open(), or look for their program in /proc: valgrind of Debian 12 does
# not know that call, and is the program there.
cannot='deploy/child|deploy/process|deploy/sampler|deploy/backend_local|workbench/run'
[ $# -gt 0 ] || set -- --suite unit "${use[@]}"

logs=$build/valgrind
rm -rf "$logs"
mkdir -p "$logs"
# Memory that is still pointed at when a process ends is not lost.
memcheck="valgrind --quiet --tool=memcheck --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
--track-fds=no --num-callers=25 --fair-sched=try --log-file=$logs/%p.log"

# What the scripts take for the program. `run` waits by pidfd_open(); the nodes that scripts start themselves do not.
cat >"$logs/ouroscope" <<END
#!/bin/sh
case \$1 in run) exec $build/ouroscope "\$@" ;; esac
exec $memcheck $build/ouroscope "\$@"
END
chmod +x "$logs/ouroscope"

run_tests() {
    OUROSCOPE_MEMCHECK=1 OUROSCOPE_WRAPPER=$memcheck scripts/run-tests.sh "$build" --timeout-multiplier 30 "$@" || true
}

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
        mapfile -t tests < <(meson test -C "$build" --no-rebuild --list --suite "$2" | sed 's|.* / ||' | grep -vxE "$cannot")
        run_tests "${tests[@]}"
        shift
        ;;
    cli/* | integration/*) run_script "$1" ;;
    *) run_tests "$1" ;;
    esac
    shift
done

# Processes that were killed leave empty files, and others may warn of a call that memcheck does not know.
mapfile -t said < <(grep -l '^==' "$logs"/*.log)
[ ${#said[@]} -eq 0 ] || cat "${said[@]}"
echo "valgrind: ${#said[@]} processes did something wrong"
[ ${#said[@]} -eq 0 ]
