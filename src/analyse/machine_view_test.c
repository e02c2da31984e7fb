/* What a host's log says of a block, event by event. In compat mode the states
 * are those of locli (bench/locli, Cardano.Analysis.BlockProp: observer, forger,
 * error), tried in every state with every event. */
#include "analyse/machine_view.h"

#include <stdio.h>

#include "analyse/events_test.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define B_TWIN "bbbbbbbbcccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static void take(struct machine_view *view, struct event e)
{
    machine_view_event(view, &e);
}

static struct event header(int64_t at_ns, const char *hash)
{
    return numbered_event(EVENT_SEEN_HEADER, at_ns, hash, 7, 3, NULL);
}

static struct event forge(int64_t at_ns, const char *hash)
{
    return numbered_event(EVENT_FORGED_BLOCK, at_ns, hash, 7, 3, A);
}

static struct event request(int64_t at_ns, const char *hash, int64_t length)
{
    struct event e = block_event(EVENT_FETCH_REQUESTED, at_ns, hash);

    e.number = length;
    return e;
}

static const struct block_record *record(const struct machine_view *view, const char *hash)
{
    return machine_view_find(view, span_of(hash));
}

/* --- The table of states -------------------------------------------------- */

enum state { NOTHING, OBSERVER, FORGER, ERROR };

static const enum event_kind block_events[] = {
    EVENT_SEEN_HEADER,    EVENT_FETCH_REQUESTED, EVENT_FETCH_COMPLETED, EVENT_FORGED_BLOCK,
    EVENT_ADDED_TO_CHAIN, EVENT_ADOPTED_BLOCK,   EVENT_SEND_HEADER,     EVENT_SENDING_BODY,
};
#define BLOCK_EVENTS (sizeof(block_events) / sizeof(*block_events))

static struct event any_event(enum event_kind kind, int64_t at_ns)
{
    if (kind == EVENT_SEEN_HEADER || kind == EVENT_FORGED_BLOCK)
        return numbered_event(kind, at_ns, B, 7, 3, kind == EVENT_FORGED_BLOCK ? A : NULL);
    return kind == EVENT_FETCH_REQUESTED ? request(at_ns, B, 1) : block_event(kind, at_ns, B);
}

static void bring_into(struct machine_view *view, enum state state)
{
    if (state == OBSERVER)
        take(view, header(AT(7, 100), B));
    else if (state == FORGER)
        take(view, forge(AT(7, 100), B));
    else if (state == ERROR)
        take(view, block_event(EVENT_SENDING_BODY, AT(7, 100), B));
}

static enum state state_of(const struct machine_view *view)
{
    const struct block_record *r = record(view, B);

    if (!r)
        return NOTHING;
    return r->kind == RECORD_ERROR ? ERROR : r->kind == RECORD_FORGER ? FORGER : OBSERVER;
}

static void test_compat_mode_has_the_states_of_locli(void **state)
{
    static const enum state next[BLOCK_EVENTS][4] = {
        /* no record    observer  forger  error */
        { OBSERVER, OBSERVER, FORGER, ERROR }, /* SeenHeader */
        { ERROR, OBSERVER, ERROR, ERROR },     /* FetchRequested */
        { ERROR, OBSERVER, FORGER, ERROR },    /* FetchCompleted */
        { FORGER, ERROR, ERROR, ERROR },       /* BlockForged */
        { ERROR, OBSERVER, FORGER, ERROR },    /* Added */
        { ERROR, OBSERVER, FORGER, ERROR },    /* Adopted */
        { ERROR, OBSERVER, FORGER, ERROR },    /* SendHeader */
        { ERROR, OBSERVER, FORGER, ERROR },    /* SendingBody */
    };

    (void)state;
    for (size_t i = 0; i < BLOCK_EVENTS; i++)
        for (enum state from = NOTHING; from <= ERROR; from++) {
            struct machine_view view;

            machine_view_init(&view, true);
            bring_into(&view, from);
            assert_int_equal(state_of(&view), from);
            take(&view, any_event(block_events[i], AT(7, 200)));
            if (state_of(&view) != next[i][from])
                fail_msg("%s in state %d leads to %d", event_infos[block_events[i]].name, from,
                         state_of(&view));
            machine_view_release(&view);
        }
}

static void test_by_default_nothing_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK_EVENTS; i++)
        for (enum state from = NOTHING; from <= FORGER; from++) {
            struct machine_view view;

            machine_view_init(&view, false);
            bring_into(&view, from);
            take(&view, any_event(block_events[i], AT(7, 200)));
            assert_int_equal(state_of(&view),
                             from == FORGER || block_events[i] == EVENT_FORGED_BLOCK ? FORGER
                                                                                     : OBSERVER);
            machine_view_release(&view);
        }
}

static void test_the_first_event_of_each_phase_counts(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct machine_view view;
        const struct block_record *r;

        machine_view_init(&view, compat);
        for (int turn = 0; turn < 2; turn++)
            for (size_t i = 0; i < BLOCK_EVENTS; i++)
                if (block_events[i] != EVENT_FORGED_BLOCK && block_events[i] != EVENT_ADOPTED_BLOCK)
                    take(&view, any_event(block_events[i], AT(7, 100 * turn + (int)i)));
        r = record(&view, B);
        assert_int_equal(r->noticed_ns, AT(7, 0));
        assert_int_equal(r->requested_ns, AT(7, 1));
        assert_int_equal(r->fetched_ns, AT(7, 2));
        assert_int_equal(r->adopted_ns, AT(7, 4));
        assert_int_equal(r->last_adopted_ns, AT(7, 104));
        assert_int_equal(r->announced_ns, AT(7, 6));
        assert_int_equal(r->sending_ns, AT(7, 7));
        assert_int_equal(r->headers, 2);
        assert_int_equal(r->requests, 2);
        assert_int_equal(r->fetches, 2);
        assert_int_equal(view.repeated, 1);
        machine_view_release(&view);
    }
}

/* --- Deltas, sizes, parents ------------------------------------------------ */

static void test_the_chain_delta_is_the_greater_of_request_and_adoption(void **state)
{
    static const struct {
        int64_t length, adopted, delta; /* adopted: -1, the event does not tell */
    } rows[] = { { 1, -1, 1 }, { 5, -1, 5 }, { 5, 2, 5 }, { 1, 3, 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct machine_view view;
        struct event added = block_event(EVENT_ADDED_TO_CHAIN, AT(7, 300), B);

        machine_view_init(&view, i % 2);
        added.number = rows[i].adopted;
        take(&view, header(AT(7, 100), B));
        take(&view, request(AT(7, 200), B, rows[i].length));
        take(&view, request(AT(7, 210), B, 99)); /* not the first one: nothing */
        take(&view, added);
        assert_int_equal(record(&view, B)->chain_delta, rows[i].delta);
        machine_view_release(&view);
    }
}

static void test_a_forger_learns_its_size_from_its_second_adoption(void **state)
{
    struct machine_view view;
    struct event adopted = block_event(EVENT_ADOPTED_BLOCK, AT(7, 300), B);

    (void)state;
    machine_view_init(&view, true);
    adopted.size = 4321;
    take(&view, forge(AT(7, 100), B));
    take(&view, block_event(EVENT_ADDED_TO_CHAIN, AT(7, 200), B));
    take(&view, adopted);
    assert_int_equal(record(&view, B)->adopted_ns, AT(7, 200));
    assert_int_equal(record(&view, B)->size, 4321);
    assert_int_equal(record(&view, B)->chain_delta, 1);
    assert_int_equal(view.repeated, 0);
    machine_view_release(&view);
}

/* Two threads wrote: the adoption stands before the forging it follows. */
static void test_an_adoption_logged_before_the_forging_keeps_its_delta(void **state)
{
    struct machine_view view;

    (void)state;
    machine_view_init(&view, false);
    take(&view, block_event(EVENT_ADDED_TO_CHAIN, AT(7, 200), B));
    take(&view, forge(AT(7, 100), B));
    assert_int_equal(record(&view, B)->chain_delta, 1);
    assert_int_equal(record(&view, B)->adopted_ns, AT(7, 200));
    machine_view_release(&view);
}

static void test_phases_before_the_header_are_kept(void **state)
{
    struct machine_view view;
    const struct block_record *r;

    (void)state;
    machine_view_init(&view, false);
    take(&view, block_event(EVENT_FETCH_COMPLETED, AT(7, 50), B));
    take(&view, block_event(EVENT_ADDED_TO_CHAIN, AT(7, 60), B));
    assert_false(record(&view, B)->header_seen);
    take(&view, header(AT(7, 70), B));
    r = record(&view, B);
    assert_true(r->header_seen);
    assert_int_equal(r->fetched_ns, AT(7, 50));
    assert_int_equal(r->adopted_ns, AT(7, 60));
    assert_int_equal(r->noticed_ns, AT(7, 70));
    assert_int_equal(r->slot, 7);
    assert_int_equal(r->number, 3);
    machine_view_release(&view);
}

static void test_a_change_of_fork_adopts_by_default_only(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct machine_view view;

        machine_view_init(&view, compat);
        take(&view, header(AT(7, 100), B));
        take(&view, block_event(EVENT_SWITCHED_TO_FORK, AT(7, 400), B));
        assert_int_equal(record(&view, B)->adopted_ns, compat ? TIME_NONE : AT(7, 400));
        assert_int_equal(record(&view, B)->by_fork_switch, !compat);
        machine_view_release(&view);
    }
}

/* --- The forge loop --------------------------------------------------------- */

static const enum event_kind loop_events[LOOP_INSTANTS] = {
    EVENT_START_LEADERSHIP_CHECK, EVENT_BLOCK_CONTEXT,
    EVENT_LEDGER_STATE,           EVENT_LEDGER_VIEW,
    EVENT_NODE_IS_LEADER,         EVENT_TICKED_LEDGER_STATE,
    EVENT_MEMPOOL_SNAPSHOT,
};

/* The loop of slot 6 is whole; of slot 7 the context and what follows
 * `missing` is there, not `missing` itself. */
static void forge_without(struct machine_view *view, int missing)
{
    for (int i = 0; i < LOOP_INSTANTS; i++)
        take(view, slot_event(loop_events[i], AT(6, i), 6));
    for (int i = 0; i < LOOP_INSTANTS; i++)
        if (i != missing)
            take(view, slot_event(loop_events[i], AT(7, i), 7));
    take(view, forge(AT(7, 100), B));
}

static void test_an_instant_that_is_not_in_the_log_is_not_of_an_earlier_slot(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++)
        for (int missing = 0; missing < LOOP_INSTANTS; missing++) {
            struct machine_view view;

            machine_view_init(&view, compat);
            forge_without(&view, missing);
            for (int i = 0; i < LOOP_INSTANTS; i++)
                assert_int_equal(record(&view, B)->loop_ns[i], i != missing ? AT(7, i)
                                                               : compat     ? AT(6, i)
                                                                            : TIME_NONE);
            machine_view_release(&view);
        }
}

static void test_a_block_of_another_slot_than_the_loop_has_no_instants(void **state)
{
    struct machine_view view;

    (void)state;
    machine_view_init(&view, false);
    for (int i = 0; i < LOOP_INSTANTS; i++)
        take(&view, slot_event(loop_events[i], AT(6, i), 6));
    take(&view, forge(AT(7, 100), B)); /* of slot 7 */
    for (int i = 0; i < LOOP_INSTANTS; i++)
        assert_int_equal(record(&view, B)->loop_ns[i], TIME_NONE);
    machine_view_release(&view);
}

static void test_a_second_check_of_a_slot_begins_anew(void **state)
{
    struct machine_view view;

    (void)state;
    machine_view_init(&view, false);
    forge_without(&view, -1);
    take(&view, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(7, 500), 7));
    take(&view, numbered_event(EVENT_FORGED_BLOCK, AT(7, 600), B_TWIN, 7, 3, A));
    assert_int_equal(record(&view, B_TWIN)->loop_ns[LOOP_STARTED], AT(7, 500));
    assert_int_equal(record(&view, B_TWIN)->loop_ns[LOOP_LEADING], TIME_NONE);
    machine_view_release(&view);
}

static void test_a_block_forged_twice_keeps_the_first(void **state)
{
    struct machine_view view;

    (void)state;
    machine_view_init(&view, false);
    take(&view, forge(AT(7, 100), B));
    take(&view, forge(AT(7, 900), B));
    assert_true(record(&view, B)->forged_twice);
    assert_int_equal(record(&view, B)->forged_ns, AT(7, 100));
    machine_view_release(&view);
}

/* --- Hashes ------------------------------------------------------------------ */

static void test_a_shortened_hash_finds_its_block(void **state)
{
    (void)state;
    for (size_t digits = 7; digits <= 8; digits++) {
        struct machine_view view;
        struct event added = block_event(EVENT_ADDED_TO_CHAIN, AT(7, 300), B);

        machine_view_init(&view, false);
        take(&view, header(AT(7, 100), A));
        take(&view, header(AT(7, 100), B));
        added.hash.len = digits;
        take(&view, added);
        assert_int_equal(record(&view, B)->adopted_ns, AT(7, 300));
        assert_int_equal(view.ambiguous, 0);
        machine_view_release(&view);
    }
}

static void test_a_shortened_hash_that_fits_two_blocks_is_counted(void **state)
{
    struct machine_view view;
    struct event added = block_event(EVENT_ADDED_TO_CHAIN, AT(7, 300), "bbbbbbbb");

    (void)state;
    machine_view_init(&view, false);
    take(&view, header(AT(7, 100), B));
    take(&view, header(AT(7, 100), B_TWIN));
    take(&view, added);
    assert_int_equal(view.ambiguous, 1);
    assert_int_equal(record(&view, B)->adopted_ns, TIME_NONE);
    assert_int_equal(record(&view, B_TWIN)->adopted_ns, TIME_NONE);
    assert_int_equal(record(&view, "bbbbbbbb")->adopted_ns, AT(7, 300));
    machine_view_release(&view);
}

static void test_compat_mode_takes_a_shortened_hash_for_another_block(void **state)
{
    struct machine_view view;

    (void)state;
    machine_view_init(&view, true);
    take(&view, header(AT(7, 100), B));
    take(&view, block_event(EVENT_ADDED_TO_CHAIN, AT(7, 300), "bbbbbbb"));
    assert_int_equal(record(&view, B)->adopted_ns, TIME_NONE);
    assert_int_equal(record(&view, "bbbbbbb")->kind, RECORD_ERROR);
    machine_view_release(&view);
}

/* Parents are numbered among the blocks without being known as blocks. */
/* As an extract tells them: each once, those that are no more than a name among them. */
static void test_a_block_is_restored_once(void **state)
{
    struct machine_view view;
    struct block_record one = machine_view_empty_record;

    (void)state;
    one.number = 3;
    machine_view_init(&view, false);
    assert_int_equal(machine_view_restore(&view, span_of(A), NULL), OU_OK);
    assert_int_equal(machine_view_restore(&view, span_of(B), &one), OU_OK);
    one.number = 4;
    assert_int_equal(machine_view_restore(&view, span_of(B), &one), OU_INVALID);
    assert_int_equal(machine_view_restore(&view, span_of(A), &one), OU_INVALID);
    assert_int_equal(record(&view, B)->number, 3);
    assert_null(record(&view, A));
    machine_view_release(&view);
}

static void test_a_parent_is_no_block(void **state)
{
    struct machine_view view;
    const struct block_record *r;

    (void)state;
    machine_view_init(&view, false);
    take(&view, forge(AT(7, 100), B));
    r = record(&view, B);
    assert_true(span_is(intern_text(&view.hashes, r->parent), A));
    assert_null(record(&view, A));
    assert_null(record(&view, "never met"));
    machine_view_release(&view);
}

/* A million shortened hashes that fit nothing, hashes of no length, blocks that
 * are their own parents: all of it in a blink, none of it lost. */
static void test_hostile_hashes_cost_no_more_than_others(void **state)
{
    struct machine_view view;
    char hash[16];

    (void)state;
    machine_view_init(&view, false);
    for (int i = 0; i < 200000; i++) {
        snprintf(hash, sizeof(hash), "%08x", (unsigned)i);
        take(&view, block_event(EVENT_FETCH_COMPLETED, AT(7, 1), hash));
    }
    take(&view, block_event(EVENT_SENDING_BODY, AT(7, 1), ""));
    take(&view, numbered_event(EVENT_FORGED_BLOCK, AT(7, 1), A, INT64_MAX, INT64_MAX, A));
    assert_int_equal(view.hashes.count, 200002);
    assert_int_equal(view.lost, 0);
    assert_true(record(&view, A)->parent != NO_PARENT);
    machine_view_release(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compat_mode_has_the_states_of_locli),
        cmocka_unit_test(test_by_default_nothing_is_an_error),
        cmocka_unit_test(test_the_first_event_of_each_phase_counts),
        cmocka_unit_test(test_the_chain_delta_is_the_greater_of_request_and_adoption),
        cmocka_unit_test(test_a_forger_learns_its_size_from_its_second_adoption),
        cmocka_unit_test(test_an_adoption_logged_before_the_forging_keeps_its_delta),
        cmocka_unit_test(test_phases_before_the_header_are_kept),
        cmocka_unit_test(test_a_change_of_fork_adopts_by_default_only),
        cmocka_unit_test(test_an_instant_that_is_not_in_the_log_is_not_of_an_earlier_slot),
        cmocka_unit_test(test_a_block_of_another_slot_than_the_loop_has_no_instants),
        cmocka_unit_test(test_a_second_check_of_a_slot_begins_anew),
        cmocka_unit_test(test_a_block_forged_twice_keeps_the_first),
        cmocka_unit_test(test_a_shortened_hash_finds_its_block),
        cmocka_unit_test(test_a_shortened_hash_that_fits_two_blocks_is_counted),
        cmocka_unit_test(test_compat_mode_takes_a_shortened_hash_for_another_block),
        cmocka_unit_test(test_a_parent_is_no_block),
        cmocka_unit_test(test_a_block_is_restored_once),
        cmocka_unit_test(test_hostile_hashes_cost_no_more_than_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
