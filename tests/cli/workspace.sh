# shellcheck shell=bash
# The folders in which commands of pages are run: source this behind blocks.sh.

# Pages by the test that runs them, so that each of these takes its minutes.
pages_of_runs='^docs/tutorial/\|^docs/howto/run-a-cluster.md'
pages_of_others="$pages_of_runs\|^docs/howto/"

# Two releases of three versions each; the later ones take half of the processor. As published reports have it, a line for each number.
make_table() {
    local version
    printf 'report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n'
    for version in 1 2 3 4 5 6; do
        printf 'releases.value\tvalue\t%s\t10.%s\t%s\n' \
            $'summary\tCluster system start date\t\t' $version "2026-0$version-01" \
            $'summary\tCluster system start time\t\t' $version 12:00:00 \
            $'resource\tProcess CPU usage\t%\tCentiCpu' $version "$((version > 3 ? 7 : 15)).$version" \
            $'endtoend\t0.96 adoption\ts\tcdf0.96' $version "0.9$version"
    done
}

# Genesis files of public networks, which are not part of this tree.
genesis_files=${OUROSCOPE_SHARED_DATA:-../shared/data}/real/d-genesis

# What pages may speak of: the program, the test data, a published table, and a node whose log is in the journal.
make_workspace() {
    local work=$1
    mkdir -p "$work/build" "$work/bin" "$work/tests"
    cp -r tests/data "$work/tests/data"
    ln -s "$PWD/tests/support" "$work/tests/support"
    [ ! -d "$genesis_files" ] || cp -r "$genesis_files"/* "$work"
    make_table >"$work/published_results.tsv"
    ln -s "$OUROSCOPE" "$work/build/ouroscope"
    ln -s "$OUROSCOPE" "$work/bin/ouroscope"
    [ -e "$scratch/journal" ] || python3 -c '
import json, sys
for line in sys.stdin:
    print(json.dumps({"_HOSTNAME": "relay-1", "SYSLOG_IDENTIFIER": "cardano-node", "MESSAGE": line.rstrip()}))
' <tests/data/relay/mainnet-relay.json >"$scratch/journal"
    printf '#!/bin/sh\ncat "%s"\n' "$scratch/journal" >"$work/bin/journalctl"
    # stand-for URL PORT: from here on curl and ouroscope find at this machine's PORT what they look for at URL.
    cat >"$work/bin/stand-for" <<'SCRIPT'
#!/bin/bash
for name in curl ouroscope; do
    program=$(realpath "$(type -P $name)")
    rm -f "bin/$name"
    printf '#!/bin/bash\nurl=%q\nexec %q "${@//"$url"/http://127.0.0.1:%q}"\n' "$1" "$program" "$2" >"bin/$name"
    chmod +x "bin/$name"
done
SCRIPT
    chmod +x "$work/bin/journalctl" "$work/bin/stand-for"
}

has_commands() {
    grep -qE '^```sh (run|started|tried)$|^<!-- (run|started): ' "$1"
}

# run_pages PAGE...: those that have no test of their own.
run_pages() {
    local page name
    for page; do
        [ -z "$(test_of "$page")" ] && has_commands "$page" || continue
        if [ "$page" = docs/howto/check-a-genesis.md ] && [ ! -d "$genesis_files" ]; then
            skip "$page" "there are no genesis files of public networks here"
            continue
        fi
        name=$(tr / - <<<"${page%.md}")
        work=$scratch/work-$name
        make_workspace "$work"
        with_free_ports "$page" >"$scratch/page.md"
        check_page "$scratch/page.md" "$scratch/$name" "$page"
    done
    check "there were commands to run" test "$tap_count" -gt 10
}

case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac
