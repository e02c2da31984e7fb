#include "report/document_writers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "json/tree.h"
#include "report/document_sample_test.h"
#include "report/safe_text.h"
#include "support/test.h"

static const struct text_style plain = { 100, false, true, true };

static void written(enum document_format format, const struct text_style *style, struct buffer *ret)
{
    struct document d;

    sample_document(&d);
    buffer_init(ret, allocator_libc(), 1 << 22);
    document_write(&d, format, style, ret);
    assert_int_equal(buffer_status(ret), OU_OK);
    document_release(&d);
}

static void assert_is_golden(enum document_format format, struct text_style style, const char *name)
{
    char path[256];
    struct buffer got, expected;

    written(format, &style, &got);
    snprintf(path, sizeof path, "tests/data/golden/document/%s", name);
    if (getenv("OUROSCOPE_WRITE_GOLDEN")) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fwrite(got.at, 1, got.len, file);
        fclose(file);
    } else {
        buffer_init(&expected, allocator_libc(), 1 << 22);
        assert_int_equal(file_read(path, &expected, NULL), OU_OK);
        assert_string_equal(buffer_string(&got), buffer_string(&expected));
        buffer_release(&expected);
    }
    buffer_release(&got);
}

static void test_each_form_is_its_golden_file(void **state)
{
    (void)state;
    assert_is_golden(DOCUMENT_TEXT, (struct text_style){ 100, false, true, false }, "document.txt");
    assert_is_golden(DOCUMENT_TEXT, (struct text_style){ 80, false, false, false },
                     "document-ascii.txt");
    assert_is_golden(DOCUMENT_TEXT, (struct text_style){ 100, true, true, false },
                     "document-colour.txt");
    assert_is_golden(DOCUMENT_MARKDOWN, plain, "document.md");
    assert_is_golden(DOCUMENT_ORG, plain, "document.org");
    assert_is_golden(DOCUMENT_CSV, plain, "document.csv");
    assert_is_golden(DOCUMENT_JSON, plain, "document.json");
}

static void test_the_same_document_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int format = 0; format < DOCUMENT_FORMATS; format++) {
        struct buffer first, second;

        written((enum document_format)format, &plain, &first);
        written((enum document_format)format, &plain, &second);
        assert_true(first.len > 0);
        assert_string_equal(buffer_string(&first), buffer_string(&second));
        buffer_release(&first);
        buffer_release(&second);
    }
}

static void test_formats_are_found_by_their_names(void **state)
{
    enum document_format format;

    (void)state;
    for (int i = 0; i < DOCUMENT_FORMATS; i++) {
        assert_true(document_format_find(document_format_name((enum document_format)i), &format));
        assert_int_equal(format, i);
    }
    assert_false(document_format_find("pdf", &format));
}

/* --- Terminals ------------------------------------------------------------------- */

static void test_no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    for (int width = 80; width <= 200; width++) {
        struct text_style style = { width, false, true, true };
        struct buffer out;

        written(DOCUMENT_TEXT, &style, &out);
        for (const char *line = buffer_string(&out); *line;) {
            size_t len = strcspn(line, "\n");

            if ((int)text_columns((struct span){ line, len }) > width)
                fail_msg("at width %d: %.*s", width, (int)len, line);
            assert_true(len == 0 || line[len - 1] != ' ');
            line += len + (line[len] == '\n');
        }
        buffer_release(&out);
    }
}

static void test_a_narrow_page_loses_no_column(void **state)
{
    static const char *const words[] = { "mean, s", "95 %",       "change",
                                         "verdict", "regression", "1,234.500" };
    struct text_style style = { 40, false, true, true };
    struct buffer out;

    (void)state;
    written(DOCUMENT_TEXT, &style, &out);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_non_null(strstr(buffer_string(&out), words[i]));
    buffer_release(&out);
}

/* Rows that two columns name are told apart in each part of a table. */
static void test_each_part_of_a_table_has_the_names_of_its_rows(void **state)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "effect", .head = "of", .key = true },
        { .id = "a", .head = "the first of two long heads" },
        { .id = "b", .head = "the second one of two long heads" },
    };
    struct text_style style = { .width = 60, .utf8 = true };
    const char *second;
    struct doc_table *t;
    struct document d;
    struct buffer out;

    (void)state;
    document_init(&d);
    d.title = d.subtitle = "t";
    t = document_table(&d, "t", "t", columns, 4);
    doc_add_text(&d, t, "CPU");
    doc_add_text(&d, t, "cores");
    doc_add_text(&d, t, "one");
    doc_add_text(&d, t, "two");
    buffer_init(&out, allocator_libc(), 1 << 16);
    document_to_text(&d, &style, &out);
    second = strstr(buffer_string(&out), "metric  of     the second");
    assert_non_null(second);
    assert_non_null(strstr(second, "CPU     cores  two"));
    buffer_release(&out);
    document_release(&d);
}

static void test_foreign_text_cannot_steer_a_terminal(void **state)
{
    (void)state;
    for (int format = 0; format <= DOCUMENT_ORG; format++) {
        struct buffer out;

        written((enum document_format)format, &plain, &out);
        assert_null(strchr(buffer_string(&out), '\x1b'));
        assert_null(strstr(buffer_string(&out), "\xe2\x80\xae")); /* right-to-left override */
        buffer_release(&out);
    }
}

static void test_ascii_is_ascii(void **state)
{
    struct text_style style = { 80, false, false, true };
    struct buffer out;

    (void)state;
    written(DOCUMENT_TEXT, &style, &out);
    for (const char *at = buffer_string(&out); *at; at++)
        assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
    buffer_release(&out);
}

static void test_colour_is_the_only_thing_that_colour_adds(void **state)
{
    struct text_style coloured = { 100, true, true, true };
    struct buffer with, without, stripped;

    (void)state;
    written(DOCUMENT_TEXT, &coloured, &with);
    written(DOCUMENT_TEXT, &plain, &without);
    buffer_init(&stripped, allocator_libc(), 1 << 22);
    for (const char *at = buffer_string(&with); *at; at++) {
        if (*at == '\x1b')
            at = strchr(at, 'm');
        else
            buffer_char(&stripped, *at);
    }
    assert_true(with.len > without.len);
    assert_string_equal(buffer_string(&stripped), buffer_string(&without));
    buffer_release(&with);
    buffer_release(&without);
    buffer_release(&stripped);
}

/* --- Markdown and Org ------------------------------------------------------------ */

static void test_foreign_text_is_no_markdown(void **state)
{
    static const char *const never[] = { "<b>", "</script>", " `c`" };
    struct buffer out;

    (void)state;
    written(DOCUMENT_MARKDOWN, &plain, &out);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strstr(buffer_string(&out), never[i]))
            fail_msg("%s is in the document", never[i]);
    assert_non_null(strstr(buffer_string(&out), "&amp;amp; ")); /* what said "&amp;" still does */
    buffer_release(&out);
}

/* Each row of a table has as many cells as its head, whatever stands in them. */
static void test_rows_of_markdown_have_equally_many_cells(void **state)
{
    struct buffer out;
    size_t rows = 0;

    (void)state;
    written(DOCUMENT_MARKDOWN, &plain, &out);
    for (const char *line = buffer_string(&out); (line = strstr(line, "\n|")); line++) {
        size_t bars = 0;

        for (const char *at = line + 1; *at != '\n'; at++)
            bars += *at == '|' && at[-1] != '\\';
        assert_int_equal(bars, 6);
        rows++;
    }
    assert_int_equal(rows, 4);
    buffer_release(&out);
}

static void test_foreign_text_is_no_org_link_macro_or_keyword(void **state)
{
    struct buffer out;

    (void)state;
    written(DOCUMENT_ORG, &plain, &out);
    assert_null(strstr(buffer_string(&out), "[[file:"));
    assert_null(strstr(buffer_string(&out), "{{{"));
    assert_null(strstr(buffer_string(&out), "\n* One paragraph"));
    buffer_release(&out);
}

/* --- Numbers --------------------------------------------------------------------- */

/* What a reader of JSON gets is what was put in, to the bit. */
static void test_json_has_every_number_in_full(void **state)
{
    struct buffer out;
    json_t *document, *tables, *row;

    (void)state;
    written(DOCUMENT_JSON, &plain, &out);
    document = json_loadb(out.at, out.len, 0, NULL);
    assert_non_null(document);
    tables = json_object_get(document, "tables");
    row = json_array_get(json_object_get(json_array_get(tables, 0), "rows"), 0);
    assert_string_equal(json_string_value(json_array_get(row, 1)), "endtoend/cdf0.50");
    assert_true(json_number_value(json_array_get(row, 2)) == 1234.5);
    assert_true(json_number_value(json_array_get(row, 3)) == 1230.25);
    assert_string_equal(json_string_value(json_array_get(row, 4)), "unbounded");
    assert_true(json_number_value(json_array_get(row, 7)) == .012345678901234567);
    assert_int_equal(json_array_size(json_object_get(document, "figures")), 2);
    json_decref(document);
    buffer_release(&out);
}

static void test_a_full_buffer_is_told(void **state)
{
    (void)state;
    for (int format = 0; format < DOCUMENT_FORMATS; format++) {
        struct document d;
        struct buffer out;

        sample_document(&d);
        buffer_init(&out, allocator_libc(), 300);
        document_write(&d, (enum document_format)format, &plain, &out);
        assert_int_equal(buffer_status(&out), OU_TOO_LARGE);
        buffer_release(&out);
        document_release(&d);
    }
}

static void test_an_empty_document_has_a_form_too(void **state)
{
    (void)state;
    for (int format = 0; format < DOCUMENT_FORMATS; format++) {
        struct document d;
        struct buffer out;

        document_init(&d);
        buffer_init(&out, allocator_libc(), 1 << 24);
        document_write(&d, (enum document_format)format, &plain, &out);
        assert_int_equal(buffer_status(&out), OU_OK);
        buffer_release(&out);
        document_release(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_is_its_golden_file),
        cmocka_unit_test(test_the_same_document_gives_the_same_bytes),
        cmocka_unit_test(test_formats_are_found_by_their_names),
        cmocka_unit_test(test_no_line_is_wider_than_the_page),
        cmocka_unit_test(test_a_narrow_page_loses_no_column),
        cmocka_unit_test(test_each_part_of_a_table_has_the_names_of_its_rows),
        cmocka_unit_test(test_foreign_text_cannot_steer_a_terminal),
        cmocka_unit_test(test_ascii_is_ascii),
        cmocka_unit_test(test_colour_is_the_only_thing_that_colour_adds),
        cmocka_unit_test(test_foreign_text_is_no_markdown),
        cmocka_unit_test(test_rows_of_markdown_have_equally_many_cells),
        cmocka_unit_test(test_foreign_text_is_no_org_link_macro_or_keyword),
        cmocka_unit_test(test_json_has_every_number_in_full),
        cmocka_unit_test(test_a_full_buffer_is_told),
        cmocka_unit_test(test_an_empty_document_has_a_form_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
