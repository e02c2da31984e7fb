#!/bin/bash
# Takes the pictures of report pages for docs/images: make-report-images.sh BUILD
#
# Needs what the browser test needs, which has been run in BUILD before:
# meson test -C BUILD integration/report-page.sh
set -eu

build=$(cd "$1" && pwd)
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
mkdir -p docs/images
cp tests/e2e/report/images.js "$build/report-page"
node "$build/report-page/images.js" "$build/report-page/pages" "$PWD/docs/images"
