#include "study/history.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/time.h"
#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/multiplicity.h"
#include "study/margins.h"
#include "study/version_order.h"

#define CONFIDENCE .95
#define HISTORY_BYTES_MAX ((size_t)1 << 30)

/* --- Runs in order ------------------------------------------------------------------- */

static const char *version_of(const struct finished_run *r)
{
    return r->node_version ? r->node_version : r->title ? r->title : "";
}

static int compare_starts(const struct finished_run *a, const struct finished_run *b)
{
    if (a->started_ns == TIME_NONE || b->started_ns == TIME_NONE)
        return (a->started_ns == TIME_NONE) - (b->started_ns == TIME_NONE);
    return (a->started_ns > b->started_ns) - (a->started_ns < b->started_ns);
}

/* Equal runs keep the order in which they were given. */
static int compare_runs(const void *x, const void *y, void *context)
{
    const struct finished_run *a = *(const struct finished_run *const *)x;
    const struct finished_run *b = *(const struct finished_run *const *)y;
    const bool *by_version = context;
    int order = *by_version ? version_compare(version_of(a), version_of(b)) : 0;

    if (!order)
        order = compare_starts(a, b);
    return order ? order : (a > b) - (a < b);
}

/* --- What is to be looked at ----------------------------------------------------------- */

/* The work in progress. */
struct search {
    struct history *h;
    const struct run_set *set;
    const struct history_options *options;
    const char **workloads; /* each once, by name */
    size_t workload_count;
    struct change_point *points; /* room for one a run */
};

static void *take(struct history *h, size_t count, size_t bytes)
{
    return arena_take(&h->memory, (count ? count : 1) * bytes, alignof(max_align_t));
}

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the history of so many runs");
}

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
        return ou_fail(err, OU_NOT_FOUND, "there is no metric %s; is %s meant?", metric, s.best);
    return ou_fail(err, OU_NOT_FOUND,
                   "there is no metric %s; the dictionary of metrics has them all", metric);
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
static const char *workload_of(const struct finished_run *r)
{
    const char *kind = run_fact_find(r, "workload", "");

    return kind ? kind : r->profile ? r->profile : "";
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_workloads(struct search *s)
{
    s->workloads = take(s->h, s->set->count, sizeof *s->workloads);
    if (!s->workloads)
        return false;
    for (size_t i = 0; i < s->set->count; i++)
        s->workloads[i] = workload_of(&s->set->runs[i]);
    qsort(s->workloads, s->set->count, sizeof *s->workloads, by_name);
    for (size_t i = 0; i < s->set->count; i++)
        if (i == 0 || strcmp(s->workloads[i], s->workloads[s->workload_count - 1]) != 0)
            s->workloads[s->workload_count++] = s->workloads[i];
    return true;
}

/* --- Series ---------------------------------------------------------------------------- */

static bool is_point(const struct finished_run *r, const struct metric_info *info,
                     const char *workload)
{
    return strcmp(workload_of(r), workload) == 0 && !isnan(value_in(r, info));
}

static size_t count_points(const struct search *s, const struct metric_info *info,
                           const char *workload)
{
    size_t count = 0;

    for (size_t i = 0; i < s->set->count; i++)
        count += is_point(s->h->runs[i], info, workload);
    return count;
}

static bool fill_series(struct search *s, const struct metric_info *info, const char *workload,
                        struct metric_history *ret)
{
    *ret = (struct metric_history){ .info = info,
                                    .workload = s->workload_count > 1 ? workload : NULL,
                                    .noise_percent = NAN,
                                    .next = interval_none(),
                                    .expected_last = interval_none(),
                                    .last_p = NAN,
                                    .last_p_adjusted = NAN };
    ret->runs = take(s->h, count_points(s, info, workload), sizeof *ret->runs);
    ret->values = take(s->h, count_points(s, info, workload), sizeof *ret->values);
    if (!ret->runs || !ret->values)
        return false;
    for (size_t i = 0; i < s->set->count; i++) {
        if (!is_point(s->h->runs[i], info, workload))
            continue;
        ret->runs[ret->count] = s->h->runs[i];
        ret->values[ret->count++] = value_in(s->h->runs[i], info);
    }
    return true;
}

static bool is_searched(const struct search *s, const struct metric_history *m)
{
    return m->count >= 2 * s->options->change.least_segment;
}

static bool gather_series(struct search *s, const char *const *metrics, size_t metric_count)
{
    struct history *h = s->h;

    h->metrics = take(h, dictionary_count() * s->workload_count, sizeof *h->metrics);
    if (!h->metrics)
        return false;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (!is_wanted(info, metrics, metric_count) || !is_measured(s->set, info))
            continue;
        for (size_t k = 0; k < s->workload_count; k++) {
            struct metric_history *m = &h->metrics[h->metric_count];

            if (!fill_series(s, info, s->workloads[k], m))
                return false;
            h->metric_count += m->count > 0;
            h->searched += is_searched(s, m);
        }
    }
    return true;
}

/* --- Segments -------------------------------------------------------------------------- */

static void describe_segment(const struct metric_history *m, struct history_segment *g)
{
    g->mean = mean_of(m->values + g->first, g->count);
    g->interval = mean_interval(m->values + g->first, g->count, CONFIDENCE);
}

static bool cut(struct search *s, struct metric_history *m, size_t point_count)
{
    m->segments = take(s->h, point_count + 1, sizeof *m->segments);
    if (!m->segments)
        return false;
    m->segment_count = point_count + 1;
    for (size_t i = 0; i <= point_count; i++) {
        struct history_segment *g = &m->segments[i];
        const size_t end = i < point_count ? s->points[i].at : m->count;

        *g = (struct history_segment){ .first = i ? s->points[i - 1].at : 0,
                                       .change_percent = NAN,
                                       .p = i ? s->points[i - 1].p : NAN,
                                       .p_adjusted = NAN };
        g->count = end - g->first;
        describe_segment(m, g);
        if (i && g[-1].mean != 0)
            g->change_percent = (g->mean - g[-1].mean) / fabs(g[-1].mean) * 100;
    }
    return true;
}

static enum ou_status split(struct search *s, struct metric_history *m, double threshold,
                            struct ou_error *err)
{
    struct change_options o = s->options->change;
    size_t count = 0;
    enum ou_status status = OU_OK;

    o.threshold = threshold;
    if (is_searched(s, m) && threshold > 0)
        status = change_points(m->values, m->count, &o, s->points, s->set->count, &count);
    if (status == OU_INVALID)
        return ou_fail(err, status,
                       "the search for change points: a segment has at least one point, and at "
                       "most half of a window");
    if (status || !cut(s, m, count))
        return no_memory(err);
    return OU_OK;
}

/* --- Many series at once ---------------------------------------------------------------- */

/* Each change point is a question, and so is each series in which none was found: it counts with p = 1. Gives the adjusted
 * p to the segments, and returns the greatest p whose adjusted one is below the threshold; 0: there is none. */
static enum ou_status adjust_changes(struct history *h, double *ret_greatest, struct ou_error *err)
{
    size_t room = h->searched + 1, n = 0, at = 0;
    double *p;

    for (size_t i = 0; i < h->metric_count; i++)
        room += h->metrics[i].segment_count;
    p = malloc(room * sizeof *p);
    if (!p)
        return no_memory(err);
    for (size_t i = 0; i < h->metric_count; i++)
        for (size_t k = 1; k < h->metrics[i].segment_count; k++)
            p[n++] = h->metrics[i].segments[k].p;
    for (size_t i = 0; i < h->metric_count; i++)
        if (h->metrics[i].segment_count == 1 && h->metrics[i].count >= 2 * h->change.least_segment)
            p[n++] = 1;
    adjust_benjamini_hochberg(p, n, p);
    *ret_greatest = 0;
    for (size_t i = 0; i < h->metric_count; i++)
        for (size_t k = 1; k < h->metrics[i].segment_count; k++) {
            struct history_segment *g = &h->metrics[i].segments[k];

            g->p_adjusted = p[at++];
            if (g->p_adjusted < h->change.threshold)
                *ret_greatest = fmax(*ret_greatest, nextafter(g->p, 1));
        }
    free(p);
    return OU_OK;
}

static enum ou_status split_all(struct search *s, double threshold, double *ret_greatest,
                                struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < s->h->metric_count; i++)
        status = split(s, &s->h->metrics[i], threshold, err);
    return status ? status : adjust_changes(s->h, ret_greatest, err);
}

/* First with the threshold as it is; where adjusting makes some of what was found doubtful, once more with the one that it
 * leaves, so that segments and their tests fit together. */
static enum ou_status find_changes(struct search *s, struct ou_error *err)
{
    double greatest = 0;
    enum ou_status status = split_all(s, s->h->change.threshold, &greatest, err);
    bool doubtful = false;

    s->h->threshold = s->h->change.threshold;
    for (size_t i = 0; !status && i < s->h->metric_count; i++)
        for (size_t k = 1; k < s->h->metrics[i].segment_count; k++)
            doubtful =
                doubtful || s->h->metrics[i].segments[k].p_adjusted >= s->h->change.threshold;
    if (status || !doubtful)
        return status;
    s->h->threshold = greatest;
    return split_all(s, greatest, &greatest, err);
}

/* --- Noise and the last value ------------------------------------------------------------ */

/* Deviations from the segments' means, each as a share of its mean: levels may be far apart. */
static double noise_of(const struct metric_history *m)
{
    double squares = 0;

    if (m->count <= m->segment_count)
        return NAN;
    for (size_t i = 0; i < m->segment_count; i++) {
        const struct history_segment *g = &m->segments[i];

        if (g->mean == 0)
            return NAN;
        for (size_t k = g->first; k < g->first + g->count; k++)
            squares += (m->values[k] / g->mean - 1) * (m->values[k] / g->mean - 1);
    }
    return sqrt(squares / (double)(m->count - m->segment_count)) * 100;
}

/* How seldom the next of n values lies as far from their mean as this one. */
static double prediction_p(const double *values, size_t n, double next)
{
    const double off = fabs(next - mean_of(values, n));
    const double se = sqrt(variance_of(values, n) * (1 + 1 / (double)n));

    if (se == 0)
        return off == 0 ? 1 : 0;
    return student_two_sided(off / se, (double)(n - 1));
}

static void predict(struct metric_history *m)
{
    const struct history_segment *last = &m->segments[m->segment_count - 1];
    const double *values = m->values + last->first;

    m->noise_percent = noise_of(m);
    m->next = prediction_interval(values, last->count, CONFIDENCE);
    if (last->count < 3)
        return;
    m->expected_last = prediction_interval(values, last->count - 1, CONFIDENCE);
    m->last_p = prediction_p(values, last->count - 1, values[last->count - 1]);
}

static enum ou_status predict_all(struct history *h, struct ou_error *err)
{
    double *p = malloc((h->metric_count + 1) * sizeof *p);

    if (!p)
        return no_memory(err);
    for (size_t i = 0; i < h->metric_count; i++) {
        predict(&h->metrics[i]);
        p[i] = h->metrics[i].last_p;
    }
    adjust_benjamini_hochberg(p, h->metric_count, p);
    for (size_t i = 0; i < h->metric_count; i++) {
        h->metrics[i].last_p_adjusted = p[i];
        h->metrics[i].last_unusual = p[i] < HISTORY_UNUSUAL;
    }
    free(p);
    return OU_OK;
}

/* --- All of it -------------------------------------------------------------------------- */

static bool order_runs(struct search *s)
{
    bool by_version = s->options->by_version;

    s->h->runs = take(s->h, s->set->count, sizeof *s->h->runs);
    s->points = take(s->h, s->set->count, sizeof *s->points);
    if (!s->h->runs || !s->points)
        return false;
    for (size_t i = 0; i < s->set->count; i++)
        s->h->runs[i] = &s->set->runs[i];
    qsort_r(s->h->runs, s->set->count, sizeof *s->h->runs, compare_runs, &by_version);
    return true;
}

static enum ou_status compute(struct search *s, const char *const *metrics, size_t metric_count,
                              struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < metric_count; i++)
        status = check_metric(s->set, metrics[i], err);
    if (status)
        return status;
    if (!order_runs(s) || !list_workloads(s) || !gather_series(s, metrics, metric_count))
        return no_memory(err);
    if (s->h->metric_count == 0)
        return ou_fail(err, OU_NOT_FOUND, "these runs have no metric that could have a history");
    status = find_changes(s, err);
    return status ? status : predict_all(s->h, err);
}

enum ou_status history_compute(const struct run_set *set, const char *const *metrics,
                               size_t metric_count, const struct history_options *options,
                               struct history *ret, struct ou_error *err)
{
    struct search s = { .h = ret, .set = set, .options = options };
    enum ou_status status;

    *ret = (struct history){ .set = set,
                             .by_version = options->by_version,
                             .change = options->change };
    if (set->count == 0)
        return ou_fail(err, OU_INVALID, "a history wants runs");
    arena_init(&ret->memory, allocator_libc(), HISTORY_BYTES_MAX);
    status = compute(&s, metrics, metric_count, err);
    if (status)
        history_release(ret);
    return status;
}

void history_release(struct history *h)
{
    arena_release(&h->memory);
    *h = (struct history){ 0 };
}
