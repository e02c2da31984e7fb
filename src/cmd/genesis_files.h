/* What the commands about genesis files have in common: check, hash and edit. */
#ifndef OU_CMD_GENESIS_FILES_H
#define OU_CMD_GENESIS_FILES_H

#include "base/buffer.h"
#include "chain/hash.h"
#include "cmd/commands.h"
#include "genesis/check.h"
#include "json/write.h"

/* Rows of the option tables. */
enum genesis_check_option { GENESIS_CHECK_CONFIG, GENESIS_CHECK_QUIET, GENESIS_CHECK_JSON };
enum genesis_hash_option { GENESIS_HASH_CONFIG, GENESIS_HASH_JSON };
enum genesis_edit_option {
    GENESIS_EDIT_SET,
    GENESIS_EDIT_REMOVE,
    GENESIS_EDIT_OVERLAY,
    GENESIS_EDIT_MAGIC,
    GENESIS_EDIT_START,
    GENESIS_EDIT_OUT,
    GENESIS_EDIT_JSON,
};

/* A file with its era and hash. */
struct genesis_file {
    const char *path;
    enum genesis_era era;
    char hash[2 * HASH_BYTES + 1];
};

/* The era by its members, and the hash that a node expects. */
enum ou_status genesis_file_hash(const char *path, struct genesis_file *ret, struct ou_error *err);

/* Of a configuration, in mixed case: "ShelleyGenesisHash". */
const char *genesis_hash_member(enum genesis_era era);

/* "HASH  ERA  PATH" a line, in columns; or an array of objects. */
void genesis_files_put_text(const struct genesis_file *files, size_t count, struct buffer *out);
void genesis_files_put_json(const struct genesis_file *files, size_t count, struct json_writer *w);

bool genesis_is_directory(const char *path);

/* What operands name: the files of one directory, or files of different eras. *ret_owned says that the caller
 * releases it. OU_USAGE for two files of one era. */
enum ou_status genesis_set_of_operands(const struct parsed_options *options,
                                       struct genesis_set *ret, bool *ret_owned,
                                       struct ou_error *err);

/* Prints a buffer, or tells why not; exit codes as of all commands. */
enum exit_code genesis_end(const struct parsed_options *options, enum ou_status status,
                           const struct buffer *out, struct ou_error *err);

enum exit_code cmd_genesis_check(const struct parsed_options *options);
enum exit_code cmd_genesis_hash(const struct parsed_options *options);
enum exit_code cmd_genesis_edit(const struct parsed_options *options);

#endif
