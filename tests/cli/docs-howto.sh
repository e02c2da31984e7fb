#!/bin/bash
# The commands of the how-tos work, but those about runs, which docs-runs.sh has.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/workspace.sh

# shellcheck disable=SC2046 # names of pages have no blanks
run_pages $(all_pages | grep '^docs/howto/' | grep -v "$pages_of_runs")
tap_end
