#!/bin/bash
# The documentation of trace points, and the check of their configuration.
. tests/cli/tap.sh

run docs
check "docs succeeds" ended 0
check "docs has nothing to warn of" same '' "$scratch/err"
check "docs/reference/trace-points.md is what \`make docs\` writes" \
    diff -u docs/reference/trace-points.md "$scratch/out"
cp "$scratch/out" "$scratch/document"

run docs --out "$scratch/traces.md"
check "--out writes the document" cmp "$scratch/document" "$scratch/traces.md"
check "--out leaves standard output alone" same '' "$scratch/out"
run docs --out "$scratch/none/traces.md"
check "a document that cannot be written is a failure" ended 1
check "why is told" grep -q '^ouroscope docs: .*none.*: No such file or directory$' "$scratch/err"

anchors_lead_somewhere() {
    grep -oE '\(#[a-z0-9_-]+\)' "$scratch/document" | tr -d '(#)' | sort >"$scratch/links"
    sed -n 's/^### //p' "$scratch/document" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n_-' | sort -u >"$scratch/anchors"
    [ "$(wc -l <"$scratch/links")" -gt 50 ] && [ -z "$(uniq -d "$scratch/links")" ] &&
        [ -z "$(comm -23 "$scratch/links" "$scratch/anchors")" ]
}
check "each entry of the contents leads to a heading of its own" anchors_lead_somewhere

printf 'TraceOptions:\n  "": {severity: Debug, detail: DMaximum}\n  Fnord: {}\n' >"$scratch/debug.yaml"
run docs --config "$scratch/debug.yaml"
check "a configuration that is odd gives a document" ended 0
check "what is odd is told" same \
    "ouroscope docs: warning: $scratch/debug.yaml:3: Config namespace error: Illegal namespace Fnord" "$scratch/err"
check "the document is as the configuration has it" bash -c '! grep -q Invisible "$1"' - "$scratch/out"
run docs --check --config "$scratch/debug.yaml"
check "--check is content with it" ended 0
check "--check counts warnings" same "$scratch/debug.yaml: 1 warning" "$scratch/out"

printf 'TraceOptions:\n  "": {severity: debug}\n' >"$scratch/wrong.yaml"
for option in "" --check; do
    run docs $option --config "$scratch/wrong.yaml"
    check "docs $option: a wrong configuration is a failure" ended 1
    check "docs $option: it is told what would be right" same \
        "ouroscope docs: $scratch/wrong.yaml:2: severity is \"debug\"; did you mean \"Debug\"?" "$scratch/err"
    check "docs $option: nothing is printed" same '' "$scratch/out"
done

run docs --check
check "--check alone is wrong usage" ended 2
run docs --check --config "$scratch/debug.yaml" --out "$scratch/x"
check "--check with --out is wrong usage" ended 2
tap_end
