#include "collect/series_chunk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { SAMPLES_MAX = SERIES_CHUNK_BYTES * 8 };

struct sample {
    int64_t at_ms;
    double value;
};

static uint64_t random_state;

/* xorshift64: the same numbers on every machine. */
static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void assert_reads_back(const struct series_chunk *c, const struct sample *want, size_t count)
{
    struct series_reader r;
    int64_t at_ms;
    double value;

    assert_int_equal(c->count, count);
    series_reader_begin(&r, c);
    for (size_t i = 0; i < count; i++) {
        assert_true(series_reader_next(&r, &at_ms, &value));
        assert_int_equal(at_ms, want[i].at_ms);
        assert_true(same_bits(value, want[i].value));
    }
    assert_false(series_reader_next(&r, &at_ms, &value));
}

/* Appends until the chunk is full or the samples end; returns how many it took. */
static size_t fill(struct series_chunk *c, const struct sample *samples, size_t count)
{
    struct series_state s = { 0 };
    size_t taken = 0;

    series_chunk_begin(c);
    while (taken < count && series_chunk_append(c, &s, samples[taken].at_ms, samples[taken].value))
        taken++;
    return taken;
}

static void test_samples_of_every_kind_read_back_bit_for_bit(void **state)
{
    static const double values[] = {
        0,
        -0.0,
        1,
        0.1,
        5e-324,
        INFINITY,
        NAN,
        1ll << 53,
        -(1ll << 53),
        9007199254740994.0,
        3,
        3,
        6,
        9,
        9,
        12,
        11,
        0.5,
        0.25,
        0.125,
        1.1,
        1e-7,
        123456.7,
        -0.0,
    };
    struct sample samples[sizeof(values) / sizeof(values[0])];
    struct series_chunk c;
    size_t count = sizeof(values) / sizeof(values[0]);

    (void)state;
    for (size_t i = 0; i < count; i++)
        samples[i] = (struct sample){ 1774160692123 + (int64_t)(i * i) * 7, values[i] };
    assert_int_equal(fill(&c, samples, count), count);
    assert_reads_back(&c, samples, count);
}

static void test_stamps_may_lie_as_far_apart_as_stamps_can(void **state)
{
    const struct sample samples[] = {
        { INT64_MIN, 1 }, { -1, 2 }, { 0, 3 }, { 1, 4 }, { INT64_MAX - 1, 5 }, { INT64_MAX, 6 },
    };
    struct series_chunk c;

    (void)state;
    assert_int_equal(fill(&c, samples, 6), 6);
    assert_reads_back(&c, samples, 6);
    assert_true(c.first_ms == INT64_MIN && c.last_ms == INT64_MAX);
}

static double random_value(unsigned kind, double before)
{
    switch (kind) {
    case 0: return before;
    case 1: return floor(before) + (double)(random_u64() % 1000);
    case 2:
        return (double)(int64_t)(random_u64() >> (random_u64() % 64)) * (random_u64() % 2 ? 1 : -1);
    case 3: return before * 1.0625 + 0.125;
    case 4: return (double)(int64_t)(random_u64() % 2000000) / pow(10, (double)(random_u64() % 9));
    default: {
        uint64_t bits = random_u64();
        double value;

        memcpy(&value, &bits, sizeof(value));
        return value;
    }
    }
}

/* Many chunks of random samples, whose kind changes now and then, each until it is full. */
static void test_random_samples_read_back_and_a_full_chunk_says_so(void **state)
{
    static struct sample samples[SAMPLES_MAX];
    struct series_chunk c;

    (void)state;
    random_state = 0x9e3779b97f4a7c15;
    for (int round = 0; round < 2000; round++) {
        int64_t at_ms = (int64_t)(random_u64() >> 20);
        unsigned kind = 0;
        double value = 0;
        size_t taken;

        for (size_t i = 0; i < SAMPLES_MAX; i++) {
            if (random_u64() % 16 == 0)
                kind = (unsigned)(random_u64() % 6);
            at_ms += 5000 + (int64_t)(random_u64() % (random_u64() % 8 ? 3 : 1 << 20));
            samples[i] = (struct sample){ at_ms, value = random_value(kind, value) };
        }
        taken = fill(&c, samples, SAMPLES_MAX);
        assert_in_range(taken, 12, SAMPLES_MAX - 1);
        assert_reads_back(&c, samples, taken);
    }
}

static void test_a_refused_sample_changes_nothing(void **state)
{
    static struct sample samples[SAMPLES_MAX];
    struct series_chunk c, before;
    struct series_state s = { 0 };
    size_t taken = 0;

    (void)state;
    series_chunk_begin(&c);
    for (;; taken++) {
        samples[taken] = (struct sample){ (int64_t)taken * 5000, (double)taken * 0.1 };
        if (!series_chunk_append(&c, &s, samples[taken].at_ms, samples[taken].value))
            break;
    }
    before = c;
    assert_false(series_chunk_append(&c, &s, (int64_t)taken * 5000, 1e-300));
    assert_int_equal(c.bits, before.bits);
    assert_reads_back(&c, samples, taken);
    /* What is small enough still goes in, and reads back. */
    samples[taken] = (struct sample){ (int64_t)taken * 5000, samples[taken - 1].value };
    if (series_chunk_append(&c, &s, samples[taken].at_ms, samples[taken].value))
        taken++;
    assert_reads_back(&c, samples, taken);
}

/* A node's page: most numbers rest, counters rise, some move like memory does. */
static void test_what_nodes_tell_takes_less_than_two_bytes_a_sample(void **state)
{
    static struct series_chunk c;
    static struct sample samples[SAMPLES_MAX];
    uint64_t bytes = 0, count = 0;

    (void)state;
    random_state = 42;
    for (int metric = 0; metric < 20; metric++) {
        int64_t at_ms = 1774160692123;
        double value = 1e6 + metric;
        size_t taken;

        for (size_t i = 0; i < SAMPLES_MAX; i++) {
            at_ms += 5000 + (int64_t)(random_u64() % 8 == 0) - (int64_t)(random_u64() % 8 == 0);
            if (metric >= 8 && metric < 14) /* slots, blocks, ticks of the processor */
                value += (double)(random_u64() % 16);
            else if (metric >= 14 && metric < 18) /* bytes allocated */
                value += 1e5 + (double)(random_u64() % (1 << 16));
            else if (metric >= 18) /* a share */
                value = (double)(random_u64() % 1000) / 1000;
            samples[i] = (struct sample){ at_ms, value };
        }
        taken = fill(&c, samples, SAMPLES_MAX);
        assert_reads_back(&c, samples, taken);
        /* Of every metric as many samples: 2160, three hours. */
        bytes += sizeof(c) * 2160 / taken;
        count += 2160;
    }
    print_message("# %.2f bytes a sample\n", (double)bytes / (double)count);
    assert_true(bytes < 2 * count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_of_every_kind_read_back_bit_for_bit),
        cmocka_unit_test(test_stamps_may_lie_as_far_apart_as_stamps_can),
        cmocka_unit_test(test_random_samples_read_back_and_a_full_chunk_says_so),
        cmocka_unit_test(test_a_refused_sample_changes_nothing),
        cmocka_unit_test(test_what_nodes_tell_takes_less_than_two_bytes_a_sample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
