#include "study/margins.h"

#include <stdbool.h>
#include <string.h>

#include "support/near.h"

/* Events that are counted, and have no metric of their own. */
static bool is_count(const struct margin *m)
{
    return m->method == COMPARE_COUNTS && m->section == SECTION_CONTROL;
}

static void test_every_row_names_a_metric_or_a_count_once_and_has_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < margin_count(); i++) {
        const struct margin *m = margin_row(i);

        if (strcmp(m->id, "*") != 0 && !is_count(m) && !dictionary_find(m->section, m->id))
            fail_msg("%s/%s is in no dictionary", section_name(m->section), m->id);
        if (strlen(m->reason) < 8)
            fail_msg("%s/%s has no reason", section_name(m->section), m->id);
        for (size_t j = 0; j < i; j++)
            if (margin_row(j)->section == m->section && strcmp(margin_row(j)->id, m->id) == 0)
                fail_msg("%s/%s stands there twice", section_name(m->section), m->id);
    }
    assert_null(margin_row(margin_count()));
}

static void test_every_metric_has_a_margin_that_fits_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);
        const struct margin *m = margin_of(info);

        assert_non_null(m);
        assert_int_equal(m->section, info->section);
        if (m->method != COMPARE_NOTHING && !(m->relative > 0 && m->relative < 1))
            fail_msg("%s/%s: a margin of %g", section_name(info->section), info->id, m->relative);
        if (m->absolute < 0)
            fail_msg("%s/%s: a floor of %g", section_name(info->section), info->id, m->absolute);
    }
}

static const struct margin *margin(enum metric_section section, const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);

    assert_non_null(info);
    return margin_of(info);
}

static void test_known_metrics_have_the_margins_that_the_manual_tells(void **state)
{
    const struct margin *m = margin(SECTION_ENDTOEND, "cdf0.96");

    (void)state;
    assert_int_equal(m->method, COMPARE_MEANS);
    assert_near(m->relative, .02, 1e-15);
    assert_near(m->absolute, .001, 1e-15);
    /* 0.07 ms: 2 % of it would be 1.4 us. */
    assert_near(margin(SECTION_FORGER, "cdfForgerBlkCtx")->absolute, 1e-4, 1e-18);
    assert_int_equal(margin(SECTION_CONTROL, "cdfBlockBattle")->method, COMPARE_COUNTS);
    assert_int_equal(margin(SECTION_SUMMARY, "sumHosts")->method, COMPARE_NOTHING);
    assert_int_equal(margin(SECTION_MACHPERF, "cdfDensity")->method, COMPARE_NOTHING);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_names_a_metric_or_a_count_once_and_has_a_reason),
        cmocka_unit_test(test_every_metric_has_a_margin_that_fits_it),
        cmocka_unit_test(test_known_metrics_have_the_margins_that_the_manual_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
