/* Only what differs by enough to matter stands apart. */
#include "study/stands_apart.h"

#include <math.h>

#include "support/test.h"

static const struct metric_info *info_of(enum metric_section section, const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);

    assert_non_null(info);
    return info;
}

/* A host that wakes up 0.4 us later than hosts that are all within 0.1 us. */
static void test_a_fraction_of_a_microsecond_does_not_matter(void **state)
{
    static const double lateness[] = { 1.0e-6, 1.05e-6, 1.1e-6, 1.1e-6, 1.15e-6, 1.5e-6 };
    double z;

    (void)state;
    assert_false(
        stands_apart(info_of(SECTION_PEERS, "cdfPeerAnnounce"), lateness[5], lateness, 6, &z));
    assert_true(z > APART_Z);
}

static void test_what_lies_beyond_score_and_margin_stands_apart(void **state)
{
    static const double levels[] = { 9, 9.5, 10, 10.5, 11, 11.5, 95 };
    static const double close[] = { 10.50, 10.51, 10.52, 10.53, 10.54, 10.55, 10.72 };
    static const double far[] = { 10.50, 10.51, 10.52, 10.53, 10.54, 10.55, 10.76 };
    const struct metric_info *cpu = info_of(SECTION_MACHPERF, "CentiCpu");

    (void)state;
    assert_true(stands_apart(cpu, 95, levels, 7, NULL));
    assert_false(stands_apart(cpu, 11.5, levels, 7, NULL));
    /* The margin is 2 % of 10.53, 0.2106. */
    assert_false(stands_apart(cpu, close[6], close, 7, NULL));
    assert_true(stands_apart(cpu, far[6], far, 7, NULL));
}

static void test_few_values_equal_ones_and_the_lottery_have_no_odd_one(void **state)
{
    static const double four[] = { 10, 11, 12, 95 }, equal[] = { 10, 10, 10, 10, 10, 95 };
    const struct metric_info *cpu = info_of(SECTION_MACHPERF, "CentiCpu");
    double z;

    (void)state;
    assert_false(stands_apart(cpu, 95, four, 4, &z));
    assert_true(z > APART_Z);
    assert_false(stands_apart(cpu, 95, equal, 6, &z));
    assert_true(isnan(z));
    assert_false(stands_apart(info_of(SECTION_MACHPERF, "cdfDensity"), 95,
                              (const double[]){ 9, 9.5, 10, 10.5, 11, 95 }, 6, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fraction_of_a_microsecond_does_not_matter),
        cmocka_unit_test(test_what_lies_beyond_score_and_margin_stands_apart),
        cmocka_unit_test(test_few_values_equal_ones_and_the_lottery_have_no_odd_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
