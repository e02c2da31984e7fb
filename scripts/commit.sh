#!/bin/sh
# Prints the commit that is built, and whether files differ from it; nothing where the sources are no checkout of their own:
# unpacked from an archive, say, perhaps within somebody else's repository.
cd "$(dirname "$0")/.." || exit 1
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
    git --no-optional-locks describe --always --abbrev=40 --exclude='*' --dirty=-modified
else
    echo
fi
