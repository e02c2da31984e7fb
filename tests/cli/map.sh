#!/bin/bash
# The documentation as a whole: its map has every page, each page says for whom it is and where to go next, and pages about
# protocols say what the code does.
. tests/cli/tap.sh

# The files that the page links to, as paths from the root, and a page each.
linked_from() {
    local page=$1
    grep -oE '\]\([^) #]+' "$page" | sed 's/^\](//' | grep -v ':' | while read -r link; do
        realpath -m --relative-to=. "$(dirname "$page")/$link"
    done | sort -u
}

every_page_is_on_the_map() {
    linked_from docs/README.md >"$scratch/linked"
    find docs -name '*.md' ! -path 'docs/decisions/0*' ! -path docs/README.md | sort >"$scratch/pages"
    [ "$(wc -l <"$scratch/pages")" -gt 100 ] || { echo "where are the pages?"; return 1; }
    comm -13 "$scratch/linked" "$scratch/pages" | sed 's/^/not on the map: /'
    [ -z "$(comm -13 "$scratch/linked" "$scratch/pages")" ]
}
check "docs/README.md has every page" every_page_is_on_the_map

every_decision_is_listed() {
    linked_from docs/decisions/README.md >"$scratch/linked"
    ! find docs/decisions -name '0*.md' | sort | comm -13 "$scratch/linked" - | grep .
}
check "docs/decisions/README.md has every decision" every_decision_is_listed

# Those that people are led to; pages of internals begin with what they are about, and reference pages with what they are made of.
readers_pages() {
    find docs/README.md docs/two-pages.md docs/guide docs/tutorial docs/howto docs/migration docs/explanation docs/formats docs/protocols \
        -name '*.md' 2>"$scratch/missing"
}
says_for_whom() {
    local page bad=0
    while read -r page; do
        head -6 "$page" | grep -q '^For ' || { echo "$page: no line \"For ...\" among the first six"; bad=1; }
        # The last paragraph.
        awk -v RS= '{ last = $0 } END { exit last !~ /^Next: / }' "$page" || { echo "$page: does not end with \"Next: ...\""; bad=1; }
    done < <(readers_pages)
    return $bad
}
check "each page says for whom it is, and where to go next" says_for_whom

# STATE BYTES SECONDS of a protocol's states, as src/wire has them; no seconds where it may take for ever.
states_of() {
    sed -n '/struct protocol_state .*states\[\]/,/^};/p' "$1" | tr -d '\n' | sed 's/\[[A-Z_]*\] =/\n&/g' |
        sed -nE 's/.*\{ "([A-Za-z]+)", AGENCY_(CLIENT|SERVER), *([A-Z_0-9]+), *([A-Z_0-9]+) \}.*/\1 \L\2\E \3 \4/p' |
        sed 's/PROTOCOL_SMALL_BYTES/65535/; s/PROTOCOL_LARGE_BYTES/2500000/; s/HANDSHAKE_BYTES/5760/; s/HANDSHAKE_MS/10000/; s/SHARING_BYTES/5760/' |
        while read -r state agency bytes ms; do
            [ "$ms" = 0 ] && echo "$state $agency $bytes" || echo "$state $agency $bytes $((ms / 1000))"
        done
}
states_are_told() {
    local file
    for file in handshake chain_sync block_fetch tx_submission keep_alive; do
        states_of src/wire/$file.c
    done | sort >"$scratch/of-source"
    [ "$(wc -l <"$scratch/of-source")" -eq 18 ] || { echo "no states found in the source"; cat "$scratch/of-source"; return 1; }
    sed -nE 's/^\| ([A-Za-z]+) \| (client|server) \| .* → .* \| ([0-9]*)( s)? ?\| ([0-9]+) \|$/\1 \2 \5 \3/p' docs/protocols/node-to-node.md |
        sed 's/ $//' | sort >"$scratch/of-page"
    diff "$scratch/of-source" "$scratch/of-page"
}
check "node-to-node.md has the states and limits of the protocols" states_are_told

numbers_are_told() {
    sed -nE '/\.name = /{ s/.*"(.*)".*/\1/; N; s/\n.*= ([0-9]+),/ \1/; p }' src/wire/{handshake,chain_sync,block_fetch,tx_submission,keep_alive}.c |
        sort >"$scratch/of-source"
    [ "$(wc -l <"$scratch/of-source")" -eq 6 ] || { echo "no protocols found in the source"; return 1; }
    sed -nE 's/^\| ([0-9]+) \| ([A-Za-z0-9]+) \| .* \| [0-9]+ \|$/\2 \1/p' docs/protocols/node-to-node.md | sort >"$scratch/of-page"
    diff "$scratch/of-source" "$scratch/of-page"
}
check "node-to-node.md has the protocols with their numbers" numbers_are_told

pictures() {
    find docs/images -maxdepth 1 -name '*.png' -o -maxdepth 1 -name '*.svg'
}
# A drawing has its source; of topologies and pages of results the scripts name what stands behind the prefix.
is_made() {
    case $1 in
    topology-*) grep -q "^draw ${1#topology-} " scripts/make-topology-images.sh ;;
    results-*) grep -qF "\"${1#results-}\"" tests/e2e/results/images.js ;;
    *) [ -e "docs/images/src/$1.dot" ] || grep -qF "/$1.png" tests/e2e/*/images.js ;;
    esac
}
pictures_are_made_and_used() {
    local picture name bad=0
    [ "$(pictures | wc -l)" -ge 12 ] || { echo "where are the pictures?"; return 1; }
    while read -r picture; do
        name=$(basename "${picture%.*}")
        is_made "$name" || { echo "$picture: no script makes it"; bad=1; }
        grep -rqF "images/$(basename "$picture")" --include='*.md' README.md docs || { echo "$picture: no page has it"; bad=1; }
    done < <(pictures)
    return $bad
}
check "each picture is made by a script, and is on a page" pictures_are_made_and_used

words_of() {
    grep -ohE '>[^<]+</text>' "$@" | sort
}
if command -v dot >"$scratch/dot"; then
    check "drawings are made" scripts/make-drawings.sh "$scratch/drawings"
    words_of "$scratch"/drawings/*.svg >"$scratch/made"
    for drawing in docs/images/src/*.dot; do
        words_of "docs/images/$(basename "$drawing" .dot).svg"
    done | sort >"$scratch/committed"
    check "they have the words of those that are committed" diff "$scratch/committed" "$scratch/made"
else
    skip "drawings are made" "there is no dot"
fi
tap_end
