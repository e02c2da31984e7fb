/* A history as the measure of how much runs differ: which of its runs count, and
 * how far they lie from their levels. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "study/comparison_inside.h"
#include "study/comparison_methods.h"
#include "study/history.h"
#include "study/history_series.h"

/* Fewer tell too little: with 3, t allows for a deviation 1.6 times as large as the one seen. */
enum { DOF_LEAST = 3 };

/* Known on both sides, and not the same. */
static bool contradict(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

static bool contains(const struct run_set *set, const struct finished_run *run)
{
    for (size_t i = 0; i < set->count; i++)
        if (is_same_run(&set->runs[i], run))
            return true;
    return false;
}

/* Whether a run began before some run of the set; true where that is not known. What came after both sides may be of a
 * level of its own, which a single run does not show. */
static bool is_earlier(const struct finished_run *run, const struct run_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (run->started_ns == TIME_NONE || set->runs[i].started_ns == TIME_NONE ||
            run->started_ns < set->runs[i].started_ns)
            return true;
    return false;
}

static bool counts(const struct side_work *w, const struct finished_run *run)
{
    const struct finished_run *like = &w->base->runs[0];

    return !contains(w->base, run) && !contains(w->variant, run) &&
           (is_earlier(run, w->base) || is_earlier(run, w->variant)) &&
           strcmp(history_workload(run), history_workload(like)) == 0 &&
           !contradict(run->profile, like->profile);
}

enum ou_status history_prepare(struct side_work *w, struct ou_error *err)
{
    const struct run_set *all = w->options->history;
    struct run_set *earlier = &w->history.earlier;
    const struct finished_run **runs;
    size_t n;

    if (!all)
        return OU_OK;
    runs = arena_take(w->memory, (all->count + 1) * sizeof(const struct finished_run *),
                      _Alignof(max_align_t));
    earlier->runs = arena_take(w->memory, (all->count + 1) * sizeof(*earlier->runs),
                               _Alignof(struct finished_run));
    if (!runs || !earlier->runs)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a history of %zu runs", all->count);
    n = runs_distinct(all, runs);
    w->history.repeated = all->count - n;
    for (size_t i = 0; i < n; i++)
        if (counts(w, runs[i]))
            earlier->runs[earlier->count++] = *runs[i];
    return OU_OK;
}

static struct history_noise noise_of(const struct metric_history *m, double base)
{
    struct history_noise noise = { NAN, (double)(m->count - m->segment_count), m->segment_count,
                                   m->count };

    if (noise.dof >= DOF_LEAST)
        noise.deviation = m->noise_percent / 100 * fabs(base);
    return noise;
}

struct history_noise history_noise_of(const struct side_work *w, const struct metric_info *info,
                                      double base)
{
    const struct history_options options = HISTORY_DEFAULTS;
    struct history_noise noise = { .deviation = NAN };
    struct ou_error none = { 0 };
    struct history h;
    char name[128];
    const char *metric = name;

    snprintf(name, sizeof(name), "%s/%s", section_name(info->section), info->id);
    if (w->history.earlier.count == 0 ||
        history_compute(&w->history.earlier, &metric, 1, &options, &h, &none))
        return noise; /* no run has the metric */
    noise = noise_of(&h.metrics[0], base);
    history_release(&h);
    return noise;
}
