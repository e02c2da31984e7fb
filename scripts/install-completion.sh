#!/bin/sh
# Part of `meson install`: asks the installed program for its bash completion.
set -eu

folder=$MESON_INSTALL_DESTDIR_PREFIX/share/bash-completion/completions

mkdir -p "$folder"
"$MESON_INSTALL_DESTDIR_PREFIX/bin/ouroscope" completion bash >"$folder/ouroscope"
