#!/bin/bash
# The benchmark of what clusters are handed and hand back: bundles beside tar and zstd, an object store on this machine
# beside curl, extracts beside an analysis of the logs. README.md explains the figures.
#
#   BENCH_SCALE=1      size of the genesis (a million UTxO entries, 200,000 delegators) and of the logs (1.2 GB)
#   BENCH_ROUNDS=5     how often everything is measured, in turns
#   BENCH_FOLDER=DIR   where the files go for the time being (a temporary folder; 4 GB)
cd "$(dirname "$0")/../.." || exit
. tests/bench/common.sh

rounds=$(setting BENCH_ROUNDS 5 1)
scale=$(setting BENCH_SCALE 1 0.05)
begin deploy "${BENCH_FOLDER:-${TMPDIR:-/tmp}}"
stop_store() {
    exec 9>&-
    wait "$store"
}

# OpenStack Swift, with a bucket, until its standard input ends; S3_ENDPOINT, S3_BUCKET and credentials in the environment.
start_store() {
    mkfifo "$work/told" "$work/hold"
    /usr/bin/python3 tests/support/s3_server.py "$work/s3" <"$work/hold" >"$work/told" &
    store=$!
    exec 9>"$work/hold" # it serves as long as this is open
    at_exit+=(stop_store)
    read -r told <"$work/told"
    export S3_ENDPOINT S3_BUCKET AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    S3_ENDPOINT=$(jq -r .endpoint <<<"$told") S3_BUCKET=$(jq -r .bucket <<<"$told")
    AWS_ACCESS_KEY_ID=$(jq -r .access_key <<<"$told") AWS_SECRET_ACCESS_KEY=$(jq -r .secret_key <<<"$told")
}

make_input() {
    awk -v s="$scale" 'BEGIN { printf "{\"genesis\": {\"utxo\": %d, \"delegators\": %d, \"per_pool_balance\": 1000000000000000}}\n",
        1000000 * s, 200000 * s }' >"$work/overlay.json"
    "$program" genesis create --quiet --overlay "$work/overlay.json" ci-bench "$work/genesis"
    "$cluster_logs" --hosts 6 --lines-per-host "$(awk -v s="$scale" 'BEGIN { print int(830000 * s) }')" --out "$work/run"
    head -c "$(awk -v s="$scale" 'BEGIN { print int(268435456 * s) }')" /dev/urandom >"$work/random"
}

bundles() {
    "$measure" -n "$rounds" \
        "a bundle=exec $driver bundle $work/genesis $work/ours.tar.zst >/dev/null" \
        "tar --zstd=exec tar --sort=name --mtime=@0 --owner=0 --group=0 --zstd -cf $work/theirs.tar.zst -C $work genesis" >>"$work/rows"
    "$measure" -n "$rounds" \
        "unpacking a bundle=rm -rf $work/u && mkdir $work/u && exec $driver unpack $work/ours.tar.zst $work/u >/dev/null" \
        "tar --zstd -x=rm -rf $work/u && mkdir $work/u && exec tar --zstd -xf $work/theirs.tar.zst -C $work/u" >>"$work/rows"
    say "genesis: $(du -sb "$work/genesis" | cut -f 1) bytes, bundle $(stat -c %s "$work/ours.tar.zst") bytes, by tar and zstd $(stat -c %s "$work/theirs.tar.zst")"
}

# curl fetches by the same URL, without a look at what it gets. (It cannot upload: the server's access keys have a colon in
# them, at which curl's --user ends.)
transfers() {
    local sum url

    "$measure" -n "$rounds" "upload in parts=exec $driver put-file ours $work/random >/dev/null" >>"$work/rows"
    sum=$(sha256sum "$work/random" | cut -d ' ' -f 1)
    url=$("$driver" presign ours | jq -r .url)
    "$measure" -n "$rounds" \
        "fetch, hashed=rm -f $work/got; exec $driver fetch ours $work/got $(stat -c %s "$work/random") $sum >/dev/null" \
        "fetch with curl, unchecked=exec curl -sf -o $work/got '$url'" >>"$work/rows"
}

extracts() {
    local genesis="--genesis $work/run/genesis/shelley.json"
    local host
    host=$(basename "$(find "$work/run/logs" -mindepth 1 -maxdepth 1 -type d | sort | head -1)")
    mkdir "$work/extracts"
    "$measure" -n "$rounds" \
        "analysis of all logs, 2 threads=exec '$program' analyse --quiet --no-write $genesis $work/run >/dev/null" \
        "extract of one host=exec '$program' analyse --quiet --threads 1 --extract $work/one.extract $genesis $host=$work/run/logs/$host" >>"$work/rows"
    for host in "$work"/run/logs/*/; do
        host=$(basename "$host")
        "$program" analyse --quiet --extract "$work/extracts/$host.extract" $genesis "$host=$work/run/logs/$host"
    done
    "$measure" -n "$rounds" \
        "merge of six extracts=exec '$program' analyse --quiet --no-write --from-extracts $genesis $work/extracts >/dev/null" >>"$work/rows"
    say "logs: $(du -sb "$work/run/logs" | cut -f 1) bytes, extracts $(du -sb "$work/extracts" | cut -f 1) bytes"
}

build tests/bench/measure tests/bench/cluster-logs tests/storage-driver
driver=$(realpath "$build")/tests/storage-driver
scripts/setup-debian.sh storage >&2
make_input
start_store
: >"$work/rows"
bundles
transfers
extracts
note_commands <"$work/rows"
finish
