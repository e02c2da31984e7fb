#!/bin/bash
# The manual pages: correct, and the committed ones are current.
. tests/cli/tap.sh

pages=docs/reference/man
scripts/make-docs.sh "$OUROSCOPE" "$scratch/made"
check "the committed pages are those that \`make docs\` writes" diff -ru $pages "$scratch/made/reference/man"

if ! command -v mandoc >/dev/null; then
    skip "the pages are correct" "no mandoc here"
    tap_end
    exit
fi

for page in "$scratch"/made/reference/man/*.1; do
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
