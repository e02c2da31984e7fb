#!/bin/bash
# What a real journal makes of the collector's records: systemd-journald runs in a mount namespace of its own,
# where its socket is in the place that programs know, and nothing of the machine is touched.
. tests/cli/tap.sh

program=$OUROSCOPE_BUILD/src/test-collect-journal_sink
daemon=/lib/systemd/systemd-journald

give_up() {
    skip "the journal has a record for each object" "$1"
    tap_end
    exit
}

[ -x "$program" ] || give_up "$program is not built"
[ "$(id -u)" = 0 ] || give_up "only root can give a journal a place of its own"
timeout 250 sh scripts/setup-debian.sh journal >"$scratch/setup.log" 2>&1 || give_up "systemd cannot be installed"
unshare -m true 2>/dev/null || give_up "mount namespaces cannot be made here"

# Runs inside the namespace: beside_a_journal FOLDER COMMAND...; the records are in FOLDER/records.json then.
cat >"$scratch/beside-a-journal" <<'END'
#!/bin/bash
folder=$1 daemon=$2
shift 2
mkdir -p /run/systemd /run/log
mount -t tmpfs -o mode=755 none /run/systemd && mount -t tmpfs -o mode=755 none /run/log || exit 77
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '%s\n' '[Journal]' Storage=volatile ReadKMsg=no Audit=no RateLimitIntervalSec=0 RateLimitBurst=0 \
    ForwardToSyslog=no >/run/systemd/journald.conf.d/test.conf
"$daemon" </dev/null >"$folder/journald.log" 2>&1 &
journal=$!
for _ in $(seq 500); do
    [ -S /run/systemd/journal/socket ] && break
    kill -0 $journal 2>/dev/null || exit 77
    sleep 0.02
done
# It makes its sockets, and then ends where it misses something else: control groups, in some containers.
sleep 0.3
kill -0 $journal 2>/dev/null || exit 77
"$@"
status=$?
# Records that are on their way are in its socket; it takes them one after the other.
for _ in $(seq 500); do
    journalctl --directory=/run/log/journal --all -o json >"$folder/records.json" 2>/dev/null
    [ "$(grep -c '"NAMESPACE"' "$folder/records.json")" -ge 5 ] && break
    sleep 0.02
done
kill $journal
wait $journal
exit $status
END

OUROSCOPE_TEST_JOURNAL=1 unshare -m --propagation private bash "$scratch/beside-a-journal" "$scratch" "$daemon" \
    "$program" >"$scratch/out" 2>&1
status=$?
[ $status -ne 77 ] || give_up "journald does not start here: $(tail -n 1 "$scratch/journald.log")"
check "objects are written to a journal" ended 0
check "none of it was left out" grep -q 'OK.*test_a_journal_gets_a_record_for_each_object' "$scratch/out"

# records FILTER: of those that a collector wrote, in their order.
records() {
    jq -sc "[.[] | select(.NAMESPACE)] | sort_by(.__REALTIME_TIMESTAMP | tonumber) | $1" "$scratch/records.json" >"$scratch/records"
}

records length
check "each object is one record, and repetitions are none" same 5 "$scratch/records"
records '.[0] | [.SYSLOG_IDENTIFIER, .PRIORITY, .NAMESPACE, .THREAD, .TIME, .MESSAGE]'
check "its fields are those that are documented" same \
    '["node-1","2","Test.Number","9","2026-03-22 06:24:52.123456789000Z","two\nlines"]' "$scratch/records"
records '.[1].MESSAGE | length'
check "a large text is there as a whole" same 300000 "$scratch/records"
records '[.[2:][] | .MESSAGE | fromjson | .data.number]'
check "the machine format is the line" same '[100,101,102]' "$scratch/records"
tap_end
