#!/bin/bash
# Programs that use the installed library fork, run short threads, are interrupted by signals, have their logs rotated, and end.
. tests/cli/tap.sh
. tests/integration/library/installed.sh

for name in fork threads interrupt rotate nohup stress end; do
    check "the program $name compiles" program $name
done

# done_well STATUS: and nothing is lost
done_well() {
    ended "$1" && same 0 <(account dropped) && same 0 <(account unwritten) || { cat "$scratch/err"; return 1; }
}

# --- fork() -----------------------------------------------------------------

# Locks of the address sanitizer's may be taken when a process with threads forks, and then are for ever in the child; the
# thread sanitizer knows no threads that a child makes.
check_fork() {
    case $sanitize in
    *address*) skip "$1" "the address sanitizer does not survive it" ;;
    *) check "$@" ;;
    esac
}

check_fork_anew() {
    case $sanitize in
    *thread*) skip "$1" "the thread sanitizer does not survive it" ;;
    *) check_fork "$@" ;;
    esac
}

child_is_silent() {
    execute fork silent "$scratch/silent"
    done_well 0 && each_once 0 999 "$scratch/silent"
}
check_fork "a forked child traces nothing, and what waits in the parent is written once" child_is_silent

child_starts_anew() {
    execute fork anew "$scratch/anew"
    done_well 0 && diff <(seq 0 999; echo 1000000) <(numbers "$scratch/anew" | sort -n)
}
check_fork_anew "a forked child can start tracing of its own" child_starts_anew

fork_amid_calls() {
    execute fork threads "$scratch/amid"
    ended 0 && accounts_add_up "$scratch/amid" &&
        diff <(seq 1000000 1000019) <(numbers "$scratch/amid" | awk '$1 >= 1000000' | sort -n)
}
check_fork_anew "a fork while other threads trace leaves both processes able to" fork_amid_calls

# Beside what it would find without the library: who runs the tests may ignore signals, too.
exec_starts_clean() {
    local log=$scratch/exec
    execute fork exec "$log"
    ended 0 && same "0
$(timeout 120 grep -E '^Sig(Ign|Blk)' /proc/self/status)" "$scratch/out"
}
check_fork "a program started by exec inherits no file and no signal of the library's" exec_starts_clean

child_has_a_signal_stack() {
    execute fork signalled "$scratch/signalled"
    ended 0 && same handled "$scratch/out" && diff <(echo 0; echo 1000000) <(numbers "$scratch/signalled" | sort -n)
}
check_fork_anew "a signal in a forked child finds the stack that was lent to its thread" child_has_a_signal_stack

daemon_lives_on() {
    execute fork daemonise "$scratch/daemon"
    ended 0 && cat "$scratch/out" && diff <(seq 0 499; echo 1000000) <(numbers "$scratch/daemon" | sort -n)
}
check_fork_anew "a daemon traces after its parent has ended, and the parent's messages are written" daemon_lives_on

# --- Threads and signals ----------------------------------------------------

short_threads() {
    execute threads "$scratch/threads"
    done_well 0 && each_once 0 999 "$scratch/threads"
}
check "a thousand threads that end right after a call lose nothing" short_threads

handlers_trace() {
    execute interrupt "$scratch/interrupt"
    ended 0 && [ "$(account handled)" -ge 100 ] && accounts_add_up "$scratch/interrupt" || { cat "$scratch/err"; return 1; }
}
check "a signal handler may trace; what it interrupts is whole, what is dropped is counted" handlers_trace

stress() {
    execute stress "$scratch/stress"
    ended 0 && accounts_add_up "$scratch/stress" && same 0 <(account unwritten) || { cat "$scratch/err"; return 1; }
    same "$(account lines)" <(grep -c . "$scratch/stress")
}
check "sixteen threads, flushes and changes of the configuration: every call is accounted for" stress

# --- SIGHUP -----------------------------------------------------------------

rotation_loses_nothing() {
    local folder=$scratch/rotated
    mkdir "$folder"
    execute rotate "$folder"
    done_well 0 && each_once 0 $(($(account calls) - 1)) "$folder"/log* && [ -s "$folder/log.0" ]
}
check "a log that is moved away under load loses no line, and has none twice" rotation_loses_nothing

nohup_stays() {
    echo "TraceOptions: { '': { severity: Silence } }" >"$scratch/silence.yaml"
    (trap '' HUP && "$scratch/bin/nohup" "$scratch/silence.yaml")
}
check "SIGHUP that is ignored stays so" nohup_stays

# --- The end of a program ---------------------------------------------------

# at_end CASE STATUS: ends so, and the log has all
at_end() {
    execute end "$1" "File MachineFormat $scratch/end-$1"
    ended "$2" && each_once 0 999 "$scratch/end-$1"
}
check "exit() writes everything" at_end exit 0
check "what was flushed is written, although _exit() comes" at_end flush 0

quick_exit_is_what_it_is() {
    execute end _exit "File MachineFormat $scratch/quick"
    ended 0 && [ "$(numbers "$scratch/quick" | wc -l)" -lt 1000 ]
}
check "_exit() without a flush loses what waits, as the manual says" quick_exit_is_what_it_is
tap_end
