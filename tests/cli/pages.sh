#!/bin/bash
# The pages of docs/: what they say of the code is current, and their links lead somewhere.
. tests/cli/tap.sh

scripts/make-differences-doc.sh src/analyse/differences.h >"$scratch/differences.md"
check "docs/explanation/differences-from-locli.md is what \`make docs\` writes" \
    diff -u docs/explanation/differences-from-locli.md "$scratch/differences.md"

scripts/make-genesis-fields-doc.sh data/genesis/fields.tsv >"$scratch/genesis-fields.md"
check "docs/reference/genesis-fields.md is what \`make docs\` writes" \
    diff -u docs/reference/genesis-fields.md "$scratch/genesis-fields.md"

scripts/make-use-cases-doc.sh docs/use-cases >"$scratch/use-cases.md"
check "docs/reference/api/use-cases.md is what \`make docs\` writes" \
    diff -u docs/reference/api/use-cases.md "$scratch/use-cases.md"

# The codes of findings (the first text of each call and row) and of lines not understood.
codes_of_source() {
    tr '\n' ' ' <src/analyse/findings.c |
        grep -oE '(tell\(|\{ OBSERVER_[A-Z]+,)[^"]*"[a-z-]+"' | sed 's/.*"\(.*\)"/\1/'
    sed -n '/define OU_REJECTS/,/^$/p' src/logs/line.h | tr '\n' ' ' |
        grep -oE 'X\([A-Z_]+, "[a-z-]+"' | sed 's/.*"\(.*\)"/\1/'
}

every_code_is_described() {
    codes_of_source | sort -u >"$scratch/in-source"
    sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' docs/explanation/data-quality.md | sort >"$scratch/in-page"
    [ "$(wc -l <"$scratch/in-source")" -gt 40 ] || { echo "no codes found in the source"; return 1; }
    diff "$scratch/in-source" "$scratch/in-page"
}
check "data-quality.md describes each code of the source once, and no other" every_code_is_described

# The anchor of a heading, as forges make it.
anchors() {
    sed -n 's/^#\{1,6\} //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n_-'
}

# PAGE:LINK for each link of a page; what looks like one in code is none.
links_of() {
    awk '/^ *```/ { code = !code } !code { gsub(/`[^`]*`/, ""); print }' "$1" |
        grep -oE '\]\([^) ]+\)' | sed "s,^\](\(.*\))\$,$1:\1,"
}

links_lead_somewhere() {
    local page link target bad=0
    while IFS=: read -r page link; do
        target=$(dirname "$page")/${link%%#*}
        [ -n "${link%%#*}" ] || target=$page
        if [ ! -e "$target" ]; then
            echo "$page: there is no $link"
            bad=1
        elif [[ $link == *#* ]] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
            echo "$page: no heading ${link#*#} in $target"
            bad=1
        fi
    done < <(find ./*.md docs tests -name '*.md' | while read -r page; do links_of "$page"; done | grep -vE ':(https?|mailto):')
    return $bad
}
check "links between pages lead to a file and a heading" links_lead_somewhere

# `name()` and `layer/file.c` in the code tour.
tour_speaks_of_what_is_there() {
    local word bad=0
    while read -r word; do
        case $word in
        *'()') grep -rqE "(^|[^a-z_])${word%??}\(" src || { echo "no function $word"; bad=1; } ;;
        *) [ -e "src/$word" ] || [ -e "$word" ] || { echo "no file $word"; bad=1; } ;;
        esac
    done < <(grep -oE '`([a-z_]+\(\)|[a-z_]+/[a-z_]+\.[ch])`' ARCHITECTURE.md | tr -d '`' | sort -u)
    return $bad
}
check "the code tour names functions and files that there are" tour_speaks_of_what_is_there
# Files of the code that pages for developers name, with their folder or by their name alone; a pattern has to fit something.
files_are_there() {
    local page word where bad=0
    while IFS=: read -r page word; do
        case $word in
        *LAYER* | *NAME*) continue ;;
        */*) where=$(compgen -G "src/$word" || compgen -G "include/$word" || compgen -G "tests/$word" || compgen -G "$word") ;;
        *) where=$(find src include tests -name "$word" -print -quit) ;;
        esac
        [ -n "$where" ] || { echo "$page: there is no $word"; bad=1; }
    done < <(grep -oE '`[A-Za-z0-9_/*]+\.[ch]`' ./*.md docs/internals/*.md docs/protocols/*.md docs/formats/*.md | grep -v CHANGELOG | tr -d '`' | sort -u)
    return $bad
}
check "pages name files of the code that there are" files_are_there
tap_end
