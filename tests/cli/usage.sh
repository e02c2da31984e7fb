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

# --- Values that cannot be ------------------------------------------------------------------------

# told WORDS ARGUMENTS...: refused with a sentence that has these words, before anything is made
told() {
    run "${@:2}"
    ended 2 && same '' "$scratch/out" && { head -n 1 "$scratch/err" | grep -qF -- "$1" || { cat "$scratch/err"; return 1; }; }
}
: >"$scratch/empty"
server=http://127.0.0.1:1/ database=$scratch/none.db cluster=tests/data/cluster report=tests/data/report/run.json
while IFS='|' read -r words arguments; do
    # shellcheck disable=SC2086 # words
    check "refused: $arguments" told "$words" ${arguments//DATABASE/$database}
done <<END
--lost-after never: no number of seconds above 0|agent --task t --lost-after never
--task is needed: Nomad starts agents|agent
there are: metrics blocks slots hosts|analyse --table nothing $cluster
more than 11 variants|compare $(printf 'a -- %.0s' {1..13})a
is a server: this wants its database|db check --db $server
--older-than 90x: a whole number with h, d or w|db prune --db DATABASE --older-than 90x
--keep many: a whole number up to|db prune --db DATABASE --keep many
say what is to go: --older-than|db prune --db DATABASE
--project wants --older-than or --keep beside it|db prune --db DATABASE --project p --computed
--least-runs must be a number from 2 to|history --least-runs few machperf/CentiCpu $report
--shelley-operational-certificate|node --config c --topology t --database-path d --shelley-vrf-key v
--overlay is laid over a profile: --profile tells which|placement show one-machine --overlay o
--overlay: open|profile show ci-test --overlay none.json
--member: the profile has no no|profile show ci-test --member no.such
sides are more than the 16|report $(printf 'a -- %.0s' {1..17})a
--metrics: there is no metric 'nothing'|report --metrics nothing $report
--from-slot must be the number of a slot|report --format trace --from-slot x $cluster
--block must be the number of a block, or a range|report --format trace --block x $cluster
--to-slot 3 lies before --from-slot 9|report --format trace --from-slot 9 --to-slot 3 $cluster
which profile?|run
--placement goes with --on nomad|run ci-test --placement aws
--on nomad needs a plan: --placement FILE|run ci-test --on nomad
--publish-to wants results|run ci-test --publish-to DATABASE --no-analysis
--project: 'a/b' is not made of|run ci-test --publish-to DATABASE --project a/b
--repeat must be a number from 1 to|run ci-test --repeat none
--design must be the name of a series and two numbers|run ci-test --design release/x/1
--resume takes up a run, whose profile|run --resume r ci-test
which run? Name some, or give --all-finished|run clean
a server is no database|serve --db $server
which bucket? Give --placement PLAN|storage list
--resume names the directory already|sweep --resume s --dir d
on a server, POST /api/v1/tokens makes tokens|token create me --db $server --scopes read
--scopes: read, publish, alerts, admin|token create me --db DATABASE --scopes all
--project: letters, digits, and . _ -|token create me --db DATABASE --scopes read --project a/b
--expires: days from now (90d), or a day to come|token create me --db DATABASE --scopes read --expires yesterday
there are no 2 ports from 65535 on|topology make ci-test --base-port 65535
--specs is of all nodes, --node of one|topology make ci-test --specs --node node-0
--overlay is for profiles|topology show $cluster/topology.json --overlay $cluster/topology.json
END
check "none of them has made a database" test ! -e "$database"

# --- Configurations of a server that cannot be ------------------------------------------------------

# serve_told WORDS CONFIGURATION
serve_told() {
    printf '%s\n' "$2" >"$scratch/serve.json"
    run serve --db "$database" --config "$scratch/serve.json"
    ended 1 && same '' "$scratch/out" && { head -n 1 "$scratch/err" | grep -qF -- "serve.json:1: $1" || { cat "$scratch/err"; return 1; }; }
}
call='"url": "http://127.0.0.1:1/"' command='"command": ["true"]'
check "an outlet's url is one of HTTP" serve_told '"url" must be an address of HTTP' '{"outlets": [{"name": "a", "url": "ftp://x"}]}'
check "an outlet's secret is not empty" serve_told "$scratch/empty is empty" "{\"outlets\": [{\"name\": \"a\", $call, \"secretFile\": \"$scratch/empty\"}]}"
check "an outlet's secret is there" serve_told "open $scratch/none" "{\"outlets\": [{\"name\": \"a\", $call, \"secretFile\": \"$scratch/none\"}]}"
check "two outlets have two names" serve_told 'two outlets are called "a"' "{\"outlets\": [{\"name\": \"a\", $command}, {\"name\": \"a\", $command}]}"
tap_end
