/* From the hosts' views to the chain: which block wins, how far the walk goes,
 * what is a battle, when the cluster has a block. Views are made of events; a
 * hash is the block's name followed by zeros. */
#include "analyse/chain_rebuild.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyse/events_test.h"

#define HOSTS_MAX 64
#define GENESIS_HASH "GenesisHash"

struct fixture {
    struct analysis a;
    struct filter_set filters;
    struct machine_view views[HOSTS_MAX];
    struct host_result hosts[HOSTS_MAX];
};

static struct fixture x; /* large; one at a time */

static void open_hosts(uint32_t hosts, bool compat)
{
    memset(&x, 0, sizeof(x));
    arena_init(&x.a.memory, allocator_libc(), (size_t)1 << 30);
    x.a.genesis = second_genesis(600);
    x.a.compat = compat;
    x.a.hosts = x.hosts;
    x.a.host_count = hosts;
    filter_set_init(&x.filters, 88000, compat);
    for (uint32_t h = 0; h < hosts; h++)
        machine_view_init(&x.views[h], compat);
}

static void close_hosts(void)
{
    for (uint32_t h = 0; h < x.a.host_count; h++)
        machine_view_release(&x.views[h]);
    filter_set_release(&x.filters);
    arena_release(&x.a.memory);
}

static void rebuild(void)
{
    struct ou_error err;

    assert_int_equal(chain_rebuild(&x.a, x.views, &x.filters, &err), OU_OK);
}

/* "b1" is b100000... Eight at a time. */
static const char *hash_of(const char *name)
{
    static char hashes[8][65];
    static unsigned next;
    char *hash = hashes[next++ % 8];

    if (!name || strcmp(name, GENESIS_HASH) == 0)
        return name;
    memset(hash, '0', 64);
    memcpy(hash, name, strlen(name));
    return hash;
}

static void take(uint32_t host, struct event e)
{
    machine_view_event(&x.views[host], &e);
}

static void forges(uint32_t host, const char *name, int64_t number, int64_t slot,
                   const char *parent)
{
    struct event adopted = block_event(EVENT_ADOPTED_BLOCK, AT(slot, 60), hash_of(name));

    take(host, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(slot, 10), slot));
    take(host, slot_event(EVENT_NODE_IS_LEADER, AT(slot, 20), slot));
    take(host, numbered_event(EVENT_FORGED_BLOCK, AT(slot, 40), hash_of(name), slot, number,
                              hash_of(parent)));
    adopted.size = 1000;
    take(host, adopted);
}

static void notices(uint32_t host, const char *name, int64_t number, int64_t slot)
{
    take(host, numbered_event(EVENT_SEEN_HEADER, AT(slot, 100), hash_of(name), slot, number, NULL));
}

static void adopts(uint32_t host, const char *name, int64_t slot, int ms)
{
    take(host, block_event(EVENT_ADDED_TO_CHAIN, AT(slot, ms), hash_of(name)));
}

/* Header, request, body and adoption, `ms` after the slot start. */
static void gets(uint32_t host, const char *name, int64_t number, int64_t slot, int ms)
{
    struct event request = block_event(EVENT_FETCH_REQUESTED, AT(slot, ms - 30), hash_of(name));

    notices(host, name, number, slot);
    request.number = 1;
    take(host, request);
    take(host, block_event(EVENT_FETCH_COMPLETED, AT(slot, ms - 20), hash_of(name)));
    adopts(host, name, slot, ms);
}

static const struct chain_block *block(const char *name)
{
    for (size_t i = 0; i < x.a.block_count; i++)
        if (strcmp(x.a.blocks[i].hash, hash_of(name)) == 0)
            return &x.a.blocks[i];
    fail_msg("no block %s", name);
    return NULL;
}

static enum block_fate fate(const char *name)
{
    return block(name)->fate;
}

/* --- Which block ------------------------------------------------------------ */

static void test_without_forgers_the_block_most_hosts_stayed_with_wins(void **state)
{
    (void)state;
    open_hosts(3, false);
    for (uint32_t h = 0; h < 3; h++)
        gets(h, "b1", 1, 10, 300);
    gets(0, "bb", 2, 20, 300);
    gets(1, "bb", 2, 20, 310); /* left for cc: its last adoption counts */
    gets(1, "cc", 2, 21, 500);
    gets(2, "cc", 2, 21, 320);
    for (uint32_t h = 0; h < 3; h++)
        gets(h, "d3", 3, 40, 300);
    rebuild();
    assert_int_equal(fate("cc"), BLOCK_CHAINED);
    assert_int_equal(fate("bb"), BLOCK_UNCHAINED);
    assert_int_equal(fate("b1"), BLOCK_CHAINED);
    assert_int_equal(fate("d3"), BLOCK_CHAINED); /* adopted by all: not pending */
    assert_int_equal(x.a.chained_count, 3);
    assert_int_equal(x.a.forgerless_count, 3);
    assert_true(x.a.partial_view);
    assert_int_equal(x.a.missing_heights, 0);
    close_hosts();
}

/* The one that is adopted by fewer, when the next block was built on it. */
static void test_a_known_parent_goes_before_votes(void **state)
{
    (void)state;
    open_hosts(3, false);
    gets(0, "bb", 2, 20, 300);
    gets(1, "bb", 2, 20, 310);
    forges(2, "cc", 2, 21, "b1");
    forges(2, "d3", 3, 40, "cc");
    gets(0, "d3", 3, 40, 300);
    gets(1, "d3", 3, 40, 300);
    rebuild();
    assert_int_equal(fate("cc"), BLOCK_CHAINED);
    assert_int_equal(fate("bb"), BLOCK_UNCHAINED);
    close_hosts();
}

/* An adoption may tell the parent, and the tip's number: 10.5 nodes do. */
static void test_the_walk_follows_the_parent_an_observer_tells(void **state)
{
    struct event added;

    (void)state;
    open_hosts(1, false);
    gets(0, "bb", 2, 20, 300);
    gets(0, "cc", 2, 20, 310);
    added = block_event(EVENT_ADDED_TO_CHAIN, AT(40, 100), hash_of("d3"));
    added.parent = span_of(hash_of("bb"));
    added.tip_number = 3;
    added.slot = 40;
    take(0, added);
    rebuild();
    assert_int_equal(block("d3")->number, 3);
    assert_string_equal(block("d3")->parent, hash_of("bb"));
    assert_int_equal(fate("bb"), BLOCK_CHAINED);
    assert_int_equal(fate("cc"), BLOCK_UNCHAINED);
    close_hosts();
}

static void test_the_top_is_pending_until_all_hosts_have_it(void **state)
{
    (void)state;
    open_hosts(3, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    gets(1, "b1", 1, 10, 300);
    gets(2, "b1", 1, 10, 300);
    forges(0, "b2", 2, 20, "b1");
    gets(1, "b2", 2, 20, 300);
    rebuild();
    assert_int_equal(fate("b2"), BLOCK_PENDING);
    assert_int_equal(x.a.pending_count, 1);
    assert_int_equal(x.hosts[0].blocks_pending, 1);
    assert_int_equal(x.hosts[0].blocks_filtered, 1);
    assert_int_equal(x.hosts[0].blocks_unchained, 0);
    assert_int_equal(x.a.slots_raw[1], 10);
    close_hosts();
}

static void test_compat_mode_counts_the_top_as_unchained(void **state)
{
    (void)state;
    open_hosts(2, true);
    forges(0, "b0", 0, 5, GENESIS_HASH);
    gets(1, "b0", 0, 5, 300);
    forges(0, "b1", 1, 10, "b0");
    gets(1, "b1", 1, 10, 300);
    rebuild();
    assert_int_equal(fate("b1"), BLOCK_UNCHAINED);
    assert_int_equal(fate("b0"), BLOCK_CHAINED);
    assert_int_equal(x.hosts[0].blocks_unchained, 1);
    close_hosts();
}

/* Two at the top: of the first host, although the other's slot and hash are less. */
static void test_compat_mode_takes_the_top_of_the_first_host(void **state)
{
    (void)state;
    open_hosts(2, true);
    forges(0, "b0", 0, 5, GENESIS_HASH);
    forges(1, "c0", 0, 6, GENESIS_HASH);
    forges(0, "ff", 1, 12, "c0");
    forges(1, "aa", 1, 10, "b0");
    rebuild();
    assert_int_equal(fate("c0"), BLOCK_CHAINED);
    assert_int_equal(fate("b0"), BLOCK_UNCHAINED);
    close_hosts();
}

/* --- Holes ----------------------------------------------------------------- */

static void test_heights_without_a_block_are_counted_and_passed_over(void **state)
{
    (void)state;
    open_hosts(1, false);
    gets(0, "b1", 1, 10, 300);
    gets(0, "b2", 2, 20, 300);
    gets(0, "b7", 7, 70, 300);
    rebuild();
    assert_int_equal(x.a.chained_count, 3);
    assert_int_equal(x.a.missing_heights, 4);
    close_hosts();
}

/* Gaps lie between neighbours: b1 to b2, not b2 to b4. */
static void test_a_gap_is_not_told_across_a_missing_block(void **state)
{
    (void)state;
    open_hosts(1, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    forges(0, "b2", 2, 25, "b1");
    forges(0, "b4", 4, 40, "b3");
    rebuild();
    assert_int_equal(block("b1")->block_gap_ns, TIME_NONE);
    assert_int_equal(block("b2")->block_gap_ns, 15 * NS_PER_SECOND);
    assert_int_equal(block("b4")->block_gap_ns, TIME_NONE);
    close_hosts();
}

static void test_a_block_known_by_its_hash_alone_is_on_no_chain(void **state)
{
    (void)state;
    open_hosts(1, false);
    gets(0, "b1", 1, 10, 300);
    take(0, block_event(EVENT_SENDING_BODY, AT(11, 0), hash_of("ee")));
    rebuild();
    assert_int_equal(block("ee")->number, -1);
    assert_int_equal(block("ee")->slot, -1);
    assert_int_equal(block("ee")->slot_start_ns, TIME_NONE);
    assert_int_equal(fate("ee"), BLOCK_UNCHAINED);
    assert_int_equal(block("ee")->stray_records, 1);
    close_hosts();
}

static void test_nothing_is_an_empty_chain(void **state)
{
    (void)state;
    for (uint32_t hosts = 0; hosts < 2; hosts++)
        for (int compat = 0; compat < 2; compat++) {
            open_hosts(hosts, compat);
            rebuild();
            assert_int_equal(x.a.block_count, 0);
            assert_int_equal(x.a.slots_raw[0], -1);
            assert_int_equal(x.a.missing_heights, 0);
            close_hosts();
        }
}

/* --- Battles ---------------------------------------------------------------- */

static void test_each_other_hash_at_a_height_is_a_battle(void **state)
{
    (void)state;
    open_hosts(2, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    notices(1, "c1", 1, 10); /* its header is enough */
    notices(1, "d1", 1, 11);
    forges(0, "b2", 2, 20, "b1");
    gets(1, "b2", 2, 20, 300);
    rebuild();
    assert_int_equal(block("b1")->battles, 2);
    assert_int_equal(block("b2")->battles, 0);
    close_hosts();
}

/* --- Adoption ---------------------------------------------------------------- */

/* Of 52 hosts, host h adopts 100 + h ms after the slot start. */
static void cluster_of_52(bool compat, uint32_t adopters)
{
    open_hosts(52, compat);
    forges(0, "b0", 0, 5, GENESIS_HASH);
    for (uint32_t h = 1; h < 52; h++)
        gets(h, "b0", 0, 5, 300);
    take(0, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(9, 10), 9));
    take(0, numbered_event(EVENT_FORGED_BLOCK, AT(9, 40), hash_of("b1"), 9, 1, hash_of("b0")));
    adopts(0, "b1", 9, 100);
    for (uint32_t h = 1; h < 52; h++)
        if (h < adopters)
            gets(h, "b1", 1, 9, 100 + (int)h);
        else
            notices(h, "b1", 1, 9);
    forges(0, "b2", 2, 20, "b1");
    rebuild();
}

static void test_adoption_fractions_of_52_hosts(void **state)
{
    /* ceil(q 52) for 0.5 0.8 0.9 0.92 0.94 0.96 0.98 1, counted from 1 */
    static const int nth[ADOPTION_FRACTIONS] = { 26, 42, 47, 48, 49, 50, 51, 52 };
    /* floor(q 52), counted from 0 */
    static const int locli[ADOPTION_FRACTIONS] = { 26, 41, 46, 47, 48, 49, 50, 51 };

    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        cluster_of_52(compat, 52);
        assert_int_equal(x.a.cluster_size, 52);
        assert_int_equal(block("b1")->adopters, 52);
        for (int i = 0; i < ADOPTION_FRACTIONS; i++)
            assert_int_equal(block("b1")->adoption_ns[i],
                             (100 + (compat ? locli[i] : nth[i] - 1)) * MS);
        close_hosts();
    }
}

/* 26 of 52: half of the cluster just so, and no more; locli counts the 26 alone. */
static void test_a_block_half_of_the_cluster_has_reaches_no_more(void **state)
{
    (void)state;
    cluster_of_52(false, 26);
    assert_int_equal(block("b1")->adoption_ns[0], 125 * MS);
    for (int i = 1; i < ADOPTION_FRACTIONS; i++)
        assert_int_equal(block("b1")->adoption_ns[i], TIME_NONE);
    close_hosts();
    cluster_of_52(true, 26);
    assert_int_equal(block("b1")->adoption_ns[0], 113 * MS); /* floor(13) from 0 */
    assert_int_equal(block("b1")->adoption_ns[7], 125 * MS);
    close_hosts();
}

/* The load generator's host adopts nothing: it is not of the cluster. */
static void test_hosts_that_never_adopt_are_no_members(void **state)
{
    (void)state;
    open_hosts(3, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    gets(1, "b1", 1, 10, 300);
    notices(2, "b1", 1, 10);
    rebuild();
    assert_int_equal(x.a.cluster_size, 2);
    assert_false(x.hosts[2].cluster_member);
    assert_int_equal(block("b1")->adoption_ns[7], 300 * MS);
    assert_int_equal(fate("b1"), BLOCK_CHAINED);
    close_hosts();
}

/* --- Observers -------------------------------------------------------------- */

static void test_a_change_of_fork_is_no_valid_observation(void **state)
{
    const struct block_observation *o;

    (void)state;
    open_hosts(2, false);
    gets(0, "b1", 1, 10, 300);
    gets(1, "b1", 1, 10, 300);
    x.views[1].records[0].by_fork_switch = true;
    rebuild();
    o = block("b1")->observations;
    assert_int_equal(block("b1")->observation_count, 2);
    assert_true(o[0].valid);
    assert_false(o[1].valid);
    assert_int_equal(o[1].adoption_ns, 300 * MS);
    assert_int_equal(o[0].missing, 1u << OBSERVER_ANNOUNCED | 1u << OBSERVER_SENDING);
    close_hosts();
}

/* Seen and adopted, but never requested: an observation of ours, not of locli. */
/* A body that comes over a connection. */
static void fetches_over(uint32_t host, const char *name, const char *connection)
{
    struct event e = block_event(EVENT_FETCH_COMPLETED, AT(10, 200), hash_of(name));

    e.connection = span_of(connection);
    notices(host, name, 1, 10);
    take(host, e);
}

static uint32_t sender_at(const char *name, uint32_t host)
{
    const struct chain_block *b = block(name);

    for (uint32_t i = 0; i < b->observation_count; i++)
        if (b->observations[i].host == host)
            return b->observations[i].sender;
    fail_msg("host %u did not observe %s", host, name);
    return NO_HOST;
}

static void test_the_sender_is_the_host_whose_address_it_is(void **state)
{
    (void)state;
    open_hosts(5, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    fetches_over(1, "b1", "10.0.0.1:3001 10.0.0.2:3001");
    fetches_over(2, "b1", "10.0.0.2:3001 10.0.0.1:3001");
    fetches_over(3, "b1", "10.0.0.3:3001 10.0.0.9:3001"); /* of no host here */
    fetches_over(4, "b1", "nonsense");
    rebuild();
    assert_int_equal(sender_at("b1", 1), 2);
    assert_int_equal(sender_at("b1", 2), 1);
    assert_int_equal(sender_at("b1", 3), NO_HOST);
    assert_int_equal(sender_at("b1", 4), NO_HOST);
    close_hosts();
}

static void test_an_address_that_two_hosts_have_is_nobodys(void **state)
{
    (void)state;
    open_hosts(4, false);
    forges(0, "b1", 1, 10, GENESIS_HASH);
    fetches_over(1, "b1", "127.0.0.1:3001 127.0.0.1:3002");
    fetches_over(2, "b1", "127.0.0.1:3001 127.0.0.1:3002");
    fetches_over(3, "b1", "127.0.0.1:3003 127.0.0.1:3001");
    rebuild();
    assert_int_equal(sender_at("b1", 3), NO_HOST);
    close_hosts();
}

static void test_compat_mode_wants_header_request_and_body(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        open_hosts(2, compat);
        forges(0, "b0", 0, 5, GENESIS_HASH);
        notices(1, "b0", 0, 5);
        adopts(1, "b0", 5, 300);
        forges(0, "b1", 1, 10, "b0");
        rebuild();
        assert_int_equal(block("b0")->observation_count, compat ? 0 : 1);
        assert_int_equal(block("b0")->adopters, 2);
        close_hosts();
    }
}

static void test_compat_mode_invents_ten_milliseconds(void **state)
{
    static const enum forger_phase invented[] = { FORGER_ANNOUNCED, FORGER_ANNOUNCED_CUM,
                                                  FORGER_SENDING };

    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        open_hosts(1, compat);
        forges(0, "b0", 0, 5, GENESIS_HASH);
        forges(0, "b1", 1, 10, "b0");
        rebuild();
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(block("b0")->forger_delta_ns[invented[i]],
                             compat ? 10 * MS : TIME_NONE);
        assert_int_equal(block("b0")->forger_delta_ns[FORGER_ADOPTED], 20 * MS);
        assert_true(block("b0")->forger_missing >> FORGER_ANNOUNCED & 1);
        close_hosts();
    }
}

/* --- Filters ------------------------------------------------------------------ */

static void add_filter(const char *json)
{
    struct ou_error err;

    assert_int_equal(filter_add_text(&x.filters, span_of(json), "test", &err), OU_OK);
}

/* An observer's log: no chain delta of a forger, no size, perhaps no slot. What
 * is not known drops nothing, and is counted. */
static void test_an_undecided_condition_lets_a_block_pass_and_is_counted(void **state)
{
    (void)state;
    open_hosts(1, false);
    add_filter("[{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BUnitaryChainDelta\"}},"
               "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BFullnessGEq\",\"contents\":0.5}},"
               "{\"tag\":\"CSlot\",\"contents\":{\"tag\":\"SlotGEq\",\"contents\":15}},"
               "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BMinimumAdoptions\",\"contents\":1}}]");
    gets(0, "b1", 1, 10, 300);
    gets(0, "b2", 2, 20, 300);
    gets(0, "b3", 3, 30, 300);
    x.views[0].records[1].slot = -1;
    x.views[0].records[2].size = 44000; /* not above half of 88000 */
    rebuild();
    assert_int_equal(x.a.filters[0].blocks_undecided, 3);
    assert_int_equal(x.a.filters[0].blocks_dropped, 0);
    assert_int_equal(x.a.filters[1].blocks_undecided, 2);
    assert_int_equal(x.a.filters[1].blocks_dropped, 1);
    assert_int_equal(x.a.filters[2].blocks_undecided, 1);
    assert_int_equal(x.a.filters[2].blocks_dropped, 1);
    assert_int_equal(x.a.filters[3].blocks_dropped, 0);
    assert_false(block("b1")->accepted);
    assert_true(block("b2")->accepted);
    assert_int_equal(block("b2")->answers[2], FILTER_UNKNOWN);
    assert_false(block("b3")->accepted);
    assert_int_equal(x.a.accepted_count, 1);
    close_hosts();
}

static void test_a_filter_drops_by_the_forgers_chain_delta(void **state)
{
    struct event added;

    (void)state;
    open_hosts(1, false);
    add_filter("[{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BUnitaryChainDelta\"}}]");
    take(0, numbered_event(EVENT_FORGED_BLOCK, AT(5, 40), hash_of("b0"), 5, 0, GENESIS_HASH));
    added = block_event(EVENT_ADDED_TO_CHAIN, AT(5, 60), hash_of("b0"));
    added.number = 2;
    take(0, added);
    forges(0, "b1", 1, 10, "b0");
    rebuild();
    assert_int_equal(block("b0")->forger_chain_delta, 2);
    assert_int_equal(x.a.filters[0].blocks_dropped, 1);
    assert_false(block("b0")->accepted);
    assert_true(block("b1")->accepted);
    assert_int_equal(x.hosts[0].blocks_rejected, 1);
    assert_int_equal(x.hosts[0].blocks_filtered, 1);
    close_hosts();
}

/* --- Hostile ------------------------------------------------------------------ */

static void test_circles_of_parents_end(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        open_hosts(1, compat);
        forges(0, "aa", 5, 10, "aa");
        forges(0, "bb", 6, 20, "cc");
        forges(0, "cc", 6, 30, "bb");
        forges(0, "dd", 7, 40, "bb");
        forges(0, "ee", 8, 50, "dd");
        forges(0, "ff", 9, 60, "ee");
        rebuild();
        assert_int_equal(fate("ee"), BLOCK_CHAINED);
        assert_int_equal(fate("bb"), BLOCK_CHAINED);
        assert_int_equal(fate("cc"), compat ? BLOCK_CHAINED : BLOCK_UNCHAINED);
        close_hosts();
    }
}

static void test_numbers_and_stamps_at_the_end_of_their_range(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        open_hosts(2, compat);
        forges(0, "b0", 0, 5, GENESIS_HASH);
        take(0, numbered_event(EVENT_FORGED_BLOCK, INT64_MAX, hash_of("b1"), 7500000000,
                               INT64_MAX - 1, hash_of("b0")));
        take(0, block_event(EVENT_ADDED_TO_CHAIN, 0, hash_of("b1")));
        take(0, numbered_event(EVENT_FORGED_BLOCK, 0, hash_of("b2"), INT64_MAX, INT64_MAX,
                               hash_of("b1")));
        take(0, block_event(EVENT_ADDED_TO_CHAIN, INT64_MAX, hash_of("b2")));
        take(1, numbered_event(EVENT_SEEN_HEADER, 0, hash_of("b1"), INT64_MAX, 0, NULL));
        take(1, block_event(EVENT_FETCH_COMPLETED, INT64_MAX, hash_of("b1")));
        rebuild();
        assert_int_equal(block("b1")->number, INT64_MAX - 1);
        /* 0 to INT64_MAX less three blocks; compat: without the top, less two */
        assert_int_equal(x.a.missing_heights, (uint64_t)INT64_MAX - 2);
        close_hosts();
    }
}

/* 20,000 blocks at one height, each seen by 8 hosts; hosts x blocks x sightings
 * would be 25 thousand million steps. Then as many heights without parents. */
static void test_many_blocks_take_time_by_their_sightings(void **state)
{
    char name[16];

    (void)state;
    for (int spread = 0; spread < 2; spread++) {
        open_hosts(8, false);
        for (int i = 0; i < 20000; i++)
            for (uint32_t h = 0; h < 8; h++) {
                snprintf(name, sizeof(name), "%08x", (unsigned)i);
                notices(h, name, spread ? i : 1, 10);
                adopts(h, name, 10, 100 + i);
            }
        rebuild();
        assert_int_equal(x.a.chained_count, spread ? 20000 : 1);
        assert_int_equal(fate("00004e1f"), BLOCK_CHAINED); /* the last one adopted */
        close_hosts();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_forgers_the_block_most_hosts_stayed_with_wins),
        cmocka_unit_test(test_a_known_parent_goes_before_votes),
        cmocka_unit_test(test_the_walk_follows_the_parent_an_observer_tells),
        cmocka_unit_test(test_the_top_is_pending_until_all_hosts_have_it),
        cmocka_unit_test(test_compat_mode_counts_the_top_as_unchained),
        cmocka_unit_test(test_compat_mode_takes_the_top_of_the_first_host),
        cmocka_unit_test(test_heights_without_a_block_are_counted_and_passed_over),
        cmocka_unit_test(test_a_gap_is_not_told_across_a_missing_block),
        cmocka_unit_test(test_a_block_known_by_its_hash_alone_is_on_no_chain),
        cmocka_unit_test(test_nothing_is_an_empty_chain),
        cmocka_unit_test(test_each_other_hash_at_a_height_is_a_battle),
        cmocka_unit_test(test_adoption_fractions_of_52_hosts),
        cmocka_unit_test(test_a_block_half_of_the_cluster_has_reaches_no_more),
        cmocka_unit_test(test_hosts_that_never_adopt_are_no_members),
        cmocka_unit_test(test_a_change_of_fork_is_no_valid_observation),
        cmocka_unit_test(test_the_sender_is_the_host_whose_address_it_is),
        cmocka_unit_test(test_an_address_that_two_hosts_have_is_nobodys),
        cmocka_unit_test(test_compat_mode_wants_header_request_and_body),
        cmocka_unit_test(test_compat_mode_invents_ten_milliseconds),
        cmocka_unit_test(test_an_undecided_condition_lets_a_block_pass_and_is_counted),
        cmocka_unit_test(test_a_filter_drops_by_the_forgers_chain_delta),
        cmocka_unit_test(test_circles_of_parents_end),
        cmocka_unit_test(test_numbers_and_stamps_at_the_end_of_their_range),
        cmocka_unit_test(test_many_blocks_take_time_by_their_sightings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
