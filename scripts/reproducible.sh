#!/bin/bash
# Builds what is committed twice, in different surroundings, and compares the bytes: reproducible.sh [COMMIT]
#
# The folder, its name's length, the time, its zone, the language, the umask and the home differ; no compiled file is taken from
# a cache. Compared are the Debian packages, whole, and what is in them: program, library, and all other files. Where they differ
# diffoscope, if it is there, says in what.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
commit=${1:-HEAD}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CCACHE_DISABLE=1 OUROSCOPE_CACHE=${OUROSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ouroscope}

later=()
! command -v faketime >/dev/null || later=(faketime '2031-02-03 04:05:06')

mkdir -p "$work/a" "$work/another/folder"
(umask 022 && TMPDIR=$work/a TZ=UTC0 LC_ALL=C.UTF-8 "$here/make-deb.sh" "$work/first" "$commit")
(umask 077 && TMPDIR=$work/another/folder TZ=Asia/Kathmandu LC_ALL=C HOME=$work/another "${later[@]}" "$here/make-deb.sh" "$work/second" "$commit")

failed=0
for package in "$work"/first/*.deb; do
    name=$(basename "$package")
    if cmp "$package" "$work/second/$name"; then
        sha256sum "$package" | sed "s|$work/first/||"
    else
        failed=1
        ! command -v diffoscope >/dev/null || diffoscope --max-report-size 20000 "$package" "$work/second/$name" || true
    fi
done
[ $failed -eq 0 ] && echo "The packages of $(git -C "$here" rev-parse "$commit") are the same, byte by byte."
exit $failed
