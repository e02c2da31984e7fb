#!/bin/bash
# The bash completion, sourced and asked as bash asks it.
. tests/cli/tap.sh

run completion bash
check "the script is printed" ended 0
check "the script has no syntax error" bash -n "$scratch/out"
cp "$scratch/out" "$scratch/completion"

# completes EXPECTED WORDS...: with the cursor at the end of the last word, which may be empty,
# bash would offer the words EXPECTED. "=" is a word of its own, as bash splits it.
completes() {
    local expected=$1
    shift
    bash -c '
        . "$1/completion"
        expected=$2
        shift 2
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _ouroscope
        diff -u <(echo "$expected") <(echo "${COMPREPLY[*]}")
    ' - "$scratch" "$expected" "$@"
}

# in_words WORD WORDS...: the word is among those that bash would offer.
in_words() {
    completes '' "${@:2}" | grep -qw -- "$1"
}

check "commands are completed" completes "analyse" ouroscope an
check "all commands are offered, families once" \
    completes "$("$OUROSCOPE" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | paste -sd ' ') --help --version" ouroscope ''
check "a family's commands are offered" in_words "list" ouroscope profile ''
check "a family's commands are completed" completes "list" ouroscope profile li
check "options of a command of two words are completed" completes "--all" ouroscope profile list --a
check "a family's commands are operands of help" completes "list" ouroscope help profile li
check "options are completed" completes "--no-write --no-filters" ouroscope analyse --no
check "choices of an option are offered" completes "text json csv org" ouroscope analyse --format ''
check "choices of an option are completed" completes "json" ouroscope analyse x --format j
check "a short option is completed, too" completes "json" ouroscope analyse -f j
check "choices after = are offered" completes "mainnet preprod preview" ouroscope analyse --network =
check "choices after = are completed" completes "preprod preview" ouroscope analyse --network = pre
check "nothing is offered where anything is right" completes "" ouroscope analyse --date ''
check "shells are completed" completes "bash" ouroscope completion ''
check "commands are operands of help" completes "man" ouroscope help m

mkdir "$scratch/here" "$scratch/here/run one"
touch "$scratch/here/shelley.json" "$scratch/here/rest.log"
in_folder() {
    (cd "$scratch/here" && "$@")
}
check "files are completed" in_folder completes "shelley.json" ouroscope analyse --genesis sh
check "names and files are completed together" \
    in_folder completes "size-full size-moderate size-moderate-2 size-small" ouroscope analyse --filter si
check "folders only, where a folder is wanted" in_folder completes "run one" ouroscope analyse --out r
check "operands are files and folders" in_folder completes "rest.log run one" ouroscope analyse r
tap_end
