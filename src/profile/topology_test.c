/* The expected lists of producers of the 52 nodes are those of the published benchmark cluster. */
#include "profile/topology.h"

#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"

static const char *const world[] = { "eu-central-1", "us-east-1", "ap-southeast-2" };
static const char *const here[] = { "loopback" };

struct made {
    struct arena memory;
    struct topology topology;
};

static struct topology *make(struct made *m, enum topology_shape shape, uint32_t nodes,
                             const char *const *regions, size_t region_count)
{
    struct ou_error err = { 0 };

    arena_init(&m->memory, allocator_libc(), 16 << 20);
    if (topology_make(shape, nodes, regions, region_count, &m->memory, &m->topology, &err))
        fail_msg("%s", err.text);
    return &m->topology;
}

static void check_producers(const struct topology *t, size_t node, const uint32_t *wanted,
                            size_t count)
{
    assert_int_equal(t->nodes[node].producer_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(t->nodes[node].producers[i], wanted[i]);
}

#define CHECK(t, node, ...)                                               \
    do {                                                                  \
        static const uint32_t wanted[] = { __VA_ARGS__ };                 \
        check_producers(t, node, wanted, sizeof wanted / sizeof *wanted); \
    } while (0)

static void test_the_published_cluster_of_52_nodes_comes_out(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_TORUS_DENSE, 52, world, 3);

    (void)state;
    CHECK(t, 0, 1, 2, 3, 51, 18, 36);
    CHECK(t, 3, 4, 5, 6, 0, 21, 39);
    CHECK(t, 51, 1, 2, 0, 48, 15, 33);
    for (size_t i = 0; i < 52; i++) {
        assert_int_equal(t->nodes[i].producer_count, 6);
        assert_string_equal(t->nodes[i].region, world[i % 3]);
    }
    arena_release(&m.memory);
}

static void test_six_nodes_in_one_dense_ring_have_one_chord(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_TORUS_DENSE, 6, here, 1);

    (void)state;
    CHECK(t, 0, 1, 5, 2);
    CHECK(t, 4, 5, 3, 0);
    arena_release(&m.memory);
}

static void test_a_circle_goes_one_way_whatever_the_regions(void **state)
{
    struct made m;

    (void)state;
    for (size_t regions = 1; regions <= 3; regions += 2) {
        const struct topology *t =
            make(&m, TOPOLOGY_UNI_CIRCLE, 10, regions == 1 ? here : world, regions);

        for (uint32_t i = 0; i < 10; i++)
            check_producers(t, i, &(uint32_t){ (i + 1) % 10 }, 1);
        arena_release(&m.memory);
    }
}

static void test_a_line_has_two_ends(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_LINE, 4, here, 1);

    (void)state;
    CHECK(t, 0, 1);
    CHECK(t, 1, 2, 0);
    CHECK(t, 3, 2);
    arena_release(&m.memory);
}

static void test_a_torus_has_no_chords(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_TORUS, 12, world, 3);

    (void)state;
    CHECK(t, 0, 1, 2, 3, 9);
    CHECK(t, 4, 5, 3, 7, 1);
    arena_release(&m.memory);
}

static void test_rings_of_two_are_joined_once(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_TORUS_DENSE, 6, world, 3);

    (void)state;
    CHECK(t, 0, 1, 2, 3);
    CHECK(t, 5, 3, 4, 2);
    arena_release(&m.memory);
}

static void test_dense_is_everyone_with_everyone(void **state)
{
    struct made m;
    const struct topology *t = make(&m, TOPOLOGY_DENSE, 4, world, 3);

    (void)state;
    CHECK(t, 0, 1, 2, 3);
    CHECK(t, 2, 3, 0, 1);
    arena_release(&m.memory);
}

static bool reaches_all(const struct topology *t)
{
    bool seen[60] = { true };
    size_t count = 1;

    for (size_t round = 0; round < t->count; round++)
        for (size_t i = 0; i < t->count; i++)
            for (size_t j = 0; seen[i] && j < t->nodes[i].producer_count; j++) {
                bool *other = &seen[t->nodes[i].producers[j]];

                count += !*other;
                *other = true;
            }
    return count == t->count;
}

static void test_every_shape_of_every_size_holds_together_without_repeats(void **state)
{
    (void)state;
    for (int shape = TOPOLOGY_LINE; shape <= TOPOLOGY_DENSE; shape++)
        for (uint32_t nodes = 1; nodes <= 20; nodes++)
            for (size_t regions = 1; regions <= 3; regions++) {
                struct made m;
                const struct topology *t =
                    make(&m, (enum topology_shape)shape, nodes, world, regions);

                assert_true(reaches_all(t));
                for (size_t i = 0; i < nodes; i++)
                    for (size_t j = 0; j < t->nodes[i].producer_count; j++) {
                        uint32_t to = t->nodes[i].producers[j];

                        assert_true(to < nodes && to != i);
                        for (size_t k = 0; k < j; k++)
                            assert_int_not_equal(t->nodes[i].producers[k], to);
                    }
                arena_release(&m.memory);
            }
}

static void test_counts_outside_the_limits_are_refused(void **state)
{
    struct ou_error err = { 0 };
    struct topology t;
    struct arena memory;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(topology_make(TOPOLOGY_TORUS, 0, here, 1, &memory, &t, &err), OU_INVALID);
    assert_int_equal(topology_make(TOPOLOGY_TORUS, 1001, here, 1, &memory, &t, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "1 to 1000 nodes"));
    assert_int_equal(topology_make(TOPOLOGY_TORUS, 3, here, 0, &memory, &t, &err), OU_INVALID);
    arena_release(&memory);
}

static bool make_of(struct allocator *from, void *argument)
{
    struct arena memory;
    struct topology t;
    enum ou_status status;

    (void)argument;
    arena_init(&memory, from, 64 << 20);
    status = topology_make(TOPOLOGY_DENSE, 200, world, 3, &memory, &t, NULL);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    arena_release(&memory);
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
        cmocka_unit_test(test_the_published_cluster_of_52_nodes_comes_out),
        cmocka_unit_test(test_six_nodes_in_one_dense_ring_have_one_chord),
        cmocka_unit_test(test_a_circle_goes_one_way_whatever_the_regions),
        cmocka_unit_test(test_a_line_has_two_ends),
        cmocka_unit_test(test_a_torus_has_no_chords),
        cmocka_unit_test(test_rings_of_two_are_joined_once),
        cmocka_unit_test(test_dense_is_everyone_with_everyone),
        cmocka_unit_test(test_every_shape_of_every_size_holds_together_without_repeats),
        cmocka_unit_test(test_counts_outside_the_limits_are_refused),
        cmocka_unit_test(test_each_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
