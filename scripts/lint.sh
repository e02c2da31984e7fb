#!/bin/bash
# Checks of the code that need no run of it: lint.sh BUILD
#
# All of them run, whatever the first ones find; the end says which failed.
# BUILD has the compile commands for clang-tidy.
set -u

build=$1
failed=
mapfile -t sources < <(git ls-files --cached --others --exclude-standard 'src/*.c' 'tests/*.c')
mapfile -t headers < <(git ls-files --cached --others --exclude-standard 'src/*.h' 'tests/*.h')
jobs=$(nproc)

check() {
    local name=$1 begun=$SECONDS
    shift
    if "$@"; then
        echo "lint: $name: fine ($((SECONDS - begun)) s)"
    else
        echo "lint: $name: FAILED"
        failed="$failed $name"
    fi
}

layout() {
    clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}"
}

run_cppcheck() {
    cppcheck --quiet -j "$jobs" --std=c11 --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 --suppressions-list=scripts/cppcheck.txt \
        -D'json_object_foreach(object, key, value)=while (next_member(object, &key, &value))' \
        -D_GNU_SOURCE -DOUROSCOPE_VERSION='""' -DOUROSCOPE_DATE='""' -I src -I include -I tests src tests
}

# Test programs are left out: it takes cmocka's assertions for calls that return,
# and they run under sanitizers.
run_clang_tidy() {
    common=$(cat .clang-tidy "${headers[@]}" "$build/compile_commands.json" | sha256sum)
    export build common
    export -f tidy_one
    mkdir -p "$build/tidied"
    printf '%s\n' "${sources[@]}" | grep -v '_test\.c$' | compiled_sources |
        xargs -r -P "$jobs" -n 1 bash -c 'tidy_one "$1"' - 2>&1 |
        grep -v 'warnings\? generated\.$\|^Suppressed .* warnings\|^Use -header-filter'
    [ "${PIPESTATUS[3]}" -eq 0 ]
}

# A source that was found good is not looked at again until it, a header or the
# settings change: BUILD/tidied has the checksum of what was good.
tidy_one() {
    local seen=$build/tidied/${1//\//-} sum
    sum=$(printf '%s\n' "$common" | cat - "$1" | sha256sum)
    [ -e "$seen" ] && [ "$(<"$seen")" = "$sum" ] && return
    clang-tidy --quiet --warnings-as-errors='*' -p "$build" "$1" && echo "$sum" >"$seen"
}

# Those that the build knows how to compile.
compiled_sources() {
    while read -r source; do
        grep -qF "/$source\"" "$build/compile_commands.json" && echo "$source"
    done
}

check layers scripts/check-layers.sh
check layout layout
check cppcheck run_cppcheck
check clang-tidy run_clang_tidy
echo
scripts/code-facts.sh
[ -z "$failed" ] || { echo; echo "lint: failed:$failed"; exit 1; }
