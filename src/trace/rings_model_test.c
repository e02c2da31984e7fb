/* A ring against a queue: records of random sizes go in, are read up to random horizons, and come
 * out as they went in, or are counted as lost where there was no room. */
#include "trace/rings.h"

#include <stdlib.h>

#include "support/test.h"

#define TEXT_FIELDS(F) F(text, text, "text", OU_DMINIMAL, "any text")
OU_TRACE_POINT(text, "Test.Text", OU_INFO, OU_PUBLIC, TEXT_FIELDS, "A text.");

#define STEPS 30000
#define WAITING_MAX (RING_BYTES_MIN / sizeof(struct ou_record))

/* What the ring should hold, oldest first. */
struct expected {
    uint32_t len, seed;
    uint64_t until; /* a stamp behind the record's own, and before the next one's */
};

static struct {
    struct expected items[WAITING_MAX];
    size_t from, to; /* counted from the beginning; modulo WAITING_MAX they are places */
} queue;

static uint32_t random_state;

/* Below n: a generator of its own, for the same steps on every machine. */
static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static char letter(uint32_t seed, size_t i)
{
    return (char)('!' + (seed + 7 * i) % 90);
}

static struct expected *expected_at(size_t i)
{
    return &queue.items[i % WAITING_MAX];
}

static void check_next(void *unused, const struct ou_record *record, uint32_t thread)
{
    const struct expected *e = expected_at(queue.from);
    const char *text = (const char *)(record + 1) + sizeof(uint32_t);
    uint32_t len;

    (void)unused;
    (void)thread;
    assert_true(queue.from < queue.to);
    memcpy(&len, record + 1, sizeof(len));
    assert_int_equal(len, e->len);
    for (size_t i = 0; i < len; i++)
        if (text[i] != letter(e->seed, i))
            fail_msg("byte %zu of %u", i, len);
    queue.from++;
}

static uint64_t lost(void)
{
    return rings_lost(LOSS_ring_full) + rings_lost(LOSS_too_large);
}

/* The lengths change their kind now and then: short ones, any, and about a quarter of the ring. */
static uint32_t some_length(int step)
{
    switch (step / 500 % 4) {
    case 0: return random_below(40);
    case 1: return random_below(300);
    case 2: return random_below(OU_TEXT_MAX);
    default: return RING_BYTES_MIN / 4 - random_below(64) - 1;
    }
}

static void write_one(int step)
{
    static char text[OU_TEXT_MAX + 1];
    struct expected e = { some_length(step), random_below(1000), 0 };
    size_t bytes = sizeof(struct ou_record) + ou_size_text(e.len);
    uint64_t lost_before = lost();

    for (size_t i = 0; i < e.len; i++)
        text[i] = letter(e.seed, i);
    text[e.len] = 0;
    ou_emit_text(OU_STATE_RECORD, text, 0);
    e.until = ou_ticks();
    if (lost() == lost_before)
        *expected_at(queue.to++) = e;
    else if (queue.from == queue.to)
        assert_true(bytes >
                    RING_BYTES_MIN / 4); /* an empty ring has room for what is not too large */
    assert_int_equal(rings_pending(), queue.to - queue.from);
}

/* All, or up to one of those that wait. */
static void read_some(void)
{
    size_t until = queue.to;
    uint64_t horizon = UINT64_MAX;

    if (queue.from < queue.to && random_below(2)) {
        until = queue.from + random_below((uint32_t)(queue.to - queue.from)) + 1;
        horizon = expected_at(until - 1)->until;
    }
    rings_read(horizon, check_next, NULL);
    assert_int_equal(queue.from, until);
}

static void test_a_ring_is_a_queue_whatever_is_written_and_read(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        random_state = seed;
        rings_open(RING_BYTES_MIN, OU_WHEN_FULL_DROP);
        for (int step = 0; step < STEPS; step++)
            if (random_below(4))
                write_one(step);
            else
                read_some();
        assert_true(lost() > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ring_is_a_queue_whatever_is_written_and_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
