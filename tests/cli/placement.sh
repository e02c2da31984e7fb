#!/bin/bash
# The placement commands: where the hosts of a run would stand, and what is wrong with a plan.
. tests/cli/tap.sh
unset OUROSCOPE_BUCKET

says() {
    grep -qF -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}

lacks() {
    ! says "$1" >/dev/null 2>&1 || { cat "$scratch/err"; return 1; }
}

run placement show model-52 --profile value-nomadperf
check "each host of the model cluster has a row" test "$(wc -l <"$scratch/out")" -eq 54
check "a producer has a machine of its own" \
    grep -qE '^node-4 +us-east-1 +us-east-1 +perf +client-us-02 +c5d.2xlarge +8 cores +15400 to 16000 MB$' "$scratch/out"
check "the explorer has a larger one" grep -qE '^explorer +eu-central-1 .* m5.4xlarge +16 cores' "$scratch/out"
check "18, 17 and 17 stand in the three regions" python3 -c '
import collections, sys
rows = [line.split() for line in open(sys.argv[1])][1:-1]
assert sorted(collections.Counter(r[1] for r in rows).values()) == [17, 17, 18]
assert len({r[4] for r in rows}) == 52
' "$scratch/out"

run placement show one-machine --json
check "an example is printed as a plan" ended 0
cp "$scratch/out" "$scratch/mine.json"
run placement check "$scratch/mine.json"
check "a plan without a bucket is told so" says "OUROSCOPE_BUCKET"
check "and fails" ended 1
OUROSCOPE_BUCKET=b run placement check "$scratch/mine.json" --profile demo
check "with a bucket it has a place for each host" grep -q 'has a place for each of [0-9]* hosts of demo' "$scratch/out"

cat >"$scratch/bad.json" <<'END'
{"storage": {"bukket": "b"}, "timing": {"margin_s": -1}, "regions": [{"name": "eu-central-1"}]}
END
run placement check "$scratch/bad.json"
check "faults have a line each" test "$(wc -l <"$scratch/err")" -eq 2
check "a misspelt member is told with the right one" says 'did you mean "bucket"'
check "a value is told with what may be" says 'timing.margin_s: a number from 0 to 3600 is wanted'
OUROSCOPE_BUCKET=b run placement check aws --profile demo
check "examples fit profiles of their regions only" says 'which the plan does not have'
run placement show aws --profile demo
check "a host without a place is shown" grep -qE '^node-2 +us-west-2 +none' "$scratch/out"
check "and a remark says so" says 'aws has no place for node-2'

# Nothing listens at port 1: one fault, told once, and soon.
python3 - "$scratch/mine.json" >"$scratch/away.json" <<'END'
import json, sys
plan = json.load(open(sys.argv[1]))
plan["nomad"]["address"] = plan["storage"]["endpoint"] = "http://127.0.0.1:1"
plan["storage"]["bucket"] = "bench"
json.dump(plan, sys.stdout)
END
NOMAD_TOKEN= AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s run run ci-test --on nomad \
    --placement "$scratch/away.json" --dir "$scratch/runs"
check "a cluster that does not answer ends a run" ended 1
check "with one line for one fault" test "$(grep -c 'connection refused' "$scratch/err")" -eq 1
check "and no advice to end what never was" lacks "run stop"
check "after a few tries" test "$(cat "$scratch"/runs/*/deploy/events.jsonl | wc -l)" -le 2
check "before a genesis is made" test ! -e "$scratch"/runs/*/genesis
cat >"$scratch/pinned.json" <<'END'
{"name": "else", "storage": {"bucket": "b"}, "pins": [{"host": "node-77", "machine": "t"}]}
END
run placement check "$scratch/pinned.json" --profile ci-test
check "a pin of a host that the profile does not have is remarked" says 'pins: node-77 is no host of ci-test'
check "and is no fault: the answer names the file" grep -qF "$scratch/pinned.json has a place for each of" "$scratch/out"
run placement show nowhere
check "an unknown example is wrong usage" ended 2
tap_end
