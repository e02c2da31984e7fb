#!/bin/bash
# The commands of the README, the tutorial, the how-tos and some formats work, and print what the pages say they print.
#
# In a page, a block ```sh run, or a comment <!-- run: COMMAND -->, is run in a copy of what the page may speak of. A
# block ```text shown behind it is compared: its lines are lines of the output, in that order. A line "..." stands for any.
. tests/cli/tap.sh

# blocks PAGE FOLDER: writes N.run and N.shown.
blocks() {
    awk -v folder="$2" '
        /^<!-- run: .* -->$/ { file = sprintf("%s/%02d.run", folder, ++n); sub(/^<!-- run: /, ""); sub(/ -->$/, ""); print >file; close(file); next }
        /^```sh run$/ { file = sprintf("%s/%02d.run", folder, ++n); inside = 1; next }
        /^```text shown$/ { file = sprintf("%s/%02d.shown", folder, n); inside = 1; next }
        /^```$/ { if (inside) close(file); inside = 0; next }
        inside { print >file }
    ' "$1"
}

# Every line of the file SHOWN comes in OUTPUT, in the same order.
shows() {
    awk '
        NR == FNR { if ($0 !~ /^ *\.\.\.$/) wanted[++n] = $0; next }
        found < n && $0 == wanted[found + 1] { found++ }
        END { if (found < n) { print "not shown: " wanted[found + 1]; exit 1 } }
    ' "$1" "$2"
}

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

run_block() {
    (cd "$work" && PATH="$work/bin:$PATH" bash -euo pipefail "$1" >"$2" 2>"$2.err" </dev/null) && return
    cat "$1" "$2.err"
    return 1
}

case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac
for page in README.md docs/tutorial/*.md docs/howto/*.md docs/formats/tracing-configuration.md; do
    name=$(basename "$page" .md)
    mkdir -p "$scratch/$name"
    work=$scratch/work-$name
    make_workspace "$work"
    blocks "$page" "$scratch/$name"
    for block in "$scratch/$name"/*.run; do
        [ -e "$block" ] || continue
        number=$(basename "$block" .run)
        output=$scratch/$name/$number.out
        check "$page: command $number works: $(head -n 1 "$block")" run_block "$block" "$output"
        [ ! -e "${block%.run}.shown" ] ||
            check "$page: command $number prints what the page shows" shows "${block%.run}.shown" "$output"
    done
done
check "there were commands to run" test "$tap_count" -gt 10
tap_end
