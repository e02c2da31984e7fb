#!/bin/bash
# Makes Debian packages: make-deb.sh [FOLDER] [COMMIT], make-deb.sh --built BUILD [FOLDER]
#
# FOLDER (build/deb) gets ouroscope_VERSION_ARCH.deb and its companions. They are made of what is committed, COMMIT or HEAD: the same
# commit gives the same bytes on the same system, since sources are git's archive, and times are those of the commit. What the
# build needs has to be there: scripts/setup-debian.sh package installs it.
#
# With --built nothing is compiled: what a build folder has is packed, for who wants to look at packages sooner. Where nothing was
# changed since the commit, the bytes are the same, too.
set -euo pipefail
umask 022

root=$(cd "$(dirname "$0")/.." && pwd -P)
built=
if [ "${1:-}" = --built ]; then
    built=$(realpath "$2")
    shift 2
fi
out=${1:-$root/build/deb} commit=${2:-HEAD}
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() {
    git -C "$root" archive "$commit" | tar -x -C "$tree" --no-same-owner
    [ -z "$built" ] || cp -r "$root/dist/debian" "$tree/dist" # what was built is not what is committed, either
    cp -r "$tree/dist/debian" "$tree/debian"
}

# option NAME: of the build that is packed
option() {
    meson introspect --buildoptions "$built" |
        python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == sys.argv[1]))' "$1"
}

# Packages have libraries in a folder of the machine's kind, below the prefix.
machine=lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
move_libraries() { # FROM TO
    mkdir -p "$2"
    mv "$1"/libouroscope.* "$1/pkgconfig" "$2"
}

# What was built, where debian/rules looks for it. A package's folders are below /usr, and few files know where they are.
stage() {
    local prefix units libraries
    prefix=$(option prefix) units=$(option systemd_units) libraries=$(option libdir)
    [[ $units == /* ]] || units=$prefix/$units
    "$root/scripts/stage.sh" "$built" "$work/root" "$work/account"
    mkdir -p "$tree/staged/lib/systemd"
    mv "$work/root$units" "$tree/staged/lib/systemd/system"
    rmdir -p --ignore-fail-on-non-empty "$(dirname "$work/root$units")"
    mv "$work/root$prefix" "$tree/staged/usr"
    [ "$libraries" = "$machine" ] || move_libraries "$tree/staged/usr/$libraries" "$tree/staged/usr/$machine"
    sed -i -e "s|^prefix=$prefix\$|prefix=/usr|" -e "s|^libdir=.*|libdir=\${prefix}/$machine|" -e "s|^ExecStart=$prefix/|ExecStart=/usr/|" \
        "$tree"/staged/lib/systemd/system/* "$tree/staged/usr/$machine"/pkgconfig/*
    find "$tree/staged" -exec touch -h -d "@$(git -C "$root" log -1 --format=%ct)" {} +
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
    (cd "$tree" && dpkg-buildpackage --build=binary --no-sign ${built:+--no-check-builddeps}) >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; exit 1; }
}

tree=$work/ouroscope
mkdir "$tree"
unpack
name_version
[ -z "$built" ] || stage
build
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out"
ls "$out"/*.deb
