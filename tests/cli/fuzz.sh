#!/bin/bash
# The account of fuzzing: every harness stands in it once, and scripts/fuzz-batch.py keeps it as it says.
. tests/cli/tap.sh

harnesses() {
    find "$1/tests/fuzz" -name 'fuzz_*.c' -printf '%f\n' | sed 's/^fuzz_\(.*\)\.c$/\1/' | sort
}
each_once() {
    diff <(harnesses .) <(tail -n +2 tests/fuzz/state.tsv | cut -f1)
}
built_once() {
    diff <(harnesses .) <(sed -n '/^fuzz_harnesses/,/^]/p' tests/fuzz/meson.build | grep -o "'[a-z0-9_]*'" | tr -d "'" | sort)
}
check "each harness is built" built_once
check "each harness stands in the account once, in order" each_once
table_is_current() {
    cp -r scripts tests/fuzz docs/internals "$scratch/"
    mkdir -p "$scratch/now/tests" "$scratch/now/docs"
    mv "$scratch/fuzz" "$scratch/now/tests/" && mv "$scratch/internals" "$scratch/now/docs/"
    (cd "$scratch/now" && ../scripts/fuzz-batch.py table)
    diff docs/internals/fuzzing.md "$scratch/now/docs/internals/fuzzing.md"
}
check "the page of fuzzing has the account as it is" table_is_current

# A tree with three harnesses, and programs that behave as libFuzzer does: one reaches something new at once, one goes
# on until it is told to end, one finds a crash.
tree=$scratch/tree
build=$tree/build-fuzz
batch=$PWD/scripts/fuzz-batch.py
make_tree() {
    rm -rf "$tree"
    mkdir -p "$tree/docs/internals" "$build/tests/fuzz"
    printf '<!-- fuzz state -->\n<!-- /fuzz state -->\n' >"$tree/docs/internals/fuzzing.md"
    for name in good crash long; do
        mkdir -p "$tree/tests/fuzz/corpus/$name"
        echo "seed of $name" >"$tree/tests/fuzz/corpus/$name/seed"
        printf '/* Any bytes as %s. And more. */\n#include "wire/cbor.h"\n' "$name" >"$tree/tests/fuzz/fuzz_$name.c"
        printf '%s\n' '#!/bin/bash' 'for word; do case $word in -artifact_prefix=*) prefix=${word#*=} ;; -set_cover_merge=1) merge=1 ;; esac; done' \
            "$2" "echo '#8	REDUCE cov: 12 ft: 34 corp: 2/9b' >&2" "$(program "$name")" >"$build/tests/fuzz/fuzz-$name"
        chmod +x "$build/tests/fuzz/fuzz-$name"
    done
}
program() {
    case $1 in
    good) printf '%s\n' 'if [ "${merge-}" ]; then into=${*: -2:1}; cp "${*: -1}"/* "$into"; exit 0; fi' \
        'echo found >"${*: -2:1}/1234"; echo "stat::number_of_executed_units: 100" >&2' ;;
    crash) printf '%s\n' '[ "${merge-}" ] && exit 1; echo bad >"${prefix}crash-00ff"; exit 77' ;;
    long) printf '%s\n' '[ "${merge-}" ] && exit 0; trap "echo stat::number_of_executed_units: 7 >&2; exit 72" INT' \
        "touch $tree/long-runs; while :; do sleep 0.1; done" ;;
    esac
}
# cell HARNESS FIELD: what the account says.
cell() {
    awk -F'\t' -v name="$1" -v field="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == name { print $at[field] }' \
        "$tree/tests/fuzz/state.tsv"
}
says() {
    [ "$(cell "$1" "$2")" = "$3" ] || { echo "$2 of $1 is '$(cell "$1" "$2")', not '$3'"; cat "$tree/tests/fuzz/state.tsv"; return 1; }
}
# Runs until the harness without an end was started, and is then interrupted, as by Ctrl-C.
run_and_interrupt() {
    (cd "$tree" && exec "$batch" batch --minutes 5 --jobs 1 --slice 1) >"$scratch/said" 2>&1 &
    local pid=$!
    for _ in $(seq 600); do [ -e "$tree/long-runs" ] && break; sleep 0.1; done
    kill -INT $pid
    status=0
    wait $pid || status=$?
    rm -f "$tree/long-runs"
}

make_tree
run_and_interrupt
check "a batch that found something says so with its status" ended 1
check "the slice that was interrupted counts" says long runs 7
check "runs, edges and features are kept" eval 'says crash edges 12 && says crash features 34'
check "a crash is counted" says crash findings 1
check "the input of a crash is kept" same bad "$build/crashes/crash-crash-00ff"
check "a crash is told" grep -q 'fuzz: crash FOUND something: build-fuzz/crashes/crash.log' "$scratch/said"
check "an input with something new goes into the corpus" same found "$tree/tests/fuzz/corpus/good/1234"
check "the page has a row of each harness" eval '[ "$(grep -c "^| [a-z]* | Any bytes as [a-z]*\. | wire |" "$tree/docs/internals/fuzzing.md")" = 3 ]'
run_and_interrupt
check "a second batch adds to the first" eval 'says crash findings 1 && says long runs 14 && says good runs 200'

make_tree
rm "$build/tests/fuzz/fuzz-good"
no_program() {
    (cd "$tree" && "$batch" run --minutes 1) >"$scratch/said" 2>&1 && return 1
    same "fuzz: build-fuzz has no program of good: scripts/fuzz.sh all 0 builds them" "$scratch/said"
}
check "a harness that is not built is named" no_program
tap_end
