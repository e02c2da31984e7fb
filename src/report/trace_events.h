/* The journey of blocks as Trace Event JSON, for the Perfetto viewer and Chromium's
 * tracing page. docs/formats/trace-events.md describes it. */
#ifndef OU_REPORT_TRACE_EVENTS_H
#define OU_REPORT_TRACE_EVENTS_H

#include "analyse/analysis.h"
#include "analyse/cluster_map.h"
#include "base/buffer.h"
#include "report/trace_counters.h"

/* Which blocks: by slot, and by number; all bounds inclusive. */
struct trace_limits {
    int64_t from_slot, to_slot;   /* -1: open */
    int64_t from_block, to_block; /* -1: open */
};
#define TRACE_ALL ((struct trace_limits){ -1, -1, -1, -1 })

bool trace_limits_take(const struct trace_limits *l, const struct chain_block *b);

/* What is told where it is known. */
struct trace_extras {
    const struct trace_counters *counters; /* what the hosts' slots told; NULL */
    const struct cluster_map *map;         /* for the least time that each hop allows; NULL */
};

/* Appends the document, events by time. Blocks whose slot is not known have no place in time and are left out. Ask the
 * buffer for failures. */
void report_trace_events(const struct analysis *a, const struct trace_extras *extras,
                         const struct trace_limits *limits, struct buffer *out);

#endif
