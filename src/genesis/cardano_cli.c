#include "genesis/cardano_cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_tree.h"
#include "deploy/program_path.h"
#include "deploy/spawn.h"
#include "genesis/parameters.h"
#include "json/tree.h"
#include "json/walk.h"

#define WORK_FOLDER \
    ".cardano-cli" /* of specifications and of what it makes; in the data set's, and gone at the end */
#define READ_BYTES 65536
#define NUMBER_ROOM 32
/* The start in the specification; each genesis gets its own. */
#define ANY_START_NS INT64_C(1000000000000000000)

struct conversion {
    const struct profile *p;
    const struct genesis_dataset *set;
    const char *program, *directory;
    char work[PATH_MAX], out[PATH_MAX];
    struct genesis_record record;
    struct ou_error *err;
};

/* ---- specifications ---- */

static enum ou_status save(const struct conversion *c, const char *name, const json_t *document)
{
    char path[PATH_MAX];
    enum ou_status status = genesis_path(c->work, name, path, c->err);

    return status ? status : json_tree_save(document, path, c->err);
}

/* It wants whole files, and fills in what is empty here. */
static enum ou_status write_specifications(const struct conversion *c)
{
    struct genesis_parameters parameters;
    enum ou_status status =
        genesis_parameters_of(c->p, ANY_START_NS, NODE_VERSION_TODAY, &parameters, c->err);
    json_t *empty;

    if (status)
        return status;
    empty = json_pack("{s:{}, s:{}, s:{s:{}, s:{}}, s:I}", "genDelegs", "initialFunds", "staking",
                      "pools", "stake", "maxLovelaceSupply", (json_int_t)c->set->supply);
    if (!empty || json_object_update(parameters.shelley, empty) != 0)
        status = ou_fail(c->err, OU_NO_MEMORY, "%s: no memory", c->work);
    json_decref(empty);
    if (!status)
        status = save(c, "shelley.json", parameters.shelley);
    if (!status)
        status = save(c, "alonzo.json", parameters.alonzo);
    if (!status)
        status = save(c, "conway.json", parameters.conway);
    genesis_parameters_release(&parameters);
    return status;
}

/* ---- the command ---- */

/* As its users write amounts: multiples of 100000, nothing as "000000". */
static void rounded(uint64_t value, char ret[NUMBER_ROOM])
{
    snprintf(ret, NUMBER_ROOM, "%" PRIu64 "00000", (value + 50000) / 100000);
}

static void counted(uint64_t value, char ret[NUMBER_ROOM])
{
    snprintf(ret, NUMBER_ROOM, "%" PRIu64, value);
}

static enum ou_status run_program(const struct conversion *c, const char *program)
{
    char magic[NUMBER_ROOM], supply[NUMBER_ROOM], funds[NUMBER_ROOM], genesis[NUMBER_ROOM];
    char delegated[NUMBER_ROOM], pools[NUMBER_ROOM], delegators[NUMBER_ROOM], dreps[NUMBER_ROOM];
    char stuffed[NUMBER_ROOM], line[200];
    const char *const argv[] = {
        program,
        "latest",
        "genesis",
        "create-testnet-data",
        "--testnet-magic",
        magic,
        "--total-supply",
        supply,
        "--utxo-keys",
        funds,
        "--genesis-keys",
        genesis,
        "--delegated-supply",
        delegated,
        "--pools",
        pools,
        "--stake-delegators",
        delegators,
        "--drep-keys",
        dreps,
        "--stuffed-utxo",
        stuffed,
        "--spec-shelley",
        "shelley.json",
        "--spec-alonzo",
        "alonzo.json",
        "--spec-conway",
        "conway.json",
        "--out-dir",
        "out",
        NULL,
    };
    struct spawn_result result;
    enum ou_status status;

    counted(c->p->network_magic, magic);
    rounded(c->set->supply, supply);
    counted(c->set->utxo_keys, funds);
    counted(c->set->delegates, genesis);
    rounded(c->set->delegated, delegated);
    counted(c->set->pools, pools);
    counted(c->set->delegators, delegators);
    counted(c->set->dreps, dreps);
    rounded(c->set->stuffed, stuffed);
    status =
        spawn_run(&(struct spawn_options){ .argv = argv, .directory = c->work }, &result, c->err);
    spawn_last_line(&result, line, sizeof line);
    if (!status && result.status != 0)
        status = ou_fail(c->err, OU_IO, "%s genesis create-testnet-data ended with status %d: %s",
                         program, result.status, line);
    spawn_release(&result);
    return status;
}

/* ---- its files ---- */

/* Names that a file has had; the first that is there. */
static bool find_file(const struct conversion *c, const char *const *names, char ret[PATH_MAX])
{
    for (; *names; names++)
        if (!genesis_path(c->out, *names, ret, NULL) && access(ret, F_OK) == 0)
            return true;
    return false;
}

static bool is_wanted(struct span name, const char *const *wanted)
{
    for (; *wanted; wanted++)
        if (span_is(name, *wanted))
            return true;
    return false;
}

static enum ou_status copy_range(int fd, const char *path, uint64_t at, uint64_t end,
                                 struct genesis_stream *s)
{
    char piece[READ_BYTES];

    while (at < end && !s->status) {
        const size_t wanted = end - at < sizeof piece ? (size_t)(end - at) : sizeof piece;
        const ssize_t got = pread(fd, piece, wanted, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ou_fail(s->err, OU_IO, "read %s: %s", path,
                           got < 0 ? strerror(errno) : "it ends too early");
        genesis_stream_bytes(s, piece, (size_t)got);
        at += (uint64_t)got;
    }
    return s->status;
}

/* One member of the outermost object, as it stands in the file. */
static enum ou_status take_member(struct json_walk *w, int fd, const char *const *wanted,
                                  struct walk_value *value, struct genesis_stream *s)
{
    const bool take = is_wanted(value->name, wanted);
    const uint64_t at = value->at;
    uint64_t end = value->end;
    char name[40];
    enum ou_status status = OU_OK;

    snprintf(name, sizeof name, "%.*s", (int)value->name.len, value->name.at);
    if (value->kind == WALK_OBJECT || value->kind == WALK_ARRAY) {
        const unsigned depth = w->depth;

        while (!status && w->depth >= depth) {
            status = json_walk_next(w, value, s->err);
            end = value->end;
        }
    }
    if (status || !take)
        return status;
    genesis_stream_text(s, s->first ? "\n  \"" : ",\n  \"");
    s->first = false;
    genesis_stream_text(s, name);
    genesis_stream_text(s, "\": ");
    return copy_range(fd, w->path, at, end, s);
}

static enum ou_status take_members(struct json_walk *w, int fd, const char *const *wanted,
                                   struct genesis_stream *s)
{
    struct walk_value value;
    enum ou_status status = json_walk_next(w, &value, s->err);

    if (!status && value.kind != WALK_OBJECT)
        return ou_fail(s->err, OU_INVALID, "%s: a genesis is a JSON object", w->path);
    genesis_stream_text(s, "{");
    s->first = true;
    while (!status) {
        status = json_walk_next(w, &value, s->err);
        if (!status && value.kind == WALK_CLOSE)
            return OU_OK;
        if (!status)
            status = take_member(w, fd, wanted, &value, s);
    }
    return status;
}

/* The members of a data set out of a whole genesis file, which may be of any size. */
static enum ou_status take_half(const struct conversion *c, const char *from, const char *name,
                                const char *const *wanted, struct genesis_digest *ret)
{
    struct genesis_progress none = { 0 };
    struct json_walk walk = { 0 };
    struct genesis_stream s;
    char path[PATH_MAX];
    const int fd = open(from, O_RDONLY | O_CLOEXEC);
    enum ou_status status = genesis_path(c->directory, name, path, c->err), closed;

    if (!status && fd < 0)
        status = ou_fail(c->err, OU_IO, "open %s: %s", from, strerror(errno));
    if (!status)
        status = json_walk_open(&walk, from, c->err);
    if (!status) {
        genesis_stream_open(&s, path, &none, c->err);
        status = s.status ? s.status : take_members(&walk, fd, wanted, &s);
        s.status = status;
        closed = genesis_stream_close(&s, ret);
        status = status ? status : closed;
    }
    json_walk_close(&walk);
    if (fd >= 0)
        close(fd);
    return status;
}

static enum ou_status convert_files(struct conversion *c)
{
    static const char *const shelley[] = { "shelley-genesis.json", "genesis.shelley.json",
                                           "genesis.json", NULL };
    static const char *const conway[] = { "conway-genesis.json", "genesis.conway.json", NULL };
    static const char *const byron[] = { "byron-genesis.json", "genesis.byron.json", NULL };
    static const char *const funds[] = { "maxLovelaceSupply", "genDelegs", "initialFunds",
                                         "staking", NULL };
    static const char *const votes[] = { "initialDReps", "delegs", NULL };
    char from[PATH_MAX], to[PATH_MAX];
    enum ou_status status;

    if (!find_file(c, shelley, from))
        return ou_fail(c->err, OU_NOT_FOUND, "%s made no Shelley genesis in %s", c->program,
                       c->out);
    status = take_half(c, from, "shelley.half", funds, &c->record.shelley);
    if (!status && !find_file(c, conway, from))
        return ou_fail(c->err, OU_NOT_FOUND, "%s made no Conway genesis in %s", c->program, c->out);
    if (!status)
        status = take_half(c, from, "conway.half", votes, &c->record.conway);
    if (!status && find_file(c, byron, from)) {
        status = genesis_path(c->directory, "byron.half", to, c->err);
        if (!status && rename(from, to) < 0)
            status = ou_fail(c->err, OU_IO, "move %s to %s: %s", from, to, strerror(errno));
    }
    return status;
}

/* ---- its keys ---- */

/* Folders of folders: "pools-keys/pool3" becomes "keys/pool3". Of delegators and DReps those up to the number of pools stay: a
 * million of keys are of no use. */
static const struct {
    const char *folder;
    bool limited;
} key_folders[] = {
    { "pools-keys", false },    { "utxo-keys", false },       { "genesis-keys", false },
    { "delegate-keys", false }, { "stake-delegators", true }, { "drep-keys", true },
};

static uint64_t number_in(const char *name)
{
    return strtoull(name + strcspn(name, "0123456789"), NULL, 10);
}

static enum ou_status move_key(const struct conversion *c, const char *folder, const char *name)
{
    char from[PATH_MAX], to[PATH_MAX];

    if (snprintf(from, sizeof from, "%s/%s/%s", c->out, folder, name) >= (int)sizeof from ||
        snprintf(to, sizeof to, "%s/keys/%s", c->directory, name) >= (int)sizeof to)
        return ou_fail(c->err, OU_TOO_LARGE, "%.80s...: the path is too long", c->directory);
    if (rename(from, to) < 0)
        return ou_fail(c->err, OU_IO, "move %s to %s: %s", from, to, strerror(errno));
    return OU_OK;
}

static enum ou_status move_folder(const struct conversion *c, const char *folder, bool limited)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    DIR *keys;
    enum ou_status status = genesis_path(c->out, folder, path, c->err);

    if (status)
        return status;
    keys = opendir(path);
    if (!keys) /* there are none of that kind */
        return errno == ENOENT ? OU_OK
                               : ou_fail(c->err, OU_IO, "open %s: %s", path, strerror(errno));
    while (!status && (entry = readdir(keys)))
        if (entry->d_name[0] != '.' && (!limited || number_in(entry->d_name) <= c->set->pools))
            status = move_key(c, folder, entry->d_name);
    closedir(keys);
    return status;
}

static enum ou_status convert_keys(const struct conversion *c)
{
    char path[PATH_MAX];
    enum ou_status status = genesis_path(c->directory, "keys", path, c->err);

    if (!status)
        status = file_make_directory(path, c->err);
    for (size_t i = 0; !status && i < sizeof key_folders / sizeof *key_folders; i++)
        status = move_folder(c, key_folders[i].folder, key_folders[i].limited);
    return status;
}

/* ---- all of it ---- */

static enum ou_status make(struct conversion *c)
{
    char program[PATH_MAX];
    enum ou_status status = program_path(c->program, program, c->err);

    if (!status)
        status = write_specifications(c);
    if (!status)
        status = run_program(c, program);
    if (!status)
        status = convert_files(c);
    if (!status)
        status = convert_keys(c);
    memcpy(c->record.name, c->set->name, sizeof c->record.name);
    return status ? status : genesis_record_write(c->directory, &c->record, c->err);
}

enum ou_status genesis_cardano_cli_make(const struct profile *p, const struct genesis_dataset *set,
                                        const char *program, const char *directory,
                                        struct ou_error *err)
{
    struct conversion c = {
        .p = p, .set = set, .program = program, .directory = directory, .err = err
    };
    enum ou_status status = genesis_path(directory, WORK_FOLDER, c.work, err), removed;

    if (!status)
        status = genesis_path(c.work, "out", c.out, err);
    if (!status)
        status = file_make_directory(c.work, err);
    if (!status)
        status = make(&c);
    removed = tree_remove(c.work, status ? NULL : err);
    return status ? status : removed;
}
