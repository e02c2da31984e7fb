#!/bin/bash
# The documentation as a site: it is built, twice the same; all its links lead somewhere; and pages are read in a real browser:
# tests/e2e/site/page.js has the checks.
. tests/cli/tap.sh
. tests/support/browser.sh

site=$scratch/site
folder=${OUROSCOPE_BUILD:?}/site-pages

have_mkdocs() {
    command -v mkdocs && return
    [ "$(id -u)" = 0 ] && timeout 200 sh scripts/setup-debian.sh docs
    command -v mkdocs
}
have_mkdocs >"$scratch/mkdocs.log" 2>&1 || {
    why_not="there is no mkdocs"
    skip_all "the documentation as a site"
}

check "the site is built, without a warning" scripts/make-site.sh "$site"
check "its links and anchors lead somewhere, and it asks nobody" python3 tests/support/check_site.py "$site"
check "there is a page of each page, and of each manual page" bash -c '
    for page in $(find docs -name "*.md" -o -name "*.[1-8]"); do
        html=${page%.md}.html
        [ -e "$1/$html" ] || [ -e "$1/${html%/README.html}/index.html" ] || { echo "no $html"; exit 1; }
    done' - "$site"
check "nothing of this machine is in it" bash -c '! grep -rlF -e "$PWD" -e "${TMPDIR:-/tmp}/tmp." "$1"' - "$site"
check "it is built again, over the old one" scripts/make-site.sh "$scratch/again"
check "to the same bytes" diff -r "$site" "$scratch/again"

# The checker sees what is wrong.
spoil() {
    rm -rf "$scratch/spoilt"
    mkdir "$scratch/spoilt"
    printf '<h1 id="here">x</h1>%s' "$1" >"$scratch/spoilt/page.html"
    ! python3 tests/support/check_site.py "$scratch/spoilt"
}
check "a link to nowhere is seen" spoil '<a href="gone.html">x</a>'
check "a fragment to nowhere is seen" spoil '<a href="#there">x</a>'
check "a picture from elsewhere is seen" spoil '<img src="https://example.org/x.png">'
check "an id that stands twice is seen" spoil '<p id="here"></p>'

need_browser "$folder" report site || skip_all "the site in a browser"
mkdir -p "$folder/pictures"
timeout 200 node "$folder/page.js" "$site" "$folder/pictures" >"$scratch/browser"
status=$?
check "pages are read in a browser" bash -c 'grep -E "^(not ok|#)" "$1"; exit $2' - "$scratch/browser" $status
tap_end
