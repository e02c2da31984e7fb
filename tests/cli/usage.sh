#!/bin/bash
# Wrong command lines: exit status 2, a sentence on standard error, nothing on standard output.
. tests/cli/tap.sh

# refused MESSAGE ARGUMENTS...
refused() {
    local message=$1
    shift
    run "$@"
    ended 2 && same '' "$scratch/out" &&
        same "$message" <(head -n 1 "$scratch/err") && grep -q -- '--help tells more' "$scratch/err"
}

check "an unknown command is answered with the nearest" \
    refused "ouroscope: unknown command 'analyze'; did you mean 'analyse'?" analyze
check "a command unlike any is refused" refused "ouroscope: unknown command 'xyzzy'" xyzzy
check "an empty command is refused" refused "ouroscope: unknown command ''" ''
check "an option in place of a command is refused" refused "ouroscope: unknown option --quiet" --quiet
check "an unknown option is answered with the nearest" \
    refused "ouroscope analyse: unknown option --fromat; did you mean --format?" analyse --fromat csv x
check "a missing value is named, with the choices" \
    refused "ouroscope analyse: option --format needs a value: FORMAT (there are: text json csv org)" \
    analyse x --format
check "a wrong value is answered with the choices" \
    refused "ouroscope analyse: option --network: no such NAME: 'testnet' (there are: mainnet preprod preview)" \
    analyse --network testnet x
check "an option given twice is refused" \
    refused "ouroscope analyse: option --date is given twice" analyse --date=1 --date=2 x
check "an unknown second word is answered with the nearest" \
    refused "ouroscope: unknown command 'profile lst'; did you mean 'profile list'?" profile lst
check "an option behind a family alone is refused" refused "ouroscope: unknown option --all" profile --all
check "help of an unknown second word is refused" \
    refused "ouroscope help: unknown command 'profile lst'; did you mean 'profile list'?" help profile lst
check "the manual has no page of a family" \
    refused "ouroscope man: 'profile' has several commands; ouroscope profile --help lists them" man profile
check "a missing operand is named" refused "ouroscope analyse: missing operand: RUN | LOGS..." analyse
check "an operand too many is named" refused "ouroscope man: one operand too many: 'b'" man analyse b
check "an unknown shell is refused" \
    refused "ouroscope completion: no such operand: 'zsh' (there are: bash)" completion zsh
check "help of an unknown command is refused" \
    refused "ouroscope help: unknown command 'mann'; did you mean 'man'?" help mann
check "the manual of an unknown command is refused" \
    refused "ouroscope man: unknown command 'xyzzy'" man xyzzy

# node_refused MESSAGE OPTIONS...
node_refused() {
    refused "ouroscope node: $1" node --config c --topology t --database-path d "${@:2}"
}
check "two places of a collector are one too many" \
    node_refused "--tracer-socket-path-accept and --tracer-socket-network-connect: one of them" \
    --tracer-socket-network-connect h:1 --tracer-socket-path-accept s
check "a host and port are no path" \
    node_refused "--tracer-socket-path-connect wants a path, and 'h:1' is a host and port; a file of that name is ./h:1" \
    --tracer-socket-path-connect h:1
check "a path is no host and port" \
    node_refused "--tracer-socket-network-accept wants HOST:PORT, not '/tmp/s'" --tracer-socket-network-accept /tmp/s
check "the generator has the same options" \
    refused "ouroscope generator: --tracer-socket-path-accept and --tracer-socket-path-connect: one of them" \
    generator --config c --tracer-socket-path-accept a --tracer-socket-path-connect b

run
check "without arguments the help goes to standard error" golden help.txt "$scratch/err"
check "without arguments the exit status is 2" ended 2
check "without arguments there is no result" same '' "$scratch/out"
tap_end
