#include "chain/slot_clock.h"

#include <string.h>

#include "base/time.h"
#include "chain/genesis.h"
#include "support/test.h"

static struct slot_clock clock_of(const char *network)
{
    struct genesis g;

    assert_int_equal(genesis_of_network(network, &g, NULL), OU_OK);
    return g.clock;
}

static int64_t instant(const char *text)
{
    int64_t ns = TIME_NONE;

    assert_true(time_parse_iso(text, strlen(text), &ns));
    return ns;
}

static void assert_slot_starts(const struct slot_clock *clock, uint64_t slot, const char *at)
{
    int64_t ns;
    uint64_t back;

    assert_true(slot_start(clock, slot, &ns));
    assert_int_equal(ns, instant(at));
    assert_true(slot_at(clock, ns, &back));
    assert_int_equal(back, slot);
}

/* Instants of blocks as public chain explorers and node logs state them. */
static void test_public_slots_start_when_their_blocks_say(void **state)
{
    struct slot_clock mainnet = clock_of("mainnet"), preview = clock_of("preview"),
                      preprod = clock_of("preprod");

    (void)state;
    assert_slot_starts(&mainnet, 102011373, "2023-09-01T14:14:24Z");
    assert_slot_starts(&preview, 91039899, "2025-09-12T16:51:39Z");
    assert_slot_starts(&mainnet, 0, "2017-09-23T21:44:51Z");
    assert_slot_starts(&mainnet, 4492799, "2020-07-29T21:44:31Z");
    assert_slot_starts(&mainnet, 4492800, "2020-07-29T21:44:51Z");
    assert_slot_starts(&mainnet, 4492801, "2020-07-29T21:44:52Z");
    assert_slot_starts(&preprod, 0, "2022-06-01T00:00:00Z");
    assert_slot_starts(&preprod, 86400, "2022-06-21T00:00:00Z");
    assert_slot_starts(&preview, 0, "2022-10-25T00:00:00Z");
}

static void test_epochs_of_both_stretches_follow_on_each_other(void **state)
{
    struct slot_clock mainnet = clock_of("mainnet");

    (void)state;
    assert_int_equal(slot_epoch(&mainnet, 0), 0);
    assert_int_equal(slot_epoch(&mainnet, 21599), 0);
    assert_int_equal(slot_epoch(&mainnet, 21600), 1);
    assert_int_equal(slot_epoch(&mainnet, 4492799), 207);
    assert_int_equal(slot_in_epoch(&mainnet, 4492799), 21599);
    assert_int_equal(epoch_length(&mainnet, 4492799), 21600);
    assert_int_equal(slot_epoch(&mainnet, 4492800), 208);
    assert_int_equal(slot_in_epoch(&mainnet, 4492800), 0);
    assert_int_equal(epoch_length(&mainnet, 4492800), 432000);
    assert_int_equal(slot_epoch(&mainnet, 4492800 + 432000), 209);
    /* Epoch 433 began on 2023-08-28, the block above lies in its fourth day. */
    assert_int_equal(slot_epoch(&mainnet, 102011373), 433);
}

static void test_preview_has_no_byron_past(void **state)
{
    struct slot_clock preview = clock_of("preview");

    (void)state;
    assert_int_equal(preview.count, 1);
    assert_int_equal(slot_epoch(&preview, 86400), 1);
    assert_int_equal(slot_in_epoch(&preview, 91039899), 91039899 % 86400);
}

static void test_a_slot_lasts_until_the_next_begins(void **state)
{
    struct slot_clock mainnet = clock_of("mainnet");
    uint64_t slot;

    (void)state;
    assert_true(slot_at(&mainnet, instant("2017-09-23T21:45:10.999999999Z"), &slot));
    assert_int_equal(slot, 0);
    assert_true(slot_at(&mainnet, instant("2017-09-23T21:45:11Z"), &slot));
    assert_int_equal(slot, 1);
    assert_true(slot_at(&mainnet, instant("2020-07-29T21:44:50.999999999Z"), &slot));
    assert_int_equal(slot, 4492799);
}

static void test_before_the_start_there_is_no_slot(void **state)
{
    struct slot_clock preview = clock_of("preview");
    uint64_t slot = 7;

    (void)state;
    assert_false(slot_at(&preview, instant("2022-10-24T23:59:59.999999999Z"), &slot));
    assert_false(slot_at(&preview, TIME_NONE, &slot));
    assert_int_equal(slot, 7);
}

static void test_slots_beyond_the_year_2262_have_no_instant(void **state)
{
    struct slot_clock preview = clock_of("preview");
    int64_t last_ns = INT64_MAX / NS_PER_SECOND, ns = 7;
    uint64_t last = (uint64_t)(last_ns - preview.stretches[0].start_ns / NS_PER_SECOND);

    (void)state;
    assert_true(slot_start(&preview, last, &ns));
    assert_int_equal(ns, last_ns * NS_PER_SECOND);
    ns = 7;
    assert_false(slot_start(&preview, last + 1, &ns));
    assert_false(slot_start(&preview, UINT64_MAX, &ns));
    assert_int_equal(ns, 7);
}

static void test_every_slot_contains_its_own_start(void **state)
{
    struct slot_clock mainnet = clock_of("mainnet");

    (void)state;
    for (uint64_t slot = 1; slot < UINT64_C(1) << 32; slot = slot * 3 + 1) {
        int64_t ns;
        uint64_t at, before;

        assert_true(slot_start(&mainnet, slot, &ns));
        assert_true(slot_at(&mainnet, ns, &at));
        assert_true(slot_at(&mainnet, ns - 1, &before));
        assert_int_equal(at, slot);
        assert_int_equal(before, slot - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_slots_start_when_their_blocks_say),
        cmocka_unit_test(test_epochs_of_both_stretches_follow_on_each_other),
        cmocka_unit_test(test_preview_has_no_byron_past),
        cmocka_unit_test(test_a_slot_lasts_until_the_next_begins),
        cmocka_unit_test(test_before_the_start_there_is_no_slot),
        cmocka_unit_test(test_slots_beyond_the_year_2262_have_no_instant),
        cmocka_unit_test(test_every_slot_contains_its_own_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
