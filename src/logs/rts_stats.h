/* What the run-time system of a GHC program wrote of itself: `+RTS -tFILE --machine-readable` (a list of names and
 * numbers), `+RTS -sFILE` (a summary for people), or `+RTS -SFILE` (a line for each collection, then the summary). As
 * GHC 8.10 to 9.12 write them, whichever of these a file is. Times are seconds, sizes bytes, counts counts; NaN where a file does not tell. */
#ifndef OU_LOGS_RTS_STATS_H
#define OU_LOGS_RTS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"

#define RTS_GENERATIONS_MAX 8
#define RTS_PAUSES_MAX \
    ((size_t)4 << 20) /* collections whose length is kept; more are counted alone */

/* A generation's collections. */
struct rts_generation {
    double collections, parallel; /* parallel: those made by several threads */
    double cpu_s, wall_s;
    double mean_pause_s, max_pause_s;
};

/* One phase of the program's life. */
struct rts_phase {
    double cpu_s, wall_s;
};

struct rts_statistics {
    double allocated_bytes, copied_bytes;
    double max_live_bytes, max_memory_bytes;
    double capabilities; /* Haskell threads at once: -N */
    struct rts_phase init, mutator, collector, exit, total;
    struct rts_generation generations[RTS_GENERATIONS_MAX];
    size_t generation_count; /* 0: not told */
    /* From the lines of -S, in their order: how long each collection held the program up, to a millisecond. */
    double *pauses_s; /* owned */
    size_t pause_count;
    uint64_t pauses_dropped; /* beyond RTS_PAUSES_MAX */
    uint64_t odd_lines;      /* of -S, that were not understood */
    bool is_whole;           /* it has a summary: the program came to its end */
};

/* Collections of the young generations, and of the oldest; NaN. */
double rts_minor_collections(const struct rts_statistics *s);
double rts_major_collections(const struct rts_statistics *s);
/* Over all generations; NaN. */
double rts_max_pause_s(const struct rts_statistics *s);
double rts_mean_pause_s(const struct rts_statistics *s);

/* Reads a file of any of these forms. OU_NOT_FOUND; OU_INVALID, with PATH:LINE, for what is none. A file of -S that was cut
 * short, because the program was killed, is read as far as it goes. */
enum ou_status rts_stats_load(const char *path, struct rts_statistics *ret, struct ou_error *err);
/* The same of a text; `name` stands in messages. */
enum ou_status rts_stats_parse(struct span text, const char *name, struct rts_statistics *ret,
                               struct ou_error *err);
void rts_stats_release(struct rts_statistics *s); /* a zeroed one is fine */

#endif
