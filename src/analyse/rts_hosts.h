/* What the run-time systems of a run's programs wrote of themselves, host by host: RUN/nodes/NAME/rts.stats, or, as the
 * workbench of cardano-node lays it out, RUN/NAME/cardano-node.gcstats. */
#ifndef OU_ANALYSE_RTS_HOSTS_H
#define OU_ANALYSE_RTS_HOSTS_H

#include "base/arena.h"
#include "logs/rts_stats.h"

#define RTS_HOSTS_MAX 2000

struct rts_host {
    const char *name, *path;
    struct rts_statistics stats;
    const char *problem; /* why there are none; NULL: there are */
};

/* Zero-initialise. */
struct rts_hosts {
    struct arena memory;
    struct rts_host *items; /* by name; count of them */
    size_t count;           /* 0: the run has none */
};

/* A file that cannot be understood is noted with its problem, and is no failure. */
enum ou_status rts_hosts_load(const char *run_directory, struct rts_hosts *ret,
                              struct ou_error *err);

/* None yet, with room for some. OU_NO_MEMORY. */
enum ou_status rts_hosts_init(struct rts_hosts *hosts, struct ou_error *err);
/* Adds one; the texts must be in hosts->memory, and stats belong to it then. False: there are RTS_HOSTS_MAX, and nothing has changed. */
bool rts_hosts_add(struct rts_hosts *hosts, const char *name, const char *path,
                   const struct rts_statistics *stats, const char *problem);
/* Behind the last one. */
void rts_hosts_sort(struct rts_hosts *hosts);
void rts_hosts_release(struct rts_hosts *hosts);

#endif
