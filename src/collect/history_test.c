#include "collect/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "support/near.h"
#include "support/test.h"

enum { HOUR_MS = 3600 * 1000, STEP_MS = 5000, T0 = 1774160690 };
#define T0_MS ((int64_t)T0 * 1000)

struct collected {
    size_t count;
    int64_t first_ms, last_ms;
    double sum, last;
};

static bool collect(void *context, int64_t at_ms, double value)
{
    struct collected *c = context;

    if (c->count++ == 0)
        c->first_ms = at_ms;
    assert_true(c->count == 1 || at_ms > c->last_ms);
    c->last_ms = at_ms;
    c->sum += value;
    c->last = value;
    return true;
}

static size_t find(const struct history *h, const char *name, const char *node)
{
    for (size_t i = 0; i < history_series_count(h); i++) {
        const struct history_series *s = history_series_at(h, i);

        if (strcmp(s->name, name) == 0 && strcmp(s->node_name, node) == 0)
            return i;
    }
    return SIZE_MAX;
}

static struct collected samples(const struct history *h, const char *name, const char *node,
                                int64_t from_ms, int64_t to_ms)
{
    struct collected c = { 0 };
    size_t i = find(h, name, node);

    if (i != SIZE_MAX)
        history_walk(h, i, from_ms, to_ms, collect, &c);
    return c;
}

static void put(struct history *h, const char *name, const char *node, int64_t at_ms, double value)
{
    assert_int_equal(history_put(h, name, node, at_ms, value), OU_OK);
}

static void test_a_walk_gives_the_samples_between_two_instants_both_included(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    struct collected c;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        put(h, "slotNum_int", "n1", T0_MS + (int64_t)i * STEP_MS, i);
        put(h, "slotNum_int", "n2", T0_MS + (int64_t)i * STEP_MS, -i);
    }
    assert_int_equal(history_series_count(h), 2);
    c = samples(h, "slotNum_int", "n1", T0_MS + 10 * STEP_MS, T0_MS + 990 * STEP_MS);
    assert_int_equal(c.count, 981);
    assert_int_equal(c.first_ms, T0_MS + 10 * STEP_MS);
    assert_int_equal(c.last_ms, T0_MS + 990 * STEP_MS);
    assert_near(c.sum, 500.0 * 981, 0);
    c = samples(h, "slotNum_int", "n2", T0_MS + 10 * STEP_MS + 1, T0_MS + 11 * STEP_MS - 1);
    assert_int_equal(c.count, 0);
    history_free(h);
}

static bool stop_at_once(void *context, int64_t at_ms, double value)
{
    (void)at_ms;
    (void)value;
    ++*(int *)context;
    return false;
}

static void test_a_walk_ends_when_it_is_told_to(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    int calls = 0;

    (void)state;
    for (int i = 0; i < 5000; i++)
        put(h, "m", "n", T0_MS + i * STEP_MS, i * 0.1);
    history_walk(h, 0, INT64_MIN, INT64_MAX, stop_at_once, &calls);
    assert_int_equal(calls, 1);
    history_free(h);
}

static void test_what_is_older_than_the_length_goes_and_a_silent_series_with_it(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    int64_t now_ms = 0;

    (void)state;
    put(h, "gone", "n", T0_MS, 1);
    for (int i = 0; i < 10000; i++)
        put(h, "m", "n", now_ms = T0_MS + (int64_t)i * STEP_MS, i * i * 0.1);
    history_prune(h, now_ms);
    assert_int_equal(history_series_count(h), 1);
    assert_int_equal(samples(h, "m", "n", now_ms - HOUR_MS, now_ms).count, HOUR_MS / STEP_MS + 1);
    assert_true(history_stats_of(h).oldest_ms > now_ms - 2 * HOUR_MS);
    assert_int_equal(history_stats_of(h).dropped_samples, 0);
    history_prune(h, now_ms + 2 * HOUR_MS);
    assert_int_equal(history_series_count(h), 0);
    assert_int_equal(history_stats_of(h).bytes, 0);
    assert_int_equal(history_stats_of(h).samples, 0);
    history_free(h);
}

static void test_when_bytes_run_out_what_was_written_longest_ago_goes_first(void **state)
{
    struct history *h = history_new(100 * HOUR_MS, 40000);
    struct history_stats stats;
    int64_t now_ms = T0_MS;

    (void)state;
    for (int i = 0; i < 100; i++)
        put(h, "gone", "n", T0_MS + i, 0.1 * i);
    put(h, "rests", "n", T0_MS, 7);
    for (int i = 1; i < 20000; i++) {
        put(h, "m", "n", now_ms = T0_MS + (int64_t)i * STEP_MS, sqrt(i));
        if (i % 100 == 0)
            put(h, "rests", "n", now_ms, 7);
        assert_true(history_stats_of(h).bytes <= 40000);
    }
    stats = history_stats_of(h);
    assert_true(stats.bytes > 30000);
    assert_int_equal(stats.series, 2); /* "gone" is */
    assert_true(stats.dropped_samples > 10000);
    assert_int_equal(stats.samples + stats.dropped_samples, 100 + 1 + 199 + 19999);
    /* A value that rests fills its chunk slowly: it is in use, so it stays, from its beginning. */
    assert_int_equal(samples(h, "rests", "n", T0_MS, now_ms).first_ms, T0_MS);
    assert_int_equal(samples(h, "m", "n", T0_MS, now_ms).last_ms, now_ms);
    history_free(h);
}

static void test_series_that_come_and_go_do_not_grow_memory(void **state)
{
    struct failing_allocator a;
    struct history *h;
    char name[32];

    (void)state;
    failing_allocator_init(&a, 0);
    h = history_new_from(&a.base, HOUR_MS, 1 << 18);
    for (int i = 0; i < 50000; i++) {
        snprintf(name, sizeof(name), "metric_%d", i);
        put(h, name, "n", T0_MS + i, i);
    }
    assert_true(a.peak_bytes < (1 << 18) * 5 / 4); /* its index moves now and then */
    assert_true(history_series_count(h) < 1000);
    assert_int_equal(samples(h, "metric_49999", "n", T0_MS, INT64_MAX).count, 1);
    history_free(h);
    assert_int_equal(a.live_bytes, 0);
}

static void test_bytes_too_few_for_one_sample_are_an_error_and_leave_nothing(void **state)
{
    struct history *h = history_new(HOUR_MS, 100);

    (void)state;
    assert_int_equal(history_put(h, "m", "n", T0_MS, 1), OU_TOO_LARGE);
    assert_int_equal(history_put(h, "", "n", T0_MS, 1), OU_INVALID);
    assert_int_equal(history_series_count(h), 0);
    assert_int_equal(history_stats_of(h).bytes, 0);
    history_free(h);
}

/* From too little for a series, over too little for its samples, to just enough. */
static void test_too_few_bytes_leave_nothing_whatever_they_would_do_for(void **state)
{
    enum ou_status status = OU_TOO_LARGE;
    uint64_t bytes = 0;

    (void)state;
    for (; status; bytes += 16) {
        struct history *h = history_new(HOUR_MS, bytes);

        assert_non_null(h);
        status = history_put(h, "a", "n1", T0_MS, 1);
        if (status)
            assert_int_equal(status, OU_TOO_LARGE);
        assert_int_equal(history_series_count(h), status ? 0 : 1);
        assert_true(history_stats_of(h).bytes <= bytes);
        assert_int_equal(history_stats_of(h).bytes == 0, status != OU_OK);
        assert_int_equal(history_stats_of(h).samples, status ? 0 : 1);
        history_free(h);
    }
    assert_true(bytes < 10000);
}

static void test_a_clock_that_is_put_back_a_little_is_waited_for(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);

    (void)state;
    put(h, "m", "n", T0_MS, 1);
    put(h, "m", "n", T0_MS, 2);
    put(h, "m", "n", T0_MS - 30000, 3);
    put(h, "m", "n", T0_MS + 1, 4);
    assert_int_equal(samples(h, "m", "n", 0, INT64_MAX).count, 2);
    assert_near(samples(h, "m", "n", 0, INT64_MAX).sum, 5, 0);
    history_free(h);
}

static void test_what_a_clock_far_ahead_left_does_not_silence_a_series(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    struct collected c;

    (void)state;
    for (int i = 0; i < 2000; i++)
        put(h, "m", "n", T0_MS + i * STEP_MS, sqrt(i));
    for (int i = 0; i < 2000; i++)
        put(h, "m", "n", T0_MS + 1000 * (int64_t)HOUR_MS + i * STEP_MS, sqrt(i));
    for (int i = 2000; i < 2010; i++)
        put(h, "m", "n", T0_MS + i * STEP_MS, 5);
    c = samples(h, "m", "n", 0, INT64_MAX);
    assert_int_equal(c.last_ms, T0_MS + 2009 * STEP_MS);
    assert_near(c.last, 5, 0);
    assert_true(c.count > 1500 && c.count <= 2010);
    assert_int_equal(history_stats_of(h).samples, c.count);
    history_free(h);
}

/* --- Nodes -------------------------------------------------------------------------------- */

struct fake_store {
    struct node_metric metrics[4], *at[4];
    struct metric_store store;
};

static void fake_store(struct fake_store *f)
{
    static char names[4][24] = { "ChainDB.Slot-Num int", "a.b", "a b", "text" };

    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < 4; i++) {
        f->metrics[i] =
            (struct node_metric){ .name = names[i], .is_number = i < 3, .number = (double)i + 1 };
        f->at[i] = &f->metrics[i];
    }
    f->store.at = f->at;
    f->store.count = 4;
}

static void test_numbers_of_a_node_are_taken_under_the_names_of_the_page(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    struct fake_store f;

    (void)state;
    fake_store(&f);
    for (int i = 0; i < 10; i++)
        assert_int_equal(history_take(h, "n1", &f.store, T0_MS + i * STEP_MS), OU_OK);
    assert_int_equal(history_series_count(h), 2);
    assert_int_equal(samples(h, "ChainDB_Slot_Num_int", "n1", 0, INT64_MAX).count, 10);
    assert_near(samples(h, "ChainDB_Slot_Num_int", "n1", 0, INT64_MAX).last, 1, 0);
    /* Two names became one: the first counts. */
    assert_near(samples(h, "a_b", "n1", 0, INT64_MAX).sum, 20, 0);
    history_free(h);
}

static void test_a_number_of_a_series_that_is_gone_does_not_mislead(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    struct fake_store f;

    (void)state;
    fake_store(&f);
    history_take(h, "n1", &f.store, T0_MS);
    history_prune(h, T0_MS + 2 * HOUR_MS);
    put(h, "other", "n1", T0_MS + 2 * HOUR_MS, 99);
    history_take(h, "n1", &f.store, T0_MS + 2 * HOUR_MS + 1);
    assert_int_equal(samples(h, "other", "n1", 0, INT64_MAX).count, 1);
    assert_int_equal(samples(h, "ChainDB_Slot_Num_int", "n1", 0, INT64_MAX).count, 1);
    history_free(h);
}

static void test_taking_prunes_when_it_is_time(void **state)
{
    struct history *h = history_new(HOUR_MS, 1 << 20);
    struct fake_store f;

    (void)state;
    fake_store(&f);
    put(h, "old", "n", T0_MS, 1);
    history_set_prune_period(h, 0);
    history_take(h, "n1", &f.store, T0_MS + 3 * HOUR_MS);
    assert_int_not_equal(find(h, "old", "n"), SIZE_MAX);
    history_set_prune_period(h, 1000);
    history_take(h, "n1", &f.store, T0_MS + 3 * HOUR_MS + 1000);
    assert_int_equal(find(h, "old", "n"), SIZE_MAX);
    history_free(h);
}

/* Series in plain arrays, beside a history large enough to keep all. */
static void test_a_history_keeps_what_a_plain_list_keeps(void **state)
{
    enum { SERIES = 20, ROUNDS = 600 };
    static double model[SERIES][ROUNDS];
    struct history *h = history_new(100 * HOUR_MS, 8 << 20);
    unsigned seed = 7;
    char name[16];

    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        for (int s = 0; s < SERIES; s++) {
            double before = i > 0 ? model[s][i - 1] : 0;

            model[s][i] = s % 2 ? before + rand_r(&seed) % 5 : rand_r(&seed) / 1024.0;
            snprintf(name, sizeof(name), "m%d", s);
            put(h, name, s % 3 ? "a" : "b", T0_MS + (int64_t)i * STEP_MS + s, model[s][i]);
        }
    for (int s = 0; s < SERIES; s++) {
        snprintf(name, sizeof(name), "m%d", s);
        for (int i = 0; i < ROUNDS; i++) {
            struct collected c =
                samples(h, name, s % 3 ? "a" : "b", T0_MS + i * STEP_MS, T0_MS + i * STEP_MS + 100);

            assert_int_equal(c.count, 1);
            assert_int_equal(c.first_ms, T0_MS + i * STEP_MS + s);
            assert_near(c.last, model[s][i], 0);
        }
    }
    assert_int_equal(history_stats_of(h).samples, SERIES * ROUNDS);
    history_free(h);
}

static bool fill_some(struct allocator *from, void *argument)
{
    struct history *h = history_new_from(from, HOUR_MS, 20000);
    bool done = h != NULL;
    char name[16];

    (void)argument;
    for (int i = 0; h && i < 300; i++) {
        snprintf(name, sizeof(name), "m%d", i % 40);
        if (history_put(h, name, "n", T0_MS + i, i * 0.1) != OU_OK)
            done = false;
    }
    history_free(h);
    return done;
}

static void test_without_memory_samples_are_refused_and_nothing_leaks(void **state)
{
    (void)state;
    fail_each_allocation(fill_some, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_walk_gives_the_samples_between_two_instants_both_included),
        cmocka_unit_test(test_a_walk_ends_when_it_is_told_to),
        cmocka_unit_test(test_what_is_older_than_the_length_goes_and_a_silent_series_with_it),
        cmocka_unit_test(test_when_bytes_run_out_what_was_written_longest_ago_goes_first),
        cmocka_unit_test(test_series_that_come_and_go_do_not_grow_memory),
        cmocka_unit_test(test_bytes_too_few_for_one_sample_are_an_error_and_leave_nothing),
        cmocka_unit_test(test_too_few_bytes_leave_nothing_whatever_they_would_do_for),
        cmocka_unit_test(test_a_clock_that_is_put_back_a_little_is_waited_for),
        cmocka_unit_test(test_what_a_clock_far_ahead_left_does_not_silence_a_series),
        cmocka_unit_test(test_numbers_of_a_node_are_taken_under_the_names_of_the_page),
        cmocka_unit_test(test_a_number_of_a_series_that_is_gone_does_not_mislead),
        cmocka_unit_test(test_taking_prunes_when_it_is_time),
        cmocka_unit_test(test_a_history_keeps_what_a_plain_list_keeps),
        cmocka_unit_test(test_without_memory_samples_are_refused_and_nothing_leaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
