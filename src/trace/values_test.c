#include "trace/values.h"

#include "support/record.h"

#define SCALAR_FIELDS(F)                    \
    F(u64, number, "a", OU_DMINIMAL, "")    \
    F(i64, integer, "b", OU_DMINIMAL, "")   \
    F(f64, real, "c", OU_DMINIMAL, "")      \
    F(digits, digits, "d", OU_DMINIMAL, "") \
    F(boolean, truth, "e", OU_DMINIMAL, "") \
    F(flag, flag, "f", OU_DMINIMAL, "")
OU_TRACE_POINT(scalars, "Test.Scalars", OU_INFO, OU_PUBLIC, SCALAR_FIELDS, "");

#define CHAIN_FIELDS(F)                     \
    F(hash, hash, "a", OU_DMINIMAL, "")     \
    F(parent, parent, "b", OU_DMINIMAL, "") \
    F(txid, txid, "c", OU_DMINIMAL, "")     \
    F(point, point, "d", OU_DMINIMAL, "")   \
    F(block, block, "e", OU_DMINIMAL, "")
OU_TRACE_POINT(chain, "Test.Chain", OU_INFO, OU_PUBLIC, CHAIN_FIELDS, "");

#define LONG_FIELDS(F)                      \
    F(text, text, "a", OU_DMINIMAL, "")     \
    F(json, json, "b", OU_DNORMAL, "")      \
    F(peer, peer, "c", OU_DDETAILED, "")    \
    F(hashes, hashes, "d", OU_DMINIMAL, "") \
    F(txids, txids, "e", OU_DMAXIMUM, "")   \
    F(headers, headers, "f", OU_DMINIMAL, "")
OU_TRACE_POINT(long_ones, "Test.Long", OU_INFO, OU_PUBLIC, LONG_FIELDS, "");

OU_TRACE_POINT(empty, "Test.Empty", OU_INFO, OU_PUBLIC, OU_NO_FIELDS, "");

static struct recorded r;

static void assert_text(struct ou_text got, const char *expected)
{
    assert_non_null(got.at);
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.at, expected, got.len);
}

static void test_scalars_come_back(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, scalars, UINT64_MAX - 1, INT64_MIN + 1, -0.5, 7, true, true);
    for (int i = 0; i < 6; i++)
        assert_true(r.values[i].known);
    assert_int_equal(r.values[OU_FIELD(scalars, number)].type, OU_TYPE_u64);
    assert_true(r.values[OU_FIELD(scalars, number)].u64 == UINT64_MAX - 1);
    assert_true(r.values[OU_FIELD(scalars, integer)].i64 == INT64_MIN + 1);
    assert_true(r.values[OU_FIELD(scalars, real)].f64 == -0.5);
    assert_int_equal(r.values[OU_FIELD(scalars, digits)].u64, 7);
    assert_int_equal(r.values[OU_FIELD(scalars, truth)].u64, 1);
    assert_int_equal(r.values[OU_FIELD(scalars, flag)].u64, 1);
}

static void test_unknown_scalars_are_not_known_but_truth_values_always_are(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, scalars, OU_NO_U64, OU_NO_I64, NAN, OU_NO_U64, false, false);
    for (int i = 0; i < 4; i++)
        assert_false(r.values[i].known);
    assert_true(r.values[4].known);
    assert_true(r.values[5].known);
    assert_int_equal(r.values[4].u64 + r.values[5].u64, 0);
    RECORD(&r, OU_DNORMAL, scalars, 0, 0, INFINITY, 0, false, false);
    assert_true(r.values[0].known && r.values[1].known && r.values[3].known);
    assert_false(r.values[2].known);
}

static void test_hashes_and_points_come_back(void **state)
{
    uint8_t a[32] = { 1 }, b[32] = { [31] = 2 }, c[32] = { 3 };

    (void)state;
    RECORD(&r, OU_DNORMAL, chain, a, b, c, &((struct ou_chain_point){ 5, a }),
           &((struct ou_chain_point){ 6, b }));
    for (int i = 0; i < 5; i++)
        assert_true(r.values[i].known);
    assert_memory_equal(r.values[0].hash, a, 32);
    assert_memory_equal(r.values[1].hash, b, 32);
    assert_memory_equal(r.values[2].hash, c, 32);
    assert_int_equal(r.values[3].point.slot, 5);
    assert_memory_equal(r.values[3].point.hash, a, 32);
    assert_int_equal(r.values[4].point.slot, 6);
    assert_memory_equal(r.values[4].point.hash, b, 32);
}

static void test_absent_hashes_are_unknown_and_the_origin_is_a_point_without_hash(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, chain, NULL, NULL, NULL, NULL, &((struct ou_chain_point){ 0, NULL }));
    for (int i = 0; i < 4; i++)
        assert_false(r.values[i].known);
    assert_true(r.values[4].known);
    assert_null(r.values[4].point.hash);
    assert_int_equal(r.values[4].point.slot, 0);
}

static void test_texts_and_lists_of_any_length_come_back(void **state)
{
    static const uint8_t hashes[3][OU_HASH_BYTES] = { { 1 }, { 2 }, { 3 } };
    static const struct ou_header headers[2] = { { 8, 9, hashes[0] }, { 10, 11, hashes[2] } };
    static const char *const texts[] = { "", "a", "abc", "abcd", "abcde", "abcdefgh" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        RECORD(&r, OU_DMAXIMUM, long_ones, texts[i], "{}",
               &((struct ou_peer){ texts[i], "1.2.3.4:5" }), &((struct ou_hashes){ hashes[0], 3 }),
               &((struct ou_hashes){ hashes[1], 1 }), &((struct ou_headers){ headers, 2 }));
        for (int k = 0; k < 6; k++)
            assert_true(r.values[k].known);
        assert_text(r.values[0].text, texts[i]);
        assert_text(r.values[1].text, "{}");
        assert_text(r.values[2].peer.local, texts[i]);
        assert_text(r.values[2].peer.remote, "1.2.3.4:5");
        assert_int_equal(r.values[3].list.count, 3);
        assert_memory_equal(value_hash(&r.values[3], 2), hashes[2], OU_HASH_BYTES);
        assert_memory_equal(value_hash(&r.values[4], 0), hashes[1], OU_HASH_BYTES);
        assert_int_equal(value_header(&r.values[5], 1).number, 10);
        assert_int_equal(value_header(&r.values[5], 1).slot, 11);
        assert_memory_equal(value_header(&r.values[5], 1).hash, hashes[2], OU_HASH_BYTES);
    }
}

static void test_empty_lists_are_known_and_absent_ones_are_not(void **state)
{
    (void)state;
    RECORD(&r, OU_DMAXIMUM, long_ones, NULL, NULL, NULL, &((struct ou_hashes){ NULL, 0 }),
           &((struct ou_hashes){ NULL, 0 }), &((struct ou_headers){ NULL, 0 }));
    for (int i = 0; i < 3; i++)
        assert_false(r.values[i].known);
    for (int i = 3; i < 6; i++) {
        assert_true(r.values[i].known);
        assert_int_equal(r.values[i].list.count, 0);
    }
    RECORD(&r, OU_DMAXIMUM, long_ones, NULL, NULL, NULL, NULL, NULL, NULL);
    for (int i = 0; i < 6; i++)
        assert_false(r.values[i].known);
}

static void test_half_a_peer_is_known(void **state)
{
    (void)state;
    RECORD(&r, OU_DDETAILED, long_ones, NULL, NULL, &((struct ou_peer){ NULL, "b" }), NULL, NULL,
           NULL);
    assert_true(r.values[2].known);
    assert_null(r.values[2].peer.local.at);
    assert_text(r.values[2].peer.remote, "b");
}

static void test_what_the_detail_does_not_want_is_unknown(void **state)
{
    static const uint8_t hashes[1][OU_HASH_BYTES] = { { 1 } };

    (void)state;
    for (enum ou_detail detail = OU_DMINIMAL; detail <= OU_DMAXIMUM; detail++) {
        RECORD(&r, detail, long_ones, "a", "1", &((struct ou_peer){ "a", "b" }), NULL,
               &((struct ou_hashes){ hashes[0], 1 }), NULL);
        assert_true(r.values[0].known);
        assert_int_equal(r.values[1].known, detail >= OU_DNORMAL);
        assert_int_equal(r.values[2].known, detail >= OU_DDETAILED);
        assert_int_equal(r.values[4].known, detail >= OU_DMAXIMUM);
    }
}

static void test_texts_and_lists_are_cut_at_their_maximum(void **state)
{
    static char text[OU_TEXT_MAX + 10];
    static uint8_t hashes[OU_LIST_MAX + 10][OU_HASH_BYTES];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    RECORD(&r, OU_DMAXIMUM, long_ones, text, NULL, NULL,
           &((struct ou_hashes){ hashes[0], OU_LIST_MAX + 10 }), NULL, NULL);
    assert_int_equal(r.values[0].text.len, OU_TEXT_MAX);
    assert_int_equal(r.values[3].list.count, OU_LIST_MAX);
}

static void test_a_point_without_fields_has_no_values(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, empty);
    assert_int_equal(r.ring.head, sizeof(struct ou_record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_come_back),
        cmocka_unit_test(test_unknown_scalars_are_not_known_but_truth_values_always_are),
        cmocka_unit_test(test_hashes_and_points_come_back),
        cmocka_unit_test(test_absent_hashes_are_unknown_and_the_origin_is_a_point_without_hash),
        cmocka_unit_test(test_texts_and_lists_of_any_length_come_back),
        cmocka_unit_test(test_empty_lists_are_known_and_absent_ones_are_not),
        cmocka_unit_test(test_half_a_peer_is_known),
        cmocka_unit_test(test_what_the_detail_does_not_want_is_unknown),
        cmocka_unit_test(test_texts_and_lists_are_cut_at_their_maximum),
        cmocka_unit_test(test_a_point_without_fields_has_no_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
