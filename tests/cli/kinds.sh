# shellcheck shell=bash
# What a block of a page is, ```yaml is KIND and ```json excerpt: each is read by the program that it is for. Source this behind tap.sh.

# Kinds of whole files. The file is $file; the command runs in a folder of its own.
declare -A kinds=(
    # Of this program.
    [generator-configuration]='"$OUROSCOPE" generator --config "$file" --check'
    [node-configuration]='"$OUROSCOPE" docs --config "$file" --check'
    [placement]='"$OUROSCOPE" placement show "$file"'
    [profile]='"$OUROSCOPE" profile check "$file"'
    [serve-configuration]='"$OUROSCOPE" serve --config "$file" --check'
    [sweep]='"$OUROSCOPE" sweep --plan "$file"'
    [topology]='"$OUROSCOPE" topology show "$file"'
    [tracer-configuration]='"$OUROSCOPE" tracer --config "$file" --check'
    # Of others; skipped where their program is not there.
    [nginx-location]='nginx_reads'
    [prometheus]='promtool check config "$file"'
    [rules]='promtool check rules "$file"'
    [terraform]='terraform fmt -check "$file"'
    [unit]='systemd-analyze verify "$file"'
)

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
    case ${kinds[$1]} in
    '"$OUROSCOPE"'*) ;;
    nginx_reads) echo nginx ;;
    *) echo "${kinds[$1]%% *}" ;;
    esac
}

# is_of_kind BLOCK: its first line is the kind.
is_of_kind() {
    local kind file=$scratch/kind/block
    kind=$(head -n 1 "$1")
    rm -rf "$scratch/kind" && mkdir "$scratch/kind"
    tail -n +2 "$1" >"$file"
    (cd "$scratch/kind" && eval "${kinds[$kind]}")
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
    [c]='"${OUROSCOPE_CC:-cc}" -std=gnu17 -fsyntax-only -Iinclude -x c "$file"'
    [json]='json_excerpt "$file"'
    [python]='python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$file"'
)

# is_excerpt LANGUAGE BLOCK: its first line is why.
is_excerpt() {
    local file=$scratch/excerpt
    tail -n +2 "$2" >"$file"
    eval "${syntaxes[$1]}"
}
