#!/bin/bash
# The commands of all pages that have no test of their own work, and print what the pages say they print.
. tests/cli/tap.sh
. tests/cli/blocks.sh

# What pages may speak of: the program, the test data, and a node whose log is in the journal.
make_workspace() {
    local work=$1
    mkdir -p "$work/build" "$work/bin" "$work/tests"
    cp -r tests/data "$work/tests/data"
    ln -s "$PWD/tests/support" "$work/tests/support"
    ln -s "$OUROSCOPE" "$work/build/ouroscope"
    ln -s "$OUROSCOPE" "$work/bin/ouroscope"
    python3 -c '
import json, sys
for line in sys.stdin:
    print(json.dumps({"_HOSTNAME": "relay-1", "SYSLOG_IDENTIFIER": "cardano-node", "MESSAGE": line.rstrip()}))
' <tests/data/relay/mainnet-relay.json >"$work/journal"
    printf '#!/bin/sh\ncat "%s"\n' "$work/journal" >"$work/bin/journalctl"
    chmod +x "$work/bin/journalctl"
}

case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac
for page in $(all_pages); do
    [ -z "$(test_of "$page")" ] || continue
    name=$(tr / - <<<"${page%.md}")
    work=$scratch/work-$name
    make_workspace "$work"
    with_free_ports "$page" >"$scratch/page.md"
    check_page "$scratch/page.md" "$scratch/$name" "$page"
done
check "there were commands to run" test "$tap_count" -gt 100
tap_end
