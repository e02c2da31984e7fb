#!/bin/sh
# Installs what a task needs, on Debian 12 or later: setup-debian.sh [build|charts|bench|lint|fuzz|valgrind|coverage|clients|browser|ssh|journal|prometheus|monitoring|ghc|storage|results|postgres|docs|package]
#
# What is there is found out by looking, not remembered, which takes some
# milliseconds; apt-get runs only when something is missing.
set -u

task=${1:-build}
missing=
recommends=--no-install-recommends

# need_program PROGRAM PACKAGE; need_library PKG-CONFIG-NAME PACKAGE
need_program() {
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need_library() {
    pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"
}

need_program cc "gcc libc6-dev"
need_program meson meson
need_program ninja ninja-build
need_program pkg-config pkg-config
need_program python3 python3
need_program zstd zstd
need_program mandoc mandoc
need_program jq jq
need_program curl curl
# One question for all libraries; which one is missing matters only then.
if ! pkg-config --exists jansson yaml-0.1 libarchive zlib libxxhash gsl libsodium libuv libmicrohttpd libcurl expat libzstd sqlite3 \
    libpq cmocka libsystemd 2>/dev/null; then
    need_library jansson libjansson-dev
    need_library yaml-0.1 libyaml-dev
    need_library libarchive libarchive-dev
    need_library zlib zlib1g-dev
    need_library libxxhash libxxhash-dev
    need_library gsl libgsl-dev
    need_library libsodium libsodium-dev
    need_library libuv libuv1-dev
    need_library libmicrohttpd libmicrohttpd-dev
    need_library libcurl libcurl4-openssl-dev
    need_library expat libexpat1-dev
    need_library libzstd libzstd-dev
    need_library sqlite3 libsqlite3-dev
    need_library libpq libpq-dev
    need_library libsystemd libsystemd-dev
    need_library cmocka libcmocka-dev
fi
case $task in
build) ;;
charts) # fetches what draws the figures of reports
    need_program npm npm
    ;;
bench) # npm and DuckDB are taken when they are there; syslog-ng and nginx are unpacked, not installed
    need_program rsyslogd rsyslog
    need_program wrk wrk
    need_program cyclictest rt-tests
    /usr/bin/python3 -c 'import flask, gunicorn' 2>/dev/null || missing="$missing python3-flask gunicorn"
    need_program c++ g++
    need_program lttng-sessiond lttng-tools
    need_library lttng-ust liblttng-ust-dev
    need_library spdlog libspdlog-dev
    ;;
lint)
    need_program clang-format clang-format
    need_program clang-tidy clang-tidy
    need_program cppcheck cppcheck
    need_program ctags universal-ctags
    ;;
valgrind)
    need_program valgrind valgrind
    ;;
coverage)
    need_program gcovr gcovr
    ;;
fuzz)
    # libFuzzer itself comes with a package that clang only recommends.
    need_program clang clang
    recommends=--install-recommends
    if command -v clang >/dev/null 2>&1; then
        runtime=$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")
        version=$(clang -dumpversion)
        [ -e "$runtime" ] || missing="$missing libclang-rt-${version%%.*}-dev"
    fi
    ;;
clients) # of other projects, that nodes are tested with
    need_program node nodejs
    need_program npm npm
    ;;
browser) # for tests of pages
    need_program chromium "chromium fonts-dejavu-core"
    need_program node nodejs
    need_program npm npm
    ;;
ssh) # a server of it, for the page about tunnels
    need_program ssh openssh-client
    [ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
    ;;
prometheus) # that reads the collector's pages, and a strict reader of OpenMetrics
    need_program prometheus prometheus
    need_program promtool prometheus
    /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || missing="$missing python3-prometheus-client"
    ;;
monitoring) # what the operator's guide sets up beside Prometheus
    need_program prometheus-alertmanager prometheus-alertmanager
    [ -x /usr/sbin/nft ] || missing="$missing nftables"
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || missing="$missing python3-yaml"
    ;;
ghc) # for a program to sweep settings of its run-time system over
    need_program ghc ghc
    ;;
storage) # an S3 server, and what makes hosts of network namespaces
    /usr/bin/python3 -c 'import swift' 2>/dev/null || missing="$missing python3-swift"
    need_program ip iproute2
    need_program openssl openssl
    ;;
results) # what answers of the API are held against their description with
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing="$missing python3-jsonschema"
    ;;
postgres) # a server for tests of the results database
    [ -n "$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null)" ] || missing="$missing postgresql"
    ;;
package) # what makes packages, looks at them, and makes a system to install them in
    need_program dpkg-buildpackage dpkg-dev
    [ -e /usr/share/build-essential/list ] || missing="$missing build-essential" # dpkg-buildpackage insists on it, which dpkg-dev only recommends
    need_program dh debhelper
    need_program lintian lintian
    need_program debootstrap debootstrap
    ;;
journal) # one for tests, that nothing else writes to
    need_program journalctl systemd
    ;;
docs) # the documentation as a site
    need_program mkdocs mkdocs
    need_program dot graphviz
    ;;
*)
    echo "usage: $0 [build|charts|bench|lint|fuzz|valgrind|coverage|clients|browser|ssh|journal|prometheus|monitoring|ghc|storage|results|postgres|docs|package]" >&2
    exit 2
    ;;
esac

[ -n "$missing" ] || exit 0

give_up() {
    echo "$0: $1" >&2
    echo "Needed, by their Debian names:$missing" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || give_up "this system has no apt-get; please install by other means"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif ! command -v sudo >/dev/null 2>&1; then
    give_up "packages are missing, and there is no sudo; please run as root: apt-get install$missing"
elif [ -t 0 ]; then
    as_root=sudo
else
    as_root='sudo -n' # nobody is there to type a password
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update ||
    echo "$0: apt-get update failed; trying with the lists that are there" >&2
# shellcheck disable=SC2086 # a list of words
$as_root apt-get -qq -y $recommends install $missing </dev/null ||
    give_up "apt-get could not install packages; please run as root: apt-get install$missing"
