/* Files of whole clusters and of single nodes. */
#include "profile/topology_files.h"

#include <stdlib.h>
#include <string.h>

#include "profile/node_specs.h"
#include "profile/sites_test.h"
#include "support/test.h"

static const char *const world[] = { "eu-central-1", "us-east-1", "ap-southeast-2" };

static const struct profile_link links[] = {
    { "EU", "US", 45.5, 1e6 },
    { "eu-central-1", "eu-central-1", 0.5, 0 },
};

struct made {
    struct arena memory;
    struct topology topology;
};

static struct topology *make(struct made *m, uint32_t nodes)
{
    struct ou_error err = { 0 };

    arena_init(&m->memory, allocator_libc(), 16 << 20);
    if (topology_make(TOPOLOGY_TORUS, nodes, world, 3, &m->memory, &m->topology, &err))
        fail_msg("%s", err.text);
    m->topology.links = links;
    m->topology.link_count = 2;
    return &m->topology;
}

/* A cluster with hosts of each kind, as the loader describes it. */
static struct topology *make_kinds(struct made *m, struct profile *p)
{
    struct ou_error err = { 0 };

    *p = (struct profile){ .shape = TOPOLOGY_UNI_CIRCLE,
                           .regions = { "loopback" },
                           .region_count = 1,
                           .bft_hosts = 1,
                           .singular_hosts = 1,
                           .dense_hosts = 1,
                           .pools_per_dense_host = 10,
                           .with_proxy = true,
                           .with_explorer = true };
    arena_init(&p->memory, allocator_libc(), 1 << 20);
    arena_init(&m->memory, allocator_libc(), 1 << 20);
    if (node_specs_make(p, &err) || topology_of_profile(p, &m->memory, &m->topology, &err))
        fail_msg("%s", err.text);
    return &m->topology;
}

static void check_json(json_t *document, const char *expected)
{
    char *text = json_dumps(document, JSON_COMPACT);

    assert_string_equal(text, expected);
    free(text);
    json_decref(document);
}

static const char *name_at(const json_t *document, size_t i)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(document, "coreNodes"), i), "name"));
}

static void test_the_document_lists_location_by_location(void **state)
{
    struct made m;
    json_t *document = topology_document(make(&m, 5));

    (void)state;
    assert_string_equal(name_at(document, 1), "node-3");
    assert_string_equal(name_at(document, 2), "node-1");
    assert_string_equal(name_at(document, 4), "node-2");
    assert_int_equal(json_array_size(json_object_get(document, "relayNodes")), 0);
    check_json(json_incref(json_array_get(json_object_get(document, "coreNodes"), 0)),
               "{\"name\":\"node-0\",\"nodeId\":0,\"org\":\"ouroscope\","
               "\"region\":\"eu-central-1\",\"producers\":[\"node-1\",\"node-2\","
               "\"node-3\"],\"pools\":1,\"stakePool\":true}");
    check_json(json_incref(json_object_get(document, "links")),
               "[{\"a\":\"eu-central-1\",\"b\":\"us-east-1\",\"latency_ms\":45.5,"
               "\"bytes_per_second\":1000000.0},{\"a\":\"eu-central-1\",\"b\":\"eu-central-1\","
               "\"latency_ms\":0.5,\"bytes_per_second\":0.0}]");
    json_decref(document);
    arena_release(&m.memory);
}

static void test_hosts_without_a_pool_are_told_apart(void **state)
{
    struct made m;
    struct profile p;

    (void)state;
    check_json(topology_document(make_kinds(&m, &p)),
               "{\"coreNodes\":["
               "{\"name\":\"node-0\",\"nodeId\":0,\"org\":\"ouroscope\",\"region\":\"loopback\","
               "\"producers\":[\"node-1\"],\"pools\":null,\"stakePool\":null},"
               "{\"name\":\"node-1\",\"nodeId\":1,\"org\":\"ouroscope\",\"region\":\"loopback\","
               "\"producers\":[\"node-2\"],\"pools\":1,\"stakePool\":true},"
               "{\"name\":\"node-2\",\"nodeId\":2,\"org\":\"ouroscope\",\"region\":\"loopback\","
               "\"producers\":[\"node-0\"],\"pools\":10,\"stakePool\":true}],"
               "\"relayNodes\":["
               "{\"name\":\"proxy\",\"nodeId\":3,\"org\":\"ouroscope\",\"region\":\"loopback\","
               "\"producers\":[],\"pools\":null,\"stakePool\":null},"
               "{\"name\":\"explorer\",\"nodeId\":4,\"org\":\"ouroscope\",\"region\":\"loopback\","
               "\"producers\":[\"node-0\",\"node-1\",\"node-2\",\"proxy\"],\"pools\":null,"
               "\"stakePool\":null}]}");
    arena_release(&m.memory);
    arena_release(&p.memory);
}

static void test_nothing_delays_what_cardano_nodes_send(void **state)
{
    struct made m;
    struct profile p;
    json_t *document;

    (void)state;
    make_kinds(&m, &p);
    arena_release(&m.memory);
    arena_init(&m.memory, allocator_libc(), 1 << 20);
    p.node_kind = NODE_CARDANO;
    p.links = links;
    p.link_count = 2;
    assert_int_equal(topology_of_profile(&p, &m.memory, &m.topology, NULL), OU_OK);
    assert_true(topology_link(&m.topology, 0, 1).latency_ms == 0);
    document = topology_document(&m.topology);
    check_json(json_incref(json_object_get(document, "links")), "[]");
    json_decref(document);
    arena_release(&m.memory);
    arena_release(&p.memory);
}

static void test_links_hold_in_both_directions(void **state)
{
    struct made m;
    const struct topology *t = make(&m, 6);

    (void)state;
    assert_true(topology_link(t, 0, 1).latency_ms == 45.5);
    assert_true(topology_link(t, 4, 3).bytes_per_second == 1e6);
    assert_true(topology_link(t, 0, 3).latency_ms == 0.5);
    assert_true(topology_link(t, 1, 2).latency_ms == 0);
    arena_release(&m.memory);
}

static const struct site sites[] = {
    SITE_HERE(4000, "/run", "/usr/bin/ouroscope"), SITE_HERE(4001, "/run", "/usr/bin/ouroscope"),
    SITE_HERE(4002, "/run", "/usr/bin/ouroscope"), SITE_HERE(4003, "/run", "/usr/bin/ouroscope"),
    SITE_HERE(4004, "/run", "/usr/bin/ouroscope"), SITE_HERE(4005, "/run", "/usr/bin/ouroscope")
};

static void test_the_file_of_a_node_has_a_group_for_each_producer(void **state)
{
    struct made m;

    (void)state;
    check_json(topology_file_of(make(&m, 6), 0, sites, TOPOLOGY_P2P_DELAYED),
               "{\"localRoots\":["
               "{\"accessPoints\":[{\"address\":\"127.0.0.1\",\"port\":4001,\"latencyMs\":45.5,"
               "\"bytesPerSecond\":1000000.0}],\"advertise\":false,\"valency\":1,"
               "\"trustable\":true},"
               "{\"accessPoints\":[{\"address\":\"127.0.0.1\",\"port\":4002}],"
               "\"advertise\":false,\"valency\":1,\"trustable\":true},"
               "{\"accessPoints\":[{\"address\":\"127.0.0.1\",\"port\":4003,\"latencyMs\":0.5}],"
               "\"advertise\":false,\"valency\":1,\"trustable\":true}],"
               "\"publicRoots\":[],\"useLedgerAfterSlot\":-1,\"bootstrapPeers\":null}");
    arena_release(&m.memory);
}

static void test_a_cardano_node_is_told_no_delays(void **state)
{
    struct made m;
    json_t *file = topology_file_of(make(&m, 2), 0, sites, TOPOLOGY_P2P);

    (void)state;
    check_json(file, "{\"localRoots\":["
                     "{\"accessPoints\":[{\"address\":\"127.0.0.1\",\"port\":4001}],"
                     "\"advertise\":false,\"valency\":1,\"trustable\":true}],"
                     "\"publicRoots\":[],\"useLedgerAfterSlot\":-1,\"bootstrapPeers\":null}");
    arena_release(&m.memory);
}

static void test_the_legacy_file_is_a_list_of_producers(void **state)
{
    struct made m;
    struct profile p;

    (void)state;
    check_json(topology_file_of(make(&m, 3), 1, sites, TOPOLOGY_LEGACY),
               "{\"Producers\":[{\"addr\":\"127.0.0.1\",\"port\":4002,\"valency\":1},"
               "{\"addr\":\"127.0.0.1\",\"port\":4000,\"valency\":1}]}");
    arena_release(&m.memory);
    check_json(topology_file_of(make_kinds(&m, &p), 4, sites, TOPOLOGY_LEGACY),
               "{\"Producers\":[{\"addr\":\"127.0.0.1\",\"port\":4000,\"valency\":1},"
               "{\"addr\":\"127.0.0.1\",\"port\":4001,\"valency\":1},"
               "{\"addr\":\"127.0.0.1\",\"port\":4002,\"valency\":1},"
               "{\"addr\":\"127.0.0.1\",\"port\":4003,\"valency\":1}]}");
    arena_release(&m.memory);
    arena_release(&p.memory);
}

static void test_a_proxy_dials_a_relay_of_mainnet_and_nobody_else(void **state)
{
    struct made m;
    struct profile p;
    const struct topology *t = make_kinds(&m, &p);

    (void)state;
    check_json(topology_file_of(t, 3, sites, TOPOLOGY_LEGACY),
               "{\"Producers\":[{\"addr\":\"backbone.cardano.iog.io\",\"port\":3001,"
               "\"valency\":1}]}");
    check_json(topology_file_of(t, 3, sites, TOPOLOGY_P2P),
               "{\"localRoots\":[],\"publicRoots\":[{\"accessPoints\":[{\"address\":"
               "\"backbone.cardano.iog.io\",\"port\":3001}],\"advertise\":false}],"
               "\"useLedgerAfterSlot\":-1,\"bootstrapPeers\":null}");
    arena_release(&m.memory);
    arena_release(&p.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_document_lists_location_by_location),
        cmocka_unit_test(test_hosts_without_a_pool_are_told_apart),
        cmocka_unit_test(test_nothing_delays_what_cardano_nodes_send),
        cmocka_unit_test(test_links_hold_in_both_directions),
        cmocka_unit_test(test_the_file_of_a_node_has_a_group_for_each_producer),
        cmocka_unit_test(test_a_cardano_node_is_told_no_delays),
        cmocka_unit_test(test_the_legacy_file_is_a_list_of_producers),
        cmocka_unit_test(test_a_proxy_dials_a_relay_of_mainnet_and_nobody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
