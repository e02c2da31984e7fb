#!/bin/bash
# Takes the picture of the collector's live page for docs/images, of a cluster that runs meanwhile: make-live-images.sh BUILD
#
# Needs what the browser test needs, which has been run in BUILD before: meson test -C BUILD integration/tracer-live.sh
set -eu

build=$(cd "$1" && pwd)
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
work=$(mktemp -d)
run=
trap '[ -z "$run" ] || { kill -INT "$run" && wait "$run" || true; }; rm -rf "$work"' EXIT

env --default-signal=INT "$build/ouroscope" run --dir "$work" --progress never --overlay '{"node": {"shutdown_on_block_synced": null}}' demo >"$work/said" 2>&1 &
run=$!
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
for _ in $(seq 300); do # the collector stands when its first logs do
    config=$(ls "$work"/*_demo_*/tracer/config.json 2>/dev/null || true)
    [ -z "$config" ] || ! ls "$work"/*_demo_*/logs/node-5 >/dev/null 2>&1 || break
    sleep 0.1
done
jq --argjson port "$port" '.hasRTView = {epHost: "127.0.0.1", epPort: $port}' "$config" >"$work/config.json"
mv "$work/config.json" "$config"
kill -HUP "$(cat "$(dirname "$config")/pid")"
until curl -fs "http://127.0.0.1:$port/" >"$work/page"; do
    kill -0 "$run" || { cat "$work/said" >&2; exit 1; }
    sleep 0.1
done
cp tests/e2e/tracer-live/images.js "$build/live-page"
node "$build/live-page/images.js" "http://127.0.0.1:$port/" "$PWD/docs/images"
