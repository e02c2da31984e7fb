#!/bin/bash
# The Debian packages: made from what is committed, without a complaint of lintian, and used in a system that has nothing else.
#
# The system is a tree of debootstrap, whose mirror is that of this machine. It stays in the build folder, with what was
# downloaded, as do the packages of a commit. Those of `make deb` are taken where they are of this commit.
. tests/cli/tap.sh

leave() {
    echo "1..0 # SKIP $1"
    exit 0
}
git rev-parse --verify -q HEAD >/dev/null || leave "these sources are no checkout"
[ "${OUROSCOPE_SANITIZE:-none}" = none ] || leave "packages have no sanitizers"
[ "$(id -u)" = 0 ] || leave "a tree of another system wants root"
scripts/setup-debian.sh package >"$scratch/setup" 2>&1 || leave "$(tail -n 1 "$scratch/setup")"

kept=${OUROSCOPE_BUILD:?}/package
packages=$kept/$(git rev-parse HEAD)
base=$kept/system
tree=$scratch/system
mkdir -p "$kept"

# --- Made ----------------------------------------------------------------------------------------

# To build all once more would take too long, unless ccache remembers.
of_make_deb=$(find "$OUROSCOPE_BUILD/deb" -name "ouroscope_*$(git rev-parse --short=12 HEAD)*.deb" 2>/dev/null | head -n 1)
if [ ! -d "$packages" ] && [ -n "$of_make_deb" ]; then
    mkdir "$packages" && cp "$(dirname "$of_make_deb")"/*"$(git rev-parse --short=12 HEAD)"* "$packages"
fi
[ -d "$packages" ] || command -v ccache >/dev/null || leave "there are no packages of this commit (make deb), and no ccache"

made() {
    [ -d "$packages" ] && return
    find "$kept" -mindepth 1 -maxdepth 1 -name '????????????????????????????????????????' -exec rm -rf {} +
    scripts/make-deb.sh "$kept/made" && mv "$kept/made" "$packages"
}
check "packages are made" made
[ -d "$packages" ] || { tap_end; exit 1; }

check "lintian has nothing to say" same '' <(lintian --allow-root --fail-on error,warning "$packages"/*.changes 2>&1)

# --- A system ------------------------------------------------------------------------------------

# mirror: where this machine has its packages from
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Component: main' | head -n 1
}

codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
make_base() {
    [ -d "$base" ] && return
    rm -rf "$base.part"
    debootstrap --variant=minbase "$codename" "$base.part" "$(mirror)" && mv "$base.part" "$base"
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
    inside ouroscope --version >"$scratch/out" && grep -q "^commit *$(git rev-parse HEAD), " "$scratch/out" || { cat "$scratch/out"; return 1; }
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

check "the library is installed with what compiles" \
    install "$(package libouroscope0)" "$(package libouroscope-dev)" gcc libc6-dev pkg-config man-db
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
