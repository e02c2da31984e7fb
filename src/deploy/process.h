/* What /proc tells of processes that are not our children, or no longer so. */
#ifndef OU_DEPLOY_PROCESS_H
#define OU_DEPLOY_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CPU time used so far (ns, of all threads) and resident memory (bytes); false when there is no such process. */
bool process_usage(int pid, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes);

/* Processes, ours left out, that run this program (a path) in a folder below `directory`: what somebody started by hand. Returns
 * how many there are; the first `room` ids go to ret. Both paths may have links in them. */
size_t processes_below(const char *directory, const char *program, int *ret, size_t room);

#endif
