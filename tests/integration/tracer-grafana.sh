#!/bin/bash
# The page about Grafana, command by command, with a node that tells its slots.
. tests/cli/tap.sh
. tests/cli/blocks.sh

work=$scratch/work
mkdir -p "$work/bin"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
port=$(python3 tests/support/ports.py)

# feed-node SOCKET NAME: a node that stays connected; comes back when its numbers are in the history.
cat >"$work/bin/feed-node" <<SCRIPT
#!/bin/bash
PYTHONPATH=$PWD/tests/support python3 -c '
import sys, tracer
collector = type("", (), {"socket": sys.argv[1]})
tracer.Node(collector, sys.argv[2]).join()' "\$@" >feeder.log 2>&1 & echo \$! >feeder.pid
for _ in \$(seq 300); do
    curl --silent "http://127.0.0.1:$port/api/v1/label/node_name/values" | grep -q "\"\$2\"" && exit
    sleep 0.1
done
cat feeder.log tracer.log
exit 1
SCRIPT
chmod +x "$work/bin/feed-node"

end_all() {
    local file
    for file in "$work"/*.pid; do
        [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    rm -rf "$scratch"
}
trap end_all EXIT

page=$scratch/grafana.md
sed "s/30201/$port/g" docs/howto/grafana.md >"$page"
check_page "$page" "$scratch/grafana"
tap_end
