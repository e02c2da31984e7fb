/* A year of runs, one a day: what is told, and what is told for nothing. */
#include "base/random.h"
#include "publish/takein.h"
#include "store/judged_runs_test.h"

#define DAYS 365
#define STEP_DAY 200

/* ---- a world ---- */

struct world {
    struct judged_store s;
    struct random_stream random;
};

static void begin(struct world *w)
{
    judged_open(&w->s);
    random_stream_init(&w->random, 20261123, 1);
}

/* The sum of twelve is normal enough. */
static double noise(struct world *w)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += random_uniform(&w->random);
    return sum;
}

static enum ou_status put_and_judge(struct sql *db, void *context, struct ou_error *err)
{
    struct judged_run *run = context;
    enum ou_status status = judged_put(db, run, err);

    return status ? status : judge_run(db, run->id, FIRST_NS + run->day * DAY_NS, err);
}

static void publish(struct world *w, int day, double value)
{
    const struct summary_record cpu = judged_value(CPU, value);
    struct judged_run run = { .day = day, .summaries = &cpu, .count = 1 };
    struct ou_error err = { "" };

    assert_good(sql_write(w->s.db, put_and_judge, &run, &err), err);
}

struct making {
    const char *kind, *parameters;
};

static enum ou_status make(struct sql *db, void *context, struct ou_error *err)
{
    const struct making *m = context;
    const struct threshold_wish wish = { .project = "tests",
                                         .metric = CPU,
                                         .kind = m->kind,
                                         .parameters = m->parameters,
                                         .outlets = "[\"chat\"]",
                                         .enabled = true };
    char id[RECORD_ID_ROOM];

    return threshold_create(db, &wish, FIRST_NS, id, err);
}

static void watch(struct world *w, const char *kind, const char *parameters)
{
    struct making m = { kind, parameters };
    struct ou_error err = { "" };

    assert_good(sql_write(w->s.db, make, &m, &err), err);
}

static int64_t alerts_of(struct world *w, const char *kind, const char *condition)
{
    char statement[512];

    snprintf(statement, sizeof statement,
             "SELECT COUNT(*) FROM alerts a JOIN thresholds t ON t.no = a.threshold_no "
             "JOIN runs r ON r.no = a.run_no WHERE t.kind = '%s' AND %s",
             kind, condition);
    return judged_number(w->s.db, statement);
}

/* ---- a year in which nothing happens ---- */

/* 1 % noise. A one-sided 97.5 % bound is passed by chance in 2.5 % of runs: some nine a year; 99.9 % make it one at most. */
static void test_in_a_quiet_year_false_alarms_are_as_many_as_were_chosen(void **state)
{
    struct world w;
    int64_t usual, careful, changes;

    (void)state;
    begin(&w);
    publish(&w, 0, 100);
    watch(&w, "prediction", "{}");
    watch(&w, "change-point", "{}");
    watch(&w, "percentage", "{\"percent\": 6}");
    for (int day = 1; day < DAYS; day++)
        publish(&w, day, 100 + noise(&w));
    usual = alerts_of(&w, "prediction", "1 = 1");
    careful = alerts_of(&w, "percentage", "1 = 1");
    changes = alerts_of(&w, "change-point", "1 = 1");
    print_message("# a quiet year of %d runs: %d alerts of 95 %% predictions, %d of 6 %%, %d of "
                  "change points\n",
                  DAYS, (int)usual, (int)careful, (int)changes);
    assert_in_range(usual, 1, 20);
    assert_int_equal(careful, 0);
    assert_in_range(changes, 0, 2);
    judged_close(&w.s);
}

/* ---- a year in which something does ---- */

static void publish_year_with_step(struct world *w)
{
    for (int day = 0; day < STEP_DAY + 30; day++) {
        publish(w, day, (day < STEP_DAY ? 100 : 104) + noise(w));
        if (day == 0) {
            watch(w, "prediction", "{}");
            watch(w, "change-point", "{}");
        }
    }
}

static void test_a_change_of_level_is_found_at_its_run_and_told_once(void **state)
{
    struct world w;
    char text[512];

    (void)state;
    begin(&w);
    publish_year_with_step(&w);
    assert_int_equal(alerts_of(&w, "prediction", "r.name = '10.200'"), 1);
    assert_int_equal(alerts_of(&w, "change-point", "r.name IN ('10.199', '10.200', '10.201')"), 1);
    assert_int_equal(
        judged_number(w.s.db, "SELECT COUNT(*) FROM change_points c JOIN runs r ON r.no = c.run_no "
                              "WHERE r.name IN ('10.199', '10.200', '10.201')"),
        1);
    /* The new level is what later runs are held against: no alert a day for ever. */
    assert_in_range(alerts_of(&w, "prediction",
                              "r.sort_ns > 0 AND r.name > '10.205' "
                              "AND r.name < '10.23'"),
                    0, 4);
    judged_text(w.s.db,
                "SELECT a.says FROM alerts a JOIN thresholds t ON t.no = a.threshold_no "
                "WHERE t.kind = 'change-point' ORDER BY a.no DESC LIMIT 1",
                text);
    assert_non_null(strstr(text, "another level since 10."));
    judged_close(&w.s);
}

/* ---- single runs ---- */

static void test_a_run_out_of_bounds_is_told_with_its_bound_and_the_next_one_ends_it(void **state)
{
    struct world w;
    char text[512];

    (void)state;
    begin(&w);
    publish(&w, 0, 50);
    watch(&w, "static", "{\"above\": 80}");
    publish(&w, 1, 90);
    assert_string_equal(judged_text(w.s.db, "SELECT says FROM alerts", text),
                        "CPU is 90 %, above 80 %: a static threshold");
    assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM deliveries"), 1);
    publish(&w, 2, 60);
    assert_int_equal(
        judged_number(w.s.db, "SELECT COUNT(*) FROM alerts WHERE back_run_no IS NOT NULL"), 1);
    judged_close(&w.s);
}

static void test_better_values_are_no_alert(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    publish(&w, 0, 50);
    watch(&w, "percentage", "{\"percent\": 5}");
    publish(&w, 1, 20);
    assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM alerts"), 0);
    judged_close(&w.s);
}

/* Imported late: held against what was before it, not against what came after. */
static void test_a_run_from_the_past_is_held_against_its_own_past(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    publish(&w, 0, 10);
    publish(&w, 9, 100);
    watch(&w, "percentage", "{\"percent\": 50}");
    publish(&w, 5, 12);
    assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM alerts"), 0);
    publish(&w, 6, 90);
    assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM alerts"), 1);
    judged_close(&w.s);
}

static enum ou_status judge_unknown(struct sql *db, void *context, struct ou_error *err)
{
    return judge_run(db, context, FIRST_NS, err);
}

static void test_a_run_that_is_not_there_is_not_judged(void **state)
{
    struct world w;
    struct ou_error err = { "" };

    (void)state;
    begin(&w);
    publish(&w, 0, 10);
    assert_int_equal(sql_write(w.s.db, judge_unknown, (void *)"none", &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no run none");
    judged_close(&w.s);
}

/* Runs are taken in all the same, and other thresholds hold. */
static void test_a_threshold_that_this_version_does_not_understand_judges_nothing(void **state)
{
    static const char *const changes[] = { "parameters = '{\"percent\": 5, \"season\": 7}'",
                                           "parameters = '{'", "kind = 'oracle'" };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char statement[200];
        struct ou_error err = { "" };
        struct world w;

        begin(&w);
        publish(&w, 0, 10);
        watch(&w, "percentage", "{\"percent\": 5}");
        watch(&w, "static", "{\"above\": 20}");
        snprintf(statement, sizeof statement, "UPDATE thresholds SET %s WHERE kind = 'percentage'",
                 changes[i]);
        assert_good(sql_run(w.s.db, statement, SQL_NO_ARGS, NULL, &err), err);
        publish(&w, 1, 30);
        assert_int_equal(judged_number(w.s.db, "SELECT COUNT(*) FROM alerts"), 1);
        assert_int_equal(alerts_of(&w, "static", "1 = 1"), 1);
        judged_close(&w.s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_in_a_quiet_year_false_alarms_are_as_many_as_were_chosen),
        database_test(test_a_change_of_level_is_found_at_its_run_and_told_once),
        database_test(test_a_run_out_of_bounds_is_told_with_its_bound_and_the_next_one_ends_it),
        database_test(test_better_values_are_no_alert),
        database_test(test_a_run_from_the_past_is_held_against_its_own_past),
        database_test(test_a_run_that_is_not_there_is_not_judged),
        database_test(test_a_threshold_that_this_version_does_not_understand_judges_nothing),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
