#!/bin/bash
# The pages about metrics and margins are committed, to be read without building: are they current?
. tests/cli/tap.sh

scripts/make-metrics-doc.sh data/metrics.tsv >"$scratch/metrics.md"
check "docs/reference/metrics.md is what \`make docs\` writes" \
    diff -u docs/reference/metrics.md "$scratch/metrics.md"
scripts/make-margins-doc.sh data/margins.tsv data/metrics.tsv >"$scratch/margins.md"
check "docs/reference/margins.md is what \`make docs\` writes" \
    diff -u docs/reference/margins.md "$scratch/margins.md"
tap_end
