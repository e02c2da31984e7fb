#!/bin/bash
# The Debian packages: without a complaint of lintian, and used in a system that has nothing else.
#
# They hold what this build has built: to compile all once more, as `make deb` does, would take minutes. That those hold the same
# is a matter of `make reproducible`. The system is a tree of debootstrap, whose mirror is that of this machine; it stays in the
# build folder, with what was downloaded.
. tests/cli/tap.sh

leave() {
    echo "1..0 # SKIP $1"
    exit 0
}
git rev-parse --verify -q HEAD >/dev/null || leave "these sources are no checkout"
[ "${OUROSCOPE_SANITIZE:-none}" = none ] || leave "packages have no sanitizers"
[ "$(id -u)" = 0 ] || leave "a tree of another system wants root"
unshare --mount --pid --fork true 2>/dev/null || leave "processes may not be given a system of their own"
scripts/setup-debian.sh package >"$scratch/setup" 2>&1 || leave "$(tail -n 1 "$scratch/setup")"

packages=$scratch/packages
kept=${OUROSCOPE_BUILD:?}/package
base=$kept/system
tree=$scratch/system
mkdir -p "$kept"

# --- Made ----------------------------------------------------------------------------------------

check "packages are made" env DEB_BUILD_OPTIONS='nocheck noautodbgsym' scripts/make-deb.sh --built "$OUROSCOPE_BUILD" "$packages"
[ -n "$(ls "$packages"/*.deb 2>/dev/null)" ] || { tap_end; exit 1; }

check "lintian has nothing to say" same '' <(lintian --allow-root --fail-on error,warning "$packages"/*.changes 2>&1)

# --- A system ------------------------------------------------------------------------------------

# mirror: where this machine has its packages from
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Component: main' | head -n 1
}

# What compiles a program, and shows its manual, is in the base; what packages need besides has to come with them.
compilers=gcc,libc6-dev,pkg-config,man-db
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
make_base() {
    [ -d "$base" ] && return
    rm -rf "$base.part"
    debootstrap --variant=minbase --include="$compilers" "$codename" "$base.part" "$(mirror)" && mv "$base.part" "$base"
}
if ! make_base >"$scratch/debootstrap" 2>&1; then
    skip "the packages work in a fresh system" "debootstrap cannot make one: $(tail -n 1 "$scratch/debootstrap")"
    tap_end
    exit
fi
cp -a "$base" "$tree"
mkdir "$tree/packages" "$tree/data"
cp "$packages"/*.deb "$tree/packages"
cp -r tests/data/cluster tests/integration/library/node.c "$tree/data"
cp /etc/resolv.conf "$tree/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" # nothing is started
chmod +x "$tree/usr/sbin/policy-rc.d"

# inside COMMAND...: in the fresh system, with processes of its own
inside() {
    unshare --mount --pid --fork --mount-proc="$tree/proc" chroot "$tree" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+http_proxy="$http_proxy"} "$@" </dev/null
}

# What is downloaded is kept for the next time.
install() {
    inside apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io -o APT::Keep-Downloaded-Packages=true \
        install "$@" && cp -n "$tree"/var/cache/apt/archives/*.deb "$base/var/cache/apt/archives/"
}

# package NAME: its file, as it is called inside
package() {
    basename "$packages/$1"_[0-9]*.deb | sed 's|^|/packages/|'
}

check "the program is installed with what it says it needs" install "$(package ouroscope)"
[ -x "$tree/usr/bin/ouroscope" ] || { tap_end; exit 1; }

tells_its_commit() {
    inside ouroscope --version >"$scratch/out" && same "$("$OUROSCOPE" --version | grep '^commit ')" <(grep '^commit ' "$scratch/out")
}
check "it tells the commit that it was made of" tells_its_commit
check "it analyses" inside ouroscope analyse /data/cluster --out /data/analysis
check "the examples of configurations are fine" \
    inside ouroscope tracer --config /usr/share/doc/ouroscope/examples/tracer.yaml --check
check "the collector's user is there" inside getent passwd ouroscope
check "units are fine" inside systemd-analyze verify --man=no --recursive-errors=no \
    /lib/systemd/system/ouroscope-serve.service /lib/systemd/system/ouroscope-tracer.service
check "and none of them is started by itself" bash -c "! ls '$tree'/etc/systemd/system/*.wants/ouroscope* 2>/dev/null"

completes() {
    inside bash -c '. /usr/share/bash-completion/completions/ouroscope && complete -p ouroscope'
}
check "bash knows how its commands go on" completes

# --- Programs that trace ---------------------------------------------------------------------------

check "the library is installed with its headers" install "$(package libouroscope0)" "$(package libouroscope-dev)"
compiles() {
    # shellcheck disable=SC2016
    inside sh -c 'cc -std=c17 -D_GNU_SOURCE -o /data/node /data/node.c $(pkg-config --cflags --libs ouroscope) -pthread' &&
        mkdir "$tree/data/logs" && inside /data/node machine /data/logs && [ "$(find "$tree/data/logs" -name 'node-*.json' -size +0 | wc -l)" -eq 3 ]
}
check "a program compiles against it, and traces" compiles
for page in 'ouroscope' 'ouroscope-analyse' '7 ouroscope-tracing'; do
    # shellcheck disable=SC2086 # section and name
    check "there is a manual: $page" inside man --pager=cat $page
done

# --- Gone ------------------------------------------------------------------------------------------

purged() {
    inside apt-get -qq -y purge ouroscope libouroscope0 libouroscope-dev >/dev/null &&
        find "$tree" -xdev \( -path "$tree/packages" -o -path "$tree/data" -o -path "$tree/var/log" -o -path "$tree/var/lib/dpkg/info" \
            -o -path "$tree/var/cache" \) -prune -o -name '*ouroscope*' -print >"$scratch/left" && same '' "$scratch/left"
}
check "nothing is left when they are purged" purged
tap_end
