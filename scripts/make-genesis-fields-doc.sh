#!/bin/bash
# docs/reference/genesis-fields.md from data/genesis/fields.tsv: make-genesis-fields-doc.sh FIELDS
set -eu

cat <<'TEXT'
# Members of genesis files

Made from `data/genesis/fields.tsv` by `scripts/make-genesis-fields-doc.sh`; change that file, not this page.

Every member that `ouroscope genesis check` knows. Members stand in any order, and nodes ignore those they do not know. A path leads from object to
object; `<hex 28>` in it is the name of an entry of a map (here 28 bytes, 56 digits), and `[]` an item of a list.

*Type*: an `integer` or `rational` lies in the range behind it, `0<..` without the 0; a rational is a number or
`{"numerator": .., "denominator": ..}`, and is taken exactly: 0.05 is 1/20. `digits` is a whole number in quotation marks. `hex 28` is 28 bytes as 56 digits.
`cost-model 166` is 166 whole numbers, `166+` at least so many. With `?` it may be `null`.

*Needed*: *Since 8.8*: nodes of that version and later refuse a file without it. *Or NAME*: another name of NAME, one of which must be
there; with versions, it is the name that these nodes know.
TEXT
awk -F '\t' '
    function needed() {
        if ($4 == "required") return "yes"
        if ($4 == "since") return "since " $6
        if ($4 == "optional") return $6 ? "no; since " $6 : "no"
        if ($5 != "") return "or `" $5 "`" ($6 ? ", " $6 : "")
        return "no; " $6 " only"
    }
    NR == 1 { next }
    $1 != era {
        era = $1
        printf "\n## %s\n\n| path | type | needed | what it is |\n|---|---|---|---|\n", toupper(substr(era, 1, 1)) substr(era, 2)
    }
    # One row for the many numbers of a cost model that go by name.
    $2 ~ /^costModels\.PlutusV1\./ { names = names (names ? ", " : "") "`" substr($2, length("costModels.PlutusV1.") + 1) "`"; next }
    { printf "| `%s` | `%s` | %s | %s |\n", $2, $3, needed(), $8 }
    END { printf "\n## Numbers of the cost model PlutusV1\n\nIn the order of a list: %s.\n", names }' "$1"
