#!/bin/bash
# What `make demo` does: a run that can be watched while it goes on, and pages of its results; twice in a row.
. tests/cli/tap.sh

short='{"generator": {"tx_count": 60}, "node": {"shutdown_on_block_synced": 6}}'

# demo: runs it in the background, without a terminal, with $! its process.
demo() {
    DEMO_DB=$scratch/results.db scripts/demo.sh "$OUROSCOPE" --dir "$scratch/runs" --progress never --overlay "$short" \
        >"$scratch/out" 2>"$scratch/err" </dev/null &
}
url() {
    sed -n 's/^Watch it go on: \(http.*\)live$/\1/p' "$scratch/err"
}
# until_true SECONDS COMMAND...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}
is_running() {
    curl -sf "$(url)api/v1/live?state=running" | grep -q '"state":"running"'
}
has_url() {
    [ -n "$(url)" ]
}

for time in first second; do
    demo
    pid=$!
    check "the $time time: it says where to watch" until_true 60 has_url
    check "the $time time: the run is seen while it goes on" until_true 60 is_running
    check "the $time time: its page, too" bash -c 'curl -sf "$1live" | grep -q "_demo_"' - "$(url)"
    wait $pid
    check "the $time time: it ends well" test $? -eq 0
    check "the $time time: with the report on standard output" grep -q 'CDF\|median\|mean' "$scratch/out"
    check "the $time time: and the command that serves the results" \
        grep -q "^Results in a browser: .* serve --db $scratch/results.db\$" "$scratch/out"
    check "the $time time: its server has ended" bash -c '! curl -sf -m 2 "$1" >/dev/null' - "$(url)"
done

"$OUROSCOPE" serve --db "$scratch/results.db" --listen 127.0.0.1:0 --log none 2>"$scratch/said" &
server=$!
until_true 30 grep -q 'Results at' "$scratch/said"
base=$(sed -n 's/.*Results at \(http[^ ]*\) .*/\1/p' "$scratch/said")
check "both runs are published" bash -c '[ "$(curl -sf "$1api/v1/runs" | jq ".data | length")" = 2 ]' - "$base"
check "the runs that were watched lead to them" \
    bash -c '[ "$(curl -sf "$1api/v1/live" | jq "[.data[] | select(.run != null)] | length")" = 2 ]' - "$base"
kill $server
wait $server
tap_end
