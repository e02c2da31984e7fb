#!/bin/sh
# embed.sh NAME INPUT OUTPUT: a C file with the bytes of INPUT, and a NUL, in char NAME[].
set -eu
{
    printf 'extern char %s[];\nchar %s[] = {\n' "$1" "$1"
    od -An -v -tu1 "$2" | sed -e 's/ *\([0-9][0-9]*\)/\1,/g' -e 's/\(12[89]\|1[3-9][0-9]\|2[0-9][0-9]\),/(char)\1,/g'
    printf '0 };\n'
} > "$3"
