#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/builders.h"
#include "report/charts.h"
#include "report/document_sample_test.h"
#include "report/document_writers.h"
#include "support/test.h"

static struct document d;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    document_init(&d);
    d.title = "A title";
    buffer_init(&out, allocator_libc(), (size_t)1 << 24);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&out);
    document_release(&d);
    return 0;
}

/* The page without its own style and scripts. */
static const char *body(void)
{
    char *style, *script;

    document_to_html(&d, &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    style = strstr(out.at, "<style>");
    assert_non_null(style);
    memset(style, ' ', (size_t)(strstr(style, "</style>") - style));
    script = strstr(out.at, "</footer>");
    assert_non_null(script);
    *script = '\0';
    return out.at;
}

static void assert_has(const char *page, const char *part)
{
    if (!strstr(page, part))
        fail_msg("the page has no %s", part);
}

static void assert_lacks(const char *page, const char *part)
{
    if (strstr(page, part))
        fail_msg("the page has %s", part);
}

static void test_hostile_text_stays_text(void **state)
{
    const char *page;

    (void)state;
    sample_document(&d);
    page = body();
    assert_lacks(page, "<b>");
    assert_lacks(page, "</script><");
    assert_lacks(page, "\x1b");
    assert_lacks(page, "\xe2\x80\xae");
    assert_has(page, "\\x1b[31mred|pipe,&quot;quote&quot;\\x0a&lt;/script&gt;&lt;b&gt;&amp;amp;");
}

static void test_only_the_scripts_of_the_page_may_run(void **state)
{
    const char *page, *policy, *closed;

    (void)state;
    page = body();
    policy = strstr(page, "http-equiv=\"Content-Security-Policy\"");
    assert_non_null(policy);
    closed = strchr(strstr(policy, "content=\"") + 9, '"');
    assert_has(policy, "default-src 'none'");
    assert_has(policy, "script-src 'sha256-");
    assert_true(!strstr(policy, "unsafe-eval") || strstr(policy, "unsafe-eval") > closed);
    assert_true(!strstr(policy, "http:") || strstr(policy, "http:") > closed);
}

static void test_headings_become_nested_contents(void **state)
{
    (void)state;
    document_heading(&d, 2, "one", "One");
    document_heading(&d, 3, "one-a", "One A");
    document_heading(&d, 3, "one-b", "One B");
    document_heading(&d, 2, "two", "Two");
    assert_has(body(),
               "<ul>\n<li><a href=\"#one\">One</a>\n<ul>\n<li><a href=\"#one-a\">One A</a></li>\n"
               "<li><a href=\"#one-b\">One B</a></li>\n</ul>\n</li>\n"
               "<li><a href=\"#two\">Two</a></li>\n</ul>");
}

static const struct doc_column columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "value", .head = "value", .unit = "s", .number = true },
    { .id = "raw", .head = "raw", .number = true, .machine_only = true },
};

static void add_metric(struct doc_table *t, const char *metric, double value)
{
    doc_add_cell(&d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = "half", .metric = metric });
    doc_add_number(&d, t, value, 2);
    doc_add_number(&d, t, value, -1);
}

static void test_cells_carry_the_whole_number(void **state)
{
    const char *page;

    (void)state;
    add_metric(document_table(&d, "t", "T", columns, 3), "endtoend/cdf0.50", 1. / 3);
    page = body();
    assert_has(page, "<td class=\"n\" data-v=\"0.3333333333333333\">0.33</td>");
    assert_has(page, "<td class=\"n\" hidden data-v=\"0.3333333333333333\">");
    assert_has(
        page,
        "<th scope=\"col\" data-id=\"value\" class=\"n\">value <span class=\"unit\">s</span></th>");
}

static void test_metrics_link_to_the_dictionary_where_there_is_one(void **state)
{
    (void)state;
    add_metric(document_table(&d, "t", "T", columns, 3), "endtoend/cdf0.50", 1);
    assert_lacks(body(), "href=\"#metric-");
    buffer_clear(&out);
    add_metric(document_table(&d, "dictionary", "Meanings", columns, 3), "endtoend/cdf0.50", 2);
    assert_has(body(), "<a href=\"#metric-endtoend-cdf0-50\">half</a>");
    buffer_clear(&out);
    assert_has(body(), " id=\"metric-endtoend-cdf0-50\">half</th>");
}

static void test_a_figure_has_its_data_below_it(void **state)
{
    struct doc_figure *f =
        document_figure(&d, "fig", "A figure", "{\"mark\":\"</script>\"}", columns, 2);
    const char *page;

    (void)state;
    f->units = "s; n = 2";
    f->reading = "Nothing is seen.";
    doc_add_text(&d, &f->data, "a");
    doc_add_number(&d, &f->data, 12345.678, -1);
    page = body();
    assert_has(page, "<figure id=\"figure-fig\" data-file=\"fig\">");
    assert_has(page, "<p class=\"reading\">Nothing is seen.</p>");
    assert_has(page, "<td class=\"n\">12345.678</td>");
    assert_lacks(page, "\"</script>\"");
    if (charts_missing())
        assert_has(page, "No picture here");
    else
        assert_has(page, "{\"mark\":\"\\u003c/script\\u003e\"}");
}

static void test_the_libraries_are_only_where_figures_are(void **state)
{
    size_t bare;

    (void)state;
    assert_null(charts_missing_in(&d));
    document_to_html(&d, &out);
    bare = out.len;
    assert_true(bare < 100000);
    document_figure(&d, "fig", "A figure", "{}", columns, 2);
    buffer_clear(&out);
    document_to_html(&d, &out);
    if (charts_missing()) {
        assert_string_equal(charts_missing_in(&d), charts_missing());
    } else {
        assert_true(out.len > bare + 500000);
        assert_has(out.at, "University of Washington Interactive Data Lab");
    }
}

static void test_cells_link_to_pages_of_a_site_alone(void **state)
{
    static const struct doc_column shown[] = { { .id = "run", .head = "run" } };
    struct finished_run run = { .operand = "0123\"><b>", .title = "a&b" };
    struct doc_table *t = document_table(&d, "runs", "Runs", shown, 1);
    const char *page;

    (void)state;
    doc_add_cell(&d, t, run_cell(&d, &run, run.title));
    d.runs_at = "/runs/";
    doc_add_cell(&d, t, run_cell(&d, &run, run.title));
    page = body();
    assert_has(page, "<th scope=\"row\">a&amp;b</th>");
    assert_has(page, "<a href=\"/runs/0123&quot;&gt;&lt;b&gt;\">a&amp;b</a>");
}

static void test_metrics_that_nobody_defines_are_no_links(void **state)
{
    static const struct doc_column shown[] = { { .id = "metric", .head = "metric" } };
    struct doc_table *t = document_table(&d, "verdicts", "Verdicts", shown, 1);
    const char *page;

    (void)state;
    doc_add_cell(
        &d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = "CPU", .metric = "machperf/CentiCpu" });
    doc_add_cell(
        &d, t,
        (struct doc_cell){ .kind = DOC_TEXT, .text = "lost", .metric = "control/lostBlocks" });
    add_dictionary(&d);
    page = body();
    assert_has(page, "href=\"#metric-machperf-centicpu\"");
    assert_has(page, "id=\"metric-machperf-centicpu\"");
    assert_lacks(page, "href=\"#metric-control-lostblocks\"");
}

/* On a phone prose is as wide as can be read, and what a row is read for stays in sight. */
static void test_cells_say_what_a_narrow_page_does_with_them(void **state)
{
    static const struct doc_column heads[] = {
        { .id = "name", .head = "name" },
        { .id = "says", .head = "says" },
        { .id = "verdict", .head = "verdict", .stays = true },
    };
    struct doc_table *t = document_table(&d, "t", "A table", heads, 3);
    const char *page;

    (void)state;
    doc_add_text(&d, t, "a");
    doc_add_text(&d, t, "a sentence of so many words that none of them should stand alone");
    doc_add_text(&d, t, "worse");
    page = body();
    assert_has(page, "<td class=\"prose\">a sentence");
    assert_has(page, "<th scope=\"col\" data-id=\"verdict\" class=\"stays\">");
    assert_has(page, "<td class=\"stays\">worse");
}

static void test_the_same_document_gives_the_same_page(void **state)
{
    struct buffer again;

    (void)state;
    sample_document(&d);
    document_to_html(&d, &out);
    buffer_init(&again, allocator_libc(), (size_t)1 << 24);
    document_to_html(&d, &again);
    assert_int_equal(out.len, again.len);
    assert_memory_equal(out.at, again.at, out.len);
    buffer_release(&again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hostile_text_stays_text),
        TEST(test_only_the_scripts_of_the_page_may_run),
        TEST(test_headings_become_nested_contents),
        TEST(test_cells_carry_the_whole_number),
        TEST(test_metrics_link_to_the_dictionary_where_there_is_one),
        TEST(test_metrics_that_nobody_defines_are_no_links),
        TEST(test_cells_link_to_pages_of_a_site_alone),
        TEST(test_a_figure_has_its_data_below_it),
        TEST(test_the_libraries_are_only_where_figures_are),
        TEST(test_cells_say_what_a_narrow_page_does_with_them),
        TEST(test_the_same_document_gives_the_same_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
