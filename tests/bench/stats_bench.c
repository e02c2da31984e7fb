/* stats-bench: what the statistical methods take.
 *
 *   stats-bench [-s SHARE] [-r ROUNDS] [CASE]...
 *
 * SHARE is the size of the samples, 1 being millions of values. A line for each case: stats-bench,
 * case, values, median, least and most seconds over ROUNDS. The values are draws from a normal law
 * around 100, by the project's own generator; so are their order and their ties. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "stats/bootstrap.h"
#include "stats/change_points.h"
#include "stats/components.h"
#include "stats/planning.h"
#include "stats/random.h"
#include "stats/serial.h"
#include "stats/sort.h"
#include "stats/summary.h"
#include "stats/two_samples.h"

enum { ROUNDS_MAX = 100, MILLION = 1000000 };
enum {
    RUNS = 10,
    BLOCKS_OF_RUNS = 25000,
    SERIES = 10,
    POINTS = 90,
    SERIES_POINTS = 900,
    HOSTS = 52
};

struct bench {
    double *values, *other; /* n each; drawn anew from `drawn` before each run */
    const double *drawn;    /* twice n */
    size_t n;
};

static double kept; /* what cases find, so that no call is left out as useless */

static void must(enum ou_status status)
{
    if (status) {
        fprintf(stderr, "stats-bench: %s\n", ou_status_name(status));
        exit(1);
    }
}

/* --- Cases: each does its work once ------------------------------------------------------- */

static void run_distribution(struct bench *b)
{
    struct distribution d;

    distribution_of(b->values, b->n, QUANTILE_TYPE7, &d);
    kept += d.median;
}

static const struct bootstrap_plan thousand = { BOOTSTRAP_SEED, 1000, .95 };
static const struct bootstrap_plan usual = { BOOTSTRAP_SEED, BOOTSTRAP_RESAMPLES, .95 };

static void run_bootstrap_mean(struct bench *b)
{
    struct bootstrap_result got;

    must(bootstrap_percentile(b->values, b->n, statistic_mean, NULL, &thousand, &got));
    kept += got.interval.low;
}

static void run_bootstrap_median(struct bench *b)
{
    const double half = .5;
    struct bootstrap_result got;

    must(bootstrap_percentile(b->values, b->n, statistic_quantile, &half, &thousand, &got));
    kept += got.interval.low;
}

/* Ten runs, 10,000 resamples. */
static void run_bootstrap_runs(struct bench *b)
{
    const double *runs[RUNS];
    size_t counts[RUNS];
    const struct sample_runs sample = { runs, counts, RUNS };
    struct bootstrap_result got;

    for (size_t i = 0; i < RUNS; i++) {
        counts[i] = b->n / RUNS;
        runs[i] = b->values + i * counts[i];
    }
    must(bootstrap_hierarchical(&sample, statistic_mean, NULL, true, 1, &usual, &got));
    kept += got.interval.low;
}

static struct two_samples two_of(const struct bench *b)
{
    return (struct two_samples){ b->values, b->n, b->other, b->n };
}

static void run_mann_whitney(struct bench *b)
{
    struct two_samples s = two_of(b);

    kept += mann_whitney(&s).p;
}

static void run_hodges_lehmann(struct bench *b)
{
    struct two_samples s = two_of(b);

    kept += hodges_lehmann(&s, .95).shift;
}

static void run_distances(struct bench *b)
{
    struct two_samples s = two_of(b);

    sort_doubles(allocator_libc(), b->values, b->n);
    sort_doubles(allocator_libc(), b->other, b->n);
    kept += kolmogorov_smirnov(&s).p + wasserstein(&s);
}

static void run_permutation(struct bench *b)
{
    struct two_samples s = two_of(b);

    kept += permutation_test(&s, BOOTSTRAP_RESAMPLES, BOOTSTRAP_SEED).p;
}

static void run_mann_kendall(struct bench *b)
{
    kept += mann_kendall(b->values, b->n).p;
}

static void run_steadiness(struct bench *b)
{
    kept += steadiness_of(b->values, b->n, .01).steady;
}

/* Levels that change twice, as a history of versions has them. */
static void run_change_points(struct bench *b)
{
    const struct change_options options = CHANGE_DEFAULTS;

    for (size_t series = 0; series < SERIES; series++) {
        double *values = b->values + series * POINTS;
        struct change_point found[POINTS];
        size_t count;

        for (size_t i = 30; i < POINTS; i++)
            values[i] += i < 60 ? 5 : 3;
        must(change_points(values, POINTS, &options, found, POINTS, &count));
        kept += (double)count;
    }
}

static void run_crossed(struct bench *b)
{
    struct crossed_components got;
    struct cell_moments *cells = calloc(b->n, sizeof *cells);

    if (!cells)
        must(OU_NO_MEMORY);
    for (size_t i = 0; i < b->n; i++)
        cells[i] = (struct cell_moments){ 50, b->values[i], 50 };
    must(crossed_components(cells, b->n / HOSTS, HOSTS, &got));
    free(cells);
    kept += got.share_run;
}

static void run_planning(struct bench *b)
{
    for (size_t i = 0; i < b->n; i++)
        kept += runs_for_difference(1, b->values[i] / 50, .05, .8);
}

static const struct bench_case {
    const char *name;
    void (*run)(struct bench *);
    size_t n; /* on each side, at a share of 1 */
    size_t least;
    bool fixed; /* the size is part of the question */
} cases[] = {
    { "distribution", run_distribution, 5 * MILLION, 1, false },
    { "bootstrap-mean", run_bootstrap_mean, MILLION, 2, false },
    { "bootstrap-median", run_bootstrap_median, MILLION / 10, 2, false },
    { "bootstrap-runs", run_bootstrap_runs, BLOCKS_OF_RUNS, RUNS, false },
    { "mann-whitney", run_mann_whitney, MILLION, 2, false },
    { "hodges-lehmann", run_hodges_lehmann, MILLION, 2, false },
    { "distances", run_distances, MILLION, 2, false },
    { "permutation", run_permutation, 10000, 2, false },
    { "mann-kendall", run_mann_kendall, MILLION, 2, false },
    { "steadiness", run_steadiness, MILLION, 8, false },
    { "crossed", run_crossed, 20 * HOSTS, 2 * HOSTS, true },
    { "change-points", run_change_points, SERIES_POINTS, SERIES_POINTS, true },
    { "planning", run_planning, 300, 1, true },
};
enum { CASES = sizeof cases / sizeof *cases };

/* --- Figures ------------------------------------------------------------------------------ */

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double *draw(size_t count)
{
    double *values = malloc(count * sizeof *values);
    struct random_stream r;

    if (!values)
        must(OU_NO_MEMORY);
    random_stream_init(&r, BOOTSTRAP_SEED, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = 100 + random_normal(&r);
    return values;
}

static double seconds_of(const struct bench_case *c, struct bench *b)
{
    int64_t start_ns;

    memcpy(b->values, b->drawn, 2 * b->n * sizeof *b->values);
    start_ns = time_monotonic_ns();
    c->run(b);
    return (double)(time_monotonic_ns() - start_ns) / (double)NS_PER_SECOND;
}

static void report(const struct bench_case *c, double share, size_t rounds)
{
    double scaled = c->fixed ? (double)c->n : (double)c->n * share;
    size_t n = scaled > (double)c->least ? (size_t)scaled : c->least;
    double *drawn = draw(2 * n), *values = draw(2 * n), seconds[ROUNDS_MAX];
    struct bench b = { values, values + n, drawn, n };

    for (size_t i = 0; i < rounds; i++)
        seconds[i] = seconds_of(c, &b);
    qsort(seconds, rounds, sizeof *seconds, compare_doubles);
    printf("stats-bench\t%s\t%zu\t%.6f\t%.6f\t%.6f\n", c->name, n, seconds[rounds / 2], seconds[0],
           seconds[rounds - 1]);
    fflush(stdout);
    free(drawn);
    free(values);
}

static const struct bench_case *case_named(const char *name)
{
    for (size_t i = 0; i < CASES; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    fprintf(stderr, "stats-bench: %s: no such case\n", name);
    exit(2);
}

static double number(const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);

    if (*end || !(value >= least && value <= most)) {
        fprintf(stderr, "stats-bench: %s: a number from %g to %g\n", text, least, most);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    double share = 1;
    size_t rounds = 3;
    int option;

    while ((option = getopt(argc, argv, "s:r:")) != -1)
        switch (option) {
        case 's': share = number(optarg, 1e-6, 100); break;
        case 'r': rounds = (size_t)number(optarg, 1, ROUNDS_MAX); break;
        default: return 2;
        }
    for (int i = optind; i < argc; i++)
        (void)case_named(argv[i]);
    if (optind == argc)
        for (size_t i = 0; i < CASES; i++)
            report(&cases[i], share, rounds);
    for (int i = optind; i < argc; i++)
        report(case_named(argv[i]), share, rounds);
    return isnan(kept) ? 1 : 0;
}
