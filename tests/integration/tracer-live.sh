#!/bin/bash
# The live page of the collector in a real browser: tests/e2e/tracer-live/page.js has the checks.
. tests/cli/tap.sh
. tests/support/browser.sh

browser=${OUROSCOPE_BUILD:?}/live-page
pictures=$browser/pictures
collector_pid=

stop_collector() {
    [ -n "$collector_pid" ] || return 0
    kill -TERM "$collector_pid" 2>/dev/null # the page's test may have killed it
    collector_pid=
}
trap 'stop_collector; rm -rf "$scratch"' EXIT

# --- The collector ------------------------------------------------------------

# $url once it is served. The port is free when it is asked for, and seldom taken a moment later.
start_collector() {
    local port
    port=$(python3 tests/support/ports.py)
    cat >"$scratch/tracer.yaml" <<YAML
networkMagic: 764824073
network: { tag: AcceptAt, contents: $scratch/tracer.sock }
logging: [ { logRoot: $scratch/logs, logMode: FileMode, logFormat: ForMachine } ]
hasRTView: { epHost: 127.0.0.1, epPort: $port }
ouroscope: { history: { stepSeconds: 1 } }
YAML
    "${OUROSCOPE:?}" tracer --config "$scratch/tracer.yaml" >"$scratch/tracer.out" 2>&1 </dev/null &
    collector_pid=$!
    disown "$collector_pid"
    url=http://127.0.0.1:$port/
    for _ in $(seq 300); do
        curl -fs "$url" >/dev/null && return
        kill -0 "$collector_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/tracer.out"
    return 1
}

need_browser "$browser" tracer-live tracer-live || skip_all "the live page in a browser"
mkdir -p "$pictures"

if ! start_collector >"$scratch/started" 2>&1; then
    check "the collector starts" cat "$scratch/started"
    echo "Bail out! there is no collector"
    exit 1
fi
COLLECTOR=$collector_pid timeout 200 node "$browser/page.js" "$url" "$scratch/tracer.sock" "$pictures"
