#!/bin/bash
# Command lines of `analyse` that cannot be carried out: what is said, and the exit status.
. tests/cli/tap.sh

cluster=tests/data/cluster
log=$cluster/logs/node-0/node-2026-03-04T14-00-00.json

# says STATUS PATTERN ARGUMENTS...: ends with STATUS, PATTERN on standard error and no result.
says() {
    local wanted=$1 pattern=$2
    shift 2
    run analyse "$@"
    ended "$wanted" && same '' "$scratch/out" && {
        grep -q -- "^ouroscope analyse: $pattern" "$scratch/err" || { cat "$scratch/err"; return 1; }
    }
}

check "logs need a chain, and the ways to give it are told" \
    says 2 'which chain .*--network mainnet .*--genesis .*run directory' "$log"
check "two chains are refused" \
    says 2 '--genesis and --network both name a chain' --genesis g --network mainnet "$log"
check "a genesis that is not there is named" \
    says 1 'open nowhere.json: No such file' --genesis nowhere.json "$log"
check "--out and --no-write contradict each other" \
    says 2 '--out and --no-write contradict' --out o --no-write $cluster
check "--json and another format contradict each other" \
    says 2 '--json and --format csv contradict' --json --format csv $cluster
check "a table needs a format that has tables" says 2 '--table goes with' --table blocks $cluster
check "the table of slots is not for org" \
    says 2 'the table of slots is too large for org' --format org --table slots $cluster
for threads in 0 65 x 2x ''; do
    check "'$threads' is no number of threads" \
        says 2 '--threads must be a number from 1 to 64' --threads="$threads" $cluster
done
for date in today 2026-02-30 2026-1-1 2026-11-22T10; do
    check "'$date' is no day" says 2 '--date must be a day like' --date $date $cluster
done
check "an unknown filter is answered with all names" \
    says 2 '--filter: .*unitray.*unitary' --no-write --filter unitray $cluster
check "conditions that cannot be read are refused" \
    says 2 '--filter: inline' --no-write --filter '[{"tag":"CBlok"}]' $cluster
check "a file of conditions that is not there is named" \
    says 1 'open none/f.json: No such' --no-write --filter none/f.json $cluster
check "run directories are analysed one at a time" \
    says 2 "$cluster is a run directory.*logs folder" --genesis g $cluster "$log"

mkdir -p "$scratch/run/logs/a" "$scratch/empty"
cp "$log" "$scratch/run/logs/a/"
echo '{}' >"$scratch/run/meta.json"
check "a run without genesis is told where one is looked for" \
    says 2 '.*/run has no genesis (genesis/shelley.json, .*--network mainnet' "$scratch/run"
echo '{"meta":{"tag":1}}' >"$scratch/wrong.json"
cp -r $cluster/genesis "$scratch/run/"
check "a run whose meta.json cannot be read is not analysed without it" \
    says 1 '.*/wrong.json: member meta.tag must be text' --meta "$scratch/wrong.json" "$scratch/run"
echo '{"profile_content":{"analysis":{"filters":["epoch9"]}}}' >"$scratch/run/meta.json"
check "a filter of the profile that is unknown is an error, with a way out" \
    says 1 'the filters of the run.s profile: .*epoch9.*--no-filters' "$scratch/run"
check "a failed analysis leaves the run directory as it was" test ! -e "$scratch/run/analysis"
rm -r "$scratch/run/logs/a"
check "a run without logs is told where they are looked for" \
    says 1 '.*/run: no logs in this run directory (expected logs/HOST' --no-filters "$scratch/run"
check "a folder without logs is named" \
    says 1 '.*/empty: no log file in it' --network preview "$scratch/empty"
check "a path that is not there is named" \
    says 1 'nowhere.json: No such file' --network preview nowhere.json
check "what is in a name cannot steer the terminal" \
    says 1 'nowhere\\x1b]0;x: No such file' --network preview $'nowhere\e]0;x'
tap_end
