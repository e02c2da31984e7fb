#!/bin/bash
# `report`: which document is made, in which form, and where it goes.
. tests/cli/tap.sh

analysis=tests/data/report/run.json
unset NO_COLOR
export COLUMNS=80

# says STATUS PATTERN ARGUMENTS...: ends with STATUS, PATTERN on standard error and no result.
says() {
    local wanted=$1 pattern=$2
    shift 2
    run report "$@"
    ended "$wanted" && same '' "$scratch/out" && {
        grep -q -- "^ouroscope report: $pattern" "$scratch/err" || { cat "$scratch/err"; return 1; }
    }
}

run report $analysis
check "one analysis gives the report of a run" ended 0
cp "$scratch/out" "$scratch/plain.txt"
sed '/^── Pictures/,/^── Metrics/d' "$scratch/out" >"$scratch/words" # pictures have tests of their own
check "it is text, and says what is to be known of the run" golden report.txt "$scratch/words"
check "no line is wider than the page" bash -c '! grep -n ".\{81\}" "$1"' - "$scratch/out"
check "nothing is said on standard error" same '' "$scratch/err"
run report --format csv $analysis
awk '/^# / { shown = !/^# (arrival|phases|cdf-.*|timeline|hosts):/ } shown' "$scratch/out" >"$scratch/tables"
check "csv has every number that is shown" golden report.csv "$scratch/tables"

# ---- where it goes ----

mkdir -p "$scratch/run/analysis"
cp $analysis "$scratch/run/analysis/analysis.json"
run report "$scratch/run"
check "a run directory gets a page and Markdown" \
    same 'analysis.json report.html report.md' <(ls -A "$scratch/run/analysis" | paste -sd ' ')
check "which is said on standard error" \
    same "ouroscope report: wrote report.html, report.md in $scratch/run/analysis" \
    <(grep -v ': warning: the page has tables in place of pictures: this build of ouroscope has no charts' "$scratch/err")
check "and nothing on standard output" same '' "$scratch/out"
cp -r "$scratch/run/analysis" "$scratch/before"
run report --quiet "$scratch/run"
check "the same run gives the same bytes" diff -r "$scratch/before" "$scratch/run/analysis"
check "--quiet says nothing" same '' "$scratch/err"

for form in 'html <!DOCTYPE html>' 'md # ' 'org #+TITLE: ' 'csv # document: ' 'json {' 'txt node-8.0.0'; do
    ending=${form%% *} begin=${form#* }
    run report --out "$scratch/new.$ending" $analysis
    check "--out NAME.$ending is that form" bash -c \
        'head -c ${#1} "$2" | tr "[:upper:]" "[:lower:]" | grep -qixF -- "${1% }" || head -n 1 "$2" | grep -qiF -- "$1"' \
        - "$begin" "$scratch/new.$ending"
done
check "an ending that says nothing is asked about" says 2 '--out: .*\.html .*--format' --out "$scratch/a.pdf" $analysis
run report --format md --out "$scratch/a.pdf" $analysis
check "--format decides against an ending" cmp "$scratch/new.md" "$scratch/a.pdf"
check "--json and --format contradict each other" says 2 '--json and --format contradict' --json --format md $analysis
run report --json $analysis
check "--json is --format json" cmp "$scratch/new.json" "$scratch/out"
for width in 39 401 wide ''; do
    check "'$width' is no width" says 2 "--width: '$width' is no number from 40 to 400" --width="$width" $analysis
done
check "a folder that is not there is named" says 1 '.*nowhere' --out "$scratch/nowhere/a.md" $analysis
check "and nothing is left of what was begun" bash -c '! ls -A "$1" | grep part' - "$scratch"
if [ -e /dev/full ]; then
    status=0
    "$OUROSCOPE" report $analysis >/dev/full 2>"$scratch/err" || status=$?
    check "a full disk is a failure" ended 1
else
    skip "a full disk is a failure" "there is no /dev/full"
fi

# ---- terminals ----

run report --ascii $analysis
check "--ascii is ASCII" bash -c '! LC_ALL=C grep -n "[^ -~]" "$1"' - "$scratch/out"
run report --color always $analysis
check "colours are the only thing that --color adds" \
    diff <(sed 's/\x1b\[[0-9]*m//g' "$scratch/out") "$scratch/plain.txt"
check "and there are some" grep -q $'\x1b' "$scratch/out"

# An enemy has named the run and its hosts.
python3 - $analysis "$scratch/hostile.json" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
name = '\x1b[2J</script><script>x()</script>|a,"b"\n# c [[file:/etc/passwd]]\u202e'
for known in '"node-8.0.0"', '"node-0"':
    assert known in text
    text = text.replace(known, json.dumps(name))
open(sys.argv[2], "w").write(text)
PYTHON
for format in text md org; do
    run report --format $format "$scratch/hostile.json"
    check "names out of logs cannot steer a terminal, nor begin a line, in $format" bash -c \
        '[ "$1" -eq 0 ] && ! grep -n -e "$2" -e "^# c" "$3"' - "$status" $'\x1b' "$scratch/out"
done
check "names out of logs are no links of Org" bash -c '! grep -nF "[[file:" "$1"' - "$scratch/out"
run report --format md "$scratch/hostile.json"
check "names out of logs are no HTML in Markdown" bash -c '! sed "/^\`\`\`/,/^\`\`\`/d" "$1" | grep -n "<"' - "$scratch/out"
run report --format html "$scratch/hostile.json"
check "names out of logs are no program in a page" bash -c '! grep -c "<script>x()" "$1" && grep -q "x()" "$1"' - "$scratch/out"

# ---- numbers ----

run report --format csv "$scratch/hostile.json"
cp "$scratch/out" "$scratch/hostile.csv"
run report --format json "$scratch/hostile.json"
same_numbers() {
    python3 - "$scratch/hostile.csv" "$scratch/out" <<'PYTHON'
import csv, json, sys
document = json.load(open(sys.argv[2]))
wanted = {t["id"]: t for t in document["tables"] + document["figures"]}
rows, found = [], {}
for row in csv.reader(open(sys.argv[1], newline="")):
    if row and row[0].startswith("# "):
        rows = found.setdefault(row[0][2:].split(":")[0], [])
    elif row:
        rows.append(row)
assert len(wanted) > 5 and set(wanted) <= set(found), set(wanted) - set(found)
for id, table in wanted.items():
    head, body = found[id][0], found[id][1:]
    assert head == [c["id"] for c in table["columns"]], id
    assert len(set(head)) == len(head), head
    assert len(body) == len(table["rows"]), id
    for a, b in zip(body, table["rows"]):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            assert (x == "") if y is None else (float(x) == y) if isinstance(y, (int, float)) else x == y, (id, x, y)
PYTHON
}
check "csv and json have the same tables, columns and numbers" same_numbers
numbers_are_of_the_analysis() {
    python3 - "$analysis" "$scratch/new.json" <<'PYTHON'
import json, sys
metrics = json.load(open(sys.argv[1]))["metrics"]
document = json.load(open(sys.argv[2]))
seen = 0
for table in document["tables"]:
    if not table["id"].startswith("section-"):
        continue
    columns = [c["id"] for c in table["columns"]]
    for row in table["rows"]:
        row = dict(zip(columns, row))
        section, id = row["metricId"].split("/")
        wanted = metrics[section][id]
        for name in ("n", "mean", "median", "sd", "min", "max"):
            assert row[name] == wanted[name], (id, name, row[name], wanted[name])
        seen += 1
assert seen > 10, seen
PYTHON
}
check "numbers are those of the analysis file, in full" numbers_are_of_the_analysis

# ---- which document ----

run report --title 'A title' --format md $analysis
check "--title is the title" same '# A title' <(head -n 1 "$scratch/out")
run report --metrics endtoend/cdf0.50,forger --format csv $analysis
check "--metrics chooses metrics and sections" bash -c \
    'grep -q "endtoend/cdf0.50" "$1" && grep -q "forger/" "$1" && ! grep -q "endtoend/cdf0.90\|machperf/" "$1"' - "$scratch/out"
check "a metric that is none is answered with the nearest" \
    says 2 "--metrics: there is no metric 'cdf0.51'; did you mean cdf0.50?" --metrics cdf0.51 $analysis
check "a run is wanted" says 2 '.*' --format md
check "a file that is not there is named" says 1 '.*nowhere.json' nowhere.json
echo '{"schema": 1' >"$scratch/cut.json"
check "a file that is no analysis is named" says 1 '.*cut.json' "$scratch/cut.json"

# Four runs: each has a tag and a name of its own.
for i in 1 2 3 4; do
    sed "s/2023-03-22-ci-test/tag-$i/; s/node-8.0.0/node-$i/" $analysis >"$scratch/run-$i.json"
done
run report "$scratch"/run-[123].json
check "several runs give the report of a set" bash -c '[ "$1" -eq 0 ] && head -n 1 "$2" | grep -q "3 runs"' - "$status" "$scratch/out"
run variance --json "$scratch"/run-[12].json
cp "$scratch/out" "$scratch/set.variance.json"
run report "$scratch/set.variance.json"
check "the file of a variance does, too" bash -c '[ "$1" -eq 0 ] && head -n 1 "$2" | grep -q "2 runs"' - "$status" "$scratch/out"
run report "$scratch"/run-[12].json -- "$scratch"/run-[34].json
check "sides with -- between them are compared" bash -c '[ "$1" -eq 0 ] && head -n 1 "$2" | grep -q "against"' - "$status" "$scratch/out"

check "limits are for traces" says 2 '--block goes with --format trace' --block 1 $analysis
check "a trace is not of a results file" says 2 'a trace needs a run directory with logs; .*run.json is a file' --format trace $analysis
check "a trace has no metrics to choose from" says 2 '--metrics does not go with --format trace' --format trace --metrics CentiCpu tests/data/cluster
check "a block that is not there is told with those that are" \
    says 1 "--block: the run's blocks go from [0-9]* to [0-9]*" --format trace --block 99999999 tests/data/cluster
check "a name of one form and another form contradict each other" \
    says 2 '--out: the name .*a.html says another form than md' --format md --out "$scratch/a.html" $analysis
check "so they do with --json" says 2 '--out: the name .*a.html says another form than json' --json --out "$scratch/a.html" $analysis
check "a trace is of one run directory" says 2 '--format trace takes one run directory' --format trace $analysis $analysis
tap_end
