#!/bin/bash
# The installed library, as a program uses it that knows nothing of this tree.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/integration/library/installed.sh

# --- What is installed ------------------------------------------------------

each_header_compiles_alone() {
    local header
    for header in data_point message metrics node point resources status trace; do
        echo "#include <ouroscope/$header.h>" >"$scratch/$header.c"
        echo 'int main(void) { return 0; }' >>"$scratch/$header.c"
        compile "$scratch/alone" -U_GNU_SOURCE "$scratch/$header.c" || return
    done
}
check "each public header compiles by itself, in plain C17" each_header_compiles_alone

needs_libc_and_libyaml_alone() {
    [ "$sanitize" = none ] || return 0
    readelf -d "$LD_LIBRARY_PATH/libouroscope.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vE '^(libyaml-0|libc|libm|ld-linux[a-z0-9-]*)\.so\.[0-9]+$' >"$scratch/needed"
    same '' "$scratch/needed"
}
check "the library needs libc and libyaml alone" needs_libc_and_libyaml_alone

exports_its_interface_alone() {
    nm -D --defined-only --extern-only "$LD_LIBRARY_PATH/libouroscope.so" | grep -v ' ou_[a-z_]*$' >"$scratch/exported"
    same '' "$scratch/exported"
}
[ "$sanitize" != none ] || check "the library exports nothing but what the headers declare" exports_its_interface_alone

# --- The tutorial -----------------------------------------------------------

# Its port may be in use here. A compiler that needs to know of a sanitizer does.
make_tutorial() {
    work=$scratch/tutorial
    mkdir -p "$work/bin"
    ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
    printf '#!/bin/sh\nPATH=%s\nexec %s "$@"\n' "$PATH" "$compiler" >"$work/bin/cc"
    chmod +x "$work/bin/cc"
    sed "s/12798/$(free_port)/" docs/tutorial/tracing-from-c.md >"$scratch/tutorial.md"
}
make_tutorial
check_page "$scratch/tutorial.md" "$scratch/blocks"

# Its first program has to be one that is read at a glance, and compile as strictly as can be.
first_program_is_short_and_clean() {
    [ "$(wc -l <"$work/first.c")" -le 36 ] && compile "$scratch/first" -U_GNU_SOURCE "$work/first.c"
}
check "the tutorial's first program is short, and compiles without a warning" first_program_is_short_and_clean

# --- The manual page --------------------------------------------------------

# Its whole program, and the command behind it.
manual_example_works() {
    local page
    page=$(find "$installed" -name ouroscope-tracing.7) && [ -n "$page" ] || { echo "no page is installed"; return 1; }
    sed -n '/^A whole program/,/^\.Ed/p' "$page" | sed -n '/^\.Bd/,/^\.Ed/p' | sed '1d;$d;s/\\e/\\/g' >"$scratch/tick.c"
    sed -n 's/^\.Dl //p' "$page" | sed 's/\\(dq/"/g' >"$scratch/tick.sh"
    compile "$scratch/tick" -U_GNU_SOURCE "$scratch/tick.c" && (cd "$scratch" && bash -eo pipefail tick.sh) >"$scratch/out" &&
        same $'{"kind":"Tick","number":1}\n{"kind":"Tick","number":2}\n{"kind":"Tick","number":3}' "$scratch/out"
}
check "the example of ouroscope-tracing(7) works" manual_example_works

# --- Nodes ------------------------------------------------------------------

# A chain that began a few seconds ago, so that blocks are on time.
make_genesis() {
    sed "s/\"systemStart\": \"[^\"]*\"/\"systemStart\": \"$(date -u -d '10 seconds ago' +%Y-%m-%dT%H:%M:%SZ)\"/" \
        tests/data/cluster/genesis/shelley.json >"$scratch/genesis.json"
}

# Facts of the last run: hosts, blocks, lines not understood.
facts() {
    python3 -c "import json, sys; a = json.load(open(sys.argv[1]));
print(len(a['hosts']), len(a['chain']['blocks']), a['read']['notUnderstood'])" "$scratch/out"
}

analyse_understands() {
    local logs=$scratch/$1
    mkdir "$logs" && make_genesis && execute node "$1" "$logs" && ended 0 || { cat "$scratch/err"; return 1; }
    run analyse --json --genesis "$scratch/genesis.json" "$logs"
    ended 0 && same '3 5 []' <(facts) || { cat "$scratch/err"; return 1; }
}
check "a program that writes as a node does compiles" program node
check "\`analyse\` understands each line in the machine layout" analyse_understands machine
check "\`analyse\` understands each line in the legacy layout" analyse_understands legacy

# --- Plugins ----------------------------------------------------------------

plugin_compiles() {
    program host && compile "$scratch/plugin.so" -shared -fPIC $programs/plugin.c
}
check "a program and its plugin compile" plugin_compiles

plugins_come_and_go() {
    local log=$scratch/plugin.json
    execute host "$scratch/plugin.so" "$log"
    ended 0 && same $'100\n200\n300' "$scratch/out" || { cat "$scratch/err"; return 1; }
    same "300 6" <(echo "$(grep -c '"who":"plugin"' "$log") $(grep -c '"who":"program"' "$log")")
    # The header is in both: that is no fault.
    ! grep '"ns":"Reflection.TracerConsistencyWarnings"' "$log"
}
check "a plugin's trace points are configured when it comes and written when it goes" plugins_come_and_go

# --- Metrics ----------------------------------------------------------------

# get PORT PATH: the answer of the HTTP server on this machine. The request is one write, since it must come in one piece.
get() {
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >"$scratch/request"
    exec 9<>"/dev/tcp/127.0.0.1/$1" && cat "$scratch/request" >&9 && timeout 20 cat <&9
    exec 9>&-
}

page_has_metrics() {
    local port
    coproc page { timeout 60 "$scratch/bin/page" 2>"$scratch/err"; }
    local page_pid=$page_PID
    read -r port <&"${page[0]}" && get "$port" /metrics >"$scratch/metrics"
    echo >&"${page[1]}"
    wait "$page_pid" && grep -q '^HTTP/1.1 200' "$scratch/metrics" &&
        grep -q '^cardano_node_metrics_Forge_node_is_leader_counter 2' "$scratch/metrics" &&
        grep -q '^cardano_node_metrics_answer_int 42' "$scratch/metrics" || { cat "$scratch/err" "$scratch/metrics"; return 1; }
}
check "a program with a page of metrics compiles" program page
check "PrometheusSimple serves what trace points feed" page_has_metrics
tap_end
