/* The sinks on a disk that fails. */
#include "collect/log_world_test.h"

#define SECOND_FILE "node-2026-03-22T06-24-53.json"

static size_t line_bytes(uint64_t number)
{
    char line[256];

    return numbered_object(number, line).machine.len + 1;
}

static void test_a_line_that_a_full_disk_cut_is_taken_back_and_comes_again(void **state)
{
    struct world w;
    struct log_batch batch;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 2, true, OU_OK);
    w.disk.write_errno = ENOSPC;
    w.disk.room = line_bytes(3) + 10;
    batch = put(&w, 3, 4, false, OU_IO);
    assert_int_equal(batch.lines, 1);
    assert_int_equal(batch.lost, 0);
    expect_numbers(&w, FIRST_FILE, 1, 3);
    batch = retry(&w, OU_IO);
    assert_int_equal(batch.lines, 0);
    expect_numbers(&w, FIRST_FILE, 1, 3);
    w.disk.room = 2 * line_bytes(4);
    batch = retry(&w, OU_IO);
    assert_int_equal(batch.lines, 2);
    w.disk.write_errno = 0;
    batch = retry(&w, OU_OK);
    assert_int_equal(batch.lines, 1);
    expect_numbers(&w, FIRST_FILE, 1, 6);
    batch = retry(&w, OU_OK);
    assert_int_equal(batch.lines, 0);
    world_remove(&w);
}

static void test_what_cannot_be_written_is_counted_as_lost_where_that_is_wanted(void **state)
{
    struct world w;
    struct log_batch batch;

    (void)state;
    world_make(&w);
    w.config.unwritable = UNWRITABLE_DROP;
    world_open(&w);
    w.disk.write_errno = EDQUOT;
    w.disk.room = line_bytes(1) + 1;
    batch = put(&w, 1, 4, true, OU_OK);
    assert_int_equal(batch.lines, 1);
    assert_int_equal(batch.lost, 3);
    w.disk.write_errno = 0;
    put(&w, 5, 1, false, OU_OK);
    assert_non_null(content(&w, path_in(&w, FIRST_FILE)));
    assert_int_equal(w.text.len, line_bytes(1) + line_bytes(5));
    assert_non_null(strstr(w.text.at + line_bytes(1), "\"number\":5"));
    world_remove(&w);
}

static void test_a_file_that_cannot_be_made_is_made_later(void **state)
{
    static const int reasons[] = { EMFILE, ENOSPC, EROFS, EDQUOT, EACCES };

    (void)state;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
        struct world w;

        world_make(&w);
        world_open(&w);
        w.disk.open_errno = reasons[i];
        put(&w, 1, 2, true, OU_IO);
        retry(&w, OU_IO);
        w.disk.open_errno = 0;
        assert_int_equal(retry(&w, OU_OK).lines, 2);
        expect_numbers(&w, FIRST_FILE, 1, 2);
        world_remove(&w);
    }
}

static void test_one_entry_that_fails_does_not_keep_others_from_writing(void **state)
{
    struct world w;
    struct log_batch batch;
    char text[4096];

    (void)state;
    world_make(&w);
    w.config.logs[1] = (struct log_entry){ temp_path(&w.dir, "second"), LOG_FILES, LOG_MACHINE };
    w.config.log_count = 2;
    world_open(&w);
    w.disk.open_errno = EIO;
    w.disk.failing_part = "second";
    batch = put(&w, 1, 3, true, OU_IO);
    assert_int_equal(batch.lines, 3);
    expect_numbers(&w, FIRST_FILE, 1, 3);
    w.disk.open_errno = 0;
    assert_int_equal(retry(&w, OU_OK).lines, 3);
    expect_numbers(&w, FIRST_FILE, 1, 3); /* not once more */
    snprintf(text, sizeof(text), "%s", content(&w, path_in(&w, FIRST_FILE)));
    assert_string_equal(content(&w, temp_path(&w.dir, "second/node-1/" FIRST_FILE)), text);
    world_remove(&w);
}

static void test_where_a_cut_line_cannot_be_taken_back_another_file_begins(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    w.disk.write_errno = ENOSPC;
    w.disk.room = line_bytes(1) + 10;
    w.disk.truncate_errno = EPERM; /* chattr +a */
    put(&w, 1, 3, true, OU_IO);
    w.disk.write_errno = 0;
    assert_int_equal(retry(&w, OU_OK).lines, 2);
    expect_numbers(&w, SECOND_FILE, 2, 2);
    assert_int_equal(strlen(content(&w, path_in(&w, FIRST_FILE))), line_bytes(1) + 10);
    expect_link(&w, "node.json", SECOND_FILE);
    world_remove(&w);
}

static void test_what_others_wrote_behind_a_cut_line_stays(void **state)
{
    struct world w;
    const char *text;

    (void)state;
    world_make(&w);
    world_open(&w);
    w.disk.write_errno = ENOSPC;
    w.disk.room = line_bytes(1) + 10;
    w.disk.intruder = "a line of another process, longer than what was cut\n";
    put(&w, 1, 2, true, OU_IO);
    w.disk.write_errno = 0;
    assert_int_equal(retry(&w, OU_OK).lines, 1);
    expect_numbers(&w, SECOND_FILE, 2, 1);
    text = content(&w, path_in(&w, FIRST_FILE));
    assert_string_equal(text + line_bytes(1) + 10,
                        "a line of another process, longer than what was cut\n");
    world_remove(&w);
}

static void test_nothing_is_written_through_a_link_in_the_place_of_a_file(void **state)
{
    static const char *const names[] = { FIRST_FILE, "node.json" };
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    log_node_close(w.node); /* its files are closed, and gone on in when it comes again */
    temp_file(&w.dir, "precious", "own\n");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(unlink(path_in(&w, names[i])), 0);
        assert_int_equal(symlink("../precious", path_in(&w, names[i])), 0);
    }
    w.disk.now_s++;
    w.node = log_node_open(w.writer, "node-1", "node-1");
    assert_non_null(w.node);
    put(&w, 2, 1, true, OU_OK);
    expect_numbers(&w, SECOND_FILE, 2, 1);
    expect_link(&w, "node.json", SECOND_FILE);
    assert_string_equal(content(&w, temp_path(&w.dir, "precious")), "own\n");
    world_remove(&w);
}

static void test_a_file_that_was_removed_is_made_again(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    assert_int_equal(unlink(path_in(&w, FIRST_FILE)), 0);
    w.disk.now_s++;
    put(&w, 2, 1, false, OU_OK);
    expect_numbers(&w, SECOND_FILE, 2, 1);
    assert_int_equal(unlink(path_in(&w, SECOND_FILE)), 0); /* the folder, too */
    assert_int_equal(unlink(path_in(&w, "node.json")), 0);
    assert_int_equal(rmdir(path_in(&w, "")), 0);
    w.disk.now_s++;
    put(&w, 3, 1, false, OU_OK);
    expect_numbers(&w, "node-2026-03-22T06-24-54.json", 3, 1);
    expect_link(&w, "node.json", "node-2026-03-22T06-24-54.json");
    world_remove(&w);
}

static void test_a_file_that_was_moved_away_is_left_with_the_next_tick(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    assert_int_equal(rename(path_in(&w, FIRST_FILE), path_in(&w, "mine")), 0);
    put(&w, 2, 1, false, OU_OK);
    expect_numbers(&w, "mine", 1, 2);
    tick(&w, 1, OU_OK);
    put(&w, 3, 1, false, OU_OK);
    expect_numbers(&w, "mine", 1, 2);
    expect_numbers(&w, SECOND_FILE, 3, 1);
    world_remove(&w);
}

static void test_lines_are_written_without_the_link_which_follows(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    world_open(&w);
    w.disk.link_errno = ENOSPC;
    put(&w, 1, 1, true, OU_OK);
    expect_numbers(&w, FIRST_FILE, 1, 1);
    tick(&w, 1, OU_IO);
    w.disk.link_errno = 0;
    tick(&w, 1, OU_OK);
    expect_link(&w, "node.json", FIRST_FILE);
    assert_int_equal(unlink(path_in(&w, "node.json")), 0);
    tick(&w, 1, OU_OK);
    expect_link(&w, "node.json", FIRST_FILE);
    world_remove(&w);
}

/* --- Durability ------------------------------------------------------------------------------- */

static void test_each_batch_is_durable_where_that_is_wanted(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    w.config.durability = DURABLE_BATCH;
    world_open(&w);
    put(&w, 1, 3, true, OU_OK);
    assert_int_equal(w.disk.syncs, 1);
    assert_int_equal(w.disk.folder_syncs, 2); /* the file's name, and the folder's */
    put(&w, 4, 3, false, OU_OK);
    assert_int_equal(w.disk.syncs, 2);
    assert_int_equal(w.disk.folder_syncs, 2);
    world_remove(&w);
}

static void test_durability_by_the_clock_syncs_only_what_was_written(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    w.config.durability = DURABLE_PERIOD;
    w.config.fsync_s = 5;
    world_open(&w);
    put(&w, 1, 3, true, OU_OK);
    tick(&w, 0, OU_OK);
    tick(&w, 4, OU_OK);
    assert_int_equal(w.disk.syncs, 0);
    tick(&w, 1, OU_OK);
    assert_int_equal(w.disk.syncs, 1);
    tick(&w, 5, OU_OK);
    assert_int_equal(w.disk.syncs, 1);
    put(&w, 4, 1, false, OU_OK);
    w.disk.sync_errno = EIO;
    tick(&w, 5, OU_IO);
    w.disk.sync_errno = 0;
    log_node_sync(w.node, NULL);
    assert_int_equal(w.disk.syncs, 3);
    world_remove(&w);
}

static void test_a_file_that_is_left_is_made_durable_before(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    w.config.durability = DURABLE_PERIOD;
    w.config.fsync_s = 5;
    world_open(&w);
    put(&w, 1, 1, true, OU_OK);
    assert_int_equal(rename(path_in(&w, FIRST_FILE), path_in(&w, "mine")), 0);
    assert_int_equal(w.disk.syncs, 0);
    tick(&w, 1, OU_OK);
    assert_int_equal(w.disk.syncs, 1);
    world_remove(&w);
}

static void test_what_could_not_be_made_durable_is_written_to_another_file(void **state)
{
    struct world w;

    (void)state;
    world_make(&w);
    w.config.durability = DURABLE_BATCH;
    world_open(&w);
    put(&w, 1, 2, true, OU_OK);
    w.disk.sync_errno = EIO;
    assert_int_equal(put(&w, 3, 2, false, OU_IO).lines, 0);
    expect_numbers(&w, FIRST_FILE, 1, 2);
    w.disk.sync_errno = 0;
    assert_int_equal(retry(&w, OU_OK).lines, 2);
    expect_numbers(&w, SECOND_FILE, 3, 2);
    world_remove(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_that_a_full_disk_cut_is_taken_back_and_comes_again),
        cmocka_unit_test(test_what_cannot_be_written_is_counted_as_lost_where_that_is_wanted),
        cmocka_unit_test(test_a_file_that_cannot_be_made_is_made_later),
        cmocka_unit_test(test_one_entry_that_fails_does_not_keep_others_from_writing),
        cmocka_unit_test(test_where_a_cut_line_cannot_be_taken_back_another_file_begins),
        cmocka_unit_test(test_what_others_wrote_behind_a_cut_line_stays),
        cmocka_unit_test(test_nothing_is_written_through_a_link_in_the_place_of_a_file),
        cmocka_unit_test(test_a_file_that_was_removed_is_made_again),
        cmocka_unit_test(test_a_file_that_was_moved_away_is_left_with_the_next_tick),
        cmocka_unit_test(test_lines_are_written_without_the_link_which_follows),
        cmocka_unit_test(test_each_batch_is_durable_where_that_is_wanted),
        cmocka_unit_test(test_durability_by_the_clock_syncs_only_what_was_written),
        cmocka_unit_test(test_a_file_that_is_left_is_made_durable_before),
        cmocka_unit_test(test_what_could_not_be_made_durable_is_written_to_another_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
