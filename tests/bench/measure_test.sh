#!/bin/bash
# Does measure tell the truth? Judged by commands whose cost is known.
set -u
count=0

# check NAME CONDITION: one TAP line; the condition is awk's, over measure's output.
check() {
    count=$((count + 1))
    if printf '%s\n' "$said" | awk -F '\t' "$2 { found = 1 } END { exit !found }"; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        printf '%s\n' "$said" | sed 's/^/# /'
    fi
}

echo 1..6
said=$("$MEASURE" -n 3 'sleeps=sleep 0.2' 'takes=head -c 67108864 /dev/zero | sort')
check 'the wall time of a sleep is that of the sleep' '$1 == "sleeps" && $3 >= 0.2 && $3 < 5'
check 'a sleep takes no processor time' '$1 == "sleeps" && $4 < 0.1'
check 'there are as many rounds as asked for, in turns' 'NR == 6 && $1 == "takes" && $2 == 3'
check 'each run is a line of five values' 'NF == 5 && $1 == "takes" && $2 == 1 && $3 > 0 && $4 > 0'
check 'the resident set holds what a child of the shell held' '$1 == "takes" && $5 > 67108864'
said=$("$MEASURE" -n 1 'bad=exit 3' 2>&1; echo "exit $?")
check 'a command that fails is not measured' '$0 == "exit 1"'
