#!/bin/bash
# scripts/fetch-charts.sh, with a npm that only pretends.
. tests/cli/tap.sh

tools=$scratch/bin
mkdir "$tools"
# pretend NAME SCRIPT
pretend() {
    printf '#!/bin/sh\n%s\n' "$2" >"$tools/$1"
    chmod +x "$tools/$1"
}

fetch() {
    status=0
    XDG_CACHE_HOME=$scratch/cache PATH=$tools:$PATH sh scripts/fetch-charts.sh \
        >"$scratch/path" 2>"$scratch/said" </dev/null || status=$?
}

pretend npm 'echo "npm error network: nobody answers" >&2; exit 1'
fetch
check "without the network it gives up" ended 1
check "it says why" grep -q 'npm cannot have vega 6.4.0: .*nobody answers' "$scratch/said"
check "it names no file" same '' "$scratch/path"

# pack NAME@VERSION, with other bytes than those that were looked at.
pretend npm 'for package; do :; done; echo other >"$(echo "$package" | tr @ -).tgz"'
fetch
check "other packages than those that were looked at are refused" ended 1
check "it says which, and what it is" grep -q 'vega 6.4.0 is not what it was: its SHA-512 is [0-9a-f]*$' "$scratch/said"
check "nothing is left in the cache" same '' <(ls "$scratch/cache/ouroscope")

tap_end
