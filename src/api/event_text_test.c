#include "api/event_text.h"

#include <stdio.h>

#include "support/test.h"

static const struct news some = { .no = 42,
                                  .at_ns = INT64_C(1000000000) * 1772633733,
                                  .kind = "live.changed",
                                  .project = "default",
                                  .subject = "a\n\ndata: b",
                                  .data = "{\"id\":\"x\"}" };

static void test_an_event_is_three_lines_whatever_it_is_about(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 1000);
    event_text(&some, &text);
    assert_string_equal(buffer_string(&text),
                        "id: 42\nevent: live.changed\n"
                        "data: {\"at\":\"2026-03-04T14:15:33Z\",\"project\":\"default\","
                        "\"subject\":\"a\\n\\ndata: b\",\"data\":{\"id\":\"x\"}}\n\n");
    buffer_release(&text);
}

static bool wants(const char *kinds, const char *project)
{
    struct event_filter filter = { { 0 }, { 0 } };

    snprintf(filter.kinds, sizeof filter.kinds, "%s", kinds);
    snprintf(filter.project, sizeof filter.project, "%s", project);
    return event_wanted(&filter, &some);
}

static void test_listeners_choose_kinds_and_projects(void **state)
{
    (void)state;
    assert_true(wants("", ""));
    assert_true(wants("live", ""));
    assert_true(wants("run.published,live.changed", "default"));
    assert_false(wants("run,live.ended", ""));
    assert_false(wants("li", ""));
    assert_false(wants("live.changed.more", ""));
    assert_false(wants("", "other"));
}

static void test_a_kind_that_there_is_not_is_pointed_at(void **state)
{
    size_t at = 0;

    (void)state;
    assert_true(event_kinds_known("run,live.changed,change-point", &at));
    assert_false(event_kinds_known("run,shoes", &at));
    assert_int_equal(at, 5);
    assert_false(event_kinds_known("run,", &at));
    assert_false(event_kinds_known("", &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_three_lines_whatever_it_is_about),
        cmocka_unit_test(test_listeners_choose_kinds_and_projects),
        cmocka_unit_test(test_a_kind_that_there_is_not_is_pointed_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
