#include "cmd/run_progress.h"

#include <string.h>

#include "support/test.h"

static const char *line(struct run_view now, int width)
{
    static char text[PROGRESS_ROOM];

    run_progress_line(&now, width, text);
    return text;
}

static const struct run_view view = {
    .elapsed_s = 12.3,
    .slot = 61,
    .height_low = 8,
    .height_high = 9,
    .blocks_forged = 11,
    .txs_sent = 240,
    .tps = 20.06,
    .cpu_cores = 0.414,
    .rss_bytes = 83400000,
    .nodes_up = 5,
    .nodes = 6,
};

static void test_the_line_tells_how_the_run_goes(void **state)
{
    (void)state;
    assert_string_equal(
        line(view, 100),
        "12 s  slot 61  block 8..9  11 forged  20.1 tx/s  cpu 0.41  5/6 nodes  83 MB");
}

static void test_a_load_that_waits_for_its_fund_says_so(void **state)
{
    struct run_view now = view;

    (void)state;
    now.setup_taken = 480;
    now.setup_txs = 621;
    assert_non_null(strstr(line(now, 100), "  11 forged  fund 480/621 split  cpu "));
    now.setup_taken = 621;
    assert_non_null(strstr(line(now, 100), "  11 forged  20.1 tx/s  cpu "));
}

static void test_nodes_that_agree_have_one_height(void **state)
{
    struct run_view now = view;

    (void)state;
    now.height_low = 9;
    assert_non_null(strstr(line(now, 100), "  block 9  "));
    now.height_low = -1;
    assert_non_null(strstr(line(now, 100), "  block -..9  "));
}

static void test_before_slot_0_there_is_only_a_countdown(void **state)
{
    const struct run_view now = { .elapsed_s = -2.6,
                                  .slot = -1,
                                  .height_low = -1,
                                  .height_high = -1,
                                  .txs_sent = -1,
                                  .nodes_up = 6,
                                  .nodes = 6 };

    (void)state;
    assert_string_equal(line(now, 100), "starts in 3 s  cpu 0.00  6/6 nodes  0 MB");
}

static void test_what_is_old_is_shown_as_old(void **state)
{
    struct run_view now = view;

    (void)state;
    now.heard_s = 9;
    assert_null(strstr(line(now, 120), "ago"));
    now.heard_s = 25.2;
    assert_string_equal(line(now, 120), "12 s  slot 61  as of 25 s ago:  block 8..9  11 forged  "
                                        "20.1 tx/s  cpu 0.41  5/6 nodes  83 MB");
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    for (int width = 1; width < 90; width++)
        assert_true((int)strlen(line(view, width)) < width);
    assert_string_equal(line(view, 30), "12 s  slot 61  block 8..9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line_tells_how_the_run_goes),
        cmocka_unit_test(test_a_load_that_waits_for_its_fund_says_so),
        cmocka_unit_test(test_nodes_that_agree_have_one_height),
        cmocka_unit_test(test_before_slot_0_there_is_only_a_countdown),
        cmocka_unit_test(test_what_is_old_is_shown_as_old),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
