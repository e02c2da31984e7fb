#!/bin/sh
# Starts explorer as the run did, with this folder as the current one.
cd "$(dirname "$0")" || exit 1
export TRACE_DISPATCHER_LOGGING_HOSTNAME=explorer
exec RUN/cardano-node run \
    --config config.json \
    --database-path db \
    --topology topology.json \
    --host-addr 127.0.0.1 \
    --port 30052 \
    --socket-path node.socket \
    --tracer-socket-path-connect ../../tracer/forward.socket \
    --shutdown-on-slot-synced 64000 \
    +RTS -N2 -I0 -A16m -qg1 -qb1 --disable-delayed-os-memory-return -scardano-node.gcstats -RTS
