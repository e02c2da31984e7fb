#include "http/server_private.h"
#include "support/test.h"

static void answer_open(struct http_answer *a)
{
    *a = (struct http_answer){ 0 };
}

static void answer_close(struct http_answer *a)
{
    buffer_release(&a->headers);
}

static void test_a_header_is_there_once_whatever_case_its_name_has(void **state)
{
    struct http_answer a;

    (void)state;
    answer_open(&a);
    assert_null(http_answer_header_of(&a, "ETag"));
    http_answer_header(&a, "ETag", "\"%d\"", 1);
    http_answer_header(&a, "Link", "<%s>; rel=\"next\"", "/x");
    http_answer_header(&a, "etag", "\"%d\"", 2);
    assert_string_equal(http_answer_header_of(&a, "ETAG"), "\"2\"");
    assert_string_equal(http_answer_header_of(&a, "Link"), "</x>; rel=\"next\"");
    assert_null(http_answer_header_of(&a, "Lin"));
    answer_close(&a);
}

static void test_headers_stand_in_the_order_in_which_they_were_said(void **state)
{
    static const char *const names[] = { "A", "B", "C" };
    struct http_answer a;
    const char *name = NULL;

    (void)state;
    answer_open(&a);
    assert_null(http_answer_header_next(&a, NULL));
    for (int i = 0; i < 3; i++)
        http_answer_header(&a, names[i], i == 1 ? "" : "x"); /* an empty value is one */
    for (int i = 0; i < 3; i++) {
        name = http_answer_header_next(&a, name);
        assert_string_equal(name, names[i]);
    }
    assert_null(http_answer_header_next(&a, name));
    answer_close(&a);
}

static void test_nobody_adds_lines(void **state)
{
    struct http_answer a;

    (void)state;
    answer_open(&a);
    http_answer_header(&a, "X-Name", "%s", "run\r\nSet-Cookie: a=b\t\x01\x7f.");
    assert_string_equal(http_answer_header_of(&a, "X-Name"), "run  Set-Cookie: a=b   .");
    answer_close(&a);
}

static void test_a_value_may_be_made_of_the_one_it_replaces(void **state)
{
    struct http_answer a;

    (void)state;
    answer_open(&a);
    http_answer_header(&a, "Vary", "Accept");
    http_answer_header(&a, "Vary", "%s, Origin", http_answer_header_of(&a, "Vary"));
    assert_string_equal(http_answer_header_of(&a, "Vary"), "Accept, Origin");
    answer_close(&a);
}

static void test_headers_have_a_largest_size(void **state)
{
    struct http_answer a;

    (void)state;
    answer_open(&a);
    http_answer_header(&a, "X-Long", "%100000d", 1);
    assert_int_equal(buffer_status(&a.headers), OU_TOO_LARGE);
    answer_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_is_there_once_whatever_case_its_name_has),
        cmocka_unit_test(test_headers_stand_in_the_order_in_which_they_were_said),
        cmocka_unit_test(test_nobody_adds_lines),
        cmocka_unit_test(test_a_value_may_be_made_of_the_one_it_replaces),
        cmocka_unit_test(test_headers_have_a_largest_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
