#!/bin/sh
# Starts generator as the run did, with this folder as the current one.
cd "$(dirname "$0")" || exit 1
export TRACE_DISPATCHER_LOGGING_HOSTNAME=generator
exec RUN/tx-generator json_highlevel run-script.json \
    --cardano-tracer ../tracer/forward.socket
