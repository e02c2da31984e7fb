# shellcheck shell=bash
# Pages whose blocks are checked: source this behind tap.sh.
#
# Each block of a page (README.md, ARCHITECTURE.md, CONTRIBUTING.md, docs/ but decisions) says behind its language of which class it is.
# tests/cli/fences.sh refuses one of no class, and one that begins with spaces.
#
#   ```sh run           commands, run in a copy of what the page may speak of; all succeed. So is a comment <!-- run: COMMAND -->, or <!-- started: ... -->
#   ```sh started       a command that does not end by itself, a server: it goes on until the page ends, and has to say something
#   ```sh tried         commands that want what no test has (a cluster, root, a cardano-node, another machine): bash executes them
#                       with nothing but stand-ins in its PATH. That of ouroscope has the real program read commands and options;
#                       make tells what it would do; others, which are declared below, do nothing
#   ```text shown       behind a command: lines of its output, in that order. A line "..." stands for any
#   ```text like        the same, where numbers, bars and the width of columns differ from run to run
#   ```text drawing     a diagram or a grammar: no output, no command, no configuration
#   ```c file NAME      of whatever language: a file, for the commands behind it
#   ```yaml is KIND     of whatever language: a whole file of a kind that is checked by the program that reads it; kinds.sh has the kinds
#   ```json from FILE   of whatever language: lines of a file of this tree, which a test reads or runs
#   ```json excerpt WHY of c, json, python: what no program reads by itself, as one message. Its syntax is checked; WHY says what it is
#
# A page whose commands need more than a folder has a test of its own, in the table. All others are run by tests/cli/docs.sh.

# PAGE TEST
page_tests='
docs/guide/engineer.md                tests/integration/engineer-guide.sh
docs/guide/operator/alerts.md         tests/integration/operator-guide.sh
docs/guide/operator/grafana.md        tests/integration/operator-guide.sh
docs/guide/operator/health.md         tests/integration/operator-guide.sh
docs/guide/operator/one-machine.md    tests/integration/operator-guide.sh
docs/guide/operator/prometheus.md     tests/integration/operator-guide.sh
docs/guide/operator/services.md       tests/integration/operator-guide.sh
docs/guide/operator/ssh.md            tests/integration/operator-guide.sh
docs/guide/operator/tcp.md            tests/integration/operator-guide.sh
docs/howto/collect-traces.md          tests/integration/tracer-howto.sh
docs/two-pages.md                     tests/integration/two-pages.sh
docs/howto/grafana.md                 tests/integration/tracer-grafana.sh
docs/howto/grafana-results.md         tests/integration/results-grafana.sh
docs/howto/monitor-with-prometheus.md tests/integration/tracer-monitoring.sh
docs/tutorial/tracing-from-c.md       tests/integration/library.sh
'

# Commands of `sh tried`: those that do nothing there, and those that are the real ones.
standing_in='apt-get aws cardano-cli cardano-node cardano-tracer cp createdb createuser curl dpkg git journalctl ldconfig locli mv
nix nomad rm scp sleep ssh systemctl terraform useradd wb'
harmless='cat cut date echo env grep head jq ls mkdir printf pwd sed seq sh sort tail tr true uniq wc'

# Ports that pages name, which may be in use here.
page_ports='3000 3100 3200 3300 8090 8380 9090 12798 30001 30100 30101 30102'

# The pages that hold blocks.
all_pages() {
    ls README.md ARCHITECTURE.md CONTRIBUTING.md
    find docs -name '*.md' -not -path 'docs/decisions/*' | sort
}

# test_of PAGE: the test of its own, or nothing.
test_of() {
    awk -v page="$1" '$1 == page { print $2 }' <<<"$page_tests"
}

# blocks PAGE FOLDER: writes N.CLASS for each block. A class with an argument (file, is, from, excerpt) has it as its first line,
# one that is not known becomes `unknown`, with the line of the page. `shown` and `like` have the number of the command before them.
blocks() {
    awk -v folder="$2" '
        BEGIN { split("run started tried shown like drawing file is from excerpt", names); for (i in names) known[names[i]] = 1 }
        function begin(class) { file = sprintf("%s/%03d.%s", folder, class ~ /^(shown|like)$/ ? command : n, class); printf "" >>file }
        function finish() { close(file); inside = 0 }
        !inside && /^<!-- (run|started): .* -->$/ {
            command = ++n
            begin(substr($2, 1, length($2) - 1))
            sub(/^<!-- [a-z]+: /, "")
            sub(/ -->$/, "")
            print >>file
            finish()
            next
        }
        !inside && /^ *(```|~~~)/ {
            inside = 1
            class = $2
            n++
            if (class == "run" || class == "started") command = n
            needed = class ~ /^(file|is|from|excerpt)$/ ? 3 : 2
            if ($0 !~ /^```[a-z]+ / || !known[class] || NF < needed) {
                begin("unknown")
                print FNR ": " $0 >>file
                next
            }
            begin(class)
            # Of an excerpt the language matters, too.
            if (class == "excerpt") print substr($1, 4), substr($0, index($0, "excerpt") + 8) >>file
            else if (needed == 3) print $3 >>file
            next
        }
        /^ *(```|~~~) *$/ { finish(); next }
        inside { print >>file }
    ' "$1"
}

# Every line of the file SHOWN comes in OUTPUT, in the same order.
shows() {
    awk '
        NR == FNR { if ($0 !~ /^ *\.\.\.$/) wanted[++n] = $0; next }
        found < n && $0 == wanted[found + 1] { found++ }
        END { if (found < n) { print "not shown: " wanted[found + 1]; exit 1 } }
    ' "$1" "$2"
}

# What is left of lines when numbers, hashes, bars, widths and a terminal's codes do not count.
without_numbers() {
    sed -E $'s/\x1b\\[[0-9;]*[A-Za-z]//g''; s/[▏▎▍▌▋▊▉█░▒├─┤┃│┼]+/ /g; s/\b[0-9a-f]{6,}\b/N/g; s/[0-9]+(([.,:-]|\.\.)[0-9]+)*/N/g; s/-N/N/g; s/ +/ /g; s/^ //; s/ $//' "$1"
}

# is_like LIKE OUTPUT
is_like() {
    shows <(without_numbers "$1") <(without_numbers "$2")
}

# Commands of a page that wait for what does not come (`until ...`) are ended after so many seconds.
block_seconds=400

# run_block FILE OUTPUT: in the folder $work, whose bin has the commands that the page may use.
run_block() {
    local status=0
    (cd "$work" && PATH="$work/bin:$PATH" timeout "$block_seconds" bash -euo pipefail "$1" >"$2" 2>"$2.err" </dev/null) || status=$?
    [ $status -ne 0 ] || return 0
    cat "$1" "$2" "$2.err"
    if [ $status -eq 124 ]; then
        echo "not over after $block_seconds s"
        has_waited_in_vain=yes
    fi
    return 1
}

# start_block FILE OUTPUT: as run_block, and comes back when it has said something.
start_block() {
    (cd "$work" && PATH="$work/bin:$PATH" exec setsid bash -euo pipefail "$1" >"$2" 2>&1 </dev/null) &
    started+=($!)
    for _ in $(seq 300); do
        [ -s "$2" ] && kill -0 $! 2>/dev/null && return
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    cat "$1" "$2"
    return 1
}

# What start_block has started ends; each is the leader of its group.
started=()
end_started() {
    local pid
    for pid in "${started[@]}"; do
        kill -- "-$pid" 2>/dev/null && wait "$pid"
    done
    started=()
}
trap 'end_started; rm -rf "$scratch"' EXIT

# The folder of stand-ins, made when it is first asked for.
make_stand_ins() {
    local name
    [ ! -d "$scratch/stand-ins" ] || return 0
    mkdir "$scratch/stand-ins"
    # The program reads its arguments in their order: an option that it does not know is refused before it comes to --help.
    printf '#!/bin/sh\n%s "$@" --help >&2\n' "$(realpath "$OUROSCOPE")" >"$scratch/stand-ins/ouroscope"
    printf '#!/bin/sh\n[ "$1" != -u ] || shift 2\nexec "$@"\n' >"$scratch/stand-ins/sudo"
    for name in $standing_in; do
        printf '#!/bin/sh\nexit 0\n' >"$scratch/stand-ins/$name"
    done
    # These are of the tree: what they are asked for is there.
    printf '#!/bin/sh\nexec %s -n -C %s "$@" >/dev/null\n' "$(type -P make)" "$PWD" >"$scratch/stand-ins/make"
    printf '#!/bin/sh\n[ -e "%s/$1" ] || { echo "there is no $1" >&2; exit 1; }\n' "$PWD" >"$scratch/stand-ins/bash"
    chmod +x "$scratch/stand-ins"/*
    for name in $harmless; do
        ln -s "$(type -P "$name")" "$scratch/stand-ins/$name"
    done
}

# try_block FILE OUTPUT
try_block() {
    make_stand_ins
    if grep -nE '>>? *[/~]' "$1"; then
        echo "what is tried writes nothing outside of its folder: use sudo tee"
        return 1
    fi
    (cd "$work" && PATH="$scratch/stand-ins" /bin/bash -eo pipefail "$1" >"$2" 2>"$2.err" </dev/null) && return
    cat "$1" "$2" "$2.err"
    return 1
}

free_port() {
    python3 tests/support/ports.py
}

# with_free_ports PAGE: the page, with ports that are free here, also where a command leaves it to the program.
with_free_ports() {
    local port script='/^ouroscope serve /{/--listen\|--config/!s/serve /serve --listen 127.0.0.1:8380 /};'
    for port in $page_ports; do
        ! grep -q "\b$port\b\|^ouroscope serve " "$1" || script+="s/\b$port\b/$(free_port)/g;"
    done
    sed "$script" "$1"
}

# compare_block BLOCK OUTPUT: what the page shows; of a command that goes on it may come a little later.
compare_block() {
    local compare=shows
    [[ $1 != *.like ]] || compare=is_like
    if [ -e "${1%.*}.started" ]; then
        for _ in $(seq 100); do
            $compare "$1" "$2" >/dev/null && return
            sleep 0.1
        done
    fi
    $compare "$1" "$2"
}

# check_block FILE TITLE OUTPUT
check_block() {
    local first
    first=$(head -n 1 "$1")
    case $1 in
    *.file) tail -n +2 "$1" >"$work/$first" ;;
    *.run) check "$2 works: $first" run_block "$1" "$3" ;;
    *.started) check "$2 goes on: $first" start_block "$1" "$3" ;;
    *.tried) check "$2 has commands and options that there are: $first" try_block "$1" "$3" ;;
    *.shown) check "$2 prints what the page shows" compare_block "$1" "$3" ;;
    *.like) check "$2 prints what the page shows, but for numbers" compare_block "$1" "$3" ;;
    esac
}

# check_page PAGE FOLDER [NAME]: runs its blocks one after another; FOLDER takes what comes of it. What one of them waited for in vain
# the others would wait for, too: they are left out.
check_page() {
    local page=${3:-${1#"$scratch/"}} folder=$2 number class
    mkdir -p "$folder"
    blocks "$1" "$folder"
    has_waited_in_vain=
    for number in $(find "$folder" -name '[0-9]*' -printf '%f\n' | cut -d. -f1 | sort -u); do
        for class in file run started tried shown like; do
            [ -z "$has_waited_in_vain" ] && [ -e "$folder/$number.$class" ] || continue
            check_block "$folder/$number.$class" "$page: command $number" "$folder/$number.out"
        done
    done
    end_started
}
