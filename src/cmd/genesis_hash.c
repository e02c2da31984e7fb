/* ouroscope genesis hash: the hashes of genesis files, as a node expects them. */
#include <stdlib.h>

#include "cmd/genesis_files.h"
#include "cmd/say.h"
#include "json/tree.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)
#define CONFIG_BYTES_MAX ((size_t)16 << 20)

/* Members of a configuration are in mixed case: "ShelleyGenesisHash". */
static const char *expected_hash(const json_t *config, enum genesis_era era)
{
    static const char *const members[GENESIS_ERAS] = { "ByronGenesisHash", "ShelleyGenesisHash",
                                                       "AlonzoGenesisHash", "ConwayGenesisHash",
                                                       "DijkstraGenesisHash" };

    return json_string_value(json_object_get(config, members[era]));
}

/* Tells each file whose hash is another one; how many. */
static size_t compare(const struct parsed_options *options, const json_t *config,
                      const struct genesis_file *files)
{
    struct ou_error line;
    size_t different = 0;

    for (size_t i = 0; i < options->operand_count; i++) {
        const char *expected = expected_hash(config, files[i].era);

        if (expected && strcasecmp(expected, files[i].hash) == 0)
            continue;
        different++;
        if (expected)
            ou_fail(&line, OU_INVALID, "%.400s: %s is expected", files[i].path, expected);
        else
            ou_fail(&line, OU_INVALID, "%.400s: the configuration names no hash of %s",
                    files[i].path, genesis_era_name(files[i].era));
        say(options->command, line.text);
    }
    return different;
}

static void put(const struct parsed_options *options, const struct genesis_file *files,
                struct buffer *out)
{
    struct json_writer w;

    if (!option_given(options, GENESIS_HASH_JSON)) {
        genesis_files_put_text(files, options->operand_count, out);
        return;
    }
    json_writer_init(&w, out, true);
    genesis_files_put_json(files, options->operand_count, &w);
    buffer_char(out, '\n');
}

static enum ou_status hash_all(const struct parsed_options *options, struct genesis_file *files,
                               struct ou_error *err)
{
    enum ou_status status = chain_crypto_start(err);

    for (size_t i = 0; i < options->operand_count && !status; i++)
        status = genesis_file_hash(options->operands[i], &files[i], err);
    return status;
}

enum exit_code cmd_genesis_hash(const struct parsed_options *options)
{
    const char *path = option_value(options, GENESIS_HASH_CONFIG);
    struct genesis_file *files = calloc(options->operand_count, sizeof *files);
    struct ou_error err = { 0 };
    struct buffer out;
    json_t *config = NULL;
    size_t different = 0;
    enum exit_code code;
    enum ou_status status =
        files ? hash_all(options, files, &err) : ou_fail(&err, OU_NO_MEMORY, "no memory");

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status && path)
        status = json_tree_load(path, CONFIG_BYTES_MAX, &config, &err);
    if (!status) {
        put(options, files, &out);
        if (path)
            different = compare(options, config, files);
    }
    code = genesis_end(options, status, &out, &err);
    json_decref(config);
    buffer_release(&out);
    free(files);
    return code == EXIT_DONE && different ? EXIT_FAILED : code;
}
