#!/bin/bash
# Fuzzes with libFuzzer: fuzz.sh NAME|all SECONDS, where 0 seconds only build
#
# Each harness starts from tests/fuzz/corpus/NAME and keeps what it finds in
# build-fuzz/corpus-NAME; an input that breaks something goes to
# build-fuzz/crashes, and belongs into the corpus once the cause is mended.
set -eu

name=$1 seconds=$2
build="build-fuzz"

# Set up again each time, because Meson would not notice a new harness.
if [ -f $build/build.ninja ]; then
    meson setup --reconfigure $build >/dev/null
else
    CC=clang meson setup $build -Dfuzzing=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fno-sanitize-recover=all
fi
if [ "$name" = all ]; then
    mapfile -t names < <(ls tests/fuzz/fuzz_*.c 2>/dev/null | sed 's/.*fuzz_\(.*\)\.c/\1/')
else
    names=("$name")
fi
[ ${#names[@]} -gt 0 ] || { echo "fuzz: there is no tests/fuzz/fuzz_NAME.c" >&2; exit 1; }
ninja -C $build "${names[@]/#/tests/fuzz/fuzz-}"
[ "$seconds" -gt 0 ] || exit 0
mkdir -p $build/crashes

fuzz_one() {
    local name=$1 dictionary=()
    mkdir -p "$build/corpus-$name"
    [ -f "tests/fuzz/$name.dict" ] && dictionary=("-dict=tests/fuzz/$name.dict")
    echo "fuzz: $name for $seconds s"
    "$build/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$build/crashes/$name-" "${dictionary[@]}" \
        "$build/corpus-$name" "tests/fuzz/corpus/$name" >"$build/fuzz-$name.log" 2>&1 ||
        { tail -40 "$build/fuzz-$name.log"; echo "fuzz: $name FOUND something"; return 1; }
    echo "fuzz: $name found nothing in $(sed -n 's/^stat::number_of_executed_units: *//p' \
        "$build/fuzz-$name.log") runs"
}
export -f fuzz_one
export build seconds
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {}'
