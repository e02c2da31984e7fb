/* The certified values of the NIST Statistical Reference Datasets, read from the files
 * themselves. How many digits can be reached is a matter of how well a double holds the data:
 * SmLs04 is 1000000.4 and the like, of which .4 keeps nine digits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/components.h"
#include "stats/mean.h"
#include "stats/serial.h"
#include "support/files.h"
#include "support/near.h"
#include "support/test.h"

enum { VALUES_MAX = 2000, GROUPS_MAX = 10, LINE = 256 };

struct data_set {
    double values[VALUES_MAX];
    size_t n;
    size_t sizes[GROUPS_MAX]; /* of one-way layouts */
    const double *groups[GROUPS_MAX];
    size_t group_count;
};

/* A line of one number is a value, one of two a group, counted from 1, and a value. */
static void take_line(const char *line, struct data_set *ret)
{
    char *end, *second_end;
    double first = strtod(line, &end), second = strtod(end, &second_end);

    if (end == line)
        return;
    assert_true(ret->n < VALUES_MAX);
    if (second_end == end) {
        ret->values[ret->n++] = first;
        return;
    }
    assert_true(first >= 1 && first <= GROUPS_MAX);
    ret->group_count = (size_t)first;
    if (ret->sizes[ret->group_count - 1]++ == 0)
        ret->groups[ret->group_count - 1] = &ret->values[ret->n];
    ret->values[ret->n++] = second;
}

/* heading: how the line above the data begins. */
static void read_set(const char *name, const char *heading, struct data_set *ret)
{
    char path[LINE], line[LINE];
    bool in_data = false;
    FILE *file;

    snprintf(path, sizeof path, "real/b-bench/nist/%s", name);
    file = fopen(shared_data(path), "r");
    assert_non_null(file);
    memset(ret, 0, sizeof *ret);
    while (fgets(line, sizeof line, file)) {
        if (in_data)
            take_line(line, ret);
        in_data = in_data || strncmp(line, heading, strlen(heading)) == 0;
    }
    fclose(file);
}

/* Equal in so many leading digits. */
static void assert_digits(double got, double want, double digits)
{
    assert_near(got, want, fabs(want) * pow(10, -digits));
}

static const struct {
    const char *name, *heading;
    size_t n;
    double mean, sd, rho1;
    double mean_digits, sd_digits, rho1_digits;
} univariate[] = {
    { "Lottery.txt", "# Data\n", 218, 518.958715596330, 291.699727470969, -0.120948622967393, 14,
      14, 14 },
    { "Michelso.txt", "Data: Y", 100, 299.852400000000, 0.0790105478190518, 0.535199668621283, 15,
      13, 13 },
    { "NumAcc1.txt", "Data: Y", 3, 10000002, 1, -0.5, 16, 16, 16 },
    { "NumAcc3.txt", "Data: Y", 1001, 1000000.2, 0.1, -0.999, 15, 9, 15 },
};

static void test_means_deviations_and_autocorrelations(void **state)
{
    static struct data_set set;

    (void)state;
    for (size_t i = 0; i < sizeof univariate / sizeof *univariate; i++) {
        read_set(univariate[i].name, univariate[i].heading, &set);
        assert_int_equal(set.n, univariate[i].n);
        assert_digits(mean_of(set.values, set.n), univariate[i].mean, univariate[i].mean_digits);
        assert_digits(sqrt(variance_of(set.values, set.n)), univariate[i].sd,
                      univariate[i].sd_digits);
        assert_digits(autocorrelation(set.values, set.n, 1), univariate[i].rho1,
                      univariate[i].rho1_digits);
    }
}

static const struct {
    const char *name, *heading;
    size_t groups, n;
    double ss_between, ss_within, f;
    double digits;
} layouts[] = {
    { "anova-SiRstv.dat", "Data:  Instrument", 5, 25, 5.11462616000000E-02, 2.16636560000000E-01,
      1.18046237440255E+00, 13 },
    { "anova-SmLs01.dat", "Data:  Treatment", 9, 189, 1.68, 1.8, 21, 14 },
    { "anova-SmLs04.dat", "Data:  Treatment", 9, 189, 1.68, 1.8, 21, 10 },
};

static void test_analyses_of_variance(void **state)
{
    static struct data_set set;

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        struct one_way got;

        read_set(layouts[i].name, layouts[i].heading, &set);
        assert_int_equal(set.n, layouts[i].n);
        assert_int_equal(set.group_count, layouts[i].groups);
        assert_int_equal(one_way(set.groups, set.sizes, set.group_count, &got), OU_OK);
        assert_digits(got.ss_between, layouts[i].ss_between, layouts[i].digits);
        assert_digits(got.ss_within, layouts[i].ss_within, layouts[i].digits);
        assert_digits(got.f, layouts[i].f, layouts[i].digits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_deviations_and_autocorrelations),
        cmocka_unit_test(test_analyses_of_variance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
