#include "workbench/profile_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

#define SCHEMA "docs/formats/profile.schema.json"
#define TEXT_OF_FORMAT "docs/formats/profile.md"

/* ---- messages ---- */

static enum ou_status load_with(const char *overlay, struct ou_error *err)
{
    struct profile p = { 0 };
    enum ou_status status = profile_load("ci-test", &overlay, 1, &p, err);

    profile_release(&p);
    return status;
}

static void refuse(const char *overlay, const char *why)
{
    struct ou_error err = { 0 };

    if (load_with(overlay, &err) != OU_INVALID || !strstr(err.text, why))
        fail_msg("%s gave \"%s\", not \"%s\"", overlay, err.text, why);
}

static void accept(const char *overlay)
{
    struct ou_error err = { 0 };

    if (load_with(overlay, &err))
        fail_msg("%s gave \"%s\"", overlay, err.text);
}

static void test_unknown_members_are_named_with_a_suggestion(void **state)
{
    (void)state;
    refuse("{\"generatro\":{}}", "overlay 1: no member generatro is known; did you mean "
                                 "\"generator\"?");
    refuse("{\"genesis\":{\"slot_durations\":1}}",
           "no member genesis.slot_durations is known; did you mean \"slot_duration\"?");
    refuse("{\"node\":{\"tps\":1}}", "no member node.tps is known; there is generator.tps");
    refuse("{\"tps\":1}", "no member tps is known; there is generator.tps");
    refuse("{\"xyzzy\":1}", "no member xyzzy is known");
    refuse("{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxTxSizes\":1}}}}",
           "genesis.shelley.protocolParams.maxTxSizes is known; did you mean \"maxTxSize\"?");
    refuse("{\"composition\":{\"links\":[{\"a\":\"loopback\",\"latency\":3}]}}",
           "no member composition.links[0].latency is known");
}

static void test_wrong_values_are_named_with_what_they_must_be(void **state)
{
    (void)state;
    refuse("{\"genesis\":3}", "overlay 1: genesis must be an object");
    refuse("{\"genesis\":{\"utxo\":-1}}", "genesis.utxo must be a whole number from 0 to 5000000");
    refuse("{\"genesis\":{\"utxo\":1.5}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"utxo\":null}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"utxo\":99999999999999999999}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"active_slots_coeff\":0}}", "must be a number from 1e-06 to 1");
    refuse("{\"genesis\":{\"active_slots_coeff\":\"NaN\"}}", "must be a number from");
    refuse("{\"genesis\":{\"active_slots_coeff\":1e999}}", "overlay 1:1");
    refuse("{\"composition\":{\"n_singular_hosts\":0}}", "from 1 to 1000");
    refuse("{\"composition\":{\"n_singular_hosts\":4000000000}}", "from 1 to 1000");
    refuse("{\"composition\":{\"locations\":[]}}", "a list of 1 to 16 texts");
    refuse("{\"composition\":{\"locations\":[\"\"]}}", "a list of 1 to 16 texts");
    refuse("{\"composition\":{\"locations\":[7]}}", "a list of 1 to 16 texts");
    refuse("{\"composition\":{\"topology\":\"toru\"}}",
           "one of: line uni-circle torus torus-dense dense");
    refuse("{\"composition\":{\"topology\":\"torus-dense dense\"}}", "one of:");
    refuse("{\"composition\":{\"links\":{}}}", "a list of at most 136 objects");
    refuse("{\"composition\":{\"links\":[3]}}", "composition.links[0] must be an object");
    refuse("{\"composition\":{\"links\":[{\"latency_ms\":-1}]}}",
           "composition.links[0].latency_ms must be a number from 0 to 60000");
    refuse("{\"generator\":{\"tx_count\":0}}", "a whole number from 1 to 100000000, or null");
    refuse("{\"generator\":{\"plutus\":{\"type\":7}}}", "a text of 1 to 64 bytes, or null");
    refuse("{\"run\":{\"stop_when_exhausted\":1}}", "must be true or false");
    refuse("{\"node\":{\"verbatim\":[]}}", "node.verbatim must be an object");
    refuse("{\"analysis\":{\"filter_exprs\":{}}}", "analysis.filter_exprs must be a list");
    refuse("{\"name\":\"\"}", "a text of 1 to 64 bytes");
}

static void test_members_must_fit_together(void **state)
{
    (void)state;
    refuse("{\"name\":\"a/b\"}", "letters and digits");
    refuse("{\"name\":\"..\"}", "letters and digits");
    refuse("{\"genesis\":{\"epoch_length\":599}}",
           "profile ci-test: genesis: epoch_length times active_slots_coeff is 29.95");
    accept("{\"genesis\":{\"epoch_length\":600}}");
    refuse("{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxBlockBodySize\":17411}}}}",
           "maxBlockBodySize must be 1028 above maxTxSize");
    accept("{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxBlockBodySize\":17412}}}}");
    refuse("{\"composition\":{\"locations\":[\"eu\",\"us\",\"eu\"]}}", "\"eu\" is told twice");
    refuse("{\"composition\":{\"locations\":[\"europe\"],\"links\":[{\"a\":\"europe\",\"b\":"
           "\"eurpe\"}]}}",
           "no location is called \"eurpe\"; did you mean \"europe\"?");
    refuse("{\"composition\":{\"locations\":[\"eu\",\"us\"],\"links\":["
           "{\"a\":\"eu\",\"b\":\"us\"},{\"a\":\"us\",\"b\":\"eu\"}]}}",
           "composition.links[1]: us to eu is told twice");
    refuse("{\"node\":{\"shutdown_on_slot_synced\":8035200},\"generator\":{\"tx_count\":1}}",
           "62 periods of 129600 slots");
    accept("{\"node\":{\"shutdown_on_slot_synced\":8035199},\"generator\":{\"tx_count\":1}}");
}

static void test_money_must_suffice(void **state)
{
    (void)state;
    refuse("{\"genesis\":{\"per_pool_balance\":9000000000000000000}}", "9e+18 at most");
    refuse("{\"genesis\":{\"per_pool_balance\":10,\"delegators\":100}}",
           "one lovelace for each delegator");
    refuse("{\"genesis\":{\"utxo\":5000000}}", "4999999 at most");
    refuse("{\"genesis\":{\"utxo\":4000000,\"per_pool_balance\":1000}}",
           "more than the tenth of the supply");
    refuse("{\"genesis\":{\"funds_balance\":200000000000}}", "the generator needs");
    accept("{\"genesis\":{\"funds_balance\":220000000000}}");
    accept("{\"scenario\":\"fixed\",\"genesis\":{\"funds_balance\":0}}");
    refuse("{\"generator\":{\"tps\":1000000}}", "1e8 at most");
}

static void test_links_without_ends_are_refused(void **state)
{
    (void)state;
    refuse("{\"composition\":{\"links\":[{\"latency_ms\":3}]}}",
           "composition.links[0] needs a and b");
}

static void test_nine_tenths_are_given_away(void **state)
{
    (void)state;
    assert_int_equal(genesis_share(0), 0);
    assert_int_equal(genesis_share(1), 0);
    assert_int_equal(genesis_share(10), 9);
    assert_int_equal(genesis_share(11), 9);
    assert_int_equal(genesis_share(19), 17);
    assert_int_equal(genesis_share(20000000000000), 18000000000000);
}

/* ---- the table, the schema, the text ---- */

static json_t *load_json(const char *path)
{
    struct ou_error err = { 0 };
    json_t *tree = NULL;

    if (json_tree_load(path, 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static const char *schema_type(const struct profile_member *row)
{
    switch (row->type) {
    case MEMBER_SECTION:
    case MEMBER_OBJECT: return "object";
    case MEMBER_OBJECTS:
    case MEMBER_LIST:
    case MEMBER_TEXTS: return "array";
    case MEMBER_TEXT:
    case MEMBER_WORD: return "string";
    case MEMBER_NUMBER: return "number";
    case MEMBER_INTEGER: return "integer";
    case MEMBER_BOOL: return "boolean";
    case MEMBER_ANY: break;
    }
    return NULL;
}

static void check_schema_type(const struct profile_member *row, const json_t *schema)
{
    const json_t *type = json_object_get(schema, "type");
    const char *wanted = schema_type(row);

    if (!wanted) {
        assert_null(type);
    } else if (row->may_be_null) {
        assert_string_equal(json_string_value(json_array_get(type, 0)), wanted);
        assert_string_equal(json_string_value(json_array_get(type, 1)), "null");
    } else {
        assert_string_equal(json_string_value(type), wanted);
    }
}

static void check_schema_limit(const json_t *schema, const char *name, double wanted)
{
    const json_t *value = json_object_get(schema, name);

    if (!json_is_number(value) || fabs(json_number_value(value) - wanted) > 0)
        fail_msg("%s is not %g", name, wanted);
}

static void check_schema_limits(const struct profile_member *row, const json_t *schema)
{
    if (row->type == MEMBER_NUMBER || row->type == MEMBER_INTEGER) {
        check_schema_limit(schema, "minimum", row->min);
        check_schema_limit(schema, "maximum", row->max);
    } else if (row->type == MEMBER_TEXT) {
        check_schema_limit(schema, "minLength", row->min);
        check_schema_limit(schema, "maxLength", row->max);
    } else if (row->type == MEMBER_TEXTS || row->type == MEMBER_OBJECTS) {
        check_schema_limit(schema, "minItems", row->min);
        check_schema_limit(schema, "maxItems", row->max);
    }
}

static void check_schema_words(const struct profile_member *row, const json_t *schema)
{
    char words[200] = "";
    size_t i;
    json_t *word;

    if (row->type != MEMBER_WORD)
        return;
    json_array_foreach(json_object_get(schema, "enum"), i, word)
    {
        strcat(words, i ? " " : "");
        strcat(words, json_string_value(word));
    }
    assert_string_equal(words, row->words);
}

static const struct profile_member *row_of(const char *path)
{
    for (size_t i = 0; i < profile_member_count; i++)
        if (strcmp(profile_members[i].path, path) == 0)
            return &profile_members[i];
    return NULL;
}

/* Goes through the schema; every member it has must have a row that says the same. Returns how many there are. */
static size_t check_properties(const json_t *schema, const char *prefix)
{
    const char *key;
    json_t *value;
    size_t count = 0;

    if (!json_object_get(schema, "properties"))
        return 0;
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    json_object_foreach(json_object_get(schema, "properties"), key, value)
    {
        char path[200];
        const struct profile_member *row;

        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", key);
        row = row_of(path);
        if (!row)
            fail_msg("the loader does not know %s", path);
        check_schema_type(row, value);
        check_schema_limits(row, value);
        check_schema_words(row, value);
        assert_true(json_string_length(json_object_get(value, "description")) >= 5 ||
                    row->type == MEMBER_SECTION);
        if (row->type == MEMBER_OBJECTS) {
            strcat(path, "[]");
            value = json_object_get(value, "items");
        }
        count += 1 + check_properties(value, path);
    }
    return count;
}

static void test_the_schema_has_the_members_of_the_loader(void **state)
{
    json_t *schema = load_json(SCHEMA);

    (void)state;
    assert_int_equal(check_properties(schema, ""), profile_member_count);
    json_decref(schema);
}

static void test_the_description_of_the_format_has_every_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < profile_member_count; i++) {
        char cell[120];

        snprintf(cell, sizeof cell, "| `%s` |", profile_members[i].path);
        if (profile_members[i].type != MEMBER_SECTION && lines_with(TEXT_OF_FORMAT, cell) != 1)
            fail_msg("%s tells %s not once", TEXT_OF_FORMAT, profile_members[i].path);
    }
}

/* The value at a path, or NULL. */
static json_t *value_at(json_t *document, const char *path)
{
    char copy[200], *rest = copy, *key;

    snprintf(copy, sizeof copy, "%s", path);
    while (document && (key = strsep(&rest, ".")))
        document = json_object_get(document, key);
    return document;
}

/* The loader of all profiles relies on it. */
static void test_the_default_profile_is_complete(void **state)
{
    static const char *const optional[] = { "base", "derived", "genesis.alonzo.costModels" };
    json_t *document = load_json("data/profiles/default.json");

    (void)state;
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *path = profile_members[i].path;
        bool expected = !strstr(path, "[]");

        for (size_t j = 0; j < sizeof optional / sizeof *optional; j++)
            expected = expected && strcmp(path, optional[j]) != 0;
        if (expected && !value_at(document, path))
            fail_msg("data/profiles/default.json has no %s", path);
    }
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_members_are_named_with_a_suggestion),
        cmocka_unit_test(test_wrong_values_are_named_with_what_they_must_be),
        cmocka_unit_test(test_members_must_fit_together),
        cmocka_unit_test(test_money_must_suffice),
        cmocka_unit_test(test_links_without_ends_are_refused),
        cmocka_unit_test(test_nine_tenths_are_given_away),
        cmocka_unit_test(test_the_schema_has_the_members_of_the_loader),
        cmocka_unit_test(test_the_description_of_the_format_has_every_member),
        cmocka_unit_test(test_the_default_profile_is_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
