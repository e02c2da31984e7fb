/* Which version two nodes agree on. The form of the messages is tested in vectors_test.c. */
#include "wire/handshake.h"

#include "wire/hex_test.h"

static const struct version_data own = { .magic = 42 };

struct answer {
    struct buffer bytes;
    uint16_t version;
    struct version_data agreed;
    const char *why;
};

static enum wire_result answer_to(const char *proposal, const struct version_data *data,
                                  struct answer *ret)
{
    struct buffer message = hex_buffer(proposal);
    enum wire_result result;

    *ret = (struct answer){ .bytes = hex_buffer(""), .version = 99 };
    result =
        node_answer(bytes_of(&message), data, &ret->bytes, &ret->version, &ret->agreed, &ret->why);
    buffer_release(&message);
    return result;
}

static void assert_answer(const char *proposal, const char *answer, uint16_t version)
{
    struct buffer expected = hex_buffer(answer);
    struct answer got;

    assert_int_equal(answer_to(proposal, &own, &got), WIRE_OK);
    assert_true(bytes_equal(bytes_of(&got.bytes), bytes_of(&expected)));
    assert_int_equal(got.version, version);
    assert_int_equal(got.version == 0, got.why != NULL);
    buffer_release(&got.bytes);
    buffer_release(&expected);
}

static void test_the_proposal_is_the_one_of_the_vectors(void **state)
{
    struct buffer expected = hex_buffer("8200a20e84182af400f40f84182af400f4"), b = hex_buffer("");

    (void)state;
    node_propose(&b, &own);
    assert_true(bytes_equal(bytes_of(&b), bytes_of(&expected)));
    buffer_release(&b);
    buffer_release(&expected);
}

static void test_the_highest_common_version_is_accepted(void **state)
{
    (void)state;
    assert_answer("8200a20e84182af400f40f84182af400f4", "83010f84182af400f4", 15);
    /* 16 and what else nobody here knows is passed over. */
    assert_answer("8200a20e84182af400f41085182af400f4f4", "83010e84182af400f4", 14);
    assert_answer("8200a20a82182af41903e8f6", "83010a82182af4", 10);
    assert_answer("8200a1 07 82182af4", "83010782182af4", 7);
    assert_answer("8200a30a82182af41a00010000f61bfffffffffffffffff6", "83010a82182af4", 10);
    /* What a client of another project sends: 7 to 14, it only consumes. */
    assert_answer("8200a80782182af50882182af50982182af50a82182af50b84182af500f40c84182af500f4"
                  "0d84182af500f40e84182af500f4",
                  "83010e84182af500f4", 14);
}

static void test_no_common_version_is_refused_with_our_own(void **state)
{
    (void)state;
    assert_answer("8200a1 10 85182af400f4f4", "8202 82 00 89 07 08 09 0a 0b 0c 0d 0e 0f", 0);
    assert_answer("8200a0", "8202 82 00 89 07 08 09 0a 0b 0c 0d 0e 0f", 0);
}

static void test_data_that_cannot_be_read_is_refused(void **state)
{
    struct answer got;
    struct handshake_message refusal;
    const char *why = NULL;

    (void)state;
    /* four numbers in a version of two; two in one of four; sharing beyond its range */
    assert_int_equal(answer_to("8200a1 0a 84182af400f4", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 0);
    assert_int_equal(handshake_read(bytes_of(&got.bytes), &refusal, &why), WIRE_OK);
    assert_int_equal(refusal.key, HANDSHAKE_REFUSE);
    assert_int_equal(refusal.refusal, REFUSAL_DECODE);
    assert_int_equal(refusal.version, 10);
    buffer_release(&got.bytes);
    assert_int_equal(answer_to("8200a1 0e 82182af4", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 0);
    buffer_release(&got.bytes);
    assert_int_equal(answer_to("8200a1 0e 84182af402f4", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 0);
    buffer_release(&got.bytes);
    assert_int_equal(answer_to("8200a1 0b 84182af402f4", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 11); /* where the value exists, and counts as none */
    assert_int_equal(got.agreed.peer_sharing, 0);
    buffer_release(&got.bytes);
}

static void test_another_network_is_refused(void **state)
{
    struct answer got;
    struct handshake_message refusal;
    const char *why = NULL;

    (void)state;
    assert_int_equal(answer_to("8200a1 0f 84182bf400f4", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 0);
    assert_int_equal(handshake_read(bytes_of(&got.bytes), &refusal, &why), WIRE_OK);
    assert_int_equal(refusal.refusal, REFUSAL_REFUSED);
    assert_int_equal(refusal.version, 15);
    assert_true(span_starts(refusal.text, "version data mismatch: "));
    buffer_release(&got.bytes);
}

static void test_a_question_is_answered_with_the_table(void **state)
{
    struct answer got;
    struct handshake_message table;
    const char *why = NULL;

    (void)state;
    assert_int_equal(answer_to("8200a1 0e 84182af400f5", &own, &got), WIRE_OK);
    assert_int_equal(got.version, 0);
    assert_int_equal(handshake_read(bytes_of(&got.bytes), &table, &why), WIRE_OK);
    assert_int_equal(table.key, HANDSHAKE_QUERY_REPLY);
    assert_int_equal(table.version_count, NODE_VERSION_LAST - NODE_VERSION_FIRST + 1);
    buffer_release(&got.bytes);
}

static void assert_bad(const char *proposal, const char *why)
{
    struct answer got;

    assert_int_equal(answer_to(proposal, &own, &got), WIRE_BAD);
    assert_string_equal(got.why, why);
    assert_int_equal(got.bytes.len, 0);
    buffer_release(&got.bytes);
}

static void test_what_is_no_proposal_is_not_answered(void **state)
{
    struct buffer table = hex_buffer("8200 b841"); /* 65 versions */
    struct answer got;

    (void)state;
    assert_bad("83010f84182af400f4", "the first message is no proposal");
    assert_bad("8200a20f84182af400f40e84182af400f4", "versions that do not ascend");
    assert_bad("8200a20f84182af400f40f84182af400f4", "versions that do not ascend");
    assert_bad("8200a200f600f6", "versions that do not ascend");
    assert_bad("8200a21a00010000f61a00010000f6", "versions that do not ascend");
    assert_bad("8200a21a00010000f60f84182af400f4", "versions that do not ascend");
    for (uint64_t version = 0; version < 65; version++) {
        cbor_put_uint(&table, version);
        cbor_put_null(&table);
    }
    got.bytes = hex_buffer("");
    assert_int_equal(
        node_answer(bytes_of(&table), &own, &got.bytes, &got.version, &got.agreed, &got.why),
        WIRE_BAD);
    assert_string_equal(got.why, "too many versions");
    assert_int_equal(got.bytes.len, 0);
    buffer_release(&got.bytes);
    buffer_release(&table);
}

static void test_agreement_is_what_both_want(void **state)
{
    const struct version_data sharing = { .magic = 42, .peer_sharing = 1 },
                              consumer = { .magic = 42, .initiator_only = true };
    struct answer got;

    (void)state;
    assert_int_equal(answer_to("8200a1 0f 84182af401f4", &sharing, &got), WIRE_OK);
    assert_int_equal(got.agreed.peer_sharing, 1);
    assert_false(got.agreed.initiator_only);
    buffer_release(&got.bytes);
    assert_int_equal(answer_to("8200a1 0f 84182af501f4", &sharing, &got), WIRE_OK);
    assert_int_equal(got.agreed.peer_sharing, 0); /* whoever only consumes has nothing to share */
    assert_true(got.agreed.initiator_only);
    buffer_release(&got.bytes);
    assert_int_equal(answer_to("8200a1 0f 84182af400f4", &consumer, &got), WIRE_OK);
    assert_true(got.agreed.initiator_only);
    buffer_release(&got.bytes);
}

/* --- The initiator's side ---------------------------------------------------------------- */

static enum wire_result accepted(const char *answer, uint16_t *ret_version,
                                 struct version_data *ret_agreed, struct ou_error *err)
{
    struct buffer message = hex_buffer(answer);
    enum wire_result result = node_accepted(bytes_of(&message), &own, ret_version, ret_agreed, err);

    buffer_release(&message);
    return result;
}

static void test_an_acceptance_is_checked(void **state)
{
    static const struct {
        const char *answer;
        uint16_t version;
        const char *message;
    } rows[] = {
        { "83010f84182af400f4", 15, NULL },
        { "83010e84182af500f4", 14, NULL },
        { "83010a82182af4", 0, "the peer accepts version 10, which was not proposed" },
        { "83010f84182bf400f4", 0, "version 15: version data mismatch: another network magic" },
        { "83010f82182af4", 0, "version 15: a list of another length than expected" },
        { "82028200840708090a", 0, "refused: the peer knows none of versions 14 to 15" },
        { "820283020163666f6f", 0, "refused: version 1: foo" },
        { "820283020f63660a1b", 0, "refused: version 15: f??" }, /* no tricks on terminals */
        { "8203a10f84182af400f4", 0, "the peer answers a question for its versions" },
        /* The peer dialled, too, at the same moment. */
        { "8200a20e84182af400f40f84182af400f4", 15, NULL },
        { "8200a10e84182af400f4", 14, NULL },
        { "8200a10d84182af400f4", 0, "no version in common" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ou_error err = { 0 };
        struct version_data agreed = { 0 };
        uint16_t version = 99;

        assert_int_equal(accepted(rows[i].answer, &version, &agreed, &err), WIRE_OK);
        assert_int_equal(version, rows[i].version);
        assert_int_equal(agreed.magic, version ? 42 : 0);
        assert_string_equal(err.text, rows[i].message ? rows[i].message : "");
    }
}

static void test_a_long_refusal_is_cut(void **state)
{
    struct buffer message = hex_buffer("8202 83 02 0f");
    char text[300];
    struct version_data agreed;
    struct ou_error err = { 0 };
    uint16_t version = 99;

    (void)state;
    memset(text, 'x', sizeof text);
    cbor_put_text(&message, (struct span){ text, sizeof text });
    assert_int_equal(node_accepted(bytes_of(&message), &own, &version, &agreed, &err), WIRE_OK);
    assert_int_equal(version, 0);
    assert_int_equal(strlen(err.text), strlen("refused: version 15: ") + 127);
    assert_int_equal(err.text[strlen(err.text) - 1], 'x');
    buffer_release(&message);
}

static void test_an_answer_that_is_none_is_bad(void **state)
{
    struct version_data agreed;
    struct ou_error err = { 0 };
    uint16_t version = 99;

    (void)state;
    assert_int_equal(accepted("8104", &version, &agreed, &err), WIRE_BAD);
    assert_string_equal(err.text, "handshake: a message that the protocol does not have");
    assert_int_equal(accepted("8301", &version, &agreed, &err), WIRE_CUT);
    assert_int_equal(version, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_proposal_is_the_one_of_the_vectors),
        cmocka_unit_test(test_the_highest_common_version_is_accepted),
        cmocka_unit_test(test_no_common_version_is_refused_with_our_own),
        cmocka_unit_test(test_data_that_cannot_be_read_is_refused),
        cmocka_unit_test(test_another_network_is_refused),
        cmocka_unit_test(test_a_question_is_answered_with_the_table),
        cmocka_unit_test(test_what_is_no_proposal_is_not_answered),
        cmocka_unit_test(test_agreement_is_what_both_want),
        cmocka_unit_test(test_an_acceptance_is_checked),
        cmocka_unit_test(test_a_long_refusal_is_cut),
        cmocka_unit_test(test_an_answer_that_is_none_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
