#include "wire/forward_handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/hex.h"
#include "support/test.h"

#define MAGIC 764824073
#define PROPOSAL "8200a1011a2d964a09"
#define ACCEPTED "8301011a2d964a09"

static void test_a_proposal_of_the_same_network_is_accepted(void **state)
{
    struct buffer b;
    struct ou_error err;
    bool agreed = false;

    (void)state;
    buffer_init(&b, allocator_libc(), 64);
    forward_propose(&b, MAGIC);
    assert_bytes(bytes_of(&b), from_hex(PROPOSAL));
    buffer_clear(&b);
    assert_int_equal(forward_answer(from_hex(PROPOSAL), MAGIC, &b, &agreed, &err), WIRE_OK);
    assert_true(agreed);
    assert_bytes(bytes_of(&b), from_hex(ACCEPTED));
    agreed = false;
    assert_int_equal(forward_accepted(from_hex(ACCEPTED), MAGIC, &agreed, &err), WIRE_OK);
    assert_true(agreed);
    buffer_release(&b);
}

static void test_versions_of_the_future_are_passed_over(void **state)
{
    struct buffer b;
    struct ou_error err;
    bool agreed = false;

    (void)state;
    buffer_init(&b, allocator_libc(), 64);
    assert_int_equal(
        forward_answer(from_hex("8200a3 0107 0282f403 1a00010000 80"), 7, &b, &agreed, &err),
        WIRE_OK);
    assert_true(agreed);
    assert_bytes(bytes_of(&b), from_hex("83010107"));
    buffer_release(&b);
}

/* Each no: what is answered (its beginning), and what is told here. */
static void test_a_no_is_answered_and_told(void **state)
{
    static const struct {
        const char *proposal, *answer, *told;
    } rows[] = {
        { "8200a10101", "820283020178", "the network magic is 7 here and 1 there" },
        { "8200a1021a2d964a09", "820282008101", "does not offer version 1" },
        { "8200a0", "820282008101", "does not offer version 1" },
        { "8200a1018107", "8202830101", "another kind of item" },
        { "8200a1011b0000000100000000", "8202830101", "beyond 32 bits" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes want = from_hex(rows[i].answer);
        struct buffer b;
        struct ou_error err = { 0 };
        bool agreed = true;

        buffer_init(&b, allocator_libc(), 512);
        assert_int_equal(forward_answer(from_hex(rows[i].proposal), 7, &b, &agreed, &err), WIRE_OK);
        assert_false(agreed);
        assert_true(b.len >= want.count);
        assert_memory_equal(b.at, want.at, want.count);
        assert_non_null(strstr(err.text, rows[i].told));
        buffer_release(&b);
    }
}

static void test_what_is_no_proposal_is_not_answered(void **state)
{
    static const char *const rows[] = { ACCEPTED, "8200a2 0207 0107", "8200a101", "00", "820080" };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer b;
        struct ou_error err = { 0 };
        bool agreed = false;

        buffer_init(&b, allocator_libc(), 512);
        assert_int_not_equal(forward_answer(from_hex(rows[i]), 7, &b, &agreed, &err), WIRE_OK);
        assert_int_equal(b.len, 0);
        assert_true(strlen(err.text) > 0);
        buffer_release(&b);
    }
}

static void test_an_answer_is_a_yes_or_says_why_not(void **state)
{
    static const struct {
        const char *answer, *told; /* NULL: a yes */
    } rows[] = {
        { "83010107", NULL },
        { "8200a10107", NULL }, /* both sides connected at once */
        { "83010207", "accepts version 2" },
        { "83010108", "7 here and 8 there" },
        { "8301018107", "another kind of item" },
        { "8200a10108", "7 here and 8 there" },
        { "8200a0", "does not offer" },
        { "820282008102", "does not know version 1" },
        { "820283020164 6e6f1b21", "refused: no?!" }, /* no escapes to the terminal */
        { "8203a0", "question" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ou_error err = { 0 };
        bool agreed = !rows[i].told ? false : true;

        assert_int_equal(forward_accepted(from_hex(rows[i].answer), 7, &agreed, &err), WIRE_OK);
        assert_int_equal(agreed, rows[i].told == NULL);
        assert_non_null(strstr(err.text, rows[i].told ? rows[i].told : ""));
    }
}

/* In either order: which side is named first is not agreed upon. */
static void test_a_refusal_for_another_network_says_both_magics(void **state)
{
    static const uint32_t magics[][2] = { { 42, 7 }, { 7, 42 } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        uint8_t answer[512] = { 0x82, 0x02, 0x83, 0x02, 0x01, 0x79, 0x00 };
        struct ou_error err = { 0 };
        bool agreed = true;
        int len = snprintf((char *)answer + 8, sizeof answer - 8,
                           "ForwardingVersionData mismatch: ForwardingVersionData {networkMagic = "
                           "NetworkMagic {unNetworkMagic = %u}} /= ForwardingVersionData "
                           "{networkMagic = NetworkMagic {unNetworkMagic = %u}}",
                           magics[i][0], magics[i][1]);

        answer[7] = (uint8_t)len;
        assert_int_equal(
            forward_accepted((struct bytes){ answer, 8 + (size_t)len }, 7, &agreed, &err), WIRE_OK);
        assert_false(agreed);
        assert_string_equal(err.text, "refused: the network magic is 7 here and 42 there");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_proposal_of_the_same_network_is_accepted),
        cmocka_unit_test(test_versions_of_the_future_are_passed_over),
        cmocka_unit_test(test_a_no_is_answered_and_told),
        cmocka_unit_test(test_what_is_no_proposal_is_not_answered),
        cmocka_unit_test(test_an_answer_is_a_yes_or_says_why_not),
        cmocka_unit_test(test_a_refusal_for_another_network_says_both_magics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
