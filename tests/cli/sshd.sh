# shellcheck shell=bash
# An SSH server on loopback, on a free port, for this user alone: source this behind tap.sh and blocks.sh.

sshd=

# start_sshd: the server, and $scratch/ssh/config, by which `ssh -F` finds it as collector-host. Its keys are made for this test. False,
# with the reason, where none can be run or logged in to.
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
    for _ in $(seq 50); do
        ssh -F "$scratch/ssh/config" collector-host true </dev/null 2>>"$scratch/ssh/log" && return
        sleep 0.1
    done
    tail -n 5 "$scratch/ssh/log"
    return 1
}

stop_sshd() {
    [ -z "$sshd" ] || kill "$sshd" 2>/dev/null
    sshd=
}
