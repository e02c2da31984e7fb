#!/bin/bash
# Builds the documentation as a site that needs no server and asks nobody: make-site.sh [FOLDER, build/site if not given]
#
# The same pages give the same bytes. Needs mkdocs: scripts/setup-debian.sh docs
set -euo pipefail

site=$(realpath -m "${1:-build/site}")
stage=$(mktemp -d)
trap 'rm -rf "$stage" "$stage.log"' EXIT

# What pages link to goes along, and what those link to in turn; paths stay, and so links do.
python3 scripts/stage-site.py "$stage"
mkdir -p "$stage/css"
cp web/report.css "$stage/css"
cp web/icon.svg "$stage"

# A day that does not change; mkdocs writes none of it into pages.
if ! OUROSCOPE_SITE_PAGES=$stage SOURCE_DATE_EPOCH=0 mkdocs build --strict --config-file site/mkdocs.yml --site-dir "$site" >"$stage.log" 2>&1; then
    grep -E 'WARNING|ERROR|Error|Aborted' "$stage.log" >&2
    exit 1
fi
echo "The site is in $site: open index.html"
