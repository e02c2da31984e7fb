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

for command in analyse compare completion docs generator help history man names node report run tracer variance; do
    run $command --help
    check "$command --help succeeds" ended 0
    check "$command --help prints all about it" golden help-$command.txt "$scratch/out"
    cp "$scratch/out" "$scratch/help"
    run help $command
    check "help $command prints the same" cmp "$scratch/help" "$scratch/out"
done

check "no line of help is longer than 80 columns" \
    bash -c '! grep -n ".\{81\}" tests/cli/expected/help*.txt'

run --version
check "--version succeeds" ended 0
check "--version prints name and version" grep -qx 'ouroscope [0-9]*\.[0-9]*\.[0-9]*' "$scratch/out"
run -V
check "-V is --version" grep -qx 'ouroscope [0-9]*\.[0-9]*\.[0-9]*' "$scratch/out"
tap_end
