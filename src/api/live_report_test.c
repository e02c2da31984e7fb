#include "api/live_report.h"

#include <string.h>

#include "base/time.h"
#include "support/test.h"

static void test_a_load_that_waits_for_its_fund_is_what_the_run_waits_for(void **state)
{
    struct live_facts facts = { .project = "default", .profile = "ci-test", .state = "running" };
    struct buffer report;

    (void)state;
    facts.began_ns = TIME_NONE;
    live_facts_setup(&facts, 480, 621);
    buffer_init(&report, allocator_libc(), 1u << 20);
    live_report_write(&facts, NULL, &report);
    assert_non_null(
        strstr(buffer_string(&report),
               "\"phase\":\"the load waits: 480 of the 621 transactions that split its fund are "
               "taken\""));
    buffer_release(&report);
    live_facts_setup(&facts, 621, 621);
    assert_string_equal(facts.phase, "");
    live_facts_setup(&facts, 0, 0); /* nothing is told */
    assert_string_equal(facts.phase, "");
}

static void test_before_slot_0_that_is_what_it_waits_for(void **state)
{
    struct live_facts facts = { .project = "default", .profile = "demo", .state = "running" };
    struct live_view view = { .start_ns = TIME_NONE, .elapsed_s = -10 };
    struct buffer report;

    (void)state;
    facts.began_ns = TIME_NONE;
    buffer_init(&report, allocator_libc(), 1u << 20);
    live_report_write(&facts, &view, &report);
    assert_non_null(strstr(buffer_string(&report), "\"phase\":\"waiting for slot 0\""));
    buffer_clear(&report);
    view.elapsed_s = 0;
    live_report_write(&facts, &view, &report);
    assert_null(strstr(buffer_string(&report), "waiting"));
    buffer_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load_that_waits_for_its_fund_is_what_the_run_waits_for),
        cmocka_unit_test(test_before_slot_0_that_is_what_it_waits_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
