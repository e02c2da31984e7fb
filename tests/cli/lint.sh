#!/bin/bash
# The checks of `make lint` that are our own find what they are for.
. tests/cli/tap.sh

root=$scratch/tree

# A tree of two layers that is as it should be.
make_tree() {
    rm -rf "$root"
    mkdir -p "$root/src/low" "$root/src/high"
    printf '%s\n' '<!-- layers -->' '| layer | may include |' '|---|---|' '| low | |' '| high | low |' \
        '<!-- /layers -->' >"$root/ARCHITECTURE.md"
    echo 'typedef int low_t;' >"$root/src/low/low.h"
    printf '#include "low/low.h"\nlow_t high(void);\n' >"$root/src/high/high.h"
    mkdir -p "$root/tests/support"
    echo 'typedef int test_t;' >"$root/tests/support/test.h"
    echo '#include "support/test.h"' | tee "$root/src/high/sample_test.h" >"$root/src/high/high_test.c"
}
complains_of() {
    scripts/check-layers.sh "$root" >"$scratch/said" 2>&1 && { echo "no complaint"; return 1; }
    grep -F -- "$1" "$scratch/said" || { cat "$scratch/said"; return 1; }
}

make_tree
check "layers: a tree as it should be passes" scripts/check-layers.sh "$root"
printf '#include "high/high.h"\n' >"$root/src/low/low.c"
check "layers: an arrow that points up is found" \
    complains_of 'src/low/low.c:1: low must not include "high/high.h"'
make_tree
mkdir "$root/src/other"
check "layers: a folder that is no layer is found" complains_of 'src/other is not in the table'
make_tree
sed -i 's/^| low | |/| low | high |/' "$root/ARCHITECTURE.md"
check "layers: a circle in the table is found" complains_of 'low may include high, which does not stand above'
make_tree
rm -r "$root/src/low"
check "layers: a layer without a folder is found" complains_of 'there is no src/low'
make_tree
echo 'size_t count(void);' >>"$root/src/low/low.h"
check "layers: a header that needs another one first is found" \
    complains_of 'src/low/low.h does not compile alone'
make_tree
echo >"$root/ARCHITECTURE.md"
check "layers: a missing table is found" complains_of 'no table'
make_tree
echo '#include "support/test.h"' >"$root/src/high/high.c"
check "layers: only tests include what is for tests" complains_of 'high must not include "support/test.h"'

printf '/* Two lines\n * of comment. */\nint one(void)\n{\n    return 1;\n}\n' >"$root/src/low/low.c"
facts_are_right() {
    scripts/code-facts.sh "$root" | grep -E '^ +4 +one +src/low/low.c$'
}
if command -v ctags >/dev/null; then
    check "facts: a function is as long as it is" facts_are_right
else
    skip "facts: a function is as long as it is" "no ctags here"
fi
tap_end
