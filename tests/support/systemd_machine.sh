# shellcheck shell=bash
# A machine that is only systemd: this one's files with changes that nobody keeps, and processes, mounts, network and cgroups of its own. Source
# this behind tap.sh. Wants root, overlays and the cgroups of systemd; start_machine fails where they cannot be had.
#
#   start_machine SETUP     SETUP is a function that changes files below $machine before systemd starts there
#   inside COMMAND...       in the machine
#   stop_machine            ends all that is in it

machine=$scratch/machine
machine_holder=

# What the new machine's first process does before it is systemd.
machine_begin() {
    cat <<'END'
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root=$1/root
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup" && mkdir "$root/sys/fs/cgroup/systemd"
mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev" && mkdir "$root/dev/shm" "$root/dev/pts"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
: >"$root/etc/fstab"
cat >"$root/etc/systemd/system/alone.target" <<TARGET
[Unit]
Requires=sysinit.target
After=sysinit.target
TARGET
machine=$root
eval "$2"
ip link set lo up
mkdir -p "$root/former"
cd "$root" && pivot_root . former && umount -l /former
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=alone.target
END
}

start_machine() {
    local setup
    mkdir "$machine"
    setup="$(declare -f "$1"); $1"
    export OUROSCOPE
    unshare --mount --pid --ipc --uts --net --cgroup --fork bash -c "$(machine_begin)" - "$machine" "$setup" >"$scratch/machine.log" 2>&1 &
    machine_holder=$!
    for _ in $(seq 300); do
        machine_init=$(pgrep -P $machine_holder) && inside systemctl is-active -q alone.target 2>/dev/null && return
        kill -0 $machine_holder 2>/dev/null || break
        sleep 0.2
    done
    cat "$scratch/machine.log"
    return 1
}

inside() {
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin nsenter -t "$machine_init" -m -p -i -u -n -C -r -w "$@" </dev/null
}

stop_machine() {
    [ -z "$machine_holder" ] || kill -KILL "$machine_init" 2>/dev/null
}
