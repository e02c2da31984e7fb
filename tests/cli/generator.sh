#!/bin/bash
# `ouroscope generator`: what is told when it cannot begin.
. tests/cli/tap.sh

run generator
check "without --config the usage is wrong" ended 2
check "what is missing is told" grep -qx 'ouroscope generator: --config is needed' "$scratch/err"

run generator --config "$scratch/none.json"
check "a file that is not there is a failure" ended 1
check "the file is named" grep -q "^ouroscope generator: .*$scratch/none.json: No such file" "$scratch/err"

refused() { # MEMBERS MESSAGE
    printf '{%s}' "$1" >"$scratch/load.json"
    run generator --config "$scratch/load.json"
    ended 1 && grep -qF "$2" "$scratch/err"
}
rest='"sigKey": "k.skey", "nodeConfigFile": "n.json", "targetNodes": [{"addr": "127.0.0.1", "port": 1}]'
check "a wrong member is named" refused "\"tps\": 0, $rest" "$scratch/load.json: \"tps\" must be above 0"
check "a missing member is named" refused '"tps": 1' '"sigKey" is not given'
check "files are looked for beside the configuration" refused "$rest" "$scratch/n.json"
tap_end
