#!/bin/sh
# commit.sh [time]: the commit that is built, and whether files differ from it; or its time, in UTC.
#
# Sources of an archive that git made know their commit from archived-commit. Of others, unpacked within somebody else's
# repository, say, nothing is known, and nothing is printed.
cd "$(dirname "$0")/.." || exit 1
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
    case ${1:-} in
    time) TZ=UTC0 git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd ;;
    *) git --no-optional-locks describe --always --abbrev=40 --exclude='*' --dirty=-modified ;;
    esac
    exit
fi
read -r commit seconds <scripts/archived-commit
case $commit:${1:-} in
*Format*) echo ;;
*:time) date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ ;;
*) echo "$commit" ;;
esac
