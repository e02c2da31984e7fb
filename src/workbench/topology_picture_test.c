/* Pictures are looked at by people; here is what can be counted. */
#include "workbench/topology_picture.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const char *const world[] = { "eu-central-1", "us-east-1", "ap-southeast-2" };

struct drawn {
    struct arena memory;
    struct topology t;
    struct buffer out;
};

static void draw(struct drawn *d, const char *title)
{
    struct topology_graph g;
    struct ou_error err = { 0 };

    if (topology_graph_measure(&d->t, &g, &err))
        fail_msg("%s", err.text);
    buffer_init(&d->out, allocator_libc(), 64 << 20);
    topology_picture(&d->t, &g, title, &d->out);
    assert_int_equal(buffer_status(&d->out), OU_OK);
}

static void make(struct drawn *d, enum topology_shape shape, uint32_t nodes, size_t regions)
{
    struct ou_error err = { 0 };

    arena_init(&d->memory, allocator_libc(), 64 << 20);
    if (topology_make(shape, nodes, world, regions, &d->memory, &d->t, &err))
        fail_msg("%s", err.text);
    draw(d, "a test");
}

static void release(struct drawn *d)
{
    buffer_release(&d->out);
    arena_release(&d->memory);
}

static size_t count(const struct drawn *d, const char *what)
{
    size_t n = 0;

    for (const char *at = buffer_string(&d->out); (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void test_each_node_is_there_and_each_joint_once(void **state)
{
    struct drawn d;

    (void)state;
    make(&d, TOPOLOGY_TORUS_DENSE, 52, 3);
    assert_int_equal(count(&d, "<g><title>node-"), 52);
    assert_int_equal(count(&d, "class=\"region"), 3);
    /* 312 links; a pair that dials each other has one line with two heads. */
    assert_int_equal(count(&d, "marker-end") + count(&d, "marker-start"), 312);
    assert_int_equal(count(&d, "class=\"watch c0\" d"), 0);
    release(&d);
}

static void test_the_same_topology_gives_the_same_bytes(void **state)
{
    struct drawn a, b;

    (void)state;
    make(&a, TOPOLOGY_TORUS, 20, 3);
    make(&b, TOPOLOGY_TORUS, 20, 3);
    assert_string_equal(buffer_string(&a.out), buffer_string(&b.out));
    release(&a);
    release(&b);
}

static void test_names_cannot_break_out(void **state)
{
    struct topology_node nodes[] = {
        { .name = "<script>&\"", .region = "\x01\xff<b>", .kind = HOST_POOL, .pools = 2 },
        { .name = "<i>", .region = "", .kind = HOST_EXPLORER },
    };
    struct drawn d = { .t = { .nodes = nodes, .count = 2 } };

    (void)state;
    draw(&d, "</title><script>");
    assert_int_equal(count(&d, "<script"), 0);
    assert_int_equal(count(&d, "<i>"), 0);
    assert_int_equal(count(&d, "<b>"), 0);
    assert_int_equal(count(&d, "\x01"), 0);
    assert_int_equal(count(&d, "\xff"), 0);
    assert_true(count(&d, "&lt;script&gt;&amp;") > 0);
    buffer_release(&d.out);
}

/* No coordinate may be infinite or no number, whatever the counts. */
static void test_every_size_can_be_drawn(void **state)
{
    (void)state;
    for (uint32_t nodes = 1; nodes <= 12; nodes++)
        for (size_t regions = 1; regions <= 3; regions++) {
            struct drawn d;

            make(&d, TOPOLOGY_TORUS_DENSE, nodes, regions);
            assert_int_equal(count(&d, "nan") + count(&d, "inf"), 0);
            assert_int_equal(count(&d, "<g><title>node-"), nodes);
            release(&d);
        }
}

static void test_of_very_many_links_a_choice_is_drawn_and_told(void **state)
{
    struct drawn d;

    (void)state;
    make(&d, TOPOLOGY_DENSE, 300, 3);
    assert_true(count(&d, "<path") <= TOPOLOGY_PICTURE_LINKS_MAX + 10);
    assert_int_equal(count(&d, "one in 5 links is drawn"), 2);
    release(&d);
}

static void test_nothing_can_be_drawn(void **state)
{
    struct drawn d = { .t = { 0 } };

    (void)state;
    draw(&d, "");
    assert_int_equal(count(&d, "</svg>"), 1);
    buffer_release(&d.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_node_is_there_and_each_joint_once),
        cmocka_unit_test(test_the_same_topology_gives_the_same_bytes),
        cmocka_unit_test(test_names_cannot_break_out),
        cmocka_unit_test(test_every_size_can_be_drawn),
        cmocka_unit_test(test_of_very_many_links_a_choice_is_drawn_and_told),
        cmocka_unit_test(test_nothing_can_be_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
