#!/bin/bash
# A program on the installed library forwards to a collector in Python, which shares no code with the library.
. tests/cli/tap.sh
. tests/integration/library/installed.sh

check "a program that forwards compiles" program forward

forwards() {
    timeout -k 5 120 python3 tests/integration/library/forwards.py "$scratch/bin/forward" "$scratch" "$1" >"$scratch/out" 2>&1 ||
        { cat "$scratch/out"; return 1; }
}

for way in path-connect path-accept network-connect network-accept; do
    check "objects, metrics and data points come, $way" forwards "all_of_it:$way"
done
check "an object is the line of the machine format, and what stands in it" forwards objects
check "what is confidential, and what goes to other backends, is not forwarded" forwards routes
check "metrics: all, some by name, and those that changed" forwards metrics
check "data points: the library's, the program's, and none" forwards data_points
check "without a collector the oldest are dropped one by one, and the loss is told to both sides" forwards away
check "without a collector memory stays flat, and nobody waits" forwards flat
check "what was not confirmed comes again, in order, and what was confirmed does not" forwards in_doubt
check "a loss is told where it happened, also when what went before is in doubt" forwards loss_in_place
check "many objects come in order, a hundred at a time" forwards many
check "another network is refused, and the failure is told once" forwards wrong_network
check "a collector that breaks the protocol is dropped, and the next one is served" forwards garbage
check "one collector is served at a time; the next one when it has gone" forwards one_at_a_time
check "a socket that was left behind is replaced, and is gone at the end" forwards stale_socket
check "a file that is no socket is left alone" forwards no_socket
check "another configuration keeps the connection and what waits" forwards configure
check "the end waits for the collector, but not for ever" forwards the_end
check "it waits for a collector that is just starting, too" forwards early:connect
check "and for one that calls" forwards early:accept
check "but not for one that has gone, or has refused" forwards too_late
check "the program is told when the collector is away, and when it is there again, once each" forwards told
check "and which network each side is of" forwards told_of_networks
check "a forked child leaves the connection alone" forwards fork
check "no address, or two, or Forwarder in no list" forwards addresses
tap_end
