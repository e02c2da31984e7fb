#include "profile/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/suggest.h"
#include "profile/rts_flags.h"

static enum ou_status check_one(const struct profile *p, profile_check_fn *check,
                                struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = check(p, &why);

    return status ? ou_fail(err, status, "%.160s: %s", p->source, why.text) : OU_OK;
}

enum ou_status profile_check_all(const struct profile *p, profile_check_fn *const checks[],
                                 size_t count, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = check_one(p, checks[i], err);
    return status;
}

size_t profile_check_each(const struct profile *p, profile_check_fn *const checks[], size_t count,
                          profile_fault_fn *found, void *context)
{
    size_t faults = 0;

    for (size_t i = 0; i < count; i++) {
        struct ou_error err = { 0 };

        if (check_one(p, checks[i], &err) == OU_OK)
            continue;
        found(context, err.text);
        faults++;
    }
    return faults;
}

/* It becomes part of the names of directories and jobs. */
static enum ou_status check_name(const struct profile *p, struct ou_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *name = p->name;

    while (*name && (strchr(letters, *name) || (name > p->name && strchr("-._", *name))))
        name++;
    if (*name)
        return ou_fail(err, OU_INVALID,
                       "name \"%.64s\": letters and digits, and behind the first - . _ as well",
                       p->name);
    return OU_OK;
}

static bool is_location(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(p->regions[i], name) == 0)
            return true;
    return false;
}

static const char *origin_of(const struct profile *p, const char *path)
{
    const char *origin = json_string_value(json_object_get(p->origins, path));

    return origin ? origin : "";
}

static enum ou_status check_end(const struct profile *p, size_t link, const char *name,
                                struct ou_error *err)
{
    const char *origin = origin_of(p, "composition.links");
    struct suggestion s;

    if (is_location(p, name))
        return OU_OK;
    if (!*name)
        return ou_fail(err, OU_INVALID, "composition.links[%zu] needs a and b", link);
    /* Who changes locations need not know of links below. */
    if (strcmp(origin, origin_of(p, "composition.locations")) != 0)
        return ou_fail(
            err, OU_INVALID,
            "composition.links[%zu], of %.80s, has an end in \"%.64s\", which is none of "
            "the locations; {\"composition\": {\"links\": null}} has what is usual "
            "between these instead, and [] none",
            link, origin, name);
    suggest_for(&s, span_of(name));
    for (size_t i = 0; i < p->region_count; i++)
        suggest_consider(&s, p->regions[i]);
    return ou_fail(err, OU_INVALID, "composition.links[%zu]: no location is called \"%.64s\"%s%s%s",
                   link, name, s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                   s.best ? "\"?" : "");
}

static bool is_same_link(const struct profile_link *x, const struct profile_link *y)
{
    return (strcmp(x->a, y->a) == 0 && strcmp(x->b, y->b) == 0) ||
           (strcmp(x->a, y->b) == 0 && strcmp(x->b, y->a) == 0);
}

static enum ou_status check_links(const struct profile *p, struct ou_error *err)
{
    for (size_t i = 0; i < p->link_count; i++) {
        enum ou_status status = check_end(p, i, p->links[i].a, err);

        if (!status)
            status = check_end(p, i, p->links[i].b, err);
        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (is_same_link(&p->links[i], &p->links[j]))
                return ou_fail(err, OU_INVALID, "composition.links[%zu]: %s to %s is told twice", i,
                               p->links[i].a, p->links[i].b);
    }
    return OU_OK;
}

static enum ou_status check_locations(const struct profile *p, struct ou_error *err)
{
    for (size_t i = 0; i < p->region_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(p->regions[i], p->regions[j]) == 0)
                return ou_fail(err, OU_INVALID, "composition.locations: \"%s\" is told twice",
                               p->regions[i]);
    return check_links(p, err);
}

/* The ledger freezes the nonce of an epoch in its last part, of 4k/f slots, and wants room for it. */
static enum ou_status check_epoch(const struct profile *p, struct ou_error *err)
{
    double blocks = (double)p->epoch_slots * p->active_slots_coeff;

    if (blocks * (1 + 1e-12) >= 10 * (double)p->security_param)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis: epoch_length times active_slots_coeff is %g, and must be ten times "
                   "parameter_k at least: %" PRIu64 "; epoch_length is from %.80s",
                   blocks, 10 * p->security_param, origin_of(p, "genesis.epoch_length"));
}

uint64_t profile_stuffed_value(const struct profile *p)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    const json_t *shelley = json_object_get(genesis, "shelley");
    const json_t *params = json_object_get(shelley, "protocolParams");
    uint64_t least = (uint64_t)json_integer_value(json_object_get(params, "minUTxOValue"));

    return least > 1000000 ? least : 1000000;
}

/* In double arithmetic: a comparison of sums that may be far above 64 bits. */
static enum ou_status check_supply(const struct profile *p, struct ou_error *err)
{
    double delegated = (double)p->per_pool_balance * p->pools;
    double supply = delegated + (double)p->funds_balance;
    double stuffed = (double)p->stuffed_utxo * (double)profile_stuffed_value(p);

    if (supply > PROFILE_LOVELACE_MAX)
        return ou_fail(err, OU_INVALID,
                       "genesis: per_pool_balance of %" PRIu32
                       " pools and funds_balance are %g lovelace, %g at most",
                       p->pools, supply, PROFILE_LOVELACE_MAX);
    if (delegated * 0.9 < (double)p->delegators)
        return ou_fail(err, OU_INVALID, "genesis: less than one lovelace for each delegator");
    if (stuffed > supply / 10 - 20)
        return ou_fail(err, OU_INVALID,
                       "genesis: %" PRIu64
                       " entries of utxo hold %g lovelace, more than the tenth of the supply that "
                       "is not given away: %g",
                       p->stuffed_utxo, stuffed, supply / 10);
    return OU_OK;
}

static enum ou_status check_rts_flags(const struct profile *p, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = rts_flags_check(p->rts_flags, p->rts_flag_count, &why);

    return status ? ou_fail(err, status, "node.rts_flags_override: %s", why.text) : OU_OK;
}

static enum ou_status check_command(const struct profile *p, struct ou_error *err)
{
    const struct profile_command *c = &p->command;

    if (p->node_kind != NODE_COMMAND)
        return OU_OK;
    if (c->argc == 0)
        return ou_fail(err, OU_INVALID,
                       "node.command.argv: node.kind is command, and no command is told: the "
                       "program and its arguments");
    if ((c->ready.kind == READY_FILE || c->ready.kind == READY_LINE) && !*c->ready.text)
        return ou_fail(err, OU_INVALID, "node.command.ready: %s is looked for, and text is missing",
                       c->ready.kind == READY_FILE ? "a file" : "a line");
    return OU_OK;
}

static enum ou_status check_environment(const struct profile *p, struct ou_error *err)
{
    for (size_t i = 0; i < p->variable_count; i++)
        if (!*p->environment[i].name || strchr(p->environment[i].name, '='))
            return ou_fail(err, OU_INVALID, "node.environment: \"%.64s\" is no name of a variable",
                           p->environment[i].name);
    return OU_OK;
}

static profile_check_fn *const whole_checks[] = {
    check_name,      check_locations, check_epoch,       check_supply,
    check_rts_flags, check_command,   check_environment,
};
#define WHOLE_CHECKS (sizeof whole_checks / sizeof *whole_checks)

enum ou_status profile_check_whole(const struct profile *p, struct ou_error *err)
{
    return profile_check_all(p, whole_checks, WHOLE_CHECKS, err);
}

size_t profile_each_fault(const struct profile *p, profile_fault_fn *found, void *context)
{
    return profile_check_each(p, whole_checks, WHOLE_CHECKS, found, context);
}
