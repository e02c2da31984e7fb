#!/bin/bash
# ouroscope genesis create, with a cache of its own.
. tests/cli/tap.sh
export XDG_CACHE_HOME=$scratch/home
seed=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
at=2026-01-14T13:02:30Z

# make DIR ARGUMENTS...: a genesis of ci-test with a fixed start.
make() {
    local directory=$scratch/$1
    shift
    run genesis create "$@" --start $at ci-test "$directory"
    [ "$status" -eq 0 ] || { cat "$scratch/err"; return 1; }
}

# member FILE EXPRESSION: what Python finds in a JSON document g.
member() { python3 -c 'import json, sys; g = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"; }

# is VALUE FILE EXPRESSION
is() {
    local got
    got=$(member "$scratch/$2" "$3")
    [ "$got" = "$1" ] || { echo "$3 is $got instead of $1"; return 1; }
}

all_files() {
    make a && ls "$scratch/a" >"$scratch/names" &&
        diff -u - "$scratch/names" <<'END'
alonzo.json
byron.json
conway.json
dataset.json
dijkstra.json
hashes.json
keys
shelley.json
END
}
check 'files of all eras are there' all_files

hashes_are_those_of_the_files() {
    local era
    for era in byron shelley alonzo conway dijkstra; do
        is "$(b2sum -l 256 "$scratch/a/$era.json" | cut -d ' ' -f 1)" a/hashes.json "g['$era']" || return 1
    done
}
check 'hashes are those that another program finds' hashes_are_those_of_the_files

no_fault() { run genesis check "$scratch/$1"; ended 0 || { cat "$scratch/out"; return 1; }; }
check 'genesis check finds no fault' no_fault a

start_is_everywhere() {
    is $at a/shelley.json "g['systemStart']" && is 1768395750 a/byron.json "g['startTime']"
}
check 'Shelley and Byron start at the same instant' start_is_everywhere

kept() {
    make b --json --overlay '{"genesis": {"parameter_k": 2}}' && is True out "g['cached']" &&
        is 2 b/shelley.json "g['securityParam']" && is 2 b/byron.json "g['protocolConsts']['k']" &&
        cmp "$scratch/a/keys/pool2/kes.skey" "$scratch/b/keys/pool2/kes.skey" && no_fault b
}
check 'a kept data set serves other parameters' kept

in_place() {
    local before
    before=$(stat -c %i "$scratch/b/shelley.json")
    make b --json --overlay '{"genesis": {"parameter_k": 3}}' && is True out "g['cached']" &&
        is 3 b/shelley.json "g['securityParam']" && [ "$(stat -c %i "$scratch/b/shelley.json")" = "$before" ] &&
        cmp "$scratch/a/shelley.json" "$scratch/b/shelley.json"
}
check 'the same folder is changed in place' in_place

same_bytes() {
    make c --no-cache --seed $seed && make d --no-cache --seed $seed &&
        diff -r -x dataset.json "$scratch/c" "$scratch/d" && ! cmp -s "$scratch/a/shelley.json" "$scratch/c/shelley.json"
}
check 'a seed gives the same bytes' same_bytes

nothing_kept() { make e --no-cache --json && is False out "g['cached']" && make e2 --no-cache --json && is False out "g['cached']"; }
check 'without a cache nothing is kept' nothing_kept

old_names() {
    make f --no-cache --node-version 8.4 && is 0 f/conway.json "g['minCommitteeSize']" && no_fault f &&
        make f --no-cache --node-version 8.0 && is "{'genDelegs': {}}" f/conway.json g && no_fault f
}
check 'an older node gets the names of its time' old_names

quiet() { make e --quiet && same '' "$scratch/out" && same '' "$scratch/err"; }
check 'quiet is quiet' quiet

# refused PATTERN ARGUMENTS...
refused() {
    local pattern=$1
    shift
    run genesis create "$@" ci-test "$scratch/refused"
    ended 2 && grep -q -- "$pattern" "$scratch/err" && [ ! -e "$scratch/refused" ]
}
refused_dreps() {
    run genesis create --node-version 8.9 --overlay '{"genesis": {"dreps": 2}}' ci-test "$scratch/refused"
    ended 1 && grep -q 'from version 9.0 on' "$scratch/err" && [ ! -e "$scratch/refused" ]
}
check 'a start must be a whole second' refused 'whole second' --start 2026-01-14T13:02:30.5Z
check 'a seed must be 64 digits' refused '64 hexadecimal' --seed 00ff
check 'a version is two numbers' refused 'like 8.9' --node-version new
check 'an old node has no DReps' refused_dreps
check 'a cache and none exclude each other' refused 'exclude' --cache x --no-cache
check 'an overlay must be one of a profile' refused 'utxos' --overlay '{"genesis": {"utxos": 1}}'
check 'a seed is not for cardano-cli' refused 'keys of its own' --seed $seed --cardano-cli true

# --- cardano-cli -------------------------------------------------------------------------

cli=tests/support/cardano-cli.py
larger='{"composition": {"n_bft_hosts": 1}, "genesis": {"delegators": 5, "dreps": 3, "utxo": 100000}}'

made_by_cardano_cli() {
    FAKE_CLI_LOG=$scratch/argv make x --cardano-cli $cli --overlay "$larger" --json &&
        tr '\n' ' ' <"$scratch/argv" >"$scratch/line" &&
        same "latest genesis create-testnet-data --testnet-magic 42 --total-supply 2010000000000000 --utxo-keys 1 \
--genesis-keys 1 --delegated-supply 2000000000000000 --pools 2 --stake-delegators 5 --drep-keys 3 \
--stuffed-utxo 100000 --spec-shelley shelley.json --spec-alonzo alonzo.json --spec-conway conway.json \
--out-dir out " <(cat "$scratch/line"; echo)
}
check 'cardano-cli is called as its users call it' made_by_cardano_cli

nothing_is_zeros() {
    FAKE_CLI_LOG=$scratch/argv make x0 --cardano-cli $cli && grep -A 1 -x -- --stuffed-utxo "$scratch/argv" | grep -qx 000000
}
check 'no stuffed entries are six zeros' nothing_is_zeros

theirs_in_our_layout() {
    is 100006 x/shelley.json "len(g['initialFunds'])" && is 2 x/shelley.json "len(g['staking']['pools'])" &&
        is 3 x/conway.json "len(g['initialDReps'])" && is 5 x/conway.json "len(g['delegs'])" &&
        is $at x/shelley.json "g['systemStart']" &&
        is "{'k': 3, 'protocolMagic': 42, 'vssMaxTTL': 6, 'vssMinTTL': 2}" x/byron.json "g['protocolConsts']" &&
        is 1 x/byron.json "len(g['bootStakeholders'])" && no_fault x &&
        same './delegate1 ./delegator1 ./delegator2 ./drep1 ./drep2 ./genesis1 ./pool1 ./pool2 ./utxo1' \
            <(cd "$scratch/x/keys" && echo ./*) &&
        [ -e "$scratch/x/keys/pool2/opcert.cert" ] && [ ! -e "$scratch/x/.cardano-cli" ]
}
check 'what it made is in our layout' theirs_in_our_layout

kept_too() {
    FAKE_CLI_FAILS='it was called' make x2 --cardano-cli $cli --overlay "$larger" --json && is True out "g['cached']" &&
        cmp "$scratch/x/shelley.json" "$scratch/x2/shelley.json" && cmp "$scratch/x/byron.json" "$scratch/x2/byron.json"
}
check 'what it made is kept, too' kept_too

for_cardano_node() {
    local PATH=$scratch/bin:$PATH FAKE_CLI_LOG=$scratch/argv-node
    export FAKE_CLI_LOG
    mkdir "$scratch/bin" && ln -s "$PWD/$cli" "$scratch/bin/cardano-cli" &&
        make n --no-cache && [ ! -e "$FAKE_CLI_LOG" ] &&
        make n --no-cache --overlay '{"node": {"kind": "cardano-node"}}' --seed $seed && [ ! -e "$FAKE_CLI_LOG" ] &&
        make n --no-cache --overlay '{"node": {"kind": "cardano-node"}}' && [ -s "$FAKE_CLI_LOG" ] && no_fault n
}
check 'it is used for cardano-node where it is in PATH' for_cardano_node

its_failure_is_told() {
    export FAKE_CLI_FAILS='not enough lovelace'
    run genesis create --cardano-cli $cli --overlay '{"genesis": {"dreps": 9}}' ci-test "$scratch/y"
    unset FAKE_CLI_FAILS
    ended 1 && grep -q 'ended with status 1: not enough lovelace' "$scratch/err" &&
        ! compgen -G "$XDG_CACHE_HOME/ouroscope/genesis/.*.new"
}
check 'why it failed is told' its_failure_is_told

it_is_not_there() {
    run genesis create --cardano-cli no-such-cardano-cli --no-cache ci-test "$scratch/z"
    ended 1 && grep -q no-such-cardano-cli "$scratch/err"
}
check 'one that is not there is named' it_is_not_there

# --- interruption ------------------------------------------------------------------------

# A large set takes seconds; the signal comes as soon as its folder is there.
interrupted() {
    local pid cache=$scratch/large status=0
    "$OUROSCOPE" genesis create --cache "$cache" --quiet \
        --overlay '{"genesis": {"utxo": 4000000, "delegators": 900000}}' ci-test "$scratch/l" 2>"$scratch/err" &
    pid=$!
    for _ in $(seq 200); do
        compgen -G "$cache/.*.new" >/dev/null && break
        sleep 0.05
    done
    kill -"$1" $pid
    wait $pid || status=$?
    case $1 in
    TERM) [ $status -eq 1 ] && grep -q interrupted "$scratch/err" && ! compgen -G "$cache/.*.new" ;;
    KILL) [ $status -eq 137 ] ;;
    esac && ! compgen -G "$cache/k2-*U-????????????"
}
check 'an interrupted one leaves nothing in the cache' interrupted TERM
check 'a killed one leaves nothing that is taken for whole' interrupted KILL

tap_end
