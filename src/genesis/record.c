/* dataset.json: which data set it is, and where the hashes of its files stand behind their first halves. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "genesis/dataset.h"
#include "json/tree.h"

#define RECORD_BYTES_MAX 65536

enum ou_status genesis_path(const char *directory, const char *name, char *ret,
                            struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    return OU_OK;
}

/* ---- halves ---- */

static json_t *half_tree(const struct genesis_digest *half, const struct genesis_stamp *file)
{
    char text[DIGEST_TEXT_ROOM];

    genesis_digest_text(half, text);
    return json_pack("{s:I, s:s, s:I, s:I}", "bytes", (json_int_t)half->bytes, "blake2b", text,
                     "file_bytes", (json_int_t)file->bytes, "file_modified_ns",
                     (json_int_t)file->modified_ns);
}

static bool read_half(const json_t *tree, struct genesis_digest *ret,
                      struct genesis_stamp *ret_file)
{
    const char *text = json_string_value(json_object_get(tree, "blake2b"));

    ret->bytes = (uint64_t)json_integer_value(json_object_get(tree, "bytes"));
    ret_file->bytes = (uint64_t)json_integer_value(json_object_get(tree, "file_bytes"));
    ret_file->modified_ns = json_integer_value(json_object_get(tree, "file_modified_ns"));
    return text && genesis_digest_read(text, ret);
}

/* ---- the file ---- */

/* What the file says of itself, so that a change of a state, which would make wrong hashes, is seen. */
static bool checksum_of(const json_t *tree, char ret[2 * HASH_BYTES + 1])
{
    char *text = json_dumps(tree, JSON_SORT_KEYS | JSON_COMPACT);
    uint8_t hash[HASH_BYTES];

    if (!text)
        return false;
    hash256(bytes_of_span(span_of(text)), hash);
    hash_text(hash, ret);
    free(text);
    return true;
}

static bool add_checksum(json_t *tree)
{
    char checksum[2 * HASH_BYTES + 1];

    return checksum_of(tree, checksum) &&
           json_object_set_new(tree, "checksum", json_string(checksum)) == 0;
}

/* Takes it out of the tree. */
static bool fits_checksum(json_t *tree)
{
    const char *text = json_string_value(json_object_get(tree, "checksum"));
    char there[2 * HASH_BYTES + 1], wanted[2 * HASH_BYTES + 1];

    if (!text || strlen(text) != 2 * HASH_BYTES)
        return false;
    memcpy(there, text, sizeof there);
    json_object_del(tree, "checksum");
    return checksum_of(tree, wanted) && strcmp(there, wanted) == 0;
}

enum ou_status genesis_record_write(const char *directory, const struct genesis_record *record,
                                    struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *tree =
        json_pack("{s:i, s:s, s:o, s:o}", "layout", GENESIS_DATASET_LAYOUT, "name", record->name,
                  "shelley", half_tree(&record->shelley, &record->shelley_file), "conway",
                  half_tree(&record->conway, &record->conway_file));
    enum ou_status status = genesis_path(directory, "dataset.json", path, err);

    if (!status)
        status = tree && add_checksum(tree) ? json_tree_save(tree, path, err)
                                            : ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    json_decref(tree);
    return status;
}

static bool read_tree(const json_t *tree, struct genesis_record *ret)
{
    const char *name = json_string_value(json_object_get(tree, "name"));

    if (json_integer_value(json_object_get(tree, "layout")) != GENESIS_DATASET_LAYOUT || !name ||
        strlen(name) >= sizeof ret->name)
        return false;
    memcpy(ret->name, name, strlen(name) + 1);
    return read_half(json_object_get(tree, "shelley"), &ret->shelley, &ret->shelley_file) &&
           read_half(json_object_get(tree, "conway"), &ret->conway, &ret->conway_file);
}

bool genesis_record_read(const char *directory, struct genesis_record *ret)
{
    char path[PATH_MAX];
    json_t *tree = NULL;
    bool good;

    *ret = (struct genesis_record){ 0 };
    if (genesis_path(directory, "dataset.json", path, NULL) ||
        json_tree_load(path, RECORD_BYTES_MAX, &tree, NULL))
        return false;
    good = fits_checksum(tree) && read_tree(tree, ret);
    json_decref(tree);
    return good;
}
