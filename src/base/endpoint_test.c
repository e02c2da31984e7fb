#include "base/endpoint.h"

#include <string.h>

#include "support/test.h"

static void assert_reads(const char *text, bool is_path, const char *name, unsigned port)
{
    struct endpoint e;
    struct ou_error err = { 0 };
    char again[ENDPOINT_ROOM];

    assert_int_equal(endpoint_parse(text, &e, &err), OU_OK);
    assert_int_equal(e.is_path, is_path);
    assert_string_equal(e.text, name);
    assert_int_equal(e.port, port);
    assert_int_equal(endpoint_format(&e, again), strlen(text));
    assert_string_equal(again, text);
}

static void test_a_host_and_port_are_told_from_a_path(void **state)
{
    (void)state;
    assert_reads("127.0.0.1:3000", false, "127.0.0.1", 3000);
    assert_reads("collector.example:0", false, "collector.example", 0);
    assert_reads("[::1]:65535", false, "::1", 65535);
    assert_reads("/run/tracer.sock", true, "/run/tracer.sock", 0);
    assert_reads("tracer.sock", true, "tracer.sock", 0);
    assert_reads("/tmp/host:3000", true, "/tmp/host:3000", 0);
    assert_reads("./host:3000", true, "./host:3000", 0);
    assert_reads("host:", true, "host:", 0);
    assert_reads("host:30a", true, "host:30a", 0);
    assert_reads("C:\\pipe", true, "C:\\pipe", 0);
}

static void assert_refused(const char *text, const char *why)
{
    struct endpoint e = { .port = 7 };
    struct ou_error err = { 0 };

    assert_int_equal(endpoint_parse(text, &e, &err), OU_INVALID);
    assert_non_null(strstr(err.text, why));
    assert_int_equal(e.port, 7); /* untouched */
}

static void test_what_is_neither_is_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused("", "empty");
    assert_refused(":3000", "no host");
    assert_refused("[]:3000", "no host");
    assert_refused("host:65536", "65535");
    assert_refused("host:99999999999999999999", "65535");
    assert_refused("::1:3000", "brackets");
}

static void test_lengths_end_where_the_system_ends_them(void **state)
{
    char path[ENDPOINT_PATH_MAX + 2];
    char host[ENDPOINT_HOST_MAX + 8];

    (void)state;
    memset(path, 'p', sizeof path);
    path[ENDPOINT_PATH_MAX] = '\0';
    assert_reads(path, true, path, 0);
    path[ENDPOINT_PATH_MAX] = 'p';
    path[ENDPOINT_PATH_MAX + 1] = '\0';
    assert_refused(path, "shorter");

    memset(host, 'h', sizeof host);
    strcpy(host + ENDPOINT_HOST_MAX + 1, ":80");
    assert_refused(host, "255");
    strcpy(host + ENDPOINT_HOST_MAX, ":80");
    struct endpoint e;
    assert_int_equal(endpoint_parse(host, &e, NULL), OU_OK);
    assert_int_equal(strlen(e.text), ENDPOINT_HOST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_and_port_are_told_from_a_path),
        cmocka_unit_test(test_what_is_neither_is_refused_with_a_reason),
        cmocka_unit_test(test_lengths_end_where_the_system_ends_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
