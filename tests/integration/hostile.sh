#!/bin/bash
# What `analyse` does with input that is cut, corrupt, huge or meant to harm: the
# reason is told with file and line, and what is good beside it is analysed as if
# the bad were not there.
. tests/cli/tap.sh

genesis=tests/data/cluster/genesis/shelley.json
log=tests/data/cluster/logs/node-0/node-2026-03-04T14-00-00.json
log_lines=1320
log_events=1032
hash=abababababababababababababababababababababababababababababababab

# A sanitizer reserves terabytes of addresses, so it cannot be limited.
if grep -qE "__(a|t)san_init" "$OUROSCOPE"; then memory=unlimited; else memory=524288; fi

# run_limited ARGUMENTS...: as run, within 512 MiB of addresses and a minute.
run_limited() {
    status=0
    (
        ulimit -v $memory
        exec timeout -k 1 60 "$OUROSCOPE" "$@"
    ) >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

# member EXPRESSION: of the analysis file `a` that the last run printed
member() {
    python3 -c "import json, sys; a = json.load(open(sys.argv[1])); print($1)" "$scratch/out"
}

said() {
    grep -q -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}

# fails STATUS PATTERN ARGUMENTS...: ends so, says that, and prints no result
fails() {
    local wanted=$1 pattern=$2
    shift 2
    run_limited analyse "$@"
    ended "$wanted" && said "$pattern" && same '' "$scratch/out"
}

# Facts of the last run on one line: lines, events, and each reason for which
# lines were not understood as CODE:LINES@FIRST.
facts() {
    member '" ".join([str(a["read"]["lines"]), str(a["read"]["objects"])] +
        ["%s:%d@%d" % (r["code"], r["lines"], r["firstLine"]) for r in a["read"]["notUnderstood"]])'
}

# What is known of the blocks, for comparison.
blocks() {
    member 'json.dumps(a["chain"]["blocks"])'
}

# finding CODE: the last run has it, once
finding() {
    same 1 <(member "len([f for f in a['findings'] if f['code'] == '$1'])")
}

# reads WANTED FILES...: the facts; and the blocks are those of the good log
reads() {
    local wanted=$1
    shift
    run_limited analyse --json --genesis $genesis "$@"
    ended 0 && same "$wanted" <(facts) && cmp "$scratch/good" <(blocks)
}

# amid WANTED [OPTIONS]: like reads, of the good log with standard input behind
# its line 600; the facts are those beyond the good lines' own
amid() {
    local wanted lines events rest
    read -r lines events rest <<<"$1"
    wanted="$((log_lines + lines)) $((log_events + events))${rest:+ $rest}"
    shift
    { head -n 600 $log && cat && tail -n +601 $log; } >"$scratch/amid.json"
    reads "$wanted" "$@" "$scratch/amid.json"
}

# repeat COUNT TEXT
repeat() {
    head -c $(($1 * ${#2})) < <(yes "$2" | tr -d '\n')
}

run analyse --json --genesis $genesis $log
blocks >"$scratch/good"
check "the good log is read whole" same "$log_lines $log_events" <(facts)

# --- Lines ---------------------------------------------------------------------

check_at='{"at":"2026-03-04T14:01:00Z","ns":"Forge.Loop.StartLeadershipCheck","data":'
slot() {
    printf '%s{"slot":%s},"sev":"Info","thread":"1","host":"node-0"}\n' "$check_at" "$1"
}
sample() {
    printf '{"at":"2026-03-04T14:01:03.6Z","ns":"Resources","data":{"Alloc":1,"CentiBlkIO":0,"CentiCpu":%s,%s}\n' \
        "$1" '"CentiGC":1,"CentiMut":7,"GcsMajor":0,"GcsMinor":1,"Live":3,"RSS":7,"Threads":14},"host":"node-0"'
}

cut_lines() {
    local whole len
    whole=$(sed -n 7p $log)
    for len in 1 2 8 40 60 100 $((${#whole} - 1)); do
        printf '%s\n' "${whole::len}" | amid '1 0 cut-line:1@601' || { echo "cut at $len"; return 1; }
    done
}
check "a line cut anywhere is one line lost" cut_lines
the_last_line() {
    head -c -20 $log >"$scratch/last.json"
    run analyse --json --genesis $genesis "$scratch/last.json"
    ended 0 && same "$log_lines $((log_events - 1)) cut-line:1@$log_lines" <(facts)
}
check "so is a cut last line" the_last_line
report_tells_where() {
    run analyse --genesis $genesis "$scratch/last.json"
    tr -s ' \n' ' ' <"$scratch/out" |
        grep -q "1 line not understood: the line ends in the middle of a JSON value (first: $scratch/last.json:$log_lines)"
}
check "the report tells file, line and reason" report_tells_where
two_on_a_line() {
    { sed -n 1p $log | head -c 50; sed -n 7p $log; } | amid '1 1 bad-json:1@601'
}
check "a trace behind a cut one, on the same line, is read" two_on_a_line

check "a block of NUL bytes is a line that is no object" amid '1 0 not-json:1@601' \
    < <(head -c 70000 /dev/zero; echo)
check "a NUL byte within a text is a fault of the line" amid '1 0 bad-json:1@601' \
    < <(slot 60 | sed 's/Info/In\x00fo/')
check "bytes that are no UTF-8 do not matter where nothing is read" amid '1 1' \
    < <(slot 60 | sed 's/Info/In\xff\xfe\xc3fo/')
bad_name() {
    echo '{"at":"2026-03-04T14:01:00Z","ns":"Bad.'$'\xff\xc3''","data":{}}' | amid '1 0' &&
        iconv -f UTF-8 -t UTF-8 "$scratch/out" >/dev/null
}
check "a name that is no UTF-8 does not spoil the result" bad_name

check "a line of 100 MB is passed over" amid '1 0 line-too-long:1@601' \
    < <(head -c 100000000 /dev/zero | tr '\0' x; echo)
check "values nested 500,000 deep are walked over" amid '1 1' \
    < <(printf '%s{"x":' "$check_at"; repeat 500000 '['; repeat 500000 ']'; echo ',"slot":60}}')
# The thread sanitizer books the whole rest of the line for each search in it.
if grep -q __tsan_init "$OUROSCOPE"; then
    skip "so are objects" "under the thread sanitizer this takes minutes"
else
    check "so are objects, and the end of the line among them" amid '1 0 cut-line:1@601' \
        < <(printf '%s' "$check_at"; repeat 500000 '{"a":'; echo)
fi
check "of a key that occurs twice the first counts" amid '2 1 bad-field:1@602' \
    < <(slot '60,"slot":"x"'; slot '"x","slot":60')
check "keys with escapes are the same keys" amid '1 1' \
    < <(slot 60 | sed 's/"slot"/"sl\\u006ft"/; s/"at"/"\\u0061t"/')

number_of() {
    sample "$1" | amid "$2" || { echo "$1"; return 1; }
}
check "numbers that are too large, negative or have decimals are told" eval \
    'for n in 1e308 1e999 -1 1.5 99999999999999999999 9223372036854775808; do
        number_of "$n" "1 0 number-range:1@601" || break; done'
check "what is no number is told" eval \
    'number_of 0x10 "1 0 bad-json:1@601" && number_of null "1 0 bad-field:1@601" &&
        number_of {} "1 0 bad-field:1@601"'
check "the largest number is one" number_of 9223372036854775807 '1 1'

windows_lines() {
    sed 's/$/\r/' $log >"$scratch/crlf.json"
    reads "$log_lines $log_events" "$scratch/crlf.json"
}
check "lines may end as those of Windows" windows_lines
byte_order_mark() {
    { printf '\xef\xbb\xbf' && cat $log; } >"$scratch/bom.json"
    reads "$log_lines $log_events not-json:1@1" "$scratch/bom.json"
}
check "a byte order mark costs no trace" byte_order_mark
iconv -f UTF-8 -t UTF-16 $log >"$scratch/utf16.json"
check "UTF-16 is told to be no trace" fails 1 'no trace understood in .*utf16.json:1' \
    --genesis $genesis "$scratch/utf16.json"
head -c 3000000 /dev/urandom >"$scratch/noise.json"
check "noise is told to be no trace" fails 1 'no trace understood in .*noise.json:' \
    --genesis $genesis "$scratch/noise.json"

journal() {
    printf '{"MESSAGE":%s,"_HOSTNAME":"node-0"}\n' "$1"
}
journal_bytes() {
    local bytes
    bytes=$(slot 60 | tr -d '\n' | od -An -v -tu1 | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
    { journal "[$bytes]" && journal "[123,256]" && journal "[-1]" && journal '[1e3]' &&
        journal '["x"]' && journal '[123,34'; } |
        amid '6 1 cut-line:1@606 bad-field:1@605 number-range:3@602'
}
check "journal messages as numbers that are no bytes are faults" journal_bytes

# --- Compressed files ----------------------------------------------------------

# A gigabyte in a megabyte: gzip files may be put behind one another.
bomb() {
    head -c $((16 << 20)) /dev/zero | gzip -9 >"$scratch/zeros.gz"
    { gzip -c $log && repeat_file 64 "$scratch/zeros.gz" && echo | gzip -c && gzip -c $log; } >"$scratch/bomb.json.gz"
    run_limited analyse --json --genesis $genesis "$scratch/bomb.json.gz"
    ended 0 && same "$((2 * log_lines + 1)) $((2 * log_events)) line-too-long:1@$((log_lines + 1))" <(facts)
}
repeat_file() {
    local i
    for ((i = 0; i < $1; i++)); do cat "$2"; done
}
check "a gigabyte of zeros in a small file ends soon, and what follows is read" bomb

# cut_archive COMMAND ENDING: the whole lines before the cut are analysed, as those of
# a plain file cut there are
cut_archive() {
    local lines events
    "$1" -c $log >"$scratch/whole.$2"
    head -c -5000 "$scratch/whole.$2" >"$scratch/cut.json.$2"
    run_limited analyse --json --genesis $genesis "$scratch/cut.json.$2"
    ended 0 && said "decompress .*/cut.json.$2: " && finding file-problem || return
    read -r lines events _ < <(facts)
    blocks >"$scratch/before-cut"
    head -n "$((lines - 1))" $log >"$scratch/plain.json"
    [ "$lines" -gt $((log_lines / 2)) ] || { echo "only $lines lines"; return 1; }
    run analyse --json --genesis $genesis "$scratch/plain.json"
    ended 0 && same "$((lines - 1)) $events" <(facts) && cmp "$scratch/before-cut" <(blocks)
}
check "what comes before the cut of a gzip file is analysed" cut_archive gzip gz
check "what comes before the cut of a Zstandard file is analysed" cut_archive zstd zst
damaged_archive() {
    "$1" -c $log >"$scratch/damaged.json.$2"
    printf '\xff\xff\xff\xff\xff\xff' | dd of="$scratch/damaged.json.$2" bs=1 conv=notrunc \
        seek=$(($(stat -c %s "$scratch/damaged.json.$2") - 3000)) 2>/dev/null
    run_limited analyse --json --genesis $genesis "$scratch/damaged.json.$2"
    ended 0 && said "decompress .*/damaged.json.$2: " && finding file-problem
}
check "damage within a gzip file is told" damaged_archive gzip gz
check "damage within a Zstandard file is told" damaged_archive zstd zst
printf '\x1f\x8b' >"$scratch/stub.json.gz"
printf '\x28\xb5\x2f\xfdxxxx' >"$scratch/stub.json.zst"
check "files that only begin like archives are told, the rest is read" \
    reads "$log_lines $log_events" "$scratch/stub.json.gz" "$scratch/stub.json.zst" $log

# --- Files that change, wait or are none -----------------------------------------

# opened FILE: waits until the background program reads it
opened() {
    local i
    for ((i = 0; i < 200; i++)); do
        ls -l "/proc/$program/fd" 2>/dev/null | grep -q -- "-> $1\$" && return
        sleep 0.02
    done
    echo "$1 was not opened"
    return 1
}
# start ARGUMENTS...: the program in the background, as $program. Job control,
# because a shell without makes its background jobs ignore Ctrl-C.
start() {
    set -m
    "$OUROSCOPE" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    program=$!
    set +m
}
finish() {
    status=0
    wait "$program" || status=$?
}

# A file with a gigabyte to read behind the log.
long_file() {
    cp $log "$scratch/long.json"
    truncate -s $(($(stat -c %s $log) + (2 << 30))) "$scratch/long.json"
    start analyse --json --genesis $genesis "$scratch/long.json"
    opened "$scratch/long.json" && sleep 0.05
}
it_shrinks() {
    long_file && truncate -s "$(stat -c %s $log)" "$scratch/long.json"
    finish
    ended 0 && finding file-shrank && cmp "$scratch/good" <(blocks)
}
check "a file that shrinks while it is read" it_shrinks
it_grows() {
    long_file && { echo && slot 60; } >>"$scratch/long.json"
    finish
    ended 0 && same "$((log_lines + 2)) $((log_events + 1)) line-too-long:1@$((log_lines + 1))" <(facts) &&
        cmp "$scratch/good" <(blocks)
}
check "a file that grows while it is read is read to its new end" it_grows
it_vanishes() {
    long_file && rm "$scratch/long.json"
    finish
    ended 0 && cmp "$scratch/good" <(blocks)
}
check "a file that is removed while it is read" it_vanishes

vanished_before() {
    rm -f "$scratch/fifo" && mkfifo "$scratch/fifo"
    cp $log "$scratch/later.json"
    start analyse --json --threads 1 --genesis $genesis "node-0=$scratch/fifo" "other=$scratch/later.json"
    exec 8>"$scratch/fifo"
    opened "$scratch/fifo"
    rm "$scratch/later.json"
    cat $log >&8
    exec 8>&-
    finish
    ended 0 && said 'warning: open .*/later.json: No such file' && finding file-problem &&
        same "$log_lines $log_events" <(facts) && cmp "$scratch/good" <(blocks)
}
check "a file that is gone when its turn comes" vanished_before

stalled_fifo() {
    rm -f "$scratch/fifo" && mkfifo "$scratch/fifo"
    start analyse --json --genesis $genesis "$scratch/fifo"
    exec 8>"$scratch/fifo"
    head -c 100000 $log >&8
    opened "$scratch/fifo"
    sleep 0.3
    kill -0 "$program" && kill -INT "$program"
    exec 8>&-
    finish
    ended 1 && said interrupted && same '' "$scratch/out"
}
check "Ctrl-C ends the wait for a writer that stalls" stalled_fifo
slow_fifo() {
    rm -f "$scratch/fifo" && mkfifo "$scratch/fifo"
    { head -c 100001 $log && sleep 0.3 && tail -c +100002 $log; } >"$scratch/fifo" &
    reads "$log_lines $log_events" "$scratch/fifo"
}
check "a writer that stalls in the middle of a line is waited for" slow_fifo

: >"$scratch/empty.json"
ln -s "$scratch/dangling" "$scratch/link.json"
mkdir "$scratch/folder.json"
check "empty files, /dev/null and folders that are called like logs harm nothing" \
    reads "$log_lines $log_events" "$scratch/empty.json" /dev/null "$scratch/folder.json" "$scratch/link.json" $log
check "/dev/null alone is nothing to read" fails 1 'nothing to read: 0 lines in 1 file' \
    --genesis $genesis /dev/null
twice() {
    cp $log "$scratch/copy.json"
    reads "$log_lines $log_events" $log "$PWD/$log" $log && finding links-skipped || return
    run analyse --json --genesis $genesis $log "$scratch/copy.json"
    ended 0 && finding same-content
}
check "a file given twice is read once, and a copy is told" twice

many_files() {
    local i
    mkdir "$scratch/many"
    for ((i = 0; i < 5000; i++)); do
        printf '{"at":"2026-03-04T14:00:%02d.%04dZ","ns":"Other","data":{}}\n' $((i % 60)) $i >"$scratch/many/$i.json"
    done
    run_limited analyse --json --genesis $genesis "$scratch/many" $log
    ended 0 && same "$((log_lines + 5000)) $log_events" <(facts)
}
check "5000 files" many_files

# --- Hosts -----------------------------------------------------------------------

# for_hosts: good slots of the hosts that standard input names, a JSON text each
for_hosts() {
    while IFS= read -r host; do printf '%s{"slot":60},"host":%s}\n' "$check_at" "$host"; done
}
many_hosts() {
    { cat $log && seq -f '"host-%.0f"' 300 | for_hosts; } >"$scratch/hosts.json"
    run_limited analyse --json --genesis $genesis "$scratch/hosts.json"
    ended 0 && same "$((log_lines + 300)) $((log_events + 300))" <(facts) &&
        same 301 <(member 'len(a["hosts"])')
}
check "300 hosts in one file" many_hosts

cat >"$scratch/names" <<'END'
"\u001b[31mred\u0007\n\r\t"
"../../etc/passwd"
"a/b"
".."
""
"a,b\"c;d"
"=1+1"
"|org|"
"\u202eleft"
"\ud800"
END
printf '"%s"\n' "$(repeat 10000 x)" >>"$scratch/names"
wild_hosts() {
    local format
    for_hosts <"$scratch/names" >"$scratch/wild.json"
    cat $log >>"$scratch/wild.json"
    run_limited analyse --out "$scratch/wild-out" --json --genesis $genesis "$scratch/wild.json"
    ended 0 && same "$((log_lines + 11)) $((log_events + 10)) bad-json:1@10" <(facts) &&
        same 'analysis.json blocks.csv metrics.csv slots.csv' <(ls -A "$scratch/wild-out" | paste -sd ' ') || return
    for format in 'text' 'org --table hosts' 'org --table observations'; do
        # shellcheck disable=SC2086
        run_limited analyse --format $format --genesis $genesis "$scratch/wild.json"
        ended 0 && same '' <(tr -d '\n' <"$scratch/out" | tr -cd '\000-\037\177' | od -An -tx1) &&
            iconv -f UTF-8 -t UTF-8 "$scratch/out" >/dev/null || { echo "$format"; return 1; }
    done
    run_limited analyse --format csv --table hosts --genesis $genesis "$scratch/wild.json"
    ended 0 && python3 - "$scratch/names" "$scratch/out" <<'END'
import csv, json, sys
wanted = [json.loads(line) for line in open(sys.argv[1])]
got = [row[0] for row in csv.reader(open(sys.argv[2], newline=""))]
assert set(got) == set(wanted) - {"\ud800", ""} | {"host", "node-0", "wild"}, got
END
}
check "names of hosts that want to be paths, colours or cells" wild_hosts

too_many_hosts() {
    seq -f '"host-%.0f"' 10001 | for_hosts >"$scratch/flood.json"
    fails 1 'more than 10000 hosts' --genesis $genesis "$scratch/flood.json"
}
check "10,001 hosts are told to be too many" too_many_hosts
too_many_names() {
    local threads
    { cat $log && seq -f '{"at":"2026-03-04T14:01:59Z","ns":"Some.Name.%.0f","data":{},"host":"node-0"}' 300000; } \
        >"$scratch/flood.json"
    for threads in 1 2 5; do
        reads "$((log_lines + 300000)) $log_events" --threads $threads "$scratch/flood.json" &&
            finding too-many-names && cp "$scratch/out" "$scratch/flood-$threads" &&
            cmp "$scratch/flood-1" "$scratch/flood-$threads" || return
    done
}
check "300,000 names are left out alike by any number of threads" too_many_names

# --- Genesis, filters, context -----------------------------------------------------

# with PYTHON: the genesis `g` changed by a statement
with() {
    python3 -c "import json, sys; g = json.load(open('$genesis')); $1; json.dump(g, sys.stdout)" >"$scratch/genesis.json"
}
bad_genesis() {
    with "$1" && fails 1 "genesis.json.*: $2" --genesis "$scratch/genesis.json" $log
}
check "a genesis with epochs of no slots" bad_genesis 'g["epochLength"] = 0' '.*"epochLength" must not be 0'
check "a genesis with slots of no time" bad_genesis 'g["slotLength"] = 0' '.*"slotLength" must be'
check "a genesis with a text for a number" bad_genesis 'g["securityParam"] = "3"' '.*"securityParam" must be'
check "a genesis with a number beyond 64 bits" bad_genesis 'g["epochLength"] = 10**30' ''
check "a genesis without a start" bad_genesis 'del g["systemStart"]' '.*"systemStart" is missing'
check "a genesis that is a list" bad_genesis 'g = [g]' '.*JSON object'
check "a genesis nested 100,000 deep" bad_genesis \
    'g = 0; sys.stdout.write("[" * 100000); sys.stdout.flush()' ''
check "an empty genesis" fails 1 'empty.json:1: ' --genesis "$scratch/empty.json" $log
truncate -s 3G "$scratch/huge.json"
check "a genesis of 3 GB is not read into memory" fails 1 'huge.json: ' --genesis "$scratch/huge.json" $log
check "a genesis that is a folder" fails 1 'folder.json: ' --genesis "$scratch/folder.json" $log
odd_clock() {
    with "$1" || return
    run_limited analyse --json --genesis "$scratch/genesis.json" $log
    ended 0 && same "$log_lines $log_events" <(facts)
}
check "slots of a nanosecond" odd_clock 'g["slotLength"] = 1e-9'
check "slots of a year, epochs of 2^63-1" odd_clock 'g["slotLength"] = 366 * 86400; g["epochLength"] = 2**63 - 1'
check "a chain that starts in 1970" odd_clock 'g["systemStart"] = "1970-01-01T00:00:00Z"'
check "a chain that starts in 2262" odd_clock 'g["systemStart"] = "2262-04-11T00:00:00Z"'

wrong_network() {
    run_limited analyse --json --network preview $log
    ended 0 && finding wrong-genesis
}
check "logs of another network are told" wrong_network

check "a filter that is no JSON" fails 2 '--filter: ' --genesis $genesis --filter '[{' $log
check "a filter with an unknown tag" fails 2 '--filter: .*"tag" is CBlock' --genesis $genesis --filter '{"tag":"Nonsense"}' $log
check "a filter with a number that is none" fails 2 '--filter: ' --genesis $genesis \
    --filter '{"tag":"CSlot","contents":{"tag":"SlotGEq","contents":"x"}}' $log
check "a filter nested 100,000 deep" fails 1 'deep.filter:1: maximum' --genesis $genesis \
    --filter "$(repeat 100000 '[' >"$scratch/deep.filter"; echo "$scratch/deep.filter")" $log
too_many_filters() {
    python3 -c 'import json; print(json.dumps([{"tag":"CSlot","contents":{"tag":"SlotGEq","contents":1}}] * 100000))' \
        >"$scratch/many.filter"
    fails 1 'many.filter: ' --genesis $genesis --filter "$scratch/many.filter" $log
}
check "100,000 filters" too_many_filters
echo '{"profile_content": [], "meta": {"tag": 3}}' >"$scratch/odd-meta.json"
odd_meta() {
    run_limited analyse --json --genesis $genesis --meta "$scratch/odd-meta.json" $log
    [ "$status" -le 1 ] && { [ "$status" -eq 0 ] || said 'odd-meta.json: '; }
}
check "a meta.json of the wrong types" odd_meta

# --- Time and numbers --------------------------------------------------------------

stamped() {
    slot 60 | sed "s/2026-03-04T14:01:00Z/$1/"
}
check "years before 1970 and after 2262 are told" amid '5 0 bad-time:5@601' \
    < <(for at in 9999-12-31T23:59:59Z 0000-01-01T00:00:00Z 1969-12-31T23:59:59Z \
        2262-04-12T00:00:00Z 2026-02-30T14:01:00Z; do stamped $at; done)
first_and_last_instant() {
    { stamped 1970-01-01T00:00:00Z && stamped 2262-04-11T23:47:16.854775807Z; } | amid '2 2' &&
        finding out-of-order && finding time-gap
}
check "the first and the last instant that there are" first_and_last_instant
back_by_years() {
    { cat $log && sed 's/"at":"2026/"at":"2019/' $log; } >"$scratch/back.json"
    run_limited analyse --json --genesis $genesis "$scratch/back.json"
    ended 0 && same "$((2 * log_lines)) $((2 * log_events))" <(facts) && finding out-of-order &&
        finding early-events
}
check "a clock that goes back by years" back_by_years
wild_stamp() {
    sample 1 | sed 's/2026-03/2031-03/' | amid '1 1' && finding wild-stamp &&
        same 0 <(member 'a["hosts"][0]["missedSlots"] or 0')
}
check "a single wild stamp makes no slots" wild_stamp

largest=9223372036854775807
largest_slots() {
    { slot $largest && slot $((largest - 1)) &&
        printf '{"at":"2026-03-04T14:01:00Z","ns":"Forge.Loop.%s","data":{"slot":%s,"current slot":%s,"tipBlockNo":%s}}\n' \
            BlockContext $largest $largest $largest LedgerView $largest $largest $largest; } | amid '4 4'
}
check "slots of 2^63-1" largest_slots
largest_block() {
    local mode
    {
        cat $log
        printf '{"at":"2026-03-04T14:01:59.6Z","ns":"ChainSync.Client.DownloadedHeader","data":{"block":"%s","blockNo":%s,"slot":%s}}\n' \
            $hash $largest $largest
        printf '{"at":"2026-03-04T14:01:59.7Z","ns":"BlockFetch.Client.CompletedBlockFetch","data":{"block":"%s","size":%s}}\n' \
            $hash $largest
        printf '{"at":"2026-03-04T14:01:59.8Z","ns":"ChainDB.AddBlockEvent.AddedToCurrentChain","data":{"newtip":"%s@%s","chainLengthDelta":%s,"newTipSelectView":{"chainLength":%s}}}\n' \
            $hash $largest $largest $largest
    } >"$scratch/largest.json"
    for mode in '' '--compat locli'; do
        # shellcheck disable=SC2086
        run_limited analyse --json $mode --no-filters --genesis $genesis "$scratch/largest.json"
        ended 0 && same $((log_lines + 3)) <(member 'a["read"]["lines"]') || return
    done
}
check "a block of number, slot and size 2^63-1" largest_block
circle_of_parents() {
    local i
    for i in 1 2 3; do
        printf '{"at":"2026-03-04T14:01:59.8%dZ","ns":"ChainDB.AddBlockEvent.AddedToCurrentChain","data":{"newtip":"%s@%s","tipBlockParentHash":"%s","newTipSelectView":{"chainLength":%s}}}\n' \
            "$i" "${hash/#a/$i}" $((113 + i)) "${hash/#a/$((i % 3 + 1))}" $((12 + i))
    done >"$scratch/circle.json"
    cat $log >>"$scratch/circle.json"
    run_limited analyse --json --no-filters --genesis $genesis "$scratch/circle.json"
    ended 0 && run_limited analyse --json --compat locli --no-filters --genesis $genesis "$scratch/circle.json" && ended 0
}
check "blocks that are each other's parents" circle_of_parents

# --- Output --------------------------------------------------------------------------

check "a full device as standard output" eval \
    'status=0; "$OUROSCOPE" analyse --genesis $genesis $log >/dev/full 2>"$scratch/err" || status=$?
    ended 1 && said "standard output: write: No space left"'
disk_full() {
    local kept
    run analyse --genesis $genesis --out "$scratch/disk/old" $log
    kept=$(cat "$scratch"/disk/old/* | cksum)
    head -c 1M /dev/zero >"$scratch/disk/filler" 2>/dev/null
    fails 1 'No space left on device' --genesis $genesis --out "$scratch/disk/new" $log &&
        same 'filler old' <(ls -A "$scratch/disk" | paste -sd ' ') || return
    fails 1 'No space left on device' --genesis $genesis --out "$scratch/disk/old" $log &&
        same "$kept" <(cat "$scratch"/disk/old/* | cksum)
}
mkdir "$scratch/disk"
if mount -t tmpfs -o size=256k none "$scratch/disk" 2>/dev/null; then
    check "a disk that fills up keeps the older results, and no halves of new ones" disk_full
    umount "$scratch/disk"
else
    skip "a disk that fills up" "no file system can be mounted here"
fi
tap_end
