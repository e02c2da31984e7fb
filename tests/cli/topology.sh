#!/bin/bash
# The topology commands: files for nodes and clusters, and what is said of them.
. tests/cli/tap.sh

says() {
    grep -qF -- "$1" "$scratch/err" || { cat "$scratch/err"; return 1; }
}

run topology make value-nomadperf --out "$scratch/topology.json"
check "the topology of the published cluster is made" ended 0
check "its lists of producers are the published ones" python3 -c '
import json, sys
t = json.load(open(sys.argv[1]))
nodes = {n["name"]: n for n in t["coreNodes"]}
assert len(nodes) == 52
numbers = lambda name: [int(p.split("-")[1]) for p in nodes[name]["producers"]]
assert numbers("node-0") == [1, 2, 3, 51, 18, 36]
assert numbers("node-3") == [4, 5, 6, 0, 21, 39]
assert numbers("node-51") == [1, 2, 0, 48, 15, 33]
regions = [n["region"] for n in t["coreNodes"]]
assert [regions.count(r) for r in ("eu-central-1", "us-east-1", "ap-southeast-2")] == [18, 17, 17]
assert regions == sorted(regions, key=regions.index)  # location by location
explorer, = t["relayNodes"]
assert (explorer["name"], explorer["nodeId"], explorer["region"]) == ("explorer", 52, "eu-central-1")
assert len(explorer["producers"]) == 52 and explorer["pools"] is None
' "$scratch/topology.json"

run topology make --shape torus-dense --nodes 6 --location LO
check "six nodes in one place have the published chord" python3 -c '
import json, sys
t = json.load(open(sys.argv[1]))
assert t["coreNodes"][0]["producers"] == ["node-1", "node-5", "node-2"]
assert t["coreNodes"][0]["region"] == "loopback"
' "$scratch/out"
run topology make --shape uni-circle --nodes 10 --node node-9 --base-port 3001 --format legacy
check "a legacy file is printed" same '{
  "Producers": [
    {
      "addr": "127.0.0.1",
      "port": 3001,
      "valency": 1
    }
  ]
}' "$scratch/out"
run topology make demo --node node-0 --format p2p-delays
check "delays stand in the file of a reference node" grep -q '"latencyMs": 45' "$scratch/out"
run topology make demo --node node-0
check "and not in that of a cardano-node" bash -c '! grep -q latencyMs '"$scratch/out"
run topology make demo --node node-7
check "a node that is not there is wrong usage" ended 2
check "and is told so" says "no node is called 'node-7'; they are node-0 to node-5"
run topology make --nodes 4 --location EU --location us-eats-1
check "a region that is misspelt is warned of" says 'warning: composition.locations: no region "us-eats-1" is known'
check "with the one that may be meant" says 'did you mean "us-east-1"?'
run topology make --nodes 0
check "no nodes are wrong usage" ended 2
run topology make demo --format legacy
check "a form without a node is wrong usage" ended 2
run topology make --specs --explorer --nodes 2
check "node-specs.json says what each host is" python3 -c '
import json, sys
s = json.load(open(sys.argv[1]))
assert list(s) == ["node-0", "node-1", "explorer"]
assert s["explorer"]["kind"] == "explorer" and s["explorer"]["autostart"] is False
assert [s[n]["port"] for n in s] == [30000, 30001, 30002]
' "$scratch/out"

run topology show demo
check "topology show prints all of it" golden topology-demo.txt "$scratch/out"
run topology show "$scratch/topology.json"
check "a file is read back" grep -qE '^hops +4 at most, mean 2.521' "$scratch/out"
check "the explorer is left out of the numbers" grep -qF '52 nodes in 3 regions, and 1 that does not forge' "$scratch/out"
check "and out of the table of regions" grep -qE '^eu-central-1 +18 +36$' "$scratch/out"
mkdir "$scratch/run"
cp "$scratch/topology.json" "$scratch/run/topology.json"
run topology show --json "$scratch/run"
check "a run is shown, with its numbers for programs" python3 -c '
import json, sys
t = json.load(open(sys.argv[1]))
assert (t["title"], t["nodes"], t["observers"], t["links"]) == ("run", 52, 1, 312)
assert t["hops"]["longest"] == 4 and t["dials"] == {"min": 6, "mean": 6.0, "max": 6}
assert t["topology"]["relayNodes"][0]["name"] == "explorer"
' "$scratch/out"
run topology show demo --format dot
check "dot is printed" grep -qF '"node-0" -> "node-1";' "$scratch/out"

run topology show --title 'a <title> & more' demo --out "$scratch/demo.svg"
check "the ending of a file says that it is a picture" python3 -c '
import sys, xml.etree.ElementTree as tree
svg = tree.parse(sys.argv[1]).getroot()
name = "{http://www.w3.org/2000/svg}"
assert svg.tag == name + "svg" and svg.get("role") == "img"
assert svg.find(name + "title").text == "a <title> & more" and svg.find(name + "desc").text
assert sum(1 for g in svg.iter(name + "g")) == 6
assert not any("href" in a for e in svg.iter() for a in e.attrib)
' "$scratch/demo.svg"

scripts/make-topology-images.sh "$OUROSCOPE" "$scratch/images"
for picture in "$scratch"/images/topology-*.svg; do
    check "$(basename "$picture") of the documentation is current" cmp "$picture" "docs/images/$(basename "$picture")"
done

printf '{"coreNodes": [{"name": "a"},\n {"name": "a"}]}\n' >"$scratch/odd.json"
run topology show "$scratch/odd.json"
check "a file with faults is wrong usage" ended 2
check "and its fault is told with its place" says "odd.json: coreNodes[1].name must be another one than those before"
printf '{"localRoots": []}\n' >"$scratch/node.json"
run topology show "$scratch/node.json"
check "the file of one node is no cluster" says "it is no map of a cluster, but the file of one node"
run topology show no-such-profile
check "an unknown profile is wrong usage" ended 2
tap_end
