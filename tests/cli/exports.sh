#!/bin/bash
# What the program shows to the libraries that it is linked to: a function of ours that has the name of one of theirs would be
# called in its place.
. tests/cli/tap.sh

if ! command -v nm >/dev/null; then
    skip "the program exports nothing but the tracing library's names" "there is no nm"
elif [ "${OUROSCOPE_SANITIZE:-none}" != none ]; then
    skip "the program exports nothing but the tracing library's names" "sanitizers export theirs"
else
    nm -D --defined-only "${OUROSCOPE:?}" | awk '$2 ~ /[TDB]/ { print $3 }' >"$scratch/names"
    check "the program exports nothing but the tracing library's names" same '' <(grep -v -e '^ou_' -e '^_' -e @ "$scratch/names")
fi

tap_end
