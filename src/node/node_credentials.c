#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "json/tree.h"
#include "node/node_config.h"

/* An envelope of each of the three is some 2 kB. */
#define BULK_MAX_BYTES ((size_t)16 << 20)
#define ENVELOPE_MAX_BYTES 65536

/* Whether they belong together; `names` are those of certificate, VRF key and KES key, for messages. The VRF key comes as its
 * file has it: the seed, then the public key. */
static enum ou_status put_together(struct node_credentials *c,
                                   const uint8_t vrf[VRF_SEED_BYTES + VRF_KEY_BYTES],
                                   const char *const names[3], struct ou_error *err)
{
    vrf_key_of_seed(vrf, &c->vrf);
    if (memcmp(c->vrf.public_key, vrf + VRF_SEED_BYTES, VRF_KEY_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "%s: its two halves do not belong together", names[1]);
    if (memcmp(c->certificate.kes_key, c->kes.keys[0], KES_KEY_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "%s: is not for the key in %s", names[0], names[2]);
    if (!certificate_verify(&c->certificate, c->cold_key))
        return ou_fail(err, OU_INVALID, "%s: its signature does not verify", names[0]);
    return OU_OK;
}

enum ou_status node_credentials_load(const char *kes_path, const char *vrf_path,
                                     const char *certificate_path, struct node_credentials *ret,
                                     struct ou_error *err)
{
    const char *const names[3] = { certificate_path, vrf_path, kes_path };
    struct node_credentials got;
    uint8_t vrf[VRF_SEED_BYTES + VRF_KEY_BYTES];
    enum ou_status status = kes_key_file_read(kes_path, &got.kes, err);

    if (!status)
        status = key_file_read(vrf_path, KEY_vrf_signing, vrf, err);
    if (!status)
        status = certificate_file_read(certificate_path, &got.certificate, got.cold_key, err);
    if (!status)
        status = put_together(&got, vrf, names, err);
    if (!status)
        *ret = got;
    return status;
}

/* ---- several pools ---- */

/* An envelope of the list as the text that a file of its own would have. */
static enum ou_status text_of(const json_t *envelope, const char *name, struct buffer *ret,
                              struct ou_error *err)
{
    buffer_init(ret, allocator_libc(), ENVELOPE_MAX_BYTES);
    if (!json_is_object(envelope))
        return ou_fail(err, OU_INVALID, "%s: not a text envelope", name);
    json_tree_append(ret, envelope);
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "%s: too large", name) : OU_OK;
}

static void forget(struct buffer *text)
{
    if (text->at)
        sodium_memzero(text->at, text->len);
    buffer_release(text);
}

static enum ou_status read_triple(const json_t *triple, const char *const names[3],
                                  struct node_credentials *ret, struct ou_error *err)
{
    uint8_t vrf[VRF_SEED_BYTES + VRF_KEY_BYTES] = { 0 };
    struct buffer texts[3] = { 0 };
    struct span spans[3];
    enum ou_status status = OU_OK;

    for (int i = 0; i < 3 && !status; i++) {
        status = text_of(json_array_get(triple, (size_t)i), names[i], &texts[i], err);
        spans[i] = (struct span){ texts[i].at, texts[i].len };
    }
    if (!status)
        status = certificate_text_read(spans[0], names[0], &ret->certificate, ret->cold_key, err);
    if (!status)
        status = key_text_read(spans[1], names[1], KEY_vrf_signing, vrf, err);
    if (!status)
        status = kes_key_text_read(spans[2], names[2], &ret->kes, err);
    if (!status)
        status = put_together(ret, vrf, names, err);
    for (int i = 0; i < 3; i++)
        forget(&texts[i]);
    sodium_memzero(vrf, sizeof vrf);
    return status;
}

/* "PATH: pool 3: the VRF key" and the like. */
static enum ou_status read_pool(const json_t *triple, const char *path, size_t number,
                                struct node_credentials *ret, struct ou_error *err)
{
    static const char *const what[3] = { "certificate", "VRF key", "KES key" };
    char names[3][400];
    const char *shown[3];

    if (json_array_size(triple) != 3)
        return ou_fail(err, OU_INVALID,
                       "%s: pool %zu: not a list of a certificate, a VRF key and a KES key", path,
                       number + 1);
    for (int i = 0; i < 3; i++) {
        snprintf(names[i], sizeof names[i], "%.300s: pool %zu: its %s", path, number + 1, what[i]);
        shown[i] = names[i];
    }
    return read_triple(triple, shown, ret, err);
}

static enum ou_status read_pools(const json_t *list, const char *path, struct arena *memory,
                                 struct node_credentials **ret, size_t *ret_count,
                                 struct ou_error *err)
{
    size_t count = json_array_size(list);
    struct node_credentials *all;
    enum ou_status status = OU_OK;

    if (count == 0 || count > BULK_CREDENTIALS_MAX)
        return ou_fail(err, OU_INVALID, "%s: must be a list of the keys of 1 to %d pools", path,
                       BULK_CREDENTIALS_MAX);
    all = arena_take(memory, count * sizeof *all, _Alignof(struct node_credentials));
    if (!all)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    for (size_t i = 0; i < count && !status; i++)
        status = read_pool(json_array_get(list, i), path, i, &all[i], err);
    *ret = all;
    *ret_count = count;
    return status;
}

enum ou_status node_credentials_load_bulk(const char *path, struct arena *memory,
                                          struct node_credentials **ret, size_t *ret_count,
                                          struct ou_error *err)
{
    json_t *list = NULL;
    enum ou_status status = key_file_check_owner(path, err);

    if (!status)
        status = json_tree_load(path, BULK_MAX_BYTES, &list, err);
    if (!status)
        status = read_pools(list, path, memory, ret, ret_count, err);
    json_decref(list);
    return status;
}
