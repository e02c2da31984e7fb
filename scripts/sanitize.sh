#!/bin/bash
# Builds with sanitizers and runs all tests: sanitize.sh SANITIZERS BUILD
set -eu

sanitizers=$1 build=$2

[ -f "$build/build.ninja" ] ||
    meson setup "$build" -Db_sanitize="$sanitizers" -Db_lundef=false \
        -Dc_args=-fno-sanitize-recover=all
ninja -C "$build"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/support/tsan.supp"
# Sanitizers cost time: three times as much is allowed.
exec "$(dirname "$0")/run-tests.sh" "$build" --timeout-multiplier 3
