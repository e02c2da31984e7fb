# shellcheck shell=bash
# Pages whose commands are run: source this behind tap.sh.
#
# A block ```sh run, or a comment <!-- run: COMMAND -->, is run in a copy of what the page may speak of. A block ```text shown behind it is
# compared: its lines are lines of the output, in that order. A line "..." stands for any. A block ```c file NAME, of whatever language, is a file.

# blocks PAGE FOLDER: writes N.run, N.shown, and N.file, whose first line is the file's name.
blocks() {
    awk -v folder="$2" '
        /^<!-- run: .* -->$/ { file = sprintf("%s/%02d.run", folder, ++n); sub(/^<!-- run: /, ""); sub(/ -->$/, ""); print >file; close(file); next }
        /^```sh run$/ { file = sprintf("%s/%02d.run", folder, ++n); inside = 1; next }
        /^```text shown$/ { file = sprintf("%s/%02d.shown", folder, n); inside = 1; next }
        /^```[a-z]+ file [^ ]+$/ { file = sprintf("%s/%02d.file", folder, ++n); inside = 1; print $3 >file; next }
        /^```$/ { if (inside) close(file); inside = 0; next }
        inside { print >file }
    ' "$1"
}

# Every line of the file SHOWN comes in OUTPUT, in the same order.
shows() {
    awk '
        NR == FNR { if ($0 !~ /^ *\.\.\.$/) wanted[++n] = $0; next }
        found < n && $0 == wanted[found + 1] { found++ }
        END { if (found < n) { print "not shown: " wanted[found + 1]; exit 1 } }
    ' "$1" "$2"
}

# run_block FILE OUTPUT: in the folder $work, whose bin has the commands that the page may use.
run_block() {
    (cd "$work" && PATH="$work/bin:$PATH" bash -euo pipefail "$1" >"$2" 2>"$2.err" </dev/null) && return
    cat "$1" "$2" "$2.err"
    return 1
}

# check_page PAGE FOLDER: runs its blocks one after another; FOLDER takes what comes of it.
check_page() {
    local page=${1#"$scratch/"} folder=$2 block number
    mkdir -p "$folder"
    blocks "$1" "$folder"
    for block in "$folder"/*.run "$folder"/*.file; do
        [ -e "$block" ] && echo "$block"
    done | sort >"$folder/all"
    while read -r block; do
        number=$(basename "${block%.*}")
        if [[ $block == *.file ]]; then
            tail -n +2 "$block" >"$work/$(head -n 1 "$block")"
            continue
        fi
        check "$page: command $number works: $(head -n 1 "$block")" run_block "$block" "$folder/$number.out"
        [ ! -e "${block%.run}.shown" ] ||
            check "$page: command $number prints what the page shows" shows "${block%.run}.shown" "$folder/$number.out"
    done <"$folder/all"
}
