#!/bin/bash
# ouroscope genesis hash, check and edit.
. tests/cli/tap.sh

hash_of() { b2sum -l 256 "$1" | cut -d ' ' -f 1; }

cat >"$scratch/next.json" <<'END'
{
    "maxRefScriptSizePerBlock": 1048576,
    "maxRefScriptSizePerTx": 204800,
    "refScriptCostStride": 25600,
    "refScriptCostMultiplier": 1.20
}
END
cp "$scratch/next.json" "$scratch/dijkstra.json"
printf '{ "startTime" : 5, "avvmDistr":{ } }\n' >"$scratch/old.json"
printf '{"avvmDistr":{},"startTime":5}' >"$scratch/canonical"

# --- hash ---

run genesis hash "$scratch/next.json" "$scratch/old.json"
check 'hash: files of any name are told apart' ended 0
check 'hash: of the bytes, and of Byron of the canonical form' same \
    "$(hash_of "$scratch/next.json")  dijkstra  $scratch/next.json
$(hash_of "$scratch/canonical")  byron     $scratch/old.json" "$scratch/out"
run genesis hash --json "$scratch/next.json"
check 'hash: --json is a list of objects' python3 -c '
import json, sys
[entry] = json.load(open(sys.argv[1]))
assert entry == {"file": sys.argv[2], "era": "dijkstra", "hash": sys.argv[3]}, entry' \
    "$scratch/out" "$scratch/next.json" "$(hash_of "$scratch/next.json")"
echo "{\"DijkstraGenesisHash\": \"$(hash_of "$scratch/next.json")\"}" >"$scratch/config"
run genesis hash --config "$scratch/config" "$scratch/next.json"
check 'hash: as a configuration expects it' ended 0
run genesis hash --config "$scratch/config" "$scratch/old.json"
check 'hash: one that it does not expect is a failure' ended 1
check 'hash: and said' same \
    "ouroscope genesis hash: $scratch/old.json: the configuration names no hash of byron" "$scratch/err"
echo '{"x":1}' >"$scratch/other"
run genesis hash "$scratch/other"
check 'hash: what is no genesis is refused' ended 1
check 'hash: with what was looked for' grep -q 'no genesis: it has none of the members' "$scratch/err"

run genesis hash "$scratch/other" "$scratch/next.json"
check 'hash: among others it is a failure, too' ended 1
check 'hash: and the others are hashed' same \
    "$(hash_of "$scratch/next.json")  dijkstra  $scratch/next.json" "$scratch/out"
mkdir -p "$scratch/run/genesis"
cp "$scratch/next.json" "$scratch/run/genesis/dijkstra.json"
echo '{"x":1}' | tee "$scratch/run/genesis/dataset.json" >"$scratch/run/meta.json"
for dir in "$scratch/run/genesis" "$scratch/run"; do
    run genesis hash "$dir"
    check "hash: ${dir#"$scratch"/} stands for its files" same \
        "$(hash_of "$scratch/next.json")  dijkstra  $scratch/run/genesis/dijkstra.json" "$scratch/out"
    run genesis check "$dir"
    check "check: ${dir#"$scratch"/}, too" same '1 file: 0 faults, 0 remarks' "$scratch/out"
done

# --- check ---

run genesis check "$scratch/next.json"
check 'check: a right file' ended 0
check 'check: is summed up' same '1 file: 0 faults, 0 remarks' "$scratch/out"
sed 's/1.20/"1.20"/; s/25600/0/; s/^{/{ "more\\u001b[31m": 1,/' "$scratch/next.json" >"$scratch/bad.json"
run genesis check "$scratch/bad.json"
check 'check: a wrong one is a failure' ended 1
check 'check: each fault has its place, and what would be right' same \
    "$scratch/bad.json:1:21: remark: more\\x1b[31m: is no member that nodes know: ignored
$scratch/bad.json:4:28: refScriptCostStride: must be in 1..2^32-1, not 0
$scratch/bad.json:5:32: refScriptCostMultiplier: must be a number, or {\"numerator\": .., \"denominator\": ..}, not a text
1 file: 2 faults, 1 remark" "$scratch/out"
run genesis check --quiet "$scratch/bad.json"
check 'check: --quiet leaves remarks out' test "$(grep -c remark: "$scratch/out")" = 0
run genesis check --json "$scratch/bad.json"
check 'check: --json is a failure as well' ended 1
check 'check: and an object' python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
assert r["faults"] == 2 and r["remarks"] == 1 and len(r["findings"]) == 3, r
assert r["findings"][1]["line"] == 4 and r["findings"][1]["path"] == "refScriptCostStride", r' "$scratch/out"
run genesis check "$scratch"
check 'check: a directory, by the usual names' same '1 file: 0 faults, 0 remarks' "$scratch/out"
run genesis check "$scratch/next.json" "$scratch/bad.json"
check 'check: two files of one era are no set' ended 2
run genesis check "$scratch/absent"
check 'check: a file that is not there' ended 1
mkdir "$scratch/empty"
run genesis check "$scratch/empty"
check 'check: a directory without files of a genesis' ended 1

# What is hostile has a message and an end. The era is told by a member in front.
hostile() {
    printf '%s' "$2" | cat - "${3:-/dev/null}" >"$scratch/hostile"
    run genesis check "$scratch/hostile"
    ended 1 && [ "$(wc -c <"$scratch/out")" -lt 2000 ] && cat "$scratch/out" "$scratch/err" | grep -q "$1"
}
head='{"refScriptCostStride":25600,'
yes '[' | head -n 100000 | tr -d '\n' >"$scratch/deep"
check 'check: brackets inside one another' hostile 'no JSON: brackets inside one another' "$head\"x\":" "$scratch/deep"
yes 9 | head -n 100000 | tr -d '\n' >"$scratch/number"
check 'check: an endless number' hostile 'no fraction of two 64-bit' "$head\"maxRefScriptSizePerTx\":1" \
    <(cat "$scratch/number"; echo '}')
check 'check: a byte 0' hostile 'no JSON: ' "$head" <(printf '\0}')
check 'check: a file that is cut' hostile 'too early' "$head\"maxRef"
head -c 30000000 /dev/zero | tr '\0' ' ' >"$scratch/blanks"
check 'check: blanks, and nothing more' hostile 'too early' "$head" "$scratch/blanks"
mkfifo "$scratch/pipe"
cat "$scratch/next.json" >"$scratch/pipe" &
run genesis edit "$scratch/pipe" --out "$scratch/x"
check 'edit: a pipe is refused, for it can be read but once' ended 1
wait

# --- edit ---

run genesis edit "$scratch/next.json" --out "$scratch/same.json"
check 'edit: nothing to change' ended 0
check 'edit: gives the same bytes' cmp "$scratch/next.json" "$scratch/same.json"
check 'edit: the hash is printed' same \
    "$(hash_of "$scratch/next.json")  dijkstra  $scratch/same.json" "$scratch/out"
run genesis edit "$scratch/next.json" -s refScriptCostStride=5 -s refScriptCostMultiplier=1.2 \
    --overlay '{"new": true, "maxRefScriptSizePerTx": null}' --out "$scratch/changed.json"
check 'edit: all ways to change' ended 0
check 'edit: change what they name, and nothing else' same '{
    "maxRefScriptSizePerBlock": 1048576,
    "refScriptCostStride": 5,
    "refScriptCostMultiplier": 1.20,
    "new": true
}' "$scratch/changed.json"
mkdir "$scratch/net"
cp "$scratch/old.json" "$scratch/net/byron-genesis.json"
echo '{"systemStart":"2020-01-01T00:00:00Z", "networkMagic":1}' >"$scratch/net/shelley-genesis.json"
run genesis edit "$scratch/net" --magic 42 --start 2026-12-01T00:00:00Z --set 'shelley.updateQuorum=5' \
    --out "$scratch/shadow"
check 'edit: a directory' ended 0
check 'edit: Shelley has the new start and magic' same \
    '{"systemStart":"2026-12-01T00:00:00Z", "networkMagic":42, "updateQuorum": 5}' "$scratch/shadow/shelley-genesis.json"
check 'edit: and Byron, too' same \
    '{ "startTime" : 1796083200, "avvmDistr":{ }, "protocolConsts": { "protocolMagic": 42 } }' \
    "$scratch/shadow/byron-genesis.json"
run genesis edit "$scratch/net" --set 'updateQuorum=5' --out "$scratch/shadow"
check 'edit: in a directory a path begins with the era' ended 2
run genesis edit "$scratch/net" --set 'conway.x=5' --out "$scratch/shadow"
check 'edit: an era whose file is not there' ended 2
run genesis edit "$scratch/next.json" --set 'x=y' --out "$scratch/x"
check 'edit: what is no JSON' ended 2
check 'edit: is told how to be written' grep -q 'a text wants quotation marks' "$scratch/err"
run genesis edit "$scratch/next.json"
check 'edit: --out is needed' ended 2
run genesis edit "$scratch/next.json" --magic -1 --out "$scratch/x"
check 'edit: a magic is a number' ended 2
run genesis edit "$scratch/next.json" --start soon --out "$scratch/x"
check 'edit: a start is a time' ended 2

# What changes do not reach is told, and is no failure.
run genesis edit "$scratch/next.json" -s refScriptCostStrid=5 --remove nosuch.inner --out "$scratch/told.json"
check 'edit: what is not known or not there is no failure' ended 0
check 'edit: but told' same \
    "ouroscope genesis edit: $scratch/next.json: refScriptCostStrid is no member that nodes know; did you mean refScriptCostStride?
ouroscope genesis edit: $scratch/next.json: nosuch is not there to be removed" "$scratch/err"
check 'edit: and nothing else is added' same "$(sed 's/1.20$/1.20,\n    "refScriptCostStrid": 5/' "$scratch/next.json")" \
    "$scratch/told.json"
run genesis edit "$scratch/next.json" -s dijkstra.refScriptCostStride=5 --out "$scratch/x"
check 'edit: of one file a path begins without the era' ended 2

# A configuration goes along.
mkdir "$scratch/configured"
cp "$scratch/net/shelley-genesis.json" "$scratch/configured"
echo '{"Protocol":"Cardano",  "ShelleyGenesisHash":"00", "AlonzoGenesisHash":"11"}' >"$scratch/configured/config.json"
run genesis edit "$scratch/configured" --magic 7 --out "$scratch/reached"
check 'edit: a directory with a configuration' ended 0
check 'edit: the configuration has the new hashes of what was written' same \
    "{\"Protocol\":\"Cardano\",  \"ShelleyGenesisHash\":\"$(hash_of "$scratch/reached/shelley-genesis.json")\", \"AlonzoGenesisHash\":\"11\"}" \
    "$scratch/reached/config.json"
check 'edit: a file that the magic does not reach is told' same \
    "ouroscope genesis edit: $scratch/configured: there is no byron file: --magic and --start do not reach it
ouroscope genesis edit: $scratch/reached/config.json: the configuration, with the new hashes" "$scratch/err"
run genesis edit "$scratch/run" -s dijkstra.refScriptCostStride=5 --out "$scratch/of-run"
check 'edit: files of a run lie in the new directory itself' grep -q '"refScriptCostStride": 5' "$scratch/of-run/dijkstra.json"
tap_end
