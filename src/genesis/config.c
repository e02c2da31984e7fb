/* Genesis files against the configuration of a node. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "genesis/check_set.h"
#include "genesis/hash.h"
#include "json/tree.h"

#define CONFIG_BYTES_MAX ((size_t)16 << 20)

struct config {
    const char *path;
    json_t *tree;
    struct genesis_teller *teller;
    struct ou_error *err;
};

static const char *text_of(const struct config *c, const char *member)
{
    return json_string_value(json_object_get(c->tree, member));
}

/* "ShelleyGenesisHash" */
static const char *era_member(enum genesis_era era, const char *ending, char room[64])
{
    snprintf(room, 64, "%s%s", genesis_era_name(era), ending);
    room[0] = (char)toupper((unsigned char)room[0]);
    return room;
}

/* What a configuration names stands beside it. */
static bool beside(const struct config *c, const char *name, char room[PATH_MAX])
{
    const char *slash = strrchr(c->path, '/');
    const int folder = slash && *name != '/' ? (int)(slash - c->path) + 1 : 0;

    return snprintf(room, PATH_MAX, "%.*s%s", folder, c->path, name) < PATH_MAX;
}

static void compare(const struct config *c, const char *member, const char *wanted,
                    const uint8_t hash[HASH_BYTES], const char *file)
{
    char text[2 * HASH_BYTES + 1];

    hash_text(hash, text);
    if (strcasecmp(text, wanted) != 0)
        genesis_tell(c->teller, GENESIS_FAULT, "hash", 0, 0, member,
                     "is %.64s, and the hash of %.300s is %s", wanted, file, text);
}

static enum ou_status check_era(const struct config *c, enum genesis_era era, const char *file)
{
    char room[64];
    const char *member = era_member(era, "GenesisHash", room), *wanted = text_of(c, member);
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    if (!wanted || !file) {
        if (wanted)
            genesis_tell(c->teller, GENESIS_REMARK, "not here", 0, 0, member,
                         "was not compared: the file is not here");
        return OU_OK;
    }
    status = (era == GENESIS_BYRON ? genesis_hash_byron : genesis_hash_file)(file, hash, c->err);
    if (status == OU_INVALID) { /* not in canonical form: the reason has the file and the place */
        genesis_tell(c->teller, GENESIS_FAULT, "canonical", 0, 0, member, "%s", c->err->text);
        return OU_OK;
    }
    if (!status)
        compare(c, member, wanted, hash, file);
    return status;
}

/* The file of checkpoints is not part of the set; it stands beside the configuration, or is not here. */
static enum ou_status check_checkpoints(const struct config *c)
{
    const char *name = text_of(c, "CheckpointsFile"), *wanted = text_of(c, "CheckpointsFileHash");
    char path[PATH_MAX];
    uint8_t hash[HASH_BYTES];
    enum ou_status status;

    if (!name || !wanted || !beside(c, name, path))
        return OU_OK;
    status = genesis_hash_file(path, hash, c->err);
    if (status == OU_NOT_FOUND) {
        genesis_tell(c->teller, GENESIS_REMARK, "not here", 0, 0, "CheckpointsFileHash",
                     "was not compared: the file is not here");
        return OU_OK;
    }
    if (!status)
        compare(c, "CheckpointsFileHash", wanted, hash, path);
    return status;
}

/* A configuration may let the chain begin in a later era; blocks of that era have its version at least. */
static void check_first_era(const struct config *c, const struct genesis_facts *shelley)
{
    static const struct {
        const char *member;
        unsigned major;
    } eras[] = {
        { "TestDijkstraHardForkAtEpoch", 12 }, { "TestConwayHardForkAtEpoch", 9 },
        { "TestBabbageHardForkAtEpoch", 7 },   { "TestAlonzoHardForkAtEpoch", 5 },
        { "TestMaryHardForkAtEpoch", 4 },      { "TestAllegraHardForkAtEpoch", 3 },
        { "TestShelleyHardForkAtEpoch", 2 },
    };
    const struct genesis_number major = shelley->at[ROLE_major].value;

    for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
        const json_t *epoch = json_object_get(c->tree, eras[i].member);

        if (!json_is_integer(epoch) || json_integer_value(epoch) != 0)
            continue;
        if (shelley->at[ROLE_major].known && major.above < eras[i].major)
            genesis_tell(c->teller, GENESIS_FAULT, "era", 0, 0, eras[i].member,
                         "lets the chain begin with version %u, and "
                         "protocolParams.protocolVersion.major of the Shelley file is %d",
                         eras[i].major, (int)major.above);
        return;
    }
}

static enum ou_status load(struct config *c)
{
    enum ou_status status = json_tree_load(c->path, CONFIG_BYTES_MAX, &c->tree, c->err);

    if (status || json_is_object(c->tree))
        return status;
    return ou_fail(c->err, OU_INVALID, "%s: a configuration is an object", c->path);
}

enum ou_status genesis_check_config(const struct genesis_set *set,
                                    const struct genesis_facts facts[GENESIS_ERAS],
                                    struct genesis_teller *teller, struct ou_error *err)
{
    struct config c = { .path = set->config, .teller = teller, .err = err };
    enum ou_status status = load(&c);

    genesis_tell_of_file(teller, set->config);
    for (int era = 0; era < GENESIS_ERAS && !status; era++)
        status = check_era(&c, (enum genesis_era)era, set->files[era]);
    if (!status)
        status = check_checkpoints(&c);
    if (!status)
        check_first_era(&c, &facts[GENESIS_SHELLEY]);
    json_decref(c.tree);
    return status;
}
