/* Conway's file as it was in the versions that the public history of that era tells of. */
#include "genesis/spelling.h"

#include "json/tree.h"
#include "support/test.h"

static const char today[] =
    "{\"poolVotingThresholds\":{\"motionNoConfidence\":0.1,\"committeeNormal\":0.2,"
    "\"committeeNoConfidence\":0.3,\"hardForkInitiation\":0.4,\"ppSecurityGroup\":0.5},"
    "\"dRepVotingThresholds\":{\"motionNoConfidence\":0.5,\"updateToConstitution\":0.6,"
    "\"ppNetworkGroup\":0.7,\"treasuryWithdrawal\":0.8},\"committeeMinSize\":1,"
    "\"committeeMaxTermLength\":2,\"govActionLifetime\":3,\"govActionDeposit\":4,"
    "\"minFeeRefScriptCostPerByte\":15,\"plutusV3CostModel\":[1],\"constitution\":{},"
    "\"committee\":{\"members\":{},\"threshold\":0.9}}";
static const char of_8_8[] =
    "{\"poolVotingThresholds\":{\"motionNoConfidence\":0.1,\"committeeNormal\":0.2,"
    "\"committeeNoConfidence\":0.3,\"hardForkInitiation\":0.4,\"ppSecurityGroup\":0.5},"
    "\"dRepVotingThresholds\":{\"motionNoConfidence\":0.5,\"updateToConstitution\":0.6,"
    "\"ppNetworkGroup\":0.7,\"treasuryWithdrawal\":0.8},\"committeeMinSize\":1,"
    "\"committeeMaxTermLength\":2,\"govActionLifetime\":3,\"govActionDeposit\":4,"
    "\"constitution\":{},\"committee\":{\"members\":{},\"quorum\":0.9}}";
static const char of_8_5[] =
    "{\"poolVotingThresholds\":{\"pvtMotionNoConfidence\":0.1,\"pvtCommitteeNormal\":0.2,"
    "\"pvtCommitteeNoConfidence\":0.3,\"pvtHardForkInitiation\":0.4},"
    "\"dRepVotingThresholds\":{\"dvtMotionNoConfidence\":0.5,\"dvtUpdateToConstitution\":0.6,"
    "\"dvtPPNetworkGroup\":0.7,\"dvtTreasuryWithdrawal\":0.8},\"committeeMinSize\":1,"
    "\"committeeMaxTermLength\":2,\"govActionLifetime\":3,\"govActionDeposit\":4,"
    "\"constitution\":{},\"committee\":{\"members\":{},\"quorum\":0.9}}";
static const char of_8_3[] =
    "{\"poolVotingThresholds\":{\"pvtMotionNoConfidence\":0.1,\"pvtCommitteeNormal\":0.2,"
    "\"pvtCommitteeNoConfidence\":0.3,\"pvtHardForkInitiation\":0.4},"
    "\"dRepVotingThresholds\":{\"dvtMotionNoConfidence\":0.5,\"dvtUpdateToConstitution\":0.6,"
    "\"dvtPPNetworkGroup\":0.7,\"dvtTreasuryWithdrawal\":0.8},\"minCommitteeSize\":1,"
    "\"committeeTermLimit\":2,\"govActionExpiration\":3,\"govActionDeposit\":4}";

static json_t *parse(const char *text)
{
    struct ou_error err = { 0 };
    json_t *tree = NULL;

    if (json_tree_parse(span_of(text), "test", &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static void check_spelled(unsigned major, unsigned minor, const char *expected)
{
    json_t *got = parse(today), *wanted = parse(expected);

    assert_int_equal(genesis_spell_conway(got, (struct node_version){ major, minor }, NULL), OU_OK);
    if (!json_equal(got, wanted)) {
        json_dumpf(got, stderr, JSON_COMPACT);
        fail_msg("%u.%u is spelled otherwise", major, minor);
    }
    json_decref(got);
    json_decref(wanted);
}

static void test_each_version_has_the_names_of_its_time(void **state)
{
    (void)state;
    check_spelled(1, 35, "{\"genDelegs\":{}}");
    check_spelled(8, 2, "{\"genDelegs\":{}}");
    check_spelled(8, 3, of_8_3);
    check_spelled(8, 4, of_8_3);
    check_spelled(8, 5, of_8_5);
    check_spelled(8, 7, of_8_5);
    check_spelled(8, 8, of_8_8);
    check_spelled(8, 9, of_8_8);
    check_spelled(8, 10, today);
    check_spelled(10, 5, today);
    check_spelled(9999, 0, today);
}

static void test_old_names_get_todays(void **state)
{
    json_t *old = parse(of_8_5), *new = parse(of_8_8);

    (void)state;
    assert_int_equal(genesis_modernise_conway(old, NULL), OU_OK);
    assert_int_equal(genesis_modernise_conway(new, NULL), OU_OK);
    json_object_del(json_object_get(new, "poolVotingThresholds"), "ppSecurityGroup");
    assert_true(json_equal(old, new));
    assert_non_null(json_object_get(json_object_get(old, "committee"), "threshold"));
    assert_int_equal(genesis_modernise_conway(old, NULL), OU_OK);
    assert_true(json_equal(old, new));
    json_decref(old);
    json_decref(new);
}

/* The profile says it in the old way, the default in today's. */
static void test_an_old_name_counts_before_a_default(void **state)
{
    json_t *both = parse("{\"committeeMinSize\":7,\"minCommitteeSize\":2}");

    (void)state;
    assert_int_equal(genesis_modernise_conway(both, NULL), OU_OK);
    assert_int_equal(json_integer_value(json_object_get(both, "committeeMinSize")), 2);
    assert_int_equal(json_object_size(both), 1);
    json_decref(both);
}

static void check_version(enum node_kind kind, const char *edition, const char *text,
                          unsigned major, unsigned minor)
{
    struct profile p = { .node_kind = kind, .document = json_pack("{s:s}", "edition", edition) };
    struct node_version got;

    assert_int_equal(node_version_of(&p, text, &got, NULL), OU_OK);
    assert_int_equal(got.major, major);
    assert_int_equal(got.minor, minor);
    json_decref(p.document);
}

static void test_a_version_is_told_or_that_of_the_profile(void **state)
{
    static const char *const none[] = { "", "8", "8.", ".8", "v8.1", "8.1x", "8.99999" };
    const struct profile p = { 0 };
    struct node_version got;

    (void)state;
    check_version(NODE_CARDANO, "2023-03", NULL, 8, 0);
    check_version(NODE_CARDANO, "2026-06", NULL, 9999, 0);
    check_version(NODE_REFERENCE, "2023-03", NULL, 9999, 0);
    check_version(NODE_CARDANO, "2023-03", "10.5.1", 10, 5);
    check_version(NODE_REFERENCE, "2026-06", "1.35", 1, 35);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(node_version_of(&p, none[i], &got, NULL), OU_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_version_has_the_names_of_its_time),
        cmocka_unit_test(test_old_names_get_todays),
        cmocka_unit_test(test_an_old_name_counts_before_a_default),
        cmocka_unit_test(test_a_version_is_told_or_that_of_the_profile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
