#!/bin/bash
# The page about collecting traces, command by command, as a reader types them: with the installed library, and
# through a real SSH server on this machine.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/sshd.sh
. tests/integration/library/installed.sh

work=$scratch/work
mkdir -p "$work/bin"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
printf '#!/bin/sh\nPATH=%s\nexec %s "$@"\n' "$PATH" "$compiler" >"$work/bin/cc"
chmod +x "$work/bin/cc"

# What a page leaves running, a failed one at least.
end_all() {
    local file
    for file in "$work"/*.pid; do
        [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    stop_sshd
    rm -rf "$scratch"
}
trap end_all EXIT

# The page's port may be in use here.
page=$scratch/collect-traces.md
port=$(free_port)
sed "s/30001/$port/g" docs/howto/collect-traces.md >"$page"
if start_sshd >"$scratch/why" 2>&1; then
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$scratch/ssh/config" >"$work/bin/ssh"
    chmod +x "$work/bin/ssh"
else
    sed "s/^/# /" "$scratch/why"
    echo "# no SSH server can be run here: the page is read without its part about tunnels"
    sed -i '/^## Through an SSH tunnel/,$d' "$page"
fi
check_page "$page" "$scratch/collect"
tap_end
