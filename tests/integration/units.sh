#!/bin/bash
# dist/systemd: systemd understands all of each unit, and finds it well locked down.
. tests/cli/tap.sh

if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "1..0 # SKIP there is no systemd-analyze (scripts/setup-debian.sh journal)"
    exit 0
fi

# The program stands elsewhere here.
for unit in dist/systemd/*; do
    name=$(basename "${unit%.in}")
    copy=$scratch/$name
    sed "s|@bindir@/ouroscope|$OUROSCOPE|" "$unit" >"$copy"
    systemd-analyze verify --man=no --recursive-errors=no "$copy" >"$scratch/verify" 2>&1
    status=$?
    check "systemd understands $name" ended 0
    check "and has nothing to remark" bash -c "! grep '${name%%[.@]*}' '$scratch/verify'"

    # 0 is as locked down as can be, 10 not at all; what remains are the network and the user that is not root.
    check "it is locked down: an exposure of 1.5 at most" \
        systemd-analyze security --offline=yes --threshold=15 "$copy"
    check "no secret stands in it" bash -c "! grep -iE '^[^#]*(password|token)=' '$unit'"
done

check "their commands are some that there are" bash -c "'$OUROSCOPE' serve --help && '$OUROSCOPE' tracer --help"
for example in serve tracer; do
    check "the example of its configuration is fine: $example" \
        "$OUROSCOPE" "$example" --config "dist/examples/$example.yaml" --check
done
tap_end
