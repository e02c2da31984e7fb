/* The oracles are the hashes in the configuration files of public networks. */
#include "genesis/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

static json_t *load_config(const char *folder)
{
    char path[300];
    struct ou_error err = { 0 };
    json_t *config = NULL;

    snprintf(path, sizeof path, "%s/config.json", folder);
    if (json_tree_load(path, 1 << 20, &config, &err))
        fail_msg("%s", err.text);
    return config;
}

static void check(const char *folder, const json_t *config, const char *file, const char *era)
{
    char path[300], member[40], text[2 * HASH_BYTES + 1];
    uint8_t hash[HASH_BYTES];
    struct ou_error err = { 0 };
    bool byron = strcmp(era, "Byron") == 0;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(member, sizeof member, "%sGenesisHash", era);
    if ((byron ? genesis_hash_byron : genesis_hash_file)(path, hash, &err))
        fail_msg("%s", err.text);
    hash_text(hash, text);
    assert_string_equal(text, json_string_value(json_object_get(config, member)));
}

static void check_network(const char *name)
{
    char shared[100], folder[200];
    json_t *config;

    snprintf(shared, sizeof shared, "real/d-genesis/%s", name);
    snprintf(folder, sizeof folder, "%s", shared_data(shared));
    config = load_config(folder);
    check(folder, config, "shelley-genesis.json", "Shelley");
    check(folder, config, "alonzo-genesis.json", "Alonzo");
    check(folder, config, "conway-genesis.json", "Conway");
    if (strcmp(name, "preview") == 0)
        check(folder, config, "byron-genesis.json", "Byron");
    json_decref(config);
}

/* The same, told once more: the hashes that all nodes of these networks are configured with. */
static void test_published_hashes_are_found_again(void **state)
{
    static const struct {
        const char *file, *hash;
    } published[] = {
        { "mainnet/shelley", "1a3be38bcbb7911969283716ad7aa550250226b76a61fc51cc9a9a35d9276d81" },
        { "mainnet/alonzo", "7e94a15f55d1e82d10f09203fa1d40f8eede58fd8066542cf6566008068ed874" },
        { "mainnet/conway", "15a199f895e461ec0ffc6dd4e4028af28a492ab4e806d39cb674c88f7643ef62" },
        { "preview/byron", "83de1d7302569ad56cf9139a41e2e11346d4cb4a31c00142557b6ab3fa550761" },
        { "preview/shelley", "363498d1024f84bb39d3fa9593ce391483cb40d479b87233f868d6e57c3a400d" },
        { "preview/conway", "9cc5084f02e27210eacba47af0872e3dba8946ad9460b6072d793e1d2f3987ef" },
    };
    char name[100], text[2 * HASH_BYTES + 1];
    uint8_t hash[HASH_BYTES];
    struct ou_error err = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const bool byron = strstr(published[i].file, "byron") != NULL;

        snprintf(name, sizeof name, "real/d-genesis/%s-genesis.json", published[i].file);
        if ((byron ? genesis_hash_byron : genesis_hash_file)(shared_data(name), hash, &err))
            fail_msg("%s", err.text);
        hash_text(hash, text);
        assert_string_equal(text, published[i].hash);
    }
}

static void test_files_of_mainnet_have_the_hashes_of_its_configuration(void **state)
{
    (void)state;
    check_network("mainnet");
}

static void test_files_of_preview_have_the_hashes_of_its_configuration(void **state)
{
    (void)state;
    check_network("preview");
}

/* Two ways to write the same: BLAKE2b-256 of {"a":1,"b":{"c":[]}}. */
static void test_a_byron_hash_does_not_depend_on_blanks_and_order(void **state)
{
    struct temp_dir dir;
    uint8_t plain[HASH_BYTES], odd[HASH_BYTES], bytes[HASH_BYTES];

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "plain", "{\"a\":1,\"b\":{\"c\":[]}}");
    temp_file(&dir, "odd", " { \"b\" : {\"c\": [ ]},\n\t\"a\": 1 }\n");
    assert_int_equal(genesis_hash_byron(temp_path(&dir, "plain"), plain, NULL), OU_OK);
    assert_int_equal(genesis_hash_byron(temp_path(&dir, "odd"), odd, NULL), OU_OK);
    assert_memory_equal(plain, odd, HASH_BYTES);
    assert_int_equal(genesis_hash_file(temp_path(&dir, "plain"), bytes, NULL), OU_OK);
    assert_memory_equal(plain, bytes, HASH_BYTES);
    temp_dir_remove(&dir);
}

static void hash_of_byron(struct temp_dir *dir, const char *text, uint8_t ret[HASH_BYTES])
{
    struct ou_error err = { 0 };

    if (genesis_hash_byron(temp_file(dir, "byron", text), ret, &err))
        fail_msg("%s: %s", text, err.text);
}

/* Names are sorted by the bytes they stand for: é, two bytes above all of ASCII, is behind z, and a quotation mark (22)
 * before a letter. Texts stay as they are, and of two members of one name the first stays the first. */
static void test_the_canonical_form_is_sorted_by_bytes_and_keeps_texts(void **state)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        { "{\"\xc3\xa9\":1,\"z\":2,\"Z\":3,\"\":4}", "{\"\":4,\"Z\":3,\"z\":2,\"\xc3\xa9\":1}" },
        { "{\"aa\":1,\"a\\\"\":2,\"a\":3}", "{\"a\":3,\"a\\\"\":2,\"aa\":1}" },
        { "{\"[\":1,\"\\\\\":2,\"]\":3}", "{\"[\":1,\"\\\\\":2,\"]\":3}" },
        { "{\"b\":1,\"a\":{ },\"b\":0}", "{\"a\":{},\"b\":1,\"b\":0}" },
        { "[ true , false,null, -12, 0, 999999999999999 , \"/ \x7f\"]",
          "[true,false,null,-12,0,999999999999999,\"/ \x7f\"]" },
    };
    struct temp_dir dir;
    uint8_t got[HASH_BYTES], wanted[HASH_BYTES];

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hash_of_byron(&dir, cases[i].text, got);
        hash256(bytes_of_span(span_of(cases[i].canonical)), wanted);
        assert_memory_equal(got, wanted, HASH_BYTES);
    }
    temp_dir_remove(&dir);
}

/* A node's reader of canonical JSON has none of these, so there is no hash that it would expect. */
static void test_what_has_no_canonical_form_has_no_hash(void **state)
{
    static const char *const texts[] = {
        "[1.0]",     "[1e3]",         "[1000000000000000]", "[-0]",    "[\"\\n\"]",
        "[\"\\/\"]", "[\"\\u0041\"]", "{\"\\u0041\":1}",    "[1] [2]", "",
    };
    struct temp_dir dir;
    uint8_t hash[HASH_BYTES];

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ou_error err = { 0 };

        assert_int_equal(genesis_hash_byron(temp_file(&dir, "byron", texts[i]), hash, &err),
                         OU_INVALID);
        assert_non_null(strstr(err.text, "/byron:1:"));
    }
    temp_dir_remove(&dir);
}

static void test_a_file_that_is_not_there_or_not_readable_is_named(void **state)
{
    struct temp_dir dir;
    struct ou_error err = { 0 };
    uint8_t hash[HASH_BYTES];

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(genesis_hash_file(temp_path(&dir, "absent"), hash, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "absent"));
    assert_int_equal(genesis_hash_file(dir.path, hash, &err), OU_IO);
    assert_int_equal(genesis_hash_byron(temp_file(&dir, "bad", "{"), hash, &err), OU_INVALID);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_hashes_are_found_again),
        cmocka_unit_test(test_files_of_mainnet_have_the_hashes_of_its_configuration),
        cmocka_unit_test(test_files_of_preview_have_the_hashes_of_its_configuration),
        cmocka_unit_test(test_a_byron_hash_does_not_depend_on_blanks_and_order),
        cmocka_unit_test(test_the_canonical_form_is_sorted_by_bytes_and_keeps_texts),
        cmocka_unit_test(test_what_has_no_canonical_form_has_no_hash),
        cmocka_unit_test(test_a_file_that_is_not_there_or_not_readable_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
