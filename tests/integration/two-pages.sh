#!/bin/bash
# docs/two-pages.md, block by block as a newcomer types it. The sweep has two repetitions here in place of five, which say less and take a
# minute; FULL=1 runs it as the page has it.
. tests/cli/tap.sh
. tests/cli/blocks.sh

case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac
work=$scratch/work
mkdir -p "$work/bin" "$work/tests"
ln -s "$OUROSCOPE" "$work/bin/ouroscope"
ln -s "$PWD/tests/data" "$work/tests/data"

page=$scratch/two-pages.md
fewer='s/^ouroscope sweep tracing-quick$/ouroscope sweep --repetitions 2 tracing-quick/'
sed "${FULL:+#}$fewer" docs/two-pages.md >"$page"
check_page "$page" "$scratch/two-pages" docs/two-pages.md

two_pages() {
    local words
    words=$(wc -w <docs/two-pages.md)
    [ "$words" -le 900 ] || { echo "$words words"; return 1; }
}
check "the page has 900 words at most" two_pages
check "the README leads to it within its first twenty lines" bash -c 'head -n 20 README.md | grep -q "(docs/two-pages.md)"'
tap_end
