#!/bin/bash
# How long docs/two-pages.md takes on a fresh Debian 12: fresh-debian.sh [REPOSITORY]
#
# Makes a minimal tree with debootstrap, from the mirror that this machine has its own packages from, clones REPOSITORY (this one if not
# given) into it, and types what the page says: the first way to install, and all commands behind it. Prints wall and processor time of
# each. Wants root, debootstrap, and a machine that does nothing else; FOLDER=path keeps the tree.
set -euo pipefail

repository=$(realpath "${1:-$(git rev-parse --show-toplevel)}")
page=$repository/docs/two-pages.md
folder=${FOLDER:-$(mktemp -d)}
tree=$folder/tree
[ -n "${FOLDER:-}" ] || trap 'rm -rf --one-file-system "$folder"' EXIT
mirror=$(apt-get indextargets --format '$(SITE)' | head -n 1)

mkdir -p "$folder"
if [ ! -d "$tree/root" ]; then
    debootstrap --variant=minbase bookworm "$tree" "$mirror" >"$folder/debootstrap.log"
fi
cp /etc/resolv.conf "$tree/etc/resolv.conf"
rm -rf "$tree/root/ouroscope"
git clone --quiet "$repository" "$tree/root/ouroscope"

# The commands of the page: the first block of those that are tried, and those that are run.
awk '
    /^```sh (tried|run)$/ { inside = $2 == "run" || !tried++; next }
    /^```/ { inside = 0 }
    inside { print }' "$page" >"$tree/root/commands"

# In the tree, with a mount space of its own that goes with it.
cat >"$tree/root/type" <<'END'
export HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TIMEFORMAT='%R %U %S'
cd /root/ouroscope
apt-get -qq update && apt-get -qq -y --no-install-recommends install git make ca-certificates >/root/apt.log 2>&1
while read -r command; do
    { time eval "$command" >>/root/said 2>&1 </dev/null; } 2>/root/time || { tail -n 20 /root/said >&2; exit 1; }
    read -r wall user system </root/time
    printf '%8.1f s  %8.1f s of processor  %s\n' "$wall" "$(awk "BEGIN { print $user + $system }")" "$command"
done </root/commands
END
: >"$tree/root/said"
unshare --mount --pid --fork bash -euo pipefail -c '
    mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && exec chroot "$1" /bin/bash /root/type' - "$tree"
