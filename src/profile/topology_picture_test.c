/* Pictures are looked at by people; here is what can be counted. */
#include "profile/topology_picture.h"

#include <math.h>
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

/* ---- what lies on what ---- */

struct dot {
    double x, y, r;
};

/* The nodes of a picture, from its own text. */
static size_t read_dots(const struct drawn *d, struct dot *ret, size_t room)
{
    size_t n = 0;

    for (const char *at = buffer_string(&d->out); (at = strstr(at, "<circle class=\"node")); at++) {
        struct dot *dot = &ret[n++];

        assert_true(n <= room);
        assert_int_equal(
            sscanf(strstr(at, "cx="), "cx=\"%lf\" cy=\"%lf\" r=\"%lf", &dot->x, &dot->y, &dot->r),
            3);
    }
    return n;
}

static size_t nearest(const struct dot *dots, size_t count, double x, double y)
{
    size_t best = 0;

    for (size_t i = 1; i < count; i++)
        if (hypot(dots[i].x - x, dots[i].y - y) < hypot(dots[best].x - x, dots[best].y - y))
            best = i;
    return best;
}

/* How near lines come to nodes that they do not join, in radii of a node. */
static double least_clearance(const struct drawn *d)
{
    struct dot dots[32];
    size_t count = read_dots(d, dots, 32);
    double least = 100;

    for (const char *at = buffer_string(&d->out); (at = strstr(at, "d=\"M")); at++) {
        double a[2], c[2], b[2];
        size_t from, to;

        if (sscanf(at, "d=\"M%lf %lfQ%lf %lf %lf %lf", &a[0], &a[1], &c[0], &c[1], &b[0], &b[1]) !=
            6)
            continue; /* the head of an arrow */
        from = nearest(dots, count, a[0], a[1]);
        to = nearest(dots, count, b[0], b[1]);
        for (double t = 0; t <= 1; t += 1.0 / 64) {
            double x = (1 - t) * (1 - t) * a[0] + 2 * t * (1 - t) * c[0] + t * t * b[0];
            double y = (1 - t) * (1 - t) * a[1] + 2 * t * (1 - t) * c[1] + t * t * b[1];

            for (size_t i = 0; i < count; i++)
                if (i != from && i != to)
                    least = fmin(least, hypot(dots[i].x - x, dots[i].y - y) / dots[i].r);
        }
    }
    return least;
}

/* Else a square would look like a chain. */
static void test_no_link_of_a_small_cluster_lies_under_nodes_it_does_not_join(void **state)
{
    (void)state;
    for (enum topology_shape shape = TOPOLOGY_LINE; shape <= TOPOLOGY_DENSE; shape++)
        for (size_t regions = 1; regions <= 3; regions++)
            for (uint32_t nodes = 2; nodes <= 9; nodes++) {
                struct drawn d;

                make(&d, shape, nodes, regions);
                if (least_clearance(&d) < 1)
                    fail_msg("%s of %u nodes in %zu regions: %.2f", topology_shape_name(shape),
                             nodes, regions, least_clearance(&d));
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
        cmocka_unit_test(test_no_link_of_a_small_cluster_lies_under_nodes_it_does_not_join),
        cmocka_unit_test(test_of_very_many_links_a_choice_is_drawn_and_told),
        cmocka_unit_test(test_nothing_can_be_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
