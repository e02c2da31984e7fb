/* Statistics of slots, of one host and over hosts. The records are made by hand;
 * pooled deviations are compared with one taken over all values at once. */
#include "analyse/machine_stats.h"

#include <stdlib.h>

#include "analyse/events_test.h"

#define EPOCH 100 /* so the reward calculation begins in slot 3 + 40 of it */
#define SLOTS 400

struct host {
    struct genesis genesis;
    struct slot_fold fold;
    struct slot_record records[SLOTS];
};

static const struct slot_record empty_record = {
    .phase_ns = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE,
                  TIME_NONE },
    .starts = 1,
    .block_gap = -1,
    .utxo_size = -1,
    .density = NAN,
};

/* A record for each slot of [first, last], idle and checked once. */
static void open_host(struct host *h, uint64_t first, uint64_t last, bool compat)
{
    memset(h, 0, sizeof(*h));
    h->genesis = second_genesis(EPOCH);
    h->fold = (struct slot_fold){
        .genesis = &h->genesis, .compat = compat, .records = h->records, .has_leadership = true
    };
    for (uint64_t slot = first; slot <= last; slot++) {
        struct slot_record *r = &h->records[h->fold.count++];

        *r = empty_record;
        r->slot = slot;
        for (int i = 0; i < RESOURCE_MEMBERS; i++)
            r->resources[i] = 10;
    }
}

static void busy(struct host *h, uint64_t first, uint64_t last, double percent)
{
    for (size_t i = 0; i < h->fold.count; i++)
        if (h->records[i].slot >= first && h->records[i].slot <= last)
            h->records[i].resources[RESOURCE_CENTI_CPU] = percent;
}

static struct machine_stats stats_of(const struct host *h)
{
    struct machine_stats s;

    assert_int_equal(
        machine_stats_of(&h->fold, h->fold.compat ? QUANTILE_LOCLI : QUANTILE_TYPE7, &s), OU_OK);
    return s;
}

static const struct distribution *metric(const struct machine_stats *s, const char *id)
{
    int number = machine_metric_find(id);

    assert_true(number >= 0);
    return &s->of[number];
}

/* --- One host ------------------------------------------------------------- */

static void test_every_metric_of_the_dictionary_has_its_number(void **state)
{
    int found = 0;

    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++)
        if (dictionary_row(i)->section == SECTION_MACHPERF ||
            dictionary_row(i)->section == SECTION_MACHPERF_JSON) {
            if (machine_metric_find(dictionary_row(i)->id) < 0)
                fail_msg("nobody measures %s", dictionary_row(i)->id);
            found++;
        }
    assert_int_equal(found, MACHINE_METRICS);
    assert_int_equal(machine_metric_find("cdfNothing"), -1);
}

static void test_slots_are_counted_as_checked_or_missed(void **state)
{
    struct host h;
    struct machine_stats s;

    (void)state;
    open_host(&h, 10, 19, false);
    h.records[3].starts = 0;
    h.records[4].starts = 2;
    h.records[9].filtered_out = true;
    s = stats_of(&h);
    assert_int_equal(s.slots, 9);
    assert_int_equal(s.checked_slots, 8);
    assert_int_equal(s.missed_slots, 1);
    assert_int_equal(s.first_slot, 10);
    assert_int_equal(s.last_slot, 18);
    assert_near(metric(&s, "cdfHostSlots")->mean, 8, 0);
    assert_near(metric(&s, "cdfStarts")->mean, 1, 0); /* 7 x 1, 0, 2 */
    assert_int_equal(metric(&s, "cdfUtxo")->n, 0);
}

/* A relay has no forge loop: it misses no slot, and its starts are no zeros. */
static void test_a_node_that_never_checks_misses_nothing(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct host h;
        struct machine_stats s;

        open_host(&h, 10, 19, compat);
        h.fold.has_leadership = false;
        for (int i = 0; i < 10; i++)
            h.records[i].starts = 0;
        s = stats_of(&h);
        assert_int_equal(s.missed_slots, 0);
        assert_int_equal(metric(&s, "cdfStarts")->n, compat ? 10 : 0);
        assert_int_equal(metric(&s, "CentiCpu")->n, 10);
    }
}

static void test_a_host_without_records_has_no_statistics(void **state)
{
    struct host h;
    struct machine_stats s;

    (void)state;
    open_host(&h, 1, 0, false);
    s = stats_of(&h);
    assert_int_equal(s.first_slot, -1);
    for (int i = 0; i < MACHINE_METRICS; i++)
        assert_int_equal(s.of[i].n, 0);
}

/* --- Spans ------------------------------------------------------------------ */

/* 85 % is busy, below is not; a slot without a sample ends a span, for locli it
 * goes on. Slots 5-8 and 10-12, or 5-8 and 10-14. */
static void test_spans_end_at_idle_and_at_unknown_slots(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct host h;
        struct machine_stats s;
        const struct distribution *d;

        open_host(&h, 1, 20, compat);
        busy(&h, 5, 8, 85);
        busy(&h, 9, 9, 84.99);
        busy(&h, 10, 12, 300);
        busy(&h, 13, 14, NAN);
        s = stats_of(&h);
        d = metric(&s, "cdfSpanLensCpu");
        assert_int_equal(d->n, 2);
        assert_near(d->min, 3, 0); /* compat: 8 - 5 */
        assert_near(d->max, 4, 0); /* compat: 14 - 10 */
    }
}

static void test_a_span_to_the_last_record_counts(void **state)
{
    struct host h;
    struct machine_stats s;

    (void)state;
    open_host(&h, 1, 20, false);
    busy(&h, 1, 20, 100);
    s = stats_of(&h);
    assert_int_equal(metric(&s, "cdfSpanLensCpu")->n, 1);
    assert_near(metric(&s, "cdfSpanLensCpu")->mean, 20, 0);
}

/* Busy from slot 97 to slot 106: the new epoch begins at 100, its slot 3 lies
 * within, and 7 slots are in it. In locli 97 > 3 fails the test. */
static void test_a_span_across_an_epoch_boundary_counts_from_the_boundary(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct host h;
        struct machine_stats s;
        const struct distribution *d;

        open_host(&h, 90, 120, compat);
        busy(&h, 97, 106, 100);
        s = stats_of(&h);
        d = metric(&s, "cdfSpanLensCpuEpoch");
        assert_int_equal(d->n, !compat);
        if (!compat)
            assert_near(d->mean, 7, 0);
        assert_near(metric(&s, "cdfSpanLensCpu")->mean, compat ? 9 : 10, 0);
    }
}

/* The slot at which something happens must lie inside, neither first nor last. */
static void test_a_span_holds_its_slot_strictly(void **state)
{
    static const struct {
        uint64_t first, last, epoch, rewards; /* slots counted; 0: not one of them */
    } rows[] = {
        { 103, 110, 0, 0 }, { 102, 103, 0, 0 }, { 102, 104, 3, 0 }, { 100, 160, 61, 61 },
        { 143, 150, 0, 0 }, { 142, 143, 0, 0 }, { 142, 144, 0, 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct host h;
        struct machine_stats s;

        open_host(&h, 90, 190, i % 2);
        busy(&h, rows[i].first, rows[i].last, 100);
        s = stats_of(&h);
        assert_int_equal(metric(&s, "cdfSpanLensCpuEpoch")->n, rows[i].epoch > 0);
        assert_int_equal(metric(&s, "cdfSpanLensCpuRwd")->n, rows[i].rewards > 0);
        if (rows[i].epoch)
            assert_near(metric(&s, "cdfSpanLensCpuEpoch")->mean, (double)rows[i].epoch, 0);
        if (rows[i].rewards)
            assert_near(metric(&s, "cdfSpanLensCpuRwd")->mean, (double)rows[i].rewards, 0);
    }
}

/* A filter dropped slots 105 and 106 of the busy 101 to 110: two spans here; one
 * in locli, which counts its eight records. */
static void test_records_that_a_filter_dropped_part_spans(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct host h;
        struct machine_stats s;

        open_host(&h, 90, 120, compat);
        busy(&h, 101, 110, 100);
        h.records[105 - 90].filtered_out = h.records[106 - 90].filtered_out = true;
        s = stats_of(&h);
        assert_int_equal(metric(&s, "cdfSpanLensCpu")->n, compat ? 1 : 2);
        assert_near(metric(&s, "cdfSpanLensCpu")->max, compat ? 9 : 4, 0);
        assert_near(metric(&s, "cdfSpanLensCpuEpoch")->mean, compat ? 8 : 4, 0);
    }
}

/* In locli the first record of a host is in slot 0 of epoch 0, whatever it is. */
static void test_compat_mode_takes_the_first_record_for_the_first_of_an_epoch(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct host h;
        struct machine_stats s;

        open_host(&h, 150, 190, compat);
        busy(&h, 150, 160, 100);
        s = stats_of(&h);
        assert_int_equal(metric(&s, "cdfSpanLensCpuEpoch")->n, compat);
        if (compat)
            assert_near(metric(&s, "cdfSpanLensCpuEpoch")->mean, 11, 0);
    }
}

/* --- Over hosts ---------------------------------------------------------------- */

static struct metric_result over_hosts(const struct machine_stats *hosts, uint32_t count,
                                       bool compat, struct arena *memory)
{
    struct metric_result m = { 0 };

    arena_init(memory, allocator_libc(), 1 << 24);
    assert_int_equal(
        machine_stats_over_hosts(memory, hosts, count, machine_metric_find("CentiCpu"), compat, &m),
        OU_OK);
    return m;
}

static void set_values(struct machine_stats *s, double *values, size_t n)
{
    memset(s, 0, sizeof(*s));
    distribution_of(values, n, QUANTILE_TYPE7, &s->of[machine_metric_find("CentiCpu")]);
}

/* Means 0 to 51: locli averages the lowest 29 of them. (example 03-variance,
 * clusterAverageQuirk, and a printed report of the real program) */
static void test_compat_mode_averages_the_lowest_29_hosts(void **state)
{
    struct machine_stats hosts[52];
    struct arena memory;
    struct metric_result m;

    (void)state;
    for (int h = 0; h < 52; h++) {
        double value = (h * 31) % 52; /* in no order */

        set_values(&hosts[h], &value, 1);
    }
    for (int compat = 0; compat < 2; compat++) {
        m = over_hosts(hosts, 52, compat, &memory);
        assert_near(m.over.mean, compat ? 14 : 25.5, 0);
        assert_int_equal(m.over.n, 52);
        assert_near(m.over.min, 0, 0);
        assert_near(m.over.max, 51, 0);
        /* sd of 0..51: sqrt((52^2 - 1) / 12 * 52 / 51) */
        assert_near(m.inter_host_sd, sqrt(2703.0 / 12 * 52 / 51), 1e-12);
        assert_near(m.over.sd, compat ? 0 : sqrt(2703.0 / 12 * 52 / 51), 1e-12);
        assert_near(m.quantile_medians[7], compat ? 26 : 25.5, 0);
        assert_near(m.over.quantiles[7], 25.5, 1e-12);
        assert_true(isnan(m.over.median_low) && isnan(m.over.median_high));
        arena_release(&memory);
    }
    m = over_hosts(hosts, 29, true, &memory); /* 29 are all of them */
    arena_release(&memory);
    assert_near(over_hosts(hosts, 29, false, &memory).over.mean, m.over.mean, 1e-12);
    arena_release(&memory);
}

/* Hosts with different counts, far from 0 as bytes of memory are. */
static void test_the_deviation_is_that_of_all_samples(void **state)
{
    static const double samples[] = { 1e9, 1e9 + 4,  1e9 + 7, 1e9 + 1e3, 1e9 + 1e3 + 9,
                                      5e8, 5e8 + 11, 5e8 - 3, 5e8 + 2 };
    static const size_t counts[] = { 3, 2, 4 };
    struct machine_stats hosts[3];
    struct distribution direct;
    struct metric_result m;
    struct arena memory;
    double all[9], part[9];
    size_t at = 0;

    (void)state;
    for (int h = 0; h < 3; h++) {
        memcpy(part, samples + at, counts[h] * sizeof(double));
        set_values(&hosts[h], part, counts[h]);
        at += counts[h];
    }
    memcpy(all, samples, sizeof(all));
    distribution_of(all, 9, QUANTILE_TYPE7, &direct);
    m = over_hosts(hosts, 3, false, &memory);
    assert_int_equal(m.over.n, 9);
    assert_near(m.over.sd / direct.sd, 1, 1e-12);
    assert_near(m.over.min, direct.min, 0);
    assert_near(m.over.max, direct.max, 0);
    arena_release(&memory);
    /* compat: the greatest. Of 0, 9: sqrt(40.5); of 0, 11, -3, 2, mean 2.5:
     * sqrt((6.25 + 72.25 + 30.25 + 0.25) / 3) = sqrt(36.33) */
    m = over_hosts(hosts, 3, true, &memory);
    assert_near(m.over.sd, sqrt(40.5), 1e-6);
    arena_release(&memory);
}

/* The host without samples is left out; locli has it as 0. */
static void test_hosts_without_samples(void **state)
{
    struct machine_stats hosts[3];
    struct metric_result m;
    struct arena memory;
    double values[] = { 4, 6, 8 };

    (void)state;
    set_values(&hosts[0], values, 3);
    set_values(&hosts[1], values, 0);
    set_values(&hosts[2], values, 3);
    m = over_hosts(hosts, 3, false, &memory);
    assert_near(m.over.mean, 6, 0);
    assert_near(m.over.min, 4, 0);
    assert_int_equal(m.per_host[1].n, 0);
    arena_release(&memory);
    m = over_hosts(hosts, 3, true, &memory);
    assert_near(m.over.mean, 4, 0);
    assert_near(m.over.min, 0, 0);
    arena_release(&memory);

    m = over_hosts(hosts + 1, 1, false, &memory);
    assert_int_equal(m.kind, METRIC_ABSENT);
    arena_release(&memory);
    m = over_hosts(hosts + 1, 1, true, &memory);
    assert_int_equal(m.kind, METRIC_DISTRIBUTION);
    assert_near(m.over.mean, 0, 0);
    arena_release(&memory);
    m = over_hosts(hosts, 0, true, &memory);
    assert_int_equal(m.kind, METRIC_ABSENT);
    arena_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_metric_of_the_dictionary_has_its_number),
        cmocka_unit_test(test_slots_are_counted_as_checked_or_missed),
        cmocka_unit_test(test_a_node_that_never_checks_misses_nothing),
        cmocka_unit_test(test_a_host_without_records_has_no_statistics),
        cmocka_unit_test(test_spans_end_at_idle_and_at_unknown_slots),
        cmocka_unit_test(test_a_span_to_the_last_record_counts),
        cmocka_unit_test(test_a_span_across_an_epoch_boundary_counts_from_the_boundary),
        cmocka_unit_test(test_a_span_holds_its_slot_strictly),
        cmocka_unit_test(test_records_that_a_filter_dropped_part_spans),
        cmocka_unit_test(test_compat_mode_takes_the_first_record_for_the_first_of_an_epoch),
        cmocka_unit_test(test_compat_mode_averages_the_lowest_29_hosts),
        cmocka_unit_test(test_the_deviation_is_that_of_all_samples),
        cmocka_unit_test(test_hosts_without_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
