#include "cmd/document_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static const struct option_info rows[] = {
    [0] = { .name = "other" },
    [1 + DOCUMENT_OPTION_FORMAT] = { .name = "format", .argument = "FORMAT" },
    [1 + DOCUMENT_OPTION_JSON] = { .name = "json" },
    [1 + DOCUMENT_OPTION_OUT] = { .name = "out", .argument = "FILE" },
    [1 + DOCUMENT_OPTION_FULL] = { .name = "full" },
    [1 + DOCUMENT_OPTION_WIDTH] = { .name = "width", .argument = "COLUMNS" },
    [1 + DOCUMENT_OPTION_ASCII] = { .name = "ascii" },
    [1 + DOCUMENT_OPTION_COLOR] = { .name = "color", .argument = "WHEN" },
    [1 + DOCUMENT_OPTION_QUIET] = { .name = "quiet" },
};
static const struct command command = {
    .name = "test",
    .options = rows,
    .option_count = sizeof rows / sizeof *rows,
};

/* Plans what a command line asks for; the words of it end in NULL. */
static enum ou_status plan(const char *const *words, struct document_output *ret,
                           struct ou_error *err)
{
    struct parsed_options options = { 0 };
    enum ou_status status;
    int count = 0;

    while (words[count])
        count++;
    assert_int_equal(
        options_parse(&command, allocator_libc(), count, (char *const *)words, &options, err),
        OU_OK);
    status = document_output_plan(&options, 1, ret, err);
    options_release(&options);
    return status;
}

#define WORDS(...) ((const char *[]){ __VA_ARGS__, NULL })

static void test_the_form_is_told_by_option_or_ending(void **state)
{
    static const char *const endings[DOCUMENT_FORMATS] = {
        [DOCUMENT_TEXT] = "a.b/c.txt", [DOCUMENT_MARKDOWN] = "c.md", [DOCUMENT_ORG] = "c.org",
        [DOCUMENT_CSV] = "c.x.csv",    [DOCUMENT_JSON] = "c.json",   [DOCUMENT_HTML] = "/c.html",
    };
    struct document_output o;

    (void)state;
    for (int i = 0; i < DOCUMENT_FORMATS; i++) {
        assert_int_equal(plan(WORDS("--out", endings[i]), &o, NULL), OU_OK);
        assert_int_equal(o.format, i);
        assert_true(o.format_told);
        assert_string_equal(o.path, endings[i]);
    }
    assert_int_equal(plan(WORDS("--format", "md", "--out", "c.pdf"), &o, NULL), OU_OK);
    assert_int_equal(o.format, DOCUMENT_MARKDOWN);
    assert_int_equal(plan(WORDS("--quiet"), &o, NULL), OU_OK);
    assert_int_equal(o.format, DOCUMENT_TEXT);
    assert_false(o.format_told);
    assert_true(o.quiet);
}

static void test_what_contradicts_itself_is_refused(void **state)
{
    const char *const *const wrong[] = {
        WORDS("--json", "--format", "md"),
        WORDS("--out", "c"),
        WORDS("--out", "c.pdf"),
        WORDS("--out", "a.md/c"),
        WORDS("--out", ""),
        WORDS("--width", "39"),
        WORDS("--format", "md", "--out", "c.html"),
        WORDS("--json", "--out", "c.html"),
        WORDS("--width", "1e2"),
        WORDS("--width", "80x"),
        WORDS("--width", "99999999999"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct document_output o;
        struct ou_error err = { 0 };

        assert_int_equal(plan(wrong[i], &o, &err), OU_USAGE);
        assert_true(err.text[0] == '-');
    }
}

static void test_json_is_the_file_of_the_command_whatever_it_is_called(void **state)
{
    struct document_output o;

    (void)state;
    assert_int_equal(plan(WORDS("--json", "--out", "c.variance"), &o, NULL), OU_OK);
    assert_true(o.structured);
}

static void test_a_file_looks_the_same_wherever_it_is_written(void **state)
{
    struct document_output o;

    (void)state;
    setenv("COLUMNS", "57", 1);
    setenv("LC_ALL", "C", 1);
    assert_int_equal(plan(WORDS("--out", "c.txt"), &o, NULL), OU_OK);
    assert_int_equal(o.style.width, 100);
    assert_true(o.style.utf8);
    assert_false(o.style.colour);
    assert_int_equal(
        plan(WORDS("--out", "c.txt", "--ascii", "--width", "70", "--color", "always"), &o, NULL),
        OU_OK);
    assert_int_equal(o.style.width, 70);
    assert_false(o.style.utf8);
    assert_true(o.style.colour);
    unsetenv("COLUMNS");
    unsetenv("LC_ALL");
}

static void put_result(const void *result, struct buffer *out)
{
    buffer_text(out, result);
}

static void assert_file(const char *path, const char *expected)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), OU_OK);
    assert_string_equal(buffer_string(&text), expected);
    buffer_release(&text);
}

static void test_documents_and_results_go_to_files(void **state)
{
    struct document_output o = { .command = &command, .format_told = true, .quiet = true };
    struct temp_dir dir;
    struct document d;

    (void)state;
    temp_dir_make(&dir);
    document_init(&d);
    d.title = "A title";
    o.path = temp_path(&dir, "a.md");
    o.format = DOCUMENT_MARKDOWN;
    assert_int_equal(document_output_write(&o, &d, put_result, "result", NULL), OU_OK);
    assert_file(o.path, "# A title\n");
    o.structured = true;
    assert_int_equal(document_output_write(&o, &d, put_result, "result", NULL), OU_OK);
    assert_file(o.path, "result");
    document_release(&d);
    temp_dir_remove(&dir);
}

/* What was there before stays. */
static void test_a_document_that_has_failed_is_not_written(void **state)
{
    struct document_output o = { .command = &command, .quiet = true };
    struct temp_dir dir;
    struct document d;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    document_init(&d);
    o.path = temp_file(&dir, "a.txt", "old");
    d.status = OU_TOO_LARGE;
    assert_int_equal(document_output_write(&o, &d, NULL, NULL, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "report"));
    assert_file(o.path, "old");
    document_release(&d);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_form_is_told_by_option_or_ending),
        cmocka_unit_test(test_what_contradicts_itself_is_refused),
        cmocka_unit_test(test_json_is_the_file_of_the_command_whatever_it_is_called),
        cmocka_unit_test(test_a_file_looks_the_same_wherever_it_is_written),
        cmocka_unit_test(test_documents_and_results_go_to_files),
        cmocka_unit_test(test_a_document_that_has_failed_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
