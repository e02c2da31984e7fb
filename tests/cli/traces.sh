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

# --- JSON, and the schema of lines

run docs traces
check "the word traces may stand there" cmp "$scratch/document" "$scratch/out"
run docs trace
check "another word is wrong usage" ended 2
run docs --format json --config "$scratch/debug.yaml"
check "--format json is JSON, and has what the document has" python3 -c '
import json, re, sys
tree, document = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
names = [m["ns"] for m in tree["messages"]]
metrics = {tree["metricsPrefix"] + name for name in tree["metrics"]}
headings = re.findall(r"^### (.*)$", document, re.M)
assert sorted(names + list(metrics)) == sorted(headings), set(headings) ^ set(names) ^ metrics
message = {m["ns"]: m for m in tree["messages"]}["ChainDB.AddBlockEvent.AddedToCurrentChain"]
assert message["legacy"] == {"logger": "ChainDB", "kind": "TraceAddBlockEvent.AddedToCurrentChain", "wrapped": False}
assert message["configured"] == {"visible": True, "severity": "Debug", "detail": "DMaximum",
                                 "backends": ["Stdout MachineFormat"]}, message["configured"]
assert "slotNum_int" in message["metrics"]
assert message["ns"] in tree["metrics"]["slotNum_int"]["fedBy"]
assert tree["metrics"]["slotNum_int"]["legacy"] == ["cardano_node_metrics_slotNum_int"]
assert {"path": "newtip", "type": "`hash@slot`", "detail": "DMinimal", "help": "the new tip"} in message["fields"]
assert tree["configuration"]["TraceOptions"][""]["severity"] == "Debug"' "$scratch/out" "$scratch/document"

run docs traces --format schema
check "the schema is made" ended 0
cp "$scratch/out" "$scratch/schema.json"
validate() {
    python3 tests/support/validate-lines.py "$scratch/schema.json" "$@"
}
validate tests/data/traces/node.json >"$scratch/said"
validated=$?
if [ $validated -eq 77 ]; then
    skip "lines are held against the schema" "there is no python3-jsonschema with draft 2020-12"
else
    check "lines of nodes are right" test $validated -eq 0 -a "$(tail -n 1 "$scratch/said")" = \
        '69 lines of 64 messages, 0 errors'
    line='{"at":"2026-03-22T06:24:52.1234Z","ns":"Forge.Loop.NodeIsLeader","data":{"kind":"TraceNodeIsLeader","slot":7},"sev":"Info","thread":"379","host":"h1"}'
    echo "$line" >"$scratch/line.json"
    check "a line is right" validate "$scratch/line.json"
    # wrong NAME FROM TO: the line with something changed
    wrong() {
        echo "${line/"$2"/"$3"}" >"$scratch/line.json"
        check "$1 is wrong" bash -c '! cmp -s <(echo "$1") "$2" && ! python3 tests/support/validate-lines.py "$3" "$2"' \
            - "$line" "$scratch/line.json" "$scratch/schema.json"
    }
    wrong "a line without a host" ',"host":"h1"' ''
    wrong "a member too many" '"host"' '"app":[],"host"'
    wrong "a name that there is not" NodeIsLeader NodeWasLeader
    wrong "another name" NodeIsLeader NodeNotLeader
    wrong "a severity that there is not" '"Info"' '"Loud"'
    wrong "another severity" '"Info"' '"Debug"'
    wrong "a thread that is a number" '"379"' 379
    wrong "a time without a zone" 1234Z 1234
    wrong "a text in place of a number" ':7}' ':"7"}'
    wrong "a negative slot" ':7}' ':-7}'
    wrong "data without its kind" '"kind":"TraceNodeIsLeader",' ''
    wrong "another kind" TraceNodeIsLeader TraceNodeNotLeader
    wrong "a member of data that there is not" ':7}' ':7,"x":1}'
fi

run docs --of tracer
check "the collector's messages are documented apart" grep -q '^### Tracer.InitStart$' "$scratch/out"
check "in its own name" grep -qx '# Messages of the collector, `ouroscope tracer`' "$scratch/out"
check "and as it shows them by itself: from Info on" bash -c '
    [ "$(grep -c "^Severity: .Info" "$1")" -gt 5 ] && grep -q "^Filtered .Visible. by config value: .Info.$" "$1" &&
        [ "$(grep -c "^Severity: .Debug" "$1")" = "$(grep -c "^Filtered .Invisible" "$1")" ]' - "$scratch/out"
check "without those of nodes" bash -c '! grep -q "^### ChainDB" "$1"' - "$scratch/out"
check "which are documented without the collector's" bash -c '! grep -q "Tracer\.Init" "$1"' - "$scratch/document"
check "docs/reference/tracer-trace-points.md is what \`make docs\` writes" \
    diff -u docs/reference/tracer-trace-points.md "$scratch/out"

run docs --of serve
check "the messages of the server of results are documented apart" grep -q '^### Results.Request$' "$scratch/out"
check "a node's are without them" bash -c '! grep -q "Results\." "$1"' - "$scratch/document"
check "docs/reference/serve-trace-points.md is what \`make docs\` writes" \
    diff -u docs/reference/serve-trace-points.md "$scratch/out"

run docs traces --format schema --config "$scratch/debug.yaml"
check "--format schema with --config is wrong usage" ended 2
run docs --check --format json --config "$scratch/debug.yaml"
check "--check with --format is wrong usage" ended 2
run docs --check
check "--check alone is wrong usage" ended 2
run docs --check --config "$scratch/debug.yaml" --out "$scratch/x"
check "--check with --out is wrong usage" ended 2
tap_end
