/* What tracing did in the runs of each setting, and what a message cost. */
#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/ratio.h"
#include "study/sweep_inside.h"

/* --- Which setting is the silent one -------------------------------------------------------- */

/* The setting that has the silent level of `axis`, and all others like `of`. */
static size_t silent_beside(const struct sweep_results *r, const struct sweep_setting *of,
                            size_t axis)
{
    for (size_t i = 0; i < r->setting_count; i++) {
        bool fits = true;

        for (size_t k = 0; k < r->axis_count; k++)
            fits = fits && r->all[i].levels[k] == (k == axis ? r->axes[k].silent : of->levels[k]);
        if (fits)
            return i;
    }
    return SIZE_MAX;
}

/* By the first axis with a silent level that the setting itself does not have. */
static size_t silent_of(const struct sweep_results *r, const struct sweep_setting *of)
{
    for (size_t k = 0; k < r->axis_count; k++)
        if (r->axes[k].silent != SIZE_MAX && of->levels[k] != r->axes[k].silent)
            return silent_beside(r, of, k);
    return SIZE_MAX;
}

/* --- What a message costs -------------------------------------------------------------------- */

/* Differences to the silent setting, block by block. */
struct paired_costs {
    double *cpu_us, *messages;
    size_t count;
};

/* NULL: none, or more than one, which a block does not have. */
static const struct run_traces *run_in_block(const struct sweep_results *r, size_t setting,
                                             size_t block)
{
    for (size_t i = 0; i < r->planned; i++)
        if (r->made[i].setting == setting && r->made[i].block == block &&
            r->made[i].run != SIZE_MAX)
            return &r->runs.runs[r->made[i].run].traces;
    return NULL;
}

static void add_pair(struct paired_costs *p, const struct run_traces *of,
                     const struct run_traces *silent)
{
    double cpu_us = 1e6 * (of->node_cpu_s - silent->node_cpu_s);
    double messages = of->messages - silent->messages;

    if (isnan(cpu_us) || isnan(messages))
        return;
    p->cpu_us[p->count] = cpu_us;
    p->messages[p->count++] = messages;
}

static double covariance_of(const struct paired_costs *p, double mean_cpu, double mean_messages)
{
    double sum = 0;

    for (size_t i = 0; i < p->count; i++)
        sum += (p->cpu_us[i] - mean_cpu) * (p->messages[i] - mean_messages);
    return sum / (double)(p->count - 1);
}

/* A ratio of means, since runs with more messages count for more. */
static void estimate_cost(const struct paired_costs *p, struct sweep_traces *t)
{
    double n = (double)p->count, cpu = mean_of(p->cpu_us, p->count),
           messages = mean_of(p->messages, p->count);

    t->pairs = p->count;
    if (!(messages > 0))
        return;
    t->cost_us = cpu / messages;
    if (p->count > 1) {
        const struct estimate_pair e = { messages, variance_of(p->messages, p->count) / n, cpu,
                                         variance_of(p->cpu_us, p->count) / n,
                                         covariance_of(p, cpu, messages) / n };

        t->cost = ratio_interval(&e, student_quantile(.975, n - 1));
    }
}

static enum ou_status find_cost(struct sweep_results *r, size_t setting, struct sweep_traces *t,
                                struct ou_error *err)
{
    struct paired_costs p = { sweep_take(r, r->repetitions, sizeof(double), err),
                              sweep_take(r, r->repetitions, sizeof(double), err), 0 };

    if (!p.cpu_us || !p.messages)
        return OU_NO_MEMORY;
    for (size_t block = 0; block < r->repetitions; block++) {
        const struct run_traces *of = run_in_block(r, setting, block);
        const struct run_traces *silent = run_in_block(r, t->silent, block);

        if (of && silent)
            add_pair(&p, of, silent);
    }
    estimate_cost(&p, t);
    return OU_OK;
}

/* --- All of it ------------------------------------------------------------------------------- */

static void add_runs(const struct sweep_results *r, size_t setting, struct sweep_traces *t)
{
    const struct sweep_setting *s = &r->all[setting];
    double n = (double)s->run_count;

    if (s->run_count == 0)
        return;
    *t = (struct sweep_traces){ .silent = t->silent, .cost_us = NAN, .cost = interval_none() };
    for (size_t i = 0; i < s->run_count; i++) {
        const struct run_traces *run = &r->runs.runs[s->runs[i]].traces;

        t->messages += run->messages / n;
        t->unwritten += run->unwritten;
        t->dropped += run->dropped;
        t->given_up += run->given_up;
        t->node_cpu_s += run->node_cpu_s / n;
        t->collector_cpu_s += run->collector_cpu_s / n;
    }
}

enum ou_status sweep_traces_compute(struct sweep_results *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    r->traces = sweep_take(r, r->setting_count, sizeof *r->traces, err);
    if (!r->traces)
        return OU_NO_MEMORY;
    for (size_t i = 0; !status && i < r->setting_count; i++) {
        struct sweep_traces *t = &r->traces[i];

        *t = (struct sweep_traces){ NAN, NAN,          NAN, NAN, NAN, NAN, silent_of(r, &r->all[i]),
                                    NAN, { NAN, NAN }, 0 };
        add_runs(r, i, t);
        if (t->silent != SIZE_MAX)
            status = find_cost(r, i, t, err);
    }
    return status;
}
