#!/bin/bash
# ouroscope token create, list, revoke: nothing is made by mistake, and nobody's secret is lost. What servers do with tokens is
# tests/integration/results-access.py.
. tests/cli/tap.sh

database=$scratch/results.db
unset OUROSCOPE_DB OUROSCOPE_TOKEN
run db migrate --db "$database"

# How many lines of the list have this state.
count() {
    "$OUROSCOPE" token list --db "$database" | grep -c " $1\$"
}

run token create --db "$scratch/wrong.db" someone
check "a database that is not there is a failure" ended 1
check "which tells where one is looked for" grep -q 'wrong.db: --db or \$OUROSCOPE_DB' "$scratch/err"
check "no token is told" test ! -s "$scratch/out"
run token list --db "$scratch/wrong.db"
check "nor is it listed" ended 1
run token revoke --db "$scratch/wrong.db" 0123456789abcdef
check "nor revoked" ended 1
check "and none of them makes it" test ! -e "$scratch/wrong.db"
: >"$scratch/empty.db"
run token create --db "$scratch/empty.db" someone
check "of what is no results database yet the next step is told" grep -q 'ouroscope db migrate' "$scratch/err"

run token create --db "$database" first
check "a token is printed" grep -qE '^ouro_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$' "$scratch/out"
echo keep >"$scratch/there.token"
run token create --db "$database" --out "$scratch/there.token" second
check "a file that is there is a failure" ended 1
check "and stays as it is" grep -qx keep "$scratch/there.token"
check "no token is made for it" test "$(count good)" = 1
run token create --db "$database" --out "$scratch/none/x.token" second
check "nor for a folder that is not there" test "$(count good)" = 1
run token create --db "$database" --out "$scratch/third.token" third
check "a new file has the token" grep -q '^ouro_' "$scratch/third.token"
check "and is nobody else's to read" test "$(stat -c %a "$scratch/third.token")" = 600
check "two tokens are good now" test "$(count good)" = 2
if [ -w /dev/full ]; then
    "$OUROSCOPE" token create --db "$database" lost >/dev/full 2>"$scratch/err"
    check "what cannot be written is a failure" test $? = 1
    check "and its token is revoked" test "$(count good)/$(count revoked)" = 2/1
fi
run token create --db "$database" ''
check "a name without a letter is wrong usage" ended 2
run token list --db "$database"
check "scopes are listed as they are given" grep -qE '^[0-9a-f]{16} +first +publish +\(all\)' "$scratch/out"
tap_end
