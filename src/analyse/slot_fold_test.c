/* From events to slot records: what is counted where, what silence and wild
 * stamps do, and how resources come to slots. Expected numbers are worked out in
 * the comments; compat ones by the rules of locli (Cardano.Analysis.MachPerf). */
#include "analyse/slot_fold.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyse/events_test.h"

#define MB (INT64_C(1) << 20)

struct fixture {
    struct genesis genesis;
    struct filter_set filters;
    struct slot_fold fold;
    uint64_t dropped[FILTER_CONDITIONS_MAX];
};

static void open_fold(struct fixture *x, bool compat)
{
    memset(x, 0, sizeof(*x));
    x->genesis = second_genesis(600);
    filter_set_init(&x->filters, 88000, compat);
    slot_fold_init(&x->fold, &x->genesis, compat);
}

static void close_fold(struct fixture *x)
{
    slot_fold_release(&x->fold);
    filter_set_release(&x->filters);
}

static void take(struct fixture *x, struct event e)
{
    slot_fold_event(&x->fold, &e);
}

static void check(struct fixture *x, int64_t slot, int ms)
{
    take(x, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(slot, ms), slot));
}

static void context(struct fixture *x, int64_t at_ns, int64_t slot, int64_t number)
{
    struct event e = slot_event(EVENT_BLOCK_CONTEXT, at_ns, slot);

    e.number = number;
    take(x, e);
}

/* A process whose CPU took `ticks` of 10 ms so far and allocated `alloc` bytes. */
static void sample(struct fixture *x, int64_t at_ns, int64_t ticks, int64_t alloc, int64_t rss)
{
    struct resource_sample s = { .values = { 0 } };
    struct event e = event_at(EVENT_RESOURCES, at_ns);

    s.values[RESOURCE_CENTI_CPU] = ticks;
    s.values[RESOURCE_ALLOC] = alloc;
    s.values[RESOURCE_RSS] = rss;
    s.values[RESOURCE_HEAP] = -1; /* as old nodes leave it out */
    e.resources = &s;
    take(x, e);
}

static const struct slot_record *at_slot(const struct fixture *x, uint64_t slot)
{
    for (size_t i = 0; i < x->fold.count; i++)
        if (x->fold.records[i].slot == slot)
            return &x->fold.records[i];
    fail_msg("no record of slot %llu", (unsigned long long)slot);
    return NULL;
}

static double resource(const struct fixture *x, uint64_t slot, enum resource_member which)
{
    return at_slot(x, slot)->resources[which];
}

static void finish(struct fixture *x)
{
    slot_fold_finish(&x->fold, &x->filters, x->dropped);
}

/* --- Slots ------------------------------------------------------------------ */

static void test_slots_between_two_events_get_records(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 3, 5);
    check(&x, 3, 700); /* again: the last one's instant counts */
    check(&x, 7, 5);
    finish(&x);
    assert_int_equal(x.fold.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(x.fold.records[i].slot, 3 + i);
    assert_int_equal(at_slot(&x, 3)->starts, 2);
    assert_int_equal(at_slot(&x, 3)->phase_ns[SLOT_STARTED], 700 * MS);
    assert_int_equal(at_slot(&x, 5)->starts, 0);
    assert_int_equal(at_slot(&x, 7)->starts, 1);
    close_fold(&x);
}

/* Contexts and decisions name their slot; the rest belongs to the newest. */
static void test_an_event_goes_to_the_slot_it_names(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 3, 5);
    check(&x, 4, 5);
    take(&x, slot_event(EVENT_LEDGER_STATE, AT(4, 8), 3));
    take(&x, slot_event(EVENT_NODE_IS_LEADER, AT(4, 9), 3));
    take(&x, slot_event(EVENT_NODE_NOT_LEADER, AT(4, 7), 4));
    take(&x, event_at(EVENT_MEMPOOL_REJECTED, AT(3, 9)));
    take(&x, slot_event(EVENT_FORGED_BLOCK, AT(4, 20), 3));
    take(&x, slot_event(EVENT_LEDGER_VIEW, AT(4, 8), 9)); /* a slot not begun */
    finish(&x);
    assert_int_equal(at_slot(&x, 3)->leads, 1);
    assert_int_equal(at_slot(&x, 3)->forges, 1);
    assert_int_equal(at_slot(&x, 3)->ledger_states, 1);
    assert_int_equal(at_slot(&x, 4)->leads, 0);
    assert_int_equal(at_slot(&x, 4)->rejected_txs, 1);
    /* leading - started, for there is no ledger view; forged - leading, no snapshot */
    assert_int_equal(at_slot(&x, 4)->phase_ns[SLOT_LEADING], 2 * MS);
    assert_int_equal(at_slot(&x, 3)->phase_ns[SLOT_FORGED], 11 * MS);
    assert_int_equal(x.fold.early_events, 1);
    close_fold(&x);
}

static void test_what_lies_before_the_chain_is_counted_and_left_out(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    take(&x, event_at(EVENT_MEMPOOL_REJECTED, START - 3600 * NS_PER_SECOND - 1));
    take(&x, event_at(EVENT_MEMPOOL_REJECTED, 0));
    take(&x, event_at(EVENT_MEMPOOL_REJECTED, START - 1)); /* a node that waits for the start */
    assert_int_equal(x.fold.count, 0);
    finish(&x);
    assert_int_equal(x.fold.early_events, 2);
    assert_int_equal(x.fold.count, 0);
    close_fold(&x);
}

static void test_the_first_slot_counts_when_its_check_is_in_the_log(void **state)
{
    (void)state;
    for (int has_check = 0; has_check < 2; has_check++)
        for (int compat = 0; compat < 2; compat++) {
            struct fixture x;

            open_fold(&x, compat);
            take(&x, event_at(EVENT_MEMPOOL_REJECTED, AT(3, 2)));
            if (has_check)
                check(&x, 3, 5);
            check(&x, 4, 5);
            finish(&x);
            assert_int_equal(x.fold.records[0].filtered_out, !has_check && !compat);
            assert_false(x.fold.records[1].filtered_out);
            close_fold(&x);
        }
}

/* Slot 1300 is in epoch 2. locli takes the epoch of a first record for 0. */
static void test_slot_conditions_drop_records(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct fixture x;
        struct ou_error err;

        open_fold(&x, compat);
        assert_int_equal(filter_add_shipped(&x.filters, "epoch3+", &err), OU_OK);
        check(&x, 1300, 5);
        check(&x, 1301, 5);
        finish(&x);
        assert_int_equal(x.fold.records[0].filtered_out, compat);
        assert_false(x.fold.records[1].filtered_out);
        assert_int_equal(x.dropped[0], compat);
        close_fold(&x);
    }
}

/* --- Silence and wild stamps --------------------------------------------------- */

/* Slots 11 to 1010 are 1000 slots: silent. A slot less, and they are gaps. */
static void test_a_stretch_of_1000_slots_is_silence(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 10, 5);
    check(&x, 1011, 5);
    assert_int_equal(x.fold.count, 1); /* it waits for a second one */
    context(&x, AT(1011, 6), 1011, 40);
    take(&x, slot_event(EVENT_NODE_IS_LEADER, AT(1011, 7), 1011));
    check(&x, 1012, 5);
    finish(&x);
    assert_int_equal(x.fold.count, 3);
    assert_int_equal(x.fold.silent_slots, 1000);
    assert_int_equal(x.fold.wild_stamps, 0);
    assert_int_equal(x.fold.early_events, 0);
    assert_int_equal(at_slot(&x, 1011)->starts, 1);
    assert_int_equal(at_slot(&x, 1011)->contexts, 1);
    assert_int_equal(at_slot(&x, 1011)->leads, 1);
    close_fold(&x);

    open_fold(&x, false);
    check(&x, 10, 5);
    check(&x, 1010, 5);
    finish(&x);
    assert_int_equal(x.fold.count, 1001);
    assert_int_equal(x.fold.silent_slots, 0);
    close_fold(&x);
}

#define SLOT_OF_2200 INT64_C(5579000000)

static void test_one_wild_stamp_does_no_harm(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 10, 5);
    check(&x, SLOT_OF_2200, 5);
    check(&x, 11, 5);
    sample(&x, AT(SLOT_OF_2200, 5), 5, 5, 5);
    context(&x, AT(SLOT_OF_2200, 6), SLOT_OF_2200, 9);
    check(&x, 12, 5);
    take(&x, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(12, 6), INT64_MAX)); /* the last one */
    finish(&x);
    assert_int_equal(x.fold.count, 3);
    assert_int_equal(x.fold.wild_stamps, 4);
    assert_int_equal(x.fold.silent_slots, 0);
    assert_false(x.fold.sampled);
    assert_int_equal(x.fold.tip_number, -1);
    close_fold(&x);
}

static void test_a_slot_beyond_all_times_is_never_confirmed(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 10, 5);
    for (int64_t i = 0; i < 3; i++)
        take(&x, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(10, 6 + i), (INT64_C(1) << 62) + i));
    finish(&x);
    assert_int_equal(x.fold.count, 1);
    assert_int_equal(x.fold.wild_stamps, 3);
    assert_int_equal(x.fold.silent_slots, 0);
    close_fold(&x);
}

static void test_two_events_confirm_a_far_slot(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 10, 5);
    sample(&x, AT(SLOT_OF_2200, 5), 5, 5, 7 * MB);
    check(&x, SLOT_OF_2200 + 1, 5);
    check(&x, 11, 5); /* now this one is of no record */
    finish(&x);
    assert_int_equal(x.fold.count, 3);
    assert_int_equal(x.fold.silent_slots, SLOT_OF_2200 - 11);
    assert_near(resource(&x, SLOT_OF_2200, RESOURCE_RSS), 7, 0);
    assert_int_equal(x.fold.early_events, 1);
    close_fold(&x);
}

/* The greatest slot there can be, twice, and sums of the greatest numbers. */
static void test_numbers_at_the_end_of_their_range(void **state)
{
    struct fixture x;
    struct event collected = event_at(EVENT_TXS_COLLECTED, AT(10, 5));
    struct event processed = event_at(EVENT_TXS_PROCESSED, INT64_MAX);

    (void)state;
    open_fold(&x, false);
    check(&x, 10, 5);
    collected.number = processed.number = processed.size = INT64_MAX;
    for (int i = 0; i < 3; i++) {
        take(&x, collected);
        take(&x, processed);
    }
    assert_int_equal(at_slot(&x, 10)->txs_collected, INT64_MAX);
    assert_int_equal(at_slot(&x, 10)->txs_accepted, INT64_MAX);
    assert_int_equal(at_slot(&x, 10)->txs_rejected, INT64_MAX);
    assert_int_equal(at_slot(&x, 10)->txs_span_ns, INT64_MAX);
    context(&x, AT(10, 6), 10, INT64_MAX);
    take(&x, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(10, 7), INT64_MAX - 1));
    take(&x, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(10, 8), INT64_MAX));
    context(&x, AT(10, 7), INT64_MAX, 0);
    sample(&x, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
    finish(&x);
    assert_int_equal(x.fold.count, 1); /* no time can be told of such slots */
    assert_int_equal(x.fold.wild_stamps, 3);
    close_fold(&x);
}

/* --- Tip -------------------------------------------------------------------- */

static void test_gaps_count_from_the_slot_of_the_change(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    check(&x, 3, 5);
    context(&x, AT(3, 6), 3, 40);
    check(&x, 4, 5);
    check(&x, 5, 5);
    context(&x, AT(5, 6), 4, 41); /* told late: the change was in slot 4 */
    check(&x, 6, 5);
    context(&x, AT(6, 6), 6, 41);
    finish(&x);
    assert_int_equal(at_slot(&x, 3)->block_gap, -1); /* no change seen yet */
    assert_int_equal(at_slot(&x, 4)->block_gap, 0);
    assert_int_equal(at_slot(&x, 5)->block_gap, 1);
    assert_int_equal(at_slot(&x, 6)->block_gap, 2);
    assert_int_equal(at_slot(&x, 6)->block_number, 41);
    close_fold(&x);

    open_fold(&x, true); /* locli: from slot 0 at first, then from the newest slot */
    check(&x, 3, 5);
    check(&x, 4, 5);
    check(&x, 5, 5);
    context(&x, AT(5, 6), 4, 41);
    check(&x, 6, 5);
    finish(&x);
    assert_int_equal(at_slot(&x, 3)->block_gap, 3);
    assert_int_equal(at_slot(&x, 4)->block_gap, 0);
    assert_int_equal(at_slot(&x, 5)->block_gap, 5);
    assert_int_equal(at_slot(&x, 6)->block_gap, 1);
    close_fold(&x);
}

/* --- UTxO, mempool, transactions ------------------------------------------------ */

static void test_utxo_and_density_come_from_checks_and_ledger_metrics(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct fixture x;
        struct event start = slot_event(EVENT_START_LEADERSHIP_CHECK, AT(3, 5), 3);
        struct event metrics = slot_event(EVENT_LEDGER_METRICS, AT(6, 5), 6);
        struct event mempool = event_at(EVENT_MEMPOOL_TXS, AT(3, 6));

        open_fold(&x, compat);
        start.size = 100;
        start.density = 0.25;
        mempool.number = 17;
        take(&x, start);
        take(&x, mempool);
        check(&x, 6, 5); /* tells none */
        metrics.size = 200;
        metrics.density = 0.5;
        take(&x, metrics);
        check(&x, 7, 5);
        finish(&x);
        assert_int_equal(at_slot(&x, 3)->utxo_size, 100);
        assert_near(at_slot(&x, 3)->density, 0.25, 0);
        assert_int_equal(at_slot(&x, 4)->utxo_size, compat ? 100 : -1); /* a gap */
        assert_int_equal(at_slot(&x, 6)->utxo_size, 200);
        assert_near(at_slot(&x, 6)->density, 0.5, 0);
        assert_int_equal(at_slot(&x, 7)->utxo_size, compat ? 0 : -1);
        assert_int_equal(at_slot(&x, 7)->mempool_txs, 17);
        close_fold(&x);
    }
}

static void transactions(struct fixture *x, enum event_kind kind, int64_t at_ns, const char *thread)
{
    struct event e = event_at(kind, at_ns);

    e.number = 3;
    e.size = 1;
    e.thread = span_of(thread);
    take(x, e);
}

static void test_each_thread_has_its_own_span_of_transactions(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct fixture x;

        open_fold(&x, compat);
        check(&x, 3, 5);
        transactions(&x, EVENT_TXS_COLLECTED, AT(3, 10), "11");
        transactions(&x, EVENT_TXS_COLLECTED, AT(3, 20), "12");
        transactions(&x, EVENT_TXS_PROCESSED, AT(3, 50), "11");
        transactions(&x, EVENT_TXS_PROCESSED, AT(3, 90), "12");
        assert_int_equal(at_slot(&x, 3)->txs_span_ns, (40 + 70) * MS);
        transactions(&x, EVENT_TXS_PROCESSED, AT(3, 95), "12"); /* nothing collected since */
        transactions(&x, EVENT_TXS_PROCESSED, AT(3, 95), "13");
        assert_int_equal(at_slot(&x, 3)->txs_span_ns, (110 + (compat ? 2000 : 0)) * MS);
        assert_int_equal(at_slot(&x, 3)->txs_collected, 6);
        assert_int_equal(at_slot(&x, 3)->txs_accepted, 12);
        assert_int_equal(at_slot(&x, 3)->txs_rejected, 4);
        close_fold(&x);
    }
}

static void test_short_lived_threads_stay_within_bounds(void **state)
{
    struct fixture x;
    char name[16];

    (void)state;
    open_fold(&x, false);
    check(&x, 3, 5);
    for (unsigned i = 0; i < 3 * COLLECTING_THREADS_MAX / 2; i++) {
        snprintf(name, sizeof(name), "%u", i);
        transactions(&x, EVENT_TXS_COLLECTED, AT(3, 10), name);
    }
    transactions(&x, EVENT_TXS_PROCESSED, AT(3, 30), name);
    assert_int_equal(at_slot(&x, 3)->txs_span_ns, 20 * MS);
    assert_true(x.fold.threads.count <= COLLECTING_THREADS_MAX);
    close_fold(&x);
}

/* --- Resources ------------------------------------------------------------------ */

/* 60 ticks and 120 MB in the 2 s from slot 3 to slot 5: 30 % and 60 MB/s in slots
 * 4 and 5. Then 10 ticks in half a second. */
static void test_rates_hold_for_the_slots_of_their_interval(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    sample(&x, AT(3, 500), 1000, 900 * MB, 50 * MB);
    sample(&x, AT(5, 500), 1060, 1020 * MB, 60 * MB);
    sample(&x, AT(6, 0), 1070, 1020 * MB, 60 * MB);
    check(&x, 7, 5);
    finish(&x);
    assert_true(isnan(resource(&x, 3, RESOURCE_CENTI_CPU)));
    assert_near(resource(&x, 3, RESOURCE_RSS), 50, 0);
    for (uint64_t slot = 4; slot <= 5; slot++) {
        assert_near(resource(&x, slot, RESOURCE_CENTI_CPU), 30, 1e-12);
        assert_near(resource(&x, slot, RESOURCE_ALLOC), 60, 1e-12);
    }
    assert_near(resource(&x, 4, RESOURCE_RSS), 50, 0);
    assert_near(resource(&x, 5, RESOURCE_RSS), 60, 0);
    assert_near(resource(&x, 6, RESOURCE_CENTI_CPU), 20, 1e-12);
    assert_true(isnan(resource(&x, 7, RESOURCE_CENTI_CPU)));
    assert_near(resource(&x, 7, RESOURCE_RSS), 60, 0);
    assert_true(isnan(resource(&x, 5, RESOURCE_HEAP))); /* not among the samples */
    close_fold(&x);
}

/* Nodes of 2023 wrote each sample twice, a second apart: 90 ticks in 2 s. */
static void test_a_sample_written_twice_makes_no_idle_second(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    for (int i = 0; i < 4; i++) {
        sample(&x, AT(3 + 2 * i, 0), 100 + 90 * i, 0, MB);
        sample(&x, AT(4 + 2 * i, 0), 100 + 90 * i, 0, MB);
    }
    finish(&x);
    for (uint64_t slot = 4; slot <= 9; slot++)
        assert_near(resource(&x, slot, RESOURCE_CENTI_CPU), 45, 1e-12);
    close_fold(&x);
}

static void test_a_restart_is_counted_and_gives_no_rate(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    sample(&x, AT(3, 0), 1000, 0, MB);
    sample(&x, AT(4, 0), 1010, 0, MB);
    sample(&x, AT(5, 0), 7, 0, MB); /* a new process */
    sample(&x, AT(6, 0), 57, 0, MB);
    finish(&x);
    assert_int_equal(x.fold.counter_resets, 1);
    assert_near(resource(&x, 4, RESOURCE_CENTI_CPU), 10, 1e-12);
    assert_true(isnan(resource(&x, 5, RESOURCE_CENTI_CPU)));
    assert_near(resource(&x, 6, RESOURCE_CENTI_CPU), 50, 1e-12);
    close_fold(&x);
}

/* Two lines changed places: no restart, and the rate is that of the whole. When
 * the clock goes back while the counters go on, the interval has no rate. */
static void test_time_that_goes_back_is_no_restart(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    sample(&x, AT(3, 0), 1000, 0, MB);
    sample(&x, AT(5, 0), 1080, 0, MB);
    sample(&x, AT(4, 0), 1040, 0, MB);
    sample(&x, AT(6, 0), 1120, 0, MB);
    assert_int_equal(x.fold.counter_resets, 0);
    assert_near(resource(&x, 6, RESOURCE_CENTI_CPU), 40, 1e-12);
    sample(&x, AT(4, 0), 1160, 0, MB); /* set back by 3 s */
    sample(&x, AT(5, 0), 1200, 0, MB);
    finish(&x);
    assert_int_equal(x.fold.counter_resets, 0);
    assert_near(resource(&x, 5, RESOURCE_CENTI_CPU), 40, 1e-12);
    assert_near(resource(&x, 6, RESOURCE_CENTI_CPU), 40, 1e-12);
    close_fold(&x);
}

/* The clock jumps between two far slots with each sample: every slot is filled
 * once, or this would be 40000 x 40000 steps. */
static void test_a_clock_that_jumps_to_and_fro_costs_no_time(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, false);
    for (int slot = 0; slot < 40000; slot += 500)
        check(&x, slot, 5);
    for (int i = 0; i < 40000; i++)
        sample(&x, AT(i % 2 ? 39500 : 0, i / 1000), i, 0, MB);
    finish(&x);
    assert_int_equal(x.fold.count, 39501);
    close_fold(&x);
}

/* --- Resources as locli has them ------------------------------------------------- */

/* First sample: against 0 in 1970, 1000 ticks in 1.679e9 s are a trace of 1 %, and
 * 500 MB are the past of the process. Then ceil(100 * 360 / (100 * 4 s)) = 90,
 * repeated in slots without a sample, while increments are 0 there. */
static void test_compat_mode_carries_percentages_and_clears_increments(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, true);
    take(&x, event_at(EVENT_MEMPOOL_REJECTED, AT(2, 0)));
    check(&x, 3, 5);
    sample(&x, AT(4, 500), 1000, 500 * MB + 1, 7 * MB + 1);
    sample(&x, AT(8, 500), 1360, 660 * MB, 9 * MB - 1);
    check(&x, 10, 5);
    finish(&x);
    assert_true(isnan(resource(&x, 2, RESOURCE_CENTI_CPU))); /* the first record has none */
    assert_near(resource(&x, 3, RESOURCE_CENTI_CPU), 0, 0);  /* then they are 0 */
    assert_near(resource(&x, 4, RESOURCE_CENTI_CPU), 1, 0);
    assert_near(resource(&x, 4, RESOURCE_ALLOC), 500, 0);
    assert_near(resource(&x, 7, RESOURCE_CENTI_CPU), 1, 0);
    assert_near(resource(&x, 7, RESOURCE_ALLOC), 0, 0);
    assert_near(resource(&x, 7, RESOURCE_RSS), 7, 0);
    assert_near(resource(&x, 8, RESOURCE_CENTI_CPU), 90, 0);
    assert_near(resource(&x, 8, RESOURCE_ALLOC), 159, 0); /* 160 MB less a byte, cut */
    assert_near(resource(&x, 10, RESOURCE_CENTI_CPU), 90, 0);
    assert_near(resource(&x, 10, RESOURCE_RSS), 8, 0);
    assert_near(resource(&x, 8, RESOURCE_HEAP), 0, 0); /* absent reads as 0 */
    close_fold(&x);
}

/* 90 ticks in 10 ns less than a second are 90.0000009 %, which exact arithmetic
 * rounds up to 91; as a 32-bit float that time is a whole second. */
static void test_compat_mode_rounds_up_in_32_bits(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, true);
    sample(&x, AT(3, 0), 1000, 0, 0);
    sample(&x, AT(4, 0) - 10, 1090, 0, 0);
    sample(&x, AT(5, 0), 1181, 0, 0); /* 91 in 1.00000001 s */
    sample(&x, AT(7, 0), 1182, 0, 0); /* half a percent */
    assert_near(resource(&x, 3, RESOURCE_CENTI_CPU), 90, 0);
    assert_near(resource(&x, 5, RESOURCE_CENTI_CPU), 91, 0);
    assert_near(resource(&x, 7, RESOURCE_CENTI_CPU), 1, 0);
    close_fold(&x);
}

/* Word64: 10 - 20 = 2^64 - 10; its megabytes are cut off at the binary point. */
static void test_compat_mode_lets_counters_wrap(void **state)
{
    struct fixture x;

    (void)state;
    open_fold(&x, true);
    sample(&x, AT(3, 0), 1000, 20 * MB, 0);
    sample(&x, AT(4, 0), 1000, 10 * MB, 0);
    assert_near(resource(&x, 4, RESOURCE_ALLOC), 0x1p44 - 10, 0);
    assert_int_equal(x.fold.counter_resets, 0);
    close_fold(&x);
}

/* A sample of a slot gone by still changes what later slots inherit. */
static void test_a_late_sample_is_inherited(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct fixture x;

        open_fold(&x, compat);
        sample(&x, AT(3, 0), 1000, 0, 5 * MB);
        check(&x, 4, 5);
        check(&x, 5, 5);
        sample(&x, AT(4, 990), 1010, 0, 6 * MB);
        check(&x, 6, 5);
        finish(&x);
        assert_near(resource(&x, 4, RESOURCE_RSS), 6, 0);
        assert_near(resource(&x, 5, RESOURCE_RSS), 5, 0);
        assert_near(resource(&x, 6, RESOURCE_RSS), 6, 0);
        if (compat)
            assert_near(resource(&x, 6, RESOURCE_CENTI_CPU), 6, 0); /* ceil(1000 / 199) */
        close_fold(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots_between_two_events_get_records),
        cmocka_unit_test(test_an_event_goes_to_the_slot_it_names),
        cmocka_unit_test(test_what_lies_before_the_chain_is_counted_and_left_out),
        cmocka_unit_test(test_the_first_slot_counts_when_its_check_is_in_the_log),
        cmocka_unit_test(test_slot_conditions_drop_records),
        cmocka_unit_test(test_a_stretch_of_1000_slots_is_silence),
        cmocka_unit_test(test_one_wild_stamp_does_no_harm),
        cmocka_unit_test(test_a_slot_beyond_all_times_is_never_confirmed),
        cmocka_unit_test(test_two_events_confirm_a_far_slot),
        cmocka_unit_test(test_numbers_at_the_end_of_their_range),
        cmocka_unit_test(test_gaps_count_from_the_slot_of_the_change),
        cmocka_unit_test(test_utxo_and_density_come_from_checks_and_ledger_metrics),
        cmocka_unit_test(test_each_thread_has_its_own_span_of_transactions),
        cmocka_unit_test(test_short_lived_threads_stay_within_bounds),
        cmocka_unit_test(test_rates_hold_for_the_slots_of_their_interval),
        cmocka_unit_test(test_a_sample_written_twice_makes_no_idle_second),
        cmocka_unit_test(test_a_restart_is_counted_and_gives_no_rate),
        cmocka_unit_test(test_time_that_goes_back_is_no_restart),
        cmocka_unit_test(test_a_clock_that_jumps_to_and_fro_costs_no_time),
        cmocka_unit_test(test_compat_mode_carries_percentages_and_clears_increments),
        cmocka_unit_test(test_compat_mode_rounds_up_in_32_bits),
        cmocka_unit_test(test_compat_mode_lets_counters_wrap),
        cmocka_unit_test(test_a_late_sample_is_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
