/* What this process has used so far, from the proc file system. */
#ifndef OU_TRACE_RESOURCES_H
#define OU_TRACE_RESOURCES_H

#include <stdint.h>

#include "base/status.h"

/* Cumulative since the process began, except sizes and threads; INT64_MIN where the
 * system does not say. A C program collects no garbage: the members about it are 0. */
struct resource_usage {
    int64_t cpu_centi; /* user and system time, 1/100 s */
    int64_t rss_bytes;
    int64_t heap_bytes;     /* of malloc's arenas and mapped blocks */
    int64_t live_bytes;     /* of that, in use */
    int64_t blk_io_centi;   /* waiting for block devices, 1/100 s */
    int64_t net_read_bytes; /* of the network name space (IpExt InOctets, OutOctets) */
    int64_t net_write_bytes;
    int64_t fs_read_bytes; /* of block devices (io: read_bytes, write_bytes) */
    int64_t fs_write_bytes;
    int64_t threads;
};

/* From the folder of a process, /proc/self, say. What is missing there stays unknown;
 * OU_IO when nothing can be read. Any thread. */
enum ou_status resources_read(const char *proc, struct resource_usage *ret, struct ou_error *err);

#endif
