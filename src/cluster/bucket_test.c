#include "cluster/bucket.h"

#include <string.h>

#include "support/test.h"

static const struct bucket b = { .prefix = "ouroscope/", .run = "r-1", .url_expires_s = 600 };
static struct ou_error err;

static void test_keys_are_of_the_run_and_the_host(void **state)
{
    char key[S3_KEY_BYTES_MAX + 1];

    (void)state;
    assert_int_equal(bucket_key(&b, "node-3", "state.json", key, &err), OU_OK);
    assert_string_equal(key, "ouroscope/r-1/node-3/state.json");
    assert_int_equal(bucket_key(&b, "", "probe", key, &err), OU_OK);
    assert_string_equal(key, "ouroscope/r-1/probe");
    assert_int_equal(bucket_key(&b, "", "", key, &err), OU_OK);
    assert_string_equal(key, "ouroscope/r-1/"); /* what all of them begin with */
}

static void test_a_key_that_is_too_long_is_refused(void **state)
{
    char key[S3_KEY_BYTES_MAX + 1], name[2000];

    (void)state;
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(bucket_key(&b, "", name, key, &err), OU_TOO_LARGE);
}

static void test_keys_are_taken_apart(void **state)
{
    struct span host;
    const char *name;

    (void)state;
    assert_true(bucket_key_parts(&b, "ouroscope/r-1/node-3/state.json", &host, &name));
    assert_true(span_is(host, "node-3"));
    assert_string_equal(name, "state.json");
    assert_true(bucket_key_parts(&b, "ouroscope/r-1/probe", &host, &name));
    assert_true(span_is(host, ""));
    assert_string_equal(name, "probe");
}

static void test_keys_of_others_are_told_apart(void **state)
{
    static const char *const others[] = { "",
                                          "ouroscope/",
                                          "ouroscope/r-1",
                                          "ouroscope/r-10/probe",
                                          "ouroscope/r-2/probe",
                                          "other/r-1/probe" };
    struct span host;
    const char *name;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(bucket_key_parts(&b, others[i], &host, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_are_of_the_run_and_the_host),
        cmocka_unit_test(test_a_key_that_is_too_long_is_refused),
        cmocka_unit_test(test_keys_are_taken_apart),
        cmocka_unit_test(test_keys_of_others_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
