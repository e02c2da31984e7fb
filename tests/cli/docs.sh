#!/bin/bash
# The commands of the README, the tutorial, the how-tos and some formats work, and print what the pages say they print.
. tests/cli/tap.sh
. tests/cli/blocks.sh

# What pages may speak of: the program, the test data, and a node whose log is in the journal.
make_workspace() {
    local work=$1
    mkdir -p "$work/build" "$work/bin" "$work/tests"
    cp -r tests/data "$work/tests/data"
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
for page in README.md docs/tutorial/*.md docs/howto/*.md docs/formats/tracing-configuration.md; do
    name=$(basename "$page" .md)
    case $name in # need the library installed, or a node: see tests/integration/{library,tracer-howto,tracer-grafana,results-grafana,tracer-monitoring}.sh
    tracing-from-c | collect-traces | grafana | grafana-results | monitor-with-prometheus) continue ;;
    esac
    work=$scratch/work-$name
    make_workspace "$work"
    check_page "$page" "$scratch/$name"
done
check "there were commands to run" test "$tap_count" -gt 10
tap_end
