/* What the library keeps about each point while tracing runs. Guarded by the lock of
 * consumer.h. */
#ifndef OU_TRACE_RUNTIME_H
#define OU_TRACE_RUNTIME_H

#include "trace/config.h"
#include "trace/limiter.h"
#include "trace/render.h"

struct point_runtime {
    struct plan *plan;
    struct rule rule;
    bool passes; /* its severity does */
    bool reflects;
    bool feeds_metrics, folded;
    struct limiter limiter; /* when rule.max_frequency is not 0 */
};

/* What of the configuration matters to the state of a point. */
struct runtime_setting {
    const struct config *config; /* NULL: everything is off */
    bool reflections_only;
    bool outputs_added;
    bool forwards; /* the backend Forwarder is there */
};

/* Makes or changes a point's runtime, and switches the point. Without memory
 * for it the point is off. */
void runtime_set(struct ou_point *point, const struct runtime_setting *setting, double now_s);
void runtime_drop(struct ou_point *point); /* off; its runtime is freed */

static inline struct point_runtime *runtime_of(const struct ou_point *point)
{
    return point->runtime;
}

#endif
