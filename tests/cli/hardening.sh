#!/bin/bash
# What the linker and the compiler have put into program and library against who finds a flaw.
. tests/cli/tap.sh

if ! command -v readelf >/dev/null; then
    echo "1..0 # SKIP there is no readelf"
    exit 0
elif [ "${OUROSCOPE_SANITIZE:-none}" != none ]; then
    echo "1..0 # SKIP sanitizers are no hardening"
    exit 0
fi

# has FILE READELF-OPTION PATTERN
has() {
    readelf -W "$2" "$1" >"$scratch/said"
    grep -qE "$3" "$scratch/said" || { cat "$scratch/said"; return 1; }
}
has_not() {
    ! has "$@" >/dev/null || { grep -E "$3" "$scratch/said"; return 1; }
}

# The instruction endbr64. The file as a whole is not marked, since Debian's start-up code is not.
marks_its_functions() {
    [ "$(LC_ALL=C grep -oaP '\xf3\x0f\x1e\xfa' "$1" | wc -l)" -gt 100 ]
}

for file in "$OUROSCOPE" "${OUROSCOPE_BUILD:?}/src/libouroscope.so"; do
    name=$(basename "$file")
    check "$name can lie at any address" has "$file" -h 'Type: +DYN'
    check "$name: tables of addresses are read-only from the start" has "$file" -l GNU_RELRO
    check "$name: and are filled in before that" has "$file" -d 'BIND_NOW|Flags:.*NOW'
    check "$name: nothing on the stack is executed" has "$file" -l 'GNU_STACK .* RW +0x'
    check "$name: no code is written to" has_not "$file" -d TEXTREL
    check "$name looks for libraries where the system does" has_not "$file" -d 'RPATH|RUNPATH'
    check "$name notices a stack that was written over" has "$file" --dyn-syms __stack_chk_fail
    check "$name checks the lengths that libc's functions are given" has "$file" --dyn-syms '__[a-z]+_chk'
    [ "$(uname -m)" != x86_64 ] || check "$name: functions begin where indirect calls may land" marks_its_functions "$file"
done
tap_end
