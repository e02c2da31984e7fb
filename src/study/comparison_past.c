/* A history as the measure of how much runs differ: which of its runs count, and
 * their deviation. */
#include <string.h>

#include "base/time.h"
#include "study/comparison_inside.h"
#include "study/comparison_methods.h"

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

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

static bool usable(const struct side_work *w, const struct finished_run *run)
{
    const struct finished_run *like = &w->base->runs[0];

    return !contains(w->base, run) && !contains(w->variant, run) &&
           !contradict(run_fact_find(run, "workload", ""), run_fact_find(like, "workload", "")) &&
           !contradict(run->profile, like->profile);
}

/* A table of published results calls runs of one version with different flags by different names,
 * and gives them one identifier. */
static const char *version_of(const struct finished_run *run)
{
    return run->source != RUN_FROM_TABLE && run->ident ? run->ident : run->title;
}

/* The number of the first run of the same version. */
static size_t version_number(const struct history_work *h, const struct finished_run *run)
{
    for (size_t i = 0; i < h->count; i++)
        if (same_text(version_of(h->runs[i]), version_of(run)))
            return h->versions[i];
    return h->count;
}

enum ou_status history_prepare(struct side_work *w, struct ou_error *err)
{
    const struct run_set *all = w->options->history;
    struct history_work *h = &w->history;
    size_t n = all ? all->count : 0;

    h->runs = arena_take(w->memory, n * sizeof(struct finished_run *) + 1, _Alignof(max_align_t));
    h->versions = arena_take(w->memory, n * sizeof(*h->versions) + 1, _Alignof(max_align_t));
    h->values = arena_take(w->memory, n * sizeof(*h->values) + 1, _Alignof(max_align_t));
    h->groups = arena_take(w->memory, n * sizeof(*h->groups) + 1, _Alignof(max_align_t));
    if (!h->runs || !h->versions || !h->values || !h->groups)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a history of %zu runs", n);
    for (size_t i = 0; i < n; i++) {
        if (!usable(w, &all->runs[i]))
            continue;
        h->versions[h->count] = version_number(h, &all->runs[i]);
        h->runs[h->count++] = &all->runs[i];
    }
    return OU_OK;
}

double history_deviation_of(struct side_work *w, const struct metric_info *info, double *ret_dof)
{
    struct history_work *h = &w->history;
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++) {
        double value = run_level(h->runs[i], info);

        if (!isfinite(value))
            continue;
        h->groups[n] = h->versions[i];
        h->values[n++] = value;
    }
    return history_deviation(h->values, h->groups, n, ret_dof);
}
