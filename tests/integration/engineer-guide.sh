#!/bin/bash
# The engineer's guide, block by block, in a folder of its own: real runs, a sweep, a server.
. tests/cli/tap.sh
. tests/cli/blocks.sh

page=docs/guide/engineer.md
work=$scratch/work
mkdir -p "$work/bin" "$work/tests" "$work/docs"
cp -r tests/data "$work/tests/data"
cp -r docs/use-cases "$work/docs/use-cases"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
with_free_ports "$page" >"$scratch/page.md"
check_page "$scratch/page.md" "$scratch/blocks" "$page"
check "the sweep's report begins with an answer" bash -c '"$1" sweep report "$2/sweeps/shapes" | grep "^▶ "' - "$OUROSCOPE" "$work"
tap_end
