#!/bin/bash
# The manual pages: correct, and the committed ones are current.
. tests/cli/tap.sh

pages=docs/reference/man
scripts/make-docs.sh "$OUROSCOPE" "$scratch/made"
check "the committed pages are those that \`make docs\` writes" diff -ru -x '*.7' $pages "$scratch/made/reference/man"

if ! command -v mandoc >/dev/null; then
    skip "the pages are correct" "no mandoc here"
    
# What the page on tracing says of types, options and losses is what the headers have.
every_word_of_tracing_is_there() {
    sed -n '/define OU_FIELD_TYPES/,/^$/s/^ *X(\([a-z0-9]*\),.*/\1/p' include/ouroscope/point.h | sed 's/^/.It Cm /' >"$scratch/words"
    sed -n '/define OU_LOSSES/,/^$/s/^ *X(\([a-z_]*\),.*/\1/p' include/ouroscope/trace.h | sed 's/^/Va /' >>"$scratch/words"
    sed -n '/^struct ou_trace_options/,/^}/s/^ .*[ *]\([a-z_]*\);.*/\1/p' include/ouroscope/trace.h | sed 's/^/Va /' >>"$scratch/words"
    [ "$(wc -l <"$scratch/words")" -ge 30 ] || { echo "no words found in the headers"; return 1; }
    while read -r word; do
        grep -qw -- "$word" $pages/ouroscope-tracing.7 || { echo "not in the page: $word"; return 1; }
    done <"$scratch/words"
}
check "ouroscope-tracing(7) has every type of field, option and cause of loss" every_word_of_tracing_is_there
tap_end
    exit
fi

for page in "$scratch"/made/reference/man/*.1 $pages/*.7; do
    check "mandoc has nothing against $(basename "$page")" mandoc -Tlint -Wwarning "$page"
done

# Text as a reader sees it, without the overstrikes of bold type.
mandoc -Tutf8 "$scratch/made/reference/man/ouroscope-analyse.1" | sed 's/.\x08//g' >"$scratch/page"

has_every_option() {
    "$OUROSCOPE" analyse --help | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' >"$scratch/options"
    [ "$(wc -l <"$scratch/options")" -gt 10 ] || { echo "no options in the help"; return 1; }
    while read -r option; do
        grep -q -- "^ *\(-. | \)\{0,1\}$option" "$scratch/page" || { echo "not in the page: $option"; return 1; }
    done <"$scratch/options"
}
check "the page has every option of the help" has_every_option
check "an example can be copied from the page" \
    grep -qF -- "--filter '[{\"tag\":\"CSlot\"" "$scratch/page"
tap_end
