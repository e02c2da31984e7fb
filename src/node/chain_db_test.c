/* The chain database: which chain it keeps, what it tells, what is there again after a restart. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/block_store.h"
#include "node/chain_factory_test.h"
#include "support/files.h"

static struct factory *factory;
static struct temp_dir dir;
static struct chain_db *db;

/* --- A listener that writes down what it was told --------------------------------------------- */

static char news[256];

static void on_news(void *context, enum chain_news what, const struct chain_block *block)
{
    static const char letters[] = {
        [CHAIN_TENTATIVE] = 't', [CHAIN_NEW_TIP] = 'n', [CHAIN_ROOM] = 'r',
        [CHAIN_INVALID] = 'i',   [CHAIN_WORK] = 'w',    [CHAIN_FAILED] = 'f'
    };
    size_t len = strlen(news);

    (void)block;
    assert_ptr_equal(context, &news);
    if (len + 1 < sizeof news)
        news[len] = letters[what];
}

static struct chain_listener listener = { .news = on_news, .context = &news };

static const char *take_news(void)
{
    static char taken[sizeof news];

    memcpy(taken, news, sizeof news);
    memset(news, 0, sizeof news);
    return taken;
}

/* --- Set-up ----------------------------------------------------------------------------------- */

static int make_factory(void **state)
{
    (void)state;
    factory = factory_new(0, 1000000000);
    return 0;
}

static int free_factory(void **state)
{
    (void)state;
    factory_free(factory);
    return 0;
}

static void open_db(void)
{
    db = factory_open(factory, dir.path, 0);
    chain_db_listen(db, &listener);
    take_news();
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    open_db();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chain_db_close(db);
    db = NULL;
    temp_dir_remove(&dir);
    return 0;
}

static void restart(void)
{
    chain_db_close(db);
    open_db();
}

static void assert_tip(const struct forged *b)
{
    const struct chain_block *tip = chain_db_tip(db);

    if (!b) {
        assert_null(tip);
        assert_int_equal(ledger_output_count(chain_db_ledger(db)), FACTORY_FUNDS);
        return;
    }
    assert_non_null(tip);
    assert_memory_equal(tip->facts.hash, b->facts.hash, HASH_BYTES);
    assert_int_equal(ledger_slot(chain_db_ledger(db)), b->facts.view.slot);
    assert_true(chain_db_on_chain(db, tip));
}

static void give_all(struct forged **blocks, size_t count, enum block_fate fate)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(factory_give(db, blocks[i]), fate);
}

static bool fund_is_spent(uint8_t fund)
{
    struct tx_input input = { .index = 0 };

    hash256((struct bytes){ factory->funds[fund].address, factory->funds[fund].address_bytes },
            input.id);
    return ledger_find(chain_db_ledger(db), &input) == NULL;
}

static bool smaller_vrf(const struct forged *a, const struct forged *b)
{
    return memcmp(a->facts.view.vrf_output, b->facts.view.vrf_output, VRF_OUTPUT_BYTES) < 0;
}

/* --- Growing ---------------------------------------------------------------------------------- */

static void test_a_chain_grows_and_can_be_read(void **state)
{
    struct forged *blocks[12];
    struct buffer read;
    struct ou_error err = { "" };

    (void)state;
    assert_tip(NULL);
    assert_true(isnan(chain_db_density(db)));
    factory_chain(factory, NULL, 0, 1, 12, blocks);
    give_all(blocks, 12, BLOCK_ADOPTED);
    assert_tip(blocks[11]);
    assert_true(chain_db_density(db) == 1.0);
    buffer_init(&read, allocator_libc(), BLOCK_MAX_BYTES);
    for (size_t i = 0; i < 12; i++) {
        const struct chain_block *block = chain_db_by_number(db, i);

        assert_memory_equal(block->facts.hash, blocks[i]->facts.hash, HASH_BYTES);
        assert_memory_equal(&block->facts.nonce, &blocks[i]->facts.nonce,
                            sizeof block->facts.nonce);
        assert_ptr_equal(block->parent, i ? chain_db_by_number(db, i - 1) : NULL);
        buffer_clear(&read);
        assert_int_equal(chain_db_read_block(db, block, &read, &err), OU_OK);
        assert_true(bytes_equal(bytes_of(&read), bytes_of(&blocks[i]->wrapped)));
        buffer_clear(&read);
        assert_int_equal(chain_db_read_header(db, block, &read, &err), OU_OK);
        assert_true(bytes_equal(bytes_of(&read), bytes_of(&blocks[i]->header)));
    }
    buffer_release(&read);
    assert_null(chain_db_by_number(db, 12));
}

static void test_a_block_is_announced_before_it_is_validated(void **state)
{
    struct forged *block = factory_forge(factory, NULL, 3, 0);
    struct tip tip;

    (void)state;
    assert_true(chain_db_offer(db, bytes_of(&block->wrapped), &block->facts, NULL, NULL));
    assert_true(chain_db_has(db, block->facts.hash));
    assert_string_equal(take_news(), "w");
    assert_true(chain_db_work(db));
    assert_string_equal(take_news(), "t");
    assert_tip(NULL);
    assert_memory_equal(chain_db_tentative(db)->facts.hash, block->facts.hash, HASH_BYTES);
    chain_db_tip_of_wire(db, &tip);
    assert_false(tip.point.origin);
    assert_false(chain_db_work(db));
    assert_string_equal(take_news(), "n");
    assert_tip(block);
    assert_null(chain_db_tentative(db));
}

static void test_a_block_that_is_there_is_known(void **state)
{
    struct forged *block = factory_forge(factory, NULL, 3, 0);

    (void)state;
    assert_int_equal(factory_give(db, block), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, block), BLOCK_KNOWN);
}

static void test_a_body_that_is_not_the_headers_is_not_stored(void **state)
{
    struct forged *block = factory_forge(factory, NULL, 3, 0);
    struct forged *full = factory_spend(factory, NULL, 3, 0, 0, 0), mixed = *full;
    struct factory_outcome outcome;

    (void)state;
    mixed.facts = block->facts;
    outcome = factory_offer(db, &mixed);
    assert_int_equal(outcome.fate, BLOCK_REFUSED);
    assert_string_equal(outcome.why, "its header is not the one that was checked");
    buffer_init(&mixed.wrapped, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_append(&mixed.wrapped, block->wrapped.at, block->wrapped.len - 4); /* 80 80 a0 80 */
    buffer_append(&mixed.wrapped, "\x81\x80\x81\x80\xa0\x80", 6);
    outcome = factory_offer(db, &mixed);
    buffer_release(&mixed.wrapped);
    assert_int_equal(outcome.fate, BLOCK_REFUSED);
    assert_string_equal(outcome.why, "a body of 6 bytes where the header says 4");
    assert_null(chain_db_find(db, block->facts.hash));
    assert_int_equal(factory_give(db, block), BLOCK_ADOPTED);
}

static void test_what_is_no_block_is_not_stored(void **state)
{
    struct forged *block = factory_forge(factory, NULL, 3, 0);
    struct forged none = { .facts = block->facts };
    struct factory_outcome outcome;

    (void)state;
    buffer_init(&none.wrapped, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_append(&none.wrapped, "\x82\x06\x80", 3); /* era 5 */
    outcome = factory_offer(db, &none);
    buffer_release(&none.wrapped);
    assert_int_equal(outcome.fate, BLOCK_REFUSED);
    assert_string_equal(outcome.why, "it is no block: a block of an era other than Conway");
    assert_null(chain_db_find(db, block->facts.hash));
    assert_int_equal(factory_give(db, block), BLOCK_ADOPTED);
}

/* --- Choosing --------------------------------------------------------------------------------- */

static void test_the_longer_fork_is_adopted(void **state)
{
    struct forged *a[2], *b[3];

    (void)state;
    a[0] = factory_spend(factory, NULL, 0, 0, 0, 0);
    a[1] = factory_forge(factory, a[0], 20, 0);
    b[0] = factory_spend(factory, NULL, 10, 1, 1, 1);
    factory_chain(factory, b[0], 30, 1, 2, b + 1);
    give_all(a, 2, BLOCK_ADOPTED);
    assert_true(fund_is_spent(0) && !fund_is_spent(1));
    take_news();
    assert_int_equal(factory_give(db, b[0]), BLOCK_STORED);
    assert_int_equal(factory_give(db, b[1]), BLOCK_STORED);
    assert_string_equal(take_news(), "ww");
    assert_int_equal(factory_give(db, b[2]), BLOCK_ADOPTED);
    assert_string_equal(take_news(), "wn"); /* a header of a fork is not announced beforehand */
    assert_tip(b[2]);
    assert_true(!fund_is_spent(0) && fund_is_spent(1));
    assert_false(chain_db_on_chain(db, chain_db_find(db, a[1]->facts.hash)));
}

static void test_a_slot_battle_is_won_by_the_smaller_vrf_output(void **state)
{
    struct forged *a = factory_forge(factory, NULL, 7, 0), *b = factory_forge(factory, NULL, 7, 1);
    struct forged *winner = smaller_vrf(a, b) ? a : b, *loser = winner == a ? b : a;

    (void)state;
    assert_int_equal(factory_give(db, loser), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, winner), BLOCK_ADOPTED);
    assert_tip(winner);
    assert_int_equal(factory_give(db, factory_forge(factory, NULL, 7, smaller_vrf(a, b) ? 1 : 0)),
                     BLOCK_KNOWN); /* forging is deterministic */
    assert_tip(winner);
}

/* Finds a slot in which pool 1 has a smaller output than `than`, in [from, from + 40). */
static struct forged *smaller_at_distance(const struct forged *than, uint64_t slot)
{
    for (size_t pool = 0; pool < FACTORY_POOLS; pool++) {
        struct forged *b = factory_forge(factory, NULL, slot, pool);

        if (smaller_vrf(b, than))
            return b;
    }
    return NULL;
}

static void test_a_height_battle_is_decided_by_the_vrf_only_within_five_slots(void **state)
{
    for (uint64_t distance = 4; distance <= 7; distance++) {
        struct forged *first = NULL, *second = NULL;

        for (uint64_t slot = 0; slot < 40 && !second; slot++) {
            first = factory_forge(factory, NULL, slot, 0);
            second = smaller_at_distance(first, slot + distance);
        }
        assert_non_null(second);
        assert_int_equal(factory_give(db, first), BLOCK_ADOPTED);
        assert_int_equal(factory_give(db, second), distance <= 5 ? BLOCK_ADOPTED : BLOCK_STORED);
        assert_tip(distance <= 5 ? second : first);
        tear_down(state);
        set_up(state);
    }
}

static void test_k_blocks_are_rolled_back_and_not_one_more(void **state)
{
    struct forged *trunk = factory_forge(factory, NULL, 0, 0), *own[FACTORY_K];
    struct forged *deep[FACTORY_K + 1], *deeper[FACTORY_K + 2];

    (void)state;
    factory_chain(factory, trunk, 1, 0, FACTORY_K, own);
    factory_chain(factory, trunk, 2, 1, FACTORY_K + 1, deep);
    factory_chain(factory, NULL, 3, 2, FACTORY_K + 2, deeper);
    assert_int_equal(factory_give(db, trunk), BLOCK_ADOPTED);
    give_all(own, FACTORY_K, BLOCK_ADOPTED);
    give_all(deeper, FACTORY_K + 2, BLOCK_STORED); /* as long as the chain, then longer: too deep */
    assert_tip(own[FACTORY_K - 1]);
    for (size_t i = 0; i < FACTORY_K - 1; i++)
        assert_int_equal(factory_give(db, deep[i]), BLOCK_STORED);
    factory_give(db, deep[FACTORY_K - 1]);
    assert_int_equal(factory_give(db, deep[FACTORY_K]), BLOCK_ADOPTED);
    assert_tip(deep[FACTORY_K]);
}

static void test_blocks_wait_for_those_before_them(void **state)
{
    struct forged *blocks[4];

    (void)state;
    factory_chain(factory, NULL, 0, 0, 4, blocks);
    assert_int_equal(factory_give(db, blocks[3]), BLOCK_STORED);
    assert_int_equal(factory_give(db, blocks[1]), BLOCK_STORED);
    assert_int_equal(factory_give(db, blocks[2]), BLOCK_STORED);
    assert_tip(NULL);
    assert_false(chain_db_find(db, blocks[3]->facts.hash)->connected);
    take_news();
    assert_int_equal(factory_give(db, blocks[0]), BLOCK_ADOPTED);
    assert_string_equal(take_news(), "wn"); /* it is not the tip that others should hear of */
    assert_tip(blocks[3]);
    assert_true(chain_db_find(db, blocks[3]->facts.hash)->connected);
    restart();
    assert_tip(blocks[3]);
}

static void test_all_that_wait_for_a_block_are_connected_with_it(void **state)
{
    struct forged *first = factory_forge(factory, NULL, 0, 0), *forks[3][2];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        factory_chain(factory, first, 1 + i, 1 + i, 2, forks[i]);
        assert_int_equal(factory_give(db, forks[i][1]), BLOCK_STORED);
        assert_int_equal(factory_give(db, forks[i][0]), BLOCK_STORED);
    }
    assert_int_equal(factory_give(db, first), BLOCK_ADOPTED);
    for (size_t i = 0; i < 6; i++)
        assert_true(chain_db_find(db, forks[i / 2][i % 2]->facts.hash)->connected);
    assert_int_equal(chain_db_tip(db)->facts.view.number, 2);
}

/* C is our tip. A is better than C, and B is better than A; but B is too many slots away to be
 * better than C. */
static void test_the_best_candidate_must_be_better_than_the_tip(void **state)
{
    struct forged *ours = factory_forge(factory, NULL, 0, 0), *theirs, *a, *b, *c;
    bool found = false;

    (void)state;
    theirs = factory_forge(factory, NULL, 1, 1);
    for (uint64_t slot = 10; slot < 45 && !found; slot++) {
        c = factory_forge(factory, ours, slot, 0);
        a = factory_forge(factory, theirs, slot + 4, 1);
        b = factory_forge(factory, theirs, slot + 8, 2);
        found = smaller_vrf(a, c) && smaller_vrf(b, a);
    }
    assert_true(found);
    for (int round = 0; round < 2; round++) { /* in whatever order they are found */
        tear_down(state);
        set_up(state);
        assert_int_equal(factory_give(db, ours), BLOCK_ADOPTED);
        assert_int_equal(factory_give(db, c), BLOCK_ADOPTED);
        assert_int_equal(factory_give(db, round ? a : b), BLOCK_STORED);
        assert_int_equal(factory_give(db, round ? b : a), BLOCK_STORED);
        assert_int_equal(factory_give(db, theirs), BLOCK_ADOPTED); /* both are candidates now */
        assert_tip(a);
    }
    assert_true(selection_prefers(&b->facts.view, &a->facts.view));
    assert_false(selection_prefers(&b->facts.view, &c->facts.view));
}

/* --- Invalid blocks --------------------------------------------------------------------------- */

static void test_an_invalid_body_withdraws_its_header(void **state)
{
    struct forged *good = factory_forge(factory, NULL, 0, 0);
    struct forged *bad = factory_spend(factory, good, 1, 0, 0, 1);
    struct forged *again = factory_spend(factory, good, 2, 0, 0, 1);
    struct forged *other = factory_spend(factory, good, 2, 1, 0, 1);
    struct factory_outcome outcome;
    struct follower f;
    const struct chain_block *at;

    (void)state;
    assert_int_equal(factory_give(db, good), BLOCK_ADOPTED);
    take_news();
    outcome = factory_offer(db, bad);
    assert_int_equal(outcome.fate, BLOCK_REFUSED);
    assert_non_null(strstr(outcome.why, "transaction 0"));
    assert_string_equal(take_news(), "wtti"); /* set, withdrawn, told */
    assert_tip(good);
    assert_true(chain_db_find(db, bad->facts.hash)->invalid);

    assert_int_equal(factory_give(db, again), BLOCK_REFUSED);
    assert_string_equal(take_news(), "wi"); /* its pool has had its one */
    assert_int_equal(factory_give(db, other), BLOCK_REFUSED);
    assert_string_equal(take_news(), "wtti");
    follower_start(&f, db);
    while (follower_next(&f, &at) != FOLLOW_NOTHING)
        assert_true(!at || !at->invalid);
}

static void test_what_follows_an_invalid_block_is_refused(void **state)
{
    struct forged *bad = factory_spend(factory, NULL, 1, 0, 0, 1);
    struct forged *next = factory_forge(factory, bad, 2, 0);

    (void)state;
    assert_int_equal(factory_give(db, bad), BLOCK_REFUSED);
    assert_string_equal(factory_offer(db, next).why, "it follows an invalid block");
    assert_tip(NULL);
}

static void test_a_better_fork_with_an_invalid_block_is_left_again(void **state)
{
    struct forged *own[2], *fork[3];

    (void)state;
    own[0] = factory_spend(factory, NULL, 0, 0, 0, 0);
    own[1] = factory_spend(factory, own[0], 1, 0, 1, 1);
    fork[0] = factory_spend(factory, NULL, 2, 1, 2, 2);
    fork[1] = factory_spend(factory, fork[0], 20, 1, 3, 4); /* invalid */
    fork[2] = factory_forge(factory, fork[1], 21, 1);
    give_all(own, 2, BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, fork[0]), BLOCK_STORED);
    assert_int_equal(factory_give(db, fork[1]), BLOCK_STORED); /* not better: not looked into */
    take_news();
    assert_int_equal(factory_give(db, fork[2]), BLOCK_REFUSED);
    assert_string_equal(take_news(), "wi");
    assert_tip(own[1]);
    assert_true(fund_is_spent(0) && fund_is_spent(1) && !fund_is_spent(2));
    assert_true(chain_db_find(db, fork[1]->facts.hash)->invalid);
    assert_false(chain_db_find(db, fork[0]->facts.hash)->invalid);
    restart();
    assert_tip(own[1]);
    assert_true(chain_db_find(db, fork[2]->facts.hash)->invalid);
}

static void test_the_good_part_of_a_better_fork_is_kept(void **state)
{
    enum { GOOD = 2 * FACTORY_K }; /* more than could be taken back */
    struct forged *own = factory_forge(factory, NULL, 0, 0), *fork[GOOD + 1];

    (void)state;
    factory_chain(factory, NULL, 20, 1, GOOD, fork);
    fork[GOOD] = factory_spend(factory, fork[GOOD - 1], 40, 1, 3, 4);
    assert_int_equal(factory_give(db, own), BLOCK_ADOPTED);
    for (size_t i = GOOD; i > 0; i--)
        assert_int_equal(factory_give(db, fork[i]), BLOCK_STORED);
    assert_int_equal(factory_give(db, fork[0]), BLOCK_ADOPTED); /* all are looked at now */
    assert_tip(fork[GOOD - 1]);
    assert_true(chain_db_find(db, fork[GOOD]->facts.hash)->invalid);
    assert_int_equal(chain_db_failure(db, NULL), OU_OK);
}

/* --- The queue -------------------------------------------------------------------------------- */

static void test_a_full_queue_takes_own_blocks_only(void **state)
{
    struct forged *blocks[CHAIN_DB_QUEUE + 2];

    (void)state;
    factory_chain(factory, NULL, 0, 0, CHAIN_DB_QUEUE + 2, blocks);
    for (size_t i = 0; i < CHAIN_DB_QUEUE; i++) {
        assert_true(chain_db_has_room(db));
        assert_true(
            chain_db_offer(db, bytes_of(&blocks[i]->wrapped), &blocks[i]->facts, NULL, NULL));
    }
    assert_false(chain_db_has_room(db));
    assert_false(
        chain_db_offer(db, bytes_of(&blocks[10]->wrapped), &blocks[10]->facts, NULL, NULL));
    assert_true(
        chain_db_offer_own(db, bytes_of(&blocks[10]->wrapped), &blocks[10]->facts, NULL, NULL));
    assert_true(chain_db_has(db, blocks[10]->facts.hash));
    assert_false(chain_db_has(db, blocks[11]->facts.hash));
    assert_string_equal(take_news(), "w");
    assert_true(chain_db_work(db)); /* the first of eleven is out: still full */
    assert_string_equal(take_news(), "t");
    assert_true(chain_db_work(db));
    assert_string_equal(take_news(), "n");
    assert_true(chain_db_work(db));
    assert_string_equal(take_news(), "rt");
    assert_true(chain_db_has_room(db));
    factory_work(db);
    assert_tip(blocks[10]);
}

static void test_callbacks_are_forgotten_on_request(void **state)
{
    struct forged *block = factory_forge(factory, NULL, 3, 0);
    struct factory_outcome outcome = { .fate = -1 };

    (void)state;
    assert_true(
        chain_db_offer(db, bytes_of(&block->wrapped), &block->facts, factory_done, &outcome));
    chain_db_forget(db, &outcome);
    factory_work(db);
    assert_tip(block);
    assert_int_equal(outcome.fate, -1);
}

/* --- Headers ---------------------------------------------------------------------------------- */

static enum ou_status check(const struct forged *b, const struct forged *parent,
                            struct header_facts *ret, struct ou_error *err)
{
    struct header h;
    const char *why = "";

    assert_int_equal(header_read(bytes_of(&b->header), &h, &why), WIRE_OK);
    return chain_db_check_header(db, &h, parent ? &parent->facts : NULL, ret, err);
}

static void assert_refused(const struct forged *b, const struct forged *parent,
                           enum ou_status status, const char *why)
{
    struct header_facts facts;
    struct ou_error err = { "" };

    assert_int_equal(check(b, parent, &facts, &err), status);
    if (!strstr(err.text, why))
        fail_msg("%s", err.text);
}

static void test_headers_are_checked_on_top_of_each_other(void **state)
{
    struct forged *blocks[10];
    struct header_facts facts;
    struct ou_error err = { "" };

    (void)state;
    factory_chain(factory, NULL, 0, 1, 10, blocks);
    for (size_t round = 0; round < 2; round++) /* the second time from memory */
        for (size_t i = 0; i < 10; i++) {
            assert_int_equal(check(blocks[i], i ? blocks[i - 1] : NULL, &facts, &err), OU_OK);
            assert_memory_equal(facts.hash, blocks[i]->facts.hash, HASH_BYTES);
            assert_memory_equal(&facts.nonce, &blocks[i]->facts.nonce, sizeof facts.nonce);
        }
    assert_refused(blocks[3], blocks[1], OU_INVALID, "block number");
    assert_refused(blocks[3], NULL, OU_INVALID, "block number");
}

static void test_a_header_beyond_the_known_stake_has_to_wait(void **state)
{
    struct forged *first = factory_forge(factory, NULL, 3 * FACTORY_K, 0);
    struct forged *far = factory_forge(factory, NULL, 3 * FACTORY_K + 1, 0);
    struct header_facts facts;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(check(first, NULL, &facts, &err), OU_OK);
    assert_refused(far, NULL, OU_USAGE, "beyond slot 15");
    assert_int_equal(factory_give(db, first), BLOCK_ADOPTED);
    assert_int_equal(check(far, NULL, &facts, &err), OU_OK); /* the tip has come nearer */
}

static void test_headers_of_strangers_and_altered_ones_are_refused(void **state)
{
    struct factory_pool pool = factory->pools[2];
    struct forged *b;

    (void)state;
    factory_key('X', 9, factory->pools[2].cold_key);
    b = factory_forge(factory, NULL, 1, 2);
    factory->pools[2] = pool;
    assert_refused(b, NULL, OU_INVALID, "no pool of this network");
    factory->pools[2].vrf = factory->pools[1].vrf;
    b = factory_forge(factory, NULL, 1, 2);
    factory->pools[2] = pool;
    assert_refused(b, NULL, OU_INVALID, "VRF key");
    b = factory_forge(factory, NULL, 1, 2);
    b->header.at[b->header.len - 1] ^= 1;
    assert_refused(b, NULL, OU_INVALID, "KES signature");
}

static struct forged *forge_counter(const struct forged *parent, uint64_t slot, uint64_t counter)
{
    struct header h = { .certificate = factory->pools[0].certificate };

    h.certificate.counter = counter;
    certificate_sign(&h.certificate, factory->pools[0].cold_seed);
    return factory_forge_as(factory, parent, slot, 0, NULL, 0, &h);
}

static void test_certificate_counters_go_up_one_by_one_along_each_chain(void **state)
{
    struct forged *trunk = factory_forge(factory, NULL, 0, 1);
    struct forged *one = forge_counter(trunk, 1, 1), *two = forge_counter(one, 2, 2);
    struct header_facts facts;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(check(trunk, NULL, &facts, &err), OU_OK);
    assert_refused(forge_counter(trunk, 1, 2), trunk, OU_INVALID, "more than one above 0");
    assert_int_equal(check(one, trunk, &facts, &err), OU_OK); /* known by its header alone */
    assert_int_equal(check(two, one, &facts, &err), OU_OK);
    assert_refused(forge_counter(two, 3, 1), two, OU_INVALID, "below 2");
    assert_int_equal(factory_give(db, trunk), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, one), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, two), BLOCK_ADOPTED);
    assert_refused(forge_counter(two, 4, 4), two, OU_INVALID, "more than one above 2");
    /* On a fork before the renewal, the old certificate is still right. */
    assert_int_equal(check(forge_counter(trunk, 4, 0), trunk, &facts, &err), OU_OK);
    assert_int_equal(check(forge_counter(one, 4, 1), one, &facts, &err), OU_OK);
}

/* --- Restart ---------------------------------------------------------------------------------- */

static void test_all_is_there_again_after_a_restart(void **state)
{
    struct forged *a, *b, *blocks[60], *bad;
    size_t outputs;

    (void)state;
    a = factory_spend(factory, NULL, 0, 0, 0, 0);
    b = factory_spend(factory, NULL, 10, 1, 1, 1); /* ten slots later: the first one stays */
    assert_int_equal(factory_give(db, a), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, b), BLOCK_STORED);
    restart();
    assert_tip(a);
    factory_chain(factory, a, 11, 2, 60, blocks); /* across an epoch's end */
    give_all(blocks, 59, BLOCK_ADOPTED);
    bad = factory_spend(factory, blocks[58], 70, 3, 2, 3);
    assert_int_equal(factory_give(db, bad), BLOCK_REFUSED);
    assert_int_equal(factory_give(db, blocks[59]), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, factory_forge(factory, blocks[59], 71, 0)), BLOCK_ADOPTED);
    outputs = ledger_output_count(chain_db_ledger(db));
    restart();
    assert_int_equal(ledger_output_count(chain_db_ledger(db)), outputs);
    assert_true(
        chain_db_find(db, bad->facts.hash)->invalid); /* though nobody would choose it now */
    assert_memory_equal(&chain_db_tip(db)->parent->facts, &blocks[59]->facts,
                        sizeof blocks[59]->facts);
    assert_int_equal(ledger_undo_depth(chain_db_ledger(db)), FACTORY_K);
}

static off_t blocks_bytes(void)
{
    struct stat st;
    char path[4096];

    snprintf(path, sizeof path, "%s/blocks", dir.path);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void cut_blocks(off_t bytes)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/blocks", dir.path);
    assert_int_equal(truncate(path, bytes), 0);
}

static void test_a_torn_end_costs_the_last_block_at_most(void **state)
{
    struct forged *blocks[3];
    off_t before, after;

    (void)state;
    factory_chain(factory, NULL, 0, 0, 2, blocks);
    blocks[2] = factory_spend(factory, blocks[1], 3, 0, 0, 0);
    give_all(blocks, 2, BLOCK_ADOPTED);
    before = blocks_bytes();
    assert_int_equal(factory_give(db, blocks[2]), BLOCK_ADOPTED);
    after = blocks_bytes();
    for (off_t bytes = after; bytes >= before; bytes--) {
        bool whole =
            bytes >= after - 48; /* without the note that it was adopted, it is checked anew */

        chain_db_close(db);
        cut_blocks(bytes);
        open_db();
        assert_tip(blocks[whole ? 2 : 1]);
        assert_int_equal(chain_db_damage(db)->cut_bytes != 0,
                         bytes != before && bytes != after && bytes != after - 48);
        assert_int_equal(factory_give(db, blocks[2]), whole ? BLOCK_KNOWN : BLOCK_ADOPTED);
        assert_tip(blocks[2]);
        assert_int_equal(blocks_bytes(), after);
    }
}

/* The node ended between storing a block and validating it. */
static void test_a_block_that_was_not_validated_is_checked_at_the_next_start(void **state)
{
    struct forged *bad = factory_spend(factory, NULL, 0, 0, 0, 1);
    struct forged *good = factory_spend(factory, NULL, 1, 0, 0, 0);

    (void)state;
    assert_true(chain_db_offer(db, bytes_of(&bad->wrapped), &bad->facts, NULL, NULL));
    assert_true(chain_db_work(db));
    restart();
    assert_tip(NULL);
    assert_true(chain_db_find(db, bad->facts.hash)->invalid);
    assert_true(chain_db_offer(db, bytes_of(&good->wrapped), &good->facts, NULL, NULL));
    assert_true(chain_db_work(db));
    restart();
    assert_tip(good);
}

static enum ou_status pass_over(void *context, enum record_kind kind, uint64_t offset,
                                struct bytes payload, struct ou_error *err)
{
    (void)context, (void)kind, (void)offset, (void)payload, (void)err;
    return OU_OK;
}

/* Its checksum is right: the disk has not done that, and what it is worth nobody knows. */
static void test_a_record_that_is_no_block_is_named_with_its_place(void **state)
{
    struct chain_db *again = NULL;
    struct block_store *store;
    struct ou_error err = { "" };
    uint64_t offset;
    char want[200];

    (void)state;
    assert_int_equal(factory_give(db, factory_forge(factory, NULL, 3, 0)), BLOCK_ADOPTED);
    chain_db_close(db);
    db = NULL;
    assert_int_equal(
        block_store_open(dir.path, factory->genesis.hash, pass_over, NULL, &store, &err), OU_OK);
    assert_int_equal(block_store_append(store, RECORD_BLOCK, (struct bytes){ (uint8_t *)"\x80", 1 },
                                        &offset, &err),
                     OU_OK);
    block_store_close(store);
    assert_int_equal(chain_db_open(&(struct chain_db_options){ .directory = dir.path,
                                                               .genesis = &factory->genesis },
                                   &again, &err),
                     OU_INVALID);
    assert_null(again);
    snprintf(want, sizeof want,
             "/blocks: the record at byte %llu is no block: ", (unsigned long long)offset);
    assert_non_null(strstr(err.text, want));
}

static void test_a_second_process_is_refused(void **state)
{
    struct chain_db *again = NULL;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(chain_db_open(&(struct chain_db_options){ .directory = dir.path,
                                                               .genesis = &factory->genesis },
                                   &again, &err),
                     OU_USAGE);
    assert_null(again);
}

static void test_a_full_disk_ends_the_work_with_its_reason(void **state)
{
    struct forged *first = factory_forge(factory, NULL, 0, 0);
    struct forged *second = factory_forge(factory, first, 1, 0);
    struct rlimit before, tight;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(factory_give(db, first), BLOCK_ADOPTED);
    assert_int_equal(chain_db_failure(db, &err), OU_OK);
    take_news();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)blocks_bytes() + 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(factory_give(db, second), BLOCK_LOST);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_string_equal(take_news(), "wf");
    assert_int_equal(chain_db_failure(db, &err), OU_IO);
    assert_non_null(strstr(err.text, "File too large"));
    assert_tip(first);
    assert_false(chain_db_has_room(db));
    assert_false(chain_db_offer(db, bytes_of(&second->wrapped), &second->facts, NULL, NULL));
    restart();
    assert_int_equal(factory_give(db, second), BLOCK_ADOPTED);
}

static void test_the_tip_can_be_lifted_to_forge_beside_it(void **state)
{
    struct forged *a = factory_forge(factory, NULL, 0, 0);
    struct forged *b = factory_spend(factory, a, 1, 0, 0, 0);
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(chain_db_lift_tip(db, &err), OU_USAGE);
    assert_int_equal(factory_give(db, a), BLOCK_ADOPTED);
    assert_int_equal(factory_give(db, b), BLOCK_ADOPTED);
    assert_int_equal(chain_db_lift_tip(db, &err), OU_OK);
    assert_false(fund_is_spent(0));
    assert_int_equal(chain_db_lower_tip(db, &err), OU_OK);
    assert_true(fund_is_spent(0));
    assert_tip(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_chain_grows_and_can_be_read),
        TEST(test_a_block_is_announced_before_it_is_validated),
        TEST(test_a_block_that_is_there_is_known),
        TEST(test_a_body_that_is_not_the_headers_is_not_stored),
        TEST(test_what_is_no_block_is_not_stored),
        TEST(test_the_longer_fork_is_adopted),
        TEST(test_a_slot_battle_is_won_by_the_smaller_vrf_output),
        TEST(test_a_height_battle_is_decided_by_the_vrf_only_within_five_slots),
        TEST(test_k_blocks_are_rolled_back_and_not_one_more),
        TEST(test_blocks_wait_for_those_before_them),
        TEST(test_all_that_wait_for_a_block_are_connected_with_it),
        TEST(test_the_best_candidate_must_be_better_than_the_tip),
        TEST(test_an_invalid_body_withdraws_its_header),
        TEST(test_what_follows_an_invalid_block_is_refused),
        TEST(test_a_better_fork_with_an_invalid_block_is_left_again),
        TEST(test_the_good_part_of_a_better_fork_is_kept),
        TEST(test_a_full_queue_takes_own_blocks_only),
        TEST(test_callbacks_are_forgotten_on_request),
        TEST(test_headers_are_checked_on_top_of_each_other),
        TEST(test_a_header_beyond_the_known_stake_has_to_wait),
        TEST(test_headers_of_strangers_and_altered_ones_are_refused),
        TEST(test_certificate_counters_go_up_one_by_one_along_each_chain),
        TEST(test_all_is_there_again_after_a_restart),
        TEST(test_a_torn_end_costs_the_last_block_at_most),
        TEST(test_a_block_that_was_not_validated_is_checked_at_the_next_start),
        TEST(test_a_record_that_is_no_block_is_named_with_its_place),
        TEST(test_a_second_process_is_refused),
        TEST(test_a_full_disk_ends_the_work_with_its_reason),
        TEST(test_the_tip_can_be_lifted_to_forge_beside_it),
    };

    return cmocka_run_group_tests(tests, make_factory, free_factory);
}
