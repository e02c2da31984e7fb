#include "workbench/sweep_catalogue.h"

#include <string.h>

#include "support/test.h"
#include "workbench/sweep.h"

static const char *level_of(const struct sweep *s, size_t level)
{
    return s->axes[0].levels[level].label;
}

/* All that a run of the profile would refuse is found out here. */
static void test_each_has_the_name_that_it_is_found_by_and_a_plan(void **state)
{
    size_t i = 0;

    (void)state;
    for (; sweep_catalogue_name(i); i++) {
        struct sweep s = { 0 };
        struct ou_error err;

        if (sweep_load(sweep_catalogue_name(i), NULL, &s, &err) != OU_OK)
            fail_msg("%s", err.text);
        assert_string_equal(s.name, sweep_catalogue_name(i));
        assert_true(*s.description && s.metric_count > 0);
        assert_int_equal(s.run_count, s.point_count * s.repetitions);
        sweep_release(&s);
    }
    assert_true(i >= 2);
}

/* What the report of the comparison says rests on it: a base, and a setting that traces next to nothing. */
static void test_ways_of_tracing_differ_in_nothing_else(void **state)
{
    struct sweep s = { 0 };
    struct profile p[4] = { 0 };

    (void)state;
    assert_int_equal(sweep_load("tracing-comparison", NULL, &s, NULL), OU_OK);
    assert_int_equal(s.point_count, 4);
    assert_true(s.repetitions >= 10);
    assert_string_equal(level_of(&s, 0), "legacy");
    assert_string_equal(level_of(&s, s.axes[0].silent), "off");
    for (size_t i = 0; i < 4; i++) {
        json_t *node;

        assert_int_equal(sweep_profile(&s, i, &p[i], NULL), OU_OK);
        node = json_object_get(p[i].document, "node");
        json_object_del(node, "tracing_backend");
        json_object_del(node, "tracer");
        assert_true(json_equal(p[i].document, p[0].document));
    }
    assert_true(p[0].legacy_tracing && !p[0].tracer);
    assert_true(!p[1].legacy_tracing && !p[1].tracer && !p[1].tracing_off);
    assert_true(p[2].tracer && !p[2].tracing_off);
    assert_true(p[3].tracing_off && !p[3].tracer);
    for (size_t i = 0; i < 4; i++)
        profile_release(&p[i]);
    sweep_release(&s);
}

static void test_a_name_that_is_none_is_told_with_the_nearest(void **state)
{
    json_t *file = NULL;
    struct ou_error err;

    (void)state;
    assert_int_equal(sweep_catalogue_find("tracing-comparisn", &file, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean tracing-comparison?"));
    assert_int_equal(sweep_catalogue_find("entirely-else-and-long", &file, &err), OU_NOT_FOUND);
    assert_null(strstr(err.text, "did you mean"));
    assert_null(file);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_the_name_that_it_is_found_by_and_a_plan),
        cmocka_unit_test(test_ways_of_tracing_differ_in_nothing_else),
        cmocka_unit_test(test_a_name_that_is_none_is_told_with_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
