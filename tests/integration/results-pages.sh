#!/bin/bash
# The pages of a server of results in a real browser: tests/e2e/results/page.js has the checks, world.py what they show.
. tests/cli/tap.sh
. tests/support/browser.sh

browser=${OUROSCOPE_BUILD:?}/results-pages
pictures=$browser/pictures
world_pid=

stop_world() {
    [ -n "$world_pid" ] || return 0
    exec 3>&- # its standard input: it ends
    wait "$world_pid" 2>/dev/null
    world_pid=
}
trap 'stop_world; rm -rf "$scratch"' EXIT

# $world: the line that it prints once it serves.
start_world() {
    mkfifo "$scratch/in" || return
    python3 tests/e2e/results/world.py "$scratch/world" <"$scratch/in" >"$scratch/line" 2>"$scratch/world.err" &
    world_pid=$!
    exec 3>"$scratch/in"
    for _ in $(seq 600); do
        world=$(head -n 1 "$scratch/line")
        [ -n "$world" ] && return
        kill -0 "$world_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/world.err"
    return 1
}

need_browser "$browser" report results || skip_all "pages of results in a browser"
if ! command -v zstd >/dev/null; then
    why_not="there is no zstd to unpack a recorded run with"
    skip_all "pages of results in a browser"
fi
mkdir -p "$pictures"

if ! start_world >"$scratch/started" 2>&1; then
    sed 's/^/# /' "$scratch/started"
    echo "Bail out! there is no server"
    exit 1
fi
timeout 280 node "$browser/page.js" "$world" "$pictures"
