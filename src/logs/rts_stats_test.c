#include "logs/rts_stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "support/test.h"

/* Two runs of one threaded program that GHC 9.0.2 compiled, as the system wrote them; numbers below are read off them. */
#define LIST "tests/data/rts/threaded-9.0.2.list"
#define LINES "tests/data/rts/threaded-9.0.2.lines"

static struct rts_statistics load(const char *path)
{
    struct rts_statistics s;
    struct ou_error err = { 0 };

    if (rts_stats_load(path, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static struct rts_statistics parse(const char *text)
{
    struct rts_statistics s;
    struct ou_error err = { 0 };

    if (rts_stats_parse(span_of(text), "test", &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static void refuse(const char *text, const char *with)
{
    struct rts_statistics s;
    struct ou_error err = { 0 };

    assert_int_equal(rts_stats_parse(span_of(text), "test", &s, &err), OU_INVALID);
    if (!strstr(err.text, with))
        fail_msg("\"%s\" is not in: %s", with, err.text);
}

static void test_the_list_for_programs_is_read_whole(void **state)
{
    struct rts_statistics s = load(LIST);

    (void)state;
    assert_true(s.is_whole);
    assert_true(s.allocated_bytes == 985524184 && s.copied_bytes == 314574344);
    assert_true(s.max_live_bytes == 1628984 && s.max_memory_bytes == 7340032);
    assert_true(s.capabilities == 2);
    assert_true(s.init.cpu_s == 0.000833 && s.exit.wall_s == 0.003913);
    assert_true(s.mutator.cpu_s == 0.271304 && s.mutator.wall_s == 0.143906);
    assert_true(s.collector.cpu_s == 0.136488 && s.collector.wall_s == 0.071815);
    assert_true(s.total.cpu_s == 0.408793 && s.total.wall_s == 0.220300);
    assert_int_equal(s.generation_count, 2);
    assert_true(s.generations[0].parallel == 424 && s.generations[1].parallel == 57);
    assert_true(rts_minor_collections(&s) == 424 && rts_major_collections(&s) == 58);
    assert_true(rts_max_pause_s(&s) == 0.002495);
    assert_true(fabs(rts_mean_pause_s(&s) - (0.054119 + 0.017696) / 482) < 1e-12);
    assert_int_equal(s.pause_count, 0);
    rts_stats_release(&s);
}

static void test_the_lines_of_collections_and_their_summary_are_read(void **state)
{
    struct rts_statistics s = load(LINES);

    (void)state;
    assert_true(s.is_whole);
    assert_int_equal(s.pause_count, 36);
    assert_true(rts_minor_collections(&s) == 30 && rts_major_collections(&s) == 6);
    assert_true(s.allocated_bytes == 146006400 && s.copied_bytes == 25800960);
    assert_true(s.max_live_bytes == 1627408 && s.max_memory_bytes == 9 * 1048576.0);
    assert_true(s.capabilities == 2);
    assert_true(s.mutator.cpu_s == 0.042 && s.mutator.wall_s == 0.021);
    assert_true(s.total.cpu_s == 0.055 && s.total.wall_s == 0.030);
    assert_true(s.generations[0].max_pause_s == 0.0003 && s.generations[1].mean_pause_s == 0.0003);
    assert_int_equal(s.odd_lines, 1); /* what was allocated behind the last collection */
    rts_stats_release(&s);
}

/* Nodes of the benchmark cluster run with -s. */
static void test_a_summary_alone_is_read(void **state)
{
    struct buffer text;
    struct ou_error err = { 0 };
    struct rts_statistics s;
    const char *from;

    (void)state;
    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(LINES, &text, &err), OU_OK);
    from = strstr(buffer_string(&text), "     146,006,400 bytes");
    assert_non_null(from);
    s = parse(from);
    assert_true(s.is_whole && s.pause_count == 0);
    assert_true(rts_minor_collections(&s) == 30 && s.allocated_bytes == 146006400);
    rts_stats_release(&s);
    buffer_release(&text);
}

/* A program that was killed has no summary. */
static void test_lines_without_a_summary_still_count(void **state)
{
    struct rts_statistics s =
        parse("a +RTS -S\n"
              "    Alloc    Copied     Live     GC     GC      TOT      TOT  Page Flts\n"
              "    bytes     bytes     bytes   user   elap     user     elap\n"
              "     1000       100      300  0.002  0.001    0.004    0.002    0    0  (Gen:  0)\n"
              "     2000       200      400  0.004  0.005    0.006    0.003    0    0  (Gen:  1)\n"
              "     2000       200      4");

    (void)state;
    assert_false(s.is_whole);
    assert_true(rts_minor_collections(&s) == 1 && rts_major_collections(&s) == 1);
    assert_true(s.allocated_bytes == 3000 && s.max_live_bytes == 400);
    assert_true(rts_max_pause_s(&s) == 0.005 && fabs(rts_mean_pause_s(&s) - 0.003) < 1e-12);
    assert_true(s.pauses_s[0] == 0.001 && s.pauses_s[1] == 0.005);
    assert_true(isnan(s.total.cpu_s) && isnan(s.max_memory_bytes));
    rts_stats_release(&s);
}

/* Before 9.0 the list had old names only, and whole megabytes. */
static void test_lists_of_old_systems_tell_memory_in_megabytes(void **state)
{
    struct rts_statistics s = parse(" [(\"bytes allocated\", \"42\")\n"
                                    " ,(\"peak_megabytes_allocated\", \"3\")\n"
                                    " ,(\"mutator_cpu_seconds\", \"1.5\")\n"
                                    " ]\n");

    (void)state;
    assert_true(s.allocated_bytes == 42 && s.max_memory_bytes == 3 * 1048576.0);
    assert_true(s.mutator.cpu_s == 1.5 && isnan(s.collector.cpu_s));
    assert_true(isnan(rts_minor_collections(&s)) && isnan(rts_major_collections(&s)));
    assert_true(isnan(rts_mean_pause_s(&s)) && isnan(rts_max_pause_s(&s)));
    rts_stats_release(&s);
}

static void test_a_single_generation_has_only_major_collections(void **state)
{
    struct rts_statistics s = parse(" [(\"gen_0_collections\", \"7\")\n ]\n");

    (void)state;
    assert_true(isnan(rts_minor_collections(&s)) && rts_major_collections(&s) == 7);
    rts_stats_release(&s);
}

static void test_what_is_no_statistics_is_refused_with_its_place(void **state)
{
    (void)state;
    refuse("", "not what");
    refuse("hello\n", "not what");
    refuse(" [(\"bytes allocated\", \"42\")\n", "no end");
    refuse(" [(\"bytes allocated\", 42)\n ]\n", "test:1:");
    refuse(" [(\"a\", \"1\")\n ,(\"b\n ]\n", "test:2:");
}

static void test_numbers_that_are_none_and_generations_beyond_reason_are_passed_over(void **state)
{
    struct rts_statistics s = parse(" [(\"gen_9999999_collections\", \"7\")\n"
                                    " ,(\"gen_-1_collections\", \"7\")\n"
                                    " ,(\"gen_x_collections\", \"7\")\n"
                                    " ,(\"allocated_bytes\", \"many\")\n"
                                    " ,(\"copied_bytes\", \"1e999\")\n"
                                    " ]\n");

    (void)state;
    assert_int_equal(s.generation_count, 0);
    assert_true(isnan(s.allocated_bytes) && isnan(s.copied_bytes));
    rts_stats_release(&s);
}

static void test_every_cut_of_both_forms_is_survived(void **state)
{
    const char *const paths[] = { LIST, LINES };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct buffer text;
        struct ou_error err = { 0 };

        buffer_init(&text, allocator_libc(), 1 << 20);
        assert_int_equal(file_read(paths[i], &text, &err), OU_OK);
        for (size_t len = 0; len <= text.len; len++) {
            char *copy = test_malloc(len + 1); /* so that a byte too many is noticed */
            struct rts_statistics s;

            memcpy(copy, text.at, len);
            if (!rts_stats_parse((struct span){ copy, len }, "cut", &s, &err))
                rts_stats_release(&s);
            test_free(copy);
        }
        buffer_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list_for_programs_is_read_whole),
        cmocka_unit_test(test_the_lines_of_collections_and_their_summary_are_read),
        cmocka_unit_test(test_a_summary_alone_is_read),
        cmocka_unit_test(test_lines_without_a_summary_still_count),
        cmocka_unit_test(test_lists_of_old_systems_tell_memory_in_megabytes),
        cmocka_unit_test(test_a_single_generation_has_only_major_collections),
        cmocka_unit_test(test_what_is_no_statistics_is_refused_with_its_place),
        cmocka_unit_test(test_numbers_that_are_none_and_generations_beyond_reason_are_passed_over),
        cmocka_unit_test(test_every_cut_of_both_forms_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
