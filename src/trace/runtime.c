#include "trace/runtime.h"

#include <stdlib.h>

#include "trace/folds.h"
#include "trace/reflection.h"

#define BACKENDS_SHOWN (~(BACKEND_EKG | BACKEND_DATAPOINT | BACKEND_PROMETHEUS))

bool is_about_forwarding(const struct ou_point *point)
{
    return point == &ou_point_forwarder_lost || point == &ou_point_forwarder_listening ||
           point == &ou_point_forwarder_connected || point == &ou_point_forwarder_closed ||
           point == &ou_point_forwarder_failed;
}

bool is_reflection(const struct ou_point *point)
{
    static const struct ou_point *const all[] = {
        &ou_point_start_limiting,       &ou_point_stop_limiting, &ou_point_remember_limiting,
        &ou_point_consistency_warnings, &ou_point_tracer_info,   &ou_point_config_info,
        &ou_point_config_refused,       &ou_point_records_lost,  NULL,
    };

    for (const struct ou_point *const *at = all; *at; at++)
        if (*at == point)
            return true;
    return is_about_forwarding(point);
}

static void switch_point(struct ou_point *point, uint32_t state)
{
    atomic_store_explicit(&point->state, state, memory_order_relaxed);
}

static struct point_runtime *make_runtime(struct ou_point *point)
{
    struct point_runtime *rt = calloc(1, sizeof(*rt));

    if (!rt)
        return NULL;
    rt->plan = plan_new(point);
    if (!rt->plan) {
        free(rt);
        return NULL;
    }
    rt->reflects = is_reflection(point);
    rt->feeds_metrics = point->metrics && point->metrics->name;
    point->runtime = rt;
    return rt;
}

/* A limiter whose frequency stays goes on as it was. */
static void set_rule(struct point_runtime *rt, const struct rule *rule, double now_s)
{
    if (rule->max_frequency > 0 && rule->max_frequency != rt->rule.max_frequency)
        limiter_init(&rt->limiter, rule->max_frequency, now_s);
    rt->rule = *rule;
}

static uint32_t detail_bits(enum ou_detail detail)
{
    return (uint32_t)detail << OU_STATE_DETAIL;
}

/* The older system has no rules for names, and nothing to say about itself. */
static uint32_t legacy_state(const struct ou_point *point, struct point_runtime *rt,
                             const struct config_legacy *legacy)
{
    rt->passes = !rt->reflects && point->severity >= legacy->min_severity;
    rt->rule.detail = legacy->maximal ? OU_DMAXIMUM : OU_DNORMAL;
    if (!rt->passes && !rt->feeds_metrics)
        return 0;
    return OU_STATE_LEGACY | detail_bits(rt->rule.detail);
}

/* A collector gets what its rules say, and what the library has to say about itself; nothing that is
 * confidential, or about the way to it. */
static unsigned backends_of(const struct ou_point *point, const struct point_runtime *rt,
                            const struct runtime_setting *setting, unsigned configured)
{
    if (!setting->forwards || point->privacy == OU_CONFIDENTIAL || is_about_forwarding(point))
        return configured & ~BACKEND_FORWARDER;
    return rt->reflects ? configured | BACKEND_FORWARDER : configured;
}

static uint32_t state_of(const struct ou_point *point, struct point_runtime *rt,
                         const struct runtime_setting *setting, double now_s)
{
    struct rule rule = config_rule(setting->config, rt->reflects ? "" : point->ns);
    bool shown;

    if (rt->reflects)
        rule = (struct rule){ OU_DEBUG, OU_DMAXIMUM, rule.backends, 0 };
    if (setting->config->legacy.wanted)
        return legacy_state(point, rt, &setting->config->legacy);
    rule.backends = backends_of(point, rt, setting, rule.backends);
    set_rule(rt, &rule, now_s);
    rt->passes = point->severity >= rule.severity;
    rt->folded = folds_want(point);
    shown = rt->passes && ((rule.backends & BACKENDS_SHOWN) || setting->outputs_added);
    if (setting->reflections_only && !rt->reflects)
        return 0;
    if (!shown && !rt->feeds_metrics && !rt->folded)
        return 0;
    return OU_STATE_RECORD | detail_bits(rule.detail);
}

void runtime_set(struct ou_point *point, const struct runtime_setting *setting, double now_s)
{
    struct point_runtime *rt = point->runtime ? point->runtime : make_runtime(point);

    switch_point(point, rt && setting->config ? state_of(point, rt, setting, now_s) : 0);
}

void runtime_drop(struct ou_point *point)
{
    struct point_runtime *rt = point->runtime;

    switch_point(point, 0);
    point->runtime = NULL;
    if (rt)
        plan_free(rt->plan);
    free(rt);
}
