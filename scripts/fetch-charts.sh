#!/bin/sh
# fetch-charts.sh: the libraries that draw the figures of HTML reports, as one script
#
# Prints the path of that script, which lies in the user's cache; nothing, and the
# reason on stderr, when it cannot be had: then reports show tables in place of
# pictures. Versions and checksums are fixed below; what does not match is not used.
set -u

# NAME VERSION FILE SHA-512 of the package
packages='
vega 6.4.0 build/vega.min.js ac75c2ab62e911608b3235c1123ee1a1c63d1b4fe2e5319845ac861928f4e954c5e3e976206d99ee87992828d66d487fee14c4fe65616da38f07bdb0084961ea
vega-lite 6.4.3 build/vega-lite.min.js 77fee13e37f3e7ad14111690b9398680855f5c07b783684959e0be8a00de686a2151d12836b1cb5e047fc933814fcbd5fe522eb8a9f0fb4ff15966e5903c2431
vega-interpreter 2.3.2 build/vega-interpreter.js 2430288b7b5a15c0832ee8d91bce1334d517764019e56b121ecb31f2559561ac5bf5296c8e4eefecfb512185e94a55302da286441aa827d283b37e99d1e30423
'
here=$(cd "$(dirname "$0")" && pwd)
notices=$here/../web/charts-notices.txt
sum=$(printf '%s' "$packages" | cat - "$0" "$notices" | sha512sum | cut -c 1-16)
cache=${XDG_CACHE_HOME:-${HOME:-/tmp/ouroscope-$(id -u)}/.cache}/ouroscope
bundle=$cache/charts-$sum.js

if [ -s "$bundle" ]; then
    echo "$bundle"
    exit
fi

give_up() {
    echo "fetch-charts.sh: $1" >&2
    exit 1
}

command -v npm >/dev/null 2>&1 || "$here/setup-debian.sh" charts >&2
command -v npm >/dev/null 2>&1 || give_up "there is no npm to fetch Vega and Vega-Lite with"
mkdir -p "$cache" || give_up "no folder to keep them in"
work=$(mktemp -d "$cache/fetch.XXXXXX") || give_up "no folder to keep them in"
trap 'rm -rf "$work"' EXIT

# What npm says beside codes and where it logs: "npm ERR! " or "npm error " stands before each line.
reason() {
    sed -n -e '/^npm [Ee][Rr][Rr][a-z!]* *\(code\|errno\|syscall\) /d' -e 's/^npm [Ee][Rr][Rr][a-z!]* *//' -e '/./{p;q;}' "$work/npm.err"
}

# fetch NAME VERSION SHA-512: the package, unpacked into $work/NAME
fetch() {
    (cd "$work" && npm pack --loglevel=error --fetch-retries=1 --fetch-timeout=30000 "$1@$2" >npm.out 2>npm.err) ||
        give_up "npm cannot have $1 $2: $(reason)"
    found=$(sha512sum <"$work/$1-$2.tgz" | cut -d ' ' -f 1)
    [ "$found" = "$3" ] || give_up "$1 $2 is not what it was: its SHA-512 is $found"
    mkdir "$work/$1" && tar -xzf "$work/$1-$2.tgz" --no-same-owner --strip-components=1 -C "$work/$1" ||
        give_up "$1 $2 cannot be unpacked"
}

# A licence stands in a comment, which nothing in it may end.
comment() {
    echo '/*!'
    sed 's,\*/,* /,g' "$@"
    echo '*/'
}

# The interpreter is a module that imports from vega-util, which Vega exports whole; in a page it is a function.
plain_script() {
    case $1 in
    vega-interpreter)
        echo '(function () {'
        sed -e "s/^import \(.*\) from 'vega-util';/const \1 = vega;/" \
            -e 's/^export { expression as expressionInterpreter };/globalThis.vegaInterpreter = expression;/' "$2"
        echo '})();'
        ;;
    *) cat "$2" ;;
    esac | sed '/^\/\/# sourceMappingURL=/d'
    echo
}

comment "$notices" >"$work/charts.js"
printf '%s' "$packages" | grep . >"$work/list"
while read -r name version file checksum; do
    fetch "$name" "$version" "$checksum" </dev/null
    { comment "$work/$name/LICENSE"; plain_script "$name" "$work/$name/$file"; } >>"$work/charts.js" ||
        give_up "$name $version has no $file"
done <"$work/list"

# A script in a page ends at the first end tag in it.
grep -qi -e '</script' -e '<!--' "$work/charts.js" && give_up "the libraries cannot stand in a page as they are"
mv "$work/charts.js" "$bundle" || give_up "no room for them"
echo "$bundle"
