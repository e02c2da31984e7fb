#!/bin/bash
# The benchmark of what clusters are handed and hand back: bundles beside tar and zstd, an object store on this machine
# beside curl, extracts beside an analysis of the logs. README.md explains the figures.
#
#   BENCH_SCALE=1      size of the genesis (a million UTxO entries, 200,000 delegators) and of the logs (1.2 GB)
#   BENCH_ROUNDS=5     how often everything is measured, in turns
#   BENCH_FOLDER=DIR   where the files go for the time being (a temporary folder; 4 GB)
#   BENCH_PROGRAM=EXE  measure this ouroscope instead of a release build of this tree
set -euo pipefail
cd "$(dirname "$0")/../.."

build="build-bench"
table=$build/deploy.tsv
rounds=${BENCH_ROUNDS:-5}
scale=${BENCH_SCALE:-1}
work=$(mktemp -d "${BENCH_FOLDER:-${TMPDIR:-/tmp}}/ouroscope-bench.XXXXXX")
store=
finish() {
    exec 9>&-
    [ -z "$store" ] || wait "$store" || true
    rm -rf "$work"
}
trap finish EXIT

say() { printf '%s\n' "$*" >&2; }

build_release() {
    local targets=(tests/bench/measure tests/bench/cluster-logs tests/storage-driver)

    [ -n "${BENCH_PROGRAM:-}" ] || targets+=(ouroscope)
    [ -f $build/build.ninja ] || meson setup $build --buildtype=release >"$work/build.log"
    ninja -C $build "${targets[@]}" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$PWD/$build/ouroscope}
    measure=$build/tests/bench/measure
    driver=$PWD/$build/tests/storage-driver
}

# OpenStack Swift, with a bucket, until its standard input ends; S3_ENDPOINT, S3_BUCKET and credentials in the environment.
start_store() {
    mkfifo "$work/told" "$work/hold"
    /usr/bin/python3 tests/support/s3_server.py "$work/s3" <"$work/hold" >"$work/told" &
    store=$!
    exec 9>"$work/hold" # it serves as long as this is open
    read -r told <"$work/told"
    export S3_ENDPOINT S3_BUCKET AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    S3_ENDPOINT=$(jq -r .endpoint <<<"$told") S3_BUCKET=$(jq -r .bucket <<<"$told")
    AWS_ACCESS_KEY_ID=$(jq -r .access_key <<<"$told") AWS_SECRET_ACCESS_KEY=$(jq -r .secret_key <<<"$told")
}

make_input() {
    awk -v s="$scale" 'BEGIN { printf "{\"genesis\": {\"utxo\": %d, \"delegators\": %d, \"per_pool_balance\": 1000000000000000}}\n",
        1000000 * s, 200000 * s }' >"$work/overlay.json"
    "$program" genesis create --quiet --overlay "$work/overlay.json" ci-bench "$work/genesis"
    "$build/tests/bench/cluster-logs" --hosts 6 --lines-per-host "$(awk -v s="$scale" 'BEGIN { print int(830000 * s) }')" --out "$work/run"
    head -c "$(awk -v s="$scale" 'BEGIN { print int(268435456 * s) }')" /dev/urandom >"$work/random"
}

bundles() {
    "$measure" -n "$rounds" \
        "bundle=exec $driver bundle $work/genesis $work/ours.tar.zst >/dev/null" \
        "bundle-tar-zstd=exec tar --sort=name --mtime=@0 --owner=0 --group=0 --zstd -cf $work/theirs.tar.zst -C $work genesis" >>"$table"
    "$measure" -n "$rounds" \
        "unpack=rm -rf $work/u && mkdir $work/u && exec $driver unpack $work/ours.tar.zst $work/u >/dev/null" \
        "unpack-tar-zstd=rm -rf $work/u && mkdir $work/u && exec tar --zstd -xf $work/theirs.tar.zst -C $work/u" >>"$table"
    say "genesis: $(du -sb "$work/genesis" | cut -f 1) bytes, bundle $(stat -c %s "$work/ours.tar.zst") bytes, by tar and zstd $(stat -c %s "$work/theirs.tar.zst")"
}

# curl fetches by the same URL, without a look at what it gets. (It cannot upload: the server's access keys have a colon in
# them, at which curl's --user ends.)
transfers() {
    local sum url

    "$measure" -n "$rounds" "upload-parts=exec $driver put-file ours $work/random >/dev/null" >>"$table"
    sum=$(sha256sum "$work/random" | cut -d ' ' -f 1)
    url=$("$driver" presign ours | jq -r .url)
    "$measure" -n "$rounds" \
        "fetch-checked=rm -f $work/got; exec $driver fetch ours $work/got $(stat -c %s "$work/random") $sum >/dev/null" \
        "fetch-curl=exec curl -sf -o $work/got '$url'" >>"$table"
}

extracts() {
    local genesis="--genesis $work/run/genesis/shelley.json"
    local host
    host=$(basename "$(find "$work/run/logs" -mindepth 1 -maxdepth 1 -type d | sort | head -1)")
    mkdir "$work/extracts"
    "$measure" -n "$rounds" \
        "analyse=exec '$program' analyse --quiet --no-write $genesis $work/run >/dev/null" \
        "extract-one-host=exec '$program' analyse --quiet --threads 1 --extract $work/one.extract $genesis $host=$work/run/logs/$host" >>"$table"
    for host in "$work"/run/logs/*/; do
        host=$(basename "$host")
        "$program" analyse --quiet --extract "$work/extracts/$host.extract" $genesis "$host=$work/run/logs/$host"
    done
    "$measure" -n "$rounds" \
        "merge=exec '$program' analyse --quiet --no-write --from-extracts $genesis $work/extracts >/dev/null" >>"$table"
    say "logs: $(du -sb "$work/run/logs" | cut -f 1) bytes, extracts $(du -sb "$work/extracts" | cut -f 1) bytes"
}

report() {
    awk -F '\t' '
        NR == 1 { printf "%-18s %9s %20s %9s %9s\n", "", "wall s", "(min .. max)", "cpu s", "MiB"; next }
        { printf "%-18s %9.3f %9.3f..%-9.3f %9.3f %9.0f\n", $1, $4, $3, $5, $7, $10 / 1048576 }' "$table"
}

build_release
columns='name\trounds\twall_min_s\twall_median_s\twall_max_s\tcpu_min_s\tcpu_median_s\tcpu_max_s'
columns+='\tresident_min_bytes\tresident_median_bytes\tresident_max_bytes'
printf '%b\n' "$columns" >"$table"
scripts/setup-debian.sh storage >&2
make_input
start_store
bundles
transfers
extracts
report
say "Written to $table."
