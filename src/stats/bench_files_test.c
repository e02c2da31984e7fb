/* Files of other benchmark tools, read in place: what they say of them, we say, too.
 * golang/perf's benchstat (BSD-3-Clause): two runs of Go benchmarks, and its own comparison.
 * psf/pyperf (MIT): 40 processes of three values. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "stats/two_samples.h"
#include "support/files.h"
#include "support/near.h"
#include "support/test.h"

enum { RUNS_MAX = 16, LINE = 256 };

struct runs {
    double seconds[RUNS_MAX];
    size_t n;
};

/* "BenchmarkEncode/format=json-48   714387   1423 ns/op" */
static struct runs read_runs(const char *file_name, const char *benchmark)
{
    char path[LINE], line[LINE], name[LINE];
    struct runs runs = { .n = 0 };
    double ns;
    FILE *file;

    snprintf(path, sizeof path, "real/b-bench/gobench/%s", file_name);
    file = fopen(shared_data(path), "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Benchmark%255s %*d %lf ns/op", name, &ns) == 2 &&
            strcmp(name, benchmark) == 0) {
            assert_true(runs.n < RUNS_MAX);
            runs.seconds[runs.n++] = ns * 1e-9;
        }
    fclose(file);
    sort_doubles(allocator_libc(), runs.seconds, runs.n);
    return runs;
}

/* The greater side of the median's interval, in whole percent of it. */
static int interval_percent(const struct runs *r)
{
    struct interval i = quantile_values_interval(r->seconds, r->n, 0.5, 0.95);
    double median = quantile_sorted(r->seconds, r->n, 0.5, QUANTILE_TYPE7);

    return (int)lround(100 * fmax(i.high / median - 1, 1 - i.low / median));
}

struct row {
    char name[LINE], delta[LINE];
    double old_median, new_median, p;
    int old_percent, new_percent, n;
};

/* "Encode/format=json-48,1.718e-06,1%,1.4225e-06,1%,-17.20%,p=0.000 n=10" */
static bool read_row(const char *line, struct row *ret)
{
    return sscanf(line, "%255[^,],%lf,%d%%,%lf,%d%%,%255[^,],p=%lf n=%d", ret->name,
                  &ret->old_median, &ret->old_percent, &ret->new_median, &ret->new_percent,
                  ret->delta, &ret->p, &ret->n) == 8;
}

/* "~" where the test finds nothing. */
static void delta_text(double old, double new, double p, char *ret, size_t room)
{
    if (p > 0.05)
        snprintf(ret, room, "~");
    else
        snprintf(ret, room, "%+.2f%%", 100 * (new / old - 1));
}

static void check_row(const struct row *row)
{
    struct runs old = read_runs("old.txt", row->name), new = read_runs("new.txt", row->name);
    struct rank_test test =
        mann_whitney(&(struct two_samples){ old.seconds, old.n, new.seconds, new.n });
    double old_median = quantile_sorted(old.seconds, old.n, 0.5, QUANTILE_TYPE7);
    double new_median = quantile_sorted(new.seconds, new.n, 0.5, QUANTILE_TYPE7);
    char delta[LINE];

    assert_int_equal(old.n, row->n);
    assert_int_equal(new.n, row->n);
    assert_near(old_median, row->old_median, 1e-14 * old_median);
    assert_near(new_median, row->new_median, 1e-14 * new_median);
    assert_int_equal(interval_percent(&old), row->old_percent);
    assert_int_equal(interval_percent(&new), row->new_percent);
    assert_near(test.p, row->p, 5e-4);
    delta_text(old_median, new_median, test.p, delta, sizeof delta);
    assert_string_equal(delta, row->delta);
}

static void test_benchstat_says_the_same(void **state)
{
    FILE *file = fopen(shared_data("real/b-bench/gobench/csvOldNew.stdout"), "r");
    char line[LINE];
    struct row row;
    int rows = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (read_row(line, &row)) {
            check_row(&row);
            rows++;
        }
    fclose(file);
    assert_int_equal(rows, 2);
}

/* pyperf's values, warm-ups aside; one row for each process. */
enum { PROCESSES = 40, VALUES = 3 };
static double telco[PROCESSES * VALUES];

static void read_telco(void)
{
    json_t *root = json_load_file(shared_data("real/b-bench/pyperf/telco.json"), 0, NULL), *run;
    size_t i, n = 0;

    assert_non_null(root);
    json_array_foreach(
        json_object_get(json_array_get(json_object_get(root, "benchmarks"), 0), "runs"), i, run)
    {
        const json_t *values = json_object_get(run, "values");

        for (size_t j = 0; j < json_array_size(values); j++) {
            assert_true(n < PROCESSES * VALUES);
            telco[n++] = json_number_value(json_array_get(values, j));
        }
    }
    assert_int_equal(n, PROCESSES * VALUES);
    json_decref(root);
}

static void test_pyperf_says_the_same(void **state)
{
    double process_means[PROCESSES], sorted[PROCESSES * VALUES];

    (void)state;
    read_telco();
    for (size_t i = 0; i < PROCESSES; i++)
        process_means[i] = mean_of(telco + i * VALUES, VALUES);
    memcpy(sorted, telco, sizeof sorted);
    sort_doubles(allocator_libc(), sorted, PROCESSES * VALUES);
    assert_near(mean_of(telco, PROCESSES * VALUES), .0225307458, 5e-11);
    assert_near(sqrt(variance_of(telco, PROCESSES * VALUES)), .000186561, 5e-10);
    assert_near(quantile_sorted(sorted, PROCESSES * VALUES, .5, QUANTILE_TYPE7), .0225036043,
                5e-11);
    assert_near(sorted[0], .0221138025, 5e-11);
    assert_near(sorted[PROCESSES * VALUES - 1], .0229207174, 5e-11);
    assert_near(sqrt(variance_of(process_means, PROCESSES)), .000149054, 5e-10);
}

/* The same program, measured twice in a row: the even processes against the odd ones. */
static void test_halves_of_one_benchmark_do_not_differ(void **state)
{
    double means[2][PROCESSES / 2];
    struct two_samples halves = { means[0], PROCESSES / 2, means[1], PROCESSES / 2 };

    (void)state;
    read_telco();
    for (size_t i = 0; i < PROCESSES; i++)
        means[i % 2][i / 2] = mean_of(telco + i * VALUES, VALUES);
    assert_true(welch_test(&halves, 0.95).p > .05);
    assert_true(mann_whitney(&halves).p > .05);
    assert_true(permutation_test(&halves, 10000, 1).p > .05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_benchstat_says_the_same),
        cmocka_unit_test(test_pyperf_says_the_same),
        cmocka_unit_test(test_halves_of_one_benchmark_do_not_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
