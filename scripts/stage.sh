#!/bin/bash
# Installs below another root what a build folder has: stage.sh BUILD ROOT ACCOUNT
#
# The account of what was installed, which `make uninstall` goes by, is written into the new folder ACCOUNT. That of BUILD stays: it
# may be of a real installation. `meson --internal uninstall` in ACCOUNT, which is what BUILD's own target does, takes all away again.
set -eu

mkdir -p "$3/meson-private" "$3/meson-logs"
cp "$1/meson-private/install.dat" "$3/meson-private"
# What is installed is looked for from where the account is.
find "$(realpath "$1")" -mindepth 1 -maxdepth 1 -not -name 'meson-*' -exec ln -s -t "$3" {} +
meson install -C "$3" --no-rebuild --quiet --destdir "$(realpath -m "$2")"
