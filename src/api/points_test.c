#include "support/test.h"

#include "api/points.h"

static void check(const char *target, const char *shown)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 10000);
    log_target(target, &text);
    assert_string_equal(buffer_string(&text), shown);
    buffer_release(&text);
}

static void test_a_target_is_shown_as_it_came(void **state)
{
    (void)state;
    check("/", "/");
    check("/api/v1/runs?limit=3&sort=-startedAt", "/api/v1/runs?limit=3&sort=-startedAt");
    check("/a?", "/a?");
    check("/a?&&b", "/a?&&b");
}

static void test_values_that_look_like_secrets_are_not_shown(void **state)
{
    (void)state;
    check("/a?token=ouro_x&b=1", "/a?token=***&b=1");
    check("/a?b=1&X-Amz-Signature=00ff", "/a?b=1&X-Amz-Signature=***");
    check("/a?access_TOKEN=x", "/a?access_TOKEN=***");
    check("/a?apiKey=", "/a?apiKey=***");
    check("/token=x", "/token=x"); /* no query */
}

static void test_a_long_target_is_cut(void **state)
{
    char long_one[6001];
    struct buffer text;

    (void)state;
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[6000] = '\0';
    buffer_init(&text, allocator_libc(), 10000);
    log_target(long_one, &text);
    assert_int_equal(text.len, 4096 + 3);
    assert_string_equal(text.at + 4096, "...");
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_target_is_shown_as_it_came),
        cmocka_unit_test(test_values_that_look_like_secrets_are_not_shown),
        cmocka_unit_test(test_a_long_target_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
