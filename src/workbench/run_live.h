/* Whether somebody watches a run, and which processes of it there are: what the system knows, not what files say that were
 * left behind. */
#ifndef OU_WORKBENCH_RUN_LIVE_H
#define OU_WORKBENCH_RUN_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#define RUN_PROCESSES_MAX 4096

/* RUN/lock is held as long as somebody watches the run; the system lets go of it when its holder dies. A zeroed one holds
 * nothing. The lock is a process's, not a descriptor's: whoever holds it must not ask run_watcher() about the same run. */
struct run_lock {
    bool held;
    int fd;
};

/* OU_USAGE, with the process id, when another process watches the run. */
enum ou_status run_lock_take(const char *run_directory, struct run_lock *ret, struct ou_error *err);
void run_lock_release(struct run_lock *lock);

/* The process that watches the run; 0: none does. */
int run_watcher(const char *run_directory);

/* The processes of a run: those that it started itself, as far as they are still the same ones, what these started and left
 * behind, which is in their process groups or prints into files of RUN/nodes, and those of the program `program` (a path) that somebody started in the run's folders. Returns how many there are; the first `room` ids go to ret. */
size_t run_processes(const char *run_directory, const char *program, int *ret, size_t room);

/* Asks the processes of a run that nobody watches to end, kills those that have not after a while, and waits for it.
 * *ret_ended: how many there were. OU_IO when one is left, which is not ours to end. */
enum ou_status run_end_processes(const char *run_directory, const char *program, size_t *ret_ended,
                                 struct ou_error *err);

/* Tells of each run of this machine, but `own`, that somebody watches and that has processes, as far as we may see them: its
 * folder. Runs may be told more than once. */
void run_others_each(const char *own, void (*tell)(void *context, const char *run_directory),
                     void *context);

#endif
