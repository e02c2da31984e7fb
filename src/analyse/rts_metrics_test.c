/* From the files of a run directory to metrics; the numbers are those of the two recorded files. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyse/metrics.h"
#include "analyse/rts_hosts.h"
#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static void copy_file(const char *from, const char *to)
{
    struct buffer text;
    struct out_file file = { 0 };
    struct ou_error err = { 0 };

    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(from, &text, &err), OU_OK);
    assert_int_equal(out_open(&file, to, &err), OU_OK);
    out_write(&file, text.at, text.len);
    assert_int_equal(out_commit(&file, &err), OU_OK);
    out_release(&file);
    buffer_release(&text);
}

static void put(struct temp_dir *run, const char *folder, const char *file, const char *from)
{
    struct ou_error err = { 0 };
    char path[200];

    assert_int_equal(file_make_directory(temp_path(run, folder), &err), OU_OK);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    copy_file(from, temp_path(run, path));
}

#define LIST "tests/data/rts/threaded-9.0.2.list"
#define LINES "tests/data/rts/threaded-9.0.2.lines"

static void load(const struct temp_dir *run, struct rts_hosts *ret)
{
    struct ou_error err = { 0 };

    if (rts_hosts_load(run->path, ret, &err))
        fail_msg("%s", err.text);
}

static void test_statistics_are_found_in_both_layouts_of_a_run_directory(void **state)
{
    struct temp_dir run;
    struct rts_hosts hosts;

    (void)state;
    temp_dir_make(&run);
    put(&run, "nodes/b", "rts.stats", LIST);
    put(&run, "nodes/a", "rts.stats", LINES);
    put(&run, "node-7", "cardano-node.gcstats", LINES);
    put(&run, "nodes/odd", "rts.stats", "LICENSE");
    put(&run, "nodes/other", "stdout", LINES);
    put(&run, "nodes", "a-file", LINES);
    put(&run, ".", "meta.json", LINES);
    load(&run, &hosts);
    assert_int_equal(hosts.count, 4);
    assert_string_equal(hosts.items[0].name, "a");
    assert_string_equal(hosts.items[1].name, "b");
    assert_string_equal(hosts.items[2].name, "node-7");
    assert_string_equal(hosts.items[3].name, "odd");
    assert_non_null(strstr(hosts.items[3].problem, "-S"));
    assert_null(hosts.items[0].problem);
    rts_hosts_release(&hosts);
    temp_dir_remove(&run);
}

static void test_a_run_without_statistics_has_none(void **state)
{
    struct temp_dir run;
    struct rts_hosts hosts;

    (void)state;
    temp_dir_make(&run);
    load(&run, &hosts);
    assert_int_equal(hosts.count, 0);
    rts_hosts_release(&hosts);
    temp_dir_remove(&run);
}

/* All of them are the same folder: so many that are their own take long to make. */
static void test_a_run_of_too_many_programs_is_refused(void **state)
{
    struct temp_dir run;
    struct rts_hosts hosts;
    struct ou_error err = { 0 };
    char nodes[100], path[200];

    (void)state;
    temp_dir_make(&run);
    snprintf(nodes, sizeof nodes, "%s", temp_path(&run, "nodes"));
    assert_int_equal(mkdir(nodes, 0700), 0);
    assert_int_equal(mkdir(temp_path(&run, "one"), 0700), 0);
    temp_file(&run, "one/rts.stats", "");
    for (int i = 0; i <= RTS_HOSTS_MAX; i++) {
        snprintf(path, sizeof path, "%s/%d", nodes, i);
        assert_int_equal(symlink("../one", path), 0);
    }
    assert_int_equal(rts_hosts_load(run.path, &hosts, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "/nodes: too many hosts"));
    assert_int_equal(hosts.count, 0);
    assert_int_equal(unlink(path), 0);
    load(&run, &hosts);
    assert_int_equal(hosts.count, RTS_HOSTS_MAX);
    rts_hosts_release(&hosts);
    temp_dir_remove(&run);
}

static const struct machine_stats no_slots = { .first_slot = -1, .last_slot = -1 };

/* Host "a" has logs, too; host "b" has statistics alone. */
static void test_metrics_are_over_hosts_and_told_apart_where_hosts_are_known(void **state)
{
    struct temp_dir run;
    struct rts_hosts hosts;
    struct host_result host = { .name = "a" };
    struct analysis a = { .hosts = &host,
                          .host_count = 1,
                          .rts = &hosts,
                          .slots_raw = { -1, -1 },
                          .slots_filtered = { -1, -1 },
                          .blocks_raw = { -1, -1 },
                          .blocks_filtered = { -1, -1 } };
    const struct metric_result *m;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&run);
    put(&run, "nodes/b", "rts.stats", LIST);
    put(&run, "nodes/a", "rts.stats", LINES);
    load(&run, &hosts);
    arena_init(&a.memory, allocator_libc(), 1 << 24);
    assert_int_equal(metrics_fill(&a, &no_slots, &err), OU_OK);

    m = analysis_metric(&a, SECTION_RTS, "rtsMinorGcs");
    assert_int_equal(m->kind, METRIC_DISTRIBUTION);
    assert_true(m->over.n == 2 && m->over.mean == (424 + 30) / 2.0);
    assert_true(m->by_host[0].n == 1 && m->by_host[0].mean == 30);
    m = analysis_metric(&a, SECTION_RTS, "rtsAllocated");
    assert_true(fabs(m->over.mean - (985524184 + 146006400) / 2.0 / 1048576) < 1e-6);
    m = analysis_metric(&a, SECTION_RTS, "rtsProductivity");
    assert_true(fabs(m->over.mean - 100 * (0.143906 / 0.2203 + 0.021 / 0.030) / 2) < 1e-9);
    m = analysis_metric(&a, SECTION_RTS, "rtsPause");
    assert_int_equal(m->over.n, 36);
    assert_true(m->over.max == 1);
    m = analysis_metric(&a, SECTION_RTS, "rtsMaxPause");
    assert_true(fabs(m->over.mean - (2.495 + 0.5) / 2) < 1e-9);
    arena_release(&a.memory);
    rts_hosts_release(&hosts);
    temp_dir_remove(&run);
}

static void test_runs_of_other_programs_do_not_have_the_section(void **state)
{
    struct rts_hosts none = { 0 };
    struct analysis a = { .rts = &none,
                          .slots_raw = { -1, -1 },
                          .slots_filtered = { -1, -1 },
                          .blocks_raw = { -1, -1 },
                          .blocks_filtered = { -1, -1 } };
    struct ou_error err = { 0 };

    (void)state;
    arena_init(&a.memory, allocator_libc(), 1 << 24);
    assert_int_equal(metrics_fill(&a, &no_slots, &err), OU_OK);
    assert_null(analysis_metric(&a, SECTION_RTS, "rtsMinorGcs"));
    arena_release(&a.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics_are_found_in_both_layouts_of_a_run_directory),
        cmocka_unit_test(test_a_run_without_statistics_has_none),
        cmocka_unit_test(test_a_run_of_too_many_programs_is_refused),
        cmocka_unit_test(test_metrics_are_over_hosts_and_told_apart_where_hosts_are_known),
        cmocka_unit_test(test_runs_of_other_programs_do_not_have_the_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
