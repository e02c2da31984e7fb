#!/bin/sh
# Is release X slower than Y?
#
#     is-it-slower.sh NEW BASE [PROFILE]      is-it-slower.sh 10.7.1 10.6.2 value
#
# All finished runs of both versions that were made alike are compared in one request. What is printed are the metrics that became
# worse or better by more than their margin, the worst first, each with its 95 % interval. Where a version has only one
# run, the runs before it tell how much runs differ by themselves; without these nothing is judged.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scope "read", where reads are not open.
# Needs: curl, jq
set -eu
[ $# -ge 2 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
api=${OUROSCOPE_API:-http://127.0.0.1:8380}/api/v1

token() { # for curl, by its standard input: the arguments of a program are seen by everybody
    [ -z "${OUROSCOPE_TOKEN:-}" ] || printf 'oauth2-bearer = "%s"\n' "$OUROSCOPE_TOKEN"
}

ask() { # ask PATH [CURL OPTIONS]: the answer, or the reason why there is none
    path=$1
    shift
    answer=$(token | curl -sSG -K - "$api/$path" "$@") || exit 1
    if printf '%s' "$answer" | jq -e 'has("status") and has("title")' >/dev/null; then
        printf '%s' "$answer" | jq -r '"\(.title): \(.detail)", (.errors[]? | "  \(.detail)")' >&2
        exit 1
    fi
    printf '%s' "$answer"
}

comparison=$(ask comparisons --data-urlencode "new=version:$1" --data-urlencode "base=version:$2" ${3:+--data-urlencode "profile=$3"})
printf '%s' "$comparison" | jq -r '
        .result.variants[0] as $v
        | "\($v.label): \($v.runs | length) runs; \(.result.base.label): \(.result.base.runs | length) runs; judged by \($v.basis)",
          ( [$v.metrics[][] | select(.verdict == "regression" or .verdict == "improvement")]
            | sort_by(.verdict != "regression", -(.deltaPercent // 0 | fabs))
            | if length == 0 then "nothing became worse or better by more than its margin" else .[] |
              "\(.verdict)\t\(.name)\t\(.deltaPercent * 10 | round / 10) %\t\(.percentInterval // [] | map(. * 10 | round / 10) | join(" to "))"
              end )'
