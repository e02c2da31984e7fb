#include "workbench/sweep_journal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/near.h"
#include "workbench/sweep_world_test.h"

/* A sweep with its directory, begun anew. */
struct world {
    struct temp_dir dir;
    const char *file, *directory, *journal;
    struct sweep s;
};

static void world_make(struct world *w)
{
    struct ou_error err = { 0 };

    temp_dir_make(&w->dir);
    w->file = temp_file(&w->dir, "s.json", SMALL_SWEEP);
    w->directory = temp_path(&w->dir, "sweep");
    w->journal = temp_path(&w->dir, "sweep/journal.jsonl");
    assert_int_equal(sweep_load(w->file, NULL, &w->s, &err), OU_OK);
    if (sweep_open(&w->s, w->directory, &err))
        fail_msg("%s", err.text);
}

static void world_remove(struct world *w)
{
    sweep_release(&w->s);
    temp_dir_remove(&w->dir);
}

static void take_up(struct world *w)
{
    struct ou_error err = { 0 };

    sweep_release(&w->s);
    if (sweep_resume(w->directory, NULL, &w->s, &err))
        fail_msg("%s", err.text);
}

static void make_run(struct sweep *s, size_t run, bool succeeded, double seconds)
{
    char directory[200];

    snprintf(directory, sizeof directory, "%s/runs/r%zu", s->directory, run);
    assert_int_equal(sweep_begin(s, run, NULL), OU_OK);
    assert_int_equal(
        sweep_finish(s, run, directory, succeeded, seconds, succeeded ? "" : "why", NULL), OU_OK);
}

static void test_what_was_made_is_known_again(void **state)
{
    struct world w;
    const char *why;

    (void)state;
    world_make(&w);
    assert_int_equal(sweep_next(&w.s, &why), 0);
    make_run(&w.s, 0, true, 3);
    make_run(&w.s, 1, true, 5);
    assert_int_equal(sweep_next(&w.s, &why), 2);
    take_up(&w);
    assert_int_equal(w.s.states[0], SWEEP_RUN_DONE);
    assert_int_equal(w.s.states[1], SWEEP_RUN_DONE);
    assert_int_equal(w.s.states[2], SWEEP_RUN_OPEN);
    assert_string_equal(w.s.directories[1], "runs/r1");
    assert_int_equal(w.s.done_count, 2);
    assert_near(w.s.spent_s, 8, 0);
    assert_near(w.s.longest_s, 5, 0);
    assert_int_equal(sweep_next(&w.s, &why), 2);
    world_remove(&w);
}

static void test_a_run_that_fails_is_open_until_it_is_given_up(void **state)
{
    struct world w;
    const char *why;

    (void)state;
    world_make(&w);
    make_run(&w.s, 0, false, 1);
    assert_int_equal(sweep_next(&w.s, &why), 0);
    take_up(&w);
    assert_int_equal(w.s.attempts[0], 1);
    assert_int_equal(sweep_next(&w.s, &why), 0);
    make_run(&w.s, 0, false, 1);
    assert_int_equal(w.s.states[0], SWEEP_RUN_GIVEN_UP);
    take_up(&w);
    assert_int_equal(w.s.states[0], SWEEP_RUN_GIVEN_UP);
    assert_int_equal(w.s.given_up_count, 1);
    assert_int_equal(sweep_next(&w.s, &why), 1);
    assert_int_equal(lines_with(w.journal, "\"failed\""), 1);
    assert_int_equal(lines_with(w.journal, "\"given-up\""), 1);
    world_remove(&w);
}

static void test_an_interruption_takes_time_and_is_no_failure(void **state)
{
    struct world w;
    const char *why;

    (void)state;
    world_make(&w);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sweep_begin(&w.s, 0, NULL), OU_OK);
        assert_int_equal(sweep_interrupt(&w.s, 0, "", 2, NULL), OU_OK);
    }
    take_up(&w);
    assert_int_equal(sweep_next(&w.s, &why), 0);
    assert_int_equal(w.s.attempts[0], 0);
    assert_int_equal(w.s.tries, 0);
    assert_near(w.s.spent_s, 10, 0);
    world_remove(&w);
}

static void test_a_run_that_was_cut_short_is_made_anew(void **state)
{
    struct world w;
    const char *why;

    (void)state;
    world_make(&w);
    make_run(&w.s, 0, true, 1);
    assert_false(w.s.has_unfinished);
    assert_int_equal(sweep_begin(&w.s, 1, NULL), OU_OK);
    take_up(&w);
    assert_true(w.s.has_unfinished);
    assert_int_equal(sweep_next(&w.s, &why), 1);
    assert_int_equal(w.s.attempts[1], 0);
    world_remove(&w);
}

/* A kill may come between any two bytes: what was told whole before counts, and the journal can be gone on with. */
static void test_every_cut_of_a_journal_can_be_taken_up(void **state)
{
    struct world w;
    struct buffer whole;

    (void)state;
    world_make(&w);
    make_run(&w.s, 0, true, 1);
    make_run(&w.s, 1, false, 1);
    buffer_init(&whole, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(w.journal, &whole, NULL), OU_OK);
    for (size_t len = 0; len <= whole.len; len++) {
        size_t lines = 0;

        sweep_release(&w.s);
        write_file(w.journal, whole.at, len);
        for (size_t i = 0; i < len; i++)
            lines += whole.at[i] == '\n';
        take_up(&w);
        assert_int_equal(w.s.done_count, lines >= 2);
        assert_int_equal(w.s.attempts[1], lines >= 4);
        assert_int_equal(w.s.has_unfinished, lines == 1 || lines == 3);
        make_run(&w.s, 7, true, 1);
        take_up(&w);
        assert_int_equal(w.s.done_count, 1 + (lines >= 2));
    }
    buffer_release(&whole);
    world_remove(&w);
}

static void assert_line_refused(struct world *w, const char *line, const char *part)
{
    struct ou_error err = { 0 };

    assert_int_equal(sweep_journal_take(&w->s, span_of(line), &err), OU_INVALID);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\"", line, err.text);
}

static void test_lines_of_another_plan_are_refused(void **state)
{
    struct world w;
    struct sweep again;
    struct ou_error err = { 0 };

    (void)state;
    world_make(&w);
    assert_line_refused(&w, "{\"run\":8,\"event\":\"begun\"}", "run 8 is none");
    assert_line_refused(&w, "{\"run\":-1,\"event\":\"begun\"}", "run -1 is none");
    assert_line_refused(&w, "{\"event\":\"begun\"}", "run -1 is none");
    assert_line_refused(&w, "{\"run\":0,\"point\":3,\"block\":0,\"position\":0,\"event\":\"x\"}",
                        "no event \"x\"");
    assert_line_refused(&w,
                        "{\"run\":0,\"point\":1,\"block\":0,\"position\":0,\"event\":\"begun\"}",
                        "run 0 is none");
    assert_line_refused(&w,
                        "{\"run\":0,\"point\":3,\"block\":0,\"position\":0,\"event\":\"done\","
                        "\"seconds\":-1}",
                        "seconds are negative");
    assert_line_refused(&w, "nonsense", "journal.jsonl");
    sweep_release(&w.s);
    write_file(w.journal, "{}\n", 3);
    assert_int_equal(sweep_resume(w.directory, NULL, &again, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "journal.jsonl: line 1: "));
    world_remove(&w);
}

static size_t bytes_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return (size_t)st.st_size;
}

/* What a directory of somebody else's leads to stays as it is. */
static void test_a_journal_that_is_a_link_is_not_written(void **state)
{
    static const char text[] = "a line without its end";
    struct temp_dir dir;
    struct sweep s = { 0 };

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(mkdir(temp_path(&dir, "sweep"), 0755), 0);
    temp_file(&dir, "target", text);
    assert_int_equal(symlink("../target", temp_path(&dir, "sweep/journal.jsonl")), 0);
    assert_int_equal(sweep_open(&s, temp_path(&dir, "sweep"), NULL), OU_IO);
    sweep_release(&s);
    assert_int_equal(bytes_of(temp_path(&dir, "target")), strlen(text));
    temp_dir_remove(&dir);
}

/* It may be somebody's, under a wrong name. */
static void test_a_journal_that_is_refused_keeps_its_last_line(void **state)
{
    static const char text[] = "{\"event\":\"eaten\"}\nno end";
    struct temp_dir dir;
    struct sweep s = { 0 };

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(mkdir(temp_path(&dir, "sweep"), 0755), 0);
    temp_file(&dir, "sweep/journal.jsonl", text);
    assert_int_equal(sweep_open(&s, temp_path(&dir, "sweep"), NULL), OU_INVALID);
    sweep_release(&s);
    assert_int_equal(bytes_of(temp_path(&dir, "sweep/journal.jsonl")), strlen(text));
    temp_dir_remove(&dir);
}

static void test_one_session_at_a_time(void **state)
{
    struct world w;
    struct sweep other;
    struct ou_error err = { 0 };

    (void)state;
    world_make(&w);
    assert_int_equal(sweep_resume(w.directory, NULL, &other, &err), OU_IO);
    assert_non_null(strstr(err.text, "another ouroscope works on this sweep"));
    assert_int_equal(sweep_look(w.directory, NULL, &other, &err), OU_OK);
    sweep_release(&other);
    world_remove(&w);
}

static void test_looking_changes_nothing(void **state)
{
    const struct sweep_changes changes = { .repetitions = 9 };
    struct world w;
    struct buffer before, after;

    (void)state;
    world_make(&w);
    make_run(&w.s, 0, true, 1);
    sweep_release(&w.s);
    buffer_init(&before, allocator_libc(), 1 << 20);
    buffer_init(&after, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&w.dir, "sweep/sweep.json"), &before, NULL), OU_OK);
    assert_int_equal(sweep_look(w.directory, &changes, &w.s, NULL), OU_OK);
    assert_int_equal(w.s.repetitions, 9);
    assert_int_equal(w.s.done_count, 1);
    assert_int_equal(file_read(temp_path(&w.dir, "sweep/sweep.json"), &after, NULL), OU_OK);
    assert_string_equal(buffer_string(&before), buffer_string(&after));
    buffer_release(&before);
    buffer_release(&after);
    world_remove(&w);
}

static void test_a_directory_with_too_long_a_path_has_no_journal(void **state)
{
    char path[PATH_MAX];
    struct sweep s = { .directory = path };
    struct ou_error err = { 0 };

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(sweep_journal_read(&s, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "aaa...: the path is too long"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_made_is_known_again),
        cmocka_unit_test(test_a_run_that_fails_is_open_until_it_is_given_up),
        cmocka_unit_test(test_an_interruption_takes_time_and_is_no_failure),
        cmocka_unit_test(test_a_run_that_was_cut_short_is_made_anew),
        cmocka_unit_test(test_every_cut_of_a_journal_can_be_taken_up),
        cmocka_unit_test(test_lines_of_another_plan_are_refused),
        cmocka_unit_test(test_a_journal_that_is_a_link_is_not_written),
        cmocka_unit_test(test_a_journal_that_is_refused_keeps_its_last_line),
        cmocka_unit_test(test_one_session_at_a_time),
        cmocka_unit_test(test_looking_changes_nothing),
        cmocka_unit_test(test_a_directory_with_too_long_a_path_has_no_journal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
