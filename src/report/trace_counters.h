/* What a trace viewer shows as curves: processor, memory and mempool of each host, slot by slot. Filled while logs are
 * analysed, for the slots are not kept by the analysis. */
#ifndef OU_REPORT_TRACE_COUNTERS_H
#define OU_REPORT_TRACE_COUNTERS_H

#include <pthread.h>

#include "analyse/slot_table.h"
#include "base/status.h"

enum trace_counter { COUNTER_CPU, COUNTER_RSS, COUNTER_MEMPOOL, TRACE_COUNTERS };

/* Of a host at most so many points are kept, evenly chosen from its slots. */
#define TRACE_COUNTER_POINTS 4000

struct counter_point {
    uint64_t slot;
    int64_t at_ns;
    double values[TRACE_COUNTERS]; /* NaN: not known */
};

struct host_counters {
    char *host;                   /* owned */
    struct counter_point *points; /* by slot; owned */
    size_t count;
};

/* Any thread while it is filled, one at a time afterwards. */
struct trace_counters {
    int64_t from_slot, to_slot; /* -1: open; points outside are not taken */
    struct slot_sink sink;      /* for analysis_request.slots */
    pthread_mutex_t lock;
    struct host_counters *hosts; /* in the order of arrival; owned */
    size_t host_count, host_cap;
    enum ou_status status; /* OU_NO_MEMORY: what is there is not all */
};

void trace_counters_init(struct trace_counters *c, int64_t from_slot, int64_t to_slot);
void trace_counters_release(struct trace_counters *c);

/* NULL: nothing is known of that host. */
const struct host_counters *trace_counters_of(const struct trace_counters *c, const char *host);

#endif
