#!/bin/bash
# Does summary.py make of values what they say? Judged by a build folder with few of them, whose figures are known.
set -u
count=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check NAME COMMAND...: one TAP line.
check() {
    local name=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        sed 's/^/# /' "$scratch/said" "$scratch/build/budgets.tsv"
    fi
}

summary() { python3 tests/bench/summary.py "$@" >"$scratch/said" 2>&1; }

# values PART: lines "SUBJECT|QUANTITY|UNIT|VALUE..." on standard input.
values() {
    while IFS='|' read -r subject quantity unit all; do
        for value in $all; do
            printf '%s\t%s\t%s\t%s\n' "$subject" "$quantity" "$unit" "$value"
        done
    done >"$scratch/build/rounds/$1.tsv"
    printf '%s\t2026-03-04T14:00:00Z\t0.10\t%s\tabc123\t60\n' "$1" "${2:-1}" >"$scratch/build/parts/$1.tsv"
}

# budget WHAT COLUMN VALUE: a cell of budgets.tsv.
budget() {
    [ "$(awk -F '\t' -v what="$1" -v column="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) c = i }
        $1 == what { print $c }' "$scratch/build/budgets.tsv")" = "$3" ]
}

said() { grep -qF -- "$1" "$scratch/said"; }

echo 1..22
mkdir -p "$scratch/build/rounds" "$scratch/build/parts"
values speed 37 <<'END'
analyse, run directory, 1 thread|wall|s|4 2 3
analyse, run directory, 1 thread|speed a core|GB/s|1.4 1.6 2
wc -l, run directory|wall|s|2 1 0.5
wc -l, run directory|speed a core|GB/s|16
analyse, run directory, 2 threads|speed|GB/s|1.9
END
values collector <<'END'
ouroscope, 100 a request|speed a core|objects/s|199999
ouroscope, 100 a request|memory, most|MiB|64
END
check 'the values of a part are shown' summary part "$scratch/build" speed
check 'as medians with their range' said '3 (2 .. 4)'
check 'in a column each' said 'speed a core, GB/s'
check 'budgets are judged' summary budgets "$scratch/build"
ingestion='log ingestion, run directory, one thread, a core'
check 'by the median of the rounds' budget "$ingestion" measured 1.6
check 'with the least' budget "$ingestion" low 1.4
check 'and the most' budget "$ingestion" high 2.0
check 'and how many there were' budget "$ingestion" rounds 3
check 'what is at least the limit has met it' budget "$ingestion" met True
check 'what others took stands beside it, with the ratio' budget "$ingestion" peers 'wc -l: 16 (0.1x); DuckDB: ?'
check 'a ratio is that of the medians' budget 'time beside `wc -l`, one thread' measured 3.0
check 'a limit that is just reached is met' budget 'time beside `wc -l`, one thread' met True
check 'a quoted figure is held against what was measured' budget "speed beside locli's 14 to 19 MB/s, both on two cores" measured 100.0
check 'what falls short has missed it' budget 'collector, trace objects a core' met False
check 'what was not measured is neither' budget 'unit tests' met ''
json_says() { jq -e "$1" "$scratch/build/budgets.json" >"$scratch/jq"; }
check 'JSON says the same' json_says '.budgets | map(select(.what == "unit tests"))[0] | .met == null and .measured == null'
check 'a figure that no part has is told' said 'no figure collector/rsyslog/speed a core'
check 'a busy machine is told' said 'the machine was not idle before these parts: speed'

parts_have_scripts() {
    local part=''
    for part in $(awk -F '\t' '!/^#/ && $5 ~ "/" { sub("/.*", "", $5); print $5 }' tests/bench/budgets.tsv | sort -u); do
        [ -x "tests/bench/$part.sh" ] || return 1
    done
    [ -n "$part" ]
}
check 'every budget is of a part that there is' parts_have_scripts

cat >"$scratch/page.md" <<'END'
before
<!-- bench: collector -->
old
<!-- /bench -->
<!-- bench: genesis -->
kept
<!-- /bench -->
after
END
check 'a page gets its tables' summary page "$scratch/build" "$scratch/page.md"
check 'of the parts that were measured' grep -qF '| ouroscope, 100 a request | 199,999 | 64 |' "$scratch/page.md"
check 'and keeps the others' grep -qx kept "$scratch/page.md"
