#!/bin/bash
# ouroscope names: pairs of names, and configurations of the older system.
. tests/cli/tap.sh

run names Mempool.AddedTx
check "a name of today is found" ended 0
check "with its kind, its switch and its logger" same \
    'what    old                   in 2023          today
kind    TraceMempoolAddedTx   Mempool.AddedTx  Mempool.AddedTx
toggle  TraceMempool          Mempool.*        Mempool.*
logger  cardano.node.Mempool  Mempool.*        Mempool.*' "$scratch/out"
run names --from legacy --events TraceMempoolAddedTx TraceIpSubscription
check "a switch is no message" ended 1
check "and what was found is printed nevertheless" grep -q ' Mempool.AddedTx$' "$scratch/out"
check "what is not there is told" same \
    'ouroscope names: there is no name "TraceIpSubscription"' "$scratch/err"
run names --metrics cardano_node_metrics_slotNum_int
check "a metric of dashboards is found" grep -qx \
    'metric  cardano_node_metrics_slotNum_int  ChainDB.SlotNum  cardano.node.metrics.slotNum_int' "$scratch/out"

run names Mempool.AddTx
check "a mistyped name is a failure" ended 1
check "with the nearest one" same \
    'ouroscope names: there is no name "Mempool.AddTx"; did you mean Mempool.AddedTx?' "$scratch/err"
check "and nothing is printed" same '' "$scratch/out"
run names AddedToCurrentChain --from new
check "the last word of a name leads to it" grep -q \
    'did you mean ChainDB.AddBlockEvent.AddedToCurrentChain?$' "$scratch/err"

for pair in slotNm=slotNum AddedToCurentChain=TraceAddBlockEvent.AddedToCurrentChain \
    cardano_node_metrics_slotNm_int=cardano_node_metrics_slotNum_int; do
    run names "${pair%=*}"
    check "${pair%=*} is near ${pair#*=}" same \
        "ouroscope names: there is no name \"${pair%=*}\"; did you mean ${pair#*=}?" "$scratch/err"
    run names "${pair#*=}"
    check "which there is" ended 0
done
run names NoSuchThing
check "what is near nothing gets no suggestion" same 'ouroscope names: there is no name "NoSuchThing"' "$scratch/err"

terminal() {
    COLUMNS=$1 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$OUROSCOPE" names "${@:2}" </dev/null |
        tr -d '\r' >"$scratch/out"
}
check "on a narrow terminal there is a name a line" terminal 60 --from new --metrics forks
check "with what it is" same $'metric\n  old      cardano_node_metrics_forks_int\n  in 2023  -\n  today    cardano.node.metrics.forks_counter' "$scratch/out"
check "on a wide one a table" terminal 200 --from new --metrics forks
check "of as many lines as there are pairs, and one" test "$(wc -l <"$scratch/out")" = 2

run names
check "without a NAME all pairs are printed" ended 0
check "of all tables" bash -c '
    cut -d" " -f1 "$1" | sort -u | tr "\n" " " | grep -qx "early former kind logger message metric part reader toggle what "' \
    - "$scratch/out"
check "each row of the tables is there" bash -c '
    while read -r generation old rest; do
        [ "$generation" = generation ] || awk -v g="$generation" "\$1 == g" "$1" | grep -qF -- "$old" || { echo "$old"; exit 1; }
    done < <(tail -n 40 data/legacy-names.tsv)' - "$scratch/out"
run names --json
check "--json is JSON" python3 -c '
import json, sys
pairs = json.load(open(sys.argv[1]))
assert len(pairs) > 600
assert {"what": "kind", "old": "TraceMempoolAddedTx", "in2023": "Mempool.AddedTx", "today": "Mempool.AddedTx"} in pairs
assert {"what": "metric", "old": "cardano_node_metrics_forks_int", "in2023": None,
        "today": "cardano.node.metrics.forks_counter"} in pairs' "$scratch/out"

# --- Configurations

cat >"$scratch/old.yaml" <<'END'
# of the older system
Protocol: Cardano
minSeverity: Notice
TracingVerbosity: NormalVerbosity
TraceChainDb: true
TraceMempool: false
TraceDNSResolver: true
hasPrometheus: [127.0.0.1, 12798]
hasEKG: 12788
setupBackends: [KatipBK]
defaultBackends: [KatipBK]
defaultScribes: [[FileSK, node.json]]
setupScribes:
  - {scKind: FileSK, scName: node.json, scFormat: ScJson, scRotation: null}
rotation: {rpLogLimitBytes: 5000000, rpMaxAgeHours: 24, rpKeepFilesNum: 10}
options:
  mapSeverity: {cardano.node.Forge: Debug}
END
run names --config "$scratch/old.yaml"
check "a configuration is rewritten" ended 0
check "as YAML, like it came" golden names-config.yaml "$scratch/out"
sed "s#$scratch/##" "$scratch/err" >"$scratch/remarks"
check "remarks say what became of it" golden names-remarks.txt "$scratch/remarks"
cp "$scratch/out" "$scratch/new.yaml"
run docs --check --config "$scratch/new.yaml"
check "the result has nothing odd" same "$scratch/new.yaml: 0 warnings" "$scratch/out"

run names --config "$scratch/new.yaml"
check "a configuration of the new system is as it was" cmp "$scratch/new.yaml" "$scratch/out"
check "which is told" same "ouroscope names: $scratch/new.yaml: there was nothing to change" "$scratch/err"

run names --config "$scratch/old.yaml" --format json
check "--format json is JSON" python3 -c '
import json, sys
config = json.load(open(sys.argv[1]))
assert config["Protocol"] == "Cardano" and config["UseTraceDispatcher"] is True
assert config["TraceOptions"]["Mempool"] == {"severity": "Silence"}, config' "$scratch/out"
run names --config "$scratch/old.yaml" --json
check "--json has the configuration and the remarks" python3 -c '
import json, sys
both = json.load(open(sys.argv[1]))
assert both["configuration"]["TraceOptions"][""]["severity"] == "Notice"
assert {"line": 7, "key": "TraceDNSResolver", "outcome": "lost",
        "text": "nodes of today have no such messages"} in both["remarks"], both["remarks"]' "$scratch/out"
check "and standard error has nothing" same '' "$scratch/err"

for name in mainnet preview; do
    file=${OUROSCOPE_SHARED_DATA:-../shared/data}/real/d-genesis/$name/config.json
    if [ ! -e "$file" ]; then
        skip "the configuration of $name" "it is not here"
        continue
    fi
    run names --config "$file"
    check "the configuration of $name is rewritten" ended 0
    cp "$scratch/out" "$scratch/$name.json"
    run docs --check --config "$scratch/$name.json"
    check "the new configuration of $name has nothing odd" same "$scratch/$name.json: 0 warnings" "$scratch/out"
    check "what is not about tracing is as it was" python3 -c '
import json, sys
old, new = (json.load(open(path)) for path in sys.argv[1:])
for key, value in new.items():
    assert key in ("TraceOptions", "UseTraceDispatcher") or old[key] == value, key
assert "ByronGenesisHash" in new and "LedgerDB" in new and "hasEKG" not in new' "$file" "$scratch/$name.json"
done

printf 'minSeverity: Loud\n' >"$scratch/wrong.yaml"
run names --config "$scratch/wrong.yaml"
check "a configuration that is wrong is a failure" ended 1
check "why is told" same \
    "ouroscope names: $scratch/wrong.yaml:1: minSeverity must be a severity from Debug to Emergency" "$scratch/err"
run names --config "$scratch/none"
check "one that is not there, too" ended 1

for arguments in "--config $scratch/old.yaml Mempool" "--format json" "--config $scratch/old.yaml --metrics" \
    "--config $scratch/old.yaml --json --format json"; do
    # shellcheck disable=SC2086
    run names $arguments
    check "wrong usage: ${arguments/$scratch\//}" ended 2
done
tap_end
