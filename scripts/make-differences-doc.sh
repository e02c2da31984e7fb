#!/bin/sh
# Writes the page about the differences from locli, from the table in the code:
# make-differences-doc.sh src/analyse/differences.h
#
# The table is a list of C strings, so it is a C compiler that reads it.
set -eu

header=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

${CC:-cc} -std=c17 -I "$(dirname "$header")/.." -x c -o "$scratch/rows" - <<'PROGRAM'
#include <stdio.h>

#include "analyse/differences.h"

int main(void)
{
#define X(id, title, locli, ours, effect)                                                   \
    printf("\n## %s\n\n- **locli**: %s.\n- **Ouroscope**: %s.\n- **Effect**: %s.\n", title, \
           locli, ours, effect);
    OU_DIFFERENCES(X)
#undef X
    return 0;
}
PROGRAM

cat <<'HEAD'
# Differences from locli

Made from `src/analyse/differences.h` by `scripts/make-differences-doc.sh`; change that file, not this page.

For performance engineers who lay results beside published ones.

locli is the tool with which the published benchmarks of cardano-node are analysed. By default Ouroscope computes what
a metric's definition means. Where locli computes something else, there is a section here: what locli does, what
Ouroscope does, and what that changes in the numbers. With `--compat locli` Ouroscope does as locli does in all of
them; [how to compare with locli](../howto/compare-with-locli.md) shows the use of it.

The analysis file lists the titles of the differences in force in `options.differencesFromLocli`. A metric's page in the
[reference](../reference/metrics.md) tells under *Compat* what that one metric becomes.

## What compat mode does not imitate

- **Stops.** locli ends with an error when a line cannot be decoded, a block has no forger or no size, a host logged
  nothing, or 1000 slots are missing. Compat mode goes on: such lines and hosts are counted, and the chain ends above the
  first block whose forger's log is not there.
- **Propagation metrics without any value.** locli prints zeros (or, in 2023, NaN); compat mode says that there is no
  value. Likewise in the tables of blocks, where a mean over no observer stays empty.
- **The start of a host's first slot.** locli takes the instant of the host's first line for it, compat mode the slot's own.
- **Texts.** Packages are shown with version and commit, and the day of the analysis only with `--date`.
- **The database.** locli 2 can read its logs through SQLite, which rounds instants to about a quarter of a microsecond and
  drops identical rows. Compat mode follows the reading of files.
- **Versions.** The rules are those of locli 1.29 (2023) and 2.3 (2026), which agree in most. Where they do not, compat mode
  takes the number of a tip as it was logged (1.29; 2.3 subtracts one) and the mean slots of all hosts (1.29: of the first),
  has the shipped filters and the zeros of empty hosts of 2.3, and keeps live and heap bytes apart (1.29 exchanged them).
  Lines are understood under all names, those included that neither version knows.
HEAD
"$scratch/rows"
cat <<'TAIL'

Next: [how to compare with locli](../howto/compare-with-locli.md), [metrics](../reference/metrics.md).
TAIL
