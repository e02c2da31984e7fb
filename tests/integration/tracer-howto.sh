#!/bin/bash
# The page about collecting traces, command by command, as a reader types them: with the installed library, and
# through a real SSH server on this machine.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/integration/library/installed.sh

work=$scratch/work
mkdir -p "$work/bin"
ln -s "$(realpath "$OUROSCOPE")" "$work/bin/ouroscope"
printf '#!/bin/sh\nPATH=%s\nexec %s "$@"\n' "$PATH" "$compiler" >"$work/bin/cc"
chmod +x "$work/bin/cc"
sshd=

# What a page leaves running, a failed one at least.
end_all() {
    local file
    for file in "$work"/*.pid; do
        [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    [ -z "$sshd" ] || kill "$sshd"
    rm -rf "$scratch"
}
trap end_all EXIT

# An SSH server of our own, which `ssh collector-host` leads to. Its keys are made for this test.
start_sshd() {
    local port user
    scripts/setup-debian.sh ssh >"$scratch/setup.log" 2>&1 || return
    port=$(free_port) user=$(id -un)
    mkdir -p "$scratch/ssh" && chmod 700 "$scratch/ssh"
    ssh-keygen -q -t ed25519 -N '' -f "$scratch/ssh/host" && ssh-keygen -q -t ed25519 -N '' -f "$scratch/ssh/user" || return
    cat >"$scratch/ssh/sshd_config" <<CONFIG
Port $port
ListenAddress 127.0.0.1
HostKey $scratch/ssh/host
AuthorizedKeysFile $scratch/ssh/user.pub
PidFile $scratch/ssh/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
CONFIG
    cat >"$scratch/ssh/config" <<CONFIG
Host collector-host
    HostName 127.0.0.1
    Port $port
    User $user
    IdentityFile $scratch/ssh/user
    IdentitiesOnly yes
    UserKnownHostsFile /dev/null
    StrictHostKeyChecking no
    LogLevel ERROR
CONFIG
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd # the server wants it, and its package makes it at boot
    "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$scratch/ssh/sshd_config" 2>"$scratch/ssh/log" &
    sshd=$!
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$scratch/ssh/config" >"$work/bin/ssh"
    chmod +x "$work/bin/ssh"
    for _ in $(seq 50); do
        "$work/bin/ssh" collector-host true </dev/null 2>>"$scratch/ssh/log" && return
        sleep 0.1
    done
    tail -n 5 "$scratch/ssh/log"
    return 1
}

# The page's port may be in use here.
page=$scratch/collect-traces.md
port=$(free_port)
sed "s/30001/$port/g" docs/howto/collect-traces.md >"$page"
if ! start_sshd >"$scratch/why" 2>&1; then
    sed "s/^/# /" "$scratch/why"
    echo "# no SSH server can be run here: the page is read without its part about tunnels"
    sed -i '/^## Through an SSH tunnel/,$d' "$page"
fi
check_page "$page" "$scratch/collect"
tap_end
