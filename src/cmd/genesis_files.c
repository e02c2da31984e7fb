#include "cmd/genesis_files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "genesis/hash.h"
#include "report/safe_text.h"

enum ou_status genesis_file_hash(const char *path, struct genesis_file *ret, struct ou_error *err)
{
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    ret->path = path;
    status = genesis_era_of(path, &ret->era, err);
    if (!status)
        status =
            (ret->era == GENESIS_BYRON ? genesis_hash_byron : genesis_hash_file)(path, hash, err);
    if (!status)
        hash_text(hash, ret->hash);
    return status;
}

const char *genesis_hash_member(enum genesis_era era)
{
    static const char *const members[GENESIS_ERAS] = { "ByronGenesisHash", "ShelleyGenesisHash",
                                                       "AlonzoGenesisHash", "ConwayGenesisHash",
                                                       "DijkstraGenesisHash" };

    return members[era];
}

void genesis_files_put_text(const struct genesis_file *files, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s  %-8s  ", files[i].hash, genesis_era_name(files[i].era));
        safe_text(out, span_of(files[i].path), false);
        buffer_char(out, '\n');
    }
}

void genesis_files_put_json(const struct genesis_file *files, size_t count, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_key(w, "file");
        json_cstring(w, files[i].path);
        json_key(w, "era");
        json_cstring(w, genesis_era_name(files[i].era));
        json_key(w, "hash");
        json_cstring(w, files[i].hash);
        json_end(w);
    }
    json_end(w);
}

/* ---- operands ---- */

bool genesis_is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum ou_status add_file(struct genesis_set *set, const char *path, struct ou_error *err)
{
    enum genesis_era era;
    enum ou_status status = genesis_era_of(path, &era, err);

    if (status)
        return status;
    if (set->files[era])
        return ou_fail(err, OU_USAGE, "%s and %s are both of %s", set->files[era], path,
                       genesis_era_name(era));
    set->files[era] = path;
    return OU_OK;
}

enum ou_status genesis_set_of_operands(const struct parsed_options *options,
                                       struct genesis_set *ret, bool *ret_owned,
                                       struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *ret = (struct genesis_set){ .config = NULL };
    *ret_owned = options->operand_count == 1 && genesis_is_directory(options->operands[0]);
    if (*ret_owned) {
        status = genesis_set_of_directory(options->operands[0], ret, err);
        *ret_owned = !status;
        return status;
    }
    for (size_t i = 0; i < options->operand_count && !status; i++)
        status = genesis_is_directory(options->operands[i])
                     ? ou_fail(err, OU_USAGE, "%s: one directory, or files", options->operands[i])
                     : add_file(ret, options->operands[i], err);
    return status;
}

/* ---- the end ---- */

enum exit_code genesis_end(const struct parsed_options *options, enum ou_status status,
                           const struct buffer *out, struct ou_error *err)
{
    if (!status)
        status = fd_write_text(STDOUT_FILENO, out, err);
    if (status == OU_USAGE)
        return say_usage_error(options->command, err);
    if (status)
        say(options->command, err->text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
