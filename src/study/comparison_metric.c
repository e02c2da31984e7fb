/* One metric of two sides: which of its values stand against each other. */
#include <string.h>

#include "base/time.h"
#include "stats/mean.h"
#include "stats/serial.h"
#include "study/comparison_inside.h"
#include "study/comparison_methods.h"

/* Beyond this a double does not count by ones. */
static const double count_max = 9007199254740992.0;

double run_level(const struct finished_run *run, const struct metric_info *info)
{
    const struct run_value *value = run_value_find(run, info->section, info->id);

    return value ? value->mean : NAN;
}

/* --- Values ------------------------------------------------------------------------------------ */

static size_t take_values(const struct run_set *set, const struct metric_info *info, double *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++) {
        ret[n] = run_level(&set->runs[i], info);
        n += isfinite(ret[n]) ? 1 : 0;
    }
    return n;
}

/* Both runs of a pair have to know the metric. */
static size_t take_pairs(struct side_work *w, const struct metric_info *info)
{
    size_t n = 0;

    for (size_t i = 0; i < w->pair_count; i++) {
        w->a[n] = run_level(&w->base->runs[w->pairs[i].base], info);
        w->b[n] = run_level(&w->variant->runs[w->pairs[i].variant], info);
        n += isfinite(w->a[n]) && isfinite(w->b[n]) ? 1 : 0;
    }
    return n;
}

static double margin_value(const struct side_work *w, const struct metric_comparison *m,
                           double base)
{
    const struct comparison_options *o = w->options;

    for (size_t i = o->margin_count; i > 0; i--)
        if (metric_is_named(m->info, o->margins[i - 1].metric))
            return o->margins[i - 1].relative * fabs(base);
    return o->margin_scale * margin_amount(m->margin, base);
}

static void compare_levels(struct side_work *w, size_t na, size_t nb, struct metric_comparison *m)
{
    struct level_values values = {
        .runs = { w->a, na, w->b, nb },
        .pairs = w->pair_count > 0,
        .differences = w->differences,
        .noise = { .deviation = NAN },
    };

    m->margin_value = margin_value(w, m, mean_of(w->a, na));
    if ((na == 1 || nb == 1) && na > 0 && nb > 0)
        values.noise = history_noise_of(w, m->info, mean_of(w->a, na));
    compare_means(&values, w->options, m);
}

static void compare_by_means(struct side_work *w, struct metric_comparison *m)
{
    size_t na, nb;

    if (w->pair_count) {
        na = nb = take_pairs(w, m->info);
    } else {
        na = take_values(w->base, m->info, w->a);
        nb = take_values(w->variant, m->info, w->b);
    }
    compare_levels(w, na, nb, m);
}

static const struct run_count *find_count(const struct finished_run *run, const char *id)
{
    for (size_t i = 0; i < run->count_count; i++)
        if (strcmp(run->counts[i].id, id) == 0)
            return &run->counts[i];
    return NULL;
}

/* False unless every run has counted these events. */
static bool take_counts(const struct run_set *set, const char *id, uint64_t *counts,
                        double *exposures, double *rates)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct run_count *c = find_count(&set->runs[i], id);

        if (!c || !(c->count >= 0 && c->count < count_max) ||
            !(c->exposure > 0 && c->exposure < count_max))
            return false;
        counts[i] = (uint64_t)c->count;
        exposures[i] = c->exposure;
        rates[i] = c->count / c->exposure;
    }
    return true;
}

bool events_are_counted(struct side_work *w, const char *id)
{
    return take_counts(w->base, id, w->counts_a, w->exposures_a, w->a) &&
           take_counts(w->variant, id, w->counts_b, w->exposures_b, w->b);
}

static bool compare_by_counts(struct side_work *w, struct metric_comparison *m)
{
    struct event_counts base = { w->counts_a, w->exposures_a, w->base->count };
    struct event_counts variant = { w->counts_b, w->exposures_b, w->variant->count };

    if (!events_are_counted(w, m->info->id))
        return false;
    compare_counts(&base, &variant, m);
    if (m->dispersed) {
        size_t pairs = w->pair_count;

        w->pair_count = 0; /* the rates stand in the order of the sets */
        compare_levels(w, base.runs, variant.runs, m);
        w->pair_count = pairs;
    }
    m->margin_value = margin_value(w, m, m->base);
    m->margin_percent = m->base == 0 ? NAN : 100 * m->margin_value / fabs(m->base);
    return true;
}

/* --- Order in time ----------------------------------------------------------------------------- */

struct timed {
    int64_t at_ns;
    double off; /* from the mean of its side */
};

static bool take_timed(const struct run_set *set, const struct metric_info *info, double mean,
                       struct timed *at, size_t *n)
{
    for (size_t i = 0; i < set->count; i++) {
        double value = run_level(&set->runs[i], info);

        if (set->runs[i].started_ns == TIME_NONE)
            return false;
        if (isfinite(value))
            at[(*n)++] = (struct timed){ set->runs[i].started_ns, value - mean };
    }
    return true;
}

/* In the order of the starts; there are a few runs only. */
static void put_in_order(struct timed *runs, size_t n, double *ret)
{
    for (size_t i = 1; i < n; i++) {
        struct timed moved = runs[i];
        size_t j = i;

        for (; j > 0 && runs[j - 1].at_ns > moved.at_ns; j--)
            runs[j] = runs[j - 1];
        runs[j] = moved;
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = runs[i].off;
}

/* Whether values drift with time beside what the sides differ. */
static void find_order_effect(struct side_work *w, struct metric_comparison *m)
{
    size_t room = w->base->count + w->variant->count, n = 0;
    struct timed *runs;
    double *offs;

    if (m->base_n < 2 || m->new_n < 2)
        return;
    runs = arena_take(w->memory, room * sizeof(*runs), _Alignof(struct timed));
    offs = arena_take(w->memory, room * sizeof(*offs), _Alignof(double));
    if (!runs || !offs || !take_timed(w->base, m->info, m->base, runs, &n) ||
        !take_timed(w->variant, m->info, m->new_value, runs, &n))
        return;
    put_in_order(runs, n, offs);
    m->order.p = mann_kendall(offs, n).p;
}

/* --- All of it --------------------------------------------------------------------------------- */

static struct metric_comparison nothing_of(const struct metric_info *info)
{
    struct interval none = interval_none();

    return (struct metric_comparison){
        .info = info,
        .margin = margin_of(info),
        .base = NAN,
        .new_value = NAN,
        .delta = NAN,
        .delta_percent = NAN,
        .delta_interval = none,
        .percent_interval = none,
        .decisive_interval = none,
        .equivalence_interval = none,
        .equivalence_percent = none,
        .within_run = none,
        .deviation = NAN,
        .dof = NAN,
        .p = NAN,
        .p_adjusted = NAN,
        .mann_whitney_p = NAN,
        .signed_rank_p = NAN,
        .smallest_p = NAN,
        .permutation_p = NAN,
        .equivalence_p = NAN,
        .cliffs = NAN,
        .hedges = NAN,
        .shift = { NAN, none },
        .ks = NAN,
        .wasserstein = NAN,
        .margin_value = NAN,
        .margin_percent = NAN,
        .runs_needed = NAN,
        .visible_percent = NAN,
        .order = { NAN },
    };
}

void compare_metric(struct side_work *w, const struct metric_info *info,
                    struct metric_comparison *ret)
{
    *ret = nothing_of(info);
    if (ret->margin->method != COMPARE_COUNTS || !compare_by_counts(w, ret))
        compare_by_means(w, ret);
    if (ret->margin->method == COMPARE_NOTHING)
        ret->p = NAN;
    compare_within(w, ret);
    find_order_effect(w, ret);
}
