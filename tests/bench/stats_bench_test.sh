#!/bin/bash
# Does stats-bench run every case, and only those asked for? Times depend on the machine; their
# order and the sizes do not.
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

run() { said=$("$STATS_BENCH" "$@" 2>&1; echo "exit $?"); }

cases='distribution bootstrap-mean bootstrap-median bootstrap-runs mann-whitney hodges-lehmann distances
permutation mann-kendall steadiness crossed change-points planning'

echo 1..17
run -s 0.001 -r 3
for name in $cases; do
    check "the times of $name are in order" \
        "\$2 == \"$name\" && NF == 6 && \$3 > 0 && 0 <= \$5 && \$5 <= \$4 && \$4 <= \$6"
done
check 'a share makes samples smaller' '$2 == "distribution" && $3 == 5000'
check 'a history has as many points as ever' '$2 == "change-points" && $3 == 900'
run -s 0.001 -r 1 distribution
check 'all is well' '$0 == "exit 0"'
run nonsense
check 'an unknown case is wrong usage' '$0 == "exit 2"'
