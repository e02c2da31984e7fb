/* libsodium's BLAKE2b is what ours is measured by. */
#include "genesis/digest.h"

#include "support/test.h"

#define LENGTH_MAX 1000

static uint8_t text[LENGTH_MAX];

static void fill(void)
{
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7 + i / 256);
}

static void check_hash(const struct genesis_digest *d, size_t count)
{
    uint8_t ours[HASH_BYTES], theirs[HASH_BYTES];

    genesis_digest_end(d, ours);
    hash256((struct bytes){ text, count }, theirs);
    assert_memory_equal(ours, theirs, HASH_BYTES);
}

static void test_every_length_has_libsodiums_hash(void **state)
{
    (void)state;
    fill();
    for (size_t count = 0; count <= LENGTH_MAX; count++) {
        struct genesis_digest d;

        genesis_digest_start(&d);
        genesis_digest_add(&d, text, count);
        check_hash(&d, count);
    }
}

static void test_pieces_do_not_matter(void **state)
{
    (void)state;
    fill();
    for (size_t step = 1; step < 300; step += 7) {
        struct genesis_digest d;

        genesis_digest_start(&d);
        for (size_t at = 0; at < LENGTH_MAX; at += step)
            genesis_digest_add(&d, text + at, step < LENGTH_MAX - at ? step : LENGTH_MAX - at);
        check_hash(&d, LENGTH_MAX);
    }
}

static void test_a_state_is_gone_on_with_from_its_text(void **state)
{
    static const size_t places[] = { 0, 1, 127, 128, 129, 256, 257, 999 };

    (void)state;
    fill();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct genesis_digest before, after = { .bytes = places[i] };
        char words[DIGEST_TEXT_ROOM];

        genesis_digest_start(&before);
        genesis_digest_add(&before, text, places[i]);
        genesis_digest_text(&before, words);
        assert_true(genesis_digest_read(words, &after));
        genesis_digest_add(&after, text + places[i], LENGTH_MAX - places[i]);
        check_hash(&after, LENGTH_MAX);
    }
}

static void test_what_is_no_state_is_not_read(void **state)
{
    struct genesis_digest d = { .bytes = 5 };
    char words[DIGEST_TEXT_ROOM];

    (void)state;
    genesis_digest_start(&d);
    genesis_digest_add(&d, text, 5);
    genesis_digest_text(&d, words);
    d.bytes = 6;
    assert_false(genesis_digest_read(words, &d));
    d.bytes = 0;
    assert_false(genesis_digest_read(words, &d));
    d.bytes = 5;
    assert_true(genesis_digest_read(words, &d));
    words[3] = 'x';
    assert_false(genesis_digest_read(words, &d));
    assert_false(genesis_digest_read("", &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length_has_libsodiums_hash),
        cmocka_unit_test(test_pieces_do_not_matter),
        cmocka_unit_test(test_a_state_is_gone_on_with_from_its_text),
        cmocka_unit_test(test_what_is_no_state_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
