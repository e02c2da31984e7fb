/* What is reported about a run in progress, as JSON (docs/formats/live.md): by who makes the run, or by a server that looks
 * at its directory. */
#ifndef OU_API_LIVE_REPORT_H
#define OU_API_LIVE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define LIVE_NOTICES 20 /* the last ones are kept */
#define LIVE_NOTICE_ROOM 600
#define LIVE_PHASE_ROOM 200
#define LIVE_HOSTS_MAX 1000

struct live_host {
    const char *name;
    bool is_up;
    int64_t height; /* -1: no block yet */
    uint64_t blocks_forged, resident_bytes;
};

/* Numbers: below 0 or NaN where not known. */
struct live_view {
    int64_t start_ns; /* slot 0; TIME_NONE */
    double elapsed_s; /* since slot 0; below 0 before it; NaN */
    int64_t slot, height_low, height_high, blocks_forged, transactions_sent;
    double transactions_per_s, cpu_cores;
    uint64_t resident_bytes;
    uint32_t nodes_up, nodes;
    double heard_s; /* how long ago it was so */
    const struct live_host *hosts;
    size_t host_count;
};

/* What is known of the run besides; zero-initialise and set what is known. */
struct live_facts {
    const char *project, *profile, *machine;
    const char *state;  /* of the run directory */
    const char *source; /* "run": who makes it; "folder": who looks at its directory */
    int64_t began_ns;
    bool has_ended;
    char phase[LIVE_PHASE_ROOM]; /* what it waits for; "": nothing */
    struct live_notice {
        int64_t at_ns;
        char text[LIVE_NOTICE_ROOM];
    } notices[LIVE_NOTICES];
    size_t notice_count; /* in all; the last LIVE_NOTICES are there */
};

/* What the load waits for: so many of the transactions that split its fund were taken. Nothing, where it is split or
 * nothing is told of it. */
void live_facts_setup(struct live_facts *facts, uint64_t taken, uint64_t txs);

void live_facts_notice(struct live_facts *facts, int64_t at_ns, const char *text);

/* Appends the report. view may be NULL: there are no processes. */
void live_report_write(const struct live_facts *facts, const struct live_view *view,
                       struct buffer *ret);

#endif
