#!/bin/bash
# Report pages in a real browser: tests/e2e/report/page.js has the checks.
. tests/cli/tap.sh
. tests/support/browser.sh

browser=${OUROSCOPE_BUILD:?}/report-page
sample=$OUROSCOPE_BUILD/tests/report-sample

# The pages, each of them twice: the same bytes both times.
make_pages() {
    local kind
    for kind in plain hostile large; do
        "$sample" $kind >"$browser/pages/$kind.html" || return
        "$sample" $kind | cmp - "$browser/pages/$kind.html" || return
    done
    "${OUROSCOPE:?}" analyse --json tests/data/cluster >"$scratch/analysis.json" &&
        "$OUROSCOPE" report --out "$browser/pages/run.html" "$scratch/analysis.json" &&
        "$OUROSCOPE" report --format html "$scratch/analysis.json" | cmp - "$browser/pages/run.html" &&
        "$OUROSCOPE" sweep report --out "$browser/pages/sweep.html" tests/data/sweep &&
        "$OUROSCOPE" sweep report --format html tests/data/sweep | cmp - "$browser/pages/sweep.html"
}

need_browser "$browser" report report || skip_all "report pages in a browser"
if ! "$sample" plain | grep -q 'class="picture"'; then
    why_not="this build has no charts"
    skip_all "report pages in a browser"
fi
mkdir -p "$browser/pages"

if ! make_pages >"$scratch/made" 2>&1; then
    check "the pages are made, the same each time" cat "$scratch/made"
    echo "Bail out! there are no pages"
    exit 1
fi
timeout 250 node "$browser/page.js" "$browser/pages"
