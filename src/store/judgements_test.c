/* What is kept of conclusions, on both databases. Who concludes is publish/judge_test.c's business. */
#include "store/judgements.h"

#include "json/tree.h"
#include "store/judged_runs_test.h"

static int64_t now_ns = FIRST_NS + 400 * DAY_NS;

/* Ten runs with CPU 1, 2, ... 10. */
static void put_runs(struct sql *db)
{
    struct ou_error err = { "" };

    for (int day = 0; day < 10; day++) {
        const struct summary_record value = judged_value(CPU, day + 1);
        struct judged_run run = { .day = day, .summaries = &value, .count = 1 };

        assert_good(sql_write(db, judged_put, &run, &err), err);
    }
}

/* ---- answers that are kept ---- */

static enum ou_status put_cached_one(struct sql *db, void *context, struct ou_error *err)
{
    return cached_put(db, context, "comparison", "{}", span_of("the answer"), now_ns, err);
}

static void put_cached(struct sql *db, const char *name)
{
    struct ou_error err = { "" };
    char id[16];

    snprintf(id, sizeof id, "%s", name);
    assert_good(sql_write(db, put_cached_one, id, &err), err);
}

static void test_an_answer_is_found_by_its_id_and_only_by_that(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct buffer answer;
    int64_t used_ns;

    (void)state;
    judged_open(&s);
    buffer_init(&answer, allocator_libc(), 100);
    put_cached(s.db, "one");
    put_cached(s.db, "one"); /* twice is once */
    assert_good(cached_find(s.db, "one", "comparison", &answer, &used_ns, &err), err);
    assert_string_equal(buffer_string(&answer), "the answer");
    assert_true(used_ns == now_ns);
    assert_int_equal(cached_find(s.db, "one", "variance", &answer, &used_ns, &err), OU_NOT_FOUND);
    assert_int_equal(cached_find(s.db, "two", "comparison", &answer, &used_ns, &err), OU_NOT_FOUND);
    buffer_clear(&answer);
    assert_good(cached_request(s.db, "one", &answer, &err), err);
    assert_string_equal(buffer_string(&answer), "{}");
    assert_int_equal(cached_request(s.db, "two", &answer, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "no answer of that id is kept");
    buffer_release(&answer);
    judged_close(&s);
}

static enum ou_status grow(struct sql *db, void *context, struct ou_error *err)
{
    (void)context;
    /* As if it were nearly all of the room, and used long ago. */
    return sql_run(db, "UPDATE comparisons SET bytes = $1, used_ns = 1 WHERE id = 'one'",
                   SQL_ARGS(sql_int(CACHED_BYTES_MAX)), NULL, err);
}

static void test_what_was_used_longest_ago_makes_room(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };

    (void)state;
    judged_open(&s);
    put_cached(s.db, "one");
    put_cached(s.db, "two");
    assert_good(sql_write(s.db, grow, NULL, &err), err);
    put_cached(s.db, "three");
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM comparisons WHERE id = 'one'"), 0);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM comparisons"), 2);
    judged_close(&s);
}

/* ---- series ---- */

static void test_the_last_runs_of_a_series_come_oldest_first(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct series_data data;
    struct arena memory;
    char series[512];
    struct series_choice choice = { .most = 4 };

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    arena_init(&memory, allocator_libc(), (size_t)1 << 20);
    choice.series = judged_series(s.db, series);
    assert_good(series_points(s.db, &choice, &memory, &data, &err), err);
    assert_int_equal(data.run_count, 4);
    assert_int_equal(data.point_count, 4);
    assert_string_equal(data.runs[0].version, "10.6");
    assert_string_equal(data.runs[3].workload, "value");
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(data.points[i].run, i);
        assert_true(data.points[i].mean == 7 + (double)i);
    }
    choice = (struct series_choice){ .project = "nobody's", .most = 4 };
    assert_int_equal(series_points(s.db, &choice, &memory, &data, &err), OU_NOT_FOUND);
    arena_release(&memory);
    judged_close(&s);
}

static void test_the_runs_beside_one_are_named_in_the_order_of_their_numbers(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct series_data data;
    struct series_choice choice = { .most = 4 };
    struct arena memory;
    char last[512];
    const char **ids;
    size_t count;

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    arena_init(&memory, allocator_libc(), (size_t)1 << 20);
    choice.project_of = judged_text(s.db, "SELECT id FROM runs ORDER BY sort_ns DESC", last);
    assert_good(series_points(s.db, &choice, &memory, &data, &err), err);
    assert_good(project_run_ids(s.db, choice.project_of, 4, &memory, &ids, &count, &err), err);
    assert_int_equal(data.run_count, 4);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(ids[i], data.runs[i].id);
    assert_string_equal(ids[3], choice.project_of);
    assert_int_equal(project_run_ids(s.db, "none", 4, &memory, &ids, &count, &err), OU_NOT_FOUND);
    choice.project_of = "none";
    assert_int_equal(series_points(s.db, &choice, &memory, &data, &err), OU_NOT_FOUND);
    arena_release(&memory);
    judged_close(&s);
}

/* ---- change points ---- */

struct renewal {
    struct change_point_record points[3];
    size_t count;
    int64_t from_ns;
};

static enum ou_status renew(struct sql *db, void *context, struct ou_error *err)
{
    struct renewal *r = context;

    return change_points_renew(db, judged_number(db, "SELECT no FROM series"),
                               judged_number(db, "SELECT no FROM metrics"), r->from_ns, r->points,
                               r->count, now_ns, err);
}

static int64_t run_no(struct sql *db, int day)
{
    char statement[128];

    snprintf(statement, sizeof statement, "SELECT no FROM runs WHERE name = '10.%d'", day);
    return judged_number(db, statement);
}

static void renew_days(struct sql *db, struct renewal *r, int a, int b)
{
    struct ou_error err = { "" };

    *r = (struct renewal){ .count = b < 0 ? 1 : 2, .from_ns = r->from_ns };
    r->points[0] = (struct change_point_record){ .run_no = run_no(db, a), .change_percent = 5 };
    if (b >= 0)
        r->points[1] = (struct change_point_record){ .run_no = run_no(db, b), .change_percent = 7 };
    assert_good(sql_write(db, renew, r, &err), err);
}

static enum ou_status write_note(struct sql *db, void *context, struct ou_error *err)
{
    return change_point_note(db, context, "a new compiler", err);
}

static void test_change_points_that_stay_keep_their_id_and_those_with_a_note_stay(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct renewal r = { .from_ns = FIRST_NS };
    char id[RECORD_ID_ROOM], text[512];

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    renew_days(s.db, &r, 3, 6);
    assert_true(r.points[0].is_new && r.points[1].is_new);
    memcpy(id, r.points[0].id, sizeof id);
    renew_days(s.db, &r, 3, -1);
    assert_false(r.points[0].is_new);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM change_points"), 1);
    assert_string_equal(judged_text(s.db, "SELECT id FROM change_points", text), id);
    assert_good(sql_write(s.db, write_note, id, &err), err);
    assert_int_equal(sql_write(s.db, write_note, (void *)"none", &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no such change point");
    renew_days(s.db, &r, 5, -1);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM change_points"), 2);
    assert_string_equal(
        judged_text(s.db, "SELECT note FROM change_points WHERE note IS NOT NULL", text),
        "a new compiler");
    assert_int_equal(
        judged_number(s.db, "SELECT COUNT(*) FROM news WHERE kind = 'change-point.found'"), 3);
    judged_close(&s);
}

static enum ou_status renew_nowhere(struct sql *db, void *context, struct ou_error *err)
{
    struct renewal *r = context;

    return change_points_renew(db, 12345, judged_number(db, "SELECT no FROM metrics"), r->from_ns,
                               r->points, r->count, now_ns, err);
}

static void test_a_series_that_is_not_there_has_no_change_points(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct renewal r = { .from_ns = FIRST_NS, .count = 1 };

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    r.points[0] = (struct change_point_record){ .run_no = run_no(s.db, 3), .change_percent = 5 };
    assert_int_equal(sql_write(s.db, renew_nowhere, &r, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no such series, or metric");
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM change_points"), 0);
    judged_close(&s);
}

static void test_change_points_from_before_what_was_looked_at_stay(void **state)
{
    struct judged_store s;
    struct renewal r = { .from_ns = FIRST_NS };

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    renew_days(s.db, &r, 2, -1);
    r.from_ns = FIRST_NS + 4 * DAY_NS;
    renew_days(s.db, &r, 7, -1);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM change_points"), 2);
    judged_close(&s);
}

/* ---- thresholds and alerts ---- */

static struct threshold_wish cpu_wish(void)
{
    return (struct threshold_wish){ .project = "tests",
                                    .metric = CPU,
                                    .kind = "static",
                                    .parameters = "{\"above\": 5}",
                                    .outlets = "[\"chat\",\"log\"]",
                                    .enabled = true };
}

struct making {
    struct threshold_wish wish;
    char id[RECORD_ID_ROOM];
};

static enum ou_status make(struct sql *db, void *context, struct ou_error *err)
{
    struct making *m = context;

    return threshold_create(db, &m->wish, now_ns, m->id, err);
}

static enum ou_status unmake(struct sql *db, void *context, struct ou_error *err)
{
    return threshold_delete(db, context, now_ns, err);
}

static void test_only_enabled_thresholds_watch_and_a_foreign_series_is_refused(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct making m = { .wish = cpu_wish() }, off = { .wish = cpu_wish() };
    struct threshold_record *thresholds;
    struct arena memory;
    size_t count;

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    arena_init(&memory, allocator_libc(), (size_t)1 << 16);
    assert_good(sql_write(s.db, make, &m, &err), err);
    off.wish.enabled = false;
    off.wish.kind = "iqr";
    assert_good(sql_write(s.db, make, &off, &err), err);
    assert_good(thresholds_of(s.db, judged_number(s.db, "SELECT no FROM series"), &memory,
                              &thresholds, &count, &err),
                err);
    assert_int_equal(count, 1);
    assert_string_equal(thresholds[0].id, m.id);
    assert_string_equal(thresholds[0].metric, "CentiCpu");
    off.wish.series = "not there";
    assert_int_equal(sql_write(s.db, make, &off, &err), OU_NOT_FOUND);
    assert_good(sql_write(s.db, unmake, m.id, &err), err);
    assert_int_equal(sql_write(s.db, unmake, m.id, &err), OU_NOT_FOUND);
    arena_release(&memory);
    judged_close(&s);
}

static void test_a_threshold_is_of_a_project_and_its_series(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct making m = { .wish = cpu_wish() };
    char series[512];

    (void)state;
    judged_open(&s);
    put_runs(s.db);
    assert_good(sql_run(s.db,
                        "INSERT INTO projects (name, title, created_ns) VALUES ('other', '', 1)",
                        SQL_NO_ARGS, NULL, &err),
                err);
    m.wish.series = judged_series(s.db, series);
    m.wish.project = "other";
    assert_int_equal(sql_write(s.db, make, &m, &err), OU_USAGE);
    assert_non_null(strstr(err.text, "is not of project other"));
    m.wish.project = "nowhere";
    assert_int_equal(sql_write(s.db, make, &m, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no project nowhere");
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM thresholds"), 0);
    m.wish.project = "tests";
    assert_good(sql_write(s.db, make, &m, &err), err);
    judged_close(&s);
}

struct opening {
    int day;
    char id[RECORD_ID_ROOM];
    bool is_new;
};

static enum ou_status open_alert(struct sql *db, void *context, struct ou_error *err)
{
    struct opening *o = context;
    const struct alert_record alert = {
        .threshold_no = judged_number(db, "SELECT no FROM thresholds"),
        .series_no = judged_number(db, "SELECT no FROM series"),
        .metric_no = judged_number(db, "SELECT no FROM metrics"),
        .run_no = run_no(db, o->day),
        .value = 9,
        .low = NAN,
        .high = 5,
        .says = "CPU is 9",
        .outlets = "[\"chat\",\"log\"]",
    };

    return alert_open(db, &alert, now_ns, o->id, &o->is_new, err);
}

static struct opening open_one(struct sql *db, int day)
{
    struct opening o = { .day = day };
    struct ou_error err = { "" };

    assert_good(sql_write(db, open_alert, &o, &err), err);
    return o;
}

static void begin_alerts(struct judged_store *s)
{
    struct making m = { .wish = cpu_wish() };
    struct ou_error err = { "" };

    judged_open(s);
    put_runs(s->db);
    assert_good(sql_write(s->db, make, &m, &err), err);
}

struct changing {
    const char *id;
    struct alert_change change;
};

static enum ou_status change_alert(struct sql *db, void *context, struct ou_error *err)
{
    const struct changing *c = context;

    return alert_change(db, c->id, &c->change, now_ns, err);
}

static void test_an_alert_that_is_not_there_is_not_changed(void **state)
{
    struct changing c = { .id = "none", .change = { .state = "dismissed" } };
    struct judged_store s;
    struct ou_error err = { "" };

    (void)state;
    begin_alerts(&s);
    open_one(s.db, 8);
    assert_int_equal(sql_write(s.db, change_alert, &c, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no such alert");
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM alerts WHERE state = 'active'"), 1);
    judged_close(&s);
}

static void test_an_alert_is_opened_once_and_all_outlets_are_told(void **state)
{
    struct judged_store s;
    struct opening first, again;

    (void)state;
    begin_alerts(&s);
    first = open_one(s.db, 8);
    again = open_one(s.db, 8);
    assert_true(first.is_new);
    assert_false(again.is_new);
    assert_string_equal(first.id, again.id);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM deliveries"), 2);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM news WHERE kind = 'alert.opened'"),
                     1);
    judged_close(&s);
}

static enum ou_status wake(struct sql *db, void *context, struct ou_error *err)
{
    int64_t woken;

    return alerts_wake(db, *(const int64_t *)context, &woken, err);
}

static void test_silence_covers_later_alerts_and_ends_by_itself(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct opening first;
    struct changing c;
    int64_t later_ns = now_ns + DAY_NS;
    char text[512];

    (void)state;
    begin_alerts(&s);
    first = open_one(s.db, 6);
    c = (struct changing){ first.id,
                           { .state = "silenced", .sets_until = true, .until_ns = later_ns } };
    assert_good(sql_write(s.db, change_alert, &c, &err), err);
    open_one(s.db, 7);
    /* Two of the first, two of its change; none of the second. */
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM deliveries"), 4);
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM alerts WHERE state = 'silenced'"),
                     2);
    assert_good(sql_write(s.db, wake, &now_ns, &err), err);
    assert_string_equal(judged_text(s.db, "SELECT MIN(state) FROM alerts", text), "silenced");
    assert_good(sql_write(s.db, wake, &later_ns, &err), err);
    assert_string_equal(judged_text(s.db, "SELECT MAX(state) FROM alerts", text), "active");
    judged_close(&s);
}

static enum ou_status note_back(struct sql *db, void *context, struct ou_error *err)
{
    return alerts_back(db, judged_number(db, "SELECT no FROM thresholds"),
                       judged_number(db, "SELECT no FROM series"),
                       run_no(db, *(const int *)context), now_ns, err);
}

static void test_the_first_later_run_in_bounds_is_noted(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    int earlier = 3, later = 7, last = 8;

    (void)state;
    begin_alerts(&s);
    open_one(s.db, 6);
    assert_good(sql_write(s.db, note_back, &earlier, &err), err);
    assert_int_equal(
        judged_number(s.db, "SELECT COUNT(*) FROM alerts WHERE back_run_no IS NOT NULL"), 0);
    assert_good(sql_write(s.db, note_back, &later, &err), err);
    assert_good(sql_write(s.db, note_back, &last, &err), err);
    assert_int_equal(judged_number(s.db, "SELECT back_run_no FROM alerts"), run_no(s.db, 7));
    judged_close(&s);
}

/* ---- messages ---- */

struct claiming {
    int64_t at_ns;
    struct arena *memory;
    struct delivery delivery;
};

static enum ou_status claim(struct sql *db, void *context, struct ou_error *err)
{
    struct claiming *c = context;

    return delivery_claim(db, c->at_ns, c->memory, &c->delivery, err);
}

static enum ou_status finish(struct sql *db, void *context, struct ou_error *err)
{
    return delivery_done(db, *(const int64_t *)context, now_ns, err);
}

static enum ou_status fail_once(struct sql *db, void *context, struct ou_error *err)
{
    return delivery_failed(db, *(const int64_t *)context, "status 503", now_ns + 2 * NS_PER_SECOND,
                           now_ns, err);
}

static void test_two_servers_never_claim_one_message(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct arena memory;
    struct claiming a, b, c;
    struct sql *other;
    bool due;

    (void)state;
    begin_alerts(&s);
    arena_init(&memory, allocator_libc(), (size_t)1 << 18);
    a = b = c = (struct claiming){ .at_ns = now_ns, .memory = &memory };
    open_one(s.db, 8);
    assert_good(store_take(s.store, &other, &err), err);
    assert_good(sql_write(s.db, claim, &a, &err), err);
    assert_good(sql_write(other, claim, &b, &err), err);
    assert_string_not_equal(a.delivery.outlet, b.delivery.outlet);
    assert_int_equal(sql_write(other, claim, &c, &err), OU_NOT_FOUND);
    assert_good(deliveries_due(s.db, now_ns, &due, &err), err);
    assert_false(due);
    /* Its server has died: a claim is good for DELIVERY_CLAIM_S. */
    c.at_ns = now_ns + (DELIVERY_CLAIM_S + 1) * NS_PER_SECOND;
    assert_good(sql_write(other, claim, &c, &err), err);
    assert_int_equal(c.delivery.attempts, 2);
    store_give(s.store, other);
    arena_release(&memory);
    judged_close(&s);
}

static void test_a_message_that_failed_waits_and_one_that_was_sent_is_over(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct arena memory;
    struct claiming a;
    char text[512];

    (void)state;
    begin_alerts(&s);
    arena_init(&memory, allocator_libc(), (size_t)1 << 18);
    a = (struct claiming){ .at_ns = now_ns, .memory = &memory };
    open_one(s.db, 8);
    assert_good(sql_write(s.db, claim, &a, &err), err);
    assert_good(sql_write(s.db, finish, &a.delivery.no, &err), err);
    assert_good(sql_write(s.db, claim, &a, &err), err);
    assert_good(sql_write(s.db, fail_once, &a.delivery.no, &err), err);
    assert_int_equal(sql_write(s.db, claim, &a, &err), OU_NOT_FOUND);
    assert_string_equal(
        judged_text(s.db, "SELECT last_error FROM deliveries WHERE state = 'waiting'", text),
        "status 503");
    a.at_ns = now_ns + 2 * NS_PER_SECOND;
    assert_good(sql_write(s.db, claim, &a, &err), err);
    arena_release(&memory);
    judged_close(&s);
}

static void test_a_message_says_what_it_is_about(void **state)
{
    struct judged_store s;
    struct ou_error err = { "" };
    struct arena memory;
    struct claiming a;
    json_t *alert;

    (void)state;
    begin_alerts(&s);
    arena_init(&memory, allocator_libc(), (size_t)1 << 18);
    a = (struct claiming){ .at_ns = now_ns, .memory = &memory };
    open_one(s.db, 8);
    assert_good(sql_write(s.db, claim, &a, &err), err);
    assert_good(json_tree_parse(span_of(a.delivery.alert), "alert", &alert, &err), err);
    assert_string_equal(json_string_value(json_object_get(alert, "says")), "CPU is 9");
    assert_string_equal(json_string_value(json_object_get(json_object_get(alert, "run"), "name")),
                        "10.8");
    assert_true(json_is_null(json_object_get(alert, "low")));
    assert_true(json_number_value(json_object_get(alert, "high")) == 5);
    assert_string_equal(json_string_value(json_object_get(json_object_get(alert, "metric"), "id")),
                        "CentiCpu");
    json_decref(alert);
    arena_release(&memory);
    judged_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_an_answer_is_found_by_its_id_and_only_by_that),
        database_test(test_what_was_used_longest_ago_makes_room),
        database_test(test_the_last_runs_of_a_series_come_oldest_first),
        database_test(test_the_runs_beside_one_are_named_in_the_order_of_their_numbers),
        database_test(test_change_points_that_stay_keep_their_id_and_those_with_a_note_stay),
        database_test(test_a_series_that_is_not_there_has_no_change_points),
        database_test(test_change_points_from_before_what_was_looked_at_stay),
        database_test(test_only_enabled_thresholds_watch_and_a_foreign_series_is_refused),
        database_test(test_a_threshold_is_of_a_project_and_its_series),
        database_test(test_an_alert_that_is_not_there_is_not_changed),
        database_test(test_an_alert_is_opened_once_and_all_outlets_are_told),
        database_test(test_silence_covers_later_alerts_and_ends_by_itself),
        database_test(test_the_first_later_run_in_bounds_is_noted),
        database_test(test_two_servers_never_claim_one_message),
        database_test(test_a_message_that_failed_waits_and_one_that_was_sent_is_over),
        database_test(test_a_message_says_what_it_is_about),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
