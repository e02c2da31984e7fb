#!/bin/bash
# What `analyse` reads, writes and prints, from the outside.
. tests/cli/tap.sh

cluster=tests/data/cluster
genesis=$cluster/genesis/shelley.json
log=$cluster/logs/node-0/node-2026-03-04T14-00-00.json
results='analysis.json blocks.csv metrics.csv slots.csv'

# holds DIRECTORY NAMES: these files and no others, hidden ones included
holds() {
    same "${2// /$'\n'}" <(ls -A "$1")
}

# said PATTERN: on standard error
said() {
    grep -q -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}

silent() {
    same '' "$scratch/err"
}

# member EXPRESSION: of the analysis file `a` that the last run printed
member() {
    python3 -c "import json, sys; a = json.load(open(sys.argv[1])); print($1)" "$scratch/out"
}

# --- A run directory --------------------------------------------------------

run_directory() {
    cp -r $cluster "$scratch/run"
    run analyse "$scratch/run"
    ended 0 && holds "$scratch/run/analysis" "$results" && said 'wrote .*analysis.json in ' &&
        grep -q 'analysis of 2026-03-04T14-00-00_synthetic-6' "$scratch/out"
}
check "a run directory gets its analysis folder" run_directory

run_is_not_written() {
    rm -r "$scratch/run/analysis"
    run analyse --no-write --quiet "$scratch/run"
    ended 0 && silent && [ ! -e "$scratch/run/analysis" ]
}
check "--no-write writes nothing, and --quiet says nothing" run_is_not_written

report_equals_file() {
    local out=$scratch/equal
    run analyse --out "$out" --json $cluster
    ended 0 && cmp "$scratch/out" "$out/analysis.json" && python3 -m json.tool "$out/analysis.json" /dev/null || return
    for table in metrics blocks slots; do
        run analyse --no-write --format csv --table $table $cluster
        ended 0 && cmp "$scratch/out" "$out/$table.csv" || return
    done
}
check "what is printed is what is written" report_equals_file

same_bytes() {
    local n=0 threads
    for threads in 1 2 2 7; do
        n=$((n + 1))
        run analyse --threads $threads --out "$scratch/bytes$n" $cluster
        ended 0 && cp "$scratch/out" "$scratch/bytes$n/report" || return
        diff -r "$scratch/bytes1" "$scratch/bytes$n" || return
    done
}
check "the same input gives the same bytes, on any number of threads" same_bytes

every_format() {
    local format table
    for format in text json csv org; do
        run analyse --no-write --format $format $cluster
        ended 0 && [ -s "$scratch/out" ] && silent || return
    done
    for table in metrics blocks hosts observations; do
        run analyse --no-write --format org --table $table $cluster
        ended 0 && grep -q '^|' "$scratch/out" || return
    done
}
check "every format and table is printed" every_format

# The layouts that the workbench of cardano-node has had.
old_layouts() {
    local run=$scratch/old
    mkdir -p "$run/node-0" "$run/genesis"
    cp "$log" "$run/node-0/stdout"
    echo '{"not": "a log"}' >"$run/node-0/config.json"
    cp $genesis "$run/genesis-shelley.json"
    run analyse --quiet "$run"
    ended 0 && holds "$run/analysis" "$results" && grep -q 'hosts *1: node-0' "$scratch/out" &&
        grep -q 'read *1 file,' "$scratch/out" || return
    mv "$run/genesis-shelley.json" "$run/genesis/genesis.shelley.json"
    run analyse --no-write "$run"
    ended 0 && grep -q 'genesis.shelley.json' "$scratch/out"
}
check "run directories of the existing workbench are understood" old_layouts

folder_is_no_run() {
    mkdir -p "$scratch/root/node-0"
    cp "$log" "$scratch/root/node-0/"
    run analyse --quiet --genesis $genesis "$scratch/root"
    ended 0 && grep -q 'hosts *1: node-0' "$scratch/out" && holds "$scratch/root" node-0
}
check "a folder of logs is not taken for a run, and nothing is written there" folder_is_no_run

# What a collector writes when its `logging` has an entry for each form.
forms_beside_each_other() {
    local root=$scratch/forms node
    for node in node-0 node-1; do
        mkdir -p "$root/$node"
        cp "$cluster/logs/$node/"*.json "$root/$node/node-2026-03-04T14-00-00.json"
        sed 's/.*/[node:X](Info,1) a text/' "$root/$node/node-2026-03-04T14-00-00.json" >"$root/$node/node-2026-03-04T14-00-00.log"
        ln -s node-2026-03-04T14-00-00.json "$root/$node/node.json"
        ln -s node-2026-03-04T14-00-00.log "$root/$node/node.log"
    done
    run analyse --json --genesis $genesis "$cluster/logs/node-0" "$cluster/logs/node-1"
    ended 0 && member 'a["read"]["notUnderstood"], a["read"]["files"][0]["lines"], a["findings"]' >"$scratch/alone"
    run analyse --json --genesis $genesis "$root"
    ended 0 && same 'node-0 node-1 2' <(member '*[h["host"] for h in a["hosts"]], [f["count"] for f in a["findings"] if f["code"] == "other-forms"][0]') &&
        member 'a["read"]["notUnderstood"], a["read"]["files"][0]["lines"], [f for f in a["findings"] if f["code"] != "other-forms"]' |
        diff "$scratch/alone" -
}
check "of the forms that a collector wrote side by side, the one for machines is read" forms_beside_each_other

folders_of_a_pattern() {
    sed 's/"host":"node-[0-9]"/"host":"same"/' -i "$scratch/forms"/*/node-*.json
    run analyse --json --genesis $genesis "$scratch/forms/*/*.json"
    ended 0 && same 'node-0 node-1 0' <(member '*[h["host"] for h in a["hosts"]], len([f for f in a["findings"] if f["code"] == "links-skipped"])')
}
check "collectors' files that a pattern finds belong to their folders" folders_of_a_pattern

losses_are_told() {
    cp "$log" "$scratch/lossy.json"
    echo '{"at":"2026-03-04T14:00:01Z","ns":"Reflection.ForwarderLost","data":{"kind":"ForwarderLost","dropped":40,"total":40},"sev":"Warning","thread":"1","host":"node-0"}' >>"$scratch/lossy.json"
    run analyse --genesis $genesis "$scratch/lossy.json"
    ended 0 && grep -q 'node-0: 40 messages' "$scratch/out"
}
check "messages that a node lost on the way to its log are told" losses_are_told

# A generator writes a log among those of the nodes, and is none of them.
generator_is_no_host() {
    local run=$scratch/loaded
    cp -r $cluster "$run"
    mkdir "$run/logs/generator"
    cat >"$run/logs/generator/generator.json" <<'LOG'
{"at":"2026-03-04T14:00:05.1Z","ns":"TraceBenchTxSubServAck","data":{"kind":"TraceBenchTxSubServAck","txIds":["a","b"]},"sev":"Info","thread":"1","host":"generator"}
{"at":"2026-03-04T14:01:05.1Z","ns":"Benchmark.BenchTxSubSummary","data":{"kind":"TraceBenchTxSubSummary","summary":{"ssElapsed":60,"ssFailures":[],"ssThreadwiseTps":[12],"ssTxSent":720}},"sev":"Info","thread":"1","host":"generator"}
LOG
    run analyse --no-write --json "$run"
    ended 0 && same '6 1 720' <(member '" ".join(map(str, [len(a["hosts"]), *a["load"].values()]))') || return
    run analyse --no-write --format csv --table metrics $cluster
    ended 0 && cp "$scratch/out" "$scratch/without" && run analyse --no-write --format csv --table metrics "$run" &&
        diff "$scratch/without" "$scratch/out" && run analyse --no-write "$run" && grep -q 'load *720 transactions sent' "$scratch/out"
}
check "the log of a load generator tells of the load, and is no host" generator_is_no_host

# --- Filters and rules --------------------------------------------------------

filters_are() {
    local wanted=$1
    shift
    run analyse --no-write --json "$@"
    ended 0 && same "[$wanted]" <(member '[f["name"] for f in a["filters"]]' | tr -d "'")
}
echo '[{"tag":"CSlot","contents":{"tag":"SlotGEq","contents":30}}]' >"$scratch/late.json"
one='{"tag":"CBlock","contents":{"tag":"BSizeGEq","contents":1000}}'
run_filters='BUnitaryChainDelta, BMinimumAdoptions 5'
check "a run has the filters of its profile, and one for its pools" filters_are "$run_filters" $cluster
check "bare logs have the filter unitary" filters_are BUnitaryChainDelta --genesis $genesis $cluster/logs
check "filters add up: a shipped one, a file, a list, a condition" \
    filters_are "$run_filters, SlotGEq 20000, SlotGEq 30, BSizeGEq 1000, BSizeGEq 1000" \
    --filter fromslot-20k --filter "$scratch/late.json" --filter "[$one]" --filter " $one" $cluster
check "--no-filters leaves only what the command line asks for" \
    filters_are 'SlotGEq 30' --no-filters --filter "$scratch/late.json" $cluster
check "--no-filters can leave none" filters_are '' --no-filters $cluster
echo '{"composition":{"n_pools":6},"analysis":{"filters":[],"filter_exprs":[{"tag":"CBlock",
"contents":{"tag":"BMinimumAdoptions","contents":5}}]}}' >"$scratch/run/profile.json"
check "a profile that names the filter of its pools does not get it twice" \
    filters_are 'BMinimumAdoptions 5' "$scratch/run"
echo '{"profile_content":{"analysis":{"filters":["size-small"]}}}' >"$scratch/meta.json"
check "--meta brings the filters of its run" \
    filters_are 'BFullnessGEq 0.03, BFullnessLEq 0.1' --genesis $genesis --meta "$scratch/meta.json" "$log"

rules_are() {
    local wanted=$1
    shift
    run analyse --no-write --json "$@" $cluster
    ended 0 && same "$wanted" <(member 'a["options"]["compat"], a["options"]["quantiles"], a["date"]')
}
check "quantiles are of type 7 if nothing is said" rules_are 'None type 7 None'
check "--compat locli has that tool's quantiles" rules_are 'locli locli rank None' --compat locli
other_quantiles_in_compat() {
    run analyse --compat locli --quantiles 8 $cluster
    ended 2 && grep -q "leave --quantiles out" "$scratch/err"
}
check "compat mode takes no other quantiles" other_quantiles_in_compat
check "--date is recorded" rules_are 'None type 7 2026-11-22' --date 2026-11-22

# --- Logs ----------------------------------------------------------------------

hosts_of() {
    run analyse --genesis $genesis --format csv --table hosts "$@"
    ended 0 || return
    cut -d, -f1 "$scratch/out" | tail -n +2 | paste -sd ' '
}
stdin_is_read() {
    "$OUROSCOPE" analyse --genesis $genesis --format csv --table blocks - <"$log" >"$scratch/blocks" &&
        run analyse --genesis $genesis --format csv --table blocks "$log" && cmp "$scratch/blocks" "$scratch/out"
}
check "standard input tells the same as the file" stdin_is_read
check "HOST=PATH names the host" same 'a b' <(hosts_of b="$log" a=$cluster/logs/node-1)
check "a pattern is expanded" same 'node-0 node-1 node-2' <(hosts_of "$cluster/logs/node-[012]/*.json")

compressed_is_the_same() {
    local ending
    gzip -c "$log" >"$scratch/node.json.gz"
    zstd -qc "$log" >"$scratch/node.json.zst"
    run analyse --genesis $genesis --format csv --table metrics "$log"
    cp "$scratch/out" "$scratch/plain"
    for ending in gz zst; do
        run analyse --genesis $genesis --format csv --table metrics "$scratch/node.json.$ending"
        ended 0 && cmp "$scratch/plain" "$scratch/out" || return
    done
}
check "gzip and Zstandard files tell what the plain file tells" compressed_is_the_same

bare_logs_write_nothing() {
    mkdir "$scratch/here"
    cp $genesis "$log" "$scratch/"
    (cd "$scratch/here" && "$OUROSCOPE" analyse --genesis ../shelley.json "../${log##*/}") >/dev/null &&
        holds "$scratch/here" ''
}
check "bare logs write nothing" bare_logs_write_nothing

out_writes_these() {
    run analyse --genesis $genesis --out "$scratch/a/b/c" "$log"
    ended 0 && holds "$scratch/a/b/c" "$results"
}
check "--out makes the folder and writes exactly four files" out_writes_these

# --- Input that cannot be read -----------------------------------------------

# in_part PATTERN OPERANDS...: a warning, and the rest is analysed
in_part() {
    local pattern=$1
    shift
    run analyse --genesis $genesis "$@"
    ended 0 && said "^ouroscope analyse: warning: $pattern" && grep -q 'hosts *1: node-0' "$scratch/out"
}
check "a path that is not there is a warning" in_part 'nowhere: No such file' nowhere "$log"
ln -s nowhere "$scratch/dangling.json"
check "a link to nowhere is a warning" in_part '.*dangling.json: No such file' "$scratch/dangling.json" "$log"
mkdir "$scratch/empty"
check "a folder without logs is a warning" in_part '.*empty: no log file' "$log" "$scratch/empty"
mkdir "$scratch/damaged"
cp "$log" "$scratch/damaged/a.json"
head -c 20000 "$scratch/node.json.gz" >"$scratch/damaged/b.json.gz"
check "a damaged archive is a warning with path and reason" \
    in_part 'decompress .*/damaged/b.json.gz: ' "$scratch/damaged"
if [ "$(id -u)" -eq 0 ]; then
    skip "a file that may not be read is a warning" "root may read everything"
else
    cp "$log" "$scratch/damaged/secret.json"
    chmod 0 "$scratch/damaged/secret.json"
    check "a file that may not be read is a warning" \
        in_part 'open .*/secret.json: Permission denied' "$scratch/damaged"
fi

# nothing PATTERN OPERANDS...: exit 1 with that sentence, and nothing written
nothing() {
    local pattern=$1
    shift
    run analyse --network preview --out "$scratch/none" "$@"
    ended 1 && said "$pattern" && same '' "$scratch/out" && [ ! -e "$scratch/none" ]
}
printf 'one\ntwo\n' >"$scratch/text.log"
printf '{"a":1}\n' >"$scratch/other.json"
printf '{"at":"2026-03-04T14:00:00Z","ns":"Net.Mux.State","data":{}}\n' >"$scratch/mux.json"
: >"$scratch/empty.log"
check "nothing but bad paths is a failure" nothing 'there is no log to analyse' nowhere neither
check "text is no log: the reason, where, and the likely cause are told" \
    nothing 'no trace understood in 2 lines in 1 file; most often: .*/text.log:1.*machine format' "$scratch/text.log"
check "JSON that is no trace is told" \
    nothing 'no trace understood in 1 line in 1 file; .*not the traces of a cardano-node' "$scratch/other.json"
check "traces that the analysis does not read are told" \
    nothing 'none of 1 line in 1 file is one .*Net.Mux.State.*Forge.Loop' "$scratch/mux.json"
check "an empty file is told" nothing 'nothing to read: 0 lines in 1 file' "$scratch/empty.log"

# --- Output that cannot be written --------------------------------------------

out_is_a_file() {
    : >"$scratch/file"
    run analyse --out "$scratch/file/x" $cluster
    ended 1 && said 'make directory .*/file: File exists' && same '' "$scratch/out"
}
check "a folder that cannot be made is told before the work" out_is_a_file

full_disk() {
    local status=0
    "$OUROSCOPE" analyse --no-write --format csv --table "$1" $cluster >/dev/full 2>"$scratch/err" || status=$?
    [ $status -eq 1 ] && said 'standard output: write: No space left on device'
}
if [ -w /dev/full ]; then
    check "a full disk is told" full_disk blocks
    check "a full disk is told for the table of slots" full_disk slots
fi

# The reader may leave early: the program ends, by the signal or by itself.
closed_pipe() {
    "$OUROSCOPE" analyse --no-write --format csv --table slots $cluster 2>"$scratch/err" | head -n 1 >"$scratch/head"
    local status=${PIPESTATUS[0]}
    [ "$status" -eq 141 ] || [ "$status" -eq 0 ] && silent && grep -q '^host,slot,' "$scratch/head"
}
check "a reader that leaves early ends the program quietly" closed_pipe
closed_pipe_without_signal() {
    (
        trap '' PIPE
        "$OUROSCOPE" analyse --no-write --format csv --table slots $cluster 2>"$scratch/err" | head -n 1 >/dev/null
        [ "${PIPESTATUS[0]}" -eq 1 ]
    ) && said 'standard output: write: Broken pipe'
}
check "where the signal is ignored, the closed pipe is told" closed_pipe_without_signal

# --- Interruption ---------------------------------------------------------------

# interrupt SIGNAL: while a FIFO is read that has given a piece of a line.
# Job control, because a shell without makes its background jobs ignore SIGINT.
interrupt() {
    mkdir -p "$scratch/kept"
    echo old >"$scratch/kept/analysis.json"
    rm -f "$scratch/fifo" && mkfifo "$scratch/fifo"
    (
        set -m
        "$OUROSCOPE" analyse --genesis $genesis --out "$2" "$log" "$scratch/fifo" >"$scratch/out" 2>"$scratch/err" &
        exec 9>"$scratch/fifo"
        head -c 1000 "$log" >&9
        sleep 0.3
        kill -"$1" $!
        wait $!
    )
    status=$?
    ended 1 && same 'ouroscope analyse: interrupted' "$scratch/err" && same '' "$scratch/out"
}
interrupted_new() {
    interrupt "$1" "$scratch/new" && [ ! -e "$scratch/new" ]
}
interrupted_old() {
    interrupt "$1" "$scratch/kept" && holds "$scratch/kept" analysis.json &&
        same old "$scratch/kept/analysis.json"
}
check "Ctrl-C leaves no folder behind" interrupted_new INT
check "Ctrl-C leaves older results as they were" interrupted_old INT
check "so does a request to end" interrupted_old TERM

# --- A terminal -----------------------------------------------------------------

# on_terminal COMMAND: its output and errors, as a terminal of its own gets them
on_terminal() {
    TERM=xterm script -qec "$1" /dev/null </dev/null >"$scratch/out"
}
progress_is_erased() {
    on_terminal "$OUROSCOPE analyse --no-write --format csv --table hosts $cluster" &&
        grep -q '100 %  .*7,920 lines' "$scratch/out" &&
        tr '\r' '\n' <"$scratch/out" | grep -A 1 '100 %' | grep -q $'^\e\\[Khost,'
}
colour_is() {
    local count
    eval "$2 on_terminal '$OUROSCOPE analyse --progress never --no-write $3 $cluster'"
    count=$(grep -c $'\e\\[' "$scratch/out")
    if [ "$1" = some ]; then [ "$count" -gt 0 ]; else [ "$count" -eq 0 ]; fi
}
if command -v script >/dev/null; then
    check "a terminal sees progress, which is erased" progress_is_erased
    check "a terminal gets colours" colour_is some 'NO_COLOR='
    check "NO_COLOR is respected" colour_is no 'NO_COLOR=1'
    check "--color goes before NO_COLOR" colour_is some 'NO_COLOR=1' '--color always'
else
    skip "terminals" "there is no script(1) here"
fi
no_terminal() {
    run analyse --no-write $cluster
    ended 0 && silent && ! grep -q $'\e' "$scratch/out"
}
check "without a terminal there is neither progress nor colour" no_terminal
progress_always() {
    run analyse --no-write --progress always $cluster
    ended 0 && said '7,920 lines'
}
check "--progress always shows it anywhere" progress_always
tap_end
