#!/bin/bash
# Makes all pictures of docs/images: make-images.sh BUILD
#
# Each has a script that makes it, which a test wants. Those of published results need their table, $OUROSCOPE_SHARED_DATA/published.
set -euo pipefail

build=$1
table=${OUROSCOPE_SHARED_DATA:-../shared/data}/published/published_results.tsv
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. tests/support/browser.sh

scripts/make-drawings.sh
scripts/make-topology-images.sh "$build/ouroscope"
for kind in "report report report" "live tracer-live tracer-live" "results report results"; do
    read -r name package scripts <<<"$kind"
    case $name in
    results) folder=$build/results-pages ;;
    *) folder=$build/$name-page ;;
    esac
    need_browser "$folder" "$package" "$scripts" || { echo "$0: $why_not" >&2; exit 1; }
    case $name in
    results)
        [ -e "$table" ] || { echo "$0: there is no $table; pictures of results stay as they are" >&2; continue; }
        scripts/make-results-images.sh "$build" "$table"
        ;;
    *) scripts/make-$name-images.sh "$build" ;;
    esac
done
