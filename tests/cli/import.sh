#!/bin/bash
# ouroscope import: tables of published results into an SQLite file; small ones, and the published one, where it is.
. tests/cli/tap.sh

database=$scratch/results.db
table=$scratch/results.tsv
unset OUROSCOPE_DB OUROSCOPE_TOKEN

ask() {
    python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$database" "$1"
}

# number REPORT RUN SECTION LABEL METRIC VALUE: a line of the table
number() {
    printf '%s\tvalue\t%s\t%s\t%%\t%s\t%s\t%s\n' "$1" "$3" "$4" "$5" "$2" "$6" >>"$table"
}
# column REPORT RUN DATE CPU: a run as a report shows it
column() {
    number "$1" "$2" summary "Cluster system start date" "" "$3"
    number "$1" "$2" summary "Cluster system start time" "" "08:00:00"
    number "$1" "$2" summary "Machines" "" 52
    number "$1" "$2" resource "Process CPU usage" CentiCpu "$4"
}
head_of_table() {
    printf 'report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n' >"$table"
}

head_of_table
column r1 1.0 2026-01-10 6.0
column r1 1.1 2026-01-11 6.1
column r2 1.1-baseline 2026-01-11 6.10
column r2 1.2 2026-01-12 3.0
run import --to "$database" "$table"
check "a table is imported" ended 0
check "what it held is told" grep -q '3 runs: 3 published, 0 there already, 0 replaced, 0 conflicts' "$scratch/out"
check "a run of two reports is one" test "$(ask 'SELECT COUNT(*) FROM runs')" = 3
check "they are a series" test "$(ask 'SELECT COUNT(*) FROM series')" = 1
check "their project is published" test "$(ask 'SELECT name FROM projects')" = published
check "each is known by workload and start" \
    test "$(ask 'SELECT MIN(natural_key) FROM runs')" = value/2026-01-10T08:00:00Z
run import --to "$database" "$table"
check "the same again is no failure" ended 0
check "and nothing new" grep -q '3 runs: 0 published, 3 there already' "$scratch/out"

# The reports in another order are the same runs.
{ head -1 "$table"; grep '^r2' "$table"; grep '^r1' "$table"; } >"$scratch/turned.tsv"
run import --to "$database" "$scratch/turned.tsv"
check "reports may stand in any order" grep -q '3 there already' "$scratch/out"
zstd -q "$table" -o "$scratch/packed.tsv.zst"
run import --to "$database" "$scratch/packed.tsv.zst"
check "a table may be packed" grep -q '3 there already' "$scratch/out"

# A later report shows the newest run again.
column r3 1.2-baseline 2026-01-12 3.00
column r3 1.3 2026-01-13 3.1
run import --to "$database" --json "$table"
check "a run with further lines is a conflict" ended 1
check "which is named" grep -q 'value/1.2.*--replace' "$scratch/err"
check "and the new one is imported" grep -q '"run":"value/1.3","outcome":"published"' "$scratch/out"
run import --to "$database" --replace "$table"
check "it is replaced where that is wanted" grep -q '4 runs: 0 published, 3 there already, 1 replaced, 0 conflicts' "$scratch/out"

head_of_table
column r1 1.0 2026-01-10 NaN
sed -i 's/NaN/seven/' "$table"
run import --to "$scratch/odd.db" "$table"
check "a number that is none is a failure" ended 1
check "with its line" grep -q 'line 5' "$scratch/err"
run import --to "$database" tests/data/repeated/base-1.json.zst
check "an analysis is no table" ended 1
check "and what takes it is named" grep -q 'ouroscope publish' "$scratch/err"
run import --to "$database" "$scratch/none.tsv"
check "a table that is not there is a failure" ended 1

published=${OUROSCOPE_SHARED_DATA:-../shared/data}/published/published_results.tsv
if [ -r "$published" ]; then
    run import --to "$scratch/published.db" "$published"
    check "39 reports of three years are imported" grep -q '70 runs: 70 published' "$scratch/out"
else
    skip "39 reports of three years are imported" "there are no published results here"
fi
tap_end
