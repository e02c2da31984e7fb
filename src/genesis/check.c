#include "genesis/check.h"

#include <stdlib.h>

#include "genesis/check_file.h"
#include "genesis/check_set.h"

struct check {
    const struct genesis_set *set;
    struct genesis_fields fields;
    struct genesis_teller teller;
    struct genesis_facts facts[GENESIS_ERAS];
    struct ou_error *err;
};

static enum ou_status check_era(struct check *c, enum genesis_era era)
{
    const char *file = c->set->files[era];
    enum ou_status status;

    if (!file)
        return OU_OK;
    genesis_tell_of_file(&c->teller, file);
    status = genesis_check_file(file, era, &c->fields, &c->teller, &c->facts[era], c->err);
    if (status || !c->facts[era].given)
        return status;
    status = genesis_check_facts(era, &c->facts[era], &c->teller);
    return status ? ou_fail(c->err, status, "%s: no memory", file) : OU_OK;
}

static enum ou_status check_all(struct check *c)
{
    enum ou_status status = genesis_fields_load(&c->fields, c->err);

    for (int era = 0; era < GENESIS_ERAS && !status; era++)
        status = check_era(c, (enum genesis_era)era);
    if (status)
        return status;
    genesis_check_agreement(c->set, c->facts, &c->teller);
    if (c->set->config)
        status = genesis_check_config(c->set, c->facts, &c->teller, c->err);
    genesis_tell_of_file(&c->teller, NULL);
    return status;
}

static void count_entries(const struct genesis_facts *facts, struct genesis_check_result *ret)
{
    ret->funds = facts[GENESIS_SHELLEY].entries[ROLE_fund];
    ret->pools = facts[GENESIS_SHELLEY].entries[ROLE_pool];
    ret->delegations = facts[GENESIS_SHELLEY].entries[ROLE_delegation];
    ret->dreps = facts[GENESIS_CONWAY].entries[ROLE_drep];
}

enum ou_status genesis_check(const struct genesis_set *set,
                             void (*found)(void *context, const struct genesis_finding *finding),
                             void *context, struct genesis_check_result *ret, struct ou_error *err)
{
    struct genesis_check_result result = { .faults = 0 };
    struct check *c = calloc(1, sizeof *c); /* large: tables of what was told already */
    struct ou_error ignored;
    enum ou_status status;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory to check genesis files");
    c->set = set;
    c->err = err ? err : &ignored;
    c->teller.found = found;
    c->teller.context = context;
    c->teller.result = &result;
    for (int era = 0; era < GENESIS_ERAS; era++)
        genesis_facts_init(&c->facts[era]);
    status = check_all(c);
    if (!status) {
        count_entries(c->facts, &result);
        *ret = result;
    }
    for (int era = 0; era < GENESIS_ERAS; era++)
        genesis_facts_release(&c->facts[era]);
    genesis_fields_release(&c->fields);
    free(c);
    return status;
}
