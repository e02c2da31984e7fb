#include "chain/nonce.h"

#include "support/hex.h"
#include "support/test.h"

static const struct nonce_rules rules = { .epoch_slots = 100, .stabilisation_slots = 20 };

static void assert_nonce(const uint8_t got[HASH_BYTES], const char *hex)
{
    assert_bytes((struct bytes){ got, HASH_BYTES }, from_hex(hex));
}

/* The block in that slot, whose VRF output is a byte 64 times and whose predecessor's hash a byte 32 times
 * (0: the first block). */
static void add_block(struct nonce_state *s, uint64_t slot, uint8_t output, uint8_t previous)
{
    nonce_at(s, &rules, slot, s);
    nonce_after(s, &rules, slot, repeated(output, VRF_OUTPUT_BYTES).at,
                previous ? repeated(previous, HASH_BYTES).at : NULL, s);
}

/* What the epoch's nonce is, and the evolving one after its block: computed by another program (Python with
 * hashlib), from the rules alone. */
static const struct row {
    uint64_t slot;
    const char *epoch_nonce, *evolving;
} rows[] = {
    { 3, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
      "f81c4913c88bb7c324c620780712316e93ced1163b21c414f9a3d46bdc7f584d" },
    { 79, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
      "4b8064667662a3a5a1c357d68e233877e649a38942e8ebda8de0259d5c72d9d9" },
    { 80, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
      "e251c49f5046c049f76a458a779bd118471ef553ecd37c0cba3c30199599be74" },
    { 99, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
      "a45d8bf81fb484550dc3b3fdfad15b53344b7df61754ccd169e9adbd9f032ceb" },
    { 150, "4b8064667662a3a5a1c357d68e233877e649a38942e8ebda8de0259d5c72d9d9",
      "8b6140e63eea3d4291e929798134f065addc5b2a8ce5d38ac4790a95ffc2e3bb" },
    { 179, "4b8064667662a3a5a1c357d68e233877e649a38942e8ebda8de0259d5c72d9d9",
      "a0aa34f289e270f66fc62402e4602d7951b6e6b2661e612a1de30a525113d96b" },
    { 180, "4b8064667662a3a5a1c357d68e233877e649a38942e8ebda8de0259d5c72d9d9",
      "532463390790e2db22d773d59723fd3ce6aa49fcd89d83165dfc678d6206fe05" },
    { 230, "3a94e94ae18740fc1a1c4effdea4ba7aca0184ee2d106323bc5e561d915987f6",
      "6308e5a1c8bceead74914df8e1b3e17734d08f4de2791ef76d2d9923b1129d0b" },
    { 599, "ae6e51fbc7a06a8cd0903abfcff1e515f6d105736d5d44a7d8f5913d9a5e809e",
      "ca70e84a6cf576600ed2583fa112acc1a1a22a488be1db6fe335d00a7b1533ba" },
};

static void test_nonces_evolve_as_another_program_computes_them(void **state)
{
    struct nonce_state s;

    (void)state;
    nonce_start(repeated(0x5a, HASH_BYTES).at, &s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        add_block(&s, rows[i].slot, (uint8_t)i, i ? (uint8_t)(0xb0 + i - 1) : 0);
        assert_int_equal(s.epoch, rows[i].slot / 100);
        assert_false(s.epoch_nonce.neutral);
        assert_nonce(s.epoch_nonce.hash, rows[i].epoch_nonce);
        assert_nonce(s.evolving, rows[i].evolving);
    }
}

static void test_the_candidate_freezes_before_the_epoch_ends(void **state)
{
    struct nonce_state s;

    (void)state;
    nonce_start(repeated(0x5a, HASH_BYTES).at, &s);
    add_block(&s, 79, 1, 0);
    assert_memory_equal(s.candidate, s.evolving, HASH_BYTES);
    add_block(&s, 80, 2, 0xb0); /* 80 + 20 is the next epoch's first slot */
    assert_memory_not_equal(s.candidate, s.evolving, HASH_BYTES);
    add_block(&s, 100, 3, 0xb1); /* open again, with all that has evolved */
    assert_memory_equal(s.candidate, s.evolving, HASH_BYTES);
}

/* As on a test network whose k is large for its epochs. */
static void test_with_a_window_of_an_epoch_the_candidate_never_follows(void **state)
{
    struct nonce_rules wide = { .epoch_slots = 100, .stabilisation_slots = 100 };
    struct nonce_state s;

    (void)state;
    nonce_start(repeated(0x5a, HASH_BYTES).at, &s);
    nonce_after(&s, &wide, 0, repeated(1, VRF_OUTPUT_BYTES).at, NULL, &s);
    assert_memory_equal(s.candidate, repeated(0x5a, HASH_BYTES).at, HASH_BYTES);
}

static void test_within_an_epoch_the_nonce_stays(void **state)
{
    struct nonce_state s, later;

    (void)state;
    nonce_start(repeated(0x5a, HASH_BYTES).at, &s);
    add_block(&s, 10, 1, 0);
    nonce_at(&s, &rules, 99, &later);
    assert_int_equal(later.epoch, 0);
    assert_memory_equal(later.epoch_nonce.hash, s.epoch_nonce.hash, HASH_BYTES);
    assert_true(later.last_epoch_block.neutral);
    nonce_at(&s, &rules, 100, &later);
    assert_int_equal(later.epoch, 1);
    assert_memory_not_equal(later.epoch_nonce.hash, s.epoch_nonce.hash, HASH_BYTES);
}

static void test_epochs_without_blocks_are_one_change(void **state)
{
    struct nonce_state s, next, far;

    (void)state;
    nonce_start(repeated(0x5a, HASH_BYTES).at, &s);
    add_block(&s, 10, 1, 0);
    add_block(&s, 110, 2, 0xb0);
    nonce_at(&s, &rules, 200, &next);
    nonce_at(&s, &rules, UINT64_MAX, &far);
    assert_memory_equal(next.epoch_nonce.hash, far.epoch_nonce.hash, HASH_BYTES);
    assert_true(far.epoch == UINT64_MAX / 100);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nonces_evolve_as_another_program_computes_them),
        cmocka_unit_test(test_the_candidate_freezes_before_the_epoch_ends),
        cmocka_unit_test(test_with_a_window_of_an_epoch_the_candidate_never_follows),
        cmocka_unit_test(test_within_an_epoch_the_nonce_stays),
        cmocka_unit_test(test_epochs_without_blocks_are_one_change),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
