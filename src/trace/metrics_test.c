#include "trace/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "trace/exposition_test.h"
#include "trace/metrics_table.h"

static int tear_down(void **state)
{
    (void)state;
    metrics_reset();
    return 0;
}

/* The page's line of a metric, without suffixes; NULL when there is none. Valid until the next call. */
static const char *line_of(const char *name)
{
    static char line[METRIC_SHOWN_MAX + METRIC_LABELS_MAX + 64];
    struct buffer out;
    const char *at;
    char *found = NULL;

    buffer_init(&out, allocator_libc(), 1 << 24);
    metrics_text("", false, &out);
    for (at = buffer_string(&out); *at && !found; at += strcspn(at, "\n") + 1)
        if (strncmp(at, name, strlen(name)) == 0 && strchr(" {", at[strlen(name)])) {
            snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
            found = line;
        }
    buffer_release(&out);
    return found;
}

/* ---- setting ---- */

static void test_gauges_are_set_and_counters_add_up(void **state)
{
    (void)state;
    ou_metric_set("g", 5);
    ou_metric_set("g", 3);
    ou_metric_set_real("r", 1.5);
    ou_metric_set_real("r", -2.5);
    ou_metric_add("c", 5);
    ou_metric_add("c", 3);
    ou_metric_set_label("l", "one");
    ou_metric_set_label("l", "{k=\"two\"}");
    assert_string_equal(line_of("g"), "g 3");
    assert_string_equal(line_of("r"), "r -2.5");
    assert_string_equal(line_of("c"), "c 8");
    assert_string_equal(line_of("l"), "l{k=\"two\"} 1");
}

static void test_a_metric_keeps_its_first_kind(void **state)
{
    (void)state;
    ou_metric_set("g", 5);
    ou_metric_set_real("g", 6);
    ou_metric_add("g", 7);
    ou_metric_set_label("g", "8");
    assert_string_equal(line_of("g"), "g 5");
    ou_metric_set_label("l", "a");
    ou_metric_set("l", 1);
    assert_string_equal(line_of("l"), "l{value=\"a\"} 1");
}

static void test_nothing_and_too_long_names_do_nothing(void **state)
{
    char name[METRIC_NAME_MAX + 2];

    (void)state;
    ou_metric_set(NULL, 1);
    ou_metric_set("", 1);
    ou_metric_set_label("l", NULL);
    memset(name, 'a', sizeof name);
    name[METRIC_NAME_MAX + 1] = '\0';
    ou_metric_set(name, 1);
    assert_null(metric_table_at(0));
    name[METRIC_NAME_MAX] = '\0';
    ou_metric_add(name, 1);
    assert_non_null(metric_table_at(0));
    assert_non_null(line_of(name));
}

static void test_the_table_holds_so_many_and_no_more(void **state)
{
    char name[32];

    (void)state;
    for (int round = 1; round <= 2; round++)
        for (int i = 0; i <= METRICS_MAX; i++) {
            snprintf(name, sizeof name, "metric.%d", i);
            ou_metric_set(name, i * round);
        }
    assert_non_null(metric_table_at(METRICS_MAX - 1));
    assert_null(metric_table_at(METRICS_MAX));
    assert_string_equal(line_of("metric_4095"), "metric_4095 8190");
    assert_null(line_of("metric_4096"));
}

/* ---- feeding ---- */

enum { F_U64, F_I64, F_REAL, F_TEXT, F_HASH, F_FLAG, FIELDS };

static const struct ou_field fields[] = {
    [F_U64] = { OU_TYPE_u64, OU_DMINIMAL, "number", "number", "" },
    [F_I64] = { OU_TYPE_i64, OU_DMINIMAL, "change", "change", "" },
    [F_REAL] = { OU_TYPE_f64, OU_DMINIMAL, "density", "density", "" },
    [F_TEXT] = { OU_TYPE_text, OU_DMINIMAL, "version", "version", "" },
    [F_HASH] = { OU_TYPE_hash, OU_DMINIMAL, "block", "block", "" },
    [F_FLAG] = { OU_TYPE_flag, OU_DMINIMAL, "late", "late", "" },
};

static const uint8_t hash[OU_HASH_BYTES] = { 0xab, 0x01, [31] = 0xff };

/* A message with all fields known, at a point with these metrics. */
struct sample {
    struct ou_point point;
    struct ou_value values[FIELDS];
    struct ou_message message;
};

static struct sample *sample_of(const struct ou_metric *metrics)
{
    static struct sample s;

    memset(&s, 0, sizeof s);
    s.point = (struct ou_point){ .fields = fields, .field_count = FIELDS, .metrics = metrics };
    for (int i = 0; i < FIELDS; i++)
        s.values[i] = (struct ou_value){ .type = fields[i].type, .known = true };
    s.values[F_U64].u64 = 42;
    s.values[F_I64].i64 = -7;
    s.values[F_REAL].f64 = 0.25;
    s.values[F_TEXT].text = (struct ou_text){ "1.2 beyond", 3 };
    s.values[F_HASH].hash = hash;
    s.values[F_FLAG].u64 = 1;
    s.message = (struct ou_message){ .point = &s.point, .values = s.values };
    return &s;
}

static void test_a_message_feeds_each_metric_of_its_point(void **state)
{
    struct sample *s = sample_of(
        OU_METRICS({ OU_GAUGE, "slots", "of the chain", F_U64 },
                   { OU_GAUGE, "changes", NULL, F_I64 }, { OU_REAL, "dense", NULL, F_REAL },
                   { OU_REAL, "whole", NULL, F_U64 }, { OU_COUNTER, "messages", NULL, -1 },
                   { OU_COUNTER, "sum", NULL, F_U64 }, { OU_COUNTER, "lates", NULL, F_FLAG },
                   { OU_LABEL, "build", NULL, F_TEXT }, { OU_LABEL, "tip", NULL, F_HASH }));

    (void)state;
    metrics_feed(&s->message);
    metrics_feed(&s->message);
    assert_string_equal(line_of("slots"), "slots 42");
    assert_string_equal(line_of("# HELP slots"), "# HELP slots of the chain");
    assert_string_equal(line_of("changes"), "changes -7");
    assert_string_equal(line_of("dense"), "dense 0.25");
    assert_string_equal(line_of("whole"), "whole 42");
    assert_string_equal(line_of("messages"), "messages 2");
    assert_string_equal(line_of("sum"), "sum 84");
    assert_string_equal(line_of("lates"), "lates 2");
    assert_string_equal(line_of("build"), "build{version=\"1.2\"} 1");
    assert_string_equal(line_of("tip"), "tip{block=\"ab01000000000000000000000000000000000000000000"
                                        "0000000000000000ff\"} 1");
}

static void test_unknown_values_set_nothing(void **state)
{
    struct sample *s = sample_of(OU_METRICS({ OU_GAUGE, "slots", NULL, F_U64 },
                                            { OU_LABEL, "build", NULL, F_TEXT },
                                            { OU_COUNTER, "messages", NULL, -1 }));

    (void)state;
    s->values[F_U64].known = s->values[F_TEXT].known = false;
    metrics_feed(&s->message);
    assert_null(line_of("slots"));
    assert_null(line_of("build"));
    assert_string_equal(line_of("messages"), "messages 1");
    s->values[F_U64].known = true;
    metrics_feed(&s->message);
    s->values[F_U64].known = false;
    s->values[F_U64].u64 = 43;
    metrics_feed(&s->message);
    assert_string_equal(line_of("slots"), "slots 42");
}

static void test_values_that_do_not_fit_set_nothing(void **state)
{
    struct sample *s =
        sample_of(OU_METRICS({ OU_GAUGE, "a", NULL, F_TEXT }, { OU_GAUGE, "b", NULL, F_REAL },
                             { OU_REAL, "c", NULL, F_HASH }, { OU_COUNTER, "d", NULL, F_I64 },
                             { OU_LABEL, "e", NULL, F_U64 }, { OU_GAUGE, "f", NULL, -1 },
                             { OU_GAUGE, "g", NULL, FIELDS }));

    (void)state;
    metrics_feed(&s->message);
    assert_null(metric_table_at(0));
    s = sample_of(NULL);
    metrics_feed(&s->message);
    assert_null(metric_table_at(0));
}

static void test_numbers_beyond_a_gauge_s_range_are_its_end(void **state)
{
    struct sample *s = sample_of(OU_METRICS({ OU_GAUGE, "a", NULL, F_U64 }));

    (void)state;
    s->values[F_U64].u64 = UINT64_C(1) << 63;
    metrics_feed(&s->message);
    assert_string_equal(line_of("a"), "a 9223372036854775807");
}

static void test_help_comes_late_and_stays(void **state)
{
    struct sample *s = sample_of(OU_METRICS({ OU_GAUGE, "a", "first", F_U64 }));

    (void)state;
    ou_metric_set("a", 1);
    assert_null(line_of("# HELP a"));
    metrics_feed(&s->message);
    s = sample_of(OU_METRICS({ OU_GAUGE, "a", "second", F_U64 }));
    metrics_feed(&s->message);
    assert_string_equal(line_of("# HELP a"), "# HELP a first");
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 2000 };

static void *add_and_set(void *argument)
{
    unsigned thread = *(const unsigned *)argument;
    char name[32], text[200];

    for (unsigned i = 0; i < ROUNDS; i++) {
        ou_metric_add("together", 1);
        snprintf(name, sizeof name, "metric.%u", i % 500);
        ou_metric_set(name, i);
        /* Of one letter, repeated: a text of two would be one that nobody set. */
        memset(text, (int)('a' + (i + thread) % 26), sizeof text);
        text[10 + (i * 7 + thread) % 180] = '\0';
        ou_metric_set_label("letters", text);
    }
    return NULL;
}

static void assert_one_letter(const char *page)
{
    const char *at = strstr(page, "letters{value=\"");

    if (!at)
        return;
    at += strlen("letters{value=\"");
    assert_in_range(strspn(at, (char[]){ *at, '\0' }), 10, 190);
    assert_int_equal(at[strspn(at, (char[]){ *at, '\0' })], '"');
}

static void test_threads_set_while_others_read(void **state)
{
    static unsigned numbers[THREADS] = { 0, 1, 2, 3 };
    pthread_t threads[THREADS];
    char *page;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_set, &numbers[i]), 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
        assert_one_letter(page);
        free(page);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
    assert_non_null(strstr(page, "\ntogether_counter 8000\n"));
    assert_int_equal(exposition_check(page), 502);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_gauges_are_set_and_counters_add_up, tear_down),
        cmocka_unit_test_teardown(test_a_metric_keeps_its_first_kind, tear_down),
        cmocka_unit_test_teardown(test_nothing_and_too_long_names_do_nothing, tear_down),
        cmocka_unit_test_teardown(test_the_table_holds_so_many_and_no_more, tear_down),
        cmocka_unit_test_teardown(test_a_message_feeds_each_metric_of_its_point, tear_down),
        cmocka_unit_test_teardown(test_unknown_values_set_nothing, tear_down),
        cmocka_unit_test_teardown(test_values_that_do_not_fit_set_nothing, tear_down),
        cmocka_unit_test_teardown(test_numbers_beyond_a_gauge_s_range_are_its_end, tear_down),
        cmocka_unit_test_teardown(test_help_comes_late_and_stays, tear_down),
        cmocka_unit_test_teardown(test_threads_set_while_others_read, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
