#!/bin/bash
# Writes the generated pages: make-docs.sh PROGRAM [FOLDER, docs/reference if not given]
#
# They are committed, so that they can be read without building; a test compares.
set -eu

program=$1 folder=${2:-docs/reference}

mkdir -p "$folder/man"
"$program" man >"$folder/man/ouroscope.1"
"$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | while read -r command; do
    "$program" man "$command" >"$folder/man/ouroscope-$command.1"
done
scripts/make-metrics-doc.sh data/metrics.tsv >"$folder/metrics.md"
