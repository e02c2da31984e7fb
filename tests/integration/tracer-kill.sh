#!/bin/bash
# Ten programs on the installed library trace as fast as they can, while their collector is killed and started again
# and again: each object is written once, or counted as lost.
. tests/cli/tap.sh
. tests/integration/library/installed.sh

check "a program that forwards compiles" program forward

kills() {
    timeout -k 5 120 python3 tests/integration/library/tracer-kills.py "$scratch/bin/forward" "$scratch/$1" "$@" \
        >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }
}

check "ten programs, a collector that is killed six times: the accounts add up, and each line is written once" kills plain
check "so they do with files of 256 KiB, rotated in the midst of it" kills rotation
check "and with queues that are too small for the time without a collector, and lines made durable (fsync: batch)" kills small
check "and where the collector connects to programs that listen on TCP ports, and is stopped as often as killed" kills network

slow() {
    $compiler -std=c17 -D_GNU_SOURCE -shared -fPIC "$programs/slow_disk.c" -o "$scratch/slow_disk.so" -ldl || return
    kills slow "$scratch/slow_disk.so"
}
if [ "$sanitize" = none ]; then
    check "a disk that is slow makes the collector ask for less: its memory is bounded, and the accounts add up" slow
else
    skip "a disk that is slow" "a sanitizer wants to be loaded first"
fi
tap_end
