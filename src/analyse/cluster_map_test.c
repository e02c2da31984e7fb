#include "analyse/cluster_map.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "support/files.h"
#include "support/near.h"
#include "support/test.h"

/* As a run of three nodes in two regions writes it: listed by region. */
#define TOPOLOGY                                                                                \
    "{\"coreNodes\": ["                                                                         \
    "{\"name\": \"node-0\", \"nodeId\": 0, \"region\": \"here\", \"producers\": [\"node-1\"]}," \
    "{\"name\": \"node-2\", \"nodeId\": 2, \"region\": \"here\", \"producers\": [\"node-0\"]}," \
    "{\"name\": \"node-1\", \"nodeId\": 1, \"region\": \"there\","                              \
    " \"producers\": [\"node-2\", \"node-1\", \"elsewhere\"]}],"                                \
    "\"relayNodes\": []}"

/* Told again, a link is what it was told to be first. */
#define PROFILE                                                                               \
    "{\"composition\": {\"links\": ["                                                         \
    "{\"a\": \"here\", \"b\": \"here\", \"latency_ms\": 0.4},"                                \
    "{\"a\": \"there\", \"b\": \"here\", \"latency_ms\": 45, \"bytes_per_second\": 2500000}," \
    "{\"a\": \"here\", \"b\": \"there\", \"latency_ms\": 1},"                                 \
    "{\"a\": \"afar\", \"b\": \"there\", \"latency_ms\": 2}]}}"

struct fixture {
    struct temp_dir dir;
    struct cluster_map map;
    struct ou_error err;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ 0 };
    temp_dir_make(&f.dir);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    cluster_map_release(&f->map);
    temp_dir_remove(&f->dir);
    return 0;
}

static enum ou_status load(struct fixture *f, const char *topology, const char *profile)
{
    return cluster_map_load(temp_file(&f->dir, "topology.json", topology),
                            profile ? temp_file(&f->dir, "profile.json", profile) : NULL, true,
                            &f->map, &f->err);
}

/* NULL: these two are not joined in this direction. */
static const struct diffusion_link *link_between(const struct cluster_map *map, const char *from,
                                                 const char *to)
{
    for (size_t i = 0; i < map->link_count; i++)
        if (strcmp(map->names[map->links[i].from], from) == 0 &&
            strcmp(map->names[map->links[i].to], to) == 0)
            return &map->links[i];
    return NULL;
}

static void test_joints_go_both_ways_with_the_links_of_the_profile(void **state)
{
    static const struct {
        const char *a, *b;
        double rtt_s, bytes_per_second;
    } wanted[] = { { "node-0", "node-1", 0.09, 2.5e6 },
                   { "node-0", "node-2", 0.0008, 0 },
                   { "node-1", "node-2", 0.09, 2.5e6 } };
    struct fixture *f = *state;

    assert_int_equal(load(f, TOPOLOGY, PROFILE), OU_OK);
    assert_int_equal(f->map.count, 3);
    assert_int_equal(f->map.link_count, 6);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct diffusion_link *there = link_between(&f->map, wanted[i].a, wanted[i].b);
        const struct diffusion_link *back = link_between(&f->map, wanted[i].b, wanted[i].a);

        assert_non_null(there);
        assert_non_null(back);
        assert_near(there->rtt_s, wanted[i].rtt_s, 1e-12);
        assert_near(back->rtt_s, wanted[i].rtt_s, 1e-12);
        assert_near(there->bytes_per_second, wanted[i].bytes_per_second, 0);
    }
    assert_non_null(strstr(f->map.assumptions, "twice the latencies of the run's links"));
}

/* Measured ones, say. */
static void test_links_of_the_topology_hold_in_place_of_the_profiles(void **state)
{
    static const char topology[] =
        "{\"coreNodes\": [{\"name\": \"f\", \"region\": \"here\"}],"
        "\"relayNodes\": [{\"name\": \"explorer\", \"region\": \"there\","
        " \"producers\": [\"f\"]}],"
        "\"links\": [{\"a\": \"there\", \"b\": \"here\", \"latency_ms\": 7}]}";
    struct fixture *f = *state;

    assert_int_equal(load(f, topology, PROFILE), OU_OK);
    assert_near(link_between(&f->map, "f", "explorer")->rtt_s, 0.014, 1e-12);
    assert_near(link_between(&f->map, "explorer", "f")->rtt_s, 0.014, 1e-12);
    cluster_map_release(&f->map);
    assert_int_equal(load(f, topology, NULL), OU_OK);
    assert_near(link_between(&f->map, "f", "explorer")->rtt_s, 0.014, 1e-12);
}

/* An empty list says that there is no delay; no list says nothing. */
static void test_without_a_list_of_links_light_sets_the_pace(void **state)
{
    static const char clouds[] =
        "{\"coreNodes\": ["
        "{\"name\": \"f\", \"region\": \"eu-central-1\", \"producers\": [\"v\", \"s\", \"x\"]},"
        "{\"name\": \"v\", \"region\": \"us-east-1\", \"producers\": [\"s\"]},"
        "{\"name\": \"s\", \"region\": \"ap-southeast-2\"},"
        "{\"name\": \"x\", \"region\": \"my-cellar\"}]}";
    struct fixture *f = *state;

    assert_int_equal(load(f, clouds, "{\"composition\": {}}"), OU_OK);
    assert_near(link_between(&f->map, "f", "v")->rtt_s * 1e3, 64.1, 0.05);
    assert_near(link_between(&f->map, "s", "v")->rtt_s * 1e3, 153.4, 0.05);
    assert_near(link_between(&f->map, "f", "s")->rtt_s * 1e3, 161.3, 0.05);
    assert_true(link_between(&f->map, "f", "x")->rtt_s == 0);
    assert_non_null(strstr(f->map.assumptions, "light in fibre"));
    cluster_map_release(&f->map);
    assert_int_equal(load(f, clouds, NULL), OU_OK);
    assert_near(link_between(&f->map, "f", "v")->rtt_s * 1e3, 64.1, 0.05);
    cluster_map_release(&f->map);
    assert_int_equal(load(f, clouds, "{\"composition\": {\"links\": []}}"), OU_OK);
    assert_true(link_between(&f->map, "f", "v")->rtt_s == 0);
}

static void test_links_that_nobody_models_are_no_distance(void **state)
{
    struct fixture *f = *state;
    const char *topology =
        temp_file(&f->dir, "topology.json",
                  "{\"coreNodes\": [{\"name\": \"f\", \"region\": \"eu\", \"producers\": [\"v\"]},"
                  "{\"name\": \"v\", \"region\": \"us\"}]}");
    const char *profile = temp_file(&f->dir, "profile.json",
                                    "{\"composition\": {\"links\": [{\"a\": \"eu\", \"b\": "
                                    "\"us\", \"latency_ms\": 45, \"bytes_per_second\": 1000}]}}");

    assert_int_equal(cluster_map_load(topology, profile, false, &f->map, &f->err), OU_OK);
    assert_true(link_between(&f->map, "f", "v")->rtt_s == 0);
    assert_true(link_between(&f->map, "f", "v")->bytes_per_second == 0);
    assert_non_null(strstr(f->map.assumptions, "delay nothing"));
}

static void test_relays_are_nodes_as_well(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f,
                          "{\"coreNodes\": [{\"name\": \"a\", \"producers\": [\"r\"]}],"
                          " \"relayNodes\": [{\"name\": \"r\", \"producers\": [\"b\"]},"
                          " {\"name\": \"b\"}]}",
                          NULL),
                     OU_OK);
    assert_int_equal(f->map.count, 3);
    assert_non_null(link_between(&f->map, "r", "a"));
    assert_non_null(link_between(&f->map, "b", "r"));
    assert_null(link_between(&f->map, "a", "b"));
}

/* The file of one node lies in many a folder, under the same name. */
static void test_a_file_of_one_node_is_no_map(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{\"localRoots\": [], \"publicRoots\": []}", NULL), OU_NOT_FOUND);
    assert_int_equal(load(f, "{\"Producers\": []}", PROFILE), OU_NOT_FOUND);
}

static void test_a_wrong_member_is_named(void **state)
{
    static const struct {
        const char *topology, *profile, *text;
    } wrong[] = {
        { "[]", NULL, "topology.json: must be a JSON object" },
        { "{\"coreNodes\": 3}", NULL, "topology.json: member coreNodes must be a list" },
        { "{\"coreNodes\": [3]}", NULL, "member coreNodes[0] must be an object" },
        { "{\"coreNodes\": [{}]}", NULL, "member coreNodes[0].name must be given" },
        { "{\"coreNodes\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", NULL,
          "member coreNodes[1].name must be another one than those before" },
        { "{\"coreNodes\": [{\"name\": \"a\", \"region\": 1}]}", NULL,
          "member coreNodes[0].region must be text" },
        { "{\"coreNodes\": [{\"name\": \"a\", \"producers\": [{}]}]}", NULL,
          "member coreNodes[0].producers must be a list of names of nodes" },
        { TOPOLOGY, "{\"composition\": {\"links\": [{\"a\": \"here\"}]}}",
          "profile.json: member composition.links[0].b must be given" },
        { TOPOLOGY,
          "{\"composition\": {\"links\": [{\"a\": \"x\", \"b\": \"y\", \"latency_ms\": -1}]}}",
          "member composition.links[0].latency_ms must be 0 or more" },
        { TOPOLOGY, "{\"composition\": {\"links\": {}}}",
          "member composition.links must be a list" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(load(f, wrong[i].topology, wrong[i].profile), OU_INVALID);
        if (!strstr(f->err.text, wrong[i].text))
            fail_msg("%s: not in: %s", wrong[i].text, f->err.text);
        assert_null(f->map.names);
    }
}

/* So many nodes have room; one more has none. */
static void test_a_map_of_too_many_nodes_is_refused(void **state)
{
    struct fixture *f = *state;
    struct buffer b;

    for (int more = 0; more < 2; more++) {
        buffer_init(&b, allocator_libc(), 1 << 20);
        buffer_text(&b, "{\"coreNodes\": [");
        for (int i = 0; i < CLUSTER_MAP_NODES_MAX + more; i++)
            buffer_printf(&b, "%s{\"name\": \"%d\"}", i ? "," : "", i);
        buffer_text(&b, "]}");
        assert_int_equal(load(f, buffer_string(&b), NULL), more ? OU_TOO_LARGE : OU_OK);
        assert_int_equal(f->map.count, more ? 0 : CLUSTER_MAP_NODES_MAX);
        cluster_map_release(&f->map);
        buffer_release(&b);
    }
    assert_non_null(strstr(f->err.text, "topology.json: more than 10000 nodes, or 2000000 links"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_joints_go_both_ways_with_the_links_of_the_profile),
        TEST(test_links_of_the_topology_hold_in_place_of_the_profiles),
        TEST(test_without_a_list_of_links_light_sets_the_pace),
        TEST(test_links_that_nobody_models_are_no_distance),
        TEST(test_relays_are_nodes_as_well),
        TEST(test_a_file_of_one_node_is_no_map),
        TEST(test_a_wrong_member_is_named),
        TEST(test_a_map_of_too_many_nodes_is_refused),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
