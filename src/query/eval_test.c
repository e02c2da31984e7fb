/* What is known by hand of queries, and their bounds; tests/integration/tracer-query.py compares
 * the language with Prometheus. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/inside.h"
#include "query/source_test.h"
#include "support/failing_allocator.h"
#include "support/near.h"
#include "support/test.h"

#define T0_MS INT64_C(1774153200000)

struct asked {
    struct arena memory;
    struct query_result result;
    enum query_fault fault;
    struct ou_error err;
};

static void ask_at(struct asked *a, const struct samples *h, const char *text,
                   struct query_times times)
{
    const struct query_node *n;

    memset(a, 0, sizeof(*a));
    arena_init(&a->memory, allocator_libc(), QUERY_MEMORY_MAX);
    a->fault = query_parse(&a->memory, span_of(text), &n, &a->err);
    assert_int_equal(a->fault, QUERY_FINE);
    if (times.timeout_ns == 0)
        times.timeout_ns = INT64_C(600) * 1000000000;
    a->fault = query_evaluate(&a->memory, n, &h->source, &times, &a->result, &a->err);
}

/* The one value of an instant query. */
static double value_at(const struct samples *h, const char *text, int64_t at_ms)
{
    struct asked a;
    double value;

    ask_at(&a, h, text, (struct query_times){ at_ms, at_ms, 1, false, 0, 0 });
    if (a.fault)
        fail_msg("%s: %s", text, a.err.text);
    assert_int_equal(a.result.count, 1);
    assert_int_equal(a.result.rows[0].count, 1);
    assert_int_equal(a.result.rows[0].points[0].at_ms, at_ms);
    value = a.result.rows[0].points[0].value;
    arena_release(&a.memory);
    return value;
}

static size_t count_at(const struct samples *h, const char *text, int64_t at_ms)
{
    struct asked a;
    size_t count;

    ask_at(&a, h, text, (struct query_times){ at_ms, at_ms, 1, false, 0, 0 });
    assert_int_equal(a.fault, QUERY_FINE);
    count = a.result.count;
    arena_release(&a.memory);
    return count;
}

/* Counts by ten every five seconds for an hour, and starts anew in the middle. */
static struct samples *counting(void)
{
    struct samples *h = samples_new();

    for (int i = 0; i <= 720; i++) {
        samples_put(h, "c", "a", T0_MS + i * 5000, i % 360 * 10);
        samples_put(h, "g", "b", T0_MS + i * 5000, i % 2 ? 3 : -1);
    }
    return h;
}

static void test_a_sample_holds_for_five_minutes_and_no_longer(void **state)
{
    struct samples *h = counting();
    int64_t last_ms = T0_MS + 720 * 5000;

    (void)state;
    assert_near(value_at(h, "g", T0_MS), -1, 0);
    assert_int_equal(count_at(h, "g", T0_MS - 1), 0);
    assert_near(value_at(h, "g", last_ms + QUERY_LOOKBACK_MS), -1, 0);
    assert_int_equal(count_at(h, "g", last_ms + QUERY_LOOKBACK_MS + 1), 0);
    samples_free(h);
}

static void test_a_rate_is_extended_to_the_ends_of_its_range_and_survives_resets(void **state)
{
    struct samples *h = counting();

    (void)state;
    /* 61 samples from end to end: 600 in 300 s. */
    assert_near(value_at(h, "rate(c[5m])", T0_MS + 600000), 2, 1e-12);
    /* 2 s behind a sample: 60 samples, 590 in 295 s, all of which is extended by 2 s and 3 s. */
    assert_near(value_at(h, "increase(c[5m])", T0_MS + 602000), 590 * (300.0 / 295), 1e-9);
    /* At sample 360 it was set to 0: what was before counts, the step to 0 does not. */
    assert_near(value_at(h, "increase(c[5m])", T0_MS + 360 * 5000), 590, 1e-9);
    assert_near(value_at(h, "resets(c[1h])", T0_MS + 3600000), 2, 0);
    assert_int_equal(count_at(h, "rate(c[4s])", T0_MS + 602000), 0);
    samples_free(h);
}

static void test_a_range_query_has_a_point_for_every_step_that_has_a_value(void **state)
{
    struct samples *h = counting();
    struct asked a;

    (void)state;
    ask_at(&a, h, "sum(c)",
           (struct query_times){ T0_MS - 60000, T0_MS + 60000, 10000, true, 0, 0 });
    assert_int_equal(a.result.type, QUERY_MATRIX);
    assert_int_equal(a.result.count, 1);
    assert_int_equal(a.result.rows[0].count, 7);
    assert_int_equal(a.result.rows[0].labels.count, 0);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(a.result.rows[0].points[i].at_ms, T0_MS + (int64_t)i * 10000);
        assert_near(a.result.rows[0].points[i].value, 20.0 * (double)i, 0);
    }
    arena_release(&a.memory);
    samples_free(h);
}

static void test_a_range_vector_is_no_answer_over_time(void **state)
{
    struct samples *h = counting();
    struct asked a;

    (void)state;
    ask_at(&a, h, "c[5m]", (struct query_times){ T0_MS, T0_MS + 1, 1, true, 0, 0 });
    assert_int_equal(a.fault, QUERY_BAD);
    arena_release(&a.memory);
    samples_free(h);
}

static struct samples *many_series(int series, int samples)
{
    struct samples *h = samples_new();
    char node[16];

    for (int s = 0; s < series; s++) {
        snprintf(node, sizeof(node), "n%d", s);
        for (int i = 0; i < samples; i++)
            samples_put(h, "m", node, T0_MS + i * 1000, i);
    }
    return h;
}

static void test_too_much_work_is_refused_as_prometheus_refuses_it(void **state)
{
    struct samples *h = many_series(50, 2000);
    struct asked a;

    (void)state;
    ask_at(&a, h, "sum_over_time(m[1h])",
           (struct query_times){ T0_MS, T0_MS + 2000000, 200, true, 0, 0 });
    assert_int_equal(a.fault, QUERY_EXECUTION);
    assert_string_equal(
        a.err.text, "query processing would load too many samples into memory in query execution");
    arena_release(&a.memory);
    samples_free(h);
}

static void test_too_much_memory_is_refused_alike(void **state)
{
    struct samples *h = many_series(2000, 1);
    struct asked a;

    (void)state;
    ask_at(&a, h, "m + m", (struct query_times){ T0_MS, T0_MS + 250000, 25, true, 0, 0 });
    assert_int_equal(a.fault, QUERY_EXECUTION);
    assert_true(a.memory.used_bytes <= QUERY_MEMORY_MAX);
    arena_release(&a.memory);
    samples_free(h);
}

/* 91 series of 11000 steps, or of as many samples, are above a million points; 90 are not. */
static void test_an_answer_has_so_many_points(void **state)
{
    static const char large[] =
        "query processing would load too many samples into memory in query execution";
    const struct query_times range = { T0_MS, T0_MS + 1099900, 100, true, 0, 0 };
    const struct query_times once = { T0_MS + 11000000, T0_MS + 11000000, 1, false, 0, 0 };
    struct samples *h = many_series(91, 11000);
    struct asked a;

    (void)state;
    ask_at(&a, h, "m", range);
    assert_int_equal(a.fault, QUERY_EXECUTION);
    assert_string_equal(a.err.text, large);
    arena_release(&a.memory);
    ask_at(&a, h, "m{node_name!=\"n0\"}", range);
    assert_int_equal(a.fault, QUERY_FINE);
    assert_int_equal(a.result.count, 90);
    arena_release(&a.memory);
    ask_at(&a, h, "count(m)", range); /* few are told, of many */
    assert_int_equal(a.fault, QUERY_FINE);
    arena_release(&a.memory);
    ask_at(&a, h, "m[4h]", once);
    assert_int_equal(a.fault, QUERY_EXECUTION);
    assert_string_equal(a.err.text, large);
    arena_release(&a.memory);
    ask_at(&a, h, "m{node_name!=\"n0\"}[4h]", once);
    assert_int_equal(a.fault, QUERY_FINE);
    assert_int_equal(a.result.count, 90);
    arena_release(&a.memory);
    samples_free(h);
}

static void test_a_query_ends_when_its_time_is_up(void **state)
{
    struct samples *h = many_series(50, 2000);
    struct asked a;

    (void)state;
    ask_at(&a, h, "sum_over_time(m[1h])",
           (struct query_times){ T0_MS, T0_MS + 2000000, 2000, true, -1, 0 });
    assert_int_equal(a.fault, QUERY_TIMEOUT);
    arena_release(&a.memory);
    samples_free(h);
}

static bool answers(struct allocator *from, void *source)
{
    static const char text[] =
        "topk(1, quantile(0.5, rate(c[5m])) by (node_name)) or avg_over_time(g[9m]) + on () sum(c)";
    struct query_times times = { T0_MS, T0_MS + 600000, 60000, true, QUERY_TIMEOUT_NS, 0 };
    const struct query_node *n;
    struct query_result result;
    struct arena memory;
    enum query_fault fault;

    arena_init(&memory, from, QUERY_MEMORY_MAX);
    fault = query_parse(&memory, span_of(text), &n, NULL);
    if (!fault)
        fault = query_evaluate(&memory, n, source, &times, &result, NULL);
    arena_release(&memory);
    assert_true(fault == QUERY_FINE || fault == QUERY_NO_MEMORY);
    return fault == QUERY_FINE;
}

static void test_without_memory_a_query_says_so(void **state)
{
    struct samples *h = counting();

    (void)state;
    fail_each_allocation(answers, &h->source);
    samples_free(h);
}

static enum query_fault find(struct samples *h, struct arena *memory, const char *text,
                             struct query_spent *spent, size_t *ret)
{
    struct query_found found = { 0 };
    enum query_fault fault =
        query_select(memory, text, &h->source, T0_MS, T0_MS + 3600000, &found, spent, NULL);

    *ret = found.count;
    return fault;
}

static void test_a_match_is_one_selector(void **state)
{
    struct samples *h = counting();
    struct query_spent spent = { 0 };
    struct query_found found;
    struct arena memory;
    size_t count;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(find(h, &memory, "{node_name=~\"a|b\"}", &spent, &count), QUERY_FINE);
    assert_int_equal(count, 2);
    assert_int_equal(find(h, &memory, NULL, &spent, &count), QUERY_FINE);
    assert_int_equal(count, 2);
    assert_int_equal(find(h, &memory, "c + g", &spent, &count), QUERY_BAD);
    assert_int_equal(find(h, &memory, "c[5m]", &spent, &count), QUERY_BAD);
    assert_int_equal(
        query_select(&memory, "c", &h->source, T0_MS - 9, T0_MS - 1, &found, &spent, NULL),
        QUERY_FINE);
    assert_int_equal(found.count, 0); /* it began later */
    arena_release(&memory);
    samples_free(h);
}

/* A request has up to a thousand selectors, and the loop waits for them together. */
static void test_the_selectors_of_a_request_share_its_time_and_work(void **state)
{
    struct samples *h = counting();
    struct query_spent spent = { 0 };
    struct arena memory;
    size_t count;
    uint64_t once;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(find(h, &memory, "c", &spent, &count), QUERY_FINE);
    once = spent.work;
    assert_true(once > 0 && spent.deadline_ns > 0);
    assert_int_equal(find(h, &memory, "c", &spent, &count), QUERY_FINE);
    assert_int_equal(spent.work, 2 * once);
    spent.work = QUERY_WORK_MAX;
    assert_int_equal(find(h, &memory, "c", &spent, &count), QUERY_EXECUTION);
    spent = (struct query_spent){ 0, 1 };
    assert_int_equal(find(h, &memory, "c", &spent, &count), QUERY_TIMEOUT);
    arena_release(&memory);
    samples_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sample_holds_for_five_minutes_and_no_longer),
        cmocka_unit_test(test_a_rate_is_extended_to_the_ends_of_its_range_and_survives_resets),
        cmocka_unit_test(test_a_range_query_has_a_point_for_every_step_that_has_a_value),
        cmocka_unit_test(test_a_range_vector_is_no_answer_over_time),
        cmocka_unit_test(test_too_much_work_is_refused_as_prometheus_refuses_it),
        cmocka_unit_test(test_too_much_memory_is_refused_alike),
        cmocka_unit_test(test_an_answer_has_so_many_points),
        cmocka_unit_test(test_a_query_ends_when_its_time_is_up),
        cmocka_unit_test(test_without_memory_a_query_says_so),
        cmocka_unit_test(test_a_match_is_one_selector),
        cmocka_unit_test(test_the_selectors_of_a_request_share_its_time_and_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
