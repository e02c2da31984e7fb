#include "study/run_usage.h"

#include <stdio.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/near.h"

struct run {
    struct temp_dir dir;
};

static void make(struct run *r, const char *folder)
{
    assert_int_equal(mkdir(temp_path(&r->dir, folder), 0755), 0);
}

static void put(struct run *r, const char *path, const char *text)
{
    FILE *f = fopen(temp_path(&r->dir, path), "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void begin(struct run *r)
{
    temp_dir_make(&r->dir);
    make(r, "nodes");
    make(r, "nodes/node-0");
    make(r, "nodes/node-1");
    make(r, "tracer");
}

static struct run_usage read(const struct run *r)
{
    struct run_usage usage;

    assert_int_equal(run_usage_read(r->dir.path, &usage, NULL), OU_OK);
    return usage;
}

#define LIFE(user, system) \
    "{\"wallSeconds\":9,\"userSeconds\":" user ",\"systemSeconds\":" system ",\"maxRssBytes\":1}\n"

static void test_nodes_and_the_collector_are_added_up_apart(void **state)
{
    struct run r;

    (void)state;
    begin(&r);
    put(&r, "nodes/node-0/usage.jsonl", LIFE("1.5", "0.25"));
    put(&r, "nodes/node-1/usage.jsonl", LIFE("2", "1"));
    put(&r, "tracer/usage.jsonl", LIFE("0.5", "0.125"));
    assert_near(read(&r).nodes, 4.75, 0);
    assert_near(read(&r).collector, .625, 0);
    assert_int_equal(read(&r).node_count, 2);
    temp_dir_remove(&r.dir);
}

static void test_a_node_that_was_started_again_took_both_times(void **state)
{
    struct run r;

    (void)state;
    begin(&r);
    put(&r, "nodes/node-0/usage.jsonl", LIFE("1", "1") LIFE("3", "0"));
    put(&r, "nodes/node-1/usage.jsonl", LIFE("0", "0"));
    assert_near(read(&r).nodes, 5, 0);
    assert_true(isnan(read(&r).collector)); /* there was none */
    temp_dir_remove(&r.dir);
}

/* Half a sum would look like a saving. */
static void test_what_one_node_does_not_tell_is_not_known_of_all(void **state)
{
    static const char *const damaged[] = { NULL,
                                           "",
                                           "{\"userSeconds\":1}\n",
                                           "{\"userSeconds\":-4,\"systemSeconds\":1}\n",
                                           "{\"userSeconds\":1e999,\"systemSeconds\":1}\n",
                                           "no JSON\n",
                                           LIFE("1", "1") "{\"userSec" };

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct run r;

        begin(&r);
        put(&r, "nodes/node-0/usage.jsonl", LIFE("1", "1"));
        if (damaged[i])
            put(&r, "nodes/node-1/usage.jsonl", damaged[i]);
        assert_true(isnan(read(&r).nodes));
        temp_dir_remove(&r.dir);
    }
}

static void test_a_directory_that_tells_nothing_is_no_error(void **state)
{
    struct run_usage usage;

    (void)state;
    assert_int_equal(run_usage_read("/nowhere", &usage, NULL), OU_OK);
    assert_true(isnan(usage.nodes) && isnan(usage.collector));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes_and_the_collector_are_added_up_apart),
        cmocka_unit_test(test_a_node_that_was_started_again_took_both_times),
        cmocka_unit_test(test_what_one_node_does_not_tell_is_not_known_of_all),
        cmocka_unit_test(test_a_directory_that_tells_nothing_is_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
