#!/bin/bash
# The library, built once more: elsewhere, at another time, by a user of other habits. The same bytes have to come out.
# `make reproducible` does so with everything, packages included.
. tests/cli/tap.sh

built=$(readlink -f "${OUROSCOPE_BUILD:?}/src/libouroscope.so") # with its version behind it
file_name=$(basename "$built")
leave() {
    echo "1..0 # SKIP $1"
    exit 0
}
setting() {
    meson introspect --buildoptions "$OUROSCOPE_BUILD" |
        python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == sys.argv[1]))' "$1"
}
git rev-parse -q --verify HEAD >/dev/null || leave "these sources are no checkout"
[ "$(setting buildtype) $(setting b_sanitize) $(setting b_coverage) $(setting c_args)" = 'debugoptimized none False []' ] ||
    leave "the build has settings of its own"

again=$scratch/somewhere/else
later=
command -v faketime >/dev/null && later='faketime 2031-02-03'
build_again() {
    mkdir -p "$again" && git ls-files -z --cached --others --exclude-standard | while IFS= read -rd '' file; do
        [ ! -f "$file" ] || printf '%s\0' "$file"
    done | tar -c --null -T - | tar -x -C "$again" || return
    umask 077
    # shellcheck disable=SC2086 # words
    (cd "$again" && export CC="${OUROSCOPE_CC##*ccache }" CCACHE_DISABLE=1 TZ=Asia/Kathmandu LC_ALL=C HOME="$scratch" &&
        meson setup -Dcharts=disabled -Dswagger=disabled built >meson.log 2>&1 && $later ninja --quiet -C built "src/$file_name")
}
check "the library is built in another folder" build_again
check "its bytes are the same" cmp "$built" "$again/built/src/$file_name"
check "they name neither folder" bash -c "! grep -cF -e '$PWD' -e '$scratch' '$built' '$again/built/src/$file_name'"
tap_end
