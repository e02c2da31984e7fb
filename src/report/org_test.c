#include "report/org.h"

#include "report/org_table.h"
#include "report/sample_test.h"
#include "support/files.h"

/* --- The tables that the existing tool's own tests expect -------------------- */

/* The text of the case `name` in the file: from its "== " line to the next. */
static char *expected_case(const char *path, const char *name)
{
    struct buffer file;
    char head[64], *at, *end, *text;

    buffer_init(&file, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(path, &file, NULL), OU_OK);
    snprintf(head, sizeof head, "== %s\n", name);
    at = strstr(file.at, head);
    assert_non_null(at);
    at += strlen(head);
    end = strstr(at, "\n== ");
    end = end ? end : file.at + file.len;
    while (end > at && end[-1] == '\n')
        end--;
    text = calloc(1, (size_t)(end - at) + 2);
    assert_non_null(text);
    memcpy(text, at, (size_t)(end - at));
    text[end - at] = '\n';
    buffer_release(&file);
    return text;
}

static void fill_case(struct org_table *t, const char *apex, bool summary)
{
    static const char *const body[] = { "foo",  "woot", "quuxinator", /* heads */
                                        "one",  "1.0",  "b",          "--",     "two", "a",
                                        "11.0", "a",    "three",      "......", "",    "111.0" };
    static const char *const below[] = {
        "aaaveragee", "0000000", "", "1", "q", "", "0000000", "2"
    };

    org_cell(t, apex);
    for (size_t i = 0; i < sizeof body / sizeof *body; i++)
        org_cell(t, body[i]);
    for (size_t i = 0; summary && i < sizeof below / sizeof *below; i++)
        org_cell(t, below[i]);
    t->summary_rows = summary ? 2 : 0;
}

static void assert_case(const char *path, const char *name, bool extended, bool summary,
                        const struct org_constant *constants, size_t constant_count)
{
    char *expected = expected_case(path, name);
    const char *table = strchr(expected, '|'); /* below the properties */
    struct org_table t;
    struct buffer out;

    org_table_init(&t, extended, 4);
    t.constants = constants;
    t.constant_count = constant_count;
    fill_case(&t, extended ? "centile" : "", summary);
    buffer_init(&out, allocator_libc(), 1 << 16);
    org_table_draw(&t, &out);
    assert_non_null(table);
    assert_string_equal(buffer_string(&out), table);
    buffer_release(&out);
    org_table_release(&t);
    free(expected);
}

static void test_tables_are_drawn_as_the_existing_tools_own_tests_expect(void **state)
{
    static const struct org_constant constants[] = {
        { "count", "0" }, { "all", "1" }, { "the", "2" }, { "things", "3" }, { "properly", "4" },
    };
    char *path = strdup(shared_data("real/b-bench/locli/org-render-golden.txt"));

    (void)state;
    assert_case(path, "render_simple_table", false, false, NULL, 0);
    assert_case(path, "render_summarised_simple_table", false, true, NULL, 0);
    assert_case(path, "render_extended_table", true, false, NULL, 0);
    assert_case(path, "render_extended_summarised_table", true, true, constants, 5);
    free(path);
}

/* --- Numbers in cells --------------------------------------------------------- */

static void assert_number(double value, int width, const char *expected)
{
    struct org_table t;

    org_table_init(&t, false, 1);
    org_number(&t, value, width);
    assert_string_equal(t.cells.at, expected);
    org_table_release(&t);
}

static void test_numbers_are_cut_to_their_width_behind_the_point_only(void **state)
{
    (void)state;
    assert_number(0.0479, 4, ".047"); /* cut, not rounded */
    assert_number(0.39416666666666667, 6, ".39416");
    assert_number(0.321, 6, " .321 ");
    assert_number(0.17, 6, "  .17 ");
    assert_number(3, 6, "  3.0 ");
    assert_number(0.0000125, 6, ".00001");
    assert_number(-0.5, 6, " -0.5 ");
    assert_number(1234.5678, 5, " 1234");
    assert_number(2498400, 6, "2498400"); /* where the existing tool says 249840 */
    assert_number(0, 4, " .0 ");
}

/* --- Documents ------------------------------------------------------------------ */

static void assert_document(const struct analysis *a, enum report_table table, const char *golden)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 20);
    report_org(a, table, &out);
    assert_golden(&out, golden);
    buffer_release(&out);
}

/* The rows are published for the very delays of the sample. */
static void test_the_end_to_end_table_has_the_published_rows(void **state)
{
    static const char published[] =
        "| # | 0.50 adoption, s |  .39416 | .22182 |  .321  |  .491  | .08743 |   .17  |      3.0  |"
        "   3.0  |\n"
        "| # | 0.80 adoption, s |   .498  | .27409 |  .3705 |  .642  |  .1365 |  .2715 |      3.0  |"
        "   3.0  |\n"
        "| # | 0.90 adoption, s |   .498  | .27409 |  .3705 |  .642  |  .1365 |  .2715 |      3.0  |"
        "   3.0  |\n";
    struct analysis a;
    struct buffer out;

    (void)state;
    sample_full(&a, true, false);
    buffer_init(&out, allocator_libc(), 1 << 20);
    report_org(&a, TABLE_METRICS, &out);
    assert_non_null(strstr(buffer_string(&out), published));
    buffer_release(&out);
    sample_release(&a);
}

static void test_documents_are_their_golden_files(void **state)
{
    struct analysis a;

    (void)state;
    sample_full(&a, true, true);
    assert_document(&a, TABLE_METRICS, "metrics.org");
    assert_document(&a, TABLE_BLOCKS, "blocks.org");
    sample_release(&a);
}

static void test_names_out_of_logs_neither_end_a_cell_nor_a_line(void **state)
{
    struct analysis a;

    (void)state;
    sample_partial(&a);
    assert_document(&a, TABLE_HOSTS, "hosts-hostile.org");
    sample_release(&a);
}

static void test_a_full_buffer_is_told(void **state)
{
    struct analysis a;
    struct buffer out;

    (void)state;
    sample_full(&a, false, false);
    buffer_init(&out, allocator_libc(), 1000);
    report_org(&a, TABLE_METRICS, &out);
    assert_int_equal(buffer_status(&out), OU_TOO_LARGE);
    buffer_release(&out);
    sample_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_drawn_as_the_existing_tools_own_tests_expect),
        cmocka_unit_test(test_numbers_are_cut_to_their_width_behind_the_point_only),
        cmocka_unit_test(test_the_end_to_end_table_has_the_published_rows),
        cmocka_unit_test(test_documents_are_their_golden_files),
        cmocka_unit_test(test_names_out_of_logs_neither_end_a_cell_nor_a_line),
        cmocka_unit_test(test_a_full_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
