#!/bin/bash
# Facts about the code, so that drift shows: code-facts.sh [ROOT]
#
# Lengths of functions, from signature to closing brace (needs universal-ctags); share of comment
# lines; lines of tests for a line of code.
set -eu
cd "${1:-.}"

function_lengths() { # LENGTH FILE FUNCTION, longest first
    find src -name '*.c' ! -name '*_test.c' -print0 |
        xargs -0 ctags -o - --languages=C --kinds-C=f --fields=ne 2>/dev/null |
        awk -F'\t' '{
            line = end = 0
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) line = substr($i, 6)
                if ($i ~ /^end:/) end = substr($i, 5)
            }
            if (end >= line && line) print end - line + 1, $2, $1
        }' | sort -k1,1nr -k2
}

# Non-empty lines and comment lines; a line that is code and comment counts as code.
count_lines() {
    xargs -0 -r cat | awk '
        /^[ \t]*$/ { next }
        inside { comments++; if (/\*\//) inside = 0; next }
        /^[ \t]*\/\// { comments++; next }
        /^[ \t]*\/\*/ { comments++; if (!/\*\//) inside = 1; next }
        { code++ }
        END { print code + 0, comments + 0 }'
}

read -r code comments < <(find src -name '*.[ch]' ! -name '*_test.c' -print0 | count_lines)
read -r test_code _ < <(find src tests \( -name '*_test.c' -o -path 'tests/*.[ch]' -o -path 'tests/*.sh' \
    -o -path 'tests/*.py' \) -type f -print0 | count_lines)
echo "code:      $code lines, and $comments of comment ($((100 * comments / (code + comments))) %)"
echo "tests:     $test_code lines, $(awk "BEGIN { printf \"%.2f\", $test_code / $code }") for each of code"
command -v ctags >/dev/null || { echo "functions: install universal-ctags to see their lengths"; exit 0; }
lengths=$(function_lengths)
echo "$lengths" | awk '{ n[NR] = $1 } END {
    printf "functions: %d, median %d lines, 90 %% at most %d, longest %d\n",
        NR, n[int(NR / 2) + 1], n[int(NR / 10) + 1], n[1] }'
echo "the ten longest:"
echo "$lengths" | sed -n 1,10p | awk '{ printf "%5d  %-40s %s\n", $1, $3, $2 }'
