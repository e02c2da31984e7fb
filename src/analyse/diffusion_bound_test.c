#include "analyse/diffusion_bound.h"

#include <math.h>
#include <stdlib.h>

#include "support/near.h"
#include "support/test.h"

#define FULL_BLOCK 90112.0
#define GIGABIT (1e9 / 8)

static const struct diffusion_rules cold_start = { .segment_bytes = 1460,
                                                   .initial_window = 10,
                                                   .cold = true };

/* --- Hops ---------------------------------------------------------------- */

/* 14,600 bytes at first, and twice as many with each round. */
static void test_slow_start_takes_a_round_for_each_doubling(void **state)
{
    static const struct {
        double bytes;
        unsigned rounds;
    } cases[] = { { 0, 1 },     { 3000, 1 },       { 14600, 1 },  { 14601, 2 },  { 43800, 2 },
                  { 43801, 3 }, { FULL_BLOCK, 3 }, { 102200, 3 }, { 102201, 4 }, { 219000, 4 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(diffusion_rounds(&cold_start, cases[i].bytes), cases[i].rounds);
}

static void test_a_full_block_wants_a_window_of_62_segments(void **state)
{
    struct diffusion_rules rules = diffusion_open_window;
    struct diffusion_link link = { .rtt_s = 0.1 };

    (void)state;
    assert_true(diffusion_window_segments(&rules, FULL_BLOCK) == 62);
    rules.window_segments = 62;
    assert_near(diffusion_hop_s(&rules, &link, FULL_BLOCK), 0.15, 1e-12);
    rules.window_segments = 61; /* one short: another round trip */
    assert_near(diffusion_hop_s(&rules, &link, FULL_BLOCK), 0.25, 1e-12);
}

static void test_a_hop_of_a_full_block_takes_so_long(void **state)
{
    static const struct {
        double rtt_ms, cold_ms, warm_ms;
    } cases[] = { { 12, 42.720896, 18.720896 },
                  { 69, 242.220896, 104.220896 },
                  { 268, 938.720896, 402.720896 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct diffusion_link link = { .rtt_s = cases[i].rtt_ms / 1e3,
                                       .bytes_per_second = GIGABIT };

        assert_near(diffusion_hop_s(&cold_start, &link, FULL_BLOCK) * 1e3, cases[i].cold_ms, 1e-9);
        assert_near(diffusion_hop_s(&diffusion_open_window, &link, FULL_BLOCK) * 1e3,
                    cases[i].warm_ms, 1e-9);
    }
}

/* 1.22 * 1460 bytes / (0.1 s * sqrt(0.0001)) = 1,781,200 bytes a second. */
static void test_loss_limits_what_a_link_carries(void **state)
{
    struct diffusion_link link = { .rtt_s = 0.1, .bytes_per_second = GIGABIT, .loss = 1e-4 };

    (void)state;
    assert_near(diffusion_loss_rate(&diffusion_open_window, 0.1, 1e-4), 1781200, 1e-6);
    assert_near(diffusion_hop_s(&diffusion_open_window, &link, FULL_BLOCK),
                0.15 + FULL_BLOCK / 1781200, 1e-12);
    assert_true(isinf(diffusion_loss_rate(&diffusion_open_window, 0.1, 0)));
}

/* The published model of the network of Praos, measured between data centres: how many
 * round trips transfers of 64, 256, 512, 1024 and 2048 kB took beyond their first one, over round trips of 12,
 * 69 and 268 ms. */
static void test_slow_start_is_what_was_measured_between_data_centres(void **state)
{
    static const double multiples[3][5] = { { 1.95, 3.81, 5.41, 6.36, 6.98 },
                                            { 2.07, 3.94, 4.82, 5.87, 6.81 },
                                            { 1.98, 3.98, 5.96, 5.96, 6.96 } };
    static const unsigned rounds[5] = { 2, 4, 5, 6, 7 };
    int near = 0;

    (void)state;
    for (int size = 0; size < 5; size++) {
        static const double kilobytes[5] = { 64, 256, 512, 1024, 2048 };
        unsigned w = diffusion_rounds(&cold_start, kilobytes[size] * 1024) - 1;

        assert_int_equal(w, rounds[size]);
        for (int rtt = 0; rtt < 3; rtt++) {
            double off = fabs(multiples[rtt][size] - w);

            near += off < 0.2;
            assert_true(off < 0.97);
        }
    }
    assert_int_equal(near, 12);
}

/* --- Paths ---------------------------------------------------------------- */

enum { A, B, C, D, HOSTS };

static void both_ways(struct diffusion_link *links, size_t *n, uint32_t a, uint32_t b,
                      double rtt_ms)
{
    links[(*n)++] = (struct diffusion_link){ a, b, rtt_ms / 1e3, GIGABIT, 0 };
    links[(*n)++] = (struct diffusion_link){ b, a, rtt_ms / 1e3, GIGABIT, 0 };
}

/* A-B 12 ms, B-C 69, A-C 268, C-D 12, B-D 268. */
static void make_four(struct diffusion_net *net)
{
    struct diffusion_link links[10];
    size_t n = 0;

    both_ways(links, &n, C, D, 12);
    both_ways(links, &n, B, D, 268);
    both_ways(links, &n, A, C, 268);
    both_ways(links, &n, B, C, 69);
    both_ways(links, &n, A, B, 12);
    assert_int_equal(diffusion_net_init(net, HOSTS, links, n), OU_OK);
}

static void assert_times(struct diffusion_net *net, double bytes, double b_ms, double c_ms,
                         double d_ms)
{
    double times_s[HOSTS];

    diffusion_times(net, A, bytes, times_s);
    assert_true(times_s[A] == 0);
    assert_near(times_s[B] * 1e3, b_ms, 5e-4);
    assert_near(times_s[C] * 1e3, c_ms, 5e-4);
    assert_near(times_s[D] * 1e3, d_ms, 5e-4);
}

static void test_the_shortest_path_is_the_bound(void **state)
{
    struct diffusion_net net;

    (void)state;
    make_four(&net);
    assert_times(&net, FULL_BLOCK, 18.721, 122.942, 141.663);
    assert_times(&net, 3000, 18.024, 121.548, 139.572);
    net.rules = cold_start;
    assert_times(&net, FULL_BLOCK, 42.721, 284.942, 327.663);
    assert_times(&net, 3000, 18.024, 121.548, 139.572); /* one window: cold as warm */
    diffusion_net_release(&net);
}

static void test_checks_of_headers_and_uplinks_add_to_it(void **state)
{
    static const double check_s[HOSTS] = { 1, 0.001, 0.002, 0.004 };
    static const double uplinks[HOSTS] = { 0, GIGABIT / 10, 0, 0 };
    struct diffusion_net net;

    (void)state;
    make_four(&net);
    net.check_s = check_s;
    assert_times(&net, FULL_BLOCK, 19.721, 125.942, 148.663);
    net.check_s = NULL;
    net.uplink_bytes_per_second = uplinks; /* of B: 7.20896 ms instead of 0.720896 */
    assert_times(&net, FULL_BLOCK, 18.721, 129.430, 148.151);
    diffusion_net_release(&net);
    assert_near(diffusion_uplink_wait_s(FULL_BLOCK, 3, 1e6), 0.270336, 1e-12);
    assert_true(diffusion_uplink_wait_s(FULL_BLOCK, 3, 0) == 0);
}

static void test_who_is_joined_with_nobody_is_never_reached(void **state)
{
    struct diffusion_link one_way = { .from = A, .to = B, .rtt_s = 0.1 };
    struct diffusion_net net;
    double times_s[HOSTS];

    (void)state;
    assert_int_equal(diffusion_net_init(&net, HOSTS, &one_way, 1), OU_OK);
    diffusion_times(&net, A, 1000, times_s);
    assert_near(times_s[B], 0.15, 1e-12);
    assert_true(isinf(times_s[C]) && isinf(times_s[D]));
    diffusion_times(&net, B, 1000, times_s);
    assert_true(isinf(times_s[A]) && times_s[B] == 0);
    diffusion_net_release(&net);
    assert_int_equal(diffusion_net_init(&net, 1, NULL, 0), OU_OK);
    diffusion_times(&net, 0, 1000, times_s);
    assert_true(times_s[0] == 0);
    diffusion_net_release(&net);
}

/* --- Paths of random hops --------------------------------------------------- */

#define HOPS_MAX 5
#define PATHS 243 /* 3^5 */

struct outcome {
    double seconds, probability;
};

static int by_seconds(const void *a, const void *b)
{
    double x = ((const struct outcome *)a)->seconds, y = ((const struct outcome *)b)->seconds;

    return (x > y) - (x < y);
}

/* All paths of so many hops, each hop one of three with the same probability: the
 * network of each is a chain, whose last host's time is the outcome. */
static size_t add_paths(struct outcome *out, int hops, const double hop_s[3], double probability)
{
    size_t paths = 1;

    for (int i = 0; i < hops; i++)
        paths *= 3;
    for (size_t path = 0; path < paths; path++) {
        struct diffusion_link links[HOPS_MAX];
        struct diffusion_net net;
        double times_s[HOPS_MAX + 1];
        size_t rest = path;

        for (int i = 0; i < hops; i++, rest /= 3)
            links[i] = (struct diffusion_link){ .from = (uint32_t)i,
                                                .to = (uint32_t)i + 1,
                                                .rtt_s = hop_s[rest % 3] / 1.5 };
        assert_int_equal(diffusion_net_init(&net, (uint32_t)hops + 1, links, (size_t)hops), OU_OK);
        diffusion_times(&net, 0, 1, times_s);
        diffusion_net_release(&net);
        out[path] = (struct outcome){ times_s[hops], probability / (double)paths };
    }
    return paths;
}

/* The least time that is not exceeded with probability p. */
static double quantile_of(const struct outcome *sorted, size_t n, double p)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += sorted[i].probability;
        if (sum >= p - 1e-12)
            return sorted[i].seconds;
    }
    return sorted[n - 1].seconds;
}

static double share_within(const struct outcome *sorted, size_t n, double seconds)
{
    double sum = 0;

    for (size_t i = 0; i < n && sorted[i].seconds <= seconds + 1e-9; i++)
        sum += sorted[i].probability;
    return sum;
}

/* Short, medium and long hops of the model, in seconds. */
static const double of_64_kb[3] = { .024, .143, .531 };
static const double of_256_kb[3] = { .047, .271, 1.067 };
static const double of_1024_kb[3] = { .078, .404, 1.598 };
static const double of_2048_kb[3] = { .085, .469, 1.867 };

/* The model's statement for five hops: 95 % of nodes have a block of 64 kB within 2 s. */
static void test_five_random_hops_take_so_long(void **state)
{
    struct outcome paths[PATHS];
    size_t n = add_paths(paths, 5, of_64_kb, 1);

    (void)state;
    qsort(paths, n, sizeof(*paths), by_seconds);
    assert_near(quantile_of(paths, n, .5), 1.134, 5e-4);
    assert_near(quantile_of(paths, n, .95), 1.879, 5e-4);
    assert_near(share_within(paths, n, 2), .954733, 5e-7);
    n = add_paths(paths, 5, of_1024_kb, 1);
    qsort(paths, n, sizeof(*paths), by_seconds);
    assert_near(quantile_of(paths, n, .95), 5.602, 5e-4);
    assert_near(share_within(paths, n, 5), .831276, 5e-7);
}

/* The published shares of paths of one to five hops among 2500 nodes of ten peers. */
static size_t add_published(struct outcome *out, const double hop_s[3])
{
    static const double shares[HOPS_MAX] = { .0040, .0391, .3106, .6185, .0278 };
    size_t n = 0;

    for (int hops = 1; hops <= HOPS_MAX; hops++)
        n += add_paths(out + n, hops, hop_s, shares[hops - 1]);
    qsort(out, n, sizeof(*out), by_seconds);
    return n;
}

static void test_paths_of_a_large_network_take_so_long(void **state)
{
    struct outcome paths[3 + 9 + 27 + 81 + PATHS];
    size_t n = add_published(paths, of_64_kb);

    (void)state;
    assert_near(quantile_of(paths, n, .95), 1.617, 5e-4);
    assert_near(quantile_of(paths, n, .99), 1.879, 5e-4);
    assert_near(share_within(paths, n, 2), .991106, 5e-7);
    n = add_published(paths, of_256_kb);
    assert_near(quantile_of(paths, n, .95), 3.248, 5e-4);
    n = add_published(paths, of_1024_kb);
    assert_near(quantile_of(paths, n, .95), 4.872, 5e-4);
    assert_near(share_within(paths, n, 5), .957130, 5e-7);
    n = add_published(paths, of_2048_kb);
    assert_near(quantile_of(paths, n, .95), 5.686, 5e-4);
    assert_near(share_within(paths, n, 5), .912795, 5e-7);
}

/* --- Light ---------------------------------------------------------------- */

static void test_light_needs_so_long_between_data_centres(void **state)
{
    static const double places[3][2] = { { 50.11, 8.68 }, { 39.04, -77.49 }, { -33.87, 151.21 } };
    static const struct {
        int from, to;
        double km, rtt_ms;
    } cases[] = { { 0, 1, 6549, 64.1 }, { 1, 2, 15674, 153.4 }, { 0, 2, 16483, 161.3 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const double *a = places[cases[i].from], *b = places[cases[i].to];
        double km = diffusion_distance_km(a[0], a[1], b[0], b[1]);

        assert_near(km, cases[i].km, 0.5);
        assert_near(diffusion_fibre_rtt_s(km) * 1e3, cases[i].rtt_ms, 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_start_takes_a_round_for_each_doubling),
        cmocka_unit_test(test_a_full_block_wants_a_window_of_62_segments),
        cmocka_unit_test(test_a_hop_of_a_full_block_takes_so_long),
        cmocka_unit_test(test_loss_limits_what_a_link_carries),
        cmocka_unit_test(test_slow_start_is_what_was_measured_between_data_centres),
        cmocka_unit_test(test_the_shortest_path_is_the_bound),
        cmocka_unit_test(test_checks_of_headers_and_uplinks_add_to_it),
        cmocka_unit_test(test_who_is_joined_with_nobody_is_never_reached),
        cmocka_unit_test(test_five_random_hops_take_so_long),
        cmocka_unit_test(test_paths_of_a_large_network_take_so_long),
        cmocka_unit_test(test_light_needs_so_long_between_data_centres),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
