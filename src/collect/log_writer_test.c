#include "collect/log_world_test.h"

/* --- Files ------------------------------------------------------------------------------------ */

static void test_objects_become_lines_of_a_file_that_is_named_by_its_creation(void **state)
{
    struct world w;
    struct log_batch batch;

    (void)state;
    world_make(&w);
    world_open(&w);
    assert_null(content(&w, path_in(&w, FIRST_FILE))); /* not before the first object */
    batch = put(&w, 1, 3, true, OU_OK);
    assert_int_equal(batch.lines, 3);
    assert_int_equal(batch.lost, 0);
    expect_numbers(&w, FIRST_FILE, 1, 3);
    assert_int_equal(batch.bytes, w.text.len);
    expect_link(&w, "node.json", FIRST_FILE);
    assert_int_equal(w.disk.writes, 1);
    put(&w, 4, 2, false, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 5);
    world_remove(&w);
}

static void test_a_node_that_comes_again_goes_on_in_its_file(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 3, true, OU_OK);
    log_node_close(w.node);
    w.disk.now_s += 5;
    w.node = log_node_open(w.writer, "node-1", "node-1");
    put(&w, 4, 1, true, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 4);
    world_remove(&w);
}

static void test_two_files_of_one_second_have_names_one_second_apart(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    w.disk.now_s--; /* world_restart() adds one */
    world_restart(&w);
    put(&w, 2, 1, true, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 1);
    expect_numbers(&w, "node-2026-03-22T06-24-53.json", 2, 1);
    expect_link(&w, "node.json", "node-2026-03-22T06-24-53.json");
    w.disk.now_s = NOW_S - 3600; /* the clock is set back */
    world_restart(&w);
    put(&w, 3, 1, true, OU_OK);
    expect_numbers(&w, "node-2026-03-22T06-24-54.json", 3, 1);
    world_remove(&w);
}

static void test_a_reply_that_is_not_in_order_writes_nothing(void **state)
{
    struct trace_reply reply;
    struct ou_error err = { "" };
    struct log_batch batch;
    struct test_reply r;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    reply = reply_numbers(&r, 1, 3);
    reply.at.end -= 40; /* in the middle of the last object */
    assert_int_equal(log_node_write(w.node, reply, true, 100, NULL, NULL, &batch, &err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, "object 3"));
    assert_int_equal(batch.objects, 0);
    assert_null(content(&w, path_in(&w, FIRST_FILE)));
    reply_release(&r);
    assert_int_equal(put(&w, 1, 3, true, OU_OK).repeated, 0);
    world_remove(&w);
}

/* A forwarder that is asked for less sends no more; one that does costs no memory without end. */
static void test_a_reply_of_more_objects_than_can_be_asked_for_writes_nothing(void **state)
{
    const struct trace_object small = { .machine_kind = MACHINE_LINE,
                                        .machine = span_of("{}"),
                                        .name = { { "A", 1 } },
                                        .name_count = 1 };
    struct ou_error err = { "" };
    struct log_batch batch;
    struct test_reply r;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    reply_begin(&r, 65537);
    for (size_t i = 0; i < 65537; i++)
        trace_object_write(&r.bytes, &small);
    assert_int_equal(
        log_node_write(w.node, reply_end(&r, 65537), true, 100, NULL, NULL, &batch, &err),
        OU_INVALID);
    assert_string_equal(err.text, "a reply of more than 65536 objects");
    assert_int_equal(batch.objects, 0);
    assert_null(content(&w, path_in(&w, FIRST_FILE)));
    reply_release(&r);
    world_remove(&w);
}

struct told {
    size_t count, repeats;
    char last[256];
};

static void take_line(void *context, const struct log_line *line)
{
    struct told *told = context;

    told->count++;
    told->repeats += line->is_repeat;
    assert_true(span_is(line->name, "Test.Number"));
    assert_int_equal(line->object->severity, 1);
    snprintf(told->last, sizeof(told->last), "%.*s", (int)line->line.len, line->line.at);
}

static void test_every_object_is_told_with_its_line_whatever_the_entries_are(void **state)
{
    struct told told = { 0 };
    struct log_batch batch;
    struct test_reply r;
    struct world w;
    char line[256];

    (void)state;
    world_make(&w);
    w.config.logs[0].format = LOG_HUMAN;
    world_open(&w);
    put(&w, 1, 2, true, OU_OK);
    assert_int_equal(
        log_node_write(w.node, reply_numbers(&r, 2, 4), true, 100, take_line, &told, &batch, NULL),
        OU_OK);
    assert_int_equal(told.count, 4);
    assert_int_equal(told.repeats, 1);
    numbered_object(5, line);
    assert_string_equal(told.last, line);
    reply_release(&r);
    world_remove(&w);
}

/* --- Repetitions ------------------------------------------------------------------------------ */

static void test_what_comes_again_after_a_lost_connection_is_not_written_twice(void **state)
{
    struct log_batch batch;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 5, true, OU_OK);
    put(&w, 6, 5, false, OU_OK);
    batch = put(&w, 6, 8, true, OU_OK);
    assert_int_equal(batch.repeated, 5);
    assert_int_equal(batch.lines, 3);
    expect_numbers(&w, FIRST_FILE, 1, 13);
    /* Within a connection a message may say the same as the one before. */
    assert_int_equal(put(&w, 13, 1, false, OU_OK).repeated, 0);
    world_remove(&w);
}

static void test_repetitions_go_on_in_later_replies_when_the_first_ones_are_short(void **state)
{
    struct log_batch batch;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 10, true, OU_OK);
    assert_int_equal(put(&w, 4, 3, true, OU_OK).repeated, 3);
    assert_int_equal(put(&w, 7, 3, false, OU_OK).repeated, 3);
    batch = put(&w, 10, 3, false, OU_OK);
    assert_int_equal(batch.repeated, 1);
    assert_int_equal(batch.lines, 2);
    assert_int_equal(put(&w, 13, 1, false, OU_OK).repeated, 0);
    expect_numbers(&w, FIRST_FILE, 1, 13);
    world_remove(&w);
}

static void test_after_a_restart_the_end_of_the_newest_file_tells(void **state)
{
    struct log_batch batch;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 5, true, OU_OK);
    world_restart(&w);
    batch = put(&w, 3, 5, true, OU_OK);
    assert_int_equal(batch.repeated, 3);
    assert_int_equal(batch.lines, 2);
    expect_numbers(&w, FIRST_FILE, 1, 5);
    expect_numbers(&w, "node-2026-03-22T06-24-53.json", 6, 2);
    /* The end of what was written stands in two files now. */
    world_restart(&w);
    batch = put(&w, 3, 6, true, OU_OK);
    assert_int_equal(batch.repeated, 5);
    expect_numbers(&w, "node-2026-03-22T06-24-54.json", 8, 1);
    world_remove(&w);
}

static void test_a_line_torn_by_a_crash_comes_whole_in_the_next_file(void **state)
{
    struct log_batch batch;
    struct world w;
    char line[256];
    int fd;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 5, true, OU_OK);
    numbered_object(6, line);
    fd = open(path_in(&w, FIRST_FILE), O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, line, 30), 30);
    close(fd);
    world_restart(&w);
    batch = put(&w, 4, 5, true, OU_OK);
    assert_int_equal(batch.repeated, 2);
    expect_numbers(&w, "node-2026-03-22T06-24-53.json", 6, 3);
    content(&w, path_in(&w, FIRST_FILE));
    assert_int_equal(memcmp(w.text.at + w.text.len - 30, line, 30), 0); /* left as it was */
    world_remove(&w);
}

static void test_a_torn_line_without_its_newline_alone_is_written_again(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 5, true, OU_OK);
    content(&w, path_in(&w, FIRST_FILE));
    assert_int_equal(truncate(path_in(&w, FIRST_FILE), (off_t)w.text.len - 1), 0);
    world_restart(&w);
    assert_int_equal(put(&w, 1, 5, true, OU_OK).repeated, 4);
    expect_numbers(&w, "node-2026-03-22T06-24-53.json", 5, 1);
    world_remove(&w);
}

static void test_what_waits_counts_as_written_when_the_node_comes_again(void **state)
{
    struct log_batch batch;
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    w.disk.open_errno = ENOSPC;
    put(&w, 1, 3, true, OU_IO);
    log_node_close(w.node);
    w.node = log_node_open(w.writer, "node-1", "node-1");
    batch = put(&w, 1, 5, true, OU_IO);
    assert_int_equal(batch.repeated, 3);
    w.disk.open_errno = 0;
    assert_int_equal(retry(&w, OU_OK).lines, 5);
    expect_numbers(&w, FIRST_FILE, 1, 5);
    world_remove(&w);
}

static void test_each_entry_is_completed_from_where_a_crash_left_it(void **state)
{
    struct log_batch batch;
    struct world w;

    (void)state;
    world_make(&w);
    w.config.logs[1] = (struct log_entry){ w.dir.path, LOG_FILES, LOG_HUMAN };
    w.config.log_count = 2;
    world_open(&w);
    put(&w, 1, 3, true, OU_OK);
    /* Killed between the two: 4 and 5 are in one file only. */
    w.disk.open_errno = EIO;
    world_close(&w);
    w.disk.open_errno = 0;
    w.config.log_count = 1;
    world_open(&w);
    put(&w, 4, 2, false, OU_OK);
    world_close(&w);
    w.config.log_count = 2;
    w.disk.now_s += 10;
    world_open(&w);
    batch = put(&w, 4, 3, true, OU_OK);
    assert_int_equal(batch.repeated, 0); /* not in both */
    assert_int_equal(batch.lines, 1 + 3);
    expect_numbers(&w, "node-2026-03-22T06-25-02.json", 6, 1);
    expect_numbers(&w, "node-2026-03-22T06-25-02.log", 4, 3);
    world_remove(&w);
}

/* --- Rotation --------------------------------------------------------------------------------- */

static void touch(struct world *w, const char *name)
{
    write_file(path_in(w, name), "x\n", 2);
}

static void test_files_are_rotated_by_size_and_removed_by_count_and_age(void **state)
{
    struct world w;
    char line[256];

    (void)state;
    world_make(&w);
    w.config.rotation = (struct log_rotation){
        .wanted = true,
        .period_s = 60,
        .limit_bytes = 4 * (numbered_object(1, line).machine.len + 1),
        .max_age_min = 60,
        .keep_files = 2,
    };
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    touch(&w, "node-2026-03-20T00-00-00.json"); /* older than an hour, and not of the newest two */
    touch(&w, "node-2026-03-22T05-20-00.json"); /* likewise */
    touch(&w, "node-2026-03-22T06-00-00.json"); /* too young */
    touch(&w, "node-2026-03-22T06-05-00.json");
    touch(&w, "node-2026-03-22T06-10-00.json");
    touch(&w, "node-2026-03-22T06-10-00.log"); /* of other formats, and no log files at all */
    touch(&w, "node-2020-01-01T00-00-00.log");
    touch(&w, "node-2020-02-30T00-00-00.json");
    touch(&w, "node-2020-01-01.json");
    tick(&w, 0, OU_OK); /* the first period begins */
    tick(&w, 59, OU_OK);
    assert_non_null(content(&w, path_in(&w, "node-2026-03-20T00-00-00.json")));
    put(&w, 2, 1, false, OU_OK);
    tick(&w, 1, OU_OK);
    assert_null(content(&w, path_in(&w, "node-2026-03-20T00-00-00.json")));
    assert_null(content(&w, path_in(&w, "node-2026-03-22T05-20-00.json")));
    assert_non_null(content(&w, path_in(&w, "node-2026-03-22T06-00-00.json")));
    assert_non_null(content(&w, path_in(&w, "node-2020-01-01T00-00-00.log")));
    assert_non_null(content(&w, path_in(&w, "node-2020-02-30T00-00-00.json")));
    assert_non_null(content(&w, path_in(&w, "node-2020-01-01.json")));
    expect_numbers(&w, FIRST_FILE, 1, 2);
    put(&w, 3, 2, false, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 4); /* large enough; but only a tick rotates */
    tick(&w, 60, OU_OK);
    assert_string_equal(content(&w, path_in(&w, "node-2026-03-22T06-26-52.json")), "");
    expect_link(&w, "node.json", "node-2026-03-22T06-26-52.json");
    put(&w, 5, 1, false, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 4);
    expect_numbers(&w, "node-2026-03-22T06-26-52.json", 5, 1);
    /* A connection is lost now: what it repeats stands in two files. */
    assert_int_equal(put(&w, 4, 3, true, OU_OK).repeated, 2);
    world_remove(&w);
}

static void test_a_file_is_not_left_before_there_is_another(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    w.config.rotation = (struct log_rotation){
        .wanted = true, .period_s = 60, .limit_bytes = 1, .max_age_min = 60, .keep_files = 2
    };
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    tick(&w, 0, OU_OK);
    w.disk.open_errno = ENOSPC;
    tick(&w, 60, OU_IO);
    put(&w, 2, 1, false, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 2);
    world_remove(&w);
}

/* --- Several entries -------------------------------------------------------------------------- */

static struct trace_object object_of_2023(void)
{
    return (struct trace_object){
        .has_human = true,
        .human = span_of("leads slot 7"),
        .machine_kind = MACHINE_DATA,
        .machine =
            span_of("{\"kind\":\"TraceNodeIsLeader\",\"slot\":7,\"why\":\"\\\\\"so\\\\\"\"}"),
        .name = { { "Forge", 5 }, { "Loop", 4 }, { "NodeIsLeader", 12 } },
        .name_count = 3,
        .severity = 1,
        .detail = 1,
        .seconds = NOW_S,
        .picoseconds = UINT64_C(123400000000),
        .host = span_of("mainnet-relay-1"),
        .thread = span_of("ThreadId 379"),
    };
}

static void test_five_entries_are_written_at_once(void **state)
{
    const struct trace_object o = object_of_2023();
    struct log_batch batch;
    struct test_reply r;
    struct world w;

    (void)state;
    world_make(&w);
    w.config.logs[1] = (struct log_entry){ w.dir.path, LOG_FILES, LOG_HUMAN };
    w.config.logs[2] = (struct log_entry){ w.dir.path, LOG_FILES, LOG_LEGACY };
    w.config.logs[3] = (struct log_entry){ temp_path(&w.dir, "b"), LOG_FILES, LOG_MACHINE };
    w.config.logs[4] = (struct log_entry){ temp_path(&w.dir, "b"), LOG_FILES, LOG_HUMAN };
    w.config.log_count = 5;
    world_open(&w);
    log_node_set_version(w.node, "8.1.1", "ea2c0f1d");
    assert_int_equal(log_node_write(w.node, reply_of(&r, &o), true, 100, NULL, NULL, &batch, NULL),
                     OU_OK);
    assert_int_equal(batch.objects, 1);
    assert_int_equal(batch.lines, 5);
    assert_string_equal(
        content(&w, path_in(&w, FIRST_FILE)),
        "{\"at\":\"2026-03-22T06:24:52.1234Z\",\"ns\":\"Forge.Loop.NodeIsLeader\","
        "\"data\":{\"kind\":\"TraceNodeIsLeader\",\"slot\":7,\"why\":\"\\\"so\\\"\"},"
        "\"sev\":\"Info\",\"thread\":\"379\",\"host\":\"mainnet-relay-1\"}\n");
    assert_string_equal(
        content(&w, path_in(&w, "node-2026-03-22T06-24-52.log")),
        "[mainnet-relay-1:Forge.Loop.NodeIsLeader:Info:379] [2026-03-22 06:24:52.12 UTC] "
        "leads slot 7\n");
    assert_string_equal(
        content(&w, path_in(&w, "node-2026-03-22T06-24-52.scjson")),
        "{\"app\":[],\"at\":\"2026-03-22T06:24:52.12Z\",\"data\":{\"credentials\":\"Cardano\","
        "\"val\":{\"kind\":\"TraceNodeIsLeader\",\"slot\":7,\"why\":\"\\\"so\\\"\"}},"
        "\"env\":\"8.1.1:ea2c0\",\"host\":\"mainnet-\",\"loc\":null,\"msg\":\"\","
        "\"ns\":[\"cardano.node.Forge\"],\"pid\":\"\",\"sev\":\"Info\",\"thread\":\"379\"}\n");
    assert_non_null(content(&w, temp_path(&w.dir, "b/node-1/" FIRST_FILE)));
    assert_non_null(content(&w, temp_path(&w.dir, "b/node-1/node-2026-03-22T06-24-52.log")));
    expect_link(&w, "node.log", "node-2026-03-22T06-24-52.log");
    expect_link(&w, "node.scjson", "node-2026-03-22T06-24-52.scjson");
    reply_release(&r);
    world_remove(&w);
}

static void test_what_is_not_known_of_a_version_is_left_out(void **state)
{
    static const char *const rows[][3] = { { "", "", "\"env\":\"\"" },
                                           { "8.1.1", "", "\"env\":\"8.1.1\"" },
                                           { "", "ea2c0f1d", "\"env\":\"ea2c0\"" } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world w;

        world_make(&w);
        w.config.logs[0].format = LOG_LEGACY;
        world_open(&w);
        log_node_set_version(w.node, rows[i][0], rows[i][1]);
        put(&w, 1, 1, true, OU_OK);
        assert_non_null(
            strstr(content(&w, path_in(&w, "node-2026-03-22T06-24-52.scjson")), rows[i][2]));
        world_remove(&w);
    }
}

static void test_another_configuration_keeps_the_files_of_entries_that_stay(void **state)
{
    struct collector_config other;
    struct world w;

    (void)state;
    world_make(&w);
    w.config.logs[1] = (struct log_entry){ temp_path(&w.dir, "b"), LOG_FILES, LOG_MACHINE };
    w.config.log_count = 2;
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    other = w.config;
    other.logs[0] = (struct log_entry){ temp_path(&w.dir, "c"), LOG_FILES, LOG_MACHINE };
    log_writer_configure(w.writer, &other);
    w.disk.now_s++;
    assert_int_equal(put(&w, 2, 1, false, OU_OK).lines, 2);
    expect_numbers(&w, FIRST_FILE, 1, 1);
    assert_non_null(content(&w, temp_path(&w.dir, "b/node-1/" FIRST_FILE)));
    assert_non_null(strstr(w.text.at, "\"number\":2"));
    assert_non_null(content(&w, temp_path(&w.dir, "c/node-1/node-2026-03-22T06-24-53.json")));
    world_remove(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_become_lines_of_a_file_that_is_named_by_its_creation),
        cmocka_unit_test(test_a_node_that_comes_again_goes_on_in_its_file),
        cmocka_unit_test(test_two_files_of_one_second_have_names_one_second_apart),
        cmocka_unit_test(test_a_reply_that_is_not_in_order_writes_nothing),
        cmocka_unit_test(test_a_reply_of_more_objects_than_can_be_asked_for_writes_nothing),
        cmocka_unit_test(test_every_object_is_told_with_its_line_whatever_the_entries_are),
        cmocka_unit_test(test_what_comes_again_after_a_lost_connection_is_not_written_twice),
        cmocka_unit_test(test_repetitions_go_on_in_later_replies_when_the_first_ones_are_short),
        cmocka_unit_test(test_after_a_restart_the_end_of_the_newest_file_tells),
        cmocka_unit_test(test_a_line_torn_by_a_crash_comes_whole_in_the_next_file),
        cmocka_unit_test(test_a_torn_line_without_its_newline_alone_is_written_again),
        cmocka_unit_test(test_what_waits_counts_as_written_when_the_node_comes_again),
        cmocka_unit_test(test_each_entry_is_completed_from_where_a_crash_left_it),
        cmocka_unit_test(test_files_are_rotated_by_size_and_removed_by_count_and_age),
        cmocka_unit_test(test_a_file_is_not_left_before_there_is_another),
        cmocka_unit_test(test_five_entries_are_written_at_once),
        cmocka_unit_test(test_what_is_not_known_of_a_version_is_left_out),
        cmocka_unit_test(test_another_configuration_keeps_the_files_of_entries_that_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
