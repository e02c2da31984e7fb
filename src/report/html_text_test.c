#include "report/html_text.h"

#include "support/test.h"

static struct buffer out;

static void assert_becomes(void (*write)(struct buffer *, const char *), const char *text,
                           const char *expected)
{
    buffer_init(&out, allocator_libc(), 1 << 16);
    write(&out, text);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_markup_is_shown_not_obeyed(void **state)
{
    (void)state;
    assert_becomes(html_escape, "<img src=x onerror='a(\"1\")'>&amp;",
                   "&lt;img src=x onerror=&#39;a(&quot;1&quot;)&#39;&gt;&amp;amp;");
    assert_becomes(html_escape, "", "");
    assert_becomes(html_escape, "4 \xc2\xb5s", "4 \xc2\xb5s");
}

static void test_what_hides_or_reorders_is_shown_by_number(void **state)
{
    (void)state;
    assert_becomes(html_escape,
                   "a\xe2\x80\xae"
                   "b\n<",
                   "a\\u{202e}b\\x0a&lt;");
    assert_becomes(html_escape, "\xff", "\\xff");
}

static void test_json_cannot_leave_its_script(void **state)
{
    (void)state;
    assert_becomes(html_json, "{\"a\":\"</script><!--]]>\"}",
                   "{\"a\":\"\\u003c/script\\u003e\\u003c!--]]\\u003e\"}");
    assert_becomes(html_json, "\"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x93&\"",
                   "\"\\u2028\\u2029\xe2\x80\x93\\u0026\"");
    assert_becomes(html_json, "\xe2", "\xe2");
}

static void write_id(struct buffer *to, const char *text)
{
    html_id(to, "m-", text);
}

static void test_ids_are_plain(void **state)
{
    (void)state;
    assert_becomes(write_id, "endtoend/cdf0.50", "m-endtoend-cdf0-50");
    assert_becomes(write_id, "\" onclick=", "m-onclick");
    assert_becomes(write_id, "10.7.1 (New)", "m-10-7-1-new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_is_shown_not_obeyed),
        cmocka_unit_test(test_what_hides_or_reorders_is_shown_by_number),
        cmocka_unit_test(test_json_cannot_leave_its_script),
        cmocka_unit_test(test_ids_are_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
