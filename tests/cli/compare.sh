#!/bin/bash
# ouroscope compare: the report, its forms, exit statuses, and what it refuses.
. tests/cli/tap.sh

table=$scratch/runs.tsv
published=${OUROSCOPE_SHARED_DATA:-../shared/data}/published/published_results.tsv

# rows RUN IDENT DAY CPU ADOPTION BATTLES: a run of the table
rows() {
    local run=$1 ident=$2 day=$3
    {
        printf 'nightly\tvalue\tsummary\tIdentifier\t\t\t%s\t%s\n' "$run" "$ident"
        printf 'nightly\tvalue\tsummary\tCluster system start date\t\t\t%s\t2026-03-%s\n' "$run" "$day"
        printf 'nightly\tvalue\tsummary\tCluster system start time\t\t\t%s\t10:00:00\n' "$run"
        printf 'nightly\tvalue\tresource\tProcess CPU usage\t%%\tCentiCpu\t%s\t%s\n' "$run" "$4"
        printf 'nightly\tvalue\tendtoend\t0.96 adoption\ts\tcdf0.96\t%s\t%s\n' "$run" "$5"
        printf 'nightly\tvalue\tforger\tMempool snapshotting\ts\tcdfForgerMemSnap\t%s\t%s\n' "$run" "$6"
    } >>"$table"
}
printf 'report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n' >"$table"
rows a1 1.0 01 50.1 1.001 0.0466
rows a2 1.0 02 49.8 1.004 0.0471
rows a3 1.0 03 50.4 0.998 0.0460
rows a4 1.0 04 49.9 1.002 0.0468
rows a5 1.0 05 50.2 0.997 0.0464
rows b1 1.1 11 55.2 1.003 0.0450
rows b2 1.1 12 54.9 0.999 0.0482
rows b3 1.1 13 55.4 1.000 0.0455
rows b4 1.1 14 55.0 1.002 0.0479
rows b5 1.1 15 54.8 0.996 0.0461
rows c1 1.2 21 50.0 1.002 0.0465
rows c2 1.2 22 50.3 0.999 0.0468
rows c3 1.2 23 49.9 1.001 0.0467
rows c4 1.2 24 50.2 0.998 0.0463
rows c5 1.2 25 50.1 1.000 0.0466

# side LETTER [N]: the operands of a version
side() { for i in $(seq "${2:-5}"); do printf '%s#value/%s%d\n' "$table" "$1" "$i"; done; }
mapfile -t base < <(side a)
mapfile -t worse < <(side b)
mapfile -t alike < <(side c)

run compare --ascii "${base[@]}" -- "${worse[@]}"
check "a regression ends with status 3" ended 3
check "the answer comes first" \
    grep -q 'Regression: 1 of 3 metrics of 1.1 is worse (CPU +9.9 %)' <(tr '\n' ' ' <"$scratch/out" | tr -s ' ')
# What other reports have, too - pictures, manifest, dictionary - is tested with them.
sed '/^-- Pictures/,/^-- All metrics/{/^-- All/!d}; /^-- With --full/,$d' "$scratch/out" >"$scratch/text"
check "the report" golden compare.txt "$scratch/text"
check "nothing on standard error" same '' "$scratch/err"

run compare --ascii --fail-on never "${base[@]}" -- "${worse[@]}"
check "--fail-on never ends with status 0" ended 0
run compare "${base[@]}" -- "${alike[@]}"
check "alike versions end with status 0" ended 0
check "alike versions are said to be the same" \
    grep -q 'No regression found in 1.2: all 3 metrics are the same within' <(tr '\n' ' ' <"$scratch/out" | tr -s ' ')
run compare --fail-on inconclusive "${base[@]}" -- "${worse[@]}"
check "--fail-on inconclusive sees what is open" ended 3
run compare --fail-on inconclusive --metric CentiCpu "${base[@]}" -- "${worse[@]}"
check "a regression is not inconclusive" ended 0
run compare --fail-on change "${worse[@]}" -- "${base[@]}"
check "--fail-on change sees an improvement" ended 3
run compare "${worse[@]}" -- "${base[@]}"
check "an improvement is no regression" ended 0
run compare --metric endtoend/cdf0.96 "${base[@]}" -- "${worse[@]}"
check "--metric limits what is judged" ended 0
real=tests/data/repeated
run compare --full --width 160 --metric CentiCpu $real/base-*.zst -- $real/slow-*.zst
check "and what is drawn" bash -c '! grep -q "adoption" "$1"' - "$scratch/out"
check "wide text has the margin in force, the greater one of share and floor" \
    grep -q '^  metric .* adj. p  effect .* margin .*' "$scratch/out"
check "that is a floor of 0.1 for 1.184 % of a processor" grep -q '^  CPU, % .* 8.4%' "$scratch/out"
"$OUROSCOPE" variance --json $real/base-*.zst --out "$scratch/base.variance.json" --quiet
run compare --full --width 200 --fail-on never --metric cdf0.50 "$scratch/base.variance.json" -- $real/slow-*.zst
flat() { tr -s ' \n' ' ' <"$scratch/out" | grep -q -- "$1"; }
check "a side without values of blocks is named where it is not drawn" \
    flat 'no values of blocks of base: only analyses of single runs keep them'
check "and the other one is named, too" flat 'half of the blocks are .* in slow-5\.'
run compare --full --width 160 --metric cdf0.50 --metric cdf0.80 $real/base-*.zst -- $real/slow-*.zst
check "p has three digits" grep -Eq '^  80 % adoption.* 0\.[0-9]*[1-9][0-9]{2} ' "$scratch/out"
run compare --margin CentiCpu=20 "${base[@]}" -- "${worse[@]}"
check "a wide margin makes a difference negligible" ended 0
run compare --margin 10 "${base[@]}" -- "${worse[@]}"
check "margins can be scaled" ended 0
run compare --adjust bh --seed 18446744073709551615 "${base[@]}" -- "${worse[@]}"
check "the other adjustment is told" grep -q 'Benjamini-Hochberg' "$scratch/out"

run compare "${base[@]}" -- "${worse[@]}" -- "${alike[@]}"
check "several variants have a table each" bash -c "grep -q '1.1 against 1.0' '$scratch/out' && grep -q '1.2 against 1.0' '$scratch/out'"
check "the worst of several variants decides" ended 3

run compare "${base[0]}" -- "${worse[0]}"
check "one run a side is not judged" ended 0
check "one run a side: the reason" grep -q 'run-to-run variation is unknown' <(tr '\n' ' ' <"$scratch/out" | tr -s ' ')
run compare --fail-on inconclusive "${base[0]}" -- "${worse[0]}"
check "what cannot be judged is not passed, on request" ended 3
history=()
for i in 1 2 3 4; do history+=(--history "${base[i]}"); done
run compare "${history[@]}" "${base[0]}" -- "${worse[0]}"
check "a history makes a verdict of single runs" ended 3
run compare "${base[@]}" -- "${worse[0]}"
check "one new run is judged by the deviation of the base" ended 3

run compare --json "${base[@]}" -- "${worse[@]}"
cp "$scratch/out" "$scratch/first.json"
check "--json is JSON with the verdict" \
    grep -q '"verdict": "regression"' "$scratch/out"
run compare --json "${base[@]}" -- "${worse[@]}"
check "the same runs give the same bytes" cmp "$scratch/first.json" "$scratch/out"
for format in md org csv json html; do
    run compare --format $format "${base[@]}" -- "${worse[@]}"
    check "as $format" bash -c "[ -s '$scratch/out' ] && [ $status -eq 3 ]"
done
run compare -o "$scratch/report.html" "${base[@]}" -- "${worse[@]}"
check "a file is written whole, and the status stays" bash -c "grep -q '</html>' '$scratch/report.html' && [ $status -eq 3 ]"

# refused MESSAGE ARGUMENTS...
refused() {
    local message=$1
    shift
    run compare "$@"
    ended 2 && same '' "$scratch/out" && grep -qF -- "$message" "$scratch/err"
}
check "two sides are needed" refused '-- has to stand between the base and what is compared with it' a b
check "a base is needed" refused 'nothing stands before --' -- a b
check "a new side is needed" refused 'nothing stands after --' a b --
check "an unknown metric is refused with the nearest" refused 'did you mean CentiCpu?' --metric CentiCpus a -- b
check "a margin has to be one" refused "'x' is neither a factor nor METRIC=PERCENT" --margin x a -- b
check "a margin of 0 is none" refused "is no percentage above 0" --margin CentiCpu=0 a -- b
check "a margin of an unknown metric is refused" refused "no metric 'cpu'" --margin cpu=5 a -- b
check "a seed is a number" refused 'is no whole number below 2^64' --seed -1 a -- b
check "never and something contradict each other" refused 'contradict each other' \
    --fail-on never --fail-on change a -- b
check "a metric that no run has is refused" refused 'none of the runs has a metric that was asked for' \
    --metric cdfPeerFetch "${base[0]}" -- "${worse[0]}"

# failed MESSAGE ARGUMENTS...
failed() {
    local message=$1
    shift
    run compare "$@"
    ended 1 && same '' "$scratch/out" && grep -qF -- "$message" "$scratch/err"
}
check "a run that is not there fails" failed nowhere "$scratch/nowhere" -- "${worse[0]}"
single() {
    run compare "$@" "${base[0]}" -- "${worse[0]}"
    grep -q 'warning: nothing of .* was judged.*: with one run a side' "$scratch/err"
}
check "where nothing is judged, a warning says so" single
check "which is no failure by itself" ended 0
few_counts() {
    run compare tests/data/repeated/base-1.json.zst -- tests/data/repeated/slow-1.json.zst
    ended 0 && grep -q 'warning: nothing of slow-5 was judged but counts: with one run a side' "$scratch/err"
}
check "counts alone are no judgement" few_counts
check "--fail-on inconclusive makes it one" eval 'single --fail-on inconclusive; ended 3'
check "pairs want runs that took turns" eval 'run compare --paired "${base[@]}" -- "${worse[@]}"; ended 2'
check "and are not both wanted and not wanted" refused 'contradict each other' --paired --unpaired a -- b
check "a run on both sides fails" failed 'a1 stands there twice' "${base[@]}" -- "${worse[@]}" "${base[0]}"
recorded=tests/data/repeated
check "a run that is given again on its side fails, and both operands are named" \
    failed "as $recorded/base-1.json.zst and as $recorded/base-1.json.zst; leave one of them out" \
    "$recorded"/base-1.json.zst "$recorded"/base-1.json.zst -- "$recorded"/slow-[12].json.zst
"$OUROSCOPE" variance --json "$recorded"/base-[123].json.zst >"$scratch/v.json"
check "so does a variance file beside one of its runs" \
    failed "stands there twice, as $scratch/v.json and as $recorded/base-1.json.zst" \
    "$scratch/v.json" "$recorded"/base-1.json.zst -- "$recorded"/slow-[12].json.zst
check "and one that stands on both sides" failed 'stands there twice, on two sides' \
    "$recorded"/base-[12].json.zst -- "$recorded"/slow-1.json.zst "$recorded"/base-2.json.zst
check "a column that is not there fails" failed a9 "$table#value/a9" -- "${worse[0]}"
head -c 4096 /dev/urandom >"$scratch/noise.json"
check "noise fails" failed noise.json "$scratch/noise.json" -- "${worse[0]}"
printf '%s' '{"schema":1' >"$scratch/cut.json"
check "a file that is cut off fails, and what makes it again is told" \
    failed 'the file is damaged; `ouroscope analyse RUN` makes an analysis again' "$scratch/cut.json" -- "${worse[0]}"
mkdir -p "$scratch/cut-run/analysis"
cp "$scratch/cut.json" "$scratch/cut-run/analysis/analysis.json"
check "so does one in a run, which is named" failed "\`ouroscope analyse $scratch/cut-run\` makes it again" \
    "$scratch/cut-run" -- "${worse[0]}"
: >"$scratch/empty.json"
check "an empty file fails" failed empty.json "$scratch/empty.json" -- "${worse[0]}"
sed 's/^nightly\tvalue/nightly\tplutus/' "$table" >"$scratch/plutus.tsv"
check "runs of two workloads are refused, with what differs" \
    failed 'workload' "${base[0]}" -- "$scratch/plutus.tsv#plutus/b1"
check "and what would help" grep -q -- '--allow-different' "$scratch/err"
run compare --allow-different "${base[0]}" -- "$scratch/plutus.tsv#plutus/b1"
check "they are compared on request" ended 0
check "and the difference is told" grep -q 'These runs differ in workload' "$scratch/out"

# The published tables: every value of both releases stands in the report as it was printed.
if [ -f "$published" ]; then
    check "a run that two reports show is one" failed '10.7.1 stands there twice' \
        "$published#release-10.7.1.plutus/10.7.1" "$published#release-11.0.1.plutus/10.7.1" \
        -- "$published#plutus/11.0.1"
    by_history() {
        run compare --json --history "$published" "$published#release-10.7.1.$1/10.6.2" \
            -- "$published#release-10.7.1.$1/10.7.1"
        ended 0 && [ "$(jq -r '.variants[0].metrics.machperf.CentiCpu | .basis + " " + .verdict' \
            "$scratch/out")" = 'history improvement' ]
    }
    check "by the noise of published runs, 10.7.1 takes less CPU with value transfers" by_history value-only
    check "and with scripts" by_history plutus
    for workload in value-only plutus; do
        report=release-10.7.1.$workload
        run compare --format csv "$published#$report/10.6.2" -- "$published#$report/10.7.1"
        check "the published comparison of 10.6.2 and 10.7.1, $workload" \
            python3 tests/cli/published_table.py "$published" "$report" 10.6.2 10.7.1 "$scratch/out"
    done
else
    skip "the published comparison of 10.6.2 and 10.7.1" "no $published"
fi
tap_end
