#!/bin/bash
# The operator's guide, page by page and command by command: a node that forges, the collector, an SSH server, Prometheus and its
# alert manager. With names of pages, those alone. Where a page says cardano-node, the reference node takes the same options; where it names folders and addresses of a
# whole machine, a folder and free ports stand for them.
. tests/cli/tap.sh
. tests/cli/blocks.sh
. tests/cli/sshd.sh

block_seconds=120
guide=docs/guide/operator
case $OUROSCOPE in
/*) ;;
*) OUROSCOPE=$PWD/$OUROSCOPE ;;
esac

end_all() {
    local file
    for file in "$scratch"/*/*.pid; do
        [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null
    done
    end_started
    stop_sshd
    [ -n "${KEEP:-}" ] || rm -rf "$scratch"
}
trap end_all EXIT

for task in ssh prometheus monitoring; do
    scripts/setup-debian.sh $task >"$scratch/setup.log" 2>&1 || {
        echo "1..0 # SKIP no $task here: $(tail -n 1 "$scratch/setup.log")"
        exit 0
    }
done

# What these pages try in vain, beside what others do.
standing_in+=' df nc sshd systemd-analyze'

# --- What pages find ----------------------------------------------------------------------------

# A network of one pool with the magic of mainnet, which begins now.
make_network() {
    cat >"$scratch/profile.json" <<'END'
{ "name": "guide", "base": "demo", "desc": "one node that forges", "scenario": "fixed",
  "composition": { "n_singular_hosts": 1, "locations": ["loopback"], "topology": "line", "links": [] },
  "genesis": { "slot_duration": 0.1, "active_slots_coeff": 0.5, "epoch_length": 10000, "network_magic": 764824073 } }
END
    "$OUROSCOPE" genesis create --quiet --no-cache "$scratch/profile.json" "$work/genesis"
    echo '{ "ShelleyGenesisFile": "genesis/shelley.json", "AlonzoGenesisFile": "genesis/alonzo.json" }' >"$work/config.json"
    echo '{ "localRoots": [], "publicRoots": [] }' >"$work/topology.json"
}

# program NAME: standard input becomes a program of the page's.
program() {
    cat >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

make_programs() {
    ln -s "$OUROSCOPE" "$work/bin/ouroscope"
    program cardano-node <<'END'
#!/bin/sh
keys=genesis/keys/pool1
exec ouroscope node --shelley-kes-key $keys/kes.skey --shelley-vrf-key $keys/vrf.skey \
    --shelley-operational-certificate $keys/opcert.cert "$@"
END
    # The next block may use the same ports: gone is what neither runs nor waits to be asked how it ended.
    program end <<'END'
#!/bin/sh
for name; do
    kill "$(cat "$name.pid")"
done
for name; do
    tries=100
    while [ $tries -gt 0 ] && grep -qs '^State:.[^ZX]' "/proc/$(cat "$name.pid")/status"; do
        tries=$((tries - 1))
        sleep 0.1
    done
done
END
    program start-collector <<'END'
#!/bin/sh
ouroscope tracer --config tracer.yaml >tracer.log 2>&1 &
echo $! >tracer.pid
for _ in $(seq 100); do
    grep -q Tracer.InitDone tracer.log && exit
    sleep 0.1
done
cat tracer.log
exit 1
END
    program start-node <<'END'
#!/bin/sh
socket=$(sed -n 's/^network: .*contents: \([^ ]*\) }/\1/p' tracer.yaml)
cardano-node run --config forwarding.json --topology topology.json --database-path db --tracer-socket-path-connect "$socket" >node.log 2>&1 &
echo $! >node.pid
for _ in $(seq 300); do
    page=$(curl -s http://127.0.0.1:3200/metrics)
    case $page in *cardano_node_metrics_blockNum_int*) exit ;; esac
    sleep 0.1
done
exit 1
END
    program start-prometheus <<'END'
#!/bin/sh
prometheus --config.file prometheus.yml --storage.tsdb.path data --web.listen-address 127.0.0.1:9090 2>prometheus.log &
echo $! >prometheus.pid
for _ in $(seq 150); do
    promtool query instant http://127.0.0.1:9090 up 2>/dev/null | grep -q '=> 1 @' && exit
    sleep 0.2
done
tail -n 5 prometheus.log
exit 1
END
    # An SSH server with what the page says about its account. `ssh-keyscan` and `ssh` find it by the page's configuration.
    program start-sshd <<END
#!/bin/sh
[ "\$(id -u)" != 0 ] || mkdir -p /run/sshd # the server wants it, and its package makes it at boot
ssh-keygen -q -t ed25519 -N '' -f host-key
cat >sshd_config - sshd.conf <<CONFIG
Port 22022
ListenAddress 127.0.0.1
HostKey $work/host-key
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
CONFIG
$(type -P sshd || echo /usr/sbin/sshd) -D -e -f "$work/sshd_config" 2>sshd.log &
echo \$! >sshd.pid
for _ in \$(seq 100); do
    ssh-keyscan -p 22022 127.0.0.1 2>&1 | grep -q ed25519 && exit
    sleep 0.1
done
cat sshd.log
exit 1
END
    program accept-key <<END
#!/bin/sh
cd "$machine/etc/ouroscope/tunnel" && sed 's/^/restrict,port-forwarding /' collector-host.key.pub >authorized_keys
END
    # A closed file of yesterday, and the one of today that is written to.
    program make-old-logs <<END
#!/bin/sh
mkdir -p $machine/var/log/ouroscope/relay-1 && cd $machine/var/log/ouroscope/relay-1
echo '{}' | tee node-2026-01-14T13-02-30.json >node-2026-01-15T13-02-30.json
touch -d yesterday node-*.json
ln -s node-2026-01-15T13-02-30.json node.json
END
    program ask-dashboard <<END
#!/bin/sh
exec python3 "$PWD/tests/support/dashboard.py" "$PWD/data/grafana/\$1" "\$2" "\$3"
END
    program check-provisioning <<END
#!/bin/sh
exec /usr/bin/python3 "$PWD/tests/support/provisioning.py" "\$@"
END
    PATH=$PATH:/usr/sbin
    nft list ruleset >/dev/null 2>&1 || echo 'echo "no firewall to be seen here" >&2' | program nft
}

# The files of the steps before: `file_of PAGE NAME` is a block of another page.
file_of() {
    awk -v head="file $2" '/^```/ { inside = index($0, head) > 0 && !inside; next } inside' "$scratch/$1.md"
}

make_workspace() {
    work=$scratch/$1
    rm -rf "$machine"
    mkdir -p "$work/bin" "$machine"/{etc/ouroscope/tunnel,run/ouroscope,run/ouroscope-tunnel/collector-host,var/log/ouroscope}
    make_programs
    make_network
    file_of services tracer.yaml >"$work/tracer.yaml"
    file_of prometheus prometheus.yml >"$work/prometheus.yml"
    file_of one-machine tracing.json | jq -s '.[0] * .[1]' "$work/config.json" - >"$work/forwarding.json"
    # Rules fire, and are looked at, as soon as can be.
    sed 's/for: .*/for: 1s/' data/prometheus/nodes.rules.yml >"$work/nodes.rules.yml"
    cp tests/data/repeated/base-1.json.zst "$work/base.json.zst"
}

# --- Pages as they are here ----------------------------------------------------------------------

page_names=$(cd $guide && basename -s .md -- *.md)
wanted=${*:-$page_names}
# Sandboxes may let nobody log in, or see the firewall.
if ! start_sshd >"$scratch/why" 2>&1; then
    skip "$guide/ssh.md" "no SSH server can be run here: $(tail -n 1 "$scratch/why")"
    wanted=${wanted/ssh/}
fi
stop_sshd
ports=
for port in 3200 3300 3400 5001 9090 9093 22022 30001; do
    ports+="s/\b$port\b/$(free_port)/g;"
done

machine=$scratch/machine

# localise PAGE: ports, addresses, paths and accounts that there are.
localise() {
    sed -e "$ports" \
        -e 's/\b10\.0\.0\.\(5\|11\)\b/127.0.0.1/g' \
        -e 's/ 10s$/ 1s/' \
        -e "s#file /etc/#file ../machine/etc/#; s#\(^\|[ =>]\)/\(etc\|run\|var/log\)/ouroscope#\1$machine/\2/ouroscope#g" \
        -e "s#/usr/share/ouroscope#$PWD/data#g" \
        -e "s/ssh-keyscan collector.example.org/ssh-keyscan -p 22022 127.0.0.1/" \
        -e "s/^    HostName collector.example.org/    HostName 127.0.0.1\n    Port 22022/" \
        -e "s/\(User \|skuid \"\)ouroscope-tunnel/\1$(id -un)/" -e "$ports" "$guide/$1.md"
}

for name in $page_names; do
    localise "$name" >"$scratch/$name.md"
done
for name in $wanted; do
    make_workspace "$name"
    for file in "$work"/bin/*; do
        [ -h "$file" ] || sed -i "$ports" "$file"
    done
    check_page "$scratch/$name.md" "$scratch/$name.blocks" "$guide/$name.md"
    for file in "$work"/*.pid; do
        [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null
    done
done

check "alerts fire when they should, and not else" bash -c '
    cp data/prometheus/nodes.rules.yml tests/data/prometheus/nodes.test.yml "$1" && cd "$1" && promtool test rules nodes.test.yml' - "$scratch"
tap_end
