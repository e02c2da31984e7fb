#!/bin/bash
# dist/systemd/ouroscope-serve.service: systemd understands all of it, and finds it well locked down.
. tests/cli/tap.sh

unit=dist/systemd/ouroscope-serve.service
if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "1..0 # SKIP there is no systemd-analyze (scripts/setup-debian.sh journal)"
    exit 0
fi

# The program stands elsewhere here.
copy=$scratch/ouroscope-serve.service
sed "s|/usr/local/bin/ouroscope|$OUROSCOPE|" "$unit" >"$copy"
systemd-analyze verify --man=no --recursive-errors=no "$copy" >"$scratch/verify" 2>&1
status=$?
check "systemd understands the unit" ended 0
check "and has nothing to remark" bash -c "! grep ouroscope-serve '$scratch/verify'"

# 0 is as locked down as can be, 10 not at all; what remains are the network and the user that is not root.
check "it is locked down: an exposure of 1.5 at most" \
    systemd-analyze security --offline=yes --threshold=15 "$copy"

check "its command is one that there is" "$OUROSCOPE" serve --help
check "no secret stands in it" bash -c "! grep -iE '^[^#]*(password|token)=' '$unit'"
tap_end
