#!/bin/bash
# What --help prints, whole.
. tests/cli/tap.sh

run --help
check "--help succeeds" ended 0
check "--help prints the commands" golden help.txt "$scratch/out"
check "--help says nothing on standard error" same '' "$scratch/err"
cp "$scratch/out" "$scratch/help"
run -h
check "-h is --help" cmp "$scratch/help" "$scratch/out"
run help
check "help is --help" cmp "$scratch/help" "$scratch/out"

# Each command, by the name of its manual page: "profile-show" is profile show.
run man
sed -n 's/^\.It Xr ouroscope-\([a-z-]*\) 1$/\1/p' "$scratch/out" >"$scratch/pages"
check "the manual lists the commands" test "$(wc -l <"$scratch/pages")" -gt 10
while read -r page; do
    command=${page//-/ }
    # shellcheck disable=SC2086 # a word each
    run $command --help
    check "$command --help succeeds" ended 0
    check "$command --help prints all about it" golden "help-$page.txt" "$scratch/out"
    cp "$scratch/out" "$scratch/help"
    # shellcheck disable=SC2086
    run help $command
    check "help $command prints the same" cmp "$scratch/help" "$scratch/out"
done <"$scratch/pages"

run profile --help
check "a family's help succeeds" ended 0
check "a family's help lists its commands" grep -q '^  profile list  *list the profiles' "$scratch/out"
cp "$scratch/out" "$scratch/help"
run help profile
check "help of a family prints the same" cmp "$scratch/help" "$scratch/out"
run profile
check "a family alone is no command" ended 2
check "a family alone prints its help to standard error" cmp "$scratch/help" "$scratch/err"
check "help shows a family once" test "$("$OUROSCOPE" --help | grep -c '^  profile')" -eq 1

check "no line of help is longer than 80 columns" \
    bash -c '! grep -n ".\{81\}" tests/cli/expected/help*.txt'

run --version
check "--version succeeds" ended 0
check "--version prints name and version" grep -qx 'ouroscope [0-9]*\.[0-9]*\.[0-9]*' <(head -n 1 "$scratch/out")
tells_the_build() {
    local fact
    for fact in 'commit *\([0-9a-f]\{40\}\|unknown\)' 'compiler *\(gcc\|clang\) [0-9]*\.' 'flags *[a-z]' 'libraries *curl [0-9]' ' *zlib [0-9]'; do
        grep -q "^$fact" "$scratch/out" || { echo "nothing of $fact"; cat "$scratch/out"; return 1; }
    done
}
check "and facts about the build" tells_the_build

json_agrees() {
    "$OUROSCOPE" --version --json >"$scratch/json" && jq -e --rawfile text "$scratch/out" '
        . as $all | ($text | startswith("ouroscope \($all.version)\n"))
        and ([.compiler, .flags[], (.libraries | to_entries[] | "\(.key) \(.value)")] | all(. as $fact | $text | contains($fact)))
        and ([.parts[]] | all(type == "boolean"))
        and ((.commit == null) or ($text | contains("\($all.commit), \($all.commitTime)")))' "$scratch/json"
}
check "as JSON, too, which says the same" json_agrees
run -V
check "-V is --version" grep -qx 'ouroscope [0-9]*\.[0-9]*\.[0-9]*' <(head -n 1 "$scratch/out")
tap_end
