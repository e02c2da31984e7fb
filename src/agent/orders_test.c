#include "agent/orders.h"

#include <string.h>

#include "support/test.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Orders as docs/formats/agent.md shows them. */
static const char EXAMPLE[] =
    "{\"schema\":1,\"run\":\"r1\",\"host\":\"node-3\",\"allocation\":\"a-1\",\"number\":7,"
    "\"start_ns\":1767225600000000000,\"end_ns\":1767229200000000000,"
    "\"bundles\":[{\"name\":\"genesis\",\"url\":\"https://b.example/g?X-Amz-Signature=1\","
    "\"bytes\":1000,\"content_bytes\":5000,\"sha256\":\"" SHA "\"}],"
    "\"services\":[{\"name\":\"node-3\",\"command\":{\"argv\":[\"/bin/ouroscope\",\"node\"],"
    "\"directory\":\"nodes/node-3\",\"environment\":[\"A=b=c\"],\"cores\":\"0-1\","
    "\"stop_signal\":2,\"ready\":{\"kind\":\"line\",\"port\":0,\"text\":\"ready\"},"
    "\"sampled\":true,\"ends_by_itself\":false},\"log\":\"logs/node-3/node.json\",\"starts\":1,"
    "\"stopped\":false,\"grace_ms\":10000,\"not_before_ns\":1767225595000000000}],"
    "\"jobs\":[{\"id\":1,\"kind\":\"pack\",\"paths\":[\"logs/node-3\",\"nodes/node-3\"],"
    "\"part_bytes\":16777216},"
    "{\"id\":2,\"kind\":\"ship\",\"packed\":1,\"urls\":[\"https://b.example/p?1\","
    "\"https://b.example/p?2\"]},"
    "{\"id\":3,\"kind\":\"extract\",\"arguments\":[\"--compat\",\"locli\"],\"part_bytes\":5242880},"
    "{\"id\":4,\"kind\":\"forget\",\"packed\":1}],"
    "\"orders_url\":null,\"state_url\":\"https://b.example/s\",\"poll_s\":0.5,\"leave\":false}";

static json_t *parsed(const char *text)
{
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(document);
    return document;
}

static struct orders example(void)
{
    struct orders orders;
    json_t *document = parsed(EXAMPLE);

    assert_int_equal(orders_read(document, &orders, NULL), OU_OK);
    json_decref(document);
    return orders;
}

static void test_orders_are_read(void **state)
{
    struct orders o = example();

    (void)state;
    assert_string_equal(o.run, "r1");
    assert_string_equal(o.host, "node-3");
    assert_string_equal(o.allocation, "a-1");
    assert_int_equal(o.number, 7);
    assert_int_equal(o.start_ns, INT64_C(1767225600000000000));
    assert_int_equal(o.end_ns, INT64_C(1767229200000000000));
    assert_int_equal(o.bundle_count, 1);
    assert_string_equal(o.bundles[0].sha256, SHA);
    assert_int_equal(o.bundles[0].content_bytes, 5000);
    assert_null(o.orders_url);
    assert_string_equal(o.state_url, "https://b.example/s");
    assert_true(o.poll_s == 0.5);
    assert_false(o.leave);
    orders_release(&o);
}

static void test_services_are_read(void **state)
{
    struct orders o = example();
    const struct order_service *s = &o.services[0];

    (void)state;
    assert_int_equal(o.service_count, 1);
    assert_string_equal(s->name, "node-3");
    assert_string_equal(s->command.argv[1], "node");
    assert_null(s->command.argv[2]);
    assert_string_equal(s->command.environment[0], "A=b=c");
    assert_null(s->command.environment[1]);
    assert_string_equal(s->command.directory, "nodes/node-3");
    assert_string_equal(s->command.cores, "0-1");
    assert_int_equal(s->command.stop_signal, 2);
    assert_int_equal(s->command.ready.kind, READY_LINE);
    assert_string_equal(s->command.ready.text, "ready");
    assert_true(s->command.sampled);
    assert_int_equal(s->starts, 1);
    assert_int_equal(s->grace_ms, 10000);
    assert_int_equal(s->not_before_ns, INT64_C(1767225595000000000));
    orders_release(&o);
}

static void test_jobs_are_read(void **state)
{
    struct orders o = example();

    (void)state;
    assert_int_equal(o.job_count, 4);
    assert_int_equal(o.jobs[0].kind, JOB_PACK);
    assert_string_equal(o.jobs[0].paths[1], "nodes/node-3");
    assert_int_equal(o.jobs[0].part_bytes, 16777216);
    assert_int_equal(o.jobs[1].kind, JOB_SHIP);
    assert_int_equal(o.jobs[1].url_count, 2);
    assert_int_equal(o.jobs[1].packed, 1);
    assert_int_equal(o.jobs[2].kind, JOB_EXTRACT);
    assert_string_equal(o.jobs[2].arguments[1], "locli");
    assert_int_equal(o.jobs[3].kind, JOB_FORGET);
    orders_release(&o);
}

static void test_what_is_written_is_what_was_read(void **state)
{
    struct orders orders = example();
    json_t *given = parsed(EXAMPLE), *written = orders_document(&orders);

    (void)state;
    assert_true(json_equal(given, written));
    json_decref(given);
    json_decref(written);
    orders_release(&orders);
}

static void test_the_fewest_orders_are_enough(void **state)
{
    struct orders given = { .run = "r1", .host = "node-1", .number = 1 }, back;
    json_t *document = orders_document(&given);

    (void)state;
    assert_non_null(document);
    assert_int_equal(orders_read(document, &back, NULL), OU_OK);
    assert_int_equal(back.bundle_count + back.service_count + back.job_count, 0);
    assert_int_equal(back.number, 1);
    json_decref(document);
    orders_release(&back);
}

static void test_members_of_later_versions_are_passed_over(void **state)
{
    json_t *document = parsed(EXAMPLE);
    struct orders orders;

    (void)state;
    json_object_set_new(document, "colour", json_string("blue"));
    assert_int_equal(orders_read(document, &orders, NULL), OU_OK);
    orders_release(&orders);
    json_decref(document);
}

/* The example with a text in the place of another. */
static void expect_refused(const char *was, const char *is, const char *reason)
{
    char text[4096];
    const char *at = strstr(EXAMPLE, was);
    struct orders orders;
    struct ou_error err;
    json_t *document;

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - EXAMPLE), EXAMPLE, is, at + strlen(was));
    document = parsed(text);
    assert_int_equal(orders_read(document, &orders, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" instead of \"%s\"", err.text, reason);
    json_decref(document);
}

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;
    expect_refused("\"schema\":1", "\"schema\":2", "schema: is of another version");
    expect_refused("\"number\":7,", "", "orders: number: is missing");
    expect_refused("\"number\":7", "\"number\":-7", "number: is out of range");
    expect_refused("\"number\":7", "\"number\":7.5", "number: is no whole number");
    expect_refused("\"number\":7", "\"number\":\"7\"", "number: is no whole number");
    expect_refused("\"host\":\"node-3\"", "\"host\":\"../x\"", "host: is no name");
    expect_refused("https://b.example/g", "file:///etc/passwd", "bundles[0].url: is no URL");
    expect_refused("\"sha256\":\"0123", "\"sha256\":\"0123ABCD", "bundles[0].sha256");
    expect_refused("\"kind\":\"line\"", "\"kind\":\"never\"", "services[0].command.ready.kind");
    expect_refused("\"argv\":[\"/bin/ouroscope\",\"node\"]", "\"argv\":[]",
                   "services[0].command.argv: names no program");
    expect_refused("\"argv\":[\"/bin/ouroscope\",\"node\"]", "\"argv\":[\"a\",null]", "argv");
    expect_refused("\"A=b=c\"", "\"no variable\"", "services[0].command.environment");
    expect_refused("\"stop_signal\":2", "\"stop_signal\":900", "stop_signal: is out of range");
    expect_refused("\"kind\":\"pack\"", "\"kind\":\"burn\"", "jobs[0].kind");
    expect_refused("\"id\":2", "\"id\":1", "jobs[1].id: is that of another job, too");
    expect_refused("\"part_bytes\":16777216", "\"part_bytes\":0", "jobs[0].part_bytes");
    expect_refused("\"poll_s\":0.5", "\"poll_s\":-1", "poll_s: is out of range");
    expect_refused("\"leave\":false", "\"leave\":0", "leave: is neither true nor false");
}

static void test_paths_out_of_the_folder_are_refused(void **state)
{
    static const char *const out[] = { "/etc", "..", "a/../..", "a/..",      "./a",
                                       "a//b", "a/", "",        "a\\u0007b", "a/./b" };
    char member[64];

    (void)state;
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        snprintf(member, sizeof member, "\"directory\":\"%s\"", out[i]);
        expect_refused("\"directory\":\"nodes/node-3\"", member, "services[0].command.directory");
        snprintf(member, sizeof member, "\"log\":\"%s\"", out[i]);
        expect_refused("\"log\":\"logs/node-3/node.json\"", member, "services[0].log");
        snprintf(member, sizeof member, "[\"%s\",", out[i]);
        expect_refused("[\"logs/node-3\",", member, "jobs[0].paths");
    }
}

static void test_too_many_of_anything_are_refused(void **state)
{
    json_t *document = parsed(EXAMPLE), *jobs = json_object_get(document, "jobs");
    struct orders orders;
    struct ou_error err;

    (void)state;
    while (json_array_size(jobs) <= ORDERS_JOBS_MAX)
        json_array_append_new(jobs, json_pack("{s:i, s:s}", "id", 100 + (int)json_array_size(jobs),
                                              "kind", "forget"));
    assert_int_equal(orders_read(document, &orders, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "jobs: has too many items"));
    json_decref(document);
}

/* One text of 4,000 bytes, so often that it is more than 32 MiB in all. */
static void test_orders_that_take_too_much_memory_are_refused(void **state)
{
    json_t *document = parsed(EXAMPLE), *jobs = json_object_get(document, "jobs");
    json_t *paths = json_array(), *path;
    struct orders orders;
    struct ou_error err;
    char text[4000];

    (void)state;
    memset(text, 'a', sizeof text);
    path = json_stringn(text, sizeof text);
    for (int i = 0; i < 200; i++)
        json_array_append(paths, path);
    for (int i = 0; i < 50; i++)
        json_array_append_new(jobs, json_pack("{s:i, s:s, s:O, s:i}", "id", 100 + i, "kind", "pack",
                                              "paths", paths, "part_bytes", 16777216));
    assert_int_equal(orders_read(document, &orders, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "orders: too large");
    json_decref(path);
    json_decref(paths);
    json_decref(document);
}

static void test_two_services_of_a_name_are_refused(void **state)
{
    json_t *document = parsed(EXAMPLE), *services = json_object_get(document, "services");
    struct orders orders;
    struct ou_error err;

    (void)state;
    json_array_append(services, json_array_get(services, 0));
    assert_int_equal(orders_read(document, &orders, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "services[1].name"));
    json_decref(document);
}

static void test_what_is_no_object_is_refused(void **state)
{
    struct orders orders;
    json_t *array = json_array();

    (void)state;
    assert_int_equal(orders_read(array, &orders, NULL), OU_INVALID);
    assert_int_equal(orders_read(NULL, &orders, NULL), OU_INVALID);
    json_decref(array);
    memset(&orders, 0, sizeof orders);
    orders_release(&orders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_are_read),
        cmocka_unit_test(test_services_are_read),
        cmocka_unit_test(test_jobs_are_read),
        cmocka_unit_test(test_what_is_written_is_what_was_read),
        cmocka_unit_test(test_the_fewest_orders_are_enough),
        cmocka_unit_test(test_members_of_later_versions_are_passed_over),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_paths_out_of_the_folder_are_refused),
        cmocka_unit_test(test_too_many_of_anything_are_refused),
        cmocka_unit_test(test_orders_that_take_too_much_memory_are_refused),
        cmocka_unit_test(test_two_services_of_a_name_are_refused),
        cmocka_unit_test(test_what_is_no_object_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
