/* The oracles are the hashes in the configuration files of public networks. */
#include "workbench/genesis_hash.h"

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
        cmocka_unit_test(test_files_of_mainnet_have_the_hashes_of_its_configuration),
        cmocka_unit_test(test_files_of_preview_have_the_hashes_of_its_configuration),
        cmocka_unit_test(test_a_byron_hash_does_not_depend_on_blanks_and_order),
        cmocka_unit_test(test_a_file_that_is_not_there_or_not_readable_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
