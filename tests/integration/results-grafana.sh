#!/bin/bash
# The page about Grafana and results, command by command.
. tests/cli/tap.sh
. tests/cli/blocks.sh

work=$scratch/work
mkdir -p "$work/bin"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
port=$(python3 tests/support/ports.py)

# make-table: two versions of one workload, on one cluster; the second takes half the processor.
cat >"$work/bin/make-table" <<'SCRIPT'
#!/bin/bash
add() { printf 'r.value\tvalue\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
{
    printf 'report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n'
    add summary 'Cluster system start date' '' '' 10.1 2026-04-01
    add summary 'Cluster system start date' '' '' 10.2 2026-05-01
    add summary 'Cluster system start time' '' '' 10.1 12:00:00
    add summary 'Cluster system start time' '' '' 10.2 12:00:00
    add resource 'Process CPU usage' % CentiCpu 10.1 15
    add resource 'Process CPU usage' % CentiCpu 10.2 7.5
} >table.tsv
SCRIPT

# wait-for PORT: comes back when the server answers there.
cat >"$work/bin/wait-for" <<'SCRIPT'
#!/bin/bash
for _ in $(seq 300); do
    curl --silent --fail "http://127.0.0.1:$1/api/v1/health" >/dev/null && exit
    sleep 0.1
done
cat serve.log
exit 1
SCRIPT
chmod +x "$work/bin/make-table" "$work/bin/wait-for"

end_all() {
    [ -e "$work/serve.pid" ] && kill "$(cat "$work/serve.pid")" 2>/dev/null
    rm -rf "$scratch"
}
trap end_all EXIT

page=$scratch/grafana-results.md
sed "s/8090/$port/g" docs/howto/grafana-results.md >"$page"
check_page "$page" "$scratch/grafana"
tap_end
