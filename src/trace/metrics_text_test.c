#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"
#include "trace/exposition_test.h"
#include "trace/metrics.h"
#include "trace/metrics_table.h"

static int tear_down(void **state)
{
    (void)state;
    metrics_reset();
    return 0;
}

static void assert_page(const char *prefix, bool suffix, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 24);
    metrics_text(prefix, suffix, &out);
    assert_string_equal(buffer_string(&out), expected);
    exposition_check(buffer_string(&out));
    buffer_release(&out);
}

static void test_a_page_without_metrics_is_its_end(void **state)
{
    (void)state;
    assert_page("cardano.node.metrics.", true, "# EOF\n");
}

static void test_each_kind_has_its_form(void **state)
{
    (void)state;
    ou_metric_set("slotNum", -5);
    ou_metric_set_real("density", 0.05);
    ou_metric_add("Forge.forged", 3);
    ou_metric_set_label("build", "{version=\"1.2\",arch=\"x86_64\"}");
    assert_page("cardano.node.metrics.", true,
                "# TYPE cardano_node_metrics_slotNum_int gauge\n"
                "cardano_node_metrics_slotNum_int -5\n"
                "cardano_node_metrics_density_real 0.05\n"
                "# TYPE cardano_node_metrics_Forge_forged_counter counter\n"
                "cardano_node_metrics_Forge_forged_counter 3\n"
                "# TYPE cardano_node_metrics_build info\n"
                "cardano_node_metrics_build{version=\"1.2\",arch=\"x86_64\"} 1\n"
                "# EOF\n");
}

static void test_without_suffix_one_kind_at_the_end_is_left_out(void **state)
{
    (void)state;
    ou_metric_set("a", 1);
    ou_metric_set_real("b", 2);
    ou_metric_add("c", 3);
    ou_metric_set("d_int", 4);
    ou_metric_set_label("e_real", "{k=\"v\"}");
    assert_page("", false,
                "# TYPE a gauge\na 1\nb 2\n# TYPE c counter\nc 3\n# TYPE d_int gauge\nd_int 4\n"
                "# TYPE e info\ne{k=\"v\"} 1\n# EOF\n");
}

static void test_names_are_mangled(void **state)
{
    (void)state;
    ou_metric_set("a b-c.d/e:f\xc3\xa9g_1", 1);
    assert_page("x-y.\xe2\x82\xac", true,
                "# TYPE x_y_a_b_c_defg_1_int gauge\nx_y_a_b_c_defg_1_int 1\n# EOF\n");
}

static void test_of_two_metrics_shown_alike_the_first_is_shown(void **state)
{
    (void)state;
    ou_metric_set("a.b", 1);
    ou_metric_set("a-b", 2);
    ou_metric_add("a.b!", 3); /* of another kind: alike only without suffix */
    assert_page("", true,
                "# TYPE a_b_int gauge\na_b_int 1\n# TYPE a_b_counter counter\na_b_counter 3\n"
                "# EOF\n");
    assert_page("", false, "# TYPE a_b gauge\na_b 1\n# EOF\n");
}

static void test_names_that_the_format_does_not_have_are_not_shown(void **state)
{
    (void)state;
    ou_metric_set("1st", 1);
    ou_metric_set("%", 2);
    assert_page("", false, "# EOF\n");
    assert_page("", true, "# TYPE _int gauge\n_int 2\n# EOF\n");
    assert_page("!p.", false, "# TYPE p_1st gauge\np_1st 1\n# TYPE p_ gauge\np_ 2\n# EOF\n");
}

static void test_reals_read_back_and_have_names_for_what_is_no_number(void **state)
{
    (void)state;
    ou_metric_set_real("a", 0.1);
    ou_metric_set_real("b", 1e300);
    ou_metric_set_real("c", -INFINITY);
    ou_metric_set_real("d", INFINITY);
    ou_metric_set_real("e", NAN);
    ou_metric_set_real("f", 5e-324);
    assert_page("", false, "a 0.1\nb 1e+300\nc -Inf\nd +Inf\ne NaN\nf 5e-324\n# EOF\n");
}

static void test_the_ends_of_the_ranges(void **state)
{
    (void)state;
    ou_metric_set("least", INT64_MIN);
    ou_metric_set("most", INT64_MAX);
    ou_metric_add("all", UINT64_MAX);
    assert_page("", false,
                "# TYPE least gauge\nleast -9223372036854775808\n"
                "# TYPE most gauge\nmost 9223372036854775807\n"
                "# TYPE all counter\nall 18446744073709551615\n# EOF\n");
}

static void test_help_stands_on_one_line(void **state)
{
    (void)state;
    assert_non_null(metric_table_take("a", OU_GAUGE, 7, "two\nlines, a \\ and a \"quote\""));
    assert_non_null(metric_table_take("b", OU_REAL, 0, "a real"));
    assert_non_null(metric_table_take("c", OU_GAUGE, 0, ""));
    assert_page("", true,
                "# TYPE a_int gauge\n# HELP a_int two\\nlines, a \\\\ and a 'quote'\na_int 7\n"
                "# HELP b_real a real\nb_real 0\n# TYPE c_int gauge\nc_int 0\n# EOF\n");
}

static void test_texts_become_labels_escaped(void **state)
{
    (void)state;
    ou_metric_set_label("a", "plain \"text\" \\ of\ntwo lines");
    ou_metric_set_label("b", "bad \xff utf-8, \x1b[31m and \xe2\x82\xac");
    ou_metric_set_label("c", "");
    assert_page("", true,
                "# TYPE a info\na{value=\"plain \\\"text\\\" \\\\ of\\ntwo lines\"} 1\n"
                "# TYPE b info\nb{value=\"bad \xef\xbf\xbd utf-8, \xef\xbf\xbd[31m and "
                "\xe2\x82\xac\"} 1\n"
                "# TYPE c info\nc{value=\"\"} 1\n# EOF\n");
}

static void test_what_only_looks_like_labels_is_a_text(void **state)
{
    static const char *const texts[] = {
        "{",
        "{}",
        "{a}",
        "{a=}",
        "{a=b}",
        "{a=\"b}",
        "{a=\"b\"",
        "{a=\"b\"}x",
        "{a=\"b\",}",
        "{1a=\"b\"}",
        "{=\"b\"}",
        "{a=\"\\x\"}",
        "{a=\"b\nc\"}",
        "{a=\"\xff\"}",
        "{a=\"b\" ,c=\"d\"}",
        "{a=\"b\"}}",
        "{\"a\":1}",
        "{a=\"b\\\"}",
        "{a=\"b\"c=\"\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *page;

        ou_metric_set_label("x", texts[i]);
        assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
        assert_non_null(strstr(page, "x{value=\"{"));
        assert_int_equal(exposition_check(page), 1);
        free(page);
    }
}

static void test_long_labels_are_cut_within_their_quotes(void **state)
{
    char text[2 * METRIC_LABELS_MAX], *page;

    (void)state;
    /* Of two bytes each when escaped, so that the end falls on either half. */
    memset(text, '"', sizeof text - 1);
    for (size_t len = METRIC_LABELS_MAX / 2 - 20; len < METRIC_LABELS_MAX / 2 + 20; len++) {
        text[len] = '\0';
        ou_metric_set_label("x", text);
        text[len] = '"';
        assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
        assert_int_equal(exposition_check(page), 1);
        assert_true((strstr(page, "...\"} 1\n") != NULL) ==
                    (2 * len + strlen("{value=\"...\"}") > METRIC_LABELS_MAX));
        free(page);
    }
}

static void test_a_set_of_labels_above_the_limit_is_cut_as_a_text(void **state)
{
    char text[METRIC_LABELS_MAX + 2], *page;

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text, "{k=\"", 4);
    memcpy(text + METRIC_LABELS_MAX - 2, "\"}", 3);
    ou_metric_set_label("x", text);
    assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
    assert_non_null(strstr(page, "\nx{k=\"aaa"));
    free(page);
    memcpy(text + METRIC_LABELS_MAX - 2, "a\"}", 4);
    ou_metric_set_label("x", text);
    assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
    assert_non_null(strstr(page, "\nx{value=\"{k=\\\"aaa"));
    assert_int_equal(exposition_check(page), 1);
    free(page);
}

static void test_the_public_text_has_the_configured_prefix(void **state)
{
    char *page;

    (void)state;
    ou_metric_set("a", 1);
    assert_int_equal(metrics_set_prefix("p."), OU_OK);
    assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
    assert_string_equal(page, "# TYPE p_a_int gauge\np_a_int 1\n# EOF\n");
    free(page);
    assert_int_equal(metrics_set_prefix(""), OU_OK);
    assert_int_equal(ou_metrics_text(&page, NULL), OU_OK);
    assert_string_equal(page, "# TYPE a_int gauge\na_int 1\n# EOF\n");
    free(page);
}

static bool fill_page(struct allocator *from, void *argument)
{
    struct buffer out;
    bool whole;

    (void)argument;
    buffer_init(&out, from, 1 << 20);
    metrics_text("", true, &out);
    whole = buffer_status(&out) == OU_OK;
    buffer_release(&out);
    return whole;
}

static void test_want_of_memory_sticks_to_the_buffer(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "m%c", 'a' + i);
        ou_metric_set(name, i);
    }
    fail_each_allocation(fill_page, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_page_without_metrics_is_its_end, tear_down),
        cmocka_unit_test_teardown(test_each_kind_has_its_form, tear_down),
        cmocka_unit_test_teardown(test_without_suffix_one_kind_at_the_end_is_left_out, tear_down),
        cmocka_unit_test_teardown(test_names_are_mangled, tear_down),
        cmocka_unit_test_teardown(test_of_two_metrics_shown_alike_the_first_is_shown, tear_down),
        cmocka_unit_test_teardown(test_names_that_the_format_does_not_have_are_not_shown,
                                  tear_down),
        cmocka_unit_test_teardown(test_reals_read_back_and_have_names_for_what_is_no_number,
                                  tear_down),
        cmocka_unit_test_teardown(test_the_ends_of_the_ranges, tear_down),
        cmocka_unit_test_teardown(test_help_stands_on_one_line, tear_down),
        cmocka_unit_test_teardown(test_texts_become_labels_escaped, tear_down),
        cmocka_unit_test_teardown(test_what_only_looks_like_labels_is_a_text, tear_down),
        cmocka_unit_test_teardown(test_long_labels_are_cut_within_their_quotes, tear_down),
        cmocka_unit_test_teardown(test_a_set_of_labels_above_the_limit_is_cut_as_a_text, tear_down),
        cmocka_unit_test_teardown(test_the_public_text_has_the_configured_prefix, tear_down),
        cmocka_unit_test_teardown(test_want_of_memory_sticks_to_the_buffer, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
