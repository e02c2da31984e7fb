/* Keys as cardano-cli writes them, one file each or all in one. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "json/tree.h"
#include "node/chain_factory_test.h"
#include "node/node_config.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static const char *path_of(const char *what, int number)
{
    char name[40];

    snprintf(name, sizeof name, "%s-%d", what, number);
    return temp_path(&dir, name);
}

static void write_pool(const struct factory_pool *p, int number)
{
    uint8_t vrf[VRF_SEED_BYTES + VRF_KEY_BYTES];
    struct ou_error err = { "" };

    factory_seed('V', (uint8_t)number, vrf);
    memcpy(vrf + VRF_SEED_BYTES, p->vrf.public_key, VRF_KEY_BYTES);
    assert_int_equal(key_file_write(path_of("vrf", number), KEY_vrf_signing, vrf, &err), OU_OK);
    assert_int_equal(kes_key_file_write(path_of("kes", number), &p->kes, &err), OU_OK);
    assert_int_equal(
        certificate_file_write(path_of("cert", number), &p->certificate, p->cold_key, &err), OU_OK);
}

static json_t *envelope(const char *what, int number)
{
    json_t *tree = NULL;
    struct ou_error err = { "" };

    if (json_tree_load(path_of(what, number), 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static json_t *triple(int number)
{
    return json_pack("[o, o, o]", envelope("cert", number), envelope("vrf", number),
                     envelope("kes", number));
}

static void save(json_t *list, mode_t mode)
{
    struct ou_error err = { "" };

    assert_int_equal(json_tree_save(list, temp_path(&dir, "bulk"), &err), OU_OK);
    assert_int_equal(chmod(temp_path(&dir, "bulk"), mode), 0);
    json_decref(list);
}

static enum ou_status load(struct arena *memory, struct node_credentials **ret, size_t *ret_count,
                           struct ou_error *err)
{
    arena_init(memory, allocator_libc(), 1 << 24);
    return node_credentials_load_bulk(temp_path(&dir, "bulk"), memory, ret, ret_count, err);
}

static void refuse(json_t *list, mode_t mode, const char *with)
{
    struct arena memory;
    struct node_credentials *got;
    struct ou_error err = { "" };
    size_t count;

    save(list, mode);
    assert_int_equal(load(&memory, &got, &count, &err), OU_INVALID);
    if (!strstr(err.text, with))
        fail_msg("\"%s\" is not in: %s", with, err.text);
    arena_release(&memory);
}

static struct factory_pool pools[2];

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < 2; i++) {
        factory_pool_make(&pools[i], (uint8_t)i);
        write_pool(&pools[i], i);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void test_all_pools_of_a_file_are_read_in_its_order(void **state)
{
    struct arena memory;
    struct node_credentials *got, alone;
    struct ou_error err = { "" };
    size_t count;

    (void)state;
    save(json_pack("[o, o]", triple(1), triple(0)), 0600);
    if (load(&memory, &got, &count, &err))
        fail_msg("%s", err.text);
    assert_int_equal(count, 2);
    assert_memory_equal(got[0].cold_key, pools[1].cold_key, 32);
    assert_memory_equal(got[1].cold_key, pools[0].cold_key, 32);
    assert_int_equal(node_credentials_load(path_of("kes", 1), path_of("vrf", 1), path_of("cert", 1),
                                           &alone, &err),
                     OU_OK);
    assert_memory_equal(got[0].vrf.public_key, alone.vrf.public_key, VRF_KEY_BYTES);
    assert_memory_equal(got[0].kes.keys[0], alone.kes.keys[0], KES_KEY_BYTES);
    arena_release(&memory);
}

static void test_what_is_no_list_of_triples_is_refused(void **state)
{
    (void)state;
    refuse(json_pack("{}"), 0600, "1 to 1000");
    refuse(json_pack("[]"), 0600, "1 to 1000");
    refuse(json_pack("[o, [o]]", triple(0), envelope("cert", 1)), 0600, "pool 2: not a list");
    refuse(json_pack("[[n, n, n]]"), 0600, "pool 1: its certificate: not a text envelope");
    refuse(json_pack("[[o, o, o]]", envelope("vrf", 0), envelope("vrf", 0), envelope("kes", 0)),
           0600, "pool 1: its certificate");
}

static void test_keys_of_two_pools_do_not_go_together(void **state)
{
    (void)state;
    refuse(json_pack("[[o, o, o]]", envelope("cert", 0), envelope("vrf", 0), envelope("kes", 1)),
           0600, "is not for the key in");
}

static void expect_unfit(const char *with)
{
    struct node_credentials got;
    struct ou_error err = { "" };

    assert_int_equal(
        node_credentials_load(path_of("kes", 0), path_of("vrf", 0), path_of("cert", 0), &got, &err),
        OU_INVALID);
    if (!strstr(err.text, with))
        fail_msg("\"%s\" is not in: %s", with, err.text);
}

/* The public half is that of the other pool. */
static void test_a_vrf_key_of_two_halves_that_differ_is_refused(void **state)
{
    struct factory_pool mixed = pools[0];

    (void)state;
    mixed.vrf = pools[1].vrf;
    write_pool(&mixed, 0);
    expect_unfit("vrf-0: its two halves do not belong together");
    refuse(json_pack("[o]", triple(0)), 0600, "its VRF key: its two halves do not belong together");
}

static void test_a_certificate_that_another_cold_key_signed_is_refused(void **state)
{
    struct factory_pool mixed = pools[0];

    (void)state;
    mixed.certificate.counter++;
    write_pool(&mixed, 0);
    expect_unfit("cert-0: its signature does not verify");
    refuse(json_pack("[o]", triple(0)), 0600, "its certificate: its signature does not verify");
}

static void test_a_file_of_secrets_is_its_owners(void **state)
{
    (void)state;
    refuse(json_pack("[o]", triple(0)), 0640, "chmod 600");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_pools_of_a_file_are_read_in_its_order),
        TEST(test_what_is_no_list_of_triples_is_refused),
        TEST(test_keys_of_two_pools_do_not_go_together),
        TEST(test_a_vrf_key_of_two_halves_that_differ_is_refused),
        TEST(test_a_certificate_that_another_cold_key_signed_is_refused),
        TEST(test_a_file_of_secrets_is_its_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
