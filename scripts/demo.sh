#!/bin/bash
# A benchmark of six nodes on this machine, to be watched in a browser while it goes on, and looked at when it is done:
# demo.sh PROGRAM [OPTIONS OF ouroscope run]
#
# DEMO_DB is the database of results, runs/results.db if not given; DEMO_PORT the port of the pages, a free one if not given.
set -eu

program=$1
shift
database=${DEMO_DB:-runs/results.db}
scratch=$(mktemp -d)
server=

end() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap end EXIT

url_of_server() {
    sed -n 's/.*Results at \(http[^ ]*\) .*/\1/p' "$scratch/said"
}

mkdir -p "$(dirname "$database")"
: >"$scratch/said" # there before the server is, which comes when it can
"$program" serve --db "$database" --listen "127.0.0.1:${DEMO_PORT:-0}" --log none 2>"$scratch/said" &
server=$!
while url=$(url_of_server) && [ -z "$url" ]; do
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$scratch/said" >&2
        exit 1
    fi
    sleep 0.1
done

echo "Watch it go on: ${url}live" >&2
"$program" run --report-to "$database" --publish-to "$database" "$@" demo

if [ -t 0 ] && [ -t 1 ]; then
    printf '\nResults: %s (Enter or Ctrl-C ends the server; %s serve --db %s begins it anew)\n' "$url" "$program" "$database"
    read -r _ || true
else
    printf '\nResults in a browser: %s serve --db %s\n' "$program" "$database"
fi
