#!/bin/sh
# Starts tracer as the run did, with this folder as the current one.
cd "$(dirname "$0")" || exit 1
export TRACE_DISPATCHER_LOGGING_HOSTNAME=tracer
exec /opt/ouroscope tracer \
    --config config.json
