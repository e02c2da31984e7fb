#!/bin/bash
# The engineer's guide, block by block, in a folder of its own: real runs, a sweep, a server. Where it makes five runs, two are made here;
# FULL=1 makes all.
. tests/cli/tap.sh
. tests/cli/blocks.sh

page=docs/guide/engineer.md
work=$scratch/work
mkdir -p "$work/bin" "$work/tests" "$work/docs"
cp -r tests/data "$work/tests/data"
cp -r docs/use-cases "$work/docs/use-cases"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
fewer='s/ --repeat 5 --batch baseline question.json/ --repeat 2 --batch baseline question.json/'
with_free_ports "$page" | sed "${FULL:+#}$fewer" >"$scratch/page.md"
check_page "$scratch/page.md" "$scratch/blocks" "$page"
check "the sweep's report begins with an answer" bash -c '"$1" sweep report "$2/sweeps/shapes" | grep "^▶ "' - "$OUROSCOPE" "$work"
tap_end
