# shellcheck shell=bash
# Pages in a real browser: source this behind tap.sh. Needs node, npm, Chromium and, once per build folder, the packages that a
# lock file names; tests are skipped without.
#
# need_browser FOLDER PACKAGE SCRIPTS: leaves in FOLDER the packages of tests/e2e/PACKAGE and the scripts of tests/e2e/SCRIPTS,
# with browser.js beside them, and sets $CHROMIUM. Otherwise says why not, in $why_not.

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
    local folder=$1 package=tests/e2e/$2 scripts=tests/e2e/$3
    mkdir -p "$folder"
    cp "$package"/package*.json "$package/.npmrc" "$scripts"/*.js tests/support/browser.js "$folder"
    [ "$folder/node_modules/.complete" -nt "$package/package-lock.json" ] && return
    (cd "$folder" && timeout 90 npm ci --prefer-offline --fetch-retries=1 --fetch-timeout=20000) &&
        touch "$folder/node_modules/.complete"
}

need_browser() {
    local scratch=${scratch:?}
    why_not=
    have_chromium >"$scratch/chromium.log" 2>&1 || why_not="there is no Chromium, node or npm"
    [ -n "$why_not" ] || install_packages "$@" >"$scratch/npm.log" 2>&1 || why_not="the package cannot be had"
    [ -z "$why_not" ]
}

# For a test that is nothing without it.
skip_all() {
    skip "$1" "$why_not"
    tap_end
    exit
}
