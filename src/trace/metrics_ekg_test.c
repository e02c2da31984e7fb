#include "trace/metrics_ekg.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/test.h"
#include "trace/metrics.h"

static struct metrics_told *told;

static int set_up(void **state)
{
    (void)state;
    told = metrics_told_new();
    metrics_set_prefix("p.");
    return told ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    metrics_told_free(told);
    metrics_reset();
    return 0;
}

/* The items of a response: "name kind value|..." */
static const char *items_of(struct bytes response)
{
    static char text[8192];
    struct ekg_message m;
    struct ekg_metric item;
    const char *why = NULL;
    size_t len = 0;

    assert_int_equal(ekg_read(response, &m, &why), WIRE_OK);
    assert_int_equal(m.key, EKG_RESPONSE);
    text[0] = 0;
    while (ekg_metrics_next(&m.list, &item)) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s ", len ? "|" : "",
                                (int)item.name.len, item.name.at);
        if (item.kind == EKG_LABEL)
            len += (size_t)snprintf(text + len, sizeof text - len, "label %.*s", (int)item.text.len,
                                    item.text.at);
        else
            len += (size_t)snprintf(text + len, sizeof text - len, "%s %" PRId64,
                                    item.kind == EKG_COUNTER ? "counter" : "gauge", item.value);
    }
    return text;
}

static const char *asked(enum ekg_wanted wanted, struct ekg_list names)
{
    struct buffer out;
    const char *text;

    buffer_init(&out, allocator_libc(), 1 << 20);
    metrics_respond(told, wanted, names, &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    text = items_of(bytes_of(&out));
    buffer_release(&out);
    return text;
}

static const char *all(enum ekg_wanted wanted)
{
    return asked(wanted, (struct ekg_list){ .at = cbor_open((struct bytes){ NULL, 0 }) });
}

static const char *named(const char *const *names, size_t count)
{
    struct span spans[8];
    struct buffer request;
    struct ekg_message m;
    const char *why = NULL, *text;

    for (size_t i = 0; i < count; i++)
        spans[i] = span_of(names[i]);
    buffer_init(&request, allocator_libc(), 4096);
    ekg_request_write(&request, EKG_NAMED, spans, count);
    assert_int_equal(ekg_read(bytes_of(&request), &m, &why), WIRE_OK);
    text = asked(EKG_NAMED, m.list);
    buffer_release(&request);
    return text;
}

/* ---- names and values ---- */

static void test_names_and_kinds_are_those_of_the_store(void **state)
{
    (void)state;
    ou_metric_set("slotNum", -7);
    ou_metric_add("Forge.node-is-leader", 3);
    ou_metric_set_real("density", 0.05);
    ou_metric_set_label("peers", "{a=\"b\"}");
    assert_string_equal(all(EKG_ALL), "p.slotNum_int gauge -7|"
                                      "p.Forge.node-is-leader_counter counter 3|"
                                      "p.density_real label 0.05|p.peers label {a=\"b\"}");
}

static void test_values_without_a_number_of_their_own_are_texts_and_limits(void **state)
{
    (void)state;
    ou_metric_set_real("r", NAN);
    ou_metric_set_real("s", -INFINITY);
    ou_metric_add("c", UINT64_MAX);
    assert_string_equal(all(EKG_ALL), "p.r_real label NaN|p.s_real label -Inf|"
                                      "p.c_counter counter 9223372036854775807");
}

static void test_a_name_that_is_no_text_is_left_out(void **state)
{
    (void)state;
    ou_metric_set("a\xff", 1);
    ou_metric_set("b", 2);
    assert_string_equal(all(EKG_ALL), "p.b_int gauge 2");
}

/* ---- which ones ---- */

static void test_names_are_found_with_prefix_and_kind(void **state)
{
    static const char *const names[] = { "p.b_counter", "p.a_int",  "p.b_int", "b_counter",
                                         "p.c",         "p.c_real", "p.",      "p.a_int" };

    (void)state;
    ou_metric_set("a", 1);
    ou_metric_add("b", 2);
    ou_metric_set_label("c", "{k=\"v\"}");
    assert_string_equal(named(names, 8),
                        "p.b_counter counter 2|p.a_int gauge 1|p.c label {k=\"v\"}");
}

static void test_a_label_may_be_named_like_a_gauge(void **state)
{
    static const char *const names[] = { "p.x_int" };

    (void)state;
    ou_metric_set_label("x_int", "{k=\"v\"}");
    assert_string_equal(named(names, 1), "p.x_int label {k=\"v\"}");
}

static void test_only_what_has_changed_is_told_again(void **state)
{
    (void)state;
    assert_string_equal(all(EKG_UPDATED), "");
    ou_metric_set("a", 0); /* new, though its bits are zero */
    ou_metric_set_real("r", 1);
    ou_metric_set_label("l", "{k=\"v\"}");
    assert_string_equal(all(EKG_UPDATED), "p.a_int gauge 0|p.r_real label 1|p.l label {k=\"v\"}");
    assert_string_equal(all(EKG_UPDATED), "");
    ou_metric_set("a", 0);
    assert_string_equal(all(EKG_UPDATED), "");
    ou_metric_set_label("l", "{k=\"w\"}");
    ou_metric_add("c", 1);
    assert_string_equal(all(EKG_UPDATED), "p.l label {k=\"w\"}|p.c_counter counter 1");
}

static void test_what_was_told_in_another_reply_has_not_changed(void **state)
{
    static const char *const names[] = { "p.a_int" };

    (void)state;
    ou_metric_set("a", 1);
    ou_metric_set("b", 1);
    named(names, 1);
    assert_string_equal(all(EKG_UPDATED), "p.b_int gauge 1");
    ou_metric_set("a", 2);
    all(EKG_ALL);
    assert_string_equal(all(EKG_UPDATED), "");
}

static void test_another_connection_is_told_all(void **state)
{
    (void)state;
    ou_metric_set("a", 1);
    all(EKG_UPDATED);
    metrics_told_nothing(told);
    assert_string_equal(all(EKG_UPDATED), "p.a_int gauge 1");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_names_and_kinds_are_those_of_the_store),
        TEST(test_values_without_a_number_of_their_own_are_texts_and_limits),
        TEST(test_a_name_that_is_no_text_is_left_out),
        TEST(test_names_are_found_with_prefix_and_kind),
        TEST(test_a_label_may_be_named_like_a_gauge),
        TEST(test_only_what_has_changed_is_told_again),
        TEST(test_what_was_told_in_another_reply_has_not_changed),
        TEST(test_another_connection_is_told_all),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
