#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cmd/progress.h"
#include "support/test.h"

static const char *line(struct ingest_progress now, double seconds, int width)
{
    static char text[PROGRESS_ROOM];

    progress_line(&now, (int64_t)(seconds * 1e9), width, text);
    return text;
}

static void test_a_line_has_share_bytes_rate_lines_and_time_left(void **state)
{
    (void)state;
    assert_string_equal(line((struct ingest_progress){ 1302000000, 3100000000, 9012345 }, 2, 80),
                        "42 %  1.3 of 3.1 GB  651 MB/s  9,012,345 lines  3 s left");
}

static void test_without_a_total_there_is_no_share_and_no_time_left(void **state)
{
    (void)state;
    assert_string_equal(line((struct ingest_progress){ 5000000, 0, 10000 }, 2, 80),
                        "5.0 MB  2.5 MB/s  10,000 lines");
}

static void test_a_rate_needs_some_time(void **state)
{
    (void)state;
    assert_string_equal(line((struct ingest_progress){ 500, 1000, 3 }, 0.4, 80),
                        "50 %  0.5 of 1.0 kB  3 lines");
    assert_string_equal(line((struct ingest_progress){ 0, 1000, 0 }, 3, 80),
                        "0 %  0.0 of 1.0 kB  0 lines");
}

static void test_time_left_is_in_minutes_and_hours_when_long(void **state)
{
    (void)state;
    assert_non_null(
        strstr(line((struct ingest_progress){ 1000, 186000, 1 }, 1, 80), "  3:05 left"));
    assert_non_null(
        strstr(line((struct ingest_progress){ 1000, 3724000, 1 }, 1, 80), "  1:02:03 left"));
}

static void test_a_file_that_grew_is_not_more_than_whole(void **state)
{
    (void)state;
    assert_string_equal(line((struct ingest_progress){ 2000, 1000, 5 }, 1, 80),
                        "100 %  2.0 of 1.0 kB  2.0 kB/s  5 lines");
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    const struct ingest_progress now = { 1302000000, 3100000000, 9012345 };

    (void)state;
    assert_string_equal(line(now, 2, 40), "42 %  1.3 of 3.1 GB  651 MB/s  3 s left");
    assert_string_equal(line(now, 2, 20), "42 %  1.3 of 3.1 GB");
    assert_string_equal(line(now, 2, 19), "42 %  651 MB/s");
    assert_string_equal(line(now, 2, 1), "");
}

static void test_huge_numbers_fit(void **state)
{
    const struct ingest_progress now = { UINT64_MAX / 2, UINT64_MAX, UINT64_MAX };

    (void)state;
    assert_true(strlen(line(now, 1e9, 1000)) < PROGRESS_ROOM);
    assert_non_null(strstr(line(now, 1e9, 1000), "18,446,744,073,709,551,615 lines"));
}

/* What is written to a pipe by showing twice, erasing and erasing again. */
static void test_the_line_is_rewritten_in_place_and_erased(void **state)
{
    struct ingest_progress now = { .lines = 7 };
    char got[200] = { 0 };
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    struct progress p = { .shown = true, .fd = ends[1], .width = 80 };
    progress_show(&p, &now);
    now.lines = 8;
    progress_show(&p, &now);
    progress_erase(&p);
    progress_erase(&p);
    assert_true(read(ends[0], got, sizeof got - 1) > 0);
    assert_string_equal(got, "\r0.0 B  7 lines\033[K\r0.0 B  8 lines\033[K\r\033[K");
    close(ends[0]);
    close(ends[1]);
}

static void test_nothing_is_written_when_nobody_looks(void **state)
{
    struct ingest_progress now = { .lines = 7 };
    char got[8];
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    struct progress p = { .shown = false, .fd = ends[1], .width = 80 };
    progress_show(&p, &now);
    progress_erase(&p);
    assert_int_equal(read(ends[0], got, sizeof got), -1);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_share_bytes_rate_lines_and_time_left),
        cmocka_unit_test(test_without_a_total_there_is_no_share_and_no_time_left),
        cmocka_unit_test(test_a_rate_needs_some_time),
        cmocka_unit_test(test_time_left_is_in_minutes_and_hours_when_long),
        cmocka_unit_test(test_a_file_that_grew_is_not_more_than_whole),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
        cmocka_unit_test(test_huge_numbers_fit),
        cmocka_unit_test(test_the_line_is_rewritten_in_place_and_erased),
        cmocka_unit_test(test_nothing_is_written_when_nobody_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
