/* E-divisive means. For a split at tau of values that are looked at up to kappa,
 *
 *     Q = 2/(n+m) A - 2m/((n+m)(n-1)) B - 2n/((n+m)(m-1)) C,
 *
 * where A, B and C sum the distances |x-y| between the n values before tau and the
 * m behind it, among the former, among the latter. Looking no further than kappa
 * keeps a later change from hiding an earlier one. */
#include "stats/change_points.h"

#include <math.h>
#include <stdlib.h>

#include "stats/mean.h"
#include "stats/two_samples.h"

/* Points found in windows of a long series are checked again on the whole of it,
 * so that the first pass may be less strict by this factor. */
#define FIRST_PASS 10

/* --- The best candidate ------------------------------------------------------------ */

/* Distances of each value to those before it, which make all sums of Q quick to
 * update: O(n^2) time and O(n) memory for all tau and kappa. */
struct distances {
    double *to_all;    /* of value j: sum of |x_i - x_j| over i < j */
    double *to_before; /* the same over i < tau */
};

static void distances_to_all(const double *values, size_t n, double *ret)
{
    for (size_t j = 0; j < n; j++) {
        double sum = 0;

        for (size_t i = 0; i < j; i++)
            sum += fabs(values[j] - values[i]);
        ret[j] = sum;
    }
}

static double energy(double n, double m, double between, double among_before, double among_behind)
{
    double q = 2 / (n + m) * between;

    if (n > 1)
        q -= 2 * m / ((n + m) * (n - 1)) * among_before;
    if (m > 1)
        q -= 2 * n / ((n + m) * (m - 1)) * among_behind;
    return q;
}

/* All kappa for one tau, with at least `least` values behind tau. */
static void try_split(const struct distances *d, size_t n, size_t tau, double among_before,
                      size_t least, struct change_candidate *best)
{
    double between = 0, among_behind = 0;

    for (size_t j = tau; j < n; j++) {
        double q;

        between += d->to_before[j];
        among_behind += d->to_all[j] - d->to_before[j];
        if (j + 1 - tau < least)
            continue;
        q = energy((double)tau, (double)(j + 1 - tau), between, among_before, among_behind);
        if (q > best->q)
            *best = (struct change_candidate){ .q = q, .tau = tau, .kappa = j + 1 };
    }
}

/* work: 2 n doubles. The candidate's q is 0 where there is none. */
static struct change_candidate best_candidate(const double *values, size_t n, size_t least,
                                              double *work)
{
    struct distances d = { .to_all = work, .to_before = work + n };
    struct change_candidate best = { 0 };
    double among_before = 0;

    distances_to_all(values, n, d.to_all);
    for (size_t j = 0; j < n; j++)
        d.to_before[j] = 0;
    for (size_t tau = 1; tau + least <= n; tau++) {
        for (size_t j = tau; j < n; j++)
            d.to_before[j] += fabs(values[j] - values[tau - 1]);
        among_before += d.to_all[tau - 1];
        if (tau >= least)
            try_split(&d, n, tau, among_before, least, &best);
    }
    return best;
}

enum ou_status change_candidate(const double *values, size_t n, struct change_candidate *ret)
{
    double *work;

    if (n < 2)
        return OU_INVALID;
    work = calloc(2 * n, sizeof *work);
    if (!work)
        return OU_NO_MEMORY;
    *ret = best_candidate(values, n, 1, work);
    free(work);
    return OU_OK;
}

/* --- The search --------------------------------------------------------------------- */

struct search {
    const double *values;
    size_t n;
    const struct change_options *options;
    double *work;                /* for best_candidate() of n values */
    struct change_point *points; /* ascending; room for n */
    size_t count;
};

static struct t_test test_split(const struct search *s, size_t begin, size_t at, size_t end)
{
    struct two_samples sides = { s->values + begin, at - begin, s->values + at, end - at };

    return pooled_test(&sides, 0.95);
}

/* Keeps the order; a point that is there already stays as it is. */
static void insert_point(struct search *s, size_t at, double q)
{
    size_t i = s->count;

    while (i > 0 && s->points[i - 1].at > at)
        i--;
    if (i > 0 && s->points[i - 1].at == at)
        return;
    for (size_t j = s->count++; j > i; j--)
        s->points[j] = s->points[j - 1];
    s->points[i] = (struct change_point){ .at = at, .q = q };
}

/* Splits the window at its best candidate as long as a t test of both parts
 * agrees. The parts left to do are a stack: each has a value of its own, so that
 * there are never more of them than values. */
struct part {
    size_t begin, end;
};

static void search_window(struct search *s, struct part window, double threshold,
                          struct part *stack)
{
    size_t depth = 0, least = s->options->least_segment;

    stack[depth++] = window;
    while (depth > 0) {
        struct part part = stack[--depth];
        struct change_candidate found;
        size_t at;

        if (part.end - part.begin < 2 * least)
            continue;
        found = best_candidate(s->values + part.begin, part.end - part.begin, least, s->work);
        at = part.begin + found.tau;
        if (!(found.q > 0) || !(test_split(s, part.begin, at, part.end).p < threshold))
            continue;
        insert_point(s, at, found.q);
        stack[depth++] = (struct part){ part.begin, at };
        stack[depth++] = (struct part){ at, part.end };
    }
}

/* Windows overlap, or begin at the last change that is known. */
static void search_windows(struct search *s, struct part *stack)
{
    const struct change_options *o = s->options;
    double threshold = fmin(FIRST_PASS * o->threshold, fmax(o->threshold, 0.5));
    size_t begin = 0;

    if (s->n <= o->window) {
        search_window(s, (struct part){ 0, s->n }, threshold, stack);
        return;
    }
    for (;;) {
        size_t end = s->n - begin < o->window ? s->n : begin + o->window;

        search_window(s, (struct part){ begin, end }, threshold, stack);
        if (end == s->n)
            return;
        begin += o->step;
        if (s->count > 0 && s->points[s->count - 1].at > begin)
            begin = s->points[s->count - 1].at;
    }
}

/* --- Merging ------------------------------------------------------------------------- */

/* Tests the i-th point between its neighbours. */
static void judge_point(struct search *s, size_t i)
{
    struct change_point *p = &s->points[i];
    size_t begin = i > 0 ? p[-1].at : 0, end = i + 1 < s->count ? p[1].at : s->n;

    p->p = test_split(s, begin, p->at, end).p;
    p->before = mean_of(s->values + begin, p->at - begin);
    p->after = mean_of(s->values + p->at, end - p->at);
}

/* Relative to the old level; infinite from 0. */
static double change_size(const struct change_point *p)
{
    return p->after == p->before ? 0 : fabs((p->after - p->before) / p->before);
}

/* Where the test has no answer (numbers beyond the range of doubles) there is no evidence either. */
static double doubt(const struct change_point *p)
{
    return isnan(p->p) ? 1 : p->p;
}

static size_t least_significant(const struct search *s)
{
    size_t weakest = 0;

    for (size_t i = 1; i < s->count; i++)
        if (doubt(&s->points[i]) > doubt(&s->points[weakest]))
            weakest = i;
    return weakest;
}

static size_t smallest_change(const struct search *s)
{
    size_t smallest = 0;

    for (size_t i = 1; i < s->count; i++)
        if (change_size(&s->points[i]) < change_size(&s->points[smallest]))
            smallest = i;
    return smallest;
}

static void drop_point(struct search *s, size_t i)
{
    s->count--;
    for (size_t j = i; j < s->count; j++)
        s->points[j] = s->points[j + 1];
    if (i > 0)
        judge_point(s, i - 1);
    if (i < s->count)
        judge_point(s, i);
}

/* Without a weak point its neighbours stand between longer segments, which may
 * make them stronger or weaker: one is dropped at a time. */
static void drop_weak_points(struct search *s)
{
    for (size_t i = 0; i < s->count; i++)
        judge_point(s, i);
    while (s->count > 0) {
        size_t weakest = least_significant(s);

        if (doubt(&s->points[weakest]) < s->options->threshold) {
            weakest = smallest_change(s);
            if (change_size(&s->points[weakest]) >= s->options->minimum_change)
                return;
        }
        drop_point(s, weakest);
    }
}

static bool search_init(struct search *s, const double *values, size_t n,
                        const struct change_options *options, struct part **ret_stack)
{
    *s = (struct search){ .values = values, .n = n, .options = options };
    s->work = calloc(2 * n + 2, sizeof *s->work);
    s->points = calloc(n + 1, sizeof *s->points);
    *ret_stack = calloc(n + 2, sizeof **ret_stack);
    return s->work && s->points && *ret_stack;
}

enum ou_status change_points(const double *values, size_t n, const struct change_options *options,
                             struct change_point *ret, size_t room, size_t *ret_count)
{
    struct search search;
    struct part *stack;
    bool ready;

    if (options->least_segment < 1 || options->step < 1 || options->step > options->window ||
        options->window / 2 < options->least_segment)
        return OU_INVALID;
    ready = search_init(&search, values, n, options, &stack);
    if (ready) {
        search_windows(&search, stack);
        drop_weak_points(&search);
        for (size_t i = 0; i < search.count && i < room; i++)
            ret[i] = search.points[i];
        *ret_count = search.count;
    }
    free(search.work);
    free(search.points);
    free(stack);
    return ready ? OU_OK : OU_NO_MEMORY;
}
