#!/bin/sh
# Starts node-1 as the run did, with this folder as the current one.
cd "$(dirname "$0")" || exit 1
export TRACE_DISPATCHER_LOGGING_HOSTNAME=node-1
exec RUN/cardano-node run \
    --config config.json \
    --database-path db \
    --topology topology.json \
    --host-addr 127.0.0.1 \
    --port 30001 \
    --socket-path node.socket \
    --tracer-socket-path-connect ../../tracer/forward.socket \
    --shelley-vrf-key ../../genesis/keys/pool2/vrf.skey \
    --shelley-kes-key ../../genesis/keys/pool2/kes.skey \
    --shelley-operational-certificate ../../genesis/keys/pool2/opcert.cert \
    --shutdown-on-block-synced 8 \
    +RTS -N2 -I0 -A16m -qg1 -qb1 --disable-delayed-os-memory-return -scardano-node.gcstats -RTS
