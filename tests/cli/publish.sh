#!/bin/bash
# ouroscope publish: runs into an SQLite file; what is told, and how it ends. Publications are ones by their JSON Schema.
. tests/cli/tap.sh

runs=tests/data/repeated
database=$scratch/results.db
schema=docs/formats/publication.schema.json
unset OUROSCOPE_DB OUROSCOPE_TOKEN

# ask SQL: what the database answers, a value
ask() {
    python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$database" "$1"
}
publish() {
    run publish --to "$database" "$@"
}

publish --project node --info release=10.7 -i by=me $runs/base-1.json.zst $runs/base-2.json.zst
check "two runs are published" ended 0
check "each has a line with its id" test "$(grep -cE '^published [0-9a-f]{32} tests/data/repeated/base-[12]' "$scratch/out")" = 2
check "the file is nobody else's to read" test "$(stat -c %a "$database")" = 600
check "their project is made" test "$(ask 'SELECT name FROM projects')" = node
check "their labels are kept" test "$(ask 'SELECT info FROM runs LIMIT 1')" = '{"by":"me","release":"10.7"}'
publish --project node $runs/base-1.json.zst
check "a run that is there is no failure" ended 0
check "it is told to be there" grep -q '^already there' "$scratch/out"
check "it stays one run" test "$(ask 'SELECT COUNT(*) FROM runs')" = 2
check "and keeps its labels" test "$(ask "SELECT COUNT(*) FROM runs WHERE info = '{}'")" = 0

publish --project other $runs/base-1.json.zst
check "a run that is there in another project is a failure" ended 1
check "which tells how to move it" grep -q 'in another project, as [0-9a-f]*; --replace moves it' "$scratch/err"
check "and makes no project" test "$(ask 'SELECT COUNT(*) FROM projects')" = 1

zstd -dcq $runs/base-1.json.zst | sed 's/"batch": "exp"/"batch": "other"/' >"$scratch/changed.json"
publish --project node "$scratch/changed.json" $runs/base-3.json.zst
check "other content of a name is a failure" ended 1
check "which tells how to replace it" grep -q -e '--replace puts this one in its place' "$scratch/err"
check "others are published all the same" grep -q '^published.*base-3' "$scratch/out"
publish --project node --replace "$scratch/changed.json"
check "it is replaced where that is wanted" grep -q '^replaced' "$scratch/out"
check "and nothing of the former stays" test "$(ask "SELECT COUNT(*) FROM runs WHERE batch = 'exp'")" = 2

publish "$scratch/none" $runs/README.md $runs/base-4.json.zst
check "what is no run is a failure" ended 1
check "of a file that is not there" grep -q 'there is no .*/none' "$scratch/err"
check "and of one that is something else" grep -q 'README.md' "$scratch/err"
check "behind which others are published" grep -q '^published.*base-4' "$scratch/out"

# A run directory: of one that failed, of one with an analysis, of one with logs alone.
mkdir -p "$scratch/failed" "$scratch/good/analysis"
printf '{"state": "failed", "cause": "no free ports"}' >"$scratch/failed/status.json"
zstd -dcq $runs/ci-test-01.json.zst >"$scratch/good/analysis/analysis.json"
publish "$scratch/failed" "$scratch/good"
check "a run that failed is published" ended 0
check "with its cause" test "$(ask "SELECT failure FROM runs WHERE state = 'failed'")" = "no free ports"
cp -r tests/data/cluster "$scratch/logs-alone" 2>/dev/null
if [ -d "$scratch/logs-alone/logs" ]; then
    publish "$scratch/logs-alone"
    check "a run that has logs alone is analysed first" ended 0
fi

run publish --dry-run --json $runs/base-5.json.zst --to "$scratch/never.db"
check "a dry run tells what would be published" python3 -c '
import json, sys
line = json.load(open(sys.argv[1]))
assert line["outcome"] == "would publish" and len(line["id"]) == 32 and line["url"] is None, line' "$scratch/out"
check "and makes no database" test ! -e "$scratch/never.db"
id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["id"])' "$scratch/out")
publish --json $runs/base-5.json.zst
check "its id is the one that it gets" grep -q "\"id\":\"$id\"" "$scratch/out"

(cd "$scratch" && "$OUROSCOPE" publish good >out 2>err)
check "results.db is made where no place is named" test -s "$scratch/results.db"
OUROSCOPE_DB=$scratch/other.db run publish $runs/base-5.json.zst
check "\$OUROSCOPE_DB names the place" test -s "$scratch/other.db"

cp "$scratch/results.db" "$scratch/open.db"
touch "$scratch/open.db-wal"
publish "$scratch/open.db" "$scratch/open.db-wal" $runs/base-5.json.zst
check "databases among the runs are no failure" ended 0
check "they are passed over" test "$(grep -c 'passed over' "$scratch/err")" = 2
publish --token-file "$scratch/open.db" $runs/base-5.json.zst
check "a token for a database is wrong usage" ended 2
run publish --to htp://results.example $runs/base-5.json.zst
check "what is no kind of place is wrong usage" ended 2

run publish --to "$database" --project ../x $runs/base-5.json.zst
check "a project that is none is wrong usage" ended 2
run publish --to "$database" --info nonsense $runs/base-5.json.zst
check "so is a label that is none" ended 2
printf 'not a database at all, but long enough to be looked at' >"$scratch/no.db"
run publish --to "$scratch/no.db" $runs/base-5.json.zst
check "a file that is no database is a failure" ended 1
check "and stays as it is" grep -q 'not a database' "$scratch/no.db"
echo ouro_0123456789abcdef_secret >"$scratch/token"
chmod 644 "$scratch/token"
run publish --to http://127.0.0.1:1 --token-file "$scratch/token" $runs/base-5.json.zst
check "a token that others may read is refused" ended 2
check "and not told" bash -c "! grep -q secret $scratch/err"
OUROSCOPE_TOKEN='two words' run publish --to http://127.0.0.1:1 $runs/base-5.json.zst
check "so is what is no token" ended 2

# What is sent is by the schema; the program's own document is seen by a server that keeps it.
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
    check "documents are publications by the schema" python3 tests/support/publications.py "$OUROSCOPE" "$schema" \
        "$scratch/failed" "$scratch/good" $runs/base-1.json.zst
else
    skip "documents are publications by the schema" "there is no python3-jsonschema with draft 2020-12"
fi
tap_end
