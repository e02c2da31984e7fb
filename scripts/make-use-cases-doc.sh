#!/bin/sh
# make-use-cases-doc.sh FOLDER: docs/reference/api/use-cases.md, from the scripts of the folder docs/use-cases
#
# A script begins with a comment: what it is for, how it is called, how it works, what it needs. That becomes its text here.
set -eu
folder=$1

cat <<'END'
# Use cases

What people do with the results of others, as scripts to take and change. Each is run by the tests against a live server. They ask the server that `OUROSCOPE_API` names, by default
`http://127.0.0.1:8380`, and are found in `docs/use-cases` of the source.
END

for name in is-it-slower.sh cpu-over-releases.py cpu-over-releases.R fail-on-regression.sh mirror.py tell-me.py; do
    awk -v name="$name" -v folder="$folder" '
        BEGIN { comment = 1; language = name; sub(/.*\./, "", language); language = language == "py" ? "python" : language == "R" ? "r" : "sh" }
        FNR == 1 { next }
        comment && !/^#/ { comment = 0; printf "\n```%s from %s/%s\n", language, folder, name }
        comment && !title { title = 1; sub(/^# /, ""); printf "\n## %s\n\n`%s`:\n", $0, name; next }
        comment && /^#     / { sub(/^#     /, ""); n = split($0, call, /      +/); print "```text drawing"; for (i = 1; i <= n; i++) print call[i]; print "```"; next }
        comment { sub(/^# ?/, ""); print; next }
        { print }
        END { print "```" }' "$folder/$name"
done
