/* ouroscope genesis edit: genesis files with some values changed, byte for byte. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/genesis_files.h"
#include "cmd/say.h"
#include "genesis/change.h"
#include "genesis/edit.h"
#include "json/tree.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)
#define OVERLAY_BYTES_MAX ((size_t)64 << 20)
#define CONFIG_BYTES_MAX ((size_t)16 << 20)

struct editing {
    const struct parsed_options *options;
    json_t *changes; /* of a directory: objects by era */
    bool has_magic, has_start;
    uint32_t magic;
    int64_t start_ns;
    struct genesis_file written[GENESIS_ERAS];
    char paths[GENESIS_ERAS][PATH_MAX];
    size_t count;
};

/* ---- what is to be changed ---- */

/* JSON, or the path of a file of it. */
static enum ou_status add_overlay(struct editing *e, const char *value, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = OU_OK;

    if (value[strspn(value, " \t\r\n")] == '{')
        return genesis_change_overlay(e->changes, value, "--overlay", err);
    buffer_init(&text, allocator_libc(), OVERLAY_BYTES_MAX);
    status = file_read(value, &text, err);
    if (!status)
        status = genesis_change_overlay(e->changes, buffer_string(&text), value, err);
    buffer_release(&text);
    return status;
}

static enum ou_status read_magic(struct editing *e, const char *text, struct ou_error *err)
{
    char *end;
    const unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value > UINT32_MAX)
        return ou_fail(err, OU_USAGE, "--magic must be a whole number below 2^32, not '%s'", text);
    e->has_magic = true;
    e->magic = (uint32_t)value;
    return OU_OK;
}

static enum ou_status read_start(struct editing *e, const char *text, struct ou_error *err)
{
    if (!time_parse_iso(text, strlen(text), &e->start_ns) || e->start_ns % NS_PER_SECOND)
        return ou_fail(err, OU_USAGE,
                       "--start must be a time in whole seconds, like 2026-11-22T10:00:00Z, not "
                       "'%s'",
                       text);
    e->has_start = true;
    return OU_OK;
}

static enum ou_status read_option(struct editing *e, const struct parsed_option *given,
                                  struct ou_error *err)
{
    switch ((enum genesis_edit_option)given->option) {
    case GENESIS_EDIT_SET: return genesis_change_set(e->changes, given->value, err);
    case GENESIS_EDIT_REMOVE: return genesis_change_remove(e->changes, given->value, err);
    case GENESIS_EDIT_OVERLAY: return add_overlay(e, given->value, err);
    case GENESIS_EDIT_MAGIC: return read_magic(e, given->value, err);
    case GENESIS_EDIT_START: return read_start(e, given->value, err);
    case GENESIS_EDIT_OUT:
    case GENESIS_EDIT_JSON: break;
    }
    return OU_OK;
}

/* In the order of the command line: later changes lie over earlier ones. */
static enum ou_status read_options(struct editing *e, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    e->changes = json_object();
    if (!e->changes)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the changes");
    if (!option_value(e->options, GENESIS_EDIT_OUT))
        return ou_fail(err, OU_USAGE, "--out is missing: where to write what is changed");
    for (size_t i = 0; i < e->options->given_count && !status; i++)
        status = read_option(e, &e->options->given[i], err);
    return status;
}

/* ---- remarks ---- */

/* What is said of members of one file. */
struct remarks {
    const struct command *command;
    const char *file;
};

static void on_unknown(void *context, const char *path, const char *near)
{
    const struct remarks *r = context;
    struct ou_error line;

    ou_fail(&line, OU_OK, "%.200s: %.200s is no member that nodes know%s%s%s", r->file, path,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    say(r->command, line.text);
}

static void on_absent(void *context, const char *path)
{
    const struct remarks *r = context;
    struct ou_error line;

    ou_fail(&line, OU_OK, "%.200s: %.200s is not there to be removed", r->file, path);
    say(r->command, line.text);
}

/* Magic and start are to be the same in both files. */
static void tell_missing_half(const struct editing *e, const struct genesis_set *set)
{
    const bool byron = set->files[GENESIS_BYRON] != NULL;
    struct ou_error line;

    if ((!e->has_magic && !e->has_start) || (byron && set->files[GENESIS_SHELLEY]))
        return;
    ou_fail(&line, OU_OK, "%.300s: there is no %s file: --magic and --start do not reach it",
            set->directory, byron ? "shelley" : "byron");
    say(e->options->command, line.text);
}

/* ---- files ---- */

/* The magic and the start are those of the file's era; changes is of that file alone. */
static enum ou_status edit_file(struct editing *e, const char *from, enum genesis_era era,
                                json_t *changes, struct ou_error *err)
{
    const char *to = e->paths[e->count];
    struct remarks remarks = { e->options->command, from };
    enum ou_status status = genesis_change_unknown(changes, era, on_unknown, &remarks, err);

    if (!status && e->has_magic)
        status = genesis_change_magic(changes, era, e->magic, err);
    if (!status && e->has_start)
        status = genesis_change_start(changes, era, e->start_ns, err);
    if (!status)
        status = genesis_edit_telling(from, to, changes, on_absent, &remarks, err);
    if (!status)
        status = genesis_file_hash(to, &e->written[e->count], err);
    e->count += !status;
    return status;
}

static bool is_era(const char *name, int *ret)
{
    for (*ret = 0; *ret < GENESIS_ERAS; ++*ret)
        if (strcmp(name, genesis_era_name((enum genesis_era) * ret)) == 0)
            return true;
    return false;
}

/* Members of the changes of a directory must be names of eras whose files are there. */
static enum ou_status check_eras(const struct editing *e, const struct genesis_set *set,
                                 struct ou_error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach(e->changes, name, value)
    {
        int era;

        if (!is_era(name, &era))
            return ou_fail(err, OU_USAGE,
                           "'%s': in a directory a path begins with byron, shelley, alonzo, "
                           "conway or dijkstra",
                           name);
        if (!set->files[era])
            return ou_fail(err, OU_USAGE, "there is no %s file to change", name);
        if (!json_is_object(value))
            return ou_fail(err, OU_USAGE, "%s: changes of a file are an object", name);
    }
    return OU_OK;
}

/* Each file gets the name it has, in the other directory. */
static enum ou_status place_in_out(const struct editing *e, const struct genesis_set *set,
                                   const char *from, char to[PATH_MAX], struct ou_error *err)
{
    const char *out = option_value(e->options, GENESIS_EDIT_OUT);
    const char *name = from + strlen(set->directory) + 1;
    enum ou_status status;
    char *slash;

    if (snprintf(to, PATH_MAX, "%s/%s", out, name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", out);
    slash = strrchr(to, '/');
    *slash = '\0';
    status = file_make_directory(to, err);
    *slash = '/';
    return status;
}

static enum ou_status edit_era(struct editing *e, const struct genesis_set *set,
                               enum genesis_era era, struct ou_error *err)
{
    const char *from = set->files[era];
    json_t *changes = json_object_get(e->changes, genesis_era_name(era));
    enum ou_status status = place_in_out(e, set, from, e->paths[e->count], err);

    changes = changes ? json_incref(changes) : json_object();
    if (!status && !changes)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the changes");
    if (!status)
        status = edit_file(e, from, era, changes, err);
    json_decref(changes);
    return status;
}

/* The hashes of what was written, for those members that the configuration has. */
static enum ou_status new_hashes(const struct editing *e, const char *config, json_t **ret,
                                 struct ou_error *err)
{
    json_t *tree;
    enum ou_status status = json_tree_load(config, CONFIG_BYTES_MAX, &tree, err);
    bool done = true;

    if (status)
        return status;
    *ret = json_object();
    for (size_t i = 0; i < e->count; i++) {
        const char *member = genesis_hash_member(e->written[i].era);

        if (json_object_get(tree, member))
            done &= json_object_set_new(*ret, member, json_string(e->written[i].hash)) == 0;
    }
    json_decref(tree);
    return *ret && done ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", config);
}

static enum ou_status edit_config(struct editing *e, const struct genesis_set *set,
                                  struct ou_error *err)
{
    char to[PATH_MAX];
    json_t *hashes = NULL;
    struct ou_error line;
    enum ou_status status = place_in_out(e, set, set->config, to, err);

    if (!status)
        status = new_hashes(e, set->config, &hashes, err);
    if (!status)
        status = genesis_edit(set->config, to, hashes, err);
    json_decref(hashes);
    if (status)
        return status;
    ou_fail(&line, OU_OK, "%.400s: the configuration, with the new hashes", to);
    say(e->options->command, line.text);
    return OU_OK;
}

static enum ou_status edit_directory(struct editing *e, const struct genesis_set *set,
                                     struct ou_error *err)
{
    enum ou_status status = check_eras(e, set, err);

    if (!status)
        tell_missing_half(e, set);
    for (int era = 0; era < GENESIS_ERAS && !status; era++)
        if (set->files[era])
            status = edit_era(e, set, (enum genesis_era)era, err);
    return status || !set->config ? status : edit_config(e, set, err);
}

/* Its paths are those of the one file. */
static enum ou_status check_no_eras(const struct editing *e, struct ou_error *err)
{
    const char *name;
    json_t *value;
    int era;

    json_object_foreach(e->changes, name, value)
    {
        if (is_era(name, &era))
            return ou_fail(err, OU_USAGE,
                           "'%s': of one file, a path begins with a member, without the era", name);
    }
    return OU_OK;
}

static enum ou_status edit_single(struct editing *e, const struct genesis_set *set,
                                  struct ou_error *err)
{
    int era = 0;
    enum ou_status status = check_no_eras(e, err);

    if (status)
        return status;
    while (!set->files[era])
        era++;
    if (snprintf(e->paths[0], PATH_MAX, "%s", option_value(e->options, GENESIS_EDIT_OUT)) >=
        PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "the path of --out is too long");
    return edit_file(e, set->files[era], (enum genesis_era)era, e->changes, err);
}

static enum ou_status edit(struct editing *e, struct ou_error *err)
{
    struct genesis_set set;
    bool is_directory;
    enum ou_status status = genesis_set_of_operands(e->options, &set, &is_directory, err);

    if (status)
        return status;
    status = is_directory ? edit_directory(e, &set, err) : edit_single(e, &set, err);
    if (is_directory)
        genesis_set_release(&set);
    return status;
}

/* ---- the command ---- */

static void put(const struct editing *e, struct buffer *out)
{
    struct json_writer w;

    if (!option_given(e->options, GENESIS_EDIT_JSON)) {
        genesis_files_put_text(e->written, e->count, out);
        return;
    }
    json_writer_init(&w, out, true);
    genesis_files_put_json(e->written, e->count, &w);
    buffer_char(out, '\n');
}

enum exit_code cmd_genesis_edit(const struct parsed_options *options)
{
    struct editing e = { .options = options };
    struct ou_error err = { 0 };
    struct buffer out;
    enum exit_code code;
    enum ou_status status = chain_crypto_start(&err);

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = read_options(&e, &err);
    if (!status)
        status = edit(&e, &err);
    if (!status)
        put(&e, &out);
    code = genesis_end(options, status, &out, &err);
    json_decref(e.changes);
    buffer_release(&out);
    return code;
}
