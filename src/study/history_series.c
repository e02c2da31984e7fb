#include "study/history_series.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/time.h"
#include "study/comparable.h"
#include "study/margins.h"
#include "study/version_order.h"

/* The work in progress. */
struct gathering {
    struct history *h;
    const char **workloads; /* each once, by name */
    size_t workload_count;
};

static void *take(struct history *h, size_t count, size_t bytes)
{
    return arena_take(&h->memory, (count ? count : 1) * bytes, alignof(max_align_t));
}

/* --- Runs in order ------------------------------------------------------------------- */

/* A run on its way to its place. */
struct placed_run {
    const struct finished_run *run;
    const char *version; /* "" before the first that is known */
};

/* The version of the node, else a name that begins like one; NULL: neither. */
static const char *version_of(const struct finished_run *r)
{
    if (r->node_version && version_number(r->node_version))
        return r->node_version;
    return r->title && r->title == version_number(r->title) ? r->title : NULL;
}

/* Equal runs keep the order in which they were given. */
static int compare_starts(const void *x, const void *y)
{
    const struct finished_run *a = ((const struct placed_run *)x)->run;
    const struct finished_run *b = ((const struct placed_run *)y)->run;

    if (a->started_ns == b->started_ns)
        return (a > b) - (a < b);
    if (a->started_ns == TIME_NONE || b->started_ns == TIME_NONE)
        return a->started_ns == TIME_NONE ? 1 : -1;
    return a->started_ns > b->started_ns ? 1 : -1;
}

static int compare_versions(const void *x, const void *y)
{
    const char *a = ((const struct placed_run *)x)->version;
    const char *b = ((const struct placed_run *)y)->version;
    int order = *a && *b ? version_compare(a, b) : (*a != '\0') - (*b != '\0');

    return order ? order : compare_starts(x, y);
}

/* A run without a version goes by time: it stands with the version that was run before it. */
static void order_by_version(struct placed_run *placed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *version = version_of(placed[i].run);

        placed[i].version = version ? version : i > 0 ? placed[i - 1].version : "";
    }
    qsort(placed, count, sizeof *placed, compare_versions);
}

static bool order_runs(struct history *h)
{
    struct placed_run *placed = take(h, h->set->count, sizeof *placed);

    h->runs = take(h, h->set->count, sizeof(const struct finished_run *));
    if (!h->runs || !placed)
        return false;
    h->run_count = runs_distinct(h->set, h->runs);
    h->repeated = h->set->count - h->run_count;
    for (size_t i = 0; i < h->run_count; i++)
        placed[i].run = h->runs[i];
    qsort(placed, h->run_count, sizeof *placed, compare_starts);
    if (h->by_version)
        order_by_version(placed, h->run_count);
    for (size_t i = 0; i < h->run_count; i++)
        h->runs[i] = placed[i].run;
    return true;
}

/* --- What is to be looked at ----------------------------------------------------------- */

static double value_in(const struct finished_run *r, const struct metric_info *info)
{
    const struct run_value *v = run_value_find(r, info->section, info->id);

    return v && (v->kind == RUN_VALUE_NUMBER || v->kind == RUN_VALUE_DISTRIBUTION) &&
                   isfinite(v->mean)
               ? v->mean
               : NAN;
}

static bool is_measured(const struct run_set *set, const struct metric_info *info)
{
    for (size_t i = 0; i < set->count; i++)
        if (!isnan(value_in(&set->runs[i], info)))
            return true;
    return false;
}

/* "CentiCpu", or "machperf/CentiCpu". */
static bool is_called(const struct metric_info *info, const char *metric)
{
    const char *slash = strchr(metric, '/');
    const char *section = section_name(info->section);

    if (!slash)
        return strcmp(info->id, metric) == 0;
    return strlen(section) == (size_t)(slash - metric) &&
           memcmp(section, metric, strlen(section)) == 0 && strcmp(info->id, slash + 1) == 0;
}

static enum ou_status fail_for_metric(const char *metric, bool known, struct ou_error *err)
{
    struct suggestion s;

    if (known)
        return ou_fail(err, OU_NOT_FOUND, "none of these runs has a number for %s", metric);
    suggest_for(&s, span_of(metric));
    for (size_t i = 0; i < dictionary_count(); i++)
        suggest_consider(&s, dictionary_row(i)->id);
    if (s.best)
        return ou_fail(err, OU_USAGE, "there is no metric %s; is %s meant?", metric, s.best);
    return ou_fail(err, OU_USAGE, "there is no metric %s; the dictionary of metrics has them all",
                   metric);
}

static enum ou_status check_metric(const struct run_set *set, const char *metric,
                                   struct ou_error *err)
{
    bool known = false, measured = false;

    for (size_t i = 0; i < dictionary_count(); i++) {
        if (!is_called(dictionary_row(i), metric))
            continue;
        known = true;
        measured = measured || is_measured(set, dictionary_row(i));
    }
    return measured ? OU_OK : fail_for_metric(metric, known, err);
}

static bool is_wanted(const struct metric_info *info, const char *const *metrics, size_t count)
{
    if (count == 0)
        return margin_of(info)->method != COMPARE_NOTHING;
    for (size_t i = 0; i < count; i++)
        if (is_called(info, metrics[i]))
            return true;
    return false;
}

/* --- Workloads ------------------------------------------------------------------------- */

/* Values of different loads are different things. */
const char *history_workload(const struct finished_run *r)
{
    const char *kind = run_fact_find(r, "workload", "");

    return kind ? kind : r->profile ? r->profile : "";
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_workloads(struct gathering *g)
{
    g->workloads = take(g->h, g->h->set->count, sizeof *g->workloads);
    if (!g->workloads)
        return false;
    for (size_t i = 0; i < g->h->set->count; i++)
        g->workloads[i] = history_workload(&g->h->set->runs[i]);
    qsort(g->workloads, g->h->set->count, sizeof *g->workloads, by_name);
    for (size_t i = 0; i < g->h->set->count; i++)
        if (i == 0 || strcmp(g->workloads[i], g->workloads[g->workload_count - 1]) != 0)
            g->workloads[g->workload_count++] = g->workloads[i];
    return true;
}

enum ou_status history_no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the history of so many runs");
}

/* --- Series ---------------------------------------------------------------------------- */

static bool is_point(const struct finished_run *r, const struct metric_info *info,
                     const char *workload)
{
    return strcmp(history_workload(r), workload) == 0 && !isnan(value_in(r, info));
}

static size_t count_points(const struct gathering *g, const struct metric_info *info,
                           const char *workload)
{
    size_t count = 0;

    for (size_t i = 0; i < g->h->run_count; i++)
        count += is_point(g->h->runs[i], info, workload);
    return count;
}

static bool fill_series(struct gathering *g, const struct metric_info *info, const char *workload,
                        struct metric_history *ret)
{
    *ret = (struct metric_history){ .info = info,
                                    .workload = g->workload_count > 1 ? workload : NULL,
                                    .noise_percent = NAN,
                                    .next = interval_none(),
                                    .expected_last = interval_none(),
                                    .last_p = NAN,
                                    .last_p_adjusted = NAN };
    ret->runs = take(g->h, count_points(g, info, workload), sizeof(const struct finished_run *));
    ret->values = take(g->h, count_points(g, info, workload), sizeof *ret->values);
    if (!ret->runs || !ret->values)
        return false;
    for (size_t i = 0; i < g->h->run_count; i++) {
        if (!is_point(g->h->runs[i], info, workload))
            continue;
        ret->runs[ret->count] = g->h->runs[i];
        ret->values[ret->count++] = value_in(g->h->runs[i], info);
    }
    return true;
}

bool history_is_searched(const struct history *h, const struct metric_history *m)
{
    return m->count >= 2 * h->change.least_segment;
}

static bool gather_series(struct gathering *g, const char *const *metrics, size_t metric_count)
{
    struct history *h = g->h;

    h->metrics = take(h, dictionary_count() * g->workload_count, sizeof *h->metrics);
    if (!h->metrics)
        return false;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (!is_wanted(info, metrics, metric_count) || !is_measured(g->h->set, info))
            continue;
        for (size_t k = 0; k < g->workload_count; k++) {
            struct metric_history *m = &h->metrics[h->metric_count];

            if (!fill_series(g, info, g->workloads[k], m))
                return false;
            h->metric_count += m->count > 0;
            h->searched += history_is_searched(h, m);
        }
    }
    return true;
}

enum ou_status history_gather(struct history *h, const char *const *metrics, size_t metric_count,
                              struct ou_error *err)
{
    struct gathering g = { .h = h };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < metric_count; i++)
        status = check_metric(h->set, metrics[i], err);
    if (status)
        return status;
    if (!order_runs(h) || !list_workloads(&g) || !gather_series(&g, metrics, metric_count))
        return history_no_memory(err);
    if (h->metric_count == 0)
        return ou_fail(err, OU_NOT_FOUND, "these runs have no metric that could have a history");
    return OU_OK;
}
