#!/bin/bash
# scripts/setup-debian.sh, with programs that only pretend.
. tests/cli/tap.sh

tools=$scratch/bin
mkdir "$tools"
# pretend NAME [SCRIPT]
pretend() {
    printf '#!/bin/sh\n%s\n' "${2:-exit 0}" >"$tools/$1"
    chmod +x "$tools/$1"
}
for name in cc meson ninja pkg-config python3 zstd mandoc jq curl; do
    pretend $name
done

# set_up [TASK]: leaves what was said in $scratch/said and what apt-get was asked in $scratch/asked.
set_up() {
    status=0
    rm -f "$scratch/asked"
    PATH=$tools /bin/sh scripts/setup-debian.sh "$@" >"$scratch/said" 2>&1 </dev/null || status=$?
}

set_up
check "nothing is done when everything is there" ended 0
check "nothing is said when everything is there" same '' "$scratch/said"

rm "$tools/zstd"
pretend pkg-config 'case "$*" in *gsl*) exit 1 ;; esac'
pretend id 'echo 1000'
set_up
check "without apt-get it gives up" ended 1
check "without apt-get it names what is missing" grep -q 'Debian names: zstd libgsl-dev$' "$scratch/said"

pretend apt-get "echo \"\$@\" >>'$scratch/asked'"
set_up
check "without sudo it gives up" ended 1
check "without sudo it says what root can do" \
    grep -q 'as root: apt-get install zstd libgsl-dev$' "$scratch/said"

pretend sudo '[ "$1" = -n ] || exit 9; shift; exec "$@"'
set_up
check "with sudo, and nobody to type, it installs without asking" ended 0
check "it installs what is missing and nothing else" \
    grep -q -- '--no-install-recommends install zstd libgsl-dev$' "$scratch/asked"

# The system's own Python is asked for modules, which this machine may have.
set_up bench
check "for the benchmarks it installs what they are held against, too" \
    grep -Eq 'install zstd libgsl-dev rsyslog wrk rt-tests( python3-flask gunicorn)? g\+\+ lttng-tools$' "$scratch/asked"

set_up charts
check "for charts it installs what can fetch them" grep -q 'install zstd libgsl-dev npm$' "$scratch/asked"

pretend id 'echo 0'
rm "$tools/sudo"
set_up
check "root needs no sudo" ended 0
pretend apt-get 'exit 100'
set_up
check "a failing apt-get is a failure" ended 1
check "a failing apt-get is told" grep -q 'could not install packages' "$scratch/said"
set_up nonsense
check "an unknown task is refused" ended 2
# What `make` builds.
ninja -C "${OUROSCOPE_BUILD:?}" -t inputs product >"$scratch/inputs" 2>&1
check "make builds the program and the library" grep -q 'cmd/libouroscope-cmd.a' "$scratch/inputs"
check "and not what only tests need" test "$(grep -c '_test\.c\|tests/' "$scratch/inputs")" = 0

tap_end
