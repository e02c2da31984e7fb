#!/bin/bash
# Does ledger-rate measure what it says? Rates depend on the machine; their order and what is
# counted do not.
set -u
count=0

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

run() { said=$("$LEDGER_RATE" -r 3 -t 150 -f 40 "$@" 2>&1; echo "exit $?"); }

echo 1..12
run build read check trust apply apply-trust undo sync write load
for name in build read check trust apply apply-trust undo sync; do
    check "the rates of $name are in order" \
        "\$2 == \"$name\" && NF == 6 && \$3 == 150 && 0 < \$5 && \$5 <= \$4 && \$4 <= \$6"
done
check 'snapshots are counted in outputs' '$2 == "write" && $3 == 2 * 150 + 40 && $4 > 0'
check 'reading them, too' '$2 == "load" && $3 == 2 * 150 + 40 && $4 > 0'
check 'all is well' '$0 == "exit 0"'
run nonsense
check 'an unknown case is wrong usage' '$0 == "exit 2"'
