#!/bin/bash
# Builds everything, where a warning is an error, with the compilers that are named, and runs the unit tests: strict.sh COMPILER...
# The folders are build-strict-COMPILER.
set -eu

cd "$(dirname "$0")/.."
for compiler; do
    build=build-strict-$compiler
    [ -f "$build/build.ninja" ] || CC=$(command -v ccache || true)" $compiler" meson setup "$build" -Dwerror=true
    ninja -C "$build"
    scripts/run-tests.sh "$build" --suite unit
done
