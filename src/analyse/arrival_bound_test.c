#include "analyse/arrival_bound.h"

#include <stdlib.h>

#include "analyse/arrival.h"
#include "analyse/blocks_test.h"
#include "analyse/findings.h"

#define FULL_BLOCK 90112
#define GIGABIT (1e9 / 8)

enum { A, B, C, D, HOSTS };

static const char *const names[HOSTS] = { "A", "B", "C", "D" };

static struct diffusion_link link_of(uint32_t a, uint32_t b, double rtt_ms)
{
    return (struct diffusion_link){ a, b, rtt_ms / 1e3, GIGABIT, 0 };
}

/* A-B 12 ms, B-C 69, A-C 268, C-D 12, B-D 268, of a gigabit a second; A-B is told twice. A
 * full block of A is with B after 18.721 ms, with C after 122.942, with D after 141.663. */
static struct cluster_map *four(void)
{
    static struct diffusion_link links[12];
    static struct cluster_map map = { .names = (const char **)names,
                                      .count = HOSTS,
                                      .links = links,
                                      .link_count = 12,
                                      .assumptions = "none" };
    size_t n = 0;

    static const struct {
        uint32_t a, b;
        double rtt_ms;
    } pairs[] = { { A, B, 12 }, { B, C, 69 },  { A, C, 268 },
                  { C, D, 12 }, { B, D, 268 }, { B, A, 12 } };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        links[n++] = link_of(pairs[i].a, pairs[i].b, pairs[i].rtt_ms);
        links[n++] = link_of(pairs[i].b, pairs[i].a, pairs[i].rtt_ms);
    }
    return &map;
}

static struct bound_doubt fill(struct test_cluster *c, const struct cluster_map *map)
{
    struct bound_doubt doubt;

    assert_int_equal(arrival_fill(&c->a, NULL), OU_OK);
    assert_int_equal(arrival_bound_fill(&c->a, map, &doubt, NULL), OU_OK);
    return doubt;
}

static void assert_bound(const struct test_cluster *c, size_t i, double median_ms, double mean_ms)
{
    const struct adoption_bound *b = &c->a.arrival.bound.curve[i];

    assert_int_equal(b->hosts, i + 1);
    assert_near(b->median_s * 1e3, median_ms, 5e-4);
    assert_near(b->mean_s * 1e3, mean_ms, 5e-4);
}

static void test_the_bound_is_the_announcement_and_the_shortest_paths(void **state)
{
    static struct test_cluster c;
    struct bound_doubt doubt;

    (void)state;
    cluster_init(&c, HOSTS, names);
    cluster_block(&c, A, FULL_BLOCK, 100, (double[]){ 110, 150, 400, 483.326 });
    doubt = fill(&c, four());
    assert_int_equal(c.a.arrival.bound.point_count, 4);
    assert_bound(&c, 0, 100, 100);
    assert_bound(&c, 1, 118.721, 118.721);
    assert_bound(&c, 2, 222.942, 222.942);
    assert_bound(&c, 3, 241.663, 241.663);
    assert_near(c.a.arrival.bound.efficiency, 0.5, 1e-5); /* 241.663 of 483.326 */
    assert_int_equal(c.a.arrival.bound.links, 5);
    assert_int_equal(c.a.arrival.bound.blocks, 1);
    assert_near(c.a.arrival.bound.block_bytes, FULL_BLOCK, 0);
    assert_int_equal(doubt.adoptions, 0);
    assert_null(doubt.stranger);
    cluster_release(&c);
}

/* Two of three blocks are D's, from where it is as far to A as from A to D. Announced after 0, 30
 * and 60 ms, each counts: the median is the second, and the mean as well. */
static void test_each_forger_counts_as_often_as_it_forged(void **state)
{
    static struct test_cluster c;
    static const double late[HOSTS] = { 5000, 5000, 5000, 5000 };

    (void)state;
    cluster_init(&c, HOSTS, names);
    cluster_block(&c, A, FULL_BLOCK, 0, late);
    cluster_block(&c, D, FULL_BLOCK, 30, late);
    cluster_block(&c, D, FULL_BLOCK, 60, late);
    (void)fill(&c, four());
    assert_bound(&c, 0, 30, 30);
    assert_bound(&c, 3, 171.663, 171.663);
    assert_bound(&c, 1, 48.721, (18.721 + 48.721 + 78.721) / 3);
    cluster_release(&c);
}

/* A block of 3,000 bytes of A is with B after 18.024 ms. */
static void test_each_block_counts_with_its_own_size(void **state)
{
    static struct test_cluster c;
    static const double late[HOSTS] = { 5000, 5000, 5000, 5000 };

    (void)state;
    cluster_init(&c, HOSTS, names);
    cluster_block(&c, A, FULL_BLOCK, 0, late);
    cluster_block(&c, A, 3000, 0, late);
    (void)fill(&c, four());
    assert_bound(&c, 1, (18.721 + 18.024) / 2, (18.721 + 18.024) / 2);
    assert_near(c.a.arrival.bound.block_bytes, (FULL_BLOCK + 3000) / 2.0, 0);
    cluster_release(&c);
}

/* Nobody can tell of a block before it has come: C's clock is behind, or the file is wrong. */
static void test_what_came_sooner_than_it_could_is_told_of_the_worst_pair(void **state)
{
    static struct test_cluster c;
    struct bound_doubt doubt;

    (void)state;
    cluster_init(&c, HOSTS, names);
    cluster_block(&c, A, FULL_BLOCK, 100, (double[]){ 90, 116, 182.942, 900 });
    cluster_block(&c, A, FULL_BLOCK, 100, (double[]){ 90, 116, 212.942, 900 });
    doubt = fill(&c, four());
    /* B is 2.7 ms too early, which is how late a stamp can be; C 40 and 10 ms */
    assert_int_equal(doubt.adoptions, 2);
    assert_int_equal(doubt.forger, A);
    assert_int_equal(doubt.observer, C);
    assert_near((double)doubt.early_ns / MS, 40, 5e-4);
    c.hosts[C].coarse_stamps = true; /* 10 ms are nothing then */
    assert_int_equal(fill(&c, four()).adoptions, 1);
    cluster_release(&c);
}

static void test_the_finding_names_the_pair_and_the_next_step(void **state)
{
    static struct test_cluster c;
    uint64_t none[HOSTS] = { 0 };
    struct findings_input input = { .wild_stamps = none,
                                    .early_events = none,
                                    .lost_events = none,
                                    .ambiguous_hashes = none,
                                    .doubt = { .one = NO_HOST } };
    const struct finding *f = NULL;

    (void)state;
    cluster_init(&c, HOSTS, names);
    for (int i = 0; i < HOSTS; i++)
        c.hosts[i].first_ns = c.hosts[i].last_ns = c.hosts[i].longest_gap_ns =
            c.hosts[i].clock_offset_ns = TIME_NONE;
    cluster_block(&c, A, FULL_BLOCK, 100, (double[]){ 90, 150, 182.942, 900 });
    input.bound = fill(&c, four());
    assert_int_equal(findings_fill(&c.a, &input, NULL), OU_OK);
    for (size_t i = 0; i < c.a.finding_count; i++)
        if (strcmp(c.a.findings[i].code, "below-physical-bound") == 0)
            f = &c.a.findings[i];
    assert_non_null(f);
    assert_int_equal(f->severity, FINDING_WARNING);
    assert_int_equal(f->count, 1);
    assert_string_equal(f->text,
                        "1 adoption came sooner than the links of the run allow, by up to 40.0 ms "
                        "from A to C: a clock is off, or the links are others than told; compare "
                        "the clocks of these two, then topology.json and the links of "
                        "profile.json");
    cluster_release(&c);
}

/* Hosts behind a broken link are never reached: the curve ends before them. */
static void test_the_curve_ends_where_no_path_leads(void **state)
{
    static struct test_cluster c;
    struct cluster_map map = *four();

    (void)state;
    map.link_count = 2; /* A-B alone */
    cluster_init(&c, HOSTS, names);
    cluster_block(&c, A, FULL_BLOCK, 0, (double[]){ 1, 50, 100, 200 });
    assert_int_equal(fill(&c, &map).adoptions, 0);
    assert_int_equal(c.a.arrival.bound.point_count, 2);
    assert_true(isnan(c.a.arrival.bound.efficiency));
    cluster_release(&c);
}

static void test_it_is_not_known_without_map_place_size_or_announcement(void **state)
{
    static struct test_cluster c;
    static const char *const others[HOSTS] = { "A", "B", "C", "E" };
    static const double adopted[HOSTS] = { 1, 2, 3, 4 };
    struct chain_block *b;

    (void)state;
    cluster_init(&c, HOSTS, others);
    b = cluster_block(&c, A, FULL_BLOCK, 0, adopted);
    (void)fill(&c, NULL);
    assert_null(c.a.arrival.bound.assumptions);
    assert_string_equal(fill(&c, four()).stranger, "E");
    assert_null(c.a.arrival.bound.assumptions);
    c.hosts[D].name = "D";
    b->size_bytes = -1;
    assert_null(fill(&c, four()).stranger);
    assert_null(c.a.arrival.bound.assumptions);
    b->size_bytes = FULL_BLOCK;
    b->forger_missing = 1u << FORGER_ANNOUNCED_CUM;
    (void)fill(&c, four());
    assert_null(c.a.arrival.bound.assumptions);
    b->forger_missing = 0;
    (void)fill(&c, four());
    assert_non_null(c.a.arrival.bound.assumptions);
    cluster_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bound_is_the_announcement_and_the_shortest_paths),
        cmocka_unit_test(test_each_forger_counts_as_often_as_it_forged),
        cmocka_unit_test(test_each_block_counts_with_its_own_size),
        cmocka_unit_test(test_what_came_sooner_than_it_could_is_told_of_the_worst_pair),
        cmocka_unit_test(test_the_finding_names_the_pair_and_the_next_step),
        cmocka_unit_test(test_the_curve_ends_where_no_path_leads),
        cmocka_unit_test(test_it_is_not_known_without_map_place_size_or_announcement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
