#include "stats/components.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/laws.h"
#include "stats/scratch.h"
#include "stats/summary.h"

/* Means are rounded: what sums of squares they leave of `count` deviations between values up to
 * `greatest` in magnitude, where there are none, is counted as 0. Else equal values would have
 * shares of variance and an F of any size. */
static double beyond_rounding(long double squares, double count, double greatest)
{
    double unit = DBL_EPSILON * greatest;

    return squares > count * unit * unit ? (double)squares : 0;
}

/* What of a component can be a share of the whole. */
static double positive(double component)
{
    return component > 0 ? component : 0;
}

/* --- Nested ---------------------------------------------------------------------------- */

struct nest {
    const double *next; /* value; they are met in order */
    const size_t *repetitions;
    double squares[NESTED_LEVELS_MAX]; /* of the means at each level around their own mean */
};

/* The mean of the next group at `level`, whose parts are means of the level below. Adding up
 * squares by Welford's method on the way needs no memory and no second pass over the means. */
static double nested_mean(struct nest *nest, size_t level)
{
    struct moments parts = { 0 };

    for (size_t i = 0; i < nest->repetitions[level]; i++)
        moments_add(&parts, level == 0 ? *nest->next++ : nested_mean(nest, level - 1));
    nest->squares[level] += parts.m2;
    return parts.mean;
}

static void nested_variances(const struct nest *nest, size_t levels, struct nested_components *ret)
{
    double groups = 1, sum = 0;

    for (size_t i = levels; i-- > 0;) {
        double repetitions = (double)nest->repetitions[i];

        ret->s2[i] = nest->squares[i] / (groups * (repetitions - 1));
        groups *= repetitions;
    }
    for (size_t i = 0; i < levels; i++) {
        ret->t2[i] = ret->s2[i] - (i ? ret->s2[i - 1] / (double)nest->repetitions[i - 1] : 0);
        sum += positive(ret->t2[i]);
    }
    for (size_t i = 0; i < levels; i++)
        ret->share[i] = sum > 0 ? positive(ret->t2[i]) / sum : NAN;
}

enum ou_status nested_components(const double *values, const size_t *repetitions, size_t levels,
                                 struct nested_components *ret)
{
    struct nest nest = { .next = values, .repetitions = repetitions };
    double runs;

    if (levels < 1 || levels > NESTED_LEVELS_MAX)
        return OU_INVALID;
    for (size_t i = 0; i < levels; i++)
        if (repetitions[i] < 2)
            return OU_INVALID;
    *ret = (struct nested_components){ .levels = levels };
    ret->mean = nested_mean(&nest, levels - 1);
    nested_variances(&nest, levels, ret);
    runs = (double)repetitions[levels - 1];
    ret->half_width = student_quantile(.975, runs - 1) * sqrt(ret->s2[levels - 1] / runs);
    return OU_OK;
}

void nested_optimum(const struct nested_components *c, const double *cost, double *ret)
{
    for (size_t i = 0; i + 1 < c->levels; i++)
        ret[i] = c->t2[i + 1] > 0 ? sqrt(cost[i + 1] / cost[i] * positive(c->t2[i]) / c->t2[i + 1])
                                  : NAN;
}

/* --- Crossed --------------------------------------------------------------------------- */

struct table {
    const struct cell_moments *cells;
    size_t runs, hosts;
    long double *host_means;
    long double grand;
    double greatest; /* magnitude of a cell's mean */
};

static long double run_mean(const struct table *t, size_t run)
{
    long double sum = 0;

    for (size_t host = 0; host < t->hosts; host++)
        sum += t->cells[run * t->hosts + host].mean;
    return sum / (long double)t->hosts;
}

static void fill_means(struct table *t)
{
    for (size_t host = 0; host < t->hosts; host++) {
        long double sum = 0;

        for (size_t run = 0; run < t->runs; run++) {
            double mean = t->cells[run * t->hosts + host].mean;

            sum += mean;
            t->greatest = fmax(t->greatest, fabs(mean));
        }
        t->host_means[host] = sum / (long double)t->runs;
        t->grand += t->host_means[host] / (long double)t->hosts;
    }
}

/* The mean squares of runs, hosts and interaction. */
static void crossed_squares(const struct table *t, struct crossed_components *ret)
{
    double k = ret->samples_per_cell, runs = (double)t->runs, hosts = (double)t->hosts;
    long double of_runs = 0, of_hosts = 0, of_both = 0;

    for (size_t run = 0; run < t->runs; run++) {
        long double mean = run_mean(t, run);

        of_runs += (mean - t->grand) * (mean - t->grand);
        for (size_t host = 0; host < t->hosts; host++) {
            long double off =
                t->cells[run * t->hosts + host].mean - mean - t->host_means[host] + t->grand;

            of_both += off * off;
        }
    }
    for (size_t host = 0; host < t->hosts; host++)
        of_hosts += (t->host_means[host] - t->grand) * (t->host_means[host] - t->grand);
    ret->ms_run = k * hosts * beyond_rounding(of_runs, runs, t->greatest) / (runs - 1);
    ret->ms_host = k * runs * beyond_rounding(of_hosts, hosts, t->greatest) / (hosts - 1);
    ret->ms_interaction =
        k * beyond_rounding(of_both, runs * hosts, t->greatest) / ((runs - 1) * (hosts - 1));
}

/* The harmonic mean of the counts, and the mean square within cells. False for an empty cell. */
static bool crossed_cells(const struct cell_moments *cells, size_t count,
                          struct crossed_components *ret)
{
    double inverse = 0, squares = 0, freedom = 0;

    for (size_t i = 0; i < count; i++) {
        if (cells[i].n == 0)
            return false;
        inverse += 1 / (double)cells[i].n;
        squares += cells[i].m2;
        freedom += (double)(cells[i].n - 1);
    }
    ret->samples_per_cell = (double)count / inverse;
    ret->ms_error = freedom > 0 ? squares / freedom : NAN;
    return true;
}

/* Expected mean squares of the two-way random model, solved for the components. With one
 * sample a cell the interaction cannot be told from the error, whose place it takes. */
static void crossed_variances(double runs, double hosts, struct crossed_components *ret)
{
    bool separable = !isnan(ret->ms_error);
    double k = ret->samples_per_cell, sum;

    ret->var_error = separable ? ret->ms_error : ret->ms_interaction;
    ret->var_interaction = separable ? (ret->ms_interaction - ret->ms_error) / k : NAN;
    ret->var_run = (ret->ms_run - ret->ms_interaction) / (k * hosts);
    ret->var_host = (ret->ms_host - ret->ms_interaction) / (k * runs);
    sum = positive(ret->var_run) + positive(ret->var_host) + positive(ret->var_interaction) +
          positive(ret->var_error);
    ret->share_run = sum > 0 ? positive(ret->var_run) / sum : NAN;
    ret->share_host = sum > 0 ? positive(ret->var_host) / sum : NAN;
    ret->share_interaction = sum > 0 && separable ? positive(ret->var_interaction) / sum : NAN;
    ret->share_error = sum > 0 ? positive(ret->var_error) / sum : NAN;
    ret->run_f = ret->ms_run / ret->ms_interaction; /* NaN where neither varies */
    ret->run_p = f_tail(ret->run_f, runs - 1, (runs - 1) * (hosts - 1));
}

enum ou_status crossed_components(const struct cell_moments *cells, size_t runs, size_t hosts,
                                  struct crossed_components *ret)
{
    struct table table = { .cells = cells, .runs = runs, .hosts = hosts };
    struct crossed_components found = { 0 };

    if (runs < 2 || hosts < 2 || !crossed_cells(cells, runs * hosts, &found))
        return OU_INVALID;
    table.host_means = scratch_take(hosts, sizeof *table.host_means);
    if (!table.host_means)
        return OU_NO_MEMORY;
    fill_means(&table);
    crossed_squares(&table, &found);
    crossed_variances((double)runs, (double)hosts, &found);
    free(table.host_means);
    *ret = found;
    return OU_OK;
}

/* --- One way ---------------------------------------------------------------------------- */

/* Sums and means are of what values are above the first of all: of equal ones, exactly 0. */
static long double sum_above(double first, const double *values, size_t n)
{
    long double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (long double)values[i] - first;
    return sum;
}

static long double squares_around(long double mean, double first, const double *values, size_t n)
{
    long double squares = 0;

    for (size_t i = 0; i < n; i++) {
        long double off = (long double)values[i] - first - mean;

        squares += off * off;
    }
    return squares;
}

/* n0: the size that groups of different sizes amount to. */
static void one_way_components(double groups, double n, double squared_sizes, struct one_way *ret)
{
    double between = ret->ss_between / ret->df_between;
    double n0 = (n - squared_sizes / n) / (groups - 1);

    ret->var_within = ret->df_within > 0 ? ret->ss_within / ret->df_within : NAN;
    ret->var_between = (between - ret->var_within) / n0;
    ret->icc = positive(ret->var_between) / (positive(ret->var_between) + ret->var_within);
    ret->f = between / ret->var_within;
    ret->p = f_tail(ret->f, ret->df_between, ret->df_within);
}

enum ou_status one_way(const double *const *groups, const size_t *sizes, size_t count,
                       struct one_way *ret)
{
    long double sum = 0, grand, between = 0, within = 0;
    double n = 0, squared_sizes = 0;

    if (count < 2)
        return OU_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (sizes[i] == 0)
            return OU_INVALID;
        sum += sum_above(groups[0][0], groups[i], sizes[i]);
        n += (double)sizes[i];
        squared_sizes += (double)sizes[i] * (double)sizes[i];
    }
    grand = sum / n;
    for (size_t i = 0; i < count; i++) {
        long double size = (long double)sizes[i];
        long double mean = sum_above(groups[0][0], groups[i], sizes[i]) / size;

        between += size * (mean - grand) * (mean - grand);
        within += squares_around(mean, groups[0][0], groups[i], sizes[i]);
    }
    *ret = (struct one_way){
        .ss_between = (double)between,
        .ss_within = (double)within,
        .df_between = (double)(count - 1),
        .df_within = n - (double)count,
    };
    one_way_components((double)count, n, squared_sizes, ret);
    return OU_OK;
}
