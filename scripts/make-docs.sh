#!/bin/bash
# Writes the generated pages: make-docs.sh PROGRAM [FOLDER, docs if not given]
#
# They are committed, so that they can be read without building; a test compares.
set -eu

program=$1 folder=${2:-docs}
man=$folder/reference/man

mkdir -p "$man" "$folder/explanation" "$folder/reference/api"
"$program" man >"$man/ouroscope.1"
# Words of a command are joined by dashes in the names of pages.
"$program" man | sed -n 's/^\.It Xr ouroscope-\([a-z-]*\) 1$/\1/p' | while read -r page; do
    # shellcheck disable=SC2086 # a word each
    "$program" man ${page//-/ } >"$man/ouroscope-$page.1"
done
scripts/make-use-cases-doc.sh docs/use-cases >"$folder/reference/api/use-cases.md"
scripts/make-metrics-doc.sh data/metrics.tsv >"$folder/reference/metrics.md"
scripts/make-members-doc.py docs/formats >"$folder/reference/result-members.md"
scripts/make-database-doc.py data/schema >"$folder/reference/database.md"
scripts/make-margins-doc.sh data/margins.tsv data/metrics.tsv >"$folder/reference/margins.md"
scripts/make-genesis-fields-doc.sh data/genesis/fields.tsv >"$folder/reference/genesis-fields.md"
scripts/make-differences-doc.sh src/analyse/differences.h >"$folder/explanation/differences-from-locli.md"
"$program" docs >"$folder/reference/trace-points.md"
"$program" docs --of tracer >"$folder/reference/tracer-trace-points.md"
"$program" docs --of serve >"$folder/reference/serve-trace-points.md"
