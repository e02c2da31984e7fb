/* What groups of processes use, from /proc. */
#ifndef OU_DEPLOY_GROUP_USAGE_H
#define OU_DEPLOY_GROUP_USAGE_H

#include <stddef.h>
#include <stdint.h>

/* Of a process group together; CPU, input and output with what its processes waited for, so that a child's end takes nothing
 * away. All 0: there is none. */
struct group_usage {
    int group;
    uint32_t processes, threads;
    uint64_t cpu_ticks, block_io_ticks; /* of sysconf(_SC_CLK_TCK) */
    uint64_t rss_pages;
    uint64_t read_bytes, written_bytes; /* of storage */
};

/* Fills in `count` groups, in ascending order of their numbers, in one walk over the processes of the machine. Any thread. */
void group_usage_read(struct group_usage *groups, size_t count);

/* Bytes that came and went over the network as this process sees it: of the machine, or of a container; -1 when the system does
 * not tell. Any thread. */
void network_usage_read(int pid, int64_t *ret_read_bytes, int64_t *ret_written_bytes);

#endif
