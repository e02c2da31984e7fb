/* The thread that sends messages, with commands for outlets; webhooks are tested from outside (tests/integration). */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "api/parts.h"
#include "base/file.h"
#include "store/judged_runs_test.h"
#include "support/files.h"

#define TRIES 600

struct world {
    struct judged_store s;
    struct temp_dir dir;
    struct deliveries *deliveries;
    struct api_outlet outlets[1];
    const char *command[4];
    char script[512];
};

static enum ou_status make_threshold(struct sql *db, void *context, struct ou_error *err)
{
    const struct threshold_wish wish = { .project = "tests",
                                         .metric = CPU,
                                         .kind = "static",
                                         .parameters = "{\"above\":1}",
                                         .outlets = "[\"script\"]",
                                         .enabled = true };

    return threshold_create(db, &wish, FIRST_NS, context, err);
}

static enum ou_status open_alert(struct sql *db, void *context, struct ou_error *err)
{
    const struct alert_record alert = {
        .threshold_no = judged_number(db, "SELECT no FROM thresholds"),
        .series_no = judged_number(db, "SELECT no FROM series"),
        .metric_no = judged_number(db, "SELECT no FROM metrics"),
        .run_no = judged_number(db, "SELECT no FROM runs"),
        .value = 9,
        .low = NAN,
        .high = 5,
        .says = "CPU is 9",
        .outlets = "[\"script\"]",
    };
    bool is_new;

    return alert_open(db, &alert, time_wall_ns(), context, &is_new, err);
}

/* A database with an alert whose message is to go to a shell script. */
static void begin(struct world *w, const char *script)
{
    const struct summary_record value = judged_value(CPU, 9);
    struct judged_run run = { .day = 1, .summaries = &value, .count = 1 };
    struct ou_error err = { "" };
    char id[RECORD_ID_ROOM];

    judged_open(&w->s);
    temp_dir_make(&w->dir);
    snprintf(w->script, sizeof w->script, "cd %s && %s", temp_path(&w->dir, "."), script);
    w->command[0] = "sh";
    w->command[1] = "-c";
    w->command[2] = w->script;
    w->command[3] = NULL;
    w->outlets[0] = (struct api_outlet){ .name = "script", .command = w->command };
    assert_good(sql_write(w->s.db, judged_put, &run, &err), err);
    assert_good(sql_write(w->s.db, make_threshold, id, &err), err);
    assert_good(sql_write(w->s.db, open_alert, id, &err), err);
    assert_good(deliveries_open(w->s.store, w->outlets, 1, &w->deliveries, &err), err);
}

static void end(struct world *w)
{
    deliveries_close(w->deliveries);
    judged_close(&w->s);
    temp_dir_remove(&w->dir);
}

static void pause_shortly(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}

/* Until the statement has a number above 0. */
static void wait_for(struct world *w, const char *statement)
{
    for (int i = 0; i < TRIES; i++) {
        if (judged_number(w->s.db, statement) > 0)
            return;
        pause_shortly();
    }
    fail_msg("it never came true: %s", statement);
}

static void wait_for_file(struct world *w, const char *name)
{
    for (int i = 0; i < TRIES; i++) {
        if (access(temp_path(&w->dir, name), F_OK) == 0)
            return;
        pause_shortly();
    }
    fail_msg("there never was a file %s", name);
}

static void test_a_message_is_sent_and_is_over(void **state)
{
    struct world w;
    struct buffer got;

    (void)state;
    begin(&w, "cat > got");
    buffer_init(&got, allocator_libc(), 10000);
    wait_for(&w, "SELECT COUNT(*) FROM deliveries WHERE state = 'sent' AND attempts = 1 "
                 "AND done_ns IS NOT NULL");
    assert_int_equal(file_read(temp_path(&w.dir, "got"), &got, NULL), OU_OK);
    assert_non_null(strstr(buffer_string(&got), "\"says\":\"CPU is 9\""));
    buffer_release(&got);
    end(&w);
}

static void test_one_that_failed_is_sent_again(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "test -e once || { touch once; echo not now; exit 7; }");
    wait_for(&w, "SELECT COUNT(*) FROM deliveries WHERE state = 'sent' AND attempts = 2");
    end(&w);
}

static void test_nobody_waits_for_a_command_when_the_server_ends(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "touch begun; sleep 600");
    wait_for_file(&w, "begun");
    deliveries_close(w.deliveries);
    w.deliveries = NULL;
    /* Nobody's failure: who claims it next sends it. */
    assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM deliveries "
                                           "WHERE state = 'waiting' AND last_error IS NULL"),
                     1);
    end(&w);
}

static void test_outlets_are_known_by_name(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "true");
    assert_true(deliveries_has_outlet(w.deliveries, "script"));
    assert_false(deliveries_has_outlet(w.deliveries, "chat"));
    assert_false(deliveries_has_outlet(NULL, "script"));
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_a_message_is_sent_and_is_over),
        database_test(test_one_that_failed_is_sent_again),
        database_test(test_nobody_waits_for_a_command_when_the_server_ends),
        database_test(test_outlets_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
