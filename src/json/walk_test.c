/* What is JSON and what is not: the oracle is jansson, which reads strictly, too. */
#include "json/walk.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "support/files.h"
#include "support/test.h"

/* Walks to the end; the status of the last step. */
static enum ou_status walk_all(const char *path, struct json_walk *w, struct ou_error *err)
{
    struct walk_value v = { .kind = WALK_NULL };
    enum ou_status status = json_walk_open(w, path, err);

    while (!status && v.kind != WALK_END)
        status = json_walk_next(w, &v, err);
    json_walk_close(w);
    return status;
}

static enum ou_status walk_text(struct temp_dir *dir, const void *text, size_t len,
                                struct json_walk *w)
{
    struct ou_error err = { 0 };
    char path[300];

    snprintf(path, sizeof path, "%s/document", dir->path);
    write_file(path, text, len);
    return walk_all(path, w, &err);
}

static const char sample[] = "{\n"
                             "  \"a\": [1, -2.5e3, true],\r\n"
                             "\t\"b\\u0021\" : \"x\\ny\", \"c\":{}\n"
                             "}\n";

static void test_values_come_in_order_with_their_places(void **state)
{
    static const struct {
        enum walk_kind kind;
        const char *name, *text;
        uint64_t at, end, line, column;
    } wanted[] = {
        { WALK_OBJECT, NULL, "", 0, 1, 1, 1 },      { WALK_ARRAY, "a", "", 9, 10, 2, 8 },
        { WALK_NUMBER, NULL, "1", 10, 11, 2, 9 },   { WALK_NUMBER, NULL, "-2.5e3", 13, 19, 2, 12 },
        { WALK_TRUE, NULL, "true", 21, 25, 2, 20 }, { WALK_CLOSE, NULL, "", 25, 26, 2, 24 },
        { WALK_TEXT, "b!", "x\ny", 42, 48, 3, 14 }, { WALK_OBJECT, "c", "", 54, 55, 3, 26 },
        { WALK_CLOSE, NULL, "", 55, 56, 3, 27 },    { WALK_CLOSE, NULL, "", 57, 58, 4, 1 },
    };
    struct temp_dir dir;
    struct json_walk w;
    struct walk_value v;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(json_walk_open(&w, temp_file(&dir, "sample", sample), NULL), OU_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_int_equal(v.kind, wanted[i].kind);
        assert_int_equal(v.is_member, wanted[i].name != NULL);
        if (wanted[i].name)
            assert_true(span_is(v.name, wanted[i].name));
        assert_true(span_is(v.text, wanted[i].text));
        assert_int_equal(v.at, wanted[i].at);
        assert_int_equal(v.end, wanted[i].end);
        assert_int_equal(v.line, wanted[i].line);
        assert_int_equal(v.column, wanted[i].column);
    }
    assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
    assert_int_equal(v.kind, WALK_END);
    json_walk_close(&w);
    temp_dir_remove(&dir);
}

static void test_names_and_texts_are_there_as_they_stand_too(void **state)
{
    struct temp_dir dir;
    struct json_walk w;
    struct walk_value v;
    uint64_t end;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(json_walk_open(&w, temp_file(&dir, "sample", sample), NULL), OU_OK);
    assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
    assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
    assert_int_equal(json_walk_skip(&w, &end, NULL), OU_OK);
    assert_int_equal(end, 26);
    assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
    assert_true(span_is(v.raw_name, "b\\u0021"));
    assert_int_equal(v.name_at, 30);
    assert_true(span_is(v.raw, "x\\ny"));
    json_walk_close(&w);
    temp_dir_remove(&dir);
}

static void test_every_cut_document_is_refused(void **state)
{
    struct temp_dir dir;
    struct json_walk w;

    (void)state;
    temp_dir_make(&dir);
    for (size_t len = 0; len < 58; len++) {
        assert_int_equal(walk_text(&dir, sample, len, &w), OU_INVALID);
        assert_non_null(w.problem);
    }
    assert_int_equal(walk_text(&dir, sample, 58, &w), OU_OK);
    temp_dir_remove(&dir);
}

static bool jansson_takes(const char *text, size_t len)
{
    json_t *tree = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    json_decref(tree);
    return tree != NULL;
}

static void test_documents_with_one_byte_changed_are_taken_as_jansson_takes_them(void **state)
{
    static const char document[] =
        "{\"a\":[1,-0.5e+1,true,null],\"b\\\"\\u00e9\":{\"\":\"\\ud83d\\ude00\"},\"c\":[],\"d\":12}";
    static const char bytes[] = "{}[]\",:\\x0-+.eEu 1/\n\t\x01\x7f\xc3\xff";
    struct temp_dir dir;
    struct json_walk w;
    char changed[sizeof document];
    size_t differ = 0;

    (void)state;
    temp_dir_make(&dir);
    for (size_t at = 0; at + 1 < sizeof document; at++) {
        for (size_t i = 0; i + 1 < sizeof bytes; i++) {
            memcpy(changed, document, sizeof document);
            changed[at] = bytes[i];
            if ((walk_text(&dir, changed, sizeof document - 1, &w) == OU_OK) !=
                jansson_takes(changed, sizeof document - 1)) {
                print_error("%s\n", changed);
                differ++;
            }
        }
    }
    assert_int_equal(differ, 0);
    temp_dir_remove(&dir);
}

static void test_what_is_wrong_is_told_with_its_place(void **state)
{
    static const struct {
        const char *text;
        uint64_t line, column;
        const char *problem;
    } cases[] = {
        { "{\"a\":1,\n}", 2, 1, "a comma stands before" },
        { "[1,2,]", 1, 6, "a comma stands before" },
        { "{\"a\" 1}", 1, 6, "colon" },
        { "{a:1}", 1, 2, "quotation marks" },
        { "[1 2]", 1, 4, "a comma or ]" },
        { "{\"a\":1 \"b\":2}", 1, 8, "a comma or }" },
        { "[01]", 1, 2, "neither" },
        { "[\n\n +1]", 3, 2, "neither" },
        { "[NaN]", 1, 2, "neither" },
        { "{} {}", 1, 4, "behind the end" },
        { "\xef\xbb\xbf{}", 1, 1, "neither" },
        { "[\"a\tb\"]", 1, 4, "below a blank" },
        { "[\"\\x\"]", 1, 6, "escape" },
        { "[\"\\ud800\"]", 1, 10, "escape" },
        { "[\"\xc3\"]", 1, 2, "UTF-8" },
        { "", 1, 1, "too early" },
        { "[[]", 1, 4, "too early" },
        { "]", 1, 1, "neither" },
    };
    struct temp_dir dir;
    struct json_walk w;

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(walk_text(&dir, cases[i].text, strlen(cases[i].text), &w), OU_INVALID);
        if (!strstr(w.problem, cases[i].problem))
            fail_msg("%s: %s", cases[i].text, w.problem);
        assert_int_equal(w.problem_line, cases[i].line);
        assert_int_equal(w.problem_column, cases[i].column);
    }
    temp_dir_remove(&dir);
}

/* Blanks, texts and names that lie across the ends of what is read at once. */
static void test_values_may_stand_anywhere_in_a_large_file(void **state)
{
    const size_t size = (size_t)3 << 20, text_len = WALK_TEXT_MAX - 1;
    char *document = malloc(size);
    struct temp_dir dir;
    struct json_walk w;
    struct walk_value v;

    (void)state;
    temp_dir_make(&dir);
    for (size_t lead = 1048540; lead < 1048610; lead++) {
        size_t len = lead;

        memset(document, '\n', lead);
        len += (size_t)sprintf(document + len, "{\"name\\\\\":\"");
        memset(document + len, 'x', text_len);
        len += text_len;
        len += (size_t)sprintf(document + len, "\", \"b\": 12345 }");
        write_file(temp_path(&dir, "large"), document, len);
        assert_int_equal(json_walk_open(&w, temp_path(&dir, "large"), NULL), OU_OK);
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_int_equal(v.at, lead);
        assert_int_equal(v.line, lead + 1);
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_true(span_is(v.name, "name\\"));
        assert_int_equal(v.text.len, text_len);
        assert_int_equal(v.text.at[text_len - 1], 'x');
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_true(span_is(v.name, "b"));
        assert_true(span_is(v.text, "12345"));
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_int_equal(json_walk_next(&w, &v, NULL), OU_OK);
        assert_int_equal(v.kind, WALK_END);
        json_walk_close(&w);
        lead += lead == 1048580 ? 0 : 7;
    }
    free(document);
    temp_dir_remove(&dir);
}

static void test_endless_texts_numbers_names_and_brackets_are_refused(void **state)
{
    const size_t size = (size_t)5 << 20;
    static const char *const starts[] = { "[\"", "[", "{\"", "" };
    static const char fills[] = "x1x[";
    char *document = malloc(size);
    struct temp_dir dir;
    struct json_walk w;

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < 4; i++) {
        const size_t len = strlen(starts[i]);

        memset(document, fills[i], size);
        memcpy(document, starts[i], len);
        assert_int_equal(walk_text(&dir, document, size, &w), OU_INVALID);
        assert_null(strstr(w.problem, "too early"));
    }
    free(document);
    temp_dir_remove(&dir);
}

static void test_a_pipe_is_read_as_well(void **state)
{
    int ends[2];
    char path[40];
    struct json_walk w;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], sample, 58), 58);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(walk_all(path, &w, &err), OU_OK);
    close(ends[0]);
}

static void test_what_is_no_file_is_named(void **state)
{
    struct temp_dir dir;
    struct json_walk w;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(walk_all(temp_path(&dir, "absent"), &w, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "absent"));
    assert_int_equal(walk_all(dir.path, &w, &err), OU_IO);
    assert_non_null(strstr(err.text, "directory"));
    temp_dir_remove(&dir);
}

static void collect(void *context, const char *bytes, size_t count)
{
    buffer_append(context, bytes, count);
}

static void test_a_text_is_walked_as_a_file_is_and_a_tap_has_all_of_it(void **state)
{
    struct json_walk w;
    struct walk_value v = { .kind = WALK_NULL };
    struct ou_error err = { 0 };
    struct buffer all;
    int steps = 0;

    (void)state;
    buffer_init(&all, allocator_libc(), 4096);
    assert_int_equal(json_walk_open_text(&w, span_of(sample), "sample", &err), OU_OK);
    json_walk_tap(&w, collect, &all);
    for (; v.kind != WALK_END; steps++)
        assert_int_equal(json_walk_next(&w, &v, &err), OU_OK);
    assert_int_equal(steps, 11);
    assert_string_equal(buffer_string(&all), sample);
    json_walk_close(&w);
    buffer_release(&all);

    assert_int_equal(json_walk_open_text(&w, span_of("{\n]"), "sample", &err), OU_OK);
    assert_int_equal(json_walk_next(&w, &v, &err), OU_OK);
    assert_int_equal(json_walk_next(&w, &v, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "sample:2:1: "));
    json_walk_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_come_in_order_with_their_places),
        cmocka_unit_test(test_names_and_texts_are_there_as_they_stand_too),
        cmocka_unit_test(test_every_cut_document_is_refused),
        cmocka_unit_test(test_documents_with_one_byte_changed_are_taken_as_jansson_takes_them),
        cmocka_unit_test(test_what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(test_values_may_stand_anywhere_in_a_large_file),
        cmocka_unit_test(test_endless_texts_numbers_names_and_brackets_are_refused),
        cmocka_unit_test(test_a_pipe_is_read_as_well),
        cmocka_unit_test(test_what_is_no_file_is_named),
        cmocka_unit_test(test_a_text_is_walked_as_a_file_is_and_a_tap_has_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
