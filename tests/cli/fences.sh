#!/bin/bash
# Each block of each page is of a class that is checked (tests/cli/blocks.sh tells them), and what is no command is what the page says.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/kinds.sh

case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac

# check_parts PAGE FOLDER: what is checked without running anything.
check_parts() {
    local block language kind program
    for block in "$2"/[0-9]*; do
        [ -e "$block" ] || continue
        kind=$(head -n 1 "$block")
        case $block in
        *.is)
            program=$(program_of "$kind")
            if [ -z "${kinds[$kind]:-}" ]; then
                check "$1: $kind is a kind of tests/cli/kinds.sh" false
            elif [ -n "$program" ] && ! PATH=$PATH:/usr/sbin type -P "$program" >/dev/null; then
                skip "$1: a $kind" "no $program here"
            else
                check "$1: $(basename "$block" .is) is a $kind" is_of_kind "$block"
            fi
            ;;
        *.from) check "$1: $kind has these lines" is_from "$block" ;;
        *.excerpt)
            language=${kind%% *}
            check "$1: the syntax of $kind" is_excerpt "$language" "$block"
            ;;
        *.drawing) check "$1: no command hides in a drawing" bash -c '! grep -nE "^ *(\\$ |sudo |(build/)?ouroscope [a-z-]+( [^ ]|\$)|make [a-z-]+( [^ ]|\$))" "$1"' - "$block" ;;
        esac
    done
}

# A text that is shown has a command before it.
shown_behind_commands() {
    local block command bad=0
    for block in "$1"/*.shown "$1"/*.like; do
        [ -e "$block" ] || continue
        command=$(compgen -G "${block%.*}.run" || compgen -G "${block%.*}.started") || { echo "no command prints:"; head -n 2 "$block"; bad=1; }
    done
    return $bad
}

# Commands in paragraphs that are indented by four spaces are blocks that nobody checks.
no_hidden_blocks() {
    ! awk '/^ *(```|~~~)/ { code = !code } code { next } /^ *([-*]|[0-9]+\.) / { list = 1 } /^[^ ]/ && !/^([-*]|[0-9]+\.) / { list = 0 }
           /^    +[^ ]/ && !list { print FILENAME ":" FNR ": " $0 }' "$1" | grep .
}

for page in $(all_pages); do
    folder=$scratch/$page.blocks
    mkdir -p "$folder"
    blocks "$page" "$folder"
    check "$page: each block is of a class" bash -c 'grep -h . "$1"/*.unknown && exit 1; exit 0' - "$folder"
    check "$page: what is shown is shown by a command" shown_behind_commands "$folder"
    check "$page: blocks stand between fences" no_hidden_blocks "$page"
    check_parts "$page" "$folder"
done

tests_of_pages_are_there() {
    local page name bad=0
    while read -r page name; do
        [ -n "$page" ] || continue
        [ -e "$page" ] || { echo "there is no page $page"; bad=1; }
        grep -q "^ *'$(basename "$name")'\|'$(basename "$name")'," tests/meson.build || { echo "$name is not in tests/meson.build"; bad=1; }
        grep -q "$(basename "$page" .md)\|$(dirname "$page")" "$name" && grep -q 'check_page' "$name" || { echo "$name does not run $page"; bad=1; }
    done <<<"$page_tests"
    return $bad
}
check "pages with a test of their own have it" tests_of_pages_are_there
tap_end
