#!/bin/bash
# Programs that use the installed library meet full disks and closed pipes, and crash.
. tests/cli/tap.sh
. tests/integration/library/installed.sh
ulimit -c 0

for name in disk pipe end; do
    check "the program $name compiles" program $name
done

# lost_is_told FILE: the losses of lines, as traced, are those counted
lost_is_told() {
    same "$(account unwritten)" <(sed -n 's/.*"ns":"Reflection.RecordsLost".*"output":\([0-9]*\).*/\1/p' "$1" | awk '{ n += $1 } END { print n + 0 }')
}

# --- Disks ------------------------------------------------------------------

disk_full() {
    execute disk full "$scratch/full"
    ended 0 && [ "$(account unwritten)" -ge 500 ] && each_once 500 999 "$scratch/full.roomy" && lost_is_told "$scratch/full.roomy" ||
        { cat "$scratch/err"; return 1; }
}
check "a full disk: lines are counted, and told of when there is room again" disk_full

file_limited() {
    local log=$scratch/limited
    execute disk limited "$log"
    ended 0 && [ "$(account unwritten)" -gt 0 ] && lost_is_told "$log" || { cat "$scratch/err"; return 1; }
    same "$(account lines)" <(grep -c '^{"at":.*}$' "$log")
    # One line is damaged, the one that the limit cut, unless it fell between two.
    [ "$(grep -vc '^{"at":.*}$' "$log")" -le 1 ] && diff <(seq 500 999) <(numbers "$log" | awk '$1 >= 500')
}
check "a limit on file sizes damages one line at most and kills nobody" file_limited

folder_removed() {
    mkdir "$scratch/folder"
    execute disk removed "$scratch/folder/log"
    ended 0 && grep -c . "$scratch/err" && same 0 <(account dropped)
}
check "a log whose folder has gone harms nobody" folder_removed

# --- Pipes ------------------------------------------------------------------

pipe_closed() {
    timeout -k 5 120 "$scratch/bin/pipe" 2>"$scratch/err" </dev/null | head -n 1 >"$scratch/out"
    status=${PIPESTATUS[0]}
    ended 0 && [ -s "$scratch/out" ] && same 0 <(account dropped) && [ "$(account unwritten)" -gt 0 ] &&
        [ $(($(account unwritten) + $(account lines))) -ge "$(account calls)" ] || { cat "$scratch/err"; return 1; }
}
check "a closed pipe does not end the program, and what is lost is counted" pipe_closed

# --- Crashes ----------------------------------------------------------------

# crashes CASE STATUS [LAST]: ends so, and the log has all numbers up to the last
crashes() {
    local log=$scratch/crash-$1
    execute end "$1" "File MachineFormat $log"
    ended "$2" && each_once 0 "${3:-999}" "$log" || { cat "$scratch/err"; return 1; }
}
SEGV=139 ABRT=134 FPE=136
check "a null pointer: all is written, and the program ends as it would" crashes null $SEGV
check "abort(): likewise" crashes abort $ABRT
[ "$sanitize" != none ] || check "a division by zero: likewise" crashes division $FPE
check "a stack that overflows: likewise" crashes overflow $SEGV
check "a crash in a second thread: likewise" crashes thread $SEGV 1000
check "a stack that overflows in a second thread: likewise" crashes thread-overflow $SEGV 1000

own_handler() {
    crashes handler 3 && same "the program's own handler" "$scratch/err"
}
check "a handler that the program had before is called afterwards" own_handler

handlers_kept_out() {
    execute end kept "File MachineFormat $scratch/kept"
    ended $SEGV && [ "$(numbers "$scratch/kept" | wc -l)" -lt 1000 ]
}
check "keep_crashes leaves a crash alone" handlers_kept_out

# accounted_for CALLS LOG: what is written and what is said to be lost are all of them. Lines that are said may have got out after all.
accounted_for() {
    local written records lines
    written=$(numbers "$2" | wc -l)
    read -r records lines < <(sed -n 's/^ouroscope: the program crashed; lost are \([0-9]*\) trace records and up to \([0-9]*\) lines$/\1 \2/p' "$scratch/err")
    [ -n "$lines" ] && [ $((written + records + lines)) -ge "$1" ] && [ $((written + records)) -le "$1" ] ||
        { echo "$written written"; cat "$scratch/err"; return 1; }
}

crash_in_a_callback() {
    local log=$scratch/callback
    execute end callback "File MachineFormat $log"
    ended $SEGV && accounted_for 1000 "$log"
}
check "a crash on the library's own thread ends the program and says what is lost" crash_in_a_callback

crash_while_blocked() {
    local begun=$SECONDS
    mkfifo "$scratch/fifo" && exec 8<>"$scratch/fifo" || return
    status=0
    timeout -k 5 60 "$scratch/bin/end" blocked 'Stdout MachineFormat' >"$scratch/fifo" 2>"$scratch/err" || status=$?
    ended $SEGV && [ $((SECONDS - begun)) -lt 30 ] || return
    timeout 1 cat <&8 >"$scratch/drained"
    exec 8>&-
    accounted_for 2000 "$scratch/drained"
}
check "a crash while nobody reads the output ends the program soon and says what is lost" crash_while_blocked
tap_end
