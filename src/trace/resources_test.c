#include "trace/resources.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(mkdir(temp_path(&dir, "net"), 0777), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static struct resource_usage read_dir(void)
{
    struct resource_usage u;

    assert_int_equal(resources_read(dir.path, &u, NULL), OU_OK);
    return u;
}

/* A line of stat with the fields that count, numbered as in proc(5); the others are their number. */
#define STAT_LINE(pid, comm, utime, stime, threads, blkio)                                    \
    pid " (" comm ") S 4 5 6 7 8 9 10 11 12 13 " utime " " stime " 16 17 18 19 " threads      \
        " 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 " blkio " 43 44 45 " \
        "46 47 48 49 50 51 52\n"

#define NO_SUCH_PID "4194305" /* above the kernel's greatest */

static const char netstat[] = "TcpExt: SyncookiesSent InOctets\n"
                              "TcpExt: 11 12\n"
                              "IpExt: InNoRoutes OutOctets InMcastPkts InOctets\n"
                              "IpExt: 1 9000000000 3 8000000000\n"
                              "MPTcpExt: InOctets\n"
                              "MPTcpExt: 13\n";

static void assert_all_unknown(const struct resource_usage *u)
{
    assert_true(u->cpu_centi == INT64_MIN && u->rss_bytes == INT64_MIN);
    assert_true(u->heap_bytes == INT64_MIN && u->live_bytes == INT64_MIN);
    assert_true(u->blk_io_centi == INT64_MIN && u->threads == INT64_MIN);
    assert_true(u->net_read_bytes == INT64_MIN && u->net_write_bytes == INT64_MIN);
    assert_true(u->fs_read_bytes == INT64_MIN && u->fs_write_bytes == INT64_MIN);
}

/* ---- prepared folders ---- */

static void test_each_member_comes_from_its_place(void **state)
{
    struct resource_usage u;

    (void)state;
    assert_int_equal(sysconf(_SC_CLK_TCK), 100); /* what the numbers below are made for */
    temp_file(&dir, "stat", STAT_LINE(NO_SUCH_PID, "node", "1234", "66", "17", "89"));
    temp_file(&dir, "statm", "1000 300 20 5 0 100 0\n");
    temp_file(&dir, "io",
              "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\n"
              "write_bytes: 12288\ncancelled_write_bytes: 7\n");
    temp_file(&dir, "net/netstat", netstat);
    u = read_dir();
    assert_int_equal(u.cpu_centi, 1300);
    assert_int_equal(u.rss_bytes, 300 * sysconf(_SC_PAGESIZE));
    assert_int_equal(u.blk_io_centi, 89);
    assert_int_equal(u.threads, 17);
    assert_int_equal(u.fs_read_bytes, 4096);
    assert_int_equal(u.fs_write_bytes, 12288);
    assert_int_equal(u.net_read_bytes, INT64_C(8000000000));
    assert_int_equal(u.net_write_bytes, INT64_C(9000000000));
}

static void test_a_program_s_name_may_hold_blanks_and_parentheses(void **state)
{
    struct resource_usage u;

    (void)state;
    temp_file(&dir, "stat", STAT_LINE(NO_SUCH_PID, ") S 1 (a b)) ", "5", "6", "7", "8"));
    u = read_dir();
    assert_int_equal(u.cpu_centi, 11);
    assert_int_equal(u.threads, 7);
    assert_int_equal(u.blk_io_centi, 8);
}

static void test_missing_files_leave_their_members_unknown(void **state)
{
    struct resource_usage u;

    (void)state;
    temp_file(&dir, "statm", "9 2 1 1 0 1 0\n");
    u = read_dir();
    assert_int_equal(u.rss_bytes, 2 * sysconf(_SC_PAGESIZE));
    u.rss_bytes = INT64_MIN;
    assert_all_unknown(&u);
}

static void test_a_folder_with_nothing_of_it_is_an_error_that_names_it(void **state)
{
    struct resource_usage u = { .threads = 42 };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(resources_read(dir.path, &u, &err), OU_IO);
    assert_non_null(strstr(err.text, dir.path));
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(u.threads, 42);
    assert_int_equal(resources_read("/proc/" NO_SUCH_PID, &u, NULL), OU_IO);
}

/* ---- hostile contents ---- */

static void test_files_that_break_off_leave_what_is_behind_unknown(void **state)
{
    const char *stat = temp_path(&dir, "stat");
    const char line[] = STAT_LINE(NO_SUCH_PID, "node", "1", "2", "3", "4");
    size_t blkio = (size_t)(strstr(line, " 4 43 ") - line);

    (void)state;
    /* From any point before field 42 on, it and cpu, which is a sum, are whole or unknown. */
    for (size_t len = 0; len < sizeof line; len++) {
        struct resource_usage u;

        write_file(stat, line, len);
        u = read_dir();
        assert_true(u.blk_io_centi == (len > blkio + 1 ? 4 : INT64_MIN));
        assert_true(u.cpu_centi == 3 || u.cpu_centi == INT64_MIN);
        assert_true(u.threads == 3 || u.threads == INT64_MIN);
    }
}

static void test_what_is_no_number_or_too_large_is_unknown(void **state)
{
    struct resource_usage u;

    (void)state;
    temp_file(&dir, "stat", STAT_LINE(NO_SUCH_PID, "node", "9223372036854775807", "1", "-3", "1x"));
    temp_file(&dir, "statm", "1 9223372036854775807 1\n");
    temp_file(&dir, "io", "read_bytes: 9223372036854775808\nwrite_bytes:\n");
    temp_file(&dir, "net/netstat",
              "IpExt: InOctets OutOctets\nIpExt: 99999999999999999999999999\n");
    u = read_dir();
    assert_all_unknown(&u);

    temp_file(&dir, "io", "read_bytes: 9223372036854775807\nwrite_bytes:5\n");
    u = read_dir();
    assert_true(u.fs_read_bytes == INT64_MAX);
    u.fs_read_bytes = INT64_MIN;
    assert_all_unknown(&u);
}

static void test_empty_and_endless_files_are_survived(void **state)
{
    size_t len = (size_t)1 << 20;
    char *blanks = malloc(len);
    struct resource_usage u;

    (void)state;
    assert_non_null(blanks);
    memset(blanks, ' ', len);
    write_file(temp_path(&dir, "stat"), blanks, len);
    memset(blanks, ')', len);
    write_file(temp_path(&dir, "net/netstat"), blanks, len);
    write_file(temp_path(&dir, "io"), blanks, len);
    temp_file(&dir, "statm", "");
    free(blanks);
    u = read_dir();
    assert_all_unknown(&u);
}

static void test_a_netstat_without_values_is_unknown(void **state)
{
    static const char *const texts[] = {
        "IpExt: InOctets OutOctets",
        "IpExt: InOctets OutOctets\n",
        "IpExt:\nIpExt:\n",
        "IpExt:",
        "IpExt: InOctets OutOctets\nTcpExt: 1 2\nIpExt: 3 4\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct resource_usage u;

        temp_file(&dir, "net/netstat", texts[i]);
        u = read_dir();
        assert_all_unknown(&u);
    }
}

/* ---- this process ---- */

static int64_t own_cpu_centi(void)
{
    struct rusage r;

    assert_int_equal(getrusage(RUSAGE_SELF, &r), 0);
    return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 100 +
           (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 10000;
}

/* The kernel rounds user and system time down to ticks, one by one: hence 2. */
static void test_the_processor_time_is_what_getrusage_says(void **state)
{
    volatile unsigned spin = 0;
    struct resource_usage u;
    int64_t before, after;

    (void)state;
    while (own_cpu_centi() < 5)
        spin++;
    before = own_cpu_centi();
    assert_int_equal(resources_read("/proc/self", &u, NULL), OU_OK);
    after = own_cpu_centi();
    assert_in_range(u.cpu_centi + 2, before, after + 2);
}

static void *wait_for_lock(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

static void test_threads_are_counted(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct resource_usage alone, with_two;
    pthread_t threads[2];

    (void)state;
    assert_int_equal(resources_read("/proc/self", &alone, NULL), OU_OK);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_lock, &lock), 0);
    assert_int_equal(resources_read("/proc/self", &with_two, NULL), OU_OK);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    /* A sanitizer has threads of its own, and may start one with the first of ours. */
    assert_in_range(with_two.threads - alone.threads, 2, 3);
}

static void test_memory_is_in_the_range_of_what_is_in_use(void **state)
{
    size_t len = (size_t)64 << 20;
    struct resource_usage before, after;
    char *block;

    (void)state;
    assert_int_equal(resources_read("/proc/self", &before, NULL), OU_OK);
    block = malloc(len);
    assert_non_null(block);
    memset(block, 1, len);
    assert_int_equal(resources_read("/proc/self", &after, NULL), OU_OK);
    assert_true(block[len - 1] == 1);
    assert_true(after.rss_bytes - before.rss_bytes > (int64_t)len / 2);
    if (mallinfo2().arena > 0) { /* glibc's own malloc, not a sanitizer's */
        assert_true(after.live_bytes - before.live_bytes >= (int64_t)len);
        assert_true(after.heap_bytes >= after.live_bytes);
    }
    free(block);
}

static void test_the_heap_of_another_process_is_unknown(void **state)
{
    struct resource_usage u;

    (void)state;
    temp_file(&dir, "stat", STAT_LINE(NO_SUCH_PID, "node", "1", "2", "3", "4"));
    u = read_dir();
    assert_true(u.heap_bytes == INT64_MIN && u.live_bytes == INT64_MIN);
    assert_int_equal(u.threads, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_member_comes_from_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_program_s_name_may_hold_blanks_and_parentheses,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_files_leave_their_members_unknown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_with_nothing_of_it_is_an_error_that_names_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_break_off_leave_what_is_behind_unknown,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_number_or_too_large_is_unknown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_empty_and_endless_files_are_survived, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_netstat_without_values_is_unknown, set_up,
                                        tear_down),
        cmocka_unit_test(test_the_processor_time_is_what_getrusage_says),
        cmocka_unit_test(test_threads_are_counted),
        cmocka_unit_test(test_memory_is_in_the_range_of_what_is_in_use),
        cmocka_unit_test_setup_teardown(test_the_heap_of_another_process_is_unknown, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
