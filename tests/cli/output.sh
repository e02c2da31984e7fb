#!/bin/bash
# Output that cannot be written is a failure, and is said.
. tests/cli/tap.sh

full_disk() {
    local status=0
    "$OUROSCOPE" man analyse >/dev/full 2>"$scratch/err" || status=$?
    [ $status -eq 1 ] && grep -qx 'ouroscope: write standard output: No space left on device' "$scratch/err"
}

closed_output() {
    local status=0
    "$OUROSCOPE" --version >&- 2>"$scratch/err" || status=$?
    [ $status -eq 1 ] && grep -q '^ouroscope: write standard output: ' "$scratch/err"
}

if [ -w /dev/full ]; then
    check "a full disk is a failure" full_disk
else
    skip "a full disk is a failure" "no /dev/full here"
fi
check "a closed standard output is a failure" closed_output
tap_end
