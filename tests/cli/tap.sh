# shellcheck shell=bash
# TAP for shell tests: source this, call the checks, end with tap_end.
#
# $OUROSCOPE is the program under test; $scratch is a folder that goes away.
# Golden files lie in tests/cli/expected; UPDATE=1 rewrites them.

tap_count=0
tap_failures=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# Tests leave nothing in the user's cache, and find nothing there.
export XDG_CACHE_HOME=$scratch/.cache

# check NAME COMMAND...: passes when the command succeeds; its output is shown when not.
check() {
    local name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" >"$scratch/.log" 2>&1; then
        echo "ok $tap_count - $name"
    else
        echo "not ok $tap_count - $name"
        sed 's/^/# /' "$scratch/.log"
        tap_failures=$((tap_failures + 1))
    fi
}

# skip NAME REASON
skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# run ARGUMENTS...: runs the program; leaves $scratch/out, $scratch/err and $status.
run() {
    status=0
    "${OUROSCOPE:?}" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

# golden EXPECTED ACTUAL: the whole text of ACTUAL is that of tests/cli/expected/EXPECTED.
golden() {
    local expected=tests/cli/expected/$1
    [ -n "${UPDATE:-}" ] && cp "$2" "$expected"
    diff -u "$expected" "$2"
}

# same TEXT FILE: FILE says TEXT and a newline, or nothing at all if TEXT is empty.
same() {
    if [ -n "$1" ]; then
        diff -u <(printf '%s\n' "$1") "$2"
    else
        diff -u /dev/null "$2"
    fi
}

# ended STATUS: the exit status of the last run.
ended() {
    [ "$status" -eq "$1" ] || { echo "exit status $status instead of $1"; return 1; }
}

tap_end() {
    echo "1..$tap_count"
    [ $tap_failures -eq 0 ]
}
