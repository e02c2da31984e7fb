#include "genesis/create.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_tree.h"
#include "base/time.h"
#include "deploy/program_path.h"
#include "genesis/bulk.h"
#include "genesis/byron.h"
#include "genesis/cardano_cli.h"
#include "genesis/files.h"
#include "genesis/hash.h"
#include "genesis/parameters.h"
#include "json/tree.h"

/* Instants with ten digits of seconds, 2001 to 2286: the start can be changed in place. */
#define START_MIN_S INT64_C(1000000000)
#define START_MAX_S INT64_C(9000000000)

#define HASHES_BYTES_MAX 65536

struct creation {
    const struct profile *p;
    const char *directory;
    const struct genesis_options *options;
    int64_t system_start_ns;
    const char *cardano_cli; /* that is to make the data set, or NULL */
    char found[PATH_MAX];    /* the path of one that was looked for */
    struct node_version node;
    struct genesis_dataset set;
    struct genesis_record record;
    struct genesis_parameters parameters;
    json_t *hashes;
    struct genesis_made *made;
    struct ou_error *err;
};

static enum ou_status check_start(int64_t system_start_ns, struct ou_error *err)
{
    if (system_start_ns % NS_PER_SECOND == 0 && system_start_ns / NS_PER_SECOND >= START_MIN_S &&
        system_start_ns / NS_PER_SECOND <= START_MAX_S)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "the start of a chain must be a whole second between the years 2001 and 2255");
}

/* ---- hashes.json ---- */

static enum ou_status add_hash(json_t *hashes, const char *era, const uint8_t hash[HASH_BYTES],
                               struct ou_error *err)
{
    char text[2 * HASH_BYTES + 1];

    hash_text(hash, text);
    if (json_object_set_new(hashes, era, json_string(text)) != 0)
        return ou_fail(err, OU_NO_MEMORY, "hashes.json: no memory");
    return OU_OK;
}

/* Of a file that is small. */
static enum ou_status add_file_hash(const char *directory, const char *era, json_t *hashes,
                                    struct ou_error *err)
{
    char name[40], path[PATH_MAX];
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    snprintf(name, sizeof name, "%s.json", era);
    status = genesis_path(directory, name, path, err);
    if (!status)
        status = strcmp(era, "byron") == 0 ? genesis_hash_byron(path, hash, err)
                                           : genesis_hash_file(path, hash, err);
    return status ? status : add_hash(hashes, era, hash, err);
}

static enum ou_status save(const char *directory, const char *name, const json_t *document,
                           struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = genesis_path(directory, name, path, err);

    return status ? status : json_tree_save(document, path, err);
}

/* ---- the data set ---- */

static enum ou_status make_dataset(void *context, const char *directory, struct ou_error *err)
{
    const struct creation *c = context;
    struct genesis_progress progress = { .tell = c->options->progress,
                                         .context = c->options->context };
    uint8_t seed[32];
    enum ou_status status;

    if (c->cardano_cli)
        return genesis_cardano_cli_make(c->p, &c->set, c->cardano_cli, directory, err);
    if (c->options->seed)
        memcpy(seed, c->options->seed, sizeof seed);
    else
        randombytes_buf(seed, sizeof seed);
    status = genesis_dataset_make(&c->set, seed, directory, &progress, err);
    sodium_memzero(seed, sizeof seed);
    return status;
}

/* The halves of a data set and the files that they become. */
static const struct {
    const char *half, *file;
    bool always; /* else only cardano-cli makes it */
} halves[] = {
    { "shelley.half", "shelley.json", true },
    { "conway.half", "conway.json", true },
    { "byron.half", "byron.json", false },
};
#define HALVES (sizeof halves / sizeof *halves)

static enum ou_status move_half(const char *directory, const char *half, const char *file,
                                struct ou_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum ou_status status = genesis_path(directory, half, from, err);

    if (!status)
        status = genesis_path(directory, file, to, err);
    if (!status && rename(from, to) < 0)
        status = ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "move %s to %s: %s", from, to,
                         strerror(errno));
    return status;
}

static enum ou_status copy_into(const char *entry, const char *half, const char *directory,
                                const char *file, struct ou_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum ou_status status = genesis_path(entry, half, from, err);

    if (!status)
        status = genesis_path(directory, file, to, err);
    return status ? status : tree_copy_file(from, to, err);
}

static enum ou_status take_halves(const struct creation *c, const char *entry)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < HALVES; i++) {
        status = entry ? copy_into(entry, halves[i].half, c->directory, halves[i].file, c->err)
                       : move_half(c->directory, halves[i].half, halves[i].file, c->err);
        if (status == OU_NOT_FOUND && !halves[i].always)
            status = OU_OK;
    }
    return status;
}

static enum ou_status copy_keys(const struct creation *c, const char *entry)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum ou_status status = genesis_path(entry, "keys", from, c->err);

    if (!status)
        status = genesis_path(c->directory, "keys", to, c->err);
    return status ? status : tree_copy(from, to, c->err);
}

static enum ou_status from_cache(struct creation *c)
{
    char entry[PATH_MAX];
    enum ou_status status = genesis_cache_get(c->options->cache, c->set.name, make_dataset, c,
                                              entry, &c->made->cached, c->err);

    if (!status)
        status = copy_keys(c, entry);
    if (!status)
        status = take_halves(c, entry);
    if (!status && !genesis_record_read(entry, &c->record))
        status = ou_fail(c->err, OU_INVALID, "%s: its dataset.json has gone", entry);
    return status;
}

static enum ou_status made_here(struct creation *c)
{
    enum ou_status status = make_dataset(c, c->directory, c->err);

    if (!status)
        status = take_halves(c, NULL);
    if (!status && !genesis_record_read(c->directory, &c->record))
        status = ou_fail(c->err, OU_INVALID, "%s: its dataset.json has gone", c->directory);
    return status;
}

static bool has_keys(const char *directory)
{
    char path[PATH_MAX];

    return !genesis_path(directory, "keys/utxo1/utxo.skey", path, NULL) && access(path, R_OK) == 0;
}

/* The files are as we left them, and of the data set that is wanted. */
static bool is_here(struct creation *c)
{
    return has_keys(c->directory) && genesis_record_read(c->directory, &c->record) &&
           strcmp(c->record.name, c->set.name) == 0 &&
           genesis_stamp_fits(c->directory, "shelley.json", &c->record.shelley_file) &&
           genesis_stamp_fits(c->directory, "conway.json", &c->record.conway_file);
}

/* Keys of another data set that we made must not stay among the new ones. */
static enum ou_status clear_old(const struct creation *c)
{
    static const char *const names[] = { "hashes.json", "dataset.json" };
    char path[PATH_MAX];
    enum ou_status status = genesis_path(c->directory, "dataset.json", path, c->err);

    if (!status && access(path, F_OK) == 0) {
        status = genesis_path(c->directory, "keys", path, c->err);
        if (!status)
            status = tree_remove(path, c->err);
    }
    for (size_t i = 0; !status && i < sizeof names / sizeof *names; i++) {
        status = genesis_path(c->directory, names[i], path, c->err);
        if (!status)
            unlink(path);
    }
    return status;
}

static enum ou_status provide_dataset(struct creation *c)
{
    enum ou_status status;

    c->made->cached = is_here(c);
    if (c->made->cached)
        return OU_OK;
    status = clear_old(c);
    if (status)
        return status;
    return c->options->cache ? from_cache(c) : made_here(c);
}

/* ---- the parameters ---- */

static enum ou_status write_second_half(struct creation *c, const char *era,
                                        const struct genesis_digest *first, const json_t *members,
                                        struct genesis_stamp *ret_stamp)
{
    char name[40];
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    snprintf(name, sizeof name, "%s.json", era);
    status = genesis_write_second_half(c->directory, name, first, members, ret_stamp, hash, c->err);
    return status ? status : add_hash(c->hashes, era, hash, c->err);
}

static enum ou_status write_small(struct creation *c, const char *era, const json_t *document)
{
    char name[40];
    enum ou_status status;

    snprintf(name, sizeof name, "%s.json", era);
    status = save(c->directory, name, document, c->err);
    return status ? status : add_file_hash(c->directory, era, c->hashes, c->err);
}

/* cardano-cli has made one, of which all but the profile's members stays. */
static enum ou_status write_byron(struct creation *c)
{
    char base[PATH_MAX];
    enum ou_status status = genesis_path(c->directory, "byron.json", base, c->err);

    if (!status)
        status = genesis_write_byron(c->p, c->cardano_cli ? base : NULL, c->directory,
                                     c->system_start_ns, c->err);
    return status ? status : add_file_hash(c->directory, "byron", c->hashes, c->err);
}

/* In the order of eras; the record comes last: it says that all is there. */
static enum ou_status write_parameters(struct creation *c)
{
    enum ou_status status = write_byron(c);

    if (!status)
        status = write_second_half(c, "shelley", &c->record.shelley, c->parameters.shelley,
                                   &c->record.shelley_file);
    if (!status)
        status = write_small(c, "alonzo", c->parameters.alonzo);
    if (!status)
        status = write_second_half(c, "conway", &c->record.conway, c->parameters.conway,
                                   &c->record.conway_file);
    if (!status)
        status = write_small(c, "dijkstra", c->parameters.dijkstra);
    if (!status)
        status = genesis_write_bulk(c->p, c->directory, c->err);
    if (!status)
        status = save(c->directory, "hashes.json", c->hashes, c->err);
    return status ? status : genesis_record_write(c->directory, &c->record, c->err);
}

/* ---- all of it ---- */

static double seconds_since(int64_t begun_ns)
{
    return (double)(time_monotonic_ns() - begun_ns) / (double)NS_PER_SECOND;
}

static enum ou_status create(struct creation *c)
{
    int64_t begun = time_monotonic_ns();
    enum ou_status status = file_make_directory(c->directory, c->err);

    if (!status)
        status = provide_dataset(c);
    c->made->dataset_s = seconds_since(begun);
    begun = time_monotonic_ns();
    if (!status)
        status = genesis_parameters_of(c->p, c->system_start_ns, c->node, &c->parameters, c->err);
    if (status)
        return status;
    c->hashes = json_object();
    status = write_parameters(c);
    c->made->parameters_s = seconds_since(begun);
    json_decref(c->hashes);
    genesis_parameters_release(&c->parameters);
    return status;
}

/* For nodes of the user's the tool that belongs to them, where there is one: its files are what they are used to. It makes
 * keys of its own, so it is not for a seed. */
static void choose_maker(struct creation *c)
{
    c->cardano_cli = c->options->cardano_cli;
    if (!c->cardano_cli && !c->options->seed && c->p->node_kind == NODE_CARDANO &&
        program_path("cardano-cli", c->found, NULL) == OU_OK)
        c->cardano_cli = c->found;
}

/* Nodes of before that do not know the members. */
static enum ou_status check_dreps(const struct creation *c)
{
    if (c->set.dreps == 0 || !node_version_before(c->node, NODE_VERSION_DREPS))
        return OU_OK;
    return ou_fail(
        c->err, OU_INVALID,
        "profile %.64s: it has DReps in its genesis, which nodes read from version %u.%u on",
        c->p->name, NODE_VERSION_DREPS.major, NODE_VERSION_DREPS.minor);
}

static void tell_made(const struct genesis_dataset *set, struct genesis_made *ret)
{
    memcpy(ret->dataset, set->name, sizeof ret->dataset);
    ret->funds = set->utxo_keys + set->delegators + set->stuffed;
    ret->delegations = set->delegators;
    ret->dreps = set->dreps;
}

enum ou_status genesis_create(const struct profile *p, const char *directory,
                              int64_t system_start_ns, const struct genesis_options *options,
                              struct genesis_made *ret, struct ou_error *err)
{
    struct creation c = { .p = p,
                          .directory = directory,
                          .options = options,
                          .system_start_ns = system_start_ns,
                          .made = ret,
                          .err = err };
    enum ou_status status = check_start(system_start_ns, err);
    bool was_empty;

    *ret = (struct genesis_made){ 0 };
    choose_maker(&c);
    if (!status)
        status = chain_crypto_start(err);
    if (!status)
        status = node_version_of(p, options->node_version, &c.node, err);
    if (!status)
        status = genesis_dataset_of(p, options->seed, c.cardano_cli != NULL, &c.set, err);
    if (!status)
        status = check_dreps(&c);
    if (status)
        return status;
    tell_made(&c.set, ret);
    was_empty = tree_is_empty(directory);
    status = create(&c);
    if (status && was_empty) /* else what is there may be somebody's own */
        tree_clear(directory, NULL);
    return status;
}

/* ---- another start ---- */

/* hashes.json as it is; {} where it cannot be read, or is no object, and then all are taken anew. */
static json_t *read_hashes(const char *directory)
{
    char path[PATH_MAX];
    json_t *hashes = NULL;

    if (genesis_path(directory, "hashes.json", path, NULL) ||
        json_tree_load(path, HASHES_BYTES_MAX, &hashes, NULL))
        return json_object();
    if (json_is_object(hashes))
        return hashes;
    json_decref(hashes);
    return json_object();
}

/* Those that the start does not change. */
static enum ou_status add_missing_hashes(const char *directory, json_t *hashes,
                                         struct ou_error *err)
{
    static const char *const eras[] = { "alonzo", "conway", "dijkstra" };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof eras / sizeof *eras; i++)
        if (!json_object_get(hashes, eras[i]))
            status = add_file_hash(directory, eras[i], hashes, err);
    return status;
}

static enum ou_status set_shelley_start(const char *directory, int64_t system_start_ns,
                                        json_t *hashes, struct ou_error *err)
{
    struct genesis_record record;
    struct genesis_stamp stamp;
    uint8_t hash[HASH_BYTES];
    const bool known = genesis_record_read(directory, &record) &&
                       genesis_stamp_fits(directory, "shelley.json", &record.shelley_file);
    enum ou_status status = genesis_set_shelley_start(
        directory, system_start_ns, known ? &record.shelley : NULL, &stamp, hash, err);

    if (!status && known) {
        record.shelley_file = stamp;
        status = genesis_record_write(directory, &record, err);
    }
    return status ? status : add_hash(hashes, "shelley", hash, err);
}

enum ou_status genesis_set_start(const char *directory, int64_t system_start_ns,
                                 struct ou_error *err)
{
    json_t *hashes;
    enum ou_status status = check_start(system_start_ns, err);

    if (status)
        return status;
    hashes = read_hashes(directory);
    status = set_shelley_start(directory, system_start_ns, hashes, err);
    if (!status)
        status = genesis_set_byron_start(directory, system_start_ns, err);
    if (!status)
        status = add_file_hash(directory, "byron", hashes, err);
    if (!status)
        status = add_missing_hashes(directory, hashes, err);
    if (!status)
        status = save(directory, "hashes.json", hashes, err);
    json_decref(hashes);
    return status;
}
