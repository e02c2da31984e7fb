#!/bin/bash
# Is a generated cluster what README.md says? Judged by jq and the shell.
set -u
. tests/cli/tap.sh

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
    "$CLUSTER_LOGS" "$@" >>"$scratch/made" && return
    echo "Bail out! cluster-logs $*"
    exit 1
}

make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --out "$scratch/new"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --out "$scratch/again"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 6 --out "$scratch/other"
make --hosts 7 --slots 90 --active-slots 0.1 --seed 5 --single-file "$scratch/single"
make --hosts 4 --slots 60 --lines-per-host 3000 --out "$scratch/short"
make --hosts 3 --slots 60 --dialect legacy --out "$scratch/legacy"
make --hosts 3 --slots 60 --journald --single-file "$scratch/journal"

check 'lines have the members of the machine format in their order' \
    holds 'keys_unsorted == ["at","ns","data","sev","thread","host"]' "$scratch"/new/logs/*/*.json
check 'members of data are in alphabetical order' \
    holds '.data | keys_unsorted == keys' "$scratch"/new/logs/*/*.json
check 'four in ten lines are relevant' share_is_four_in_ten "$scratch/new"
check 'lines are 300 to 600 bytes long in the mean' mean_is_300_to_600 "$scratch/new"
check 'a block is forged on one forged before' parents_are_forged_before "$scratch/new"
check 'headers that hosts see were forged, and all forged are seen' every_header_was_forged "$scratch/new"
check 'the same seed gives the same files' diff -r "$scratch/new" "$scratch/again"
check 'another seed gives other files' differ "$scratch/new" "$scratch/other"
check 'one file holds the lines of all hosts' same_lines "$scratch/new" "$scratch/single"
check 'and in order of time' time_never_goes_back "$scratch/single"
check 'hosts write as many lines as they are told' each_host_has "$scratch/short" 3000
check 'legacy lines have the members of that format' \
    holds 'keys_unsorted == ["app","at","data","env","host","loc","msg","ns","pid","sev","thread"]
           and (.ns | length == 1) and (.data | has("kind") or has("val"))' \
    "$scratch"/legacy/logs/*/*.json
check 'a journal line carries a whole log line' \
    holds '.MESSAGE | fromjson | has("ns") and has("at")' "$scratch/journal"
check 'the other files of the run are JSON' \
    jq -e . "$scratch"/new/meta.json "$scratch"/new/profile.json "$scratch"/new/topology.json \
    "$scratch"/new/genesis/shelley.json
tap_end
