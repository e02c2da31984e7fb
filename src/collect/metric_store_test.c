#include "collect/metric_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/test.h"

/* --- Replies --------------------------------------------------------------------------------- */

static struct ekg_metric number(const char *name, enum ekg_kind kind, int64_t value)
{
    return (struct ekg_metric){ .name = span_of(name), .kind = kind, .value = value };
}

static struct ekg_metric label(const char *name, const char *text)
{
    return (struct ekg_metric){ .name = span_of(name), .kind = EKG_LABEL, .text = span_of(text) };
}

/* As it comes over the wire: written, and read again. */
static enum ou_status take(struct metric_store *s, const struct ekg_metric *metrics, size_t count)
{
    struct buffer reply;
    struct ekg_message message;
    const char *why = NULL;
    enum ou_status status;

    buffer_init(&reply, allocator_libc(), (size_t)64 << 20);
    ekg_response_open(&reply, count);
    for (size_t i = 0; i < count; i++)
        ekg_metric_write(&reply, &metrics[i]);
    ekg_response_close(&reply, count);
    assert_int_equal(buffer_status(&reply), OU_OK);
    if (ekg_read(bytes_of(&reply), &message, &why) != WIRE_OK)
        fail_msg("%s", why);
    status = metric_store_take(s, message.list, 7, NULL);
    buffer_release(&reply);
    return status;
}

#define TAKE(s, ...)                                         \
    take_list(s, (const struct ekg_metric[]){ __VA_ARGS__ }, \
              sizeof((const struct ekg_metric[]){ __VA_ARGS__ }) / sizeof(struct ekg_metric))

static void take_list(struct metric_store *s, const struct ekg_metric *metrics, size_t count)
{
    assert_int_equal(take(s, metrics, count), OU_OK);
}

static struct metric_store *store(void)
{
    struct metric_store *s = metric_store_new();

    assert_non_null(s);
    return s;
}

static const struct node_metric *find(const struct metric_store *s, const char *name)
{
    const struct node_metric *m = metric_store_find(s, name);

    assert_non_null(m);
    return m;
}

/* --- Tests ----------------------------------------------------------------------------------- */

static void test_metrics_are_kept_in_the_order_of_their_coming(void **state)
{
    struct metric_store *s = store();
    const struct node_metric *first;

    (void)state;
    assert_int_equal(s->updated_ns, 0);
    TAKE(s, number("b", EKG_GAUGE, -5), label("a", "text"), number("c", EKG_COUNTER, 3));
    first = s->at[0];
    TAKE(s, number("d", EKG_GAUGE, 1), number("b", EKG_GAUGE, 6));
    assert_int_equal(s->count, 4);
    assert_string_equal(s->at[0]->name, "b");
    assert_string_equal(s->at[1]->name, "a");
    assert_string_equal(s->at[2]->name, "c");
    assert_string_equal(s->at[3]->name, "d");
    assert_ptr_equal(s->at[0], first);
    assert_int_equal(s->at[0]->value, 6);
    assert_int_equal(s->updated_ns, 7);
    assert_null(metric_store_find(s, "e"));
    metric_store_free(s);
}

static void test_a_counter_never_falls(void **state)
{
    struct metric_store *s = store();

    (void)state;
    TAKE(s, number("c", EKG_COUNTER, 10), number("negative", EKG_COUNTER, -3));
    TAKE(s, number("c", EKG_COUNTER, 4));
    assert_int_equal(find(s, "c")->value, 10);
    assert_int_equal(find(s, "negative")->value, 0);
    TAKE(s, number("c", EKG_COUNTER, INT64_MAX));
    assert_int_equal(find(s, "c")->value, INT64_MAX);
    TAKE(s, number("c", EKG_COUNTER, INT64_MIN));
    assert_int_equal(find(s, "c")->value, INT64_MAX);
    metric_store_free(s);
}

static void test_the_kind_is_that_of_the_first_sight(void **state)
{
    struct metric_store *s = store();

    (void)state;
    TAKE(s, number("x", EKG_GAUGE, 1));
    TAKE(s, number("x", EKG_COUNTER, 2), label("x", "3"));
    assert_int_equal(find(s, "x")->kind, EKG_GAUGE);
    assert_int_equal(find(s, "x")->value, 1);
    assert_int_equal(s->refused, 2);
    metric_store_free(s);
}

static void test_a_label_that_is_a_decimal_number_has_its_value(void **state)
{
    static const char *const numbers[] = { "0.05", "-1", "1.5e-3", "+2", "0" };
    static const double values[] = { 0.05, -1, 1.5e-3, 2, 0 };
    static const char *const others[] = { "",      "inf",   "nan",       "0x10", " 1", "1 ",
                                          "1e999", "1.2.3", "{a=\"1\"}", "e",    "1-" };
    struct metric_store *s = store();

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        TAKE(s, label("x", numbers[i]));
        assert_true(find(s, "x")->is_number);
        assert_true(find(s, "x")->number == values[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        TAKE(s, label("x", others[i]));
        assert_string_equal(find(s, "x")->text, others[i]);
        if (find(s, "x")->is_number)
            fail_msg("%s is a number", others[i]);
    }
    TAKE(s, number("g", EKG_GAUGE, 7));
    assert_true(find(s, "g")->is_number && find(s, "g")->number == 7);
    metric_store_free(s);
}

static void test_long_labels_are_cut_between_characters(void **state)
{
    struct metric_store *s = store();
    char text[METRIC_STORE_TEXT_MAX + 8];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + METRIC_STORE_TEXT_MAX - 1, "\u20ac", 3);
    text[sizeof text - 1] = '\0';
    TAKE(s, label("x", text));
    assert_int_equal(strlen(find(s, "x")->text), METRIC_STORE_TEXT_MAX - 1);
    TAKE(s, label("x", "short"));
    assert_string_equal(find(s, "x")->text, "short");
    metric_store_free(s);
}

static void test_names_have_a_largest_length_and_no_nul(void **state)
{
    struct metric_store *s = store();
    char longest[METRIC_STORE_NAME_MAX + 1], longer[METRIC_STORE_NAME_MAX + 2];
    struct ekg_metric nul = { .name = { "a\0b", 3 }, .kind = EKG_GAUGE, .value = 1 };

    (void)state;
    memset(longest, 'x', sizeof longest);
    memset(longer, 'y', sizeof longer);
    longest[sizeof longest - 1] = longer[sizeof longer - 1] = '\0';
    TAKE(s, number(longest, EKG_GAUGE, 1), number(longer, EKG_GAUGE, 2), number("", EKG_GAUGE, 3),
         nul);
    assert_int_equal(s->count, 1);
    assert_int_equal(find(s, longest)->value, 1);
    assert_int_equal(s->refused, 3);
    metric_store_free(s);
}

static void test_a_store_holds_so_many(void **state)
{
    size_t count = METRIC_STORE_MAX + 10;
    struct ekg_metric *metrics = calloc(count, sizeof *metrics);
    char(*names)[16] = calloc(count, sizeof *names);
    struct metric_store *s = store();

    (void)state;
    assert_true(metrics && names);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "m%zu", i);
        metrics[i] = number(names[i], EKG_GAUGE, (int64_t)i);
    }
    assert_int_equal(take(s, metrics, count), OU_OK);
    assert_int_equal(s->count, METRIC_STORE_MAX);
    assert_int_equal(s->refused, 10);
    assert_int_equal(take(s, metrics, count), OU_OK); /* those that are there go on */
    assert_int_equal(s->count, METRIC_STORE_MAX);
    assert_int_equal(find(s, "m8191")->value, 8191);
    metric_store_free(s);
    free(metrics);
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_are_kept_in_the_order_of_their_coming),
        cmocka_unit_test(test_a_counter_never_falls),
        cmocka_unit_test(test_the_kind_is_that_of_the_first_sight),
        cmocka_unit_test(test_a_label_that_is_a_decimal_number_has_its_value),
        cmocka_unit_test(test_long_labels_are_cut_between_characters),
        cmocka_unit_test(test_names_have_a_largest_length_and_no_nul),
        cmocka_unit_test(test_a_store_holds_so_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
