/* Numbers of graphs that can be counted by hand, and of the published cluster of 52 nodes, whose distances were
 * found by the Floyd-Warshall algorithm elsewhere. */
#include "profile/topology_graph.h"

#include "support/test.h"

static const char *const world[] = { "eu-central-1", "us-east-1", "ap-southeast-2" };

struct measured {
    struct arena memory;
    struct topology t;
    struct topology_graph g;
};

static void measure(struct measured *m)
{
    struct ou_error err = { 0 };

    if (topology_graph_measure(&m->t, &m->g, &err))
        fail_msg("%s", err.text);
}

static void make(struct measured *m, enum topology_shape shape, uint32_t nodes, size_t regions)
{
    struct ou_error err = { 0 };

    arena_init(&m->memory, allocator_libc(), 64 << 20);
    if (topology_make(shape, nodes, world, regions, &m->memory, &m->t, &err))
        fail_msg("%s", err.text);
    measure(m);
}

static void check_degree(struct degree d, size_t min, double mean, size_t max)
{
    assert_int_equal(d.min, min);
    assert_int_equal(d.max, max);
    assert_true(d.mean > mean - 1e-9 && d.mean < mean + 1e-9);
}

static void check_mean(const struct distances *d, double mean)
{
    if (!(d->mean > mean - 1e-9 && d->mean < mean + 1e-9))
        fail_msg("%.12g instead of %.12g", d->mean, mean);
}

static void test_a_circle_is_far_one_way_and_half_as_far_both_ways(void **state)
{
    struct measured m;

    (void)state;
    make(&m, TOPOLOGY_UNI_CIRCLE, 10, 1);
    assert_int_equal(m.g.links, 10);
    assert_int_equal(m.g.links_between, 0);
    assert_int_equal(m.g.regions, 1);
    check_degree(m.g.out, 1, 1, 1);
    check_degree(m.g.in, 1, 1, 1);
    check_degree(m.g.joined, 2, 2, 2);
    assert_true(m.g.directed.longest == 9);
    check_mean(&m.g.directed, 5);
    assert_true(m.g.hops.longest == 5);
    check_mean(&m.g.hops, 25. / 9);
    assert_int_equal(m.g.sources, 10);
    assert_false(m.g.has_delays);
    arena_release(&m.memory);
}

static void test_a_line_is_as_long_as_its_nodes(void **state)
{
    struct measured m;

    (void)state;
    make(&m, TOPOLOGY_LINE, 5, 1);
    check_degree(m.g.out, 1, 8. / 5, 2);
    check_degree(m.g.joined, 1, 8. / 5, 2);
    assert_true(m.g.hops.longest == 4);
    check_mean(&m.g.hops, 2);
    assert_int_equal(m.g.hops.from, 0);
    assert_int_equal(m.g.hops.to, 4);
    arena_release(&m.memory);
}

static void test_everyone_with_everyone_is_one_step(void **state)
{
    struct measured m;

    (void)state;
    make(&m, TOPOLOGY_DENSE, 7, 3);
    assert_int_equal(m.g.links, 42);
    check_degree(m.g.joined, 6, 6, 6);
    assert_true(m.g.hops.longest == 1 && m.g.directed.longest == 1);
    /* 3, 2 and 2 nodes: 42 links less 6 + 2 + 2 within regions. */
    assert_int_equal(m.g.links_between, 32);
    arena_release(&m.memory);
}

/* Degrees are those of the published layout: six producers each, two of them in the other regions. */
static void test_the_published_cluster_of_52_nodes(void **state)
{
    struct measured m;

    (void)state;
    make(&m, TOPOLOGY_TORUS_DENSE, 52, 3);
    assert_int_equal(m.g.links, 312);
    assert_int_equal(m.g.links_between, 104);
    assert_int_equal(m.g.regions, 3);
    check_degree(m.g.out, 6, 6, 6);
    assert_true(m.g.hops.longest == 4);
    assert_true(m.g.directed.longest == 5);
    check_mean(&m.g.hops, 2.5211161387631975);
    check_mean(&m.g.directed, 2.7187028657616894);
    assert_int_equal(m.g.hops.pairs_apart, 0);
    arena_release(&m.memory);
}

static void test_pairs_that_nothing_joins_are_counted(void **state)
{
    uint32_t one = 1;
    struct topology_node nodes[] = {
        { .name = "a", .region = "x", .kind = HOST_POOL, .producers = &one, .producer_count = 1 },
        { .name = "b", .region = "x" },
        { .name = "c", .region = "y" },
    };
    struct measured m = { .t = { .nodes = nodes, .count = 3 } };

    (void)state;
    measure(&m);
    assert_int_equal(m.g.hops.pairs_apart, 4);     /* a-c, b-c, both ways */
    assert_int_equal(m.g.directed.pairs_apart, 5); /* and b cannot reach a */
    assert_true(m.g.hops.longest == 1);
    check_degree(m.g.in, 0, 1. / 3, 1);
    check_degree(m.g.joined, 0, 2. / 3, 1);
}

/* Way round of 12 + 69 ms against 268 ms straight. */
static void test_delays_take_the_shortest_way(void **state)
{
    static const struct profile_link links[] = { { "A", "B", 12, 0 },
                                                 { "C", "B", 69, 0 },
                                                 { "A", "C", 268, 0 },
                                                 { "C", "A", 1,
                                                   0 }, /* told twice: the first holds */
                                                 { "A", "nowhere", 5, 0 } };
    uint32_t of_a[] = { 1, 2 }, of_b[] = { 2 };
    struct topology_node nodes[] = {
        { .name = "a", .region = "A", .producers = of_a, .producer_count = 2 },
        { .name = "b", .region = "B", .producers = of_b, .producer_count = 1 },
        { .name = "c", .region = "C" },
    };
    struct measured m = { .t = { nodes, 3, links, 5 } };

    (void)state;
    measure(&m);
    assert_true(m.g.has_delays);
    assert_true(m.g.delay_ms.longest == 81);
    assert_int_equal(m.g.delay_ms.from, 0);
    assert_int_equal(m.g.delay_ms.to, 2);
    check_mean(&m.g.delay_ms, (12 + 69 + 81) / 3.);
    assert_true(m.g.hops.longest == 1);
}

static void test_an_explorer_that_dials_everyone_brings_nobody_nearer(void **state)
{
    uint32_t all[] = { 0, 1, 2, 3, 4, 5 };
    struct measured m;

    (void)state;
    make(&m, TOPOLOGY_LINE, 7, 1);
    m.t.nodes[6].kind = HOST_EXPLORER;
    m.t.nodes[6].producers = all;
    m.t.nodes[6].producer_count = 6;
    measure(&m);
    assert_int_equal(m.g.nodes, 6);
    assert_int_equal(m.g.observers, 1);
    assert_true(m.g.hops.longest == 5);
    assert_int_equal(m.g.links, 10); /* what node-5 dialled there is no part of it either */
    m.t.nodes += 6;
    m.t.count = 1;
    m.t.nodes[0].producer_count = 0;
    measure(&m); /* alone, it is all there is */
    assert_int_equal(m.g.nodes, 1);
    arena_release(&m.memory);
}

static void test_nothing_has_no_distances(void **state)
{
    struct measured m = { .t = { 0 } };

    (void)state;
    measure(&m);
    assert_int_equal(m.g.links, 0);
    assert_int_equal(m.g.out.min, 0);
    assert_true(m.g.hops.mean == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_circle_is_far_one_way_and_half_as_far_both_ways),
        cmocka_unit_test(test_a_line_is_as_long_as_its_nodes),
        cmocka_unit_test(test_everyone_with_everyone_is_one_step),
        cmocka_unit_test(test_the_published_cluster_of_52_nodes),
        cmocka_unit_test(test_pairs_that_nothing_joins_are_counted),
        cmocka_unit_test(test_delays_take_the_shortest_way),
        cmocka_unit_test(test_an_explorer_that_dials_everyone_brings_nobody_nearer),
        cmocka_unit_test(test_nothing_has_no_distances),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
