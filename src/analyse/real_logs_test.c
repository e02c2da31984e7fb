/* Logs of real nodes that nobody of this project wrote (OUROSCOPE_SHARED_DATA,
 * real/a-logs; sources and facts in the README beside them): a mainnet relay of
 * 2023 during a slot battle (cardano-foundation/blockperf, MIT), a preview node
 * of 2025 (cardano-foundation/openblockperf, Apache-2.0), early records and a
 * snapshot pair (IntersectMBO/cardano-node, Apache-2.0). */
#include <stdio.h>
#include <stdlib.h>

#include "analyse/analysis_test.h"
#include "analyse/run.h"
#include "support/files.h"
#include "support/test.h"

#define LOGS "real/a-logs/"

struct fixture {
    struct genesis genesis;
    struct filter_set filters;
    struct log_inputs inputs;
    struct analysis a;
};

static void analyse(struct fixture *x, const char *network, const char *file)
{
    struct analysis_request request = { .genesis = &x->genesis,
                                        .genesis_source = network,
                                        .filters = &x->filters,
                                        .rule = QUANTILE_TYPE7,
                                        .reading = { .threads = 1 } };
    const char *path = shared_data(file); /* skips where it is absent */
    struct ou_error err;

    memset(x, 0, sizeof(*x));
    assert_int_equal(genesis_of_network(network, &x->genesis, &err), OU_OK);
    filter_set_init(&x->filters, x->genesis.max_block_body_bytes, false);
    assert_int_equal(filter_add_shipped(&x->filters, "unitary", &err), OU_OK);
    assert_int_equal(log_inputs_add(&x->inputs, path, &err), OU_OK);
    log_inputs_sort(&x->inputs);
    if (analysis_run(&request, &x->inputs, &x->a, &err) != OU_OK)
        fail_msg("%s", err.text);
}

static void release(struct fixture *x)
{
    analysis_release(&x->a);
    filter_set_release(&x->filters);
    log_inputs_release(&x->inputs);
}

static uint64_t lines_of(const struct analysis *a, const char *name)
{
    for (size_t i = 0; i < a->event_count; i++)
        if (strcmp(a->events[i].name, name) == 0)
            return a->events[i].lines;
    return 0;
}

#define SLOT_BATTLE LOGS "legacy-8.1.1-mainnet-slotbattle.jsonl"
#define SLOT_START_NS (INT64_C(1693577664) * NS_PER_SECOND) /* 2023-09-01T14:14:24Z */

static void test_the_slot_battle_has_two_blocks_at_one_height_and_slot(void **state)
{
    struct fixture x;
    const struct chain_block *lost, *won;

    (void)state;
    analyse(&x, "mainnet", SLOT_BATTLE);
    assert_int_equal(x.a.lines, 75);
    assert_int_equal(x.a.host_count, 1);
    assert_string_equal(x.a.hosts[0].name, "mainnetf");
    lost = block(&x.a, "dda846c34c0f219c26ded0994ef0beace1dea54487d60e0b4afe5f6f4fe3d246");
    won = block(&x.a, "fa927c7195b1ffbd5a231cf7bbb8f34af0ed77d0d089a892f5f8ffa79a3c090b");
    assert_int_equal(lost->slot, 102011373);
    assert_int_equal(won->slot, 102011373);
    assert_int_equal(lost->number, 9233842);
    assert_int_equal(won->number, 9233842);
    assert_int_equal(lost->battles, 1);
    assert_int_equal(won->battles, 1);
    assert_int_equal(lost->slot_start_ns, SLOT_START_NS);
    release(&x);
}

static void test_the_block_switched_to_is_the_chain_and_the_other_lost(void **state)
{
    struct fixture x;
    const struct chain_block *lost, *won;

    (void)state;
    analyse(&x, "mainnet", SLOT_BATTLE);
    lost = block(&x.a, "dda846c3");
    won = block(&x.a, "fa927c71");
    assert_int_equal(won->fate, BLOCK_CHAINED);
    assert_int_equal(lost->fate, BLOCK_UNCHAINED);
    assert_true(won->observations[0].by_fork_switch);
    assert_false(lost->observations[0].by_fork_switch);
    /* adopted at 14:14:24.67, left for the other at 14:14:25.01 */
    assert_int_equal(lost->observations[0].adoption_ns, 670 * 1000 * 1000);
    assert_int_equal(won->observations[0].adoption_ns, 1010 * 1000 * 1000);
    assert_int_equal(x.a.chained_count, 1);
    assert_int_equal(x.a.unchained_count, 1);
    assert_true(x.a.partial_view);
    assert_true(x.a.hosts[0].coarse_stamps); /* "…24.55Z" */
    release(&x);
}

static void test_headers_requests_and_bodies_of_the_battle_are_counted(void **state)
{
    struct fixture x;
    const struct block_observation *lost, *won;

    (void)state;
    analyse(&x, "mainnet", SLOT_BATTLE);
    lost = &block(&x.a, "dda846c3")->observations[0];
    won = &block(&x.a, "fa927c71")->observations[0];
    assert_int_equal(lost->headers, 15);
    assert_int_equal(lost->requests, 4);
    assert_int_equal(lost->fetches, 4);
    assert_int_equal(won->headers, 3);
    assert_int_equal(won->requests, 3);
    assert_int_equal(won->fetches, 3);
    assert_int_equal(lines_of(&x.a, "ChainSyncClientEvent.TraceDownloadedHeader"), 18);
    assert_int_equal(lines_of(&x.a, "PeersFetch"), 6);
    release(&x);
}

static void test_an_observer_gets_its_metrics_and_the_forger_none(void **state)
{
    struct fixture x;
    const struct metric_result *m;

    (void)state;
    analyse(&x, "mainnet", SLOT_BATTLE);
    m = analysis_metric(&x.a, SECTION_FORGER, "cdfForgerStart");
    assert_int_equal(m->kind, METRIC_ABSENT);
    assert_non_null(m->absent_reason);
    m = analysis_metric(&x.a, SECTION_ENDTOEND, "cdf1.00");
    assert_int_equal(m->kind, METRIC_DISTRIBUTION);
    assert_true(m->over.mean > 1.00999 && m->over.mean < 1.01001);
    m = analysis_metric(&x.a, SECTION_CONTROL, "cdfBlockBattle");
    assert_true(m->over.mean == 1);
    m = analysis_metric(&x.a, SECTION_MACHPERF, "cdfStarts");
    assert_int_equal(m->kind, METRIC_ABSENT); /* a relay: it misses no slots */
    release(&x);
}

static void test_no_line_of_the_real_logs_is_rejected(void **state)
{
    static const struct {
        const char *network, *file;
        uint64_t lines;
    } logs[] = {
        { "mainnet", SLOT_BATTLE, 75 },
        { "mainnet", LOGS "early-new-and-legacy-samples.jsonl", 9 },
        { "preview", LOGS "new-10.5-preview-openblockperf-samples.jsonl", 5 },
        { "mainnet", LOGS "snapshot-rising-falling-edge.jsonl", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
        struct fixture x;

        analyse(&x, logs[i].network, logs[i].file);
        assert_int_equal(x.a.lines, logs[i].lines);
        for (size_t k = 0; k < x.a.reject_count; k++)
            fail_msg("%s: %s", logs[i].file, x.a.rejects[k].reason);
        release(&x);
    }
}

static void test_a_preview_node_tells_heights_of_blocks_it_adopted(void **state)
{
    struct fixture x;
    const struct chain_block *b;

    (void)state;
    analyse(&x, "preview", LOGS "new-10.5-preview-openblockperf-samples.jsonl");
    b = block(&x.a, "9d096f3fbe809021bcb78d6391751bf2725787380ea367bbe2fb93634ac613b1");
    assert_int_equal(b->number, 3600148);
    assert_int_equal(b->slot, 91039899);
    assert_int_equal(b->fate, BLOCK_CHAINED);
    assert_string_equal(b->parent,
                        "838498b0cc666026ec366199ec89afd67a2febc932816acef9bbd2a1f59689a5");
    /* slot start 16:51:39 UTC, adopted .255697717, its header downloaded .269022269 */
    assert_int_equal(b->observations[0].adoption_ns, 255697717);
    assert_int_equal(b->observations[0].delta_ns[OBSERVER_NOTICED], 269022269);
    b = block(&x.a, "838498b0");
    assert_int_equal(b->number, 3600147);
    assert_true(b->observations[0].by_fork_switch);
    /* fetched only: no height, no metric, but not lost */
    b = block(&x.a, "e175320a");
    assert_int_equal(b->number, -1);
    assert_int_equal(b->size_bytes, 2345);
    release(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_slot_battle_has_two_blocks_at_one_height_and_slot),
        cmocka_unit_test(test_the_block_switched_to_is_the_chain_and_the_other_lost),
        cmocka_unit_test(test_headers_requests_and_bodies_of_the_battle_are_counted),
        cmocka_unit_test(test_an_observer_gets_its_metrics_and_the_forger_none),
        cmocka_unit_test(test_no_line_of_the_real_logs_is_rejected),
        cmocka_unit_test(test_a_preview_node_tells_heights_of_blocks_it_adopted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
