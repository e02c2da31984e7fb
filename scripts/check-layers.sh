#!/bin/bash
# Keeps the layers apart: check-layers.sh [ROOT]
#
# Reads the table between <!-- layers --> and <!-- /layers --> of
# ROOT/ARCHITECTURE.md and compares it with the #include lines of ROOT/src:
#   - a folder of src/ is a layer of the table, and the other way round;
#   - a layer names only layers that stand above it, so there are no circles;
#   - a file includes only its own layer and those named (tests, *_test.c and
#     *_test.h, also support/);
#     the public headers <ouroscope/...> are trace's, status.h is base's;
#   - each header compiles alone.
set -u

root=${1:-.}
failures=0
table=$(sed -n '/<!-- layers -->/,/<!-- \/layers -->/p' "$root/ARCHITECTURE.md" |
    sed -n 's/^| *\([a-z]*\) *| *\(.*[^ ]\)\{0,1\} *|$/\1 \2/p' | grep -v '^layer ')
declare -A allowed

complain() {
    echo "$1"
    failures=$((failures + 1))
}

read_table() {
    local layer names name
    while read -r layer names; do
        [ "$names" = everything ] && names=${!allowed[*]}
        for name in $names; do
            [ -n "${allowed[$name]+x}" ] ||
                complain "ARCHITECTURE.md: $layer may include $name, which does not stand above it"
        done
        allowed[$layer]="$names"
        [ -d "$root/src/$layer" ] || complain "ARCHITECTURE.md: there is no src/$layer"
    done <<<"$table"
}

check_includes() {
    local file line_number header layer to
    while IFS=: read -r file line_number header; do
        file=${file#"$root"/src/}
        layer=${file%%/*}
        to=${header%%/*}
        case " $layer ${allowed[$layer]-} " in
        *" $to "*) continue ;;
        esac
        [[ $to == support && $file == *_test.[ch] ]] && continue
        complain "src/$file:$line_number: $layer must not include \"$header\""
    done < <(grep -rn --include='*.[ch]' -e '^ *# *include *"' -e '^ *# *include *<ouroscope/' "$root/src" |
        sed -e 's,<ouroscope/status.h>,"base/status.h",' -e 's,<ouroscope/\(.*\)>,"trace/\1",' \
            -e 's/^\([^:]*:[0-9]*:\).*"\(.*\)".*/\1\2/')
}

compile_header() {
    local tests=
    [[ $1 == *_test.h ]] && tests="-I $2/tests"
    # shellcheck disable=SC2086 # lists of words
    printf '#include "%s"\n' "$1" |
        ${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I "$2/src" -I "$2/include" $tests $FLAGS -x c - ||
        { echo "src/$1 does not compile alone"; return 1; }
}

check_headers() {
    export -f compile_header
    FLAGS=$(pkg-config --cflags jansson yaml-0.1 libarchive gsl libsodium libuv libmicrohttpd libcurl) || FLAGS=
    export FLAGS
    (cd "$root/src" && find . -name '*.h' -printf '%P\n') |
        xargs -r -P "$(nproc)" -I{} bash -c 'compile_header "$@"' - {} "$root" 2>&1 ||
        failures=$((failures + 1))
}

[ -n "$table" ] || complain "ARCHITECTURE.md: no table between <!-- layers --> and <!-- /layers -->"
read_table
for folder in "$root"/src/*/; do
    layer=$(basename "$folder")
    [ -n "${allowed[$layer]+x}" ] || complain "src/$layer is not in the table of ARCHITECTURE.md"
done
check_includes
check_headers
[ $failures -eq 0 ]
