/* What /proc tells of processes that are not our children, or no longer so. */
#ifndef OU_DEPLOY_PROCESS_H
#define OU_DEPLOY_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CPU time used so far (ns, of all threads) and resident memory (bytes); false when there is no such process. */
bool process_usage(int pid, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes);

/* When it was started, by the wall clock; TIME_NONE when there is no such process, or one that has ended and was not waited for. Good to a hundredth of a second; who
 * set the clock since finds it shifted by as much. */
int64_t process_start_ns(int pid);

/* The process group that it is in; 0 when there is no such process, or one that has ended. */
int process_group(int pid);

/* Whether its standard output or error is a file below `directory` (a path without links); whether that is so or it works in a
 * folder there. */
bool process_prints_below(int pid, const char *directory);
bool process_is_below(int pid, const char *directory);

/* Tells of each process whose folder we may know: its id, and the folder that it runs in. */
void processes_each(void (*tell)(void *context, int pid, const char *directory), void *context);

/* Processes, ours left out, that run this program (a path) in a folder below `directory`: what somebody started by hand. Returns
 * how many there are; the first `room` ids go to ret. Both paths may have links in them. */
size_t processes_below(const char *directory, const char *program, int *ret, size_t room);

#endif
