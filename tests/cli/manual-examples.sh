#!/bin/bash
# The examples of all manual pages: each is executed, where what it speaks of is made; what wants a cluster or another machine is tried with stand-ins.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/workspace.sh

# PAGE PATTERN: examples that are only tried, and why.
tried='
agent            .*                             is a task of a cluster
analyse          /var/log/node                  reads the logs of this machine
analyse          --on.nomad                     wants a cluster
db-backup        /backup|postgres://            wants a disk and a database server
db-check         /var/lib                       wants the database of a service
db-migrate       postgres://                    wants a database server
generator        .*                             wants nodes that it can send to
genesis-create   value-nomadperf                takes minutes
node             .*                             wants its keys
placement-check  .*                             wants a cluster
publish          https://                       wants a server
run              --repeat|--on|--resume         takes minutes, or wants a cluster
storage-         .*                             wants a bucket
sweep            --budget|--resume|tracing      takes minutes, or a night
token-revoke     .*                             wants the id of a token
'

# examples PAGE FOLDER: one file for each.
examples() {
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/p' "$1" |
        sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(dq/"/g; s/\\(ti/~/g; s/\\&//g; s/\\e/\\/g' |
        awk -v folder="$2" '/^\.Bd/ { file = sprintf("%s/%02d", folder, ++n); inside = 1; next } /^\.Ed/ { inside = 0 } inside { print >file }'
}

# A run of the tests' cluster under a name of the examples.
make_run() {
    mkdir -p runs
    cp -r tests/data/cluster "runs/$1"
}

# make_results KIND FILE...: results of repeated runs under other names; each is another run of that kind, of which there are five.
make_results() {
    local kind=$1 name
    shift
    mkdir -p runs
    for name; do
        number=$((number % 5 + 1))
        zstd -qdc "tests/data/repeated/$kind-$number.json.zst" >"$name"
    done
}
number=0

# A run that has everything but processes, and what its genesis folder and its first node have.
make_prepared() {
    ouroscope run --prepare --ident a1b2c3 ci-test >prepared 2>&1 || { cat prepared; return 1; }
    mv runs/*_ci-test_a1b2c3 runs/2026-11-22T10-00-00_ci-test_a1b2c3 && ln -sfn 2026-11-22T10-00-00_ci-test_a1b2c3 runs/.latest
    cp runs/2026-11-22T10-00-00_ci-test_a1b2c3/genesis/*.json .
    jq 'with_entries(if .key | endswith("GenesisFile") then .value |= sub(".*/"; "") else . end)' \
        runs/2026-11-22T10-00-00_ci-test_a1b2c3/nodes/node-0/config.json >config.json
}

# What the examples of a page speak of.
prepare() {
    case $1 in
    analyse)
        make_run 2026-11-22T10-00-00_ci-test_a1b2c3
        ln -s tests/data/cluster RUN
        cp tests/data/cluster/genesis/shelley.json .
        mkdir logs && cp -r tests/data/cluster/logs/node-0 logs/first && cp -r tests/data/cluster/logs/node-1 logs/second
        gzip -c tests/data/relay/mainnet-relay.json >node.json.gz
        ouroscope analyse --extract a.extract --network mainnet a=tests/data/relay/mainnet-relay.json
        ouroscope analyse --extract b.extract --network mainnet b=tests/data/relay/mainnet-relay.json
        ;;
    compare)
        make_results base runs/{1,2}_old runs/{1,2}_new old-{1,2,3}.json new-{1,2}.json
        make_results slow runs/{1,2}_a runs/{1,2}_b
        ouroscope variance --json -o base.variance.json tests/data/repeated/base-*.json.zst
        sed 's/^releases.value\tvalue/release-10.7.1.plutus\tplutus/; s/\t10\.5\t/\t10.6.2\t/; s/\t10\.6\t/\t10.7.1\t/' published_results.tsv >results.tsv
        ;;
    completion) mkdir -p .local/share/bash-completion/completions ;;
    db-* | token-*) ouroscope db migrate ;;
    docs) echo '{"TraceOptions": {"": {"severity": "Info"}}}' | tee config.json >config.yaml ;;
    genesis-check | genesis-edit) make_prepared ;;
    genesis-hash)
        make_prepared && for era in byron shelley alonzo conway; do mv $era.json $era-genesis.json; done
        jq --slurpfile hashes hashes.json '. + ($hashes[0] | with_entries(.key = (.key[0:1] | ascii_upcase) + .key[1:] + "GenesisHash"))' \
            config.json >with-hashes && mv with-hashes config.json
        ;;
    history) make_run a && cp published_results.tsv results.tsv ;;
    names) echo '{"TraceMempool": true, "UseTraceDispatcher": false}' >config.json ;;
    profile-check) echo '{"base": "demo"}' >mine.json ;;
    profile-diff) ouroscope run --prepare ci-test ;;
    publish) make_run 2026-11-22T10-00-00_demo_a1b2c3 ;;
    report)
        make_run 2026-11-22T10-00-00_ci-test_a1b2c3
        ln -s tests/data/cluster RUN
        make_results base runs/{1,2}_ci-test_nightly runs/1_10.6.2 runs/{1,2}_10.7.1
        ;;
    run-list) make_prepared && mkdir -p sweeps/gc/runs ;;
    run-*) make_prepared ;;
    serve)
        mkdir runs
        echo 'listen: 127.0.0.1:0' >serve.yaml
        ;;
    sweep)
        echo '{"name": "gc", "profile": "ci-test", "axes": [{"name": "load", "member": "generator.tps", "values": [1, 2]}], "repetitions": 2}' >gc.json
        ;;
    sweep-report) mkdir sweeps && cp -r tests/data/sweep sweeps/gc-cores ;;
    variance) make_results base runs/{1,2,3}_ci-test_a ;;
    esac
}

# how_to_run PAGE EXAMPLE: run, started or tried.
how_to_run() {
    local page pattern reason
    while read -r page pattern reason; do
        if [ -n "$reason" ] && [[ $1 == "$page" || ($page == *- && $1 == "$page"*) ]] && grep -qE -- "${pattern//./.}" "$2"; then
            echo tried
            return
        fi
    done <<<"$tried"
    if [[ $1 =~ ^(serve|tracer)$ ]] && grep -q '^ouroscope' "$2" && ! grep -q -- --check "$2"; then
        echo started
    else
        echo run
    fi
}

check_examples() {
    local page=$1 example how folder=$scratch/examples-$1
    work=$scratch/world-$page
    make_workspace "$work"
    printf '#!/bin/sh\nexec mandoc\n' >"$work/bin/man" # man -l - of a page on standard input
    chmod +x "$work/bin/man"
    mkdir "$folder"
    examples "$(man_of "$page")" "$folder"
    check "$page: what its examples speak of can be made" in_work prepare "$page"
    for example in "$folder"/[0-9][0-9]; do
        [ -e "$example" ] || { check "$page: there are examples" false; break; }
        sed -i "s,/tmp/,$scratch/,g; s/127\.0\.0\.1:3200/127.0.0.1:0/; s/epPort: 3200/epPort: 0/" "$example"
        how=$(how_to_run "$page" "$example")
        if [ "$how" = started ]; then
            sed -i 's/^ouroscope serve --db/ouroscope serve --listen 127.0.0.1:0 --db/' "$example"
            check "$page: goes on: $(head -n 1 "$example")" start_block "$example" "$example.out"
            end_started
        elif [ "$how" = tried ]; then
            check "$page: commands and options are there: $(head -n 1 "$example")" try_block "$example" "$example.out"
        else
            # Of a comparison 3 is an answer, too.
            [ "$page" != compare ] || echo '[ $? = 3 ]' | sed -i -e '$s/$/ ||/' -e '$r /dev/stdin' "$example"
            check "$page: works: $(head -n 1 "$example")" run_block "$example" "$example.out"
        fi
    done
}

# in_work COMMAND...: in the folder of the page, with its programs.
in_work() {
    (cd "$work" && PATH=$work/bin:$PATH && "$@")
}

man_of() {
    echo "docs/reference/man/ouroscope-$1.1"
}

if ! command -v mandoc >/dev/null; then
    echo "1..0 # SKIP no mandoc here"
    exit 0
fi
export HOME=$scratch/home
mkdir -p "$HOME/.local/share/bash-completion/completions"
for page in ${PAGES:-$(ls docs/reference/man/ouroscope-*.1 | sed 's,.*/ouroscope-\(.*\)\.1,\1,')}; do
    [ "$page" = help ] || check_examples "$page"
done
tap_end
