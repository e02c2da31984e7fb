# shellcheck shell=bash
# What a block of a page is, ```yaml is KIND and ```json excerpt: each is read by the program that it is for. Source this behind tap.sh.

# Kinds of whole files. The file is $file, the tree $tree; the command runs in a folder of its own.
declare -A kinds=(
    # Of this program.
    [filter]='"$OUROSCOPE" analyse --quiet --no-write --filter "$file" "$tree/tests/data/cluster"'
    [generator-configuration]='generator_reads'
    [profile]='"$OUROSCOPE" profile check "$file"'
    [serve-configuration]='serve_reads'
    [sweep]='echo "{\"base\": \"ci-test\", \"node\": {\"kind\": \"cardano-node\"}}" >node.json && "$OUROSCOPE" sweep --plan "$file"'
    [tracer-configuration]='"$OUROSCOPE" tracer --config "$file" --check'
    [tracer-members]='tracer_reads'
    [tracing-configuration]='"$OUROSCOPE" docs --config "$file" --check'
    # Of others; skipped where their program is not there.
    [nginx-location]='nginx_reads'
    [policy]='terraform fmt - <"$file"'
    [prometheus]='promtool check config "$file"'
    [rules]='promtool check rules "$file"'
    [unit]='systemd-analyze verify "$file"'
)

# The generator reads its configuration before the keys that it names, which are not here.
generator_reads() {
    "$OUROSCOPE" generator --config "$file" 2>said
    cat said
    grep -q "$(jq -r .sigKey "$file"): \|$(jq -r .nodeConfigFile "$file"): " said
}

# make_certificate NAME: NAME.crt, NAME.key
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$1.key" -out "$1.crt"
}

# Files of /etc/ouroscope that a server's configuration names are made.
serve_reads() {
    sed "s,/etc/ouroscope,$PWD/etc,g" "$file" >serve.yaml
    mkdir etc && make_certificate etc/results && mv etc/results.crt etc/results.pem || return
    (umask 077 && echo secret | tee etc/hook.secret >etc/chat.secret)
    "$OUROSCOPE" serve --config serve.yaml --check
}

# Some members of a collector's configuration, behind those that it must have. The certificate that they may name is made.
tracer_reads() {
    {
        echo 'networkMagic: 42'
        echo 'network: { tag: AcceptAt, contents: forward.socket }'
        echo 'logging: [ { logRoot: logs, logMode: FileMode, logFormat: ForMachine } ]'
        cat "$file"
    } >whole.yaml
    ! grep -q certificateFile whole.yaml ||
        make_certificate collector || return
    "$OUROSCOPE" tracer --config whole.yaml --check
}

# A location stands in a server, and that in a whole configuration.
nginx_reads() {
    {
        echo "pid $PWD/nginx.pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:1;"
        cat "$file"
        echo "} }"
    } >nginx.conf
    nginx -t -q -c "$PWD/nginx.conf"
}

# program_of KIND: the program of others that it wants, or nothing.
program_of() {
    case $1 in
    nginx-location) echo nginx ;;
    policy) echo terraform ;;
    prometheus | rules) echo promtool ;;
    unit) echo systemd-analyze ;;
    esac
}

# is_of_kind BLOCK: its first line is the kind.
is_of_kind() {
    local kind file=$scratch/kind/block tree=$PWD
    kind=$(head -n 1 "$1")
    rm -rf "$scratch/kind" && mkdir "$scratch/kind"
    tail -n +2 "$1" >"$file"
    (cd "$scratch/kind" && PATH=$PATH:/usr/sbin && eval "${kinds[$kind]}")
}

# is_from BLOCK: its first line is a file, the others are lines of it, one behind another.
is_from() {
    python3 - "$1" <<'PYTHON'
import sys
name, _, lines = open(sys.argv[1]).read().partition("\n")
sys.exit(None if lines in open(name).read() else name + " has no such lines")
PYTHON
}

# json_excerpt FILE: JSON values, one behind another. "..." stands for values and members that are left out.
json_excerpt() {
    python3 - "$1" <<'PYTHON'
import json, re, sys
text = open(sys.argv[1]).read()
kept = re.sub(r'("(?:[^"\\]|\\.)*")|,?\s*\.\.\.', lambda found: found.group(1) or "", text)
place, decoder = 0, json.JSONDecoder()
while kept[place:].strip():
    place += len(kept[place:]) - len(kept[place:].lstrip())
    place = decoder.raw_decode(kept, place)[1]
sys.exit(None if place else "nothing in it")
PYTHON
}

# What has no program that reads it alone, by the syntax of its language.
declare -A syntaxes=(
    [c]='${OUROSCOPE_CC:-cc} -std=gnu17 -fsyntax-only -Iinclude -include ouroscope/trace.h -x c "$file"'
    [json]='json_excerpt "$file"'
    [python]='python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$file"'
)

# is_excerpt LANGUAGE BLOCK: its first line is why.
is_excerpt() {
    local file=$scratch/excerpt
    tail -n +2 "$2" >"$file"
    eval "${syntaxes[$1]}"
}
