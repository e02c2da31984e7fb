#!/bin/bash
# Takes the pictures of the server's pages for docs/images: make-results-images.sh BUILD TABLE
#
# TABLE: a table of published results. Needs what the browser test needs, which has been run in BUILD before:
# meson test -C BUILD integration/results-pages.sh
set -eu

build=$(cd "$1" && pwd)
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
"$build/ouroscope" import --to "$work/results.db" "$2"
"$build/ouroscope" serve --db "$work/results.db" --listen 127.0.0.1:0 --log none 2>"$work/said" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/^.*Results at \(http[^ /]*\/\/[^ /]*\).*$/\1/p' "$work/said")
    [ -z "$url" ] || break
    sleep 0.1
done
mkdir -p docs/images
cp tests/e2e/results/images.js "$build/results-pages"
node "$build/results-pages/images.js" "$url" "$PWD/docs/images"
