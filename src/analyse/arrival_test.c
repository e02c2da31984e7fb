#include "analyse/arrival.h"

#include "analyse/blocks_test.h"

static void assert_share(const struct test_cluster *c, size_t i, uint32_t hosts, double p05_ms,
                         double p50_ms, double p95_ms)
{
    const struct adoption_share *s = &c->a.arrival.curve[i];

    assert_int_equal(s->hosts, hosts);
    assert_near(s->p05_s * 1e3, p05_ms, 1e-9);
    assert_near(s->p50_s * 1e3, p50_ms, 1e-9);
    assert_near(s->p95_s * 1e3, p95_ms, 1e-9);
}

/* Type 7 between two values: low + p (high - low). */
static void test_the_curve_has_the_quantiles_of_the_kth_adoption(void **state)
{
    static struct test_cluster c;

    (void)state;
    cluster_init(&c, 3, NULL);
    cluster_block(&c, 0, 1000, 50, (double[]){ 100, 400, 300 });
    cluster_block(&c, 1, 1000, 50, (double[]){ 600, 200, 500 });
    assert_int_equal(arrival_fill(&c.a, NULL), OU_OK);
    assert_int_equal(c.a.arrival.blocks, 2);
    assert_int_equal(c.a.arrival.point_count, 3);
    assert_share(&c, 0, 1, 105, 150, 195);
    assert_share(&c, 1, 2, 310, 400, 490);
    assert_share(&c, 2, 3, 410, 500, 590);
    cluster_release(&c);
}

/* Blocks that did not come so far say nothing about how long that takes. */
static void test_a_point_is_over_the_blocks_that_came_so_far(void **state)
{
    static struct test_cluster c;

    (void)state;
    cluster_init(&c, 3, NULL);
    cluster_block(&c, 0, 1000, 50, (double[]){ 100, NEVER, 300 });
    cluster_block(&c, 1, 1000, 50, (double[]){ NEVER, 200, NEVER });
    assert_int_equal(arrival_fill(&c.a, NULL), OU_OK);
    assert_int_equal(c.a.arrival.point_count, 2);
    assert_share(&c, 0, 1, 105, 150, 195);
    assert_share(&c, 1, 2, 300, 300, 300);
    cluster_release(&c);
}

static void test_blocks_that_are_not_accepted_and_unknown_forgers_are_left_out(void **state)
{
    static struct test_cluster c;

    (void)state;
    cluster_init(&c, 2, NULL);
    cluster_block(&c, 0, 1000, 50, (double[]){ 1, 2 })->accepted = false;
    cluster_block(&c, 0, 1000, 50, (double[]){ 1, 2 })->fate = BLOCK_UNCHAINED;
    cluster_block(&c, 0, 1000, 50, (double[]){ 10, 20 })->forger = NO_HOST;
    assert_int_equal(arrival_fill(&c.a, NULL), OU_OK);
    assert_int_equal(c.a.arrival.blocks, 1);
    assert_int_equal(c.a.arrival.point_count, 1);
    assert_share(&c, 0, 1, 20, 20, 20);
    cluster_release(&c);
}

static void test_a_large_cluster_has_a_point_for_each_hundredth(void **state)
{
    static struct test_cluster c;
    static double adopted_ms[300];

    (void)state;
    assert_int_equal(arrival_points(52), 52);
    assert_int_equal(arrival_hosts(52, 51), 52);
    assert_int_equal(arrival_points(250), 100);
    assert_int_equal(arrival_hosts(250, 0), 3); /* 2.5 hosts */
    assert_int_equal(arrival_hosts(250, 1), 5);
    assert_int_equal(arrival_hosts(250, 94), 238); /* 237.5 */
    assert_int_equal(arrival_hosts(250, 99), 250);
    for (int i = 0; i < 300; i++)
        adopted_ms[i] = 300 - i;
    cluster_init(&c, 300, NULL);
    cluster_block(&c, 7, 1000, 0, adopted_ms);
    assert_int_equal(arrival_fill(&c.a, NULL), OU_OK);
    assert_int_equal(c.a.arrival.point_count, 100);
    assert_share(&c, 0, 3, 3, 3, 3);
    assert_share(&c, 94, 285, 285, 285, 285);
    cluster_release(&c);
}

static void test_nothing_has_an_empty_curve(void **state)
{
    static struct test_cluster c;

    (void)state;
    cluster_init(&c, 0, NULL);
    assert_int_equal(arrival_fill(&c.a, NULL), OU_OK);
    assert_int_equal(c.a.arrival.point_count, 0);
    assert_int_equal(c.a.arrival.blocks, 0);
    cluster_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_curve_has_the_quantiles_of_the_kth_adoption),
        cmocka_unit_test(test_a_point_is_over_the_blocks_that_came_so_far),
        cmocka_unit_test(test_blocks_that_are_not_accepted_and_unknown_forgers_are_left_out),
        cmocka_unit_test(test_a_large_cluster_has_a_point_for_each_hundredth),
        cmocka_unit_test(test_nothing_has_an_empty_curve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
