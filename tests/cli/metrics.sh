#!/bin/bash
# The page about the metrics is committed, to be read without building: is it current?
. tests/cli/tap.sh

scripts/make-metrics-doc.sh data/metrics.tsv >"$scratch/metrics.md"
check "docs/reference/metrics.md is what \`make docs\` writes" \
    diff -u docs/reference/metrics.md "$scratch/metrics.md"
tap_end
