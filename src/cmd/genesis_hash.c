/* ouroscope genesis hash: the hashes of genesis files, as a node expects them. */
#include <stdlib.h>

#include "cmd/genesis_files.h"
#include "cmd/say.h"
#include "json/tree.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)
#define CONFIG_BYTES_MAX ((size_t)16 << 20)

struct hashing {
    const struct parsed_options *options;
    struct genesis_set *sets;   /* of each operand that is a directory */
    struct genesis_file *files; /* in the order of operands */
    size_t count;
    size_t failures;
};

/* ---- files ---- */

/* What is no genesis does not keep the others from being hashed: a directory may well hold a configuration, too. */
static enum ou_status hash_file(struct hashing *h, const char *path, struct ou_error *err)
{
    enum ou_status status = genesis_file_hash(path, &h->files[h->count], err);

    if (!status)
        h->count++;
    if (!status || status == OU_NO_MEMORY || status == OU_INTERRUPTED)
        return status;
    h->failures++;
    say(h->options->command, err->text);
    return OU_OK;
}

static enum ou_status hash_directory(struct hashing *h, const char *path, struct genesis_set *set,
                                     struct ou_error *err)
{
    enum ou_status status = genesis_set_of_directory(path, set, err);

    for (int era = 0; era < GENESIS_ERAS && !status; era++)
        if (set->files[era])
            status = hash_file(h, set->files[era], err);
    return status;
}

static enum ou_status hash_all(struct hashing *h, struct ou_error *err)
{
    const size_t count = h->options->operand_count;
    enum ou_status status = chain_crypto_start(err);

    if (status)
        return status;
    h->sets = calloc(count, sizeof *h->sets);
    h->files = calloc(count * GENESIS_ERAS, sizeof *h->files);
    if (!h->sets || !h->files)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu files", count);
    for (size_t i = 0; i < count && !status; i++) {
        const char *path = h->options->operands[i];

        status = genesis_is_directory(path) ? hash_directory(h, path, &h->sets[i], err)
                                            : hash_file(h, path, err);
    }
    return status;
}

static void release(struct hashing *h)
{
    for (size_t i = 0; h->sets && i < h->options->operand_count; i++)
        genesis_set_release(&h->sets[i]);
    free(h->sets);
    free(h->files);
}

/* ---- what is expected ---- */

/* Tells each file whose hash is another one. */
static void compare(struct hashing *h, const json_t *config)
{
    struct ou_error line;

    for (const struct genesis_file *f = h->files; f < h->files + h->count; f++) {
        const char *expected =
            json_string_value(json_object_get(config, genesis_hash_member(f->era)));

        if (expected && strcasecmp(expected, f->hash) == 0)
            continue;
        h->failures++;
        if (expected)
            ou_fail(&line, OU_INVALID, "%.400s: %s is expected", f->path, expected);
        else
            ou_fail(&line, OU_INVALID, "%.400s: the configuration names no hash of %s", f->path,
                    genesis_era_name(f->era));
        say(h->options->command, line.text);
    }
}

/* ---- the command ---- */

static void put(const struct hashing *h, struct buffer *out)
{
    struct json_writer w;

    if (!option_given(h->options, GENESIS_HASH_JSON)) {
        genesis_files_put_text(h->files, h->count, out);
        return;
    }
    json_writer_init(&w, out, true);
    genesis_files_put_json(h->files, h->count, &w);
    buffer_char(out, '\n');
}

enum exit_code cmd_genesis_hash(const struct parsed_options *options)
{
    const char *path = option_value(options, GENESIS_HASH_CONFIG);
    struct hashing h = { .options = options };
    struct ou_error err = { 0 };
    struct buffer out;
    json_t *config = NULL;
    enum exit_code code;
    enum ou_status status = path ? json_tree_load(path, CONFIG_BYTES_MAX, &config, &err) : OU_OK;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = hash_all(&h, &err);
    if (!status) {
        put(&h, &out);
        if (path)
            compare(&h, config);
    }
    code = genesis_end(options, status, &out, &err);
    json_decref(config);
    buffer_release(&out);
    release(&h);
    return code == EXIT_DONE && h.failures ? EXIT_FAILED : code;
}
