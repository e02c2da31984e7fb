#!/bin/bash
# What `make install` installs: the files, below any prefix, with nothing in them of the machine that built them.
. tests/cli/tap.sh

build=${OUROSCOPE_BUILD:?}
prefix=$(meson introspect --buildoptions "$build" |
    python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
stage=$scratch/stage
here=$stage$prefix

staged() {
    scripts/stage.sh "$build" "$stage" "$scratch/account"
}
check "it can be installed below another root" staged
[ -d "$here" ] || { tap_end; exit 1; }

# The version and the name of the machine's folder of libraries are no news.
(cd "$stage" && find . -not -type d | sed -e "s|^\.$prefix/||" -e 's|^lib/[a-z0-9_]*-linux-gnu[a-z0-9]*/|lib/|' \
    -e 's|\.so\.[0-9]*\.[0-9.]*|.so.VERSION|' -e 's|ouroscope-[a-z-]*\.1$|ouroscope-COMMAND.1|' | LC_ALL=C sort -u) >"$scratch/files"
check "it installs these files" golden installed.txt "$scratch/files"

each_command_has_a_page() {
    local command
    "$OUROSCOPE" completion bash >"$scratch/completion"
    for command in analyse tracer serve; do
        [ -s "$here/share/man/man1/ouroscope-$command.1" ] || { echo "$command has none"; return 1; }
    done
    cmp "$scratch/completion" "$here/share/bash-completion/completions/ouroscope"
}
check "pages and completion are those of the program" each_command_has_a_page

names_nothing_of_this_machine() {
    ! grep -rlF -e "$PWD" -e "$(realpath "$build")" -e "$stage" "$stage"
}
[ "${OUROSCOPE_SANITIZE:-none}" != none ] ||
    check "no file names the folders of sources, build or stage" names_nothing_of_this_machine

check "files are for all to read, and for none but their owner to write" \
    same '' <(find "$stage" -not -type l \( -not -perm -a=r -o -perm /g+w,o+w \))
check "units start the program that was installed" \
    test "$(grep -h '^ExecStart=' "$stage"/*/systemd/system/ouroscope-[st]*[er].service "$here"/lib/systemd/system/ouroscope-[st]*[er].service 2>/dev/null |
        grep -c "^ExecStart=$prefix/bin/ouroscope ")" -eq 2

# What the target of ninja does, without the account of an installation that somebody wants to keep.
uninstalls() {
    ninja -C "$build" -t commands uninstall | tail -n 1 | grep -q -- '--internal uninstall$' || { echo "the target does something else"; return 1; }
    cp -a "$stage" "$scratch/unharmed" && touch "$here/share/doc/ouroscope/mine" &&
        (cd "$scratch/account" && meson --internal uninstall) &&
        same "$here/share/doc/ouroscope/mine" <(find "$stage" -not -type d -o -type d -empty)
}
check "uninstalling takes away all that was installed, and nothing else" uninstalls
rm -rf "$stage" && mv "$scratch/unharmed" "$stage"

# --- Moved elsewhere -----------------------------------------------------------------------------

moved=$scratch/moved
mv "$here" "$moved"

works_where_it_was_moved_to() {
    "$moved/bin/ouroscope" --version >"$scratch/out" && head -n 1 "$scratch/out" | grep -qx 'ouroscope [0-9.]*' &&
        "$moved/bin/ouroscope" analyse --json tests/data/cluster --out "$scratch/analysis" >/dev/null
}
check "the program works from another folder" works_where_it_was_moved_to

compiles_there() {
    local pc library
    pc=$(find "$moved" -name ouroscope.pc)
    sed -n '/^A whole program/,/^\.Ed/p' "$moved/share/man/man7/ouroscope-tracing.7" | sed -n '/^\.Bd/,/^\.Ed/p' | sed '1d;$d;s/\\e/\\/g' >"$scratch/tick.c"
    # shellcheck disable=SC2046 # words
    PKG_CONFIG_PATH=$(dirname "$pc") ${OUROSCOPE_CC:-cc} -o "$scratch/tick" "$scratch/tick.c" \
        $(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --define-variable=prefix="$moved" --cflags --libs ouroscope) || return
    library=$(dirname "$(dirname "$pc")")
    LD_LIBRARY_PATH=$library "$scratch/tick" >"$scratch/out" && [ -s "$scratch/out" ] || return
    readelf -d "$scratch/tick" | grep -q 'NEEDED.*\[libouroscope\.so\.0\]'
}
[ "${OUROSCOPE_SANITIZE:-none}" != none ] ||
    check "a program compiles against the library there, and names its version of the interface" compiles_there
tap_end
