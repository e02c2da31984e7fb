#!/bin/bash
# Report pages in a real browser: tests/e2e/report/page.js has the checks.
#
# Needs node, npm, Chromium and, once per build folder, the package of tests/e2e/report; skipped without.
. tests/cli/tap.sh

browser=${OUROSCOPE_BUILD:?}/report-page
sample=$OUROSCOPE_BUILD/tests/report-sample

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
    mkdir -p "$browser/pages"
    cp tests/e2e/report/*.js* tests/e2e/report/.npmrc "$browser"
    [ "$browser/node_modules/.complete" -nt tests/e2e/report/package-lock.json ] && return
    (cd "$browser" && timeout 90 npm ci --prefer-offline --fetch-retries=1 --fetch-timeout=20000) &&
        touch "$browser/node_modules/.complete"
}

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

why_not=
have_chromium >"$scratch/chromium.log" 2>&1 || why_not="there is no Chromium, node or npm"
[ -n "$why_not" ] || install_packages >"$scratch/npm.log" 2>&1 || why_not="the package cannot be had"
[ -n "$why_not" ] || "$sample" plain | grep -q 'class="picture"' || why_not="this build has no charts"
if [ -n "$why_not" ]; then
    skip "report pages in a browser" "$why_not"
    tap_end
    exit
fi

if ! make_pages >"$scratch/made" 2>&1; then
    check "the pages are made, the same each time" cat "$scratch/made"
    echo "Bail out! there are no pages"
    exit 1
fi
timeout 250 node "$browser/page.js" "$browser/pages"
