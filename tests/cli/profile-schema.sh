#!/bin/bash
# Every profile that is built in, complete, is one by the JSON Schema of profiles.
. tests/cli/tap.sh

schema=docs/formats/profile.schema.json

all_profiles() {
    local name
    "$OUROSCOPE" profile list --all --json | python3 -c '
import json, sys
for profile in json.load(sys.stdin):
    print(profile["name"])' >"$scratch/names" || return
    [ "$(wc -l <"$scratch/names")" -gt 190 ] || { echo "too few profiles"; return 1; }
    while read -r name; do
        "$OUROSCOPE" profile show "$name" >"$scratch/$name.json" || return
    done <"$scratch/names"
}

# valid FILE...: prints what is wrong with each.
valid() {
    python3 - "$schema" "$@" <<'PYTHON'
import json, sys, jsonschema
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
faults = 0
for path in sys.argv[2:]:
    for fault in validator.iter_errors(json.load(open(path))):
        faults += 1
        print(path, fault.json_path, fault.message[:200])
sys.exit(faults > 0)
PYTHON
}

not_valid() {
    ! valid "$@"
}

check "each built-in profile is shown complete" all_profiles
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
    check "all of them are profiles by the schema" valid "$scratch"/*.json
    sed 's/"tps": /"tsp": /' "$scratch/demo.json" >"$scratch/misspelt"
    check "a member that is not known is none by the schema" not_valid "$scratch/misspelt"
else
    skip "all of them are profiles by the schema" "there is no python3-jsonschema with draft 2020-12"
fi
tap_end
