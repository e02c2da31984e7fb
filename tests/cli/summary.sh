#!/bin/bash
# The last line of `make test` tells the truth.
. tests/cli/tap.sh

# program RESULT STATUS TAP: one line of a log as Meson writes it.
program() {
    printf '{"name":"p","result":"%s","returncode":%d,"stdout":"%s"}\n' "$1" "$2" "$3"
}
# sums EXPECTED LAST LINE, EXIT STATUS, LOG
sums() {
    local status=0
    printf '%s\n' "$3" >"$scratch/log"
    scripts/test-summary.py "$scratch/log" >"$scratch/said" || status=$?
    same "$1" <(tail -n 1 "$scratch/said") && [ $status -eq "$2" ]
}

good=$(program OK 0 '1..2\nok 1 - one\nok 2 two\n')
check "cases are counted, not programs" sums "4 passed, 0 failed" 0 "$good"$'\n'"$good"
check "a failed case counts" sums "1 passed, 1 failed" 1 "$(program FAIL 1 'ok 1 - a\nnot ok 2 - b\n1..2\n')"
check "skipped cases are told" sums "1 passed, 0 failed, 2 skipped" 0 \
    "$(program OK 0 'ok 1 - a\nok 2 - b # SKIP no data\nok 3 # skip\n1..3\n')"
check "a program that skips everything is told" sums "2 passed, 0 failed, 1 skipped" 0 \
    "$good"$'\n'"$(program SKIP 0 '1..0 # SKIP no data\n')"
check "a crash after good cases is a failure" sums "1 passed, 1 failed" 1 \
    "$(program ERROR -11 '1..2\nok 1 - a\n')"
check "a program that says nothing and fails is a failure" sums "0 passed, 1 failed" 1 "$(program ERROR 1 '')"
check "a hang is a failure" sums "0 passed, 1 failed" 1 "$(program TIMEOUT -9 '')"
check "nothing but skipped cases is a failure" sums "0 passed, 0 failed, 1 skipped" 1 \
    "$(program SKIP 0 '1..0 # SKIP\n')"
no_log() {
    local status=0
    scripts/test-summary.py "$scratch/none" >"$scratch/said" || status=$?
    same "0 passed, 0 failed" <(tail -n 1 "$scratch/said") && [ $status -eq 1 ]
}
check "no log is a failure" no_log

cmocka_says() {
    printf '#!/bin/sh\nprintf "%s"\nexit %d\n' "$1" "$2" >"$scratch/program"
    chmod +x "$scratch/program"
    status=0
    tests/run-cmocka.sh "$scratch/program" >"$scratch/said" || status=$?
}
cmocka_says 'not ok 2 # SKIP test_b\\n' 3
check "a skipped case of cmocka becomes one of TAP" same 'ok 2 - test_b # SKIP' "$scratch/said"
check "the status of a cmocka program is kept" ended 3
tap_end
