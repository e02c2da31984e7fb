/* Topologies of whole clusters, read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "json/tree.h"
#include "profile/node_specs.h"
#include "profile/topology_files.h"
#include "support/failing_allocator.h"
#include "support/files.h"
#include "support/test.h"

struct got {
    struct arena memory;
    struct topology t;
    struct ou_error err;
};

static enum ou_status parse(struct got *g, const char *text)
{
    arena_init(&g->memory, allocator_libc(), 64 << 20);
    g->t = (struct topology){ 0 };
    return topology_parse(span_of(text), "t.json", &g->memory, &g->t, &g->err);
}

static void check_refused(const char *text, enum ou_status wanted, const char *reason)
{
    struct got g;

    assert_int_equal(parse(&g, text), wanted);
    if (!strstr(g.err.text, reason))
        fail_msg("%s", g.err.text);
    arena_release(&g.memory);
}

/* As the reference tool writes it: null and false where an explorer has no pools, a producer of elsewhere. */
static const char foreign[] =
    "{\"coreNodes\":["
    "{\"name\":\"node-0\",\"nodeId\":0,\"org\":\"IOHK\",\"region\":\"eu-central-1\","
    "\"producers\":[\"node-1\",\"node-1\",\"node-0\",\"relay.example\"],\"pools\":null,"
    "\"stakePool\":null},"
    "{\"name\":\"node-1\",\"nodeId\":1,\"org\":\"IOHK\",\"region\":\"US\","
    "\"producers\":[\"node-0\"],\"pools\":2,\"stakePool\":true}],"
    "\"relayNodes\":[{\"name\":\"explorer\",\"nodeId\":2,\"org\":\"IOHK\","
    "\"region\":\"eu-central-1\",\"producers\":[\"node-0\",\"node-1\"],\"pools\":null,"
    "\"stakePool\":false}]}";

static void test_a_file_of_the_reference_tool_is_read(void **state)
{
    struct got g;

    (void)state;
    assert_int_equal(parse(&g, foreign), OU_OK);
    assert_int_equal(g.t.count, 3);
    assert_int_equal(g.t.nodes[0].kind, HOST_BFT);
    assert_int_equal(g.t.nodes[0].producer_count, 1);
    assert_int_equal(g.t.nodes[0].producers[0], 1);
    assert_int_equal(g.t.nodes[1].kind, HOST_POOL);
    assert_int_equal(g.t.nodes[1].pools, 2);
    assert_string_equal(g.t.nodes[1].region, "us-east-1");
    assert_int_equal(g.t.nodes[2].kind, HOST_EXPLORER);
    assert_int_equal(g.t.nodes[2].producer_count, 2);
    assert_int_equal(g.t.link_count, 0);
    arena_release(&g.memory);
}

static void check_same(const struct topology *a, const struct topology *b)
{
    json_t *one = topology_document(a), *other = topology_document(b);

    assert_true(json_equal(one, other));
    json_decref(one);
    json_decref(other);
}

static void test_what_is_written_reads_back_the_same(void **state)
{
    static const struct profile_link links[] = { { "loopback", "loopback", 12.25, 1e6 } };
    struct profile p = { .shape = TOPOLOGY_TORUS_DENSE,
                         .regions = { "LO" },
                         .region_count = 1,
                         .bft_hosts = 1,
                         .singular_hosts = 6,
                         .dense_hosts = 2,
                         .pools_per_dense_host = 10,
                         .with_explorer = true,
                         .links = links,
                         .link_count = 1 };
    struct topology t;
    struct buffer text;
    json_t *document;
    struct got g;

    (void)state;
    arena_init(&p.memory, allocator_libc(), 1 << 20);
    assert_int_equal(node_specs_make(&p, NULL), OU_OK);
    assert_int_equal(topology_of_profile(&p, &p.memory, &t, NULL), OU_OK);
    document = topology_document(&t);
    buffer_init(&text, allocator_libc(), 1 << 20);
    json_tree_append(&text, document);
    json_decref(document);
    assert_int_equal(parse(&g, buffer_string(&text)), OU_OK);
    assert_int_equal(g.t.count, 10);
    assert_true(topology_link(&g.t, 0, 9).latency_ms == 12.25);
    assert_int_equal(g.t.nodes[9].kind, HOST_EXPLORER);
    check_same(&g.t, &t);
    buffer_release(&text);
    arena_release(&g.memory);
    arena_release(&p.memory);
}

static void test_a_region_that_is_not_told_stays_so(void **state)
{
    struct buffer text;
    json_t *document;
    struct got g, again;

    (void)state;
    assert_int_equal(parse(&g, "{\"coreNodes\":[{\"name\":\"a\",\"region\":null}]}"), OU_OK);
    assert_string_equal(g.t.nodes[0].region, "");
    document = topology_document(&g.t);
    buffer_init(&text, allocator_libc(), 1 << 20);
    json_tree_append(&text, document);
    json_decref(document);
    assert_int_equal(parse(&again, buffer_string(&text)), OU_OK);
    check_same(&g.t, &again.t);
    buffer_release(&text);
    arena_release(&g.memory);
    arena_release(&again.memory);
}

static void test_faults_are_told_with_their_place(void **state)
{
    (void)state;
    check_refused("{\"coreNodes\":", OU_INVALID, "t.json:1");
    check_refused("{\"coreNodes\":5}", OU_INVALID, "no list coreNodes");
    check_refused("{\"localRoots\":[]}", OU_INVALID, "the file of one node");
    check_refused("{\"coreNodes\":[7]}", OU_INVALID, "coreNodes[0] must be an object");
    check_refused("{\"coreNodes\":[{}]}", OU_INVALID, "coreNodes[0].name must be a text");
    check_refused("{\"coreNodes\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", OU_INVALID,
                  "coreNodes[1].name must be another one");
    check_refused("{\"coreNodes\":[],\"relayNodes\":[{\"name\":\"a\",\"region\":5}]}", OU_INVALID,
                  "relayNodes[0].region must be a text");
    check_refused("{\"coreNodes\":[{\"name\":\"a\",\"producers\":\"b\"}]}", OU_INVALID,
                  "coreNodes[0].producers must be a list");
    check_refused("{\"coreNodes\":[{\"name\":\"a\",\"producers\":[1]}]}", OU_INVALID,
                  "coreNodes[0].producers must be a list");
    check_refused("{\"coreNodes\":[{\"name\":\"a\",\"pools\":-1}]}", OU_INVALID,
                  "coreNodes[0].pools must be a number from 0 to 100000");
    check_refused("{\"coreNodes\":[{\"name\":\"a\",\"pools\":1e9}]}", OU_INVALID,
                  "coreNodes[0].pools must be a number from 0 to 100000");
    check_refused("{\"coreNodes\":[],\"relayNodes\":5}", OU_INVALID, "relayNodes must be a list");
    check_refused("{\"coreNodes\":[],\"links\":{}}", OU_INVALID, "links must be a list");
    check_refused("{\"coreNodes\":[],\"links\":[{\"a\":\"x\"}]}", OU_INVALID, "links[0].b");
    check_refused("{\"coreNodes\":[],\"links\":[{\"a\":\"x\",\"b\":\"y\",\"latency_ms\":\"1\"}]}",
                  OU_INVALID, "links[0].latency_ms");
    check_refused("{\"coreNodes\":[],\"links\":[{\"a\":\"x\",\"b\":\"y\",\"latency_ms\":1e308}]}",
                  OU_INVALID, "links[0].latency_ms must be a number from 0 to 60000");
}

static void test_too_many_links_are_refused_before_memory_is_taken(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 1 << 20);
    buffer_text(&text, "{\"coreNodes\":[],\"links\":[");
    for (int i = 0; i <= TOPOLOGY_REGION_LINKS_MAX; i++)
        buffer_printf(&text, "%s1", i ? "," : "");
    buffer_text(&text, "]}");
    check_refused(buffer_string(&text), OU_TOO_LARGE, ": links: at most 10000");
    buffer_release(&text);
}

static void test_too_many_nodes_are_refused_before_memory_is_taken(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 16 << 20);
    buffer_text(&text, "{\"coreNodes\":[");
    for (int i = 0; i <= TOPOLOGY_NODES_MAX; i++)
        buffer_printf(&text, "%s1", i ? "," : "");
    buffer_text(&text, "]}");
    check_refused(buffer_string(&text), OU_TOO_LARGE, "10001 nodes");
    buffer_release(&text);
}

static void test_a_missing_file_is_told(void **state)
{
    struct got g;

    (void)state;
    arena_init(&g.memory, allocator_libc(), 1 << 20);
    assert_int_equal(topology_load("/nowhere/topology.json", &g.memory, &g.t, &g.err),
                     OU_NOT_FOUND);
    arena_release(&g.memory);
}

static bool parse_with(struct allocator *from, void *argument)
{
    struct arena memory;
    struct topology t;
    enum ou_status status;

    (void)argument;
    arena_init(&memory, from, 1 << 20);
    status = topology_parse(span_of(foreign), "t.json", &memory, &t, NULL);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    arena_release(&memory);
    return status == OU_OK;
}

static void test_each_failing_allocation_is_told(void **state)
{
    (void)state;
    fail_each_allocation(parse_with, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_of_the_reference_tool_is_read),
        cmocka_unit_test(test_what_is_written_reads_back_the_same),
        cmocka_unit_test(test_a_region_that_is_not_told_stays_so),
        cmocka_unit_test(test_faults_are_told_with_their_place),
        cmocka_unit_test(test_too_many_links_are_refused_before_memory_is_taken),
        cmocka_unit_test(test_too_many_nodes_are_refused_before_memory_is_taken),
        cmocka_unit_test(test_a_missing_file_is_told),
        cmocka_unit_test(test_each_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
