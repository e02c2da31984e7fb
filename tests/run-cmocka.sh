#!/bin/bash
# Runs a cmocka program with TAP output. cmocka 1.1.5 writes a skipped test as
# "not ok 2 # SKIP name", which a TAP reader counts as a failure; here it
# becomes "ok 2 - name # SKIP". The program's exit status is kept.
# $OUROSCOPE_WRAPPER is what the program runs under, such as valgrind.
set -o pipefail
export CMOCKA_MESSAGE_OUTPUT=TAP
${OUROSCOPE_WRAPPER-} "$@" | sed -u 's/^not ok \([0-9]*\) # SKIP \(.*\)/ok \1 - \2 # SKIP/'
