#include "profile/text_template.h"

#include <string.h>

#include "support/test.h"

static const struct template_word words[] = { { "port", "5000" }, { "name", "node-1" } };

static void fill(const char *text, const char *wanted)
{
    struct ou_error err = { 0 };
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1000);
    assert_int_equal(text_template_fill(text, words, 2, &out, &err), OU_OK);
    assert_string_equal(buffer_string(&out), wanted);
    buffer_release(&out);
}

static void refuse(const char *text, const char *reason)
{
    struct ou_error err = { 0 };
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1000);
    assert_int_equal(text_template_fill(text, words, 2, &out, &err), OU_INVALID);
    assert_non_null(strstr(err.text, reason));
    buffer_release(&out);
}

static void test_words_are_replaced_and_nothing_else(void **state)
{
    (void)state;
    fill("", "");
    fill("plain {port}", "plain {port}");
    fill("%{name}:%{port}", "node-1:5000");
    fill("%{port}%{port}", "50005000");
    fill("100%% of %%{port}", "100% of %{port}");
}

static void test_what_a_value_says_is_not_read_again(void **state)
{
    static const struct template_word tricky[] = { { "a", "%{b}" }, { "b", "no" } };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1000);
    assert_int_equal(text_template_fill("%{a}", tricky, 2, &out, NULL), OU_OK);
    assert_string_equal(buffer_string(&out), "%{b}");
    buffer_release(&out);
}

static void test_unknown_words_are_told_with_what_was_meant(void **state)
{
    (void)state;
    refuse("--port=%{prot}", "did you mean %{port}?");
    refuse("%{something}", "there is no %{something}");
    refuse("%{}", "there is no %{}");
}

static void test_a_percent_sign_alone_is_told(void **state)
{
    (void)state;
    refuse("50%", "written twice");
    refuse("%d", "written twice");
    refuse("%{port", "written twice");
}

static void test_what_is_too_long_is_told(void **state)
{
    struct ou_error err = { 0 };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 4);
    assert_int_equal(text_template_fill("%{name}", words, 2, &out, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "%{name}"));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_replaced_and_nothing_else),
        cmocka_unit_test(test_what_a_value_says_is_not_read_again),
        cmocka_unit_test(test_unknown_words_are_told_with_what_was_meant),
        cmocka_unit_test(test_a_percent_sign_alone_is_told),
        cmocka_unit_test(test_what_is_too_long_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
