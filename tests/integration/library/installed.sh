# shellcheck shell=bash
# An installed copy of the library, and programs compiled against it as a user would. Source this behind tap.sh.
#
# The build says what it is in $OUROSCOPE_BUILD (its folder), $OUROSCOPE_CC and $OUROSCOPE_SANITIZE: with a sanitizer in
# the library, programs need it, too.

programs=tests/integration/library
installed=$scratch/installed

install_library() {
    meson install --no-rebuild --quiet -C "${OUROSCOPE_BUILD:?}" --destdir "$installed" >"$scratch/install.log" 2>&1 &&
        PKG_CONFIG_PATH=$(dirname "$(find "$installed" -name ouroscope.pc)") &&
        export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$installed &&
        LD_LIBRARY_PATH=$(pkg-config --libs-only-L ouroscope | sed 's/^-L//; s/ *$//') && export LD_LIBRARY_PATH
}
install_library || { echo "Bail out! the library cannot be installed: $(tail -n 3 "$scratch/install.log")"; exit 1; }

compiler=${OUROSCOPE_CC:-cc}
sanitize=${OUROSCOPE_SANITIZE:-none}
if [ "$sanitize" != none ]; then
    compiler+=" -fsanitize=$sanitize -fno-sanitize-recover=all"
    # Crashes are the program's here, a child of several threads may start some, too, and _exit() does not wait.
    crashes_are_ours=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:use_sigaltstack=0
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:$crashes_are_ours UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:$crashes_are_ours
    export TSAN_OPTIONS=${TSAN_OPTIONS:-}:$crashes_are_ours:die_after_fork=0:atexit_sleep_ms=0
fi

# compile OUTPUT SOURCES AND FLAGS...
compile() {
    local output=$1
    shift
    # shellcheck disable=SC2046,SC2086 # words, each
    $compiler -std=c17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wpedantic -Werror "$@" -o "$output" \
        $(pkg-config --cflags --libs ouroscope) -pthread
}

# program NAME: of tests/integration/library, to $scratch/bin/NAME
program() {
    mkdir -p "$scratch/bin"
    compile "$scratch/bin/$1" "$programs/$1.c"
}

# execute NAME ARGUMENTS...: leaves $scratch/out, $scratch/err and $status
execute() {
    status=0
    timeout -k 5 120 "$scratch/bin/$1" "${@:2}" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

# numbers FILES...: of the messages in logs, those that are whole
numbers() {
    sed -n 's/^{"at":.*"ns":"Test.Number","data":{"kind":"Number","number":\([0-9]*\)},.*}$/\1/p' "$@"
}

# each_once FROM TO FILES...: the numbers from FROM to TO, each in one line
each_once() {
    diff <(seq "$1" "$2") <(numbers "${@:3}" | sort -n)
}

# account WHAT: the number behind WHAT in what the program said of its calls
account() {
    sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" "$scratch/err"
}

# accounts_add_up FILES...: each call has its line, or is counted as lost
accounts_add_up() {
    local written
    written=$(numbers "$@" | wc -l)
    [ $((written + $(account dropped))) -eq "$(account calls)" ] || { echo "$written written"; cat "$scratch/err"; return 1; }
}
