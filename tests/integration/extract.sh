#!/bin/bash
# Extracts made host by host and merged give what one analysis of all logs gives, byte for byte.
. tests/cli/tap.sh

cluster=tests/data/cluster
program=$(realpath "$OUROSCOPE")
shared=${OUROSCOPE_SHARED_DATA:-../shared/data}

# --- A run whose hosts are elsewhere ------------------------------------------

# apart RUN: copies what each host would have of RUN to $scratch/hosts/HOST; a log without a folder goes to the first one
apart() {
    local run=$1 host
    rm -rf "$scratch/hosts"
    for host in "$run"/logs/*/; do
        host=$(basename "$host")
        mkdir -p "$scratch/hosts/$host/logs"
        cp -r "$run/genesis" "$scratch/hosts/$host/"
        cp -r "$run/logs/$host" "$scratch/hosts/$host/logs/"
        if [ -d "$run/nodes/$host" ]; then
            mkdir -p "$scratch/hosts/$host/nodes"
            cp -r "$run/nodes/$host" "$scratch/hosts/$host/nodes/"
        fi
    done
}

# extract_each OPTIONS...: at each host of $scratch/hosts, as an agent does it
extract_each() {
    local host name threads=1
    rm -rf "$scratch/extracts"
    for host in "$scratch"/hosts/*/; do
        name=$(basename "$host")
        mkdir -p "$scratch/extracts/$name"
        (cd "$host" && "$program" analyse --quiet --threads $threads --extract "$scratch/extracts/$name/host.extract" "$@" -- .) || return
        threads=$((threads % 4 + 1))
    done
}

# results RUN FOLDER OPTIONS...: all that an analysis writes and prints
results() {
    local run=$1 to=$2
    shift 2
    "$program" analyse --quiet --out "$to" "$@" "$run" >"$to.text"
}

# merged RUN FOLDER OPTIONS...: likewise of $scratch/extracts, the logs being away
merged() {
    local run=$1 to=$2 status=0
    shift 2
    mv "$run/logs" "$run/elsewhere"
    "$program" analyse --quiet --from-extracts --out "$to" "$@" "$run" "$scratch/extracts" >"$to.text" || status=$?
    mv "$run/elsewhere" "$run/logs"
    return $status
}

# equal RUN EXTRACT-OPTIONS -- OPTIONS...
equal() {
    local run=$1 making=()
    shift
    while [ "$1" != -- ]; do
        making+=("$1")
        shift
    done
    shift
    rm -rf "$scratch/one" "$scratch/many"
    apart "$run" && extract_each "${making[@]}" && results "$run" "$scratch/one" "$@" && merged "$run" "$scratch/many" "$@" &&
        diff -r "$scratch/one" "$scratch/many" && cmp "$scratch/one.text" "$scratch/many.text" &&
        [ -s "$scratch/one/slots.csv" ]
}

run=$scratch/run
cp -r $cluster "$run"
rm -rf "$run/analysis"
check "a cluster" equal "$run" --
check "in compat mode" equal "$run" --compat locli -- --compat locli
check "filters, quantiles and the date are of the merge" equal "$run" -- --filter size-full --quantiles 8 --date 2026-11-22
check "without filters" equal "$run" -- --no-filters

compressed_extracts() {
    gzip "$scratch/extracts/node-0/host.extract" && zstd -q --rm "$scratch/extracts/node-1/host.extract" &&
        merged "$run" "$scratch/many" --no-filters && diff -r "$scratch/one" "$scratch/many"
}
check "extracts may be compressed" compressed_extracts

any_order() {
    local files
    files=("$scratch"/extracts/*/host.extract*)
    rm -rf "$scratch/many"
    "$program" analyse --quiet --from-extracts --no-filters --out "$scratch/many" "${files[2]}" "${files[5]}" "${files[0]}" "$run" \
        "${files[1]}" "${files[4]}" "${files[3]}" >/dev/null && diff -r "$scratch/one" "$scratch/many"
}
check "they may be given in any order" any_order

# --- Logs that are not well ----------------------------------------------------

log0=$run/logs/node-0/node-2026-03-04T14-00-00.json
spoil() {
    local other=$run/logs/node-1/node-2026-03-04T14-00-00.json gz=$run/logs/node-5/node-2026-03-04T14-00-00.json.gz
    { head -c -40 "$log0"; echo; echo 'no json'; tail -n 3 "$log0"; tail -n 1 "$log0"; tail -n 1 "$log0"; head -n 2 "$log0"; } >"$scratch/spoilt" &&
        mv "$scratch/spoilt" "$log0"
    { echo '{"at":"never","ns":"X"}'; echo '[1]'; cat "$other"; echo '{"at":"2026-03-04T14:00:09Z","ns":"Some.Name","data":{},"host":"\u0001x"}'; } >"$scratch/spoilt" &&
        mv "$scratch/spoilt" "$other"
    head -c 20000 "$gz" >"$scratch/spoilt" && mv "$scratch/spoilt" "$gz"
    echo '{"at":"2026-03-04T14:00:01Z","ns":"Reflection.ForwarderLost","data":{"kind":"ForwarderLost","dropped":40,"total":40},"sev":"Warning","thread":"1","host":"node-2"}' \
        >"$run/logs/node-2/node-2026-03-04T16-00-00.json"
    mkdir -p "$run/logs/generator"
    cat >"$run/logs/generator/generator.json" <<'LOG'
{"at":"2026-03-04T14:00:05.1Z","ns":"TraceBenchTxSubServAck","data":{"kind":"TraceBenchTxSubServAck","txIds":["a","b"]},"sev":"Info","thread":"1","host":"generator"}
{"at":"2026-03-04T14:01:05.1Z","ns":"Benchmark.BenchTxSubSummary","data":{"kind":"TraceBenchTxSubSummary","summary":{"ssElapsed":60,"ssFailures":[],"ssThreadwiseTps":[12],"ssTxSent":720}},"sev":"Info","thread":"1","host":"generator"}
LOG
    mkdir -p "$run/nodes/node-0" "$run/nodes/node-1" "$run/nodes/node-2"
    cp tests/data/rts/threaded-9.0.2.list "$run/nodes/node-0/rts.stats"
    cp tests/data/rts/threaded-9.0.2.lines "$run/nodes/node-1/rts.stats"
    echo 'no statistics' >"$run/nodes/node-2/rts.stats"
}
spoil
broken_logs() {
    equal "$run" -- && grep -q cut-line "$scratch/many/analysis.json" && grep -q not-json "$scratch/many/analysis.json" &&
        grep -q '720 transactions sent' "$scratch/many.text"
}
check "cut, damaged, repeated and foreign lines, a load generator, statistics of programs" broken_logs
check "likewise in compat mode" equal "$run" --compat locli -- --compat locli

# A collector writes the logs of all nodes where it is; the others have statistics alone.
logs_at_a_collector() {
    local host
    apart "$run"
    for host in node-1 node-2 node-3 node-4 node-5 generator; do
        mv "$scratch/hosts/$host/logs/$host" "$scratch/hosts/node-0/logs/"
        mkdir -p "$scratch/hosts/$host/nodes"
    done
    extract_each && results "$run" "$scratch/one" && merged "$run" "$scratch/many" && diff -r "$scratch/one" "$scratch/many"
}
check "hosts that have no logs tell their statistics" logs_at_a_collector

# --- Bare logs -------------------------------------------------------------------

# same_as_bare OPTIONS -- LOG...: an extract of each log against all logs
same_as_bare() {
    local options=() logs=() log n=0
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    rm -rf "$scratch/bare"
    mkdir "$scratch/bare"
    for log in "$@"; do
        n=$((n + 1))
        "$program" analyse --quiet --extract "$scratch/bare/$n.extract" "${options[@]}" "$log" || return
        logs=("$log" "${logs[@]}")
    done
    "$program" analyse --quiet --out "$scratch/bare-one" "${options[@]}" "${logs[@]}" >"$scratch/bare-one.text" &&
        "$program" analyse --quiet --from-extracts --out "$scratch/bare-many" "${options[@]}" "$scratch/bare" >"$scratch/bare-many.text" &&
        diff -r "$scratch/bare-one" "$scratch/bare-many" && cmp "$scratch/bare-one.text" "$scratch/bare-many.text"
}

examples=tests/data/examples
three=("node-0=$examples/01-propagation/logs-node-0.json" "node-1=$examples/01-propagation/logs-node-1.json"
    "node-2=$examples/01-propagation/logs-node-2.legacy.json")
check "both trace formats" same_as_bare --genesis $examples/01-propagation/genesis-shelley.json -- "${three[@]}"
check "both trace formats in compat mode" same_as_bare --compat locli --genesis $examples/01-propagation/genesis-shelley.json -- "${three[@]}"
check "machine performance" same_as_bare --genesis $examples/02-machperf/genesis-shelley.json -- \
    "node-0=$examples/02-machperf/logs-node-0.json" "node-1=$examples/02-machperf/logs-node-1.json"
check "lines that tell their hosts" same_as_bare --genesis $cluster/genesis/shelley.json -- \
    "$cluster/logs/node-0/node-2026-03-04T14-00-00.json" "$cluster/logs/node-1/node-2026-03-04T14-00-00.json" \
    "$cluster/logs/node-2/node-2026-03-04T14-00-00.json"
check "a relay of a public network" same_as_bare --network mainnet -- tests/data/relay/mainnet-relay.json tests/data/traces/node.json

real=$shared/real/a-logs
if [ -d "$real" ]; then
    check "logs of real nodes" same_as_bare --network mainnet -- a="$real/early-new-and-legacy-samples.jsonl" \
        b="$real/legacy-8.1.1-mainnet-slotbattle.jsonl" c="$real/snapshot-rising-falling-edge.jsonl"
    check "logs of real nodes in compat mode" same_as_bare --compat locli --network preview -- "$real/new-10.5-preview-openblockperf-samples.jsonl"
else
    skip "logs of real nodes" "there are none ($real)"
fi

# --- What is refused ---------------------------------------------------------------

# refuses STATUS PATTERN ARGUMENTS...
refuses() {
    local want=$1 pattern=$2
    shift 2
    run analyse --quiet "$@"
    ended "$want" && { grep -q -- "$pattern" "$scratch/err" || { cat "$scratch/err"; return 1; }; } && [ ! -s "$scratch/out" ]
}

genesis=$cluster/genesis/shelley.json
one=$scratch/one.extract two=$scratch/two.extract
"$program" analyse --quiet --extract "$one" --genesis $genesis "$cluster/logs/node-0"
"$program" analyse --quiet --extract "$two" --genesis $genesis --compat locli "$cluster/logs/node-1"

check "another chain" refuses 1 "another chain" --from-extracts --network preprod "$one"
check "another mode" refuses 1 "was made with --compat locli" --from-extracts --genesis $genesis "$one" "$two"
check "a host twice" refuses 1 "the host node-0 is in two extracts" --from-extracts --genesis $genesis "$one" "$one"
check "a log" refuses 1 "this is no extract" --from-extracts --genesis $genesis "$genesis"
check "a folder without extracts" refuses 1 "there is no extract in it" --from-extracts --genesis $genesis docs
check "no extract" refuses 2 "which?" --from-extracts "$run"
check "an extract in the form of a result" refuses 2 "do not go together" --extract "$scratch/x" --json --genesis $genesis "$cluster/logs"
check "no extract is left behind" test ! -e "$scratch/x"

# --- On a cluster --------------------------------------------------------------------

logs_are_here() {
    run analyse --quiet --no-write --on nomad $cluster
    ended 0 && mv "$scratch/out" "$scratch/on" && run analyse --quiet --no-write $cluster && cmp "$scratch/on" "$scratch/out"
}
check "--on nomad reads logs that are here" logs_are_here
rm -rf "$run/logs"
check "--on nomad tells that there is no cluster" refuses 1 "are not here, and its cluster" --on nomad "$run"
check "--on nomad wants a run" refuses 2 "give the directory of a run" --on nomad --genesis $genesis "$cluster/logs"
check "--on nomad makes the extracts itself" refuses 2 "do not go together" --on nomad --from-extracts "$run"

# --- Damage ------------------------------------------------------------------------

damaged() {
    local size at
    size=$(stat -c %s "$one")
    for at in 9 100 $((size / 2)) $((size - 1)); do
        head -c "$at" "$one" >"$scratch/cut"
        refuses 1 "extract" --from-extracts --genesis $genesis "$scratch/cut" || return
        { head -c "$at" "$one"; printf '\377'; tail -c +$((at + 2)) "$one"; } >"$scratch/bent"
        cmp -s "$one" "$scratch/bent" || refuses 1 "extract" --from-extracts --genesis $genesis "$scratch/bent" || return
    done
    { cat "$one"; echo; } >"$scratch/longer"
    refuses 1 "something follows" --from-extracts --genesis $genesis "$scratch/longer"
}
check "cut, bent and longer extracts" damaged

tap_end
