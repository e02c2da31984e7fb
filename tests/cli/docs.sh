#!/bin/bash
# The commands of all pages work, and print what the pages say they print: those that no other test runs (docs-*.sh, the table of blocks.sh).
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/workspace.sh

# shellcheck disable=SC2046 # names of pages have no blanks
run_pages $(all_pages | grep -v "$pages_of_others")
tap_end
