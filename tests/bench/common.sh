# shellcheck shell=bash
# What the parts of the benchmark share; each is a script that reads this one first:
#
#   . tests/bench/common.sh
#   begin NAME FOLDER     the part's name, and where its files go for the time being: in $work
#   build TARGETS...      of a release build of this tree, in $build; the program is $program
#   note ...              one measured value
#   finish                the part's values are complete: shown, and kept
#
# Values are kept as they come, a line each, in $build/rounds/PART.tsv: subject, quantity, unit, value. What is made
# of them (medians, ranges, budgets, pages) is made by summary.py, of all parts alike.
#
#   BENCH_QUICK=1         everything small and once: a look at whether it works, in some five minutes
#   BENCH_PROGRAM=EXE     measure this ouroscope instead of a release build of this tree
#   BENCH_BUILD=DIR       that build (build-bench)
set -euo pipefail

build=${BENCH_BUILD:-build-bench}
part='' work=''
at_exit=() # what a part has started and must end, last first

say() { printf '%s\n' "$*" >&2; }

# setting VARIABLE VALUE QUICK: what the user says, or the value, or the one for a quick look.
setting() {
    if [ -n "${!1:-}" ]; then
        echo "${!1}"
    elif [ -n "${BENCH_QUICK:-}" ]; then
        echo "$3"
    else
        echo "$2"
    fi
}

# times N SHARE: that share of N, as a whole number, and 30 at least.
times() { awk -v n="$1" -v share="$2" 'BEGIN { n = int(n * share); print n < 30 ? 30 : n }'; }

leave() {
    local i
    for ((i = ${#at_exit[@]} - 1; i >= 0; i--)); do
        ${at_exit[i]} || :
    done
    [ -z "$work" ] || rm -rf "$work"
}

# Share of the processors that others use now, in percent; we sleep meanwhile.
busy_percent() {
    { head -n 1 /proc/stat; sleep 2; head -n 1 /proc/stat; } | awk '
        { all = 0; for (i = 2; i <= 9; i++) all += $i
          idle = $5 + $6
          if (NR == 2) printf "%.0f\n", 100 * (1 - (idle - idle_before) / (all - all_before))
          all_before = all; idle_before = idle }'
}

begin() {
    local busy load
    part=$1
    work=$(mktemp -d "$2/ouroscope-bench.XXXXXX")
    trap leave EXIT
    mkdir -p "$build/rounds" "$build/parts"
    rm -f "$build/rounds/$part.tsv"
    values=$build/rounds/$part.unfinished
    : >"$values"
    load=$(cut -d ' ' -f 1 /proc/loadavg)
    busy=$(busy_percent)
    [ "$busy" -lt 10 ] || say "Warning: others use $busy % of the processors now; what is measured will be worse than it is."
    began=$(date +%s)
    printf '%s\t%s\t%s\t%s\t' "$part" "$(date -u +%FT%TZ)" "$load" "$busy" >"$build/parts/$part.unfinished"
}

build() {
    mkdir -p "$build"
    [ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release >"$work/build.log"
    [ -n "${BENCH_PROGRAM:-}" ] || set -- ouroscope "$@"
    ninja -C "$build" "$@" >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
    program=${BENCH_PROGRAM:-$(realpath "$build")/ouroscope}
    measure=$build/tests/bench/measure
    cluster_logs=$build/tests/bench/cluster-logs
}

# unpacked NAME PACKAGES...: their files in $build/NAME, for programs that cannot be installed here, beside another one or without
# a service being started.
unpacked() {
    local folder=$build/$1
    [ -d "$folder/usr" ] && return
    shift
    mkdir -p "$folder" "$work/packages"
    (cd "$work/packages" && apt-get -qq download "$@" >/dev/null 2>&1 && ls ./*.deb >/dev/null) || return
    for package in "$work"/packages/*.deb; do
        dpkg -x "$package" "$folder"
    done
    rm -rf "$work/packages"
}

note() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$values"; }

# note_commands [BYTES LINES]: what `measure` says, with the rates of commands that read so much.
note_commands() {
    awk -F '\t' -v OFS='\t' -v bytes="${1:-0}" -v lines="${2:-0}" '
        { print $1, "wall", "s", $3
          print $1, "processor", "s", $4
          print $1, "memory", "MiB", $5 / 1048576 }
        bytes { print $1, "speed", "GB/s", bytes / $3 / 1e9
                print $1, "speed a core", "GB/s", bytes / $4 / 1e9 }
        lines { print $1, "lines", "million/s", lines / $3 / 1e6 }' >>"$values"
}

finish() {
    printf '%s\t%s\n' "$(git describe --always --dirty)${BENCH_QUICK:+-quick}" "$(($(date +%s) - began))" >>"$build/parts/$part.unfinished"
    mv "$build/parts/$part.unfinished" "$build/parts/$part.tsv"
    mv "$values" "$build/rounds/$part.tsv"
    python3 tests/bench/summary.py part "$build" "$part"
}

has_room() { # for bytes $1 in the working folder
    [ "$(df --output=avail -B1 "$work" | tail -n 1)" -gt "$1" ]
}

# generate NAME OPTIONS...: logs of a cluster. Leaves their size in $bytes and $lines.
generate() {
    local name=$1 said
    shift
    said=$("$cluster_logs" "$@")
    say "$name: $said"
    lines=$(sed 's/.* lines \([0-9]*\).*/\1/' <<<"$said")
    bytes=${said##* }
}

# So that the page cache holds them.
warm() { find "$@" -type f -exec cat {} + >/dev/null; }
