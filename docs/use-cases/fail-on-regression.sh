#!/bin/sh
# Fail my CI on a regression
#
#     fail-on-regression.sh BASELINE RUN...      fail-on-regression.sh 10.6.2 runs/*_ci-bench_*
#
# Publishes the runs that the job has just made, and compares them with those of the baseline version. The exit status is 0 when
# nothing became worse, 3 when something did, 1 when it cannot be told: too few runs are no green light.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scopes "read" and "publish".
# Needs: curl, jq, ouroscope
set -eu
[ $# -ge 2 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
server=${OUROSCOPE_API:-http://127.0.0.1:8380}
baseline=$1
shift

published=$(ouroscope publish --to "$server" --json "$@") || exit 1
ids=$(printf '%s' "$published" | jq -r .id)
set -- --data-urlencode "base=version:$baseline"
for id in $ids; do
    set -- "$@" --data-urlencode "new=$id"
done
# The token goes by standard input: the arguments of a program are seen by everybody.
answer=$(printf 'oauth2-bearer = "%s"\n' "${OUROSCOPE_TOKEN:-}" | curl -sSG -K - "$server/api/v1/comparisons" "$@")

printf '%s' "$answer" | jq -e .result >/dev/null 2>&1 || {
    printf '%s' "$answer" | jq -r '"\(.title): \(.detail)", (.errors[]? | "  \(.detail)")' >&2
    exit 1
}
printf '%s' "$answer" | jq -r '
    .result.variants[0].metrics[][] | select(.verdict == "regression")
    | "\(.name): \(.deltaPercent * 10 | round / 10) %, \(.why)"'
printf '%s' "$answer" | jq -e '.result.variants[0].judged > 0' >/dev/null || {
    echo "There are too few runs to judge anything: make more of them." >&2
    exit 1
}
if printf '%s' "$answer" | jq -e '.result.variants[0].verdicts.regression > 0' >/dev/null; then
    exit 3
fi
echo "No metric became worse by more than its margin."
