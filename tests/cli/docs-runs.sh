#!/bin/bash
# The commands of pages that make runs work: tutorials, guides, and how to run a cluster.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/workspace.sh

# shellcheck disable=SC2046 # names of pages have no blanks
run_pages $(all_pages | grep "$pages_of_runs")
tap_end
