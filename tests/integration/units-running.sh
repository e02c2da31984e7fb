#!/bin/bash
# dist/systemd under a systemd that really starts the units: a collector, a tunnel by the operator's guide through a real SSH server, and a
# node of another user behind it.
. tests/cli/tap.sh
. tests/support/systemd_machine.sh

trap 'stop_machine; rm -rf "$scratch"' EXIT
leave() {
    echo "1..0 # SKIP $1"
    exit 0
}
[ "$(id -u)" = 0 ] || leave "a machine of its own wants root"
[ "${OUROSCOPE_SANITIZE:-none}" = none ] || leave "units allow no more than the program needs, and no sanitizer"
for task in ssh journal; do
    scripts/setup-debian.sh $task >"$scratch/setup.log" 2>&1 || leave "$(tail -n 1 "$scratch/setup.log")"
done
[ -x /lib/systemd/systemd ] || leave "there is no systemd"

sources=$PWD
# block NAME: a file of the guide's page about SSH
block() {
    awk -v head="file $1" '/^```/ { inside = index($0, head) > 0 && !inside; next } inside' "$sources/docs/guide/operator/ssh.md"
}

# What an installation and the guide's steps have left.
sshd_conf=$(block sshd.conf)
tunnel_conf=$(block /etc/ouroscope/tunnel/collector-host.conf | sed 's/collector.example.org/127.0.0.1\n    Port 2222/')
export sources sshd_conf tunnel_conf
as_installed() {
    local unit
    cp "$OUROSCOPE" "$machine/usr/local/bin/ouroscope"
    for unit in tracer serve; do
        sed 's|@bindir@|/usr/local/bin|' "$sources/dist/systemd/ouroscope-$unit.service.in" >"$machine/etc/systemd/system/ouroscope-$unit.service"
    done
    cp "$sources/dist/systemd/ouroscope-tunnel@.service" "$machine/etc/systemd/system"
    cp "$sources/dist/sysusers/ouroscope.conf" "$machine/usr/lib/sysusers.d"
    mkdir -p "$machine/etc/ouroscope/tunnel"
    cp "$sources"/dist/examples/*.yaml "$machine/etc/ouroscope"
    printf '{ "name": "unit", "base": "demo", "desc": "a node", "scenario": "fixed",
      "composition": { "n_singular_hosts": 1, "locations": ["loopback"], "topology": "line", "links": [] },
      "genesis": { "slot_duration": 0.1, "active_slots_coeff": 0.5, "epoch_length": 10000, "network_magic": 764824073 } }' >"$machine/srv/profile.json"
    echo "$tunnel_conf" >"$machine/etc/ouroscope/tunnel/collector-host.conf"
    printf 'Port 2222\nUsePAM no\nHostKey /srv/host\n%s\n' "$sshd_conf" >"$machine/srv/sshd_config"
    chroot "$machine" systemd-sysusers
    chroot "$machine" useradd --system --user-group --groups ouroscope --home-dir /nonexistent --shell /usr/sbin/nologin -p '*' ouroscope-tunnel
    chroot "$machine" useradd --system --groups ouroscope node
    chroot "$machine" useradd --system stranger
    chroot "$machine" ssh-keygen -q -t ed25519 -N '' -f /srv/host
    chroot "$machine" ssh-keygen -q -t ed25519 -N '' -C relay-1 -f /etc/ouroscope/tunnel/collector-host.key
    sed 's/^/restrict,port-forwarding /' "$machine/etc/ouroscope/tunnel/collector-host.key.pub" >"$machine/etc/ouroscope/tunnel/authorized_keys"
    sed 's/^/[127.0.0.1]:2222 /' "$machine/srv/host.pub" >"$machine/etc/ouroscope/tunnel/known_hosts"
}
start_machine as_installed >"$scratch/why" 2>&1 || leave "systemd does not start here: $(tail -n 1 "$scratch/why")"

starts() {
    inside systemctl start "$1" && inside systemctl is-active -q "$1" && return
    inside journalctl -q -u "$1" --no-pager | tail -n 5
    return 1
}
check "the collector starts, and says that it is ready" starts ouroscope-tracer
check "its socket is for the group" same '770 ouroscope ouroscope' <(inside stat -c '%a %U %G' /run/ouroscope/forward.socket)
check "the server of results starts" starts ouroscope-serve

inside bash -c 'mkdir -p /run/sshd && systemd-run -q --unit=our-sshd /usr/sbin/sshd -D -e -f /srv/sshd_config'
# Who comes before it listens is refused.
inside bash -c 'for _ in $(seq 200); do (: </dev/tcp/127.0.0.1/2222) 2>/dev/null && exit; sleep 0.1; done'
near=/run/ouroscope-tunnel/collector-host/forward.socket
has() { # has COMMAND...: within a minute
    for _ in $(seq 300); do
        inside bash -c "$*" >/dev/null 2>&1 && return
        sleep 0.2
    done
    inside journalctl -q --no-pager | tail -n 15
    return 1
}
check "the tunnel starts" starts ouroscope-tunnel@collector-host
check "its near socket is there" has "test -S $near"
check "and for the group" same '660 ouroscope ouroscope' <(inside stat -c '%a %U %G' $near)
refused() { ! inside runuser -u stranger -- python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('$near')"; }
check "a user outside of it does not get in" refused

node_starts() {
    inside bash -c '
        cd /srv && mkdir -p db && ouroscope genesis create --quiet --no-cache profile.json network && chown -R node network db &&
        printf "%s" "{ \"ShelleyGenesisFile\": \"network/shelley.json\", \"TraceOptionNodeName\": \"relay-1\",
            \"TraceOptions\": { \"\": { \"severity\": \"Info\", \"backends\": [ \"Forwarder\" ] } } }" >node.json &&
        echo "{ \"localRoots\": [] }" >topology.json &&
        systemd-run -q --unit=our-node --uid=node -p SupplementaryGroups=ouroscope /usr/local/bin/ouroscope node --config /srv/node.json \
            --topology /srv/topology.json --database-path /srv/db --tracer-socket-path-connect '$near
}
check "a node of another user starts behind it" node_starts
# metric NAME VALUE: of the node
metric() { has "curl -s http://127.0.0.1:3200/metrics | grep -qx 'ouroscope_collector_$1{node_name=\"relay-1\"} $2'"; }
check "it is connected" metric node_connected 1
check "its log is there" has 'test -s /var/log/ouroscope/relay-1/node.json'

inside systemctl kill -s KILL ouroscope-tunnel@collector-host
check "a tunnel that is killed comes back, and the node with it" metric connections_total 2
inside systemctl restart ouroscope-tracer
check "so does the node of a collector that is restarted" metric node_connected 1
check "nothing was lost" metric dropped_objects_total 0
inside systemctl reload ouroscope-tracer
check "a reload keeps the collector" inside systemctl is-active -q ouroscope-tracer
stops() { inside systemctl stop ouroscope-tunnel@collector-host ouroscope-tracer ouroscope-serve && ! inside systemctl is-failed -q ouroscope-tracer ouroscope-serve; }
check "all of them stop in order" stops
tap_end
