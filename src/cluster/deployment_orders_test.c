#include "cluster/deployment_orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cluster/deployment_fixture_test.h"
#include "json/tree.h"

static struct fixture f;
static struct deployed_host *host;
static struct bucket bucket;
static struct ou_error err;

/* Nothing is asked of the store: URLs are made of keys alone. */
static void open_bucket(void)
{
    char remark[256];

    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    f.placement.storage = (struct s3_place){ .endpoint = "http://127.0.0.1:9",
                                             .region = "us-east-1",
                                             .bucket = "bucket",
                                             .credentials.source = CREDENTIALS_ENVIRONMENT };
    f.placement.url_expires_s = 600;
    if (bucket_open(&f.placement, f.d.run, &bucket, remark, &err))
        fail_msg("%s", err.text);
}

static void begin_orders(void)
{
    host = &f.d.hosts[0];
    if (host_orders_begin(&f.d, host, &bucket, &err))
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    fixture_begin(&f);
    open_bucket();
    begin_orders();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bucket_close(&bucket);
    fixture_end(&f);
    return 0;
}

static size_t add_service(const char *name, const char *folder)
{
    static const char *argv[] = { "/usr/bin/ouroscope", "node", NULL };
    char directory[4096];
    const struct start_command command = { .argv = argv, .directory = directory, .cores = "" };
    const struct service_options options = { .name = name,
                                             .command = &command,
                                             .log = "logs/node-0/node.json" };
    size_t ret = 99;

    snprintf(directory, sizeof directory, "%s/%s", f.dir.path, folder);
    if (host_orders_service(&f.d, host, &options, &ret, &err))
        fail_msg("%s", err.text);
    return ret;
}

/* What the courier does with them. */
static void seal(struct buffer *ret)
{
    json_t *document = host_orders_document(host);

    buffer_init(ret, allocator_libc(), ENVELOPE_BYTES_MAX);
    if (host_orders_seal(&f.d, host->name, document, ret, &err))
        fail_msg("%s", err.text);
    json_decref(document);
}

static void test_numbers_rise_with_every_change(void **state)
{
    uint64_t number = host->orders.number;
    size_t service = add_service("node-0", "nodes/node-0");

    (void)state;
    assert_true(host->orders.number > number);
    number = host->orders.number;
    host_orders_start(host, service, 0);
    assert_true(host->orders.number > number);
    host_orders_stop(host, service, 10);
    number = host->orders.number;
    host_orders_stop(host, service, 10); /* nothing new */
    assert_int_equal(host->orders.number, number);
}

static void test_folders_are_told_as_the_host_has_them(void **state)
{
    char folders[HOST_FOLDERS_MAX][PATH_MAX];

    (void)state;
    add_service("node-0", "nodes/node-0");
    add_service("tracer", "tracer");
    assert_string_equal(host->services[0].command.directory, "nodes/node-0");
    assert_int_equal(host_orders_folders(host, folders), 3);
    assert_string_equal(folders[0], "nodes/node-0");
    assert_string_equal(folders[1], "logs/node-0");
    assert_string_equal(folders[2], "tracer");
}

static void test_an_agent_reads_what_is_signed(void **state)
{
    struct orders read = { 0 };
    json_t *document = NULL;
    struct buffer sealed;

    (void)state;
    host_orders_start(host, add_service("node-0", "nodes/node-0"), 7);
    seal(&sealed);
    assert_int_equal(envelope_open(ENVELOPE_ORDERS, (struct span){ sealed.at, sealed.len }, f.d.key,
                                   &document, &err),
                     OU_OK);
    if (orders_read(document, &read, &err))
        fail_msg("%s", err.text);
    assert_string_equal(read.run, f.d.run);
    assert_string_equal(read.host, "node-0");
    assert_int_equal(read.services[0].starts, 1);
    assert_int_equal(read.services[0].not_before_ns, 7);
    orders_release(&read);
    json_decref(document);
    buffer_release(&sealed);
}

static void test_orders_are_for_the_task_that_was_delivered_to(void **state)
{
    json_t *document = host_orders_document(host);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(document, "allocation")), "");
    json_decref(document);
    snprintf(host->site.allocation, sizeof host->site.allocation, "allocation-1");
    snprintf(host->place.allocation, sizeof host->place.allocation, "allocation-2");
    document = host_orders_document(host);
    assert_string_equal(json_string_value(json_object_get(document, "allocation")), "allocation-1");
    json_decref(document);
}

static void test_a_later_process_goes_on_from_them_without_urls(void **state)
{
    const char *path = temp_path(&f.dir, "deploy/orders-node-0.json");
    const struct order_bundle bundle = {
        "http://127.0.0.1/x?X-Amz-Signature=00", 1, 1,
        "7b0b12720d6aa9dc887732707e49d9dfa53edfd84851ce4e4135b887e379e7dc", "genesis"
    };
    uint64_t number;
    struct buffer sealed;
    struct stat st;

    (void)state;
    assert_int_equal(host_orders_bundles(&f.d, host, &bundle, 1, 5, &err), OU_OK);
    host_orders_start(host, add_service("node-0", "nodes/node-0"), 0);
    host_orders_end(host, 77);
    number = host->orders.number;
    seal(&sealed);
    buffer_release(&sealed);
    assert_return_code(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lines_with(path, "X-Amz"), 0);
    deployment_close(&f.d);
    fixture_open(&f);
    begin_orders();
    assert_true(host->orders.number > number);
    assert_int_equal(host->orders.end_ns, 77);
    assert_int_equal(host->orders.service_count, 1);
    assert_int_equal(host->services[0].starts, 1);
    assert_int_equal(add_service("node-0", "nodes/node-0"), 0);
    assert_int_equal(host->services[0].starts, 1);
}

static void test_jobs_have_ids_that_rise_over_processes(void **state)
{
    const struct order_job forget = { .kind = JOB_FORGET, .packed = 1 };
    uint32_t first, second;
    struct buffer sealed;

    (void)state;
    assert_int_equal(host_orders_job(&f.d, host, &forget, &first, &err), OU_OK);
    seal(&sealed);
    buffer_release(&sealed);
    deployment_close(&f.d);
    fixture_open(&f);
    begin_orders();
    assert_int_equal(host_orders_job(&f.d, host, &forget, &second, &err), OU_OK);
    assert_true(second > first);
}

static void test_old_jobs_give_way(void **state)
{
    const struct order_job forget = { .kind = JOB_FORGET, .packed = 1 };
    uint32_t id = 0;

    (void)state;
    for (size_t i = 0; i < 2 * (size_t)ORDERS_JOBS_MAX; i++)
        assert_int_equal(host_orders_job(&f.d, host, &forget, &id, &err), OU_OK);
    assert_int_equal(host->orders.job_count, ORDERS_JOBS_MAX);
    assert_int_equal(host->jobs[ORDERS_JOBS_MAX - 1].id, id);
}

static void test_more_services_than_orders_have_room_for_are_refused(void **state)
{
    const struct start_command command = { .argv = (const char *[]){ "x", NULL },
                                           .directory = "nodes/node-0" };
    char name[32];
    struct service_options options = { .name = name, .command = &command };
    size_t service;

    (void)state;
    for (size_t i = 0; i <= ORDERS_SERVICES_MAX; i++) {
        snprintf(name, sizeof name, "service-%zu", i);
        assert_int_equal(host_orders_service(&f.d, host, &options, &service, &err),
                         i < ORDERS_SERVICES_MAX ? OU_OK : OU_TOO_LARGE);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_rise_with_every_change),
        TEST(test_folders_are_told_as_the_host_has_them),
        TEST(test_an_agent_reads_what_is_signed),
        TEST(test_orders_are_for_the_task_that_was_delivered_to),
        TEST(test_a_later_process_goes_on_from_them_without_urls),
        TEST(test_jobs_have_ids_that_rise_over_processes),
        TEST(test_old_jobs_give_way),
        TEST(test_more_services_than_orders_have_room_for_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
