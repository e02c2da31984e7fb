#include "profile/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "profile/catalogue.h"
#include "profile/ledger_parameters.h"
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
    refuse("{\"genesis\":{\"utxo\":-1}}", "genesis.utxo must be a whole number from 0 to 30000000");
    refuse("{\"genesis\":{\"utxo\":1.5}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"utxo\":null}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"utxo\":99999999999999999999}}", "genesis.utxo must be a whole number");
    refuse("{\"genesis\":{\"active_slots_coeff\":0}}", "must be a number from 1e-06 to 1");
    refuse("{\"genesis\":{\"active_slots_coeff\":\"NaN\"}}", "must be a number from");
    refuse("{\"genesis\":{\"active_slots_coeff\":1e999}}", "overlay 1:1");
    refuse("{\"composition\":{\"n_singular_hosts\":-1}}", "from 0 to 1000");
    refuse("{\"composition\":{\"n_singular_hosts\":4000000000}}", "from 0 to 1000");
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
    refuse("{\"generator\":{\"tx_count\":0}}", "a whole number from 1 to 1000000000, or null");
    refuse("{\"generator\":{\"plutus\":{\"type\":7}}}", "a text of 1 to 64 bytes, or null");
    refuse("{\"run\":{\"stop_when_exhausted\":1}}", "must be true or false");
    refuse("{\"node\":{\"verbatim\":[]}}", "node.verbatim must be an object");
    refuse("{\"analysis\":{\"filter_exprs\":{}}}", "analysis.filter_exprs must be a list");
    refuse("{\"name\":\"\"}", "a text of 1 to 64 bytes");
    refuse("{\"node\":{\"environment\":{\"A\":1}}}", "an object of at most 119 texts");
    refuse("{\"node\":{\"command\":{\"argv\":[1]}}}",
           "a list of 0 to 256 texts of 0 to 4000 bytes");
    refuse("{\"node\":{\"shutdown_on_slot_synced\":{\"node-0\":1}}}",
           "a whole number, or an object with one for explorer");
    refuse("{\"node\":{\"shutdown_on_slot_synced\":{\"explorer\":0}}}",
           "node.shutdown_on_slot_synced.explorer must be a whole number from 1");
    refuse("{\"cluster\":{\"aws\":null}}", "cluster.aws must be an object");
    refuse("{\"era\":\"chang\"}", "one of: shelley allegra mary alonzo babbage conway dijkstra");
}

static void test_members_must_fit_together(void **state)
{
    (void)state;
    refuse("{\"name\":\"a/b\"}", "letters and digits");
    refuse("{\"name\":\"..\"}", "letters and digits");
    refuse("{\"genesis\":{\"epoch_length\":599}}",
           "profile ci-test: genesis: epoch_length times active_slots_coeff is 29.95");
    accept("{\"genesis\":{\"epoch_length\":600}}");
    refuse("{\"composition\":{\"locations\":[\"eu\",\"us\",\"eu\"]}}", "\"eu\" is told twice");
    refuse("{\"composition\":{\"locations\":[\"europe\"],\"links\":[{\"a\":\"europe\",\"b\":"
           "\"eurpe\"}]}}",
           "no location is called \"eurpe\"; did you mean \"europe\"?");
    refuse("{\"composition\":{\"locations\":[\"eu\",\"us\"],\"links\":["
           "{\"a\":\"eu\",\"b\":\"us\"},{\"a\":\"us\",\"b\":\"eu\"}]}}",
           "composition.links[1]: us to eu is told twice");
    refuse("{\"generator\":{\"tps\":1},\"composition\":{\"n_singular_hosts\":0}}",
           "profile ci-test: composition: a cluster has 1 to 1000 hosts");
}

static void test_flags_of_the_run_time_system_are_read(void **state)
{
    (void)state;
    accept("{\"node\":{\"rts_flags_override\":[\"-A64m\",\"-N2\",\"--nonmoving-gc\"]}}");
    refuse("{\"node\":{\"rts_flags_override\":[\"--nonmoving-cg\"]}}",
           "profile ci-test: node.rts_flags_override: ");
}

static void test_money_must_suffice(void **state)
{
    (void)state;
    refuse("{\"genesis\":{\"per_pool_balance\":9000000000000000000}}", "9e+18 at most");
    refuse("{\"genesis\":{\"per_pool_balance\":10,\"delegators\":100}}",
           "one lovelace for each delegator");
    refuse("{\"genesis\":{\"utxo\":4000000,\"per_pool_balance\":1000}}",
           "more than the tenth of the supply");
    refuse("{\"generator\":{\"tps\":1000000,\"epochs\":2},\"node\":"
           "{\"shutdown_on_block_synced\":null}}",
           "1e+09 at most");
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
    case MEMBER_NAMED_TEXTS:
    case MEMBER_OBJECT: return "object";
    case MEMBER_OBJECTS:
    case MEMBER_LIST:
    case MEMBER_ARGUMENTS:
    case MEMBER_TEXTS: return "array";
    case MEMBER_TEXT:
    case MEMBER_WORD: return "string";
    case MEMBER_NUMBER: return "number";
    case MEMBER_INTEGER_BY_KIND:
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
    if (row->type == MEMBER_NUMBER || row->type == MEMBER_INTEGER ||
        row->type == MEMBER_INTEGER_BY_KIND) {
        check_schema_limit(schema, "minimum", row->min);
        check_schema_limit(schema, "maximum", row->max);
    } else if (row->type == MEMBER_TEXT) {
        check_schema_limit(schema, "minLength", row->min);
        check_schema_limit(schema, "maxLength", row->max);
    } else if (row->type == MEMBER_NAMED_TEXTS) {
        check_schema_limit(schema, "maxProperties", row->max);
    } else if (row->type == MEMBER_TEXTS || row->type == MEMBER_ARGUMENTS ||
               row->type == MEMBER_OBJECTS) {
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
        if (json_is_null(word)) {
            assert_true(row->may_be_null);
            continue;
        }
        strcat(words, i ? " " : "");
        strcat(words, json_string_value(word));
    }
    assert_string_equal(words, row->words);
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
        row = profile_find_member(path);
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
        count += 1;
        if (row->type != MEMBER_INTEGER_BY_KIND) /* its one member is told by its type */
            count += check_properties(value, path);
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

/* The value at a path, or NULL. */
static json_t *value_at(json_t *document, const char *path)
{
    char copy[200], *rest = copy, *key;

    snprintf(copy, sizeof copy, "%s", path);
    while (document && (key = strsep(&rest, ".")))
        document = json_object_get(document, key);
    return document;
}

static void append_words(const char *words, char ret[300])
{
    char copy[200], *rest = copy, *word;

    snprintf(copy, sizeof copy, "%s", words);
    while ((word = strsep(&rest, " ")))
        sprintf(ret + strlen(ret), "%s`%s`", *ret ? " " : "", word);
}

/* A member's type as the description spells it. */
static void tell_type(const struct profile_member *row, char ret[300])
{
    char limits[80];

    snprintf(limits, sizeof limits, "%.10g to %.10g", row->min, row->max);
    *ret = '\0';
    switch (row->type) {
    case MEMBER_SECTION:
    case MEMBER_OBJECT: strcpy(ret, "object"); break;
    case MEMBER_OBJECTS: strcpy(ret, "list of objects"); break;
    case MEMBER_LIST: strcpy(ret, "list"); break;
    case MEMBER_TEXTS:
    case MEMBER_ARGUMENTS: sprintf(ret, "list of texts, %s", limits); break;
    case MEMBER_NAMED_TEXTS: strcpy(ret, "object of texts"); break;
    case MEMBER_TEXT: strcpy(ret, "text"); break;
    case MEMBER_WORD: append_words(row->words, ret); break;
    case MEMBER_NUMBER: sprintf(ret, "number, %s", limits); break;
    case MEMBER_INTEGER: sprintf(ret, "whole number, %s", limits); break;
    case MEMBER_INTEGER_BY_KIND:
        sprintf(ret, "whole number, %s; an object with one for `explorer`", limits);
        break;
    case MEMBER_BOOL: strcpy(ret, "true or false"); break;
    case MEMBER_ANY: strcpy(ret, "anything"); break;
    }
    if (row->may_be_null)
        strcat(ret, "; null");
}

/* Its value in `default`, as it is told there: what follows from other members counts as open; long ones are left out. */
static void tell_default(const struct profile_member *row, const struct profile *complete,
                         json_t *told, char ret[300])
{
    json_t *value = value_at(told, row->path);
    char *text;

    *ret = '\0';
    if (!value && strncmp(row->path, "derived", strlen("derived")) != 0)
        value = value_at(complete->document, row->path);
    if (!value)
        return;
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (strlen(text) > 40 || strcmp(row->path, "desc") == 0)
        strcpy(ret, "see `default`");
    else
        sprintf(ret, "`%s`", text);
    free(text);
}

static void test_the_description_of_the_format_has_every_member_with_type_and_default(void **state)
{
    struct profile complete;
    struct ou_error err = { 0 };
    json_t *told;

    (void)state;
    assert_int_equal(profile_load("default", NULL, 0, &complete, &err), OU_OK);
    assert_int_equal(profile_catalogue_find("default", &told, &err), OU_OK);
    for (size_t i = 0; i < profile_member_count; i++) {
        const struct profile_member *row = &profile_members[i];
        char type[300], value[300], cells[800];

        tell_type(row, type);
        tell_default(row, &complete, told, value);
        snprintf(cells, sizeof cells, "| `%s` | %s | %s | ", row->path, type, value);
        if (row->type != MEMBER_SECTION && lines_with(TEXT_OF_FORMAT, cells) != 1)
            fail_msg("%s has not once: %s", TEXT_OF_FORMAT, cells);
    }
    json_decref(told);
    profile_release(&complete);
}

static void test_the_description_tells_every_derived_value(void **state)
{
    struct profile p;
    struct ou_error err = { 0 };
    const char *name;
    json_t *value;

    (void)state;
    assert_int_equal(profile_load("default", NULL, 0, &p, &err), OU_OK);
    json_object_foreach(json_object_get(p.document, "derived"), name, value)
    {
        char quoted[80];

        snprintf(quoted, sizeof quoted, "`%s`", name);
        if (lines_with(TEXT_OF_FORMAT, quoted) < 1)
            fail_msg("%s does not tell %s", TEXT_OF_FORMAT, quoted);
    }
    profile_release(&p);
}

static void check_listed(const char *name, const char *description)
{
    char cells[300];

    snprintf(cells, sizeof cells, "| `%s` | %s |", name, description);
    if (lines_with(TEXT_OF_FORMAT, cells) != 1)
        fail_msg("%s has not once: %s", TEXT_OF_FORMAT, cells);
}

static void test_the_description_lists_variants_and_changes_of_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; profile_variant_name(i); i++)
        check_listed(profile_variant_name(i), profile_variant_description(i));
    for (size_t i = 0; ledger_overlay_name(i); i++)
        check_listed(ledger_overlay_name(i), ledger_overlay_description(i));
}

static void test_a_document_that_lacks_a_member_is_not_complete(void **state)
{
    struct profile p;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(profile_load("ci-test-nomadperf", NULL, 0, &p, &err), OU_OK);
    assert_int_equal(profile_check_complete(p.document, "x", &err), OU_OK);
    assert_int_equal(json_object_del(value_at(p.document, "cluster.nomad"), "class"), 0);
    assert_int_equal(profile_check_complete(p.document, "x", &err), OU_INVALID);
    assert_string_equal(err.text, "x: cluster.nomad.class is missing");
    json_object_set_new(p.document, "cluster", json_null());
    assert_int_equal(profile_check_complete(p.document, "x", &err), OU_OK);
    json_object_del(p.document, "scenario");
    assert_int_equal(profile_check_complete(p.document, "x", &err), OU_INVALID);
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_members_are_named_with_a_suggestion),
        cmocka_unit_test(test_wrong_values_are_named_with_what_they_must_be),
        cmocka_unit_test(test_members_must_fit_together),
        cmocka_unit_test(test_flags_of_the_run_time_system_are_read),
        cmocka_unit_test(test_money_must_suffice),
        cmocka_unit_test(test_links_without_ends_are_refused),
        cmocka_unit_test(test_nine_tenths_are_given_away),
        cmocka_unit_test(test_the_schema_has_the_members_of_the_loader),
        cmocka_unit_test(test_the_description_of_the_format_has_every_member_with_type_and_default),
        cmocka_unit_test(test_the_description_tells_every_derived_value),
        cmocka_unit_test(test_the_description_lists_variants_and_changes_of_parameters),
        cmocka_unit_test(test_a_document_that_lacks_a_member_is_not_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
