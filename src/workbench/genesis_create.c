#include "workbench/genesis_create.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/file.h"
#include "base/time.h"
#include "json/tree.h"
#include "workbench/genesis_hash.h"
#include "workbench/genesis_shelley.h"

/* Instants with ten digits of seconds, 2001 to 2286: the start can be changed in place. */
#define START_MIN_S INT64_C(1000000000)
#define START_MAX_S INT64_C(9000000000)

extern char cost_models_json[], byron_genesis_json[];

static enum ou_status path_of(const char *directory, const char *name, char ret[PATH_MAX],
                              struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    return OU_OK;
}

static enum ou_status check_start(int64_t system_start_ns, struct ou_error *err)
{
    if (system_start_ns % NS_PER_SECOND == 0 && system_start_ns / NS_PER_SECOND >= START_MIN_S &&
        system_start_ns / NS_PER_SECOND <= START_MAX_S)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "the start of a chain must be a whole second between the years 2001 and 2255");
}

/* ---- Alonzo, Conway, Byron ---- */

/* Takes over `document`, which may be NULL: no memory. */
static enum ou_status save(const char *directory, const char *name, json_t *document,
                           struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = path_of(directory, name, path, err);

    if (!status)
        status = document ? json_tree_save(document, path, err)
                          : ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    json_decref(document);
    return status;
}

/* A fragment of the profile, with a member of our own table where the profile has none. `value` is taken over. */
static json_t *with_member(const struct profile *p, const char *era, const char *member,
                           json_t *value)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    json_t *document = json_copy(json_object_get(genesis, era));

    if (!document || json_object_get(document, member)) {
        json_decref(value);
        return document;
    }
    if (json_object_set_new(document, member, value) == 0)
        return document;
    json_decref(document);
    return NULL;
}

/* Alonzo's file holds the model of the first script language, by name, Conway's that of the third, by position:
 * the forms that every node of Conway's time reads. */
static enum ou_status write_alonzo_and_conway(const struct profile *p, const char *directory,
                                              struct ou_error *err)
{
    json_t *models = NULL;
    enum ou_status status = json_tree_parse(span_of(cost_models_json), "cost models", &models, err);

    if (!status)
        status =
            save(directory, "alonzo.json",
                 with_member(p, "alonzo", "costModels",
                             json_pack("{s:O}", "PlutusV1", json_object_get(models, "PlutusV1"))),
                 err);
    if (!status)
        status = save(directory, "conway.json",
                      with_member(p, "conway", "plutusV3CostModel",
                                  json_incref(json_object_get(models, "PlutusV3"))),
                      err);
    json_decref(models);
    return status;
}

/* In its canonical form, so that its hash is that of its bytes; startTime is its last member. */
static enum ou_status write_canonical(const char *path, const json_t *document,
                                      struct ou_error *err)
{
    char *text = json_dumps(document, JSON_SORT_KEYS | JSON_COMPACT);
    struct out_file file = { 0 };
    enum ou_status status;

    if (!text)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    status = out_open(&file, path, err);
    if (!status) {
        out_write(&file, text, strlen(text));
        status = out_commit(&file, err);
    }
    out_release(&file);
    free(text);
    return status;
}

static enum ou_status write_byron(const struct profile *p, const char *directory,
                                  int64_t system_start_ns, struct ou_error *err)
{
    json_t *document = NULL;
    char path[PATH_MAX];
    enum ou_status status = path_of(directory, "byron.json", path, err);

    if (!status)
        status = json_tree_parse(span_of(byron_genesis_json), "Byron", &document, err);
    if (!status &&
        (json_object_set_new(document, "protocolConsts",
                             json_pack("{s:I, s:I}", "k", (json_int_t)p->security_param,
                                       "protocolMagic", (json_int_t)p->network_magic)) != 0 ||
         json_object_set_new(document, "startTime",
                             json_integer(system_start_ns / NS_PER_SECOND)) != 0))
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    if (!status)
        status = write_canonical(path, document, err);
    json_decref(document);
    return status;
}

/* ---- hashes.json ---- */

static enum ou_status add_hash(const char *directory, const char *era, json_t *hashes,
                               struct ou_error *err)
{
    char name[40], path[PATH_MAX], text[2 * HASH_BYTES + 1];
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    snprintf(name, sizeof name, "%s.json", era);
    status = path_of(directory, name, path, err);
    if (!status)
        status = strcmp(era, "byron") == 0 ? genesis_hash_byron(path, hash, err)
                                           : genesis_hash_file(path, hash, err);
    if (status)
        return status;
    hash_text(hash, text);
    if (json_object_set_new(hashes, era, json_string(text)) != 0)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    return OU_OK;
}

static enum ou_status write_hashes(const char *directory, struct ou_error *err)
{
    static const char *const eras[] = { "byron", "shelley", "alonzo", "conway" };
    json_t *hashes = json_object();
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof eras / sizeof *eras; i++)
        status = add_hash(directory, eras[i], hashes, err);
    if (status) {
        json_decref(hashes);
        return status;
    }
    return save(directory, "hashes.json", hashes, err);
}

/* ---- all of it ---- */

static enum ou_status write_files(const struct profile *p, const char *directory,
                                  int64_t system_start_ns, const uint8_t seed[32],
                                  struct pool_identity *pools, struct ou_error *err)
{
    enum ou_status status = file_make_directory(directory, err);

    for (uint32_t i = 0; !status && i < p->pools; i++)
        status = genesis_write_pool(directory, seed, i, &pools[i], err);
    if (!status)
        status = genesis_write_shelley(p, directory, system_start_ns, seed, pools, err);
    if (!status)
        status = write_alonzo_and_conway(p, directory, err);
    if (!status)
        status = write_byron(p, directory, system_start_ns, err);
    return status ? status : write_hashes(directory, err);
}

enum ou_status genesis_create(const struct profile *p, const char *directory,
                              int64_t system_start_ns, const struct genesis_options *options,
                              struct genesis_made *ret, struct ou_error *err)
{
    struct pool_identity *pools;
    uint8_t root[32];
    enum ou_status status = check_start(system_start_ns, err);

    if (!status)
        status = chain_crypto_start(err);
    if (status)
        return status;
    pools = calloc(p->pools, sizeof *pools);
    if (!pools)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %u pools", p->pools);
    if (options->seed)
        memcpy(root, options->seed, sizeof root);
    else
        randombytes_buf(root, sizeof root);
    status = write_files(p, directory, system_start_ns, root, pools, err);
    sodium_memzero(root, sizeof root);
    free(pools);
    *ret = (struct genesis_made){ 0 };
    return status;
}

/* ---- another start ---- */

/* Replaces the `len` bytes that stand behind `label` among the first of a file by as many others. */
static enum ou_status patch_fd(int fd, const char *path, const char *label, const char *text,
                               size_t len, struct ou_error *err)
{
    char head[GENESIS_HEAD_BYTES];
    ssize_t got = pread(fd, head, sizeof head, 0);
    const char *at = got > 0 ? memmem(head, (size_t)got, label, strlen(label)) : NULL;
    off_t offset;

    if (got < 0)
        return ou_fail(err, OU_IO, "read %s: %s", path, strerror(errno));
    if (!at || (size_t)(head + got - at) <= strlen(label) + len ||
        !strchr("\"}", at[strlen(label) + len]))
        return ou_fail(err, OU_INVALID, "%s: no %s with %zu characters was found", path, label,
                       len);
    offset = at + strlen(label) - head;
    if (pwrite(fd, text, len, offset) != (ssize_t)len)
        return ou_fail(err, OU_IO, "write %s: %s", path, strerror(errno));
    return OU_OK;
}

static enum ou_status patch(const char *directory, const char *name, const char *label,
                            const char *text, size_t len, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = path_of(directory, name, path, err);
    int fd;

    if (status)
        return status;
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", path,
                       strerror(errno));
    status = patch_fd(fd, path, label, text, len, err);
    if (close(fd) != 0 && !status)
        status = ou_fail(err, OU_IO, "write %s: %s", path, strerror(errno));
    return status;
}

enum ou_status genesis_set_start(const char *directory, int64_t system_start_ns,
                                 struct ou_error *err)
{
    char iso[TIME_ISO_ROOM], seconds[DIGITS_ROOM];
    enum ou_status status = check_start(system_start_ns, err);

    if (status)
        return status;
    status = patch(directory, "shelley.json", "\"systemStart\": \"", iso,
                   time_format_iso(system_start_ns, iso), err);
    if (!status)
        status = patch(directory, "byron.json", "\"startTime\":", seconds,
                       digits_i64(system_start_ns / NS_PER_SECOND, seconds), err);
    return status ? status : write_hashes(directory, err);
}
