#include "genesis/spelling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION_MAX 9999

/* ---- versions ---- */

static bool read_number(const char **at, unsigned *ret)
{
    char *end;
    unsigned long value;

    if (**at < '0' || **at > '9')
        return false;
    value = strtoul(*at, &end, 10);
    *at = end;
    *ret = (unsigned)value;
    return value <= VERSION_MAX;
}

static bool is_of_2023(const struct profile *p)
{
    const char *edition = json_string_value(json_object_get(p->document, "edition"));

    return p->node_kind == NODE_CARDANO && edition && strcmp(edition, "2023-03") == 0;
}

enum ou_status node_version_of(const struct profile *p, const char *text, struct node_version *ret,
                               struct ou_error *err)
{
    const char *at = text;

    *ret = is_of_2023(p) ? (struct node_version){ 8, 0 } : NODE_VERSION_TODAY;
    if (!text || (read_number(&at, &ret->major) && *at++ == '.' && read_number(&at, &ret->minor) &&
                  (*at == '\0' || *at == '.')))
        return OU_OK;
    return ou_fail(err, OU_USAGE, "the version of a node is two numbers like 8.9, not '%.40s'",
                   text);
}

bool node_version_before(struct node_version a, struct node_version b)
{
    return a.major < b.major || (a.major == b.major && a.minor < b.minor);
}

/* ---- names ---- */

/* Members that were renamed, and in which version. */
static const struct {
    struct node_version since;
    const char *object, *before, *now; /* object: NULL for members at the top */
} renamed[] = {
    { { 8, 5 }, NULL, "minCommitteeSize", "committeeMinSize" },
    { { 8, 5 }, NULL, "committeeTermLimit", "committeeMaxTermLength" },
    { { 8, 5 }, NULL, "govActionExpiration", "govActionLifetime" },
    { { 8, 10 }, "committee", "quorum", "threshold" },
};
#define RENAMED (sizeof renamed / sizeof *renamed)

/* Members that were new in a version. */
static const struct {
    struct node_version since;
    const char *object, *name;
} added[] = {
    { { 8, 5 }, NULL, "constitution" },
    { { 8, 5 }, NULL, "committee" },
    { { 8, 8 }, "poolVotingThresholds", "ppSecurityGroup" },
    { { 8, 10 }, NULL, "minFeeRefScriptCostPerByte" },
    { { 8, 10 }, NULL, "plutusV3CostModel" },
};
#define ADDED (sizeof added / sizeof *added)

/* Prefixes that thresholds had. */
static const struct node_version without_prefixes = { 8, 8 };
static const struct {
    const char *object, *prefix;
} prefixed[] = { { "poolVotingThresholds", "pvt" }, { "dRepVotingThresholds", "dvt" } };
#define PREFIXED (sizeof prefixed / sizeof *prefixed)

/* The first version that wants parameters at all. */
static const struct node_version first = { 8, 3 };

static json_t *object_of(json_t *conway, const char *name)
{
    return name ? json_object_get(conway, name) : conway;
}

/* Where both names are there, `from` is what the profile says and the other a default. */
static bool rename_member(json_t *object, const char *from, const char *to)
{
    json_t *value = json_object_get(object, from);

    if (!value)
        return true;
    return json_object_set(object, to, value) == 0 && json_object_del(object, from) == 0;
}

/* "pvtCommitteeNormal" and "committeeNormal", "dvtPPGovGroup" and "ppGovGroup". */
static void without_prefix(const char *name, char *ret, size_t room)
{
    snprintf(ret, room, "%s", name + 3);
    if (strncmp(ret, "PP", 2) == 0)
        ret[1] = 'p';
    ret[0] = (char)(ret[0] | 0x20);
}

static void with_prefix(const char *prefix, const char *name, char *ret, size_t room)
{
    snprintf(ret, room, "%s%s", prefix, name);
    ret[3] = (char)(ret[3] & ~0x20);
    if (strncmp(name, "pp", 2) == 0)
        ret[4] = 'P';
}

/* Adds the prefix to all members, or takes it from those that have it. */
static bool rename_thresholds(json_t *thresholds, const char *prefix, bool add)
{
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(thresholds, next, name, value)
    {
        const size_t len = strlen(name);
        char other[64];

        if (len < 4 || len + 4 > sizeof other || (strncmp(name, prefix, 3) == 0) == add)
            continue;
        if (add)
            with_prefix(prefix, name, other, sizeof other);
        else
            without_prefix(name, other, sizeof other);
        if (!rename_member(thresholds, name, other))
            return false;
    }
    return true;
}

enum ou_status genesis_modernise_conway(json_t *conway, struct ou_error *err)
{
    bool good = true;

    for (size_t i = 0; good && i < RENAMED; i++)
        good =
            rename_member(object_of(conway, renamed[i].object), renamed[i].before, renamed[i].now);
    for (size_t i = 0; good && i < PREFIXED; i++)
        good = rename_thresholds(object_of(conway, prefixed[i].object), prefixed[i].prefix, false);
    return good ? OU_OK : ou_fail(err, OU_NO_MEMORY, "Conway's genesis: no memory");
}

static bool spell(json_t *conway, struct node_version node)
{
    bool good = true;

    if (node_version_before(node, first))
        return json_object_clear(conway) == 0 &&
               json_object_set_new(conway, "genDelegs", json_object()) == 0;
    for (size_t i = 0; i < ADDED; i++)
        if (node_version_before(node, added[i].since))
            json_object_del(object_of(conway, added[i].object), added[i].name);
    for (size_t i = 0; good && i < RENAMED; i++)
        if (node_version_before(node, renamed[i].since))
            good = rename_member(object_of(conway, renamed[i].object), renamed[i].now,
                                 renamed[i].before);
    for (size_t i = 0; good && i < PREFIXED; i++)
        if (node_version_before(node, without_prefixes))
            good =
                rename_thresholds(object_of(conway, prefixed[i].object), prefixed[i].prefix, true);
    return good;
}

enum ou_status genesis_spell_conway(json_t *conway, struct node_version node, struct ou_error *err)
{
    return spell(conway, node) ? OU_OK : ou_fail(err, OU_NO_MEMORY, "Conway's genesis: no memory");
}
