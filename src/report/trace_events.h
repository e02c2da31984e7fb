/* The journey of blocks as Trace Event JSON, for the Perfetto viewer and Chromium's
 * tracing page. docs/formats/trace-events.md describes it. */
#ifndef OU_REPORT_TRACE_EVENTS_H
#define OU_REPORT_TRACE_EVENTS_H

#include "analyse/analysis.h"
#include "base/buffer.h"

/* Which blocks: by slot, and by number; all bounds inclusive. */
struct trace_limits {
    int64_t from_slot, to_slot;   /* -1: open */
    int64_t from_block, to_block; /* -1: open */
};

/* Appends the document, events by time. Ask the buffer for failures. */
void report_trace_events(const struct analysis *a, const struct trace_limits *limits, struct buffer *out);

#endif
