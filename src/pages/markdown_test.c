#include "pages/text.h"
#include "support/test.h"

static void assert_becomes(const char *text, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 16);
    page_markdown(text, &out);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_lines_are_what_they_begin_with(void **state)
{
    (void)state;
    assert_becomes("# A title\n\nTwo\nlines.\n\n- one\n  more\n- two\n",
                   "<h1 id=\"a-title\">A title</h1>\n<p>Two\nlines.\n</p>\n"
                   "<ul>\n<li>one  more\n</li>\n<li>two</li>\n</ul>\n");
    assert_becomes("## Of `code` **so**",
                   "<h2 id=\"of-code-so\">Of <code>code</code> <strong>so</strong></h2>\n");
    assert_becomes("", "");
}

static void test_code_is_as_it_stands(void **state)
{
    (void)state;
    assert_becomes("```sh\ncurl -d '{\"a\": 1}' \\\n  **x**\n```\n",
                   "<pre tabindex=\"0\"><code>curl -d &#39;{&quot;a&quot;: 1}&#39; \\\n  **x**\n"
                   "</code></pre>\n");
}

static void test_tables_have_a_head(void **state)
{
    (void)state;
    assert_becomes(
        "| a | b |\n|---|---|\n| `x` | 1 |\n",
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Table\"><table>\n"
        "<thead><tr><th scope=\"col\"> a </th><th scope=\"col\"> b </th></tr></thead>\n"
        "<tbody>\n<tr><td> <code>x</code> </td><td> 1 </td></tr>\n"
        "</tbody></table></div>\n");
}

static void test_links_stay_on_the_server(void **state)
{
    (void)state;
    assert_becomes("[a](problems.md#rate)", "<p><a href=\"/docs/problems#rate\">a</a>\n</p>\n");
    assert_becomes("[a](/docs) [b](#c)", "<p><a href=\"/docs\">a</a> <a href=\"#c\">b</a>\n</p>\n");
    assert_becomes("[a](../howto/x.md)", "<p>a\n</p>\n");
    assert_becomes("[a](javascript:alert(1))", "<p>a)\n</p>\n");
}

static void test_markup_is_text(void **state)
{
    (void)state;
    assert_becomes("<script>alert(1)</script> & `<b>` [<i>](/a\"b)",
                   "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>&lt;b&gt;</code> "
                   "<a href=\"/a&quot;b\">&lt;i&gt;</a>\n</p>\n");
}

static void test_what_has_no_end_is_text(void **state)
{
    (void)state;
    assert_becomes("a `b **c [d](e", "<p>a `b **c [d](e\n</p>\n");
    assert_becomes("```\nx", "<pre tabindex=\"0\"><code>x\n</code></pre>\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_what_they_begin_with),
        cmocka_unit_test(test_code_is_as_it_stands),
        cmocka_unit_test(test_tables_have_a_head),
        cmocka_unit_test(test_links_stay_on_the_server),
        cmocka_unit_test(test_markup_is_text),
        cmocka_unit_test(test_what_has_no_end_is_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
