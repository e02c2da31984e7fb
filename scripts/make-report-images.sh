#!/bin/bash
# Takes the pictures of report pages for docs/images, of the recorded runs: make-report-images.sh BUILD
#
# Needs what the browser test needs, which has been run in BUILD before:
# meson test -C BUILD integration/report-page.sh
set -eu

build=$(cd "$1" && pwd)
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
mkdir -p docs/images
"$build/ouroscope" report --quiet --out "$pages/comparison.html" tests/data/repeated/base-*.zst -- tests/data/repeated/slow-*.zst
cp tests/e2e/report/images.js "$build/report-page"
node "$build/report-page/images.js" "$pages" "$PWD/docs/images"
