/* What is to be drawn of an analysis, in the order of time, before it becomes text (trace_events.c). One thread. */
#ifndef OU_REPORT_TRACE_PLAN_H
#define OU_REPORT_TRACE_PLAN_H

#include "report/trace_bound.h"
#include "report/trace_events.h"
#include "report/trace_stays.h"

/* A stay without its phases, which are made again when they are wanted: there are as many as blocks times hosts. */
struct visit {
    uint32_t block, host;
    uint32_t observation; /* of the block's; FORGED: by the forger */
    uint32_t lane;        /* of its host, from 0 on */
    int64_t from_ns, to_ns;
    float bound_s; /* the least time from the forger's announcement to the body here; NaN */
};
#define FORGED UINT32_MAX

enum mark {
    MARK_SLOT,
    MARK_STAY,
    MARK_PHASE,
    MARK_LEADER,
    MARK_ANNOUNCED,
    MARK_SENT,
    MARK_FLOW_OUT,
    MARK_FLOW_IN,
    MARK_COUNTER,
};

struct trace_event {
    int64_t at_ns, duration_ns;
    enum mark mark;
    uint32_t item;  /* a visit; of counters the host */
    uint32_t order; /* equal instants: as they were made */
    union {
        uint32_t phase;
        uint64_t slot;
        uint64_t flow;
        struct {
            enum trace_counter which;
            float value;
        } counter;
    } of;
};

struct trace_plan {
    const struct analysis *a;
    const struct trace_extras *extras;
    const struct trace_limits *limits;
    struct visit *visits; /* by block, the forger first, then by host; owned */
    size_t visit_count;
    uint32_t *lanes;            /* by host: how many; owned */
    struct trace_event *events; /* owned */
    size_t event_count, event_cap;
    struct trace_bound bound;
    size_t flows, blocks, undated;
    bool failed; /* no memory */
};

/* False: no memory. The caller releases it in either case. */
bool trace_plan_make(const struct analysis *a, const struct trace_extras *extras,
                     const struct trace_limits *limits, struct trace_plan *ret);
void trace_plan_release(struct trace_plan *t);

/* What was to be known of a visit, made again. */
bool trace_plan_stay(const struct trace_plan *t, const struct visit *v, struct block_stay *ret);

#endif
