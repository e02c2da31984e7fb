#!/bin/bash
# Nodes as clients see them that nobody here wrote: a JavaScript implementation of the protocols follows the chain of a running
# cluster, and two libraries for blocks find the hashes and transactions that the nodes traced.
#
# Needs node, npm and, once per build folder, the packages of tests/e2e/n2n; skipped without.
. tests/cli/tap.sh

magic=42
blocks=12
clients=${OUROSCOPE_BUILD:?}/n2n-clients
run_pid=

stop_cluster() {
    [ -n "$run_pid" ] || return 0
    kill -TERM "$run_pid" 2>/dev/null
    wait "$run_pid" 2>/dev/null
    run_pid=
}
trap 'stop_cluster; rm -rf "$scratch"' EXIT

# --- The clients --------------------------------------------------------------

# Root, who need not ask anybody, installs what is missing.
have_node() {
    command -v node && command -v npm && return
    [ "$(id -u)" = 0 ] && timeout 150 sh scripts/setup-debian.sh clients
    command -v node && command -v npm
}

# What the lock file names, checked by its hashes. A second run needs no network.
install_packages() {
    mkdir -p "$clients"
    cp tests/e2e/n2n/*.js* tests/e2e/n2n/.npmrc "$clients"
    [ "$clients/node_modules/.complete" -nt tests/e2e/n2n/package-lock.json ] && return
    (cd "$clients" && timeout 90 npm ci --prefer-offline --fetch-retries=1 --fetch-timeout=20000) &&
        touch "$clients/node_modules/.complete"
}

client() {
    timeout 60 node "$clients/$1.js" "${@:2}"
}

# --- The cluster --------------------------------------------------------------

# $port of the first node, once it listens; the run says what went wrong otherwise.
start_cluster() {
    "${OUROSCOPE:?}" run tests/e2e/n2n/profile.json --dir "$scratch/runs" --no-analysis \
        >"$scratch/run.out" 2>"$scratch/run.err" </dev/null &
    run_pid=$!
    for _ in $(seq 300); do
        port=$(sed -n 's/.*--port \([0-9]*\).*/\1/p' "$scratch"/runs/*/nodes/node-0/start.sh 2>/dev/null)
        [ -n "$port" ] && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        kill -0 "$run_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/run.err"
    return 1
}

# --- What is compared ----------------------------------------------------------

answers() {
    client handshake "$port" "${@:2}" >"$scratch/answer" && same "$1" "$scratch/answer"
}

# follows_the_chain BLOCKS
follows_the_chain() {
    client follow "$port" $magic "$1" >"$scratch/chain" || return
    [ "$(wc -l <"$scratch/chain")" -ge "$1" ]
}

# A line per block: its hash, then the ids of its transactions. Of all blocks that some node made:
traced_blocks() {
    jq -r 'select(.ns == "Forge.Loop.AdoptedBlock") | [.data.blockHash] + .data.txIds | join(" ")' \
        "$scratch"/runs/*/logs/node-*/node.json
}

# reads LIBRARY FIRST: what it finds in the blocks from the FIRST one is what the nodes traced.
reads() {
    tail -n +"$2" "$scratch/chain" | client read "$1" >"$scratch/$1" || return
    [ -s "$scratch/$1" ] || return
    traced_blocks | sort >"$scratch/traced"
    same '' <(sort "$scratch/$1" | comm -23 - "$scratch/traced") || return
    same '' <(diff <(tail -n +"$2" "$scratch/chain" | jq -r .hash) <(cut -d' ' -f1 "$scratch/$1"))
}

have_transactions() {
    [ "$(wc -w <"$scratch/csl")" -gt "$(wc -l <"$scratch/csl")" ]
}

# After a client that was killed, and one that speaks another language, the next one finds more blocks.
cluster_goes_on() {
    timeout -s KILL 1 node "$clients/follow.js" "$port" $magic 1000000
    head -c 100 /dev/zero >"/dev/tcp/127.0.0.1/$port"
    follows_the_chain $((blocks + 5))
}

ends_well() {
    kill -TERM "$run_pid"
    wait "$run_pid"
    run_pid=
    same 0 <(jq -r 'select(.sev == "Error" or .sev == "Critical")' "$scratch"/runs/*/logs/node-*/node.json | wc -l)
}

why_not=
have_node >"$scratch/node.log" 2>&1 || why_not="there is no node or no npm"
[ -n "$why_not" ] || install_packages >"$scratch/npm.log" 2>&1 || why_not="the packages cannot be had"
if [ -n "$why_not" ]; then
    skip "clients of other projects follow a cluster" "$why_not"
    tap_end
    exit
fi

check "a cluster starts" start_cluster
if [ -n "$port" ]; then
    check "of the versions that both know, the highest is accepted" \
        answers "accepted 14, magic $magic, initiator only true" $magic
    check "who only asks is told the versions" \
        answers "versions 7 8 9 10 11 12 13 14 15" $magic query
    check "another network is refused" answers "refused: RefuseReasonRefuse" 43
    check "a client follows the chain and fetches its blocks" follows_the_chain $blocks $blocks
    check "nodes go on when clients have left in the midst" cluster_goes_on
    check "the cluster ends in order, without an error" ends_well
    check "cardano-serialization-lib finds the hashes and transactions that were traced" reads csl 1
    check "ledger-ts finds them, too" reads ledger-ts 2
    check "there were transactions" have_transactions
fi

tap_end
