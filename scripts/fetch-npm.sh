# fetch-npm.sh: what scripts have in common that fetch packages of npm when a build is set up. To be sourced, with
# $packages (NAME VERSION FILE SHA-512 of the package, a line each) and $made, what is to be made of them.
#
# What was made stays in the user's cache, or the folder $OUROSCOPE_CACHE, under a name that changes with the packages and the script. Packages are taken
# by their checksum; what does not match is not used.
here=$(cd "$(dirname "$0")" && pwd)
cache=${OUROSCOPE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp/ouroscope-$(id -u)}/.cache}/ouroscope}

give_up() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# cached STEM SUFFIX FILE...: sets $kept, the path that depends on the packages, this script and the files. Where it is there
# already, prints it and ends.
cached() {
    kept=$cache/$1-$({ printf '%s' "$packages"; shift 2; cat "$0" "$here/fetch-npm.sh" "$@"; } | sha512sum | cut -c 1-16)$2
    [ ! -e "$kept" ] || { echo "$kept"; exit; }
}

# Sets $work, a folder for the time being.
begin_fetching() {
    command -v npm >/dev/null 2>&1 || "$here/setup-debian.sh" charts >&2
    command -v npm >/dev/null 2>&1 || give_up "there is no npm to fetch $made with"
    mkdir -p "$cache" || give_up "no folder to keep them in"
    work=$(mktemp -d "$cache/fetch.XXXXXX") || give_up "no folder to keep them in"
    trap 'rm -rf "$work"' EXIT
    printf '%s' "$packages" | grep . >"$work/list"
}

# What npm says beside codes and where it logs: "npm ERR! " or "npm error " stands before each line.
reason() {
    sed -n -e '/^npm [Ee][Rr][Rr][a-z!]* *\(code\|errno\|syscall\) /d' -e 's/^npm [Ee][Rr][Rr][a-z!]* *//' -e '/./{p;q;}' "$work/npm.err"
}

# fetch NAME VERSION SHA-512: the package, unpacked into $work/NAME
fetch() {
    (cd "$work" && npm pack --loglevel=error --fetch-retries=1 --fetch-timeout=30000 "$1@$2" >npm.out 2>npm.err) ||
        give_up "npm cannot have $1 $2: $(reason)"
    found=$(sha512sum <"$work/$1-$2.tgz" | cut -d ' ' -f 1)
    [ "$found" = "$3" ] || give_up "$1 $2 is not what it was: its SHA-512 is $found"
    mkdir "$work/$1" && tar -xzf "$work/$1-$2.tgz" --no-same-owner --strip-components=1 -C "$work/$1" ||
        give_up "$1 $2 cannot be unpacked"
}

# A licence stands in a comment, which nothing in it may end.
comment() {
    echo '/*!'
    sed 's,\*/,* /,g' "$@"
    echo '*/'
}

# A script in a page ends at the first end tag in it.
may_stand_in_a_page() {
    ! grep -qi -e '</script' -e '<!--' "$1"
}
