#include "study/history.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/multiplicity.h"
#include "stats/scratch.h"
#include "study/history_series.h"

#define CONFIDENCE .95
#define HISTORY_BYTES_MAX ((size_t)1 << 30)

struct search {
    struct history *h;
    struct change_point *points; /* room for one a run */
};

/* --- Segments -------------------------------------------------------------------------- */

static void describe_segment(const struct metric_history *m, struct history_segment *g)
{
    g->mean = mean_of(m->values + g->first, g->count);
    g->interval = mean_interval(m->values + g->first, g->count, CONFIDENCE);
}

static bool cut(struct search *s, struct metric_history *m, size_t point_count)
{
    m->segments = arena_take(&s->h->memory, (point_count + 1) * sizeof *m->segments,
                             alignof(struct history_segment));
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
    struct change_options o = s->h->change;
    size_t count = 0;
    enum ou_status status = OU_OK;

    o.threshold = threshold;
    if (history_is_searched(s->h, m) && threshold > 0)
        status = change_points(m->values, m->count, &o, s->points, s->h->run_count, &count);
    if (status == OU_INVALID)
        return ou_fail(err, status,
                       "the search for change points: a segment has at least one point, and at "
                       "most half of a window");
    if (status || !cut(s, m, count))
        return history_no_memory(err);
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
        return history_no_memory(err);
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
        return history_no_memory(err);
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

static enum ou_status look_at(struct history *h, struct ou_error *err)
{
    struct search s = { .h = h };
    enum ou_status status;

    s.points =
        arena_take(&h->memory, h->run_count * sizeof *s.points, alignof(struct change_point));
    if (!s.points)
        return history_no_memory(err);
    status = find_changes(&s, err);
    return status ? status : predict_all(h, err);
}

enum ou_status history_compute(const struct run_set *set, const char *const *metrics,
                               size_t metric_count, const struct history_options *options,
                               struct history *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct history){ .set = set,
                             .by_version = options->by_version,
                             .change = options->change };
    if (set->count == 0)
        return ou_fail(err, OU_INVALID, "a history wants runs");
    arena_init(&ret->memory, allocator_libc(), HISTORY_BYTES_MAX);
    status = history_gather(ret, metrics, metric_count, err);
    if (!status)
        status = look_at(ret, err);
    status = scratch_settle(status, err);
    if (status)
        history_release(ret);
    return status;
}

void history_release(struct history *h)
{
    arena_release(&h->memory);
    *h = (struct history){ 0 };
}
