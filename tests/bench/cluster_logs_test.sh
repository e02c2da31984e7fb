#!/bin/bash
# Is a generated cluster what README.md says? Judged by jq and the shell.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# check NAME COMMAND...: one TAP line.
check() {
    local name=$1
    shift
    count=$((count + 1))
    if "$@" >"$work/said" 2>&1; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        sed 's/^/# /' "$work/said"
    fi
}

# The names by which the analysis knows lines (current format).
relevant='["Resources", "LedgerMetrics", "Forge.Loop.StartLeadershipCheck",
  "Forge.Loop.BlockContext", "Forge.Loop.LedgerState", "Forge.Loop.LedgerView",
  "Forge.Loop.NodeIsLeader", "Forge.Loop.NodeNotLeader", "Forge.Loop.ForgeTickedLedgerState",
  "Forge.Loop.ForgingMempoolSnapshot", "Forge.Loop.ForgedBlock", "Forge.Loop.AdoptedBlock",
  "ChainSync.Client.DownloadedHeader", "BlockFetch.Client.SendFetchRequest",
  "BlockFetch.Client.CompletedBlockFetch", "ChainSync.ServerHeader.Update",
  "BlockFetch.Server.SendBlock", "ChainDB.AddBlockEvent.AddedToCurrentChain",
  "ChainDB.AddBlockEvent.SwitchedToAFork", "ChainDB.LedgerEvent.TookSnapshot",
  "TxSubmission.TxInbound.Collected", "TxSubmission.TxInbound.Processed", "Mempool.AddedTx",
  "Mempool.RemoveTxs", "Mempool.RejectedTx"]'

lines_of() { cat "$1"/logs/*/*.json; }

# holds FILTER FILES...: the filter says true for every line.
holds() {
    local filter=$1
    shift
    jq -en "reduce inputs as \$l (true; . and (\$l | $filter))" "$@"
}

share_is_four_in_ten() {
    lines_of "$1" | jq -en --argjson names "$relevant" '
        ($names | map({key: ., value: true}) | from_entries) as $is
        | reduce inputs.ns as $ns ([0, 0]; [.[0] + 1, .[1] + (if $is[$ns] then 1 else 0 end)])
        | .[1] / .[0] | ., (. >= 0.35 and . <= 0.45)'
}

mean_is_300_to_600() {
    local lines bytes
    read -r lines bytes < <(lines_of "$1" | wc -lc)
    echo "$bytes bytes in $lines lines"
    [ $((bytes / lines)) -ge 300 ] && [ $((bytes / lines)) -le 600 ]
}

parents_are_forged_before() {
    lines_of "$1" | grep -h '"ns":"Forge.Loop.ForgedBlock"' | sort | jq -en '
        reduce inputs.data as $b ({GenesisHash: true}; if .[$b.blockPrev] then .[$b.block] = true
                                                       else error($b.block) end) | length > 3'
}

every_header_was_forged() {
    diff <(lines_of "$1" | jq -r 'select(.ns == "ChainSync.Client.DownloadedHeader").data.block' |
           sort -u) \
         <(lines_of "$1" | jq -r 'select(.ns == "Forge.Loop.ForgedBlock").data.block' | sort -u)
}

each_host_has() {
    for host in "$1"/logs/*; do
        [ "$(cat "$host"/*.json | wc -l)" -eq "$2" ] || { echo "$host"; return 1; }
    done
}

same_lines() { cmp <(lines_of "$1" | sort) <(sort "$2"); }

time_never_goes_back() { jq -r .at "$1" | sed 's/Z$//' | LC_ALL=C sort -c; }

differ() { ! diff -rq "$1" "$2"; }

make() {
    "$CLUSTER_LOGS" "$@" >>"$work/made" && return
    echo "Bail out! cluster-logs $*"
    exit 1
}

echo 1..14
make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --out "$work/new"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --out "$work/again"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 6 --out "$work/other"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --single-file "$work/single"
make --hosts 4 --slots 60 --lines-per-host 3000 --out "$work/short"
make --hosts 3 --slots 60 --dialect legacy --out "$work/legacy"
make --hosts 3 --slots 60 --journald --single-file "$work/journal"

check 'lines have the members of the machine format in their order' \
    holds 'keys_unsorted == ["at","ns","data","sev","thread","host"]' "$work"/new/logs/*/*.json
check 'members of data are in alphabetical order' \
    holds '.data | keys_unsorted == keys' "$work"/new/logs/*/*.json
check 'four in ten lines are relevant' share_is_four_in_ten "$work/new"
check 'lines are 300 to 600 bytes long in the mean' mean_is_300_to_600 "$work/new"
check 'a block is forged on one forged before' parents_are_forged_before "$work/new"
check 'headers that hosts see were forged, and all forged are seen' every_header_was_forged "$work/new"
check 'the same seed gives the same files' diff -r "$work/new" "$work/again"
check 'another seed gives other files' differ "$work/new" "$work/other"
check 'one file holds the lines of all hosts' same_lines "$work/new" "$work/single"
check 'and in order of time' time_never_goes_back "$work/single"
check 'hosts write as many lines as they are told' each_host_has "$work/short" 3000
check 'legacy lines have the members of that format' \
    holds 'keys_unsorted == ["app","at","data","env","host","loc","msg","ns","pid","sev","thread"]
           and (.ns | length == 1) and (.data | has("kind") or has("val"))' \
    "$work"/legacy/logs/*/*.json
check 'a journal line carries a whole log line' \
    holds '.MESSAGE | fromjson | has("ns") and has("at")' "$work/journal"
check 'the other files of the run are JSON' \
    jq -e . "$work"/new/meta.json "$work"/new/profile.json "$work"/new/topology.json \
    "$work"/new/genesis/shelley.json
