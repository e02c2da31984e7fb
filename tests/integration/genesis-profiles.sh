#!/bin/bash
# What `genesis create` makes of built-in profiles, `genesis check` finds no fault in. Of each family of profiles one is made,
# or with ALL_PROFILES=1 every one; their data sets are small.
. tests/cli/tap.sh

small='{"genesis": {"utxo": 0, "delegators": 0, "dreps": 0}}'

# no_fault PROFILE OVERLAY: a genesis of its own, checked and removed.
no_fault() {
    local directory=$scratch/genesis
    rm -rf "$directory"
    run genesis create --quiet --no-cache --overlay "$2" "$1" "$directory"
    [ "$status" -eq 0 ] || { cat "$scratch/err"; return 1; }
    run genesis check "$directory"
    [ "$status" -eq 0 ] || { cat "$scratch/out" "$scratch/err"; return 1; }
}

run profile list --all --json
check 'the profiles are listed' ended 0
python3 - "$scratch/out" >"$scratch/names" <<'END'
import json, os, sys
seen = set()
for profile in json.load(open(sys.argv[1])):
    family = profile["family"]
    if os.environ.get("ALL_PROFILES") or family not in seen:
        print(profile["name"])
    seen.add(family)
END
check 'they are many' test "$(wc -l <"$scratch/names")" -gt 20
while read -r name; do
    check "$name" no_fault "$name" "$small"
done <"$scratch/names"

for era in shelley allegra mary alonzo babbage conway dijkstra; do
    check "ci-test that begins in $era" no_fault ci-test "{\"era\": \"$era\"}"
done
check 'ci-test with DReps' no_fault ci-test '{"genesis": {"dreps": 100, "delegators": 500, "utxo": 1000}}'

# The hashes that create writes are those that hash finds.
hashes_agree() {
    run genesis hash --json "$scratch"/genesis/{byron,shelley,alonzo,conway,dijkstra}.json
    python3 - "$scratch/out" "$scratch/genesis/hashes.json" <<'END'
import json, sys
found = {entry["era"]: entry["hash"] for entry in json.load(open(sys.argv[1]))}
assert found == json.load(open(sys.argv[2])), found
END
}
check 'genesis hash finds the hashes that genesis create wrote' hashes_agree

# A copy with another start and magic is as right.
copy_is_right() {
    run genesis edit "$scratch/genesis" --magic 7 --start 2030-01-01T00:00:00Z --out "$scratch/copy"
    ended 0 && run genesis check "$scratch/copy" && ended 0 &&
        grep -q '"networkMagic": 7' "$scratch/copy/shelley.json" && grep -q '1893456000' "$scratch/copy/byron.json"
}
check 'a copy with another start and magic is as right' copy_is_right
tap_end
