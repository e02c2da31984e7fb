#!/bin/bash
# Does trace-calls measure what it says? Figures depend on the machine; their order and the
# accounts of calls do not.
set -u
count=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME CONDITION: one TAP line; the condition is awk's, over what was printed.
check() {
    count=$((count + 1))
    if printf '%s\n' "$said" | awk -F '\t' "$2 { found = 1 } END { exit !found }"; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        printf '%s\n' "$said" | sed 's/^/# /'
    fi
}

run() { said=$("$TRACE_CALLS" -p 0 -o "$work/lines" "$@" 2>&1; echo "exit $?"); }

echo 1..12
for name in nothing copy off on peer legacy; do
    run -c 1000 -t 2 $name
    check "the figures of $name are in order" \
        "\$2 == \"$name\" && \$3 == 2 && NF == 10 && \$5 <= \$6 && \$6 <= \$7 && \$7 <= \$8"
done
run -c 1000 on
check 'calls count with those to warm up' '$9 == 20000 + 1000 + (20000 / 16 + 16) * 16'
check 'each call is accounted for' "\$10 <= \$9"
run -c 40000 full # by one thread, then by another: a ring of 1 MiB for each, 72 bytes a call
check 'a ring that nobody empties takes what it holds and loses the rest' \
    '$2 == "full" && $10 == $9 - 2 * int(1048576 / 72)'
run -c 40000 -t 2 sustained
check 'callers that wait lose nothing' '$2 == "sustained" && $9 == 80000 && $10 == 0 && $4 > 0'
run -c 1000 sustained-peer
check 'what was written is removed' "\$2 == \"sustained-peer\" && system(\"[ ! -e '$work/lines' ]\") == 0"
run -c 1000 nonsense
check 'an unknown case is wrong usage' '$0 == "exit 2"'
