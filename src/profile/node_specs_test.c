/* The order, names and members are those of the node-specs.json of published runs. */
#include "profile/node_specs.h"

#include <stdlib.h>
#include <string.h>

#include "profile/sites_test.h"
#include "support/failing_allocator.h"
#include "support/test.h"

/* A profile as the loader leaves it behind the composition. */
static void begin(struct profile *p, const char *node)
{
    *p = (struct profile){ .scenario = SCENARIO_FIXED,
                           .regions = { "EU", "US", "AP" },
                           .region_count = 3,
                           .document = json_pack("{s:o}", "node", json_loads(node, 0, NULL)) };
    arena_init(&p->memory, allocator_libc(), 1 << 20);
}

static void make(struct profile *p)
{
    struct ou_error err = { 0 };

    if (node_specs_make(p, &err))
        fail_msg("%s", err.text);
}

static void end(struct profile *p)
{
    json_decref(p->document);
    arena_release(&p->memory);
}

static void check_spec(const struct profile *p, size_t i, const char *name, enum host_kind kind,
                       uint32_t pools, uint32_t first_pool, const char *region)
{
    const struct node_spec *s = &p->specs[i];

    assert_true(i < p->spec_count);
    assert_string_equal(s->name, name);
    assert_int_equal(s->index, i);
    assert_int_equal(s->kind, kind);
    assert_int_equal(s->pools, pools);
    if (pools)
        assert_int_equal(s->first_pool, first_pool);
    assert_string_equal(s->region, region);
}

static void test_hosts_stand_in_the_order_of_published_runs(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{}");
    p.bft_hosts = 1;
    p.singular_hosts = 2;
    p.dense_hosts = 2;
    p.pools_per_dense_host = 10;
    p.with_proxy = p.with_chaindb_server = p.with_explorer = true;
    make(&p);
    assert_int_equal(p.hosts, 5);
    assert_int_equal(p.pools, 22);
    assert_int_equal(p.spec_count, 8);
    check_spec(&p, 0, "node-0", HOST_BFT, 0, 0, "eu-central-1");
    check_spec(&p, 1, "node-1", HOST_POOL, 1, 0, "us-east-1");
    check_spec(&p, 2, "node-2", HOST_POOL, 1, 1, "ap-southeast-2");
    check_spec(&p, 3, "node-3", HOST_POOL, 10, 2, "eu-central-1");
    check_spec(&p, 4, "node-4", HOST_POOL, 10, 12, "us-east-1");
    check_spec(&p, 5, "proxy", HOST_PROXY, 0, 0, "eu-central-1");
    check_spec(&p, 6, "chaindb-server", HOST_CHAINDB_SERVER, 0, 0, "eu-central-1");
    check_spec(&p, 7, "explorer", HOST_EXPLORER, 0, 0, "eu-central-1");
    for (size_t i = 0; i < p.spec_count; i++)
        assert_int_equal(p.specs[i].autostart, p.specs[i].kind != HOST_EXPLORER);
    end(&p);
}

static void test_one_pool_is_not_dense(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{}");
    p.singular_hosts = 5;
    p.dense_hosts = 1;
    p.pools_per_dense_host = 1;
    make(&p);
    assert_int_equal(p.hosts, 6);
    assert_int_equal(p.pools, 6);
    check_spec(&p, 5, "node-5", HOST_POOL, 1, 5, "ap-southeast-2");
    end(&p);
}

static void test_the_explorer_stands_in_the_first_location_where_there_is_no_europe(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{}");
    p.regions[0] = "LO";
    p.region_count = 1;
    p.singular_hosts = 2;
    p.with_explorer = true;
    make(&p);
    check_spec(&p, 2, "explorer", HOST_EXPLORER, 0, 0, "loopback");
    end(&p);
}

static void test_a_condition_may_be_the_explorers_alone(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{\"shutdown_on_slot_synced\":{\"explorer\":38901589},"
              "\"shutdown_on_block_synced\":3}");
    p.with_chaindb_server = p.with_explorer = true;
    make(&p);
    assert_int_equal(p.spec_count, 2);
    assert_int_equal(p.hosts, 0);
    assert_true(p.specs[0].stop_slot == UINT64_MAX);
    assert_int_equal(p.specs[1].stop_slot, 38901589);
    assert_int_equal(p.specs[0].stop_block, 3);
    assert_int_equal(p.specs[1].stop_block, 3);
    end(&p);
}

static void check_refused(struct profile *p, const char *reason)
{
    struct ou_error err = { 0 };

    assert_int_equal(node_specs_make(p, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("%s", err.text);
    end(p);
}

static void test_counts_outside_the_limits_are_refused(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{}");
    check_refused(&p, "1 to 1000 hosts, not 0");
    begin(&p, "{}");
    p.singular_hosts = p.bft_hosts = p.dense_hosts = UINT32_MAX;
    check_refused(&p, "1 to 1000 hosts, not 12884901885");
    begin(&p, "{}");
    p.dense_hosts = 1000;
    p.pools_per_dense_host = UINT32_MAX;
    check_refused(&p, "at most 100000 pools");
    begin(&p, "{}");
    p.singular_hosts = 1;
    p.region_count = 0;
    check_refused(&p, "composition.locations");
}

static void test_the_collector_alone_needs_no_hosts(void **state)
{
    struct profile p;

    (void)state;
    begin(&p, "{}");
    p.scenario = SCENARIO_TRACER_ONLY;
    make(&p);
    assert_int_equal(p.spec_count, 0);
    end(&p);
}

static void test_the_document_is_that_of_published_runs(void **state)
{
    static const struct site sites[] = { SITE_HERE(30000, "/run", "/usr/bin/ouroscope"),
                                         SITE_HERE(30001, "/run", "/usr/bin/ouroscope") };
    struct profile p;
    json_t *document;
    char *text;

    (void)state;
    begin(&p, "{\"shutdown_on_slot_synced\":null,\"shutdown_on_block_synced\":3}");
    p.regions[0] = "loopback";
    p.region_count = 1;
    p.singular_hosts = 1;
    p.with_explorer = true;
    make(&p);
    document = node_specs_document(&p, sites);
    text = json_dumps(document, JSON_COMPACT);
    assert_string_equal(
        text, "{\"node-0\":{\"i\":0,\"kind\":\"pool\",\"pools\":1,\"autostart\":true,"
              "\"name\":\"node-0\",\"isProducer\":true,\"port\":30000,\"region\":\"loopback\","
              "\"shutdown_on_slot_synced\":null,\"shutdown_on_block_synced\":3},"
              "\"explorer\":{\"i\":1,\"kind\":\"explorer\",\"pools\":0,\"autostart\":false,"
              "\"name\":\"explorer\",\"isProducer\":false,\"port\":30001,\"region\":\"loopback\","
              "\"shutdown_on_slot_synced\":null,\"shutdown_on_block_synced\":3}}");
    free(text);
    json_decref(document);
    document = node_specs_document(&p, NULL);
    assert_true(json_is_null(json_object_get(json_object_get(document, "node-0"), "port")));
    json_decref(document);
    end(&p);
}

static bool make_of(struct allocator *from, void *argument)
{
    struct profile p;
    enum ou_status status;

    (void)argument;
    begin(&p, "{}");
    arena_release(&p.memory);
    arena_init(&p.memory, from, 1 << 20);
    p.singular_hosts = 1000;
    status = node_specs_make(&p, NULL);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    end(&p);
    return status == OU_OK;
}

static void test_each_failing_allocation_is_told(void **state)
{
    (void)state;
    fail_each_allocation(make_of, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_stand_in_the_order_of_published_runs),
        cmocka_unit_test(test_one_pool_is_not_dense),
        cmocka_unit_test(test_the_explorer_stands_in_the_first_location_where_there_is_no_europe),
        cmocka_unit_test(test_a_condition_may_be_the_explorers_alone),
        cmocka_unit_test(test_counts_outside_the_limits_are_refused),
        cmocka_unit_test(test_the_collector_alone_needs_no_hosts),
        cmocka_unit_test(test_the_document_is_that_of_published_runs),
        cmocka_unit_test(test_each_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
