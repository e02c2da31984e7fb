#!/bin/bash
# Measures what the tests reach: coverage.sh BUILD [SUITE...], all suites if none is named
#
# Ends with a table of the layers. BUILD/coverage.json has the counts of each
# line; BUILD/uncovered-errors.txt the lines that no test reaches and that tell
# of an error, by layer. With RECORD=1 the table goes into docs/internals/testing.md.
set -eu

build=$1
shift
suites=("$@")
[ $# -gt 0 ] || suites=(unit fuzz cli integration)

[ -f "$build/build.ninja" ] || meson setup "$build" -Db_coverage=true --buildtype=debug
ninja -C "$build"
find "$build" -name '*.gcda' -delete
# A failed test reaches something too; it is told, and the table is made all the same.
scripts/run-tests.sh "$build" "${suites[@]/#/--suite=}" --timeout-multiplier 3 || true
gcovr --root . --object-directory "$build" -j "$(nproc)" --filter 'src/' --exclude '.*_test\.[ch]$' --exclude-throw-branches \
    --gcov-ignore-parse-errors --json "$build/coverage.json" "$build"
scripts/coverage-table.py "$build" "${suites[*]}" ${RECORD:+--record}
