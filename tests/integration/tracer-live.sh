#!/bin/bash
# The live page of the collector in a real browser: tests/e2e/tracer-live/page.js has the checks.
#
# Needs node, npm, Chromium and, once per build folder, the package of tests/e2e/tracer-live; skipped without.
. tests/cli/tap.sh

browser=${OUROSCOPE_BUILD:?}/live-page
pictures=$browser/pictures
collector_pid=

stop_collector() {
    [ -n "$collector_pid" ] || return 0
    kill -TERM "$collector_pid" 2>/dev/null # the page's test may have killed it
    collector_pid=
}
trap 'stop_collector; rm -rf "$scratch"' EXIT

# --- The browser --------------------------------------------------------------

find_chromium() {
    CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
    export CHROMIUM
    [ -n "$CHROMIUM" ] && command -v node && command -v npm
}

# Root, who need not ask anybody, installs what is missing.
have_chromium() {
    find_chromium && return
    [ "$(id -u)" = 0 ] && timeout 250 sh scripts/setup-debian.sh browser
    find_chromium
}

# What the lock file names, checked by its hashes. A second run needs no network.
install_packages() {
    mkdir -p "$pictures"
    cp tests/e2e/tracer-live/*.js* tests/e2e/tracer-live/.npmrc "$browser"
    [ "$browser/node_modules/.complete" -nt tests/e2e/tracer-live/package-lock.json ] && return
    (cd "$browser" && timeout 90 npm ci --prefer-offline --fetch-retries=1 --fetch-timeout=20000) &&
        touch "$browser/node_modules/.complete"
}

# --- The collector ------------------------------------------------------------

# $url once it is served. The port is free when it is asked for, and seldom taken a moment later.
start_collector() {
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
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

why_not=
have_chromium >"$scratch/chromium.log" 2>&1 || why_not="there is no Chromium, node or npm"
[ -n "$why_not" ] || install_packages >"$scratch/npm.log" 2>&1 || why_not="the package cannot be had"
if [ -n "$why_not" ]; then
    skip "the live page in a browser" "$why_not"
    tap_end
    exit
fi

if ! start_collector >"$scratch/started" 2>&1; then
    check "the collector starts" cat "$scratch/started"
    echo "Bail out! there is no collector"
    exit 1
fi
COLLECTOR=$collector_pid timeout 200 node "$browser/page.js" "$url" "$scratch/tracer.sock" "$pictures"
