#!/bin/bash
# docs/reference/margins.md from data/margins.tsv: make-margins-doc.sh MARGINS METRICS
set -eu

cat <<'TEXT'
# Margins

Made from `data/margins.tsv` by `scripts/make-margins-doc.sh`; change that file, not this page.

How much of a change matters, for `ouroscope compare`. A change that certainly is smaller than the metric's margin is *negligible*, or *equivalent* where no difference is
shown. The margin is the share of the old mean, or the floor, whichever is larger; the floor is for metrics near 0. `--margin METRIC=PERCENT` sets another, `--margin FACTOR` makes all of them
wider or narrower.

*means* are compared by the values of runs, *counts* as events by the exact Poisson law; the rest is described and not judged. A row for a whole section holds for its metrics that have none of
their own. The [dictionary](metrics.md) says what each metric is.
TEXT
awk -F '\t' '
    NR == FNR { if (FNR > 1) { name[$1 "/" $2] = $3; unit[$1 "/" $2] = $5 } next }
    FNR == 1 { next }
    $1 != section { section = $1; printf "\n## %s\n\n| metric | compared by | share of the old mean | floor | why |\n|---|---|---|---|---|\n", section }
    {
        key = $1 "/" $2
        metric = ($2 == "*") ? "all others" : "`" $2 "`" ((key in name) ? ", " name[key] : "")
        judged = $3 != "nothing"
        method = judged ? $3 : "not judged"
        share = judged ? $4 " %" : ""
        level = ($5 > 0) ? $5 ((key in unit) ? " " unit[key] : "") : ""
        printf "| %s | %s | %s | %s | %s |\n", metric, method, share, level, $6
    }' "$2" "$1"
