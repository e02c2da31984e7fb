#!/bin/sh
# fetch-charts.sh: the libraries that draw the figures of HTML reports, as one script
#
# Prints the path of that script, which lies in the user's cache; nothing, and the
# reason on stderr, when it cannot be had: then reports show tables in place of
# pictures. Versions and checksums are fixed below.
set -u

# NAME VERSION FILE SHA-512 of the package
packages='
vega 6.4.0 build/vega.min.js ac75c2ab62e911608b3235c1123ee1a1c63d1b4fe2e5319845ac861928f4e954c5e3e976206d99ee87992828d66d487fee14c4fe65616da38f07bdb0084961ea
vega-lite 6.4.3 build/vega-lite.min.js 77fee13e37f3e7ad14111690b9398680855f5c07b783684959e0be8a00de686a2151d12836b1cb5e047fc933814fcbd5fe522eb8a9f0fb4ff15966e5903c2431
vega-interpreter 2.3.2 build/vega-interpreter.js 2430288b7b5a15c0832ee8d91bce1334d517764019e56b121ecb31f2559561ac5bf5296c8e4eefecfb512185e94a55302da286441aa827d283b37e99d1e30423
'
made="Vega and Vega-Lite"
. "$(dirname "$0")/fetch-npm.sh"
notices=$here/../web/charts-notices.txt
cached charts .js "$notices"

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

begin_fetching
comment "$notices" >"$work/charts.js"
while read -r name version file checksum; do
    fetch "$name" "$version" "$checksum" </dev/null
    { comment "$work/$name/LICENSE"; plain_script "$name" "$work/$name/$file"; } >>"$work/charts.js" ||
        give_up "$name $version has no $file"
done <"$work/list"

may_stand_in_a_page "$work/charts.js" || give_up "the libraries cannot stand in a page as they are"
mv "$work/charts.js" "$kept" || give_up "no room for them"
echo "$kept"
