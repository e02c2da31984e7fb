#!/bin/bash
# Draws the topologies of the documentation: make-topology-images.sh PROGRAM [FOLDER, docs/images if not given]
#
# They are committed, so that they can be seen without building; a test compares.
set -eu

program=$1 folder=${2:-docs/images}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

# draw NAME TITLE OPTIONS...: a shape, as `topology make` makes it
draw() {
    "$program" topology make "${@:3}" >"$work/topology.json"
    "$program" topology show --format svg --title "$2" "$work/topology.json" >"$folder/topology-$1.svg"
}

draw line "line, 6 nodes" --shape line --nodes 6 --location LO
draw uni-circle "uni-circle, 10 nodes" --shape uni-circle --nodes 10 --location LO
draw torus "torus, 12 nodes" --shape torus --nodes 12 --location EU --location US --location AP
draw torus-dense "torus-dense, 52 nodes: the published cluster" value-nomadperf
draw dense "dense, 8 nodes" --shape dense --nodes 8 --location LO
