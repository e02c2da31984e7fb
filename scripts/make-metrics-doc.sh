#!/bin/sh
# Writes the page about the metrics, from the dictionary: make-metrics-doc.sh data/metrics.tsv
set -eu

awk -F '\t' '
function escape(text) { gsub(/\|/, "\\|", text); return text }

# As section_title() in src/analyse/dictionary.c; its test compares.
function head(section) {
    if (section == "summary") return "Run"
    if (section == "control") return "Anomaly control"
    if (section == "forger") return "Forging"
    if (section == "peers") return "Peer propagation"
    if (section == "endtoend") return "End-to-end propagation"
    if (section == "machperf") return "Machine performance"
    if (section == "machperf-json") return "Machine performance, further values"
    if (section == "process") return "Processes"
    if (section == "rts") return "GHC run-time system"
    if (section == "sync") return "Catching up"
    if (section == "block-timeline") return "Blocks"
    if (section == "slot-timeline") return "Slots"
    print "make-metrics-doc.sh: no title for section " section >"/dev/stderr"
    exit 1
}

BEGIN {
    print "# Metrics"
    print ""
    print "Made from `data/metrics.tsv` by `scripts/make-metrics-doc.sh`; change that file, not this page."
    print ""
    print "Each metric has an identifier, by which results can be laid beside published ones, and a short"
    print "name. Quantiles are of type 7 unless"
    print "another rule is asked for. A cluster value is the mean over all hosts of the value of each host: the"
    print "mean of the host means, and for each quantile the mean of the host quantiles; the standard deviation"
    print "is that of all samples together. What `--compat locli` computes instead stands under *Compat*, where it differs."
    print ""
    print "t(X) is the instant of the trace message X at the host in question, slotStart the instant at which"
    print "the slot of the block begins; delta and dt are the differences between two successive samples."
    print "1 KB is 2^10 bytes, 1 MB is 2^20 bytes."
}

NR == 1 { next }

$1 != section {
    section = $1
    printf "\n## %s\n\nSection `%s`.\n", head(section), section
}

{
    printf "\n### `%s`: %s\n\n%s\n\n", $2, escape($3), escape($9)
    printf "- **Definition**: %s\n", $10
    printf "- **Over**: %s\n", $8
    if ($11 != "") printf "- **Compat**: %s\n", $11
    if ($5 != "") printf "- **Unit**: %s, with %d decimals\n", $5, $6
    if ($7 != "none") printf "- **Better**: %s\n", $7
    printf "- **Published as**: %s\n", $4
}
' "$1"
