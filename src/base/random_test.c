#include "base/random.h"

#include <math.h>
#include <string.h>

#include "support/near.h"
#include "support/test.h"

/* The known answers that the authors of the generator publish with it: zeros,
 * ones, and the digits of pi. */
static const struct {
    uint32_t counter[4], key[2], want[4];
} known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

static void test_blocks_are_the_published_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t got[4];

        philox4x32(known[i].counter, known[i].key, got);
        assert_memory_equal(got, known[i].want, sizeof got);
    }
}

/* Counter: position (two words), stream (two words); key: seed. */
static void test_a_stream_is_its_blocks_in_order(void **state)
{
    const uint64_t seed = UINT64_C(0x299f31d0a4093822), stream = UINT64_C(0x0370734413198a2e);
    const uint32_t key[2] = { 0xa4093822, 0x299f31d0 };
    struct random_stream r;

    (void)state;
    random_stream_init(&r, seed, stream);
    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t counter[4] = { block, 0, 0x13198a2e, 0x03707344 };
        uint32_t want[4];

        philox4x32(counter, key, want);
        for (int i = 0; i < 4; i++)
            assert_int_equal(random_u32(&r), want[i]);
    }
}

static void test_seeds_and_streams_differ(void **state)
{
    struct random_stream a, b, c, again;
    uint64_t first;

    (void)state;
    random_stream_init(&a, 1, 0);
    random_stream_init(&b, 2, 0);
    random_stream_init(&c, 1, 1);
    random_stream_init(&again, 1, 0);
    first = random_u64(&a);
    assert_true(first == random_u64(&again));
    assert_true(first != random_u64(&b));
    assert_true(first != random_u64(&c));
}

/* Chi squared of ten counts: 27.9 is exceeded once in a thousand seeds. */
static void test_numbers_below_n_are_alike(void **state)
{
    enum { KINDS = 10, DRAWS = 100000 };
    unsigned counts[KINDS] = { 0 };
    struct random_stream r;
    const double expected = (double)DRAWS / KINDS;
    double chi = 0;

    (void)state;
    random_stream_init(&r, 7, 0);
    for (int i = 0; i < DRAWS; i++)
        counts[random_below(&r, KINDS)]++;
    for (int i = 0; i < KINDS; i++)
        chi += pow(counts[i] - expected, 2) / expected;
    assert_true(chi < 27.9);
}

/* Four numbers come to three results: unless some are drawn again, every third result would be
 * twice as frequent as the others. */
static void test_numbers_below_a_large_n_have_no_bias(void **state)
{
    const uint32_t n = 3u << 30;
    struct random_stream r;
    unsigned third[3] = { 0 };

    (void)state;
    random_stream_init(&r, 7, 0);
    for (int i = 0; i < 30000; i++) {
        uint32_t drawn = random_below(&r, n);

        assert_true(drawn < n);
        third[drawn % 3]++;
    }
    for (int i = 0; i < 3; i++)
        assert_near(third[i], 10000, 350); /* more than four deviations */
    for (int i = 0; i < 100; i++)
        assert_int_equal(random_below(&r, 1), 0);
}

static void test_uniform_numbers_have_the_moments(void **state)
{
    enum { DRAWS = 100000 };
    struct random_stream r;
    double sum = 0, squares = 0;

    (void)state;
    random_stream_init(&r, 20260301, 3);
    for (int i = 0; i < DRAWS; i++) {
        double u = random_uniform(&r);

        assert_true(u > 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    assert_near(sum / DRAWS, 1.0 / 2, .004); /* deviation .0009 */
    assert_near(squares / DRAWS, 1.0 / 3, .004);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_the_published_ones),
        cmocka_unit_test(test_a_stream_is_its_blocks_in_order),
        cmocka_unit_test(test_seeds_and_streams_differ),
        cmocka_unit_test(test_numbers_below_n_are_alike),
        cmocka_unit_test(test_numbers_below_a_large_n_have_no_bias),
        cmocka_unit_test(test_uniform_numbers_have_the_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
