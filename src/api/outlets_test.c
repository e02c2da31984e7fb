#include "api/outlets.h"

#include <stdio.h>

#include "base/file.h"
#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

static const struct delivery example = { .id = "0123456789abcdef0123456789abcdef",
                                         .outlet = "chat",
                                         .event = "opened",
                                         .alert = "{\"says\":\"CPU is 90 %\"}" };

static void test_a_message_is_the_alert_in_an_envelope(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1000);
    outlet_message(&example, &out);
    assert_string_equal(buffer_string(&out),
                        "{\"delivery\":\"0123456789abcdef0123456789abcdef\",\"event\":\"opened\","
                        "\"alert\":{\"says\":\"CPU is 90 %\"}}");
    buffer_release(&out);
}

/* RFC 4231, test case 2. */
static void test_signatures_are_those_of_the_standard(void **state)
{
    char signature[SIGNATURE_ROOM];

    (void)state;
    outlet_sign("Jefe", span_of("what do ya want for nothing?"), signature);
    assert_string_equal(signature,
                        "sha256="
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_pauses_grow_to_an_hour_and_are_spread(void **state)
{
    (void)state;
    assert_true(outlet_pause_ns(1, 0) == NS_PER_SECOND / 2);
    assert_true(outlet_pause_ns(1, 1) == NS_PER_SECOND);
    assert_true(outlet_pause_ns(5, 1) == 16 * NS_PER_SECOND);
    assert_true(outlet_pause_ns(13, 1) == 3600 * NS_PER_SECOND);
    assert_true(outlet_pause_ns(INT64_MAX, 0) == 1800 * NS_PER_SECOND);
}

static enum ou_status run_script(const char *script, char why[OUTLET_WHY_ROOM])
{
    const char *const command[] = { "sh", "-c", script, NULL };
    const struct api_outlet outlet = { .name = "log", .command = command };
    const atomic_bool never = false;

    return outlet_send(&outlet, NULL, &example, span_of("the message"), &never, why);
}

static void test_a_command_reads_the_message_on_its_standard_input(void **state)
{
    struct temp_dir dir;
    char script[512], why[OUTLET_WHY_ROOM];
    struct buffer got;

    (void)state;
    temp_dir_make(&dir);
    buffer_init(&got, allocator_libc(), 100);
    snprintf(script, sizeof script, "cat > %s", temp_path(&dir, "got"));
    assert_int_equal(run_script(script, why), OU_OK);
    assert_int_equal(file_read(temp_path(&dir, "got"), &got, NULL), OU_OK);
    assert_string_equal(buffer_string(&got), "the message");
    buffer_release(&got);
    temp_dir_remove(&dir);
}

static void test_a_command_that_fails_says_why_in_one_line(void **state)
{
    char why[OUTLET_WHY_ROOM];

    (void)state;
    assert_int_equal(run_script("echo one >&2; printf 'no\\033such chat\\n' >&2; exit 3", why),
                     OU_IO);
    assert_string_equal(why, "exit status 3: no such chat");
    assert_int_equal(run_script("exit 1", why), OU_IO);
    assert_string_equal(why, "exit status 1");
}

static void test_a_command_that_is_not_there_is_told(void **state)
{
    const char *const command[] = { "/nowhere/notify", NULL };
    const struct api_outlet outlet = { .name = "log", .command = command };
    const atomic_bool never = false;
    char why[OUTLET_WHY_ROOM];

    (void)state;
    assert_int_not_equal(outlet_send(&outlet, NULL, &example, span_of("x"), &never, why), OU_OK);
    assert_non_null(strstr(why, "/nowhere/notify"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_is_the_alert_in_an_envelope),
        cmocka_unit_test(test_signatures_are_those_of_the_standard),
        cmocka_unit_test(test_pauses_grow_to_an_hour_and_are_spread),
        cmocka_unit_test(test_a_command_reads_the_message_on_its_standard_input),
        cmocka_unit_test(test_a_command_that_fails_says_why_in_one_line),
        cmocka_unit_test(test_a_command_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
