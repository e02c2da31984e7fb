#include "store/feed.h"

#include <pthread.h>
#include <stdio.h>

#include "store/store.h"
#include "support/databases.h"
#include "support/test.h"

#define WRITERS 4
#define EACH 25

static struct ou_error err;

static struct store *open_store(const char *place)
{
    const struct store_options options = { .migrate = true };
    struct store *s = NULL;

    if (store_open(place, &options, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static struct sql *take(struct store *s)
{
    struct sql *db = NULL;

    if (store_take(s, &db, &err))
        fail_msg("%s", err.text);
    return db;
}

/* ---- news ---- */

static enum ou_status put_news(struct sql *db, void *context, struct ou_error *e)
{
    return news_put(db, context, e);
}

static void say(struct sql *db, const char *kind, const char *subject, int64_t at_ns)
{
    struct news news = { .at_ns = at_ns, .kind = kind, .subject = subject, .data = "{}" };

    if (sql_write(db, put_news, &news, &err))
        fail_msg("%s", err.text);
}

struct heard {
    struct arena memory;
    struct news *news;
    size_t count;
    bool gap;
};

static struct heard hear(struct sql *db, int64_t after, size_t most)
{
    struct heard h = { .gap = false };

    arena_init(&h.memory, allocator_libc(), (size_t)16 << 20);
    if (news_since(db, after, most, &h.memory, &h.news, &h.count, &h.gap, &err))
        fail_msg("%s", err.text);
    return h;
}

static void test_news_are_numbered_and_heard_in_order(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    int64_t last = -1;
    struct heard h;

    (void)state;
    say(db, "run.published", "a", 1);
    say(db, "alert.opened", "b", 2);
    say(db, "run.published", "c", 3);
    h = hear(db, 1, 10);
    assert_int_equal(h.count, 2);
    assert_int_equal(h.news[0].no, 2);
    assert_string_equal(h.news[1].subject, "c");
    assert_null(h.news[0].project);
    assert_false(h.gap);
    arena_release(&h.memory);
    assert_int_equal(news_last(db, &last, &err), OU_OK);
    assert_int_equal(last, 3);
    store_give(s, db);
    store_close(s);
}

static void test_of_what_changes_all_the_time_the_newest_is_kept(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    struct heard h;

    (void)state;
    for (int i = 0; i < 5; i++)
        say(db, "live.changed", "one", i);
    say(db, "live.changed", "two", 9);
    h = hear(db, 0, 10);
    assert_int_equal(h.count, 2);
    assert_int_equal(h.news[0].no, 5);
    assert_false(h.gap); /* what was replaced is not missed */
    arena_release(&h.memory);
    store_give(s, db);
    store_close(s);
}

static enum ou_status prune(struct sql *db, void *context, struct ou_error *e)
{
    return news_prune(db, 4, context, e);
}

static void test_who_was_away_too_long_is_told(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    int64_t count = 0;
    struct heard h;

    (void)state;
    for (int i = 1; i <= 6; i++)
        say(db, "run.published", "a", i);
    assert_int_equal(sql_write(db, prune, &count, &err), OU_OK);
    assert_int_equal(count, 3);
    h = hear(db, 2, 10);
    assert_true(h.gap);
    arena_release(&h.memory);
    h = hear(db, 3, 10); /* had heard of all that is gone */
    assert_false(h.gap);
    assert_int_equal(h.count, 3);
    arena_release(&h.memory);
    h = hear(db, 7, 10); /* of another database */
    assert_true(h.gap);
    arena_release(&h.memory);
    store_give(s, db);
    store_close(s);
}

/* ---- several writers ---- */

static void *write_some(void *context)
{
    struct store *s = context;
    struct sql *db = take(s);

    for (int i = 0; i < EACH; i++)
        say(db, "run.published", "w", i);
    store_give(s, db);
    return NULL;
}

/* A reader that goes on from the last number it has seen misses none, though many write at once. */
static void test_numbers_come_in_the_order_of_commits(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    pthread_t threads[WRITERS];
    int64_t last = 0;

    (void)state;
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_some, s), 0);
    while (last < WRITERS * EACH) {
        struct heard h = hear(db, last, 3);

        for (size_t i = 0; i < h.count; i++)
            assert_int_equal(h.news[i].no, ++last);
        arena_release(&h.memory);
    }
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    store_give(s, db);
    store_close(s);
}

/* ---- runs in progress ---- */

static enum ou_status put_live(struct sql *db, void *context, struct ou_error *e)
{
    return live_put(db, context, e);
}

static struct live_report report_at(int64_t now_ns, bool ended)
{
    return (struct live_report){ .id = "run",
                                 .project = "default",
                                 .profile = "demo",
                                 .state = ended ? "analysed" : "running",
                                 .began_ns = 5,
                                 .now_ns = now_ns,
                                 .ended = ended,
                                 .view = "{\"elapsedSeconds\": 1}" };
}

static void report(struct sql *db, int64_t now_ns, bool ended)
{
    struct live_report r = report_at(now_ns, ended);

    if (sql_write(db, put_live, &r, &err))
        fail_msg("%s", err.text);
}

static struct live_run find(struct sql *db, struct arena *memory)
{
    struct live_run run = { 0 };

    arena_init(memory, allocator_libc(), (size_t)4 << 20);
    if (live_find(db, "run", memory, &run, &err))
        fail_msg("%s", err.text);
    return run;
}

static enum ou_status care(struct sql *db, void *context, struct ou_error *e)
{
    const int64_t now_ns = *(const int64_t *)context;
    enum ou_status status = live_tell_silent(db, now_ns, e);

    return status ? status : live_prune(db, now_ns, e);
}

static bool care_at(struct sql *db, int64_t now_ns)
{
    bool needed = false;

    assert_int_equal(live_needs_care(db, now_ns, &needed, &err), OU_OK);
    if (needed && sql_write(db, care, &now_ns, &err))
        fail_msg("%s", err.text);
    return needed;
}

static enum ou_status publish(struct sql *db, void *context, struct ou_error *e)
{
    return live_published(db, context, "0123", 9, e);
}

static void test_a_run_is_renewed_and_falls_silent(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    struct arena memory;
    struct live_run run;

    (void)state;
    report(db, 10, false);
    report(db, 20, false);
    run = find(db, &memory);
    assert_int_equal(run.revision, 2);
    assert_int_equal(run.heard_ns, 20);
    assert_false(run.is_silent);
    arena_release(&memory);
    assert_false(care_at(db, 20 + LIVE_SILENT_NS));
    assert_true(care_at(db, 21 + LIVE_SILENT_NS));
    assert_false(care_at(db, 21 + LIVE_SILENT_NS)); /* told once */
    run = find(db, &memory);
    assert_true(run.is_silent);
    arena_release(&memory);
    report(db, 30 + LIVE_SILENT_NS, false);
    run = find(db, &memory);
    assert_false(run.is_silent);
    arena_release(&memory);
    store_give(s, db);
    store_close(s);
}

static void test_what_is_published_is_forgotten_after_a_day_and_else_stays(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    struct live_run run = { 0 };
    struct arena memory;

    (void)state;
    report(db, 10, true);
    assert_false(care_at(db, 100 + LIVE_KEPT_NS));
    run = find(db, &memory);
    assert_null(run.run_id);
    arena_release(&memory);
    assert_int_equal(sql_write(db, publish, (void *)"run", &err), OU_OK);
    assert_int_equal(sql_write(db, publish, (void *)"no such run", &err), OU_OK);
    run = find(db, &memory);
    assert_string_equal(run.run_id, "0123");
    arena_release(&memory);
    assert_true(care_at(db, 100 + LIVE_KEPT_NS));
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(live_find(db, "run", &memory, &run, &err), OU_NOT_FOUND);
    arena_release(&memory);
    store_give(s, db);
    store_close(s);
}

static void test_a_run_stays_in_its_project(void **state)
{
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);
    struct live_report other = report_at(11, false);

    (void)state;
    report(db, 10, false);
    other.project = "other";
    assert_int_equal(sql_write(db, put_live, &other, &err), OU_INVALID);
    store_give(s, db);
    store_close(s);
}

static void test_a_report_above_its_limits_is_refused(void **state)
{
    static char id[LIVE_ID_ROOM + 1], view[LIVE_VIEW_MAX + 2];
    struct live_report long_id = report_at(10, false), long_view = long_id;
    struct store *s = open_store(database_empty());
    struct sql *db = take(s);

    (void)state;
    memset(id, 'a', LIVE_ID_ROOM);
    memset(view, ' ', LIVE_VIEW_MAX + 1);
    memcpy(view, "{}", 2);
    long_id.id = id;
    long_view.view = view;
    assert_int_equal(sql_write(db, put_live, &long_id, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "the name of a run in progress is above 200 bytes");
    assert_int_equal(sql_write(db, put_live, &long_view, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "the report about a run in progress is above 262144 bytes");
    id[LIVE_ID_ROOM - 1] = view[LIVE_VIEW_MAX] = '\0'; /* one byte less */
    assert_int_equal(sql_write(db, put_live, &long_id, &err), OU_OK);
    assert_int_equal(sql_write(db, put_live, &long_view, &err), OU_OK);
    store_give(s, db);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_news_are_numbered_and_heard_in_order),
        database_test(test_of_what_changes_all_the_time_the_newest_is_kept),
        database_test(test_who_was_away_too_long_is_told),
        database_test(test_numbers_come_in_the_order_of_commits),
        database_test(test_a_run_is_renewed_and_falls_silent),
        database_test(test_what_is_published_is_forgotten_after_a_day_and_else_stays),
        database_test(test_a_run_stays_in_its_project),
        database_test(test_a_report_above_its_limits_is_refused),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
