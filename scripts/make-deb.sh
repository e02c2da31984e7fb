#!/bin/bash
# Makes Debian packages of what is committed: make-deb.sh [FOLDER] [COMMIT]
#
# FOLDER (build/deb) gets ouroscope_VERSION_ARCH.deb and its companions, COMMIT is HEAD if not given. The same commit gives the same
# bytes on the same system: sources are git's archive, times are those of the commit. What the build needs has to be there:
# scripts/setup-debian.sh package installs it.
set -euo pipefail
umask 022

root=$(cd "$(dirname "$0")/.." && pwd -P)
out=${1:-$root/build/deb} commit=${2:-HEAD}
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() {
    git -C "$root" archive "$commit" | tar -x -C "$tree" --no-same-owner
    cp -r "$tree/dist/debian" "$tree/debian"
}

# A commit that is no release says which one it is, and sorts behind the release before it.
name_version() {
    local version hash seconds
    version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$tree/meson.build")
    read -r hash seconds <"$tree/scripts/archived-commit"
    ! git -C "$root" tag --points-at "$commit" | grep -qx "v$version" || return 0
    {
        printf 'ouroscope (%s+git%s.%s-1) unstable; urgency=medium\n\n' "$version" "$(date -u -d "@$seconds" +%Y%m%d%H%M%S)" "${hash:0:12}"
        printf '  * Commit %s.\n\n' "$hash"
        sed -n '0,/^ -- /s/^\( -- .*>\)  .*/\1/p' "$tree/debian/changelog" | tr -d '\n'
        printf '  %s\n\n' "$(LC_ALL=C date -u -d "@$seconds" -R)"
        cat "$tree/debian/changelog"
    } >"$work/changelog"
    mv "$work/changelog" "$tree/debian/changelog"
}

# The build has no home, so it is told where scripts of others and compiled files are kept.
build() {
    local cache
    export OUROSCOPE_CACHE=${OUROSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ouroscope}
    if command -v ccache >/dev/null; then
        cache=$(ccache --get-config cache_dir)
        export CCACHE_DIR=$cache
    fi
    export DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-nocheck parallel=$(nproc)}
    (cd "$tree" && dpkg-buildpackage --build=binary --no-sign) >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; exit 1; }
}

tree=$work/ouroscope
mkdir "$tree"
unpack
name_version
build
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out"
ls "$out"/*.deb
