#!/bin/bash
# A server of results at about half of its load for ten minutes: its memory must stay flat, and no request fail.
# soak.sh [SECONDS]; `make bench` with BENCH_ONLY=soak. The server is $OUROSCOPE.
set -eu

seconds=${1:-600}
: "${OUROSCOPE:?the program}"
exec /usr/bin/python3 tests/bench/soak.py "$seconds"
