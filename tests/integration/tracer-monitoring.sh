#!/bin/bash
# The page about Prometheus, command by command, as a reader types them.
. tests/cli/tap.sh
. tests/cli/blocks.sh

work=$scratch/work
mkdir -p "$work/bin"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"

# What the page leaves running when a command of it fails.
end_all() {
    local pid
    pid=$(cat "$work/tracer.pid" 2>/dev/null) && kill "$pid" 2>/dev/null
    rm -rf "$scratch"
}
trap end_all EXIT

if ! scripts/setup-debian.sh prometheus >"$scratch/setup.log" 2>&1; then
    echo "1..0 # SKIP there is no Prometheus here"
    exit 0
fi
# The page's ports may be in use here.
page=$scratch/monitor-with-prometheus.md
sed "s/3200/$(free_port)/g; s/3100/$(free_port)/g" docs/howto/monitor-with-prometheus.md >"$page"
check_page "$page" "$scratch/blocks"
tap_end
