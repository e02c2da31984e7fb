#!/bin/sh
# Starts node-51 as the run did, with this folder as the current one.
cd "$(dirname "$0")" || exit 1
export TRACE_DISPATCHER_LOGGING_HOSTNAME=node-51
exec RUN/cardano-node run \
    --config config.json \
    --database-path db \
    --topology topology.json \
    --host-addr 127.0.0.1 \
    --port 30051 \
    --socket-path node.socket \
    --tracer-socket-path-connect ../../tracer/forward.socket \
    --shelley-vrf-key ../../genesis/keys/pool52/vrf.skey \
    --shelley-kes-key ../../genesis/keys/pool52/kes.skey \
    --shelley-operational-certificate ../../genesis/keys/pool52/opcert.cert \
    --shutdown-on-slot-synced 64000 \
    +RTS -N2 -I0 -A16m -qg1 -qb1 --disable-delayed-os-memory-return -scardano-node.gcstats -RTS
