#include "profile/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "profile/catalogue.h"
#include "profile/profile.h"
#include "support/files.h"
#include "support/test.h"

struct fixture {
    struct temp_dir dir;
    struct profile profile;
    struct ou_error err;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    temp_dir_make(&f->dir);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    profile_release(&f->profile);
    temp_dir_remove(&f->dir);
    free(f);
    return 0;
}

static void load(struct fixture *f, const char *name, const char *overlay)
{
    profile_release(&f->profile);
    if (profile_load(name, &overlay, overlay != NULL, &f->profile, &f->err))
        fail_msg("%s: %s", name, f->err.text);
}

static void refuse(struct fixture *f, const char *name, const char *overlay, const char *why)
{
    struct profile p = { 0 };

    if (!profile_load(name, &overlay, overlay != NULL, &p, &f->err))
        fail_msg("%s with %s was loaded", name, overlay ? overlay : "nothing");
    profile_release(&p);
    if (!strstr(f->err.text, why))
        fail_msg("%s gave \"%s\", not \"%s\"", name, f->err.text, why);
}

/* A value, as JSON, and where it is from. */
static void expect(const struct fixture *f, const char *path, const char *wanted,
                   const char *origin)
{
    char copy[200], *rest = copy, *key, *text;
    const json_t *value = f->profile.document;
    const char *from = json_string_value(json_object_get(f->profile.origins, path));

    snprintf(copy, sizeof copy, "%s", path);
    while (value && (key = strsep(&rest, ".")))
        value = json_object_get(value, key);
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!text || strcmp(text, wanted) != 0 || !from || strcmp(from, origin) != 0)
        fail_msg("%s is %s from %s, not %s from %s", path, text ? text : "nothing",
                 from ? from : "nowhere", wanted, origin);
    free(text);
}

/* ---- origins ---- */

static void test_each_value_says_which_layer_it_is_from(void **state)
{
    struct fixture *f = *state;

    load(f, "forge-stress-pre-rtsN3", "{\"generator\":{\"tps\":7}}");
    expect(f, "name", "\"forge-stress-pre-rtsN3\"", "profile forge-stress-pre-rtsN3");
    expect(f, "composition.topology", "\"uni-circle\"", "profile default");
    expect(f, "composition.n_singular_hosts", "3", "profile forge-stress");
    expect(f, "genesis.utxo", "4000000", "variant dataset-oct2021");
    expect(f, "genesis.alonzo.maxTxExUnits.exUnitsMem", "10000000",
           "mainnet's parameters, epoch 300 (since 290)");
    expect(f, "node.rts_flags_override", "[\"-N3\"]", "variant rtsN3");
    expect(f, "generator.tps", "7", "overlay 1");
    expect(f, "generator.tx_count", "16800", "derived: ceil(generator_duration * tps)");
    expect(f, "derived.generator_duration", "2400",
           "derived: min(epoch_duration * effective_epochs, shutdown_time)");
    expect(f, "genesis.shelley.protocolParams.protocolVersion.major", "9",
           "derived: the first protocol version of Conway");
}

/* How many leaves have no origin. */
static size_t leaves_from_nowhere(const struct profile *p, const char *path, const json_t *object)
{
    const char *key;
    json_t *value;
    size_t count = 0;

    json_object_foreach((json_t *)object, key, value)
    {
        char inner[400];

        snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
        if (json_is_object(value) && json_object_size(value) > 0)
            count += leaves_from_nowhere(p, inner, value);
        else
            count += json_string_length(json_object_get(p->origins, inner)) == 0;
    }
    return count;
}

static void test_every_leaf_of_every_builtin_has_an_origin(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; profile_builtin_name(i); i++) {
        load(f, profile_builtin_name(i), NULL);
        assert_int_equal(leaves_from_nowhere(&f->profile, "", f->profile.document), 0);
    }
}

/* ---- order ---- */

static void test_a_genesis_fragment_of_a_profile_wins_over_the_epoch(void **state)
{
    struct fixture *f = *state;
    const char *path = temp_file(
        &f->dir, "mine.json",
        "{\"base\":\"ci-test\",\"genesis\":{\"pparamsEpoch\":537,\"shelley\":{\"protocolParams\":"
        "{\"maxBlockBodySize\":50000}}}}");
    char origin[5000];

    load(f, path, NULL);
    snprintf(origin, sizeof origin, "profile %s", path);
    expect(f, "genesis.shelley.protocolParams.maxBlockBodySize", "50000", origin);
    expect(f, "genesis.shelley.protocolParams.minPoolCost", "170000000",
           "mainnet's parameters, epoch 537 (since 445)");
    load(f, path, "{\"genesis\":{\"pparamsEpoch\":300}}");
    expect(f, "genesis.shelley.protocolParams.maxBlockBodySize", "50000", origin);
    expect(f, "genesis.shelley.protocolParams.minPoolCost", "340000000",
           "mainnet's parameters, epoch 300 (since 208)");
}

static void test_changes_of_parameters_lie_above_the_epoch(void **state)
{
    struct fixture *f = *state;

    load(f, "6-dense", NULL);
    expect(f, "genesis.shelley.protocolParams.maxBlockBodySize", "65536",
           "parameters blocksize64k");
    expect(f, "genesis.shelley.protocolParams.protocolVersion.major", "9", "parameters v9-preview");
}

static void test_an_edition_lies_below_all_profiles_but_the_root(void **state)
{
    struct fixture *f = *state;

    load(f, "ci-test-bage", NULL);
    expect(f, "era", "\"babbage\"", "edition 2023-03");
    expect(f, "analysis.cluster_base_startup_overhead_s", "10", "edition 2023-03");
    expect(f, "edition", "\"2023-03\"", "profile default-bage");
    load(f, "ci-test-bage", "{\"era\":\"conway\"}");
    expect(f, "era", "\"conway\"", "overlay 1");
}

static void test_variants_lie_below_their_own_document_and_above_its_base(void **state)
{
    struct fixture *f = *state;
    const char *path = temp_file(&f->dir, "mine.json",
                                 "{\"base\":\"ci-test\",\"with\":[\"plutus\",\"notracer\"],"
                                 "\"generator\":{\"tps\":3}}");
    char origin[5000];

    load(f, path, NULL);
    snprintf(origin, sizeof origin, "profile %s", path);
    expect(f, "generator.tps", "3", origin);
    expect(f, "generator.tx_fee", "1360000", "variant plutus");
    expect(f, "node.tracer", "false", "variant notracer");
    expect(f, "node.shutdown_on_block_synced", "8", "profile ci-test");
    assert_null(json_object_get(f->profile.document, "with"));
}

static void test_of_two_variants_the_second_wins(void **state)
{
    struct fixture *f = *state;

    load(f, "ci-test", "{\"with\":[\"dataset-small\",\"dataset-oct2021\"]}");
    expect(f, "genesis.utxo", "4000000", "variant dataset-oct2021");
    load(f, "ci-test", "{\"with\":[\"dataset-oct2021\",\"dataset-small\"]}");
    expect(f, "genesis.utxo", "1000000", "variant dataset-small");
}

static void test_a_variant_may_be_a_file_beside_the_document(void **state)
{
    struct fixture *f = *state;
    const char *path =
        temp_file(&f->dir, "mine.json", "{\"base\":\"demo\",\"with\":[\"load.json\"]}");

    temp_file(&f->dir, "load.json", "{\"name\":\"load\",\"generator\":{\"tps\":50}}");
    load(f, path, NULL);
    assert_true(f->profile.tps == 50);
    assert_string_equal(f->profile.name, "mine");
    temp_file(&f->dir, "load.json", "{\"base\":\"ci-test\"}");
    refuse(f, path, NULL, "a variant has no base, and no variants");
    temp_file(&f->dir, "load.json", "{\"with\":[\"plutus\"]}");
    refuse(f, path, NULL, "a variant has no base, and no variants");
    temp_file(&f->dir, "load.json", "{\"generator\":{\"tpss\":50}}");
    refuse(f, path, NULL, "did you mean \"tps\"?");
}

static void test_the_older_word_for_deaths_is_read(void **state)
{
    struct fixture *f = *state;

    load(f, "ci-test", "{\"run\":{\"node_death_is_fatal\":true}}");
    expect(f, "run.on_node_death", "\"fail\"", "overlay 1");
    assert_int_equal(f->profile.on_node_death, DEATH_FAIL);
    assert_true(f->profile.node_death_is_fatal);
    assert_null(
        json_object_get(json_object_get(f->profile.document, "run"), "node_death_is_fatal"));
    load(f, "ci-test", "{\"run\":{\"node_death_is_fatal\":false,\"on_node_death\":\"restart\"}}");
    assert_int_equal(f->profile.on_node_death, DEATH_RESTART);
    assert_false(f->profile.node_death_is_fatal);
}

/* What the workbench of cardano-node has filled in is passed over, in a document that it has realised, and only there. */
static void test_a_profile_that_was_realised_elsewhere_is_read(void **state)
{
    static const char added[] =
        "\"overlay\":{},\"cli_args\":{\"pools\":[]},\"composition\":{\"n_hosts\":6,\"n_pools\":6,\"n_pool_hosts\":6},"
        "\"genesis\":{\"pool_coin\":1,\"delegator_coin\":1,\"shelley\":{\"epochLength\":600,\"slotLength\":1,"
        "\"activeSlotsCoeff\":0.05,\"securityParam\":3,\"networkMagic\":42,\"maxLovelaceSupply\":7}},"
        "\"generator\":{\"era\":\"conway\",\"tps\":50},\"analysis\":{\"cluster_startup_overhead_s\":40},"
        "\"cluster\":{\"minimun_storage\":{\"producer\":12,\"explorer\":13}}";
    struct fixture *f = *state;
    const char *path;
    char text[1200];

    snprintf(text, sizeof text, "{\"base\":\"value-nomadperf\",\"derived\":{\"n_hosts\":6},%s}",
             added);
    path = temp_file(&f->dir, "profile.json", text);
    load(f, path, NULL);
    assert_true(f->profile.tps == 50);
    snprintf(text, sizeof text, "profile %s", path);
    expect(f, "cluster.minimum_storage.explorer", "13", text);
    snprintf(text, sizeof text, "{\"base\":\"ci-test\",%s}", added);
    temp_file(&f->dir, "profile.json", text);
    refuse(f, path, NULL, "no member ");
}

/* Of a section that is none nothing is taken, and the check tells what is wrong. */
static void test_a_realised_profile_may_be_wrong(void **state)
{
    struct fixture *f = *state;
    const char *path = temp_file(&f->dir, "p.json",
                                 "{\"derived\":1,\"genesis\":[],\"cluster\":{\"minimun_storage\":1,"
                                 "\"minimum_storage\":null}}");

    refuse(f, path, NULL, "derived must be");
    temp_file(&f->dir, "p.json", "{\"derived\":{},\"genesis\":[]}");
    refuse(f, path, NULL, "genesis must be");
    temp_file(&f->dir, "p.json", "[]");
    refuse(f, path, NULL, "p.json");
}

/* Each of both paths has room, and not the one that they make together. */
static void test_a_base_or_variant_with_too_long_a_path_is_refused(void **state)
{
    static const struct {
        const char *before, *behind;
    } cases[] = { { "{\"base\":\"", "\"}" }, { "{\"base\":\"demo\",\"with\":[\"", "\"]}" } };
    struct fixture *f = *state;
    char name[4000], text[5000], path[500];
    size_t at = (size_t)snprintf(path, sizeof path, "%s", f->dir.path);

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(name, "./", 2);
    for (; at < 200; at += 2) /* no way to go */
        memcpy(path + at, "/.", 2);
    memcpy(path + at, "/far.json", sizeof "/far.json");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s%s%s", cases[i].before, name, cases[i].behind);
        temp_file(&f->dir, "far.json", text);
        refuse(f, path, NULL, ": the path of \"./aaa");
        assert_non_null(strstr(f->err.text, "\" is too long"));
    }
}

/* ---- links ---- */

static void test_known_regions_are_as_far_apart_as_they_are(void **state)
{
    struct fixture *f = *state;

    load(f, "value-nomadperf", NULL);
    assert_int_equal(f->profile.link_count, 6);
    assert_string_equal(json_string_value(json_object_get(f->profile.origins, "composition.links")),
                        "derived: what is usual between these regions");
    load(f, "model-52", NULL);
    assert_int_equal(f->profile.link_count, 6);
    load(f, "aws-test-bage", NULL);
    assert_int_equal(f->profile.link_count, 1);
    assert_string_equal(f->profile.links[0].a, "EU");
    load(f, "default", NULL);
    assert_int_equal(f->profile.link_count, 0);
}

static void test_links_that_are_told_are_all_there_are(void **state)
{
    struct fixture *f = *state;

    load(f, "value-nomadperf",
         "{\"composition\":{\"links\":[{\"a\":\"eu-central-1\",\"b\":\"us-east-1\","
         "\"latency_ms\":9}]}}");
    assert_int_equal(f->profile.link_count, 1);
    assert_true(f->profile.links[0].latency_ms == 9);
}

/* A how-to takes the delays of a profile away with this. */
static void test_an_empty_list_of_links_means_none(void **state)
{
    static const char none[] = "{\"composition\":{\"links\":[]}}";
    struct fixture *f = *state;

    load(f, "demo", none);
    assert_int_equal(f->profile.link_count, 0);
    assert_string_equal(json_string_value(json_object_get(f->profile.origins, "composition.links")),
                        "overlay 1");
    load(f, "value-nomadperf", none);
    assert_int_equal(f->profile.link_count, 0);
}

static void test_null_takes_the_links_of_a_base_away_for_those_that_are_usual(void **state)
{
    struct fixture *f = *state;

    load(f, "demo", "{\"composition\":{\"links\":null,\"locations\":[\"EU\",\"US\"]}}");
    assert_int_equal(f->profile.link_count, 3);
    assert_true(f->profile.links[0].latency_ms == 0.4);
}

/* ---- what is refused ---- */

static void test_names_that_are_not_known_are_told_with_a_suggestion(void **state)
{
    struct fixture *f = *state;

    refuse(f, "ci-test", "{\"with\":[\"notrace\"]}",
           "overlay 1: with: no variant is called \"notrace\"; did you mean \"notracer\"?");
    refuse(f, "forge-stress-pre-rtsN5", NULL, "did you mean \"forge-stress-pre-rtsN3\"?");
    refuse(f, "ci-test", "{\"genesis\":{\"pparamsOverlays\":[\"votin\"]}}",
           "did you mean \"voting\"?");
    refuse(f, "ci-test", "{\"with\":[\"\"]}", "no variant is called \"\"");
}

static void test_faults_of_a_file_begin_with_its_path(void **state)
{
    struct fixture *f = *state;

    refuse(f, temp_file(&f->dir, "v.json", "{\"with\":[\"notrace\"]}"), NULL,
           "v.json: with: no variant is called");
    refuse(f, temp_file(&f->dir, "b.json", "{\"base\":\"dem\"}"), NULL,
           "b.json: base: no profile is called \"dem\"; did you mean \"demo\"?");
    refuse(f, temp_file(&f->dir, "e.json", "{\"genesis\":{\"epoch_length\":10}}"), NULL,
           "e.json: genesis: epoch_length times");
    refuse(f, temp_file(&f->dir, "e.json", "{\"genesis\":{\"epoch_length\":10}}"), NULL,
           "epoch_length is from profile ");
}

static void test_links_of_a_base_between_other_locations_are_told_as_its(void **state)
{
    struct fixture *f = *state;

    refuse(f, "demo", "{\"composition\":{\"locations\":[\"eu-central-1\",\"us-east-1\"]}}",
           "composition.links[2], of profile demo, has an end in \"us-west-2\"");
}

static void test_a_chain_of_too_many_bases_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *last = NULL;

    temp_file(&f->dir, "0.json", "{}");
    for (int i = 1; i <= 16; i++) {
        char name[32], text[80];

        snprintf(name, sizeof name, "%d.json", i);
        snprintf(text, sizeof text, "{\"base\":\"./%d.json\"}", i - 1);
        last = temp_file(&f->dir, name, text);
        if (i < 16)
            load(f, last, NULL);
    }
    refuse(f, last, NULL, "more than 16 bases");
}

static void test_a_base_with_a_name_that_no_file_has_is_refused(void **state)
{
    struct fixture *f = *state;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    buffer_text(&text, "{\"base\":\"./");
    for (int i = 0; i < 3900; i++)
        buffer_char(&text, 'a');
    buffer_text(&text, "\"}");
    refuse(f, temp_file(&f->dir, "long.json", buffer_string(&text)), NULL, "open ");
    buffer_release(&text);
}

static void test_a_file_above_the_limit_is_refused(void **state)
{
    struct fixture *f = *state;
    struct buffer text;

    buffer_init(&text, allocator_libc(), PROFILE_MAX_BYTES + 100);
    buffer_text(&text, "{");
    while (text.len <= PROFILE_MAX_BYTES)
        buffer_text(&text, "                                                                ");
    buffer_text(&text, "}");
    refuse(f, temp_file(&f->dir, "huge.json", buffer_string(&text)), NULL, "huge.json");
    buffer_release(&text);
}

static void test_many_members_of_a_free_object_have_origins_each(void **state)
{
    enum { MEMBERS = 50000 };
    struct fixture *f = *state;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 4 << 20);
    buffer_text(&text, "{\"node\":{\"verbatim\":{");
    for (int i = 0; i < MEMBERS; i++)
        buffer_printf(&text, "%s\"m%d\":%d", i ? "," : "", i, i);
    buffer_text(&text, "}}}");
    load(f, "ci-test", buffer_string(&text));
    assert_true(json_object_size(f->profile.origins) > MEMBERS);
    expect(f, "node.verbatim.m49999", "49999", "overlay 1");
    buffer_release(&text);
}

/* A short file, and gigabytes of paths. */
static void test_many_members_below_a_long_name_are_refused(void **state)
{
    struct fixture *f = *state;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 4 << 20);
    buffer_text(&text, "{\"node\":{\"verbatim\":{\"");
    for (int i = 0; i < 100000; i++)
        buffer_char(&text, 'k');
    buffer_text(&text, "\":{");
    for (int i = 0; i < 20000; i++)
        buffer_printf(&text, "%s\"m%d\":%d", i ? "," : "", i, i);
    buffer_text(&text, "}}}}");
    refuse(f, "ci-test", buffer_string(&text),
           "profile ci-test: the names of its members are too long");
    buffer_release(&text);
}

static void test_a_deep_document_is_loaded_or_refused_with_a_word(void **state)
{
    struct fixture *f = *state;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    buffer_text(&text, "{\"node\":{\"verbatim\":");
    for (int i = 0; i < 2000; i++)
        buffer_text(&text, "{\"a\":");
    buffer_text(&text, "1");
    for (int i = 0; i < 2002; i++)
        buffer_char(&text, '}');
    load(f, "ci-test", buffer_string(&text));
    assert_int_equal(json_object_size(f->profile.origins) > 100, 1);
    buffer_release(&text);
}

/* ---- built in ---- */

static void test_every_variant_can_be_laid_over_the_default(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; profile_variant_name(i); i++) {
        char overlay[120];

        snprintf(overlay, sizeof overlay, "{\"with\":[\"%s\"]}", profile_variant_name(i));
        load(f, "default", overlay);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_says_which_layer_it_is_from),
        cmocka_unit_test(test_every_leaf_of_every_builtin_has_an_origin),
        cmocka_unit_test(test_a_genesis_fragment_of_a_profile_wins_over_the_epoch),
        cmocka_unit_test(test_changes_of_parameters_lie_above_the_epoch),
        cmocka_unit_test(test_an_edition_lies_below_all_profiles_but_the_root),
        cmocka_unit_test(test_variants_lie_below_their_own_document_and_above_its_base),
        cmocka_unit_test(test_of_two_variants_the_second_wins),
        cmocka_unit_test(test_a_variant_may_be_a_file_beside_the_document),
        cmocka_unit_test(test_the_older_word_for_deaths_is_read),
        cmocka_unit_test(test_a_profile_that_was_realised_elsewhere_is_read),
        cmocka_unit_test(test_a_realised_profile_may_be_wrong),
        cmocka_unit_test(test_a_base_or_variant_with_too_long_a_path_is_refused),
        cmocka_unit_test(test_known_regions_are_as_far_apart_as_they_are),
        cmocka_unit_test(test_links_that_are_told_are_all_there_are),
        cmocka_unit_test(test_an_empty_list_of_links_means_none),
        cmocka_unit_test(test_null_takes_the_links_of_a_base_away_for_those_that_are_usual),
        cmocka_unit_test(test_names_that_are_not_known_are_told_with_a_suggestion),
        cmocka_unit_test(test_faults_of_a_file_begin_with_its_path),
        cmocka_unit_test(test_links_of_a_base_between_other_locations_are_told_as_its),
        cmocka_unit_test(test_a_chain_of_too_many_bases_is_refused),
        cmocka_unit_test(test_a_base_with_a_name_that_no_file_has_is_refused),
        cmocka_unit_test(test_a_file_above_the_limit_is_refused),
        cmocka_unit_test(test_many_members_of_a_free_object_have_origins_each),
        cmocka_unit_test(test_many_members_below_a_long_name_are_refused),
        cmocka_unit_test(test_a_deep_document_is_loaded_or_refused_with_a_word),
        cmocka_unit_test(test_every_variant_can_be_laid_over_the_default),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
