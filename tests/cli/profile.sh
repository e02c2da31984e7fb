#!/bin/bash
# The profile commands: what they print, and how they end.
. tests/cli/tap.sh

# prints TEXT: a line of the last output is, but for runs of blanks, TEXT.
prints() {
    tr -s ' ' <"$scratch/out" | grep -qxF -- "$1" || { cat "$scratch/out"; return 1; }
}

# says TEXT: standard error has a line with TEXT in it.
says() {
    grep -qF -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}

run profile list
check "profile list succeeds" ended 0
check "the list has the published cluster of 52 machines" \
    grep -qE '^value-nomadperf +52\+explorer/52 +64000 +12 +slot 64000 ' "$scratch/out"
check "variants are counted, not listed" test "$(grep -c '^ci-test' "$scratch/out")" -eq 1
check "that there are more is told" says "more are variants of these"
lines=$(wc -l <"$scratch/out")
run profile list --all
check "--all lists variants below their profile" grep -q '^  ci-test-plutus ' "$scratch/out"
check "--all lists more" test "$(wc -l <"$scratch/out")" -gt "$lines"
run profile list 'forge-stress*-bage'
check "a pattern chooses" bash -c '! grep -vE "^(PROFILE| *forge-stress.*-bage) " '"$scratch/out"
run profile list no-such-thing
check "a pattern that fits nothing fails" ended 1
check "and says so" says "no built-in profile has a name like 'no-such-thing'"
run profile list --json
check "--json is a list of objects of all profiles" python3 -c '
import json, sys
profiles = json.load(open(sys.argv[1]))
assert len(profiles) >= 199
one = next(p for p in profiles if p["name"] == "value-nomadperf")
assert (one["hosts"], one["pools"], one["explorer"], one["slots"], one["tps"]) == (52, 52, True, 64000, 12)
' "$scratch/out"

run profile show ci-test --member genesis.epoch_length
check "a member alone is printed" same 600 "$scratch/out"
run profile show ci-test --member genesis.epoch_lenght
check "a member that is not there is wrong usage" ended 2
check "and the nearest is named" says "did you mean genesis.epoch_length?"
run profile show ci-test --overlay '{"genesis": {"utxo": 5}}' --explain --member genesis
check "--explain names the overlay" prints "genesis.utxo 5 overlay 1"
check "costs of a script language are one row" grep -qE "^genesis.alonzo.costModels.PlutusV1 +\{166 costs\} +mainnet's" "$scratch/out"
check "--explain names the profile" prints "genesis.epoch_length 600 profile default"
check "--explain names mainnet's parameters" grep -qE "protocolParams.maxTxSize .*mainnet's parameters" "$scratch/out"
run profile show ci-test --derived --json
check "--derived --json has what is derived, and from what" python3 -c '
import json, sys
values = {v["path"]: v for v in json.load(open(sys.argv[1]))}
assert values["generator.tx_count"]["value"] == 9000
assert all(v["from"].startswith("derived") for v in values.values())
' "$scratch/out"
run profile show ci-tset
check "an unknown profile is wrong usage" ended 2
check "and the nearest is named" says 'did you mean "ci-test"?'

run profile show ci-test
cp "$scratch/out" "$scratch/complete.json"
run profile diff ci-test "$scratch/complete.json"
check "a complete profile is the one it was made from" same '' "$scratch/out"
run profile diff --exit-code ci-test "$scratch/complete.json"
check "equal profiles end with 0" ended 0
run profile diff --exit-code ci-test ci-bench
check "different ones end with 3 if asked to" ended 3
check "a difference is a line" prints "genesis.utxo 0 500000"
check "names are none" bash -c '! grep -q "^name" '"$scratch/out"
run profile diff ci-test ci-bench
check "without being asked they end with 0" ended 0
echo '{"base": "demo", "composition": {"links": [
  {"a": "eu-central-1", "b": "eu-central-1", "latency_ms": 0.4, "bytes_per_second": 12500000},
  {"a": "us-east-1", "b": "us-west-2", "latency_ms": 9}]}}' >"$scratch/links.json"
run profile diff demo "$scratch/links.json"
check "of long lists it shows what differs" grep -qF '"b":"us-west-2","latency_ms":9}]' "$scratch/out"
run profile diff --derived --json ci-test ci-bench
check "--json has both values" python3 -c '
import json, sys
values = {v["path"]: v for v in json.load(open(sys.argv[1]))}
assert (values["name"]["a"], values["name"]["b"]) == ("ci-test", "ci-bench")
' "$scratch/out"

run profile check --all
check "everything that is built in is right" ended 0
check "and that is told" grep -qE '^[0-9]+ profiles, no faults$' "$scratch/out"
printf '{"base": "ci-test",\n "genesis": {"utxo": -1, "epoch_lenght": 600},\n "nod": {"a": 1, "b": 2}}\n' >"$scratch/mine.json"
run profile check "$scratch/mine.json"
check "a profile with faults fails" ended 1
check "each fault is told once" same "1 of 1 profile: 3 faults" "$scratch/out"
check "wrong values are told" says "mine.json: genesis.utxo must be"
check "unknown members are told" says 'no member genesis.epoch_lenght is known; did you mean "epoch_length"?'
printf '{"base": "ci-test",\n "genesis": {"utxo": 1,}}\n' >"$scratch/broken.json"
run profile check "$scratch/broken.json"
check "what is no JSON is told with its line" says "broken.json:2:"
run profile check ci-test-bage
check "a published profile is right" ended 0
run profile check --run ci-test-bage
check "but reference nodes cannot run it here" ended 1
check "and what to lay over it is told" says "--overlay '"
run profile check --overlay '{"generator": {"tps": "many"}}' --json ci-test
check "--json has the faults as lists" python3 -c '
import json, sys
checked = json.load(open(sys.argv[1]))
assert checked[0]["profile"] == "ci-test" and "overlay 1: generator.tps" in checked[0]["faults"][0]
' "$scratch/out"
run profile check
check "nothing to check is wrong usage" ended 2
tap_end
