#include "genesis/parameters.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "json/tree.h"

extern char genesis_defaults_json[];

/* ---- documents ---- */

/* A copy of a fragment of the profile, {} when it has none; NULL: no memory. */
static json_t *fragment(const struct profile *p, const char *era)
{
    const json_t *given = json_object_get(json_object_get(p->document, "genesis"), era);

    return json_is_object(given) ? json_deep_copy(given) : json_object();
}

/* Of the data set, and of the profile's own members. */
static void drop(json_t *object, const char *const *names)
{
    for (; *names; names++)
        json_object_del(object, *names);
}

/* Also what the fragment says again of the profile's own members: those are what counts. */
static json_t *shelley_of(const struct profile *p, int64_t system_start_ns)
{
    static const char *const not_here[] = {
        "systemStart", "networkMagic", "activeSlotsCoeff", "epochLength", "securityParam",
        "slotLength",  "initialFunds", "staking",          "genDelegs",   "maxLovelaceSupply",
        NULL
    };
    const json_t *genesis = json_object_get(p->document, "genesis");
    json_t *rest = fragment(p, "shelley"), *document;
    char start[TIME_ISO_ROOM];

    drop(rest, not_here);
    document = json_pack("{s:s, s:I, s:O, s:I, s:I, s:O}", "networkId", "Testnet", "networkMagic",
                         (json_int_t)p->network_magic, "activeSlotsCoeff",
                         json_object_get(genesis, "active_slots_coeff"), "epochLength",
                         (json_int_t)p->epoch_slots, "securityParam", (json_int_t)p->security_param,
                         "slotLength", json_object_get(genesis, "slot_duration"));
    start[time_format_iso(system_start_ns, start)] = '\0';
    if (document && (json_object_update(document, rest) != 0 ||
                     json_object_set_new(document, "systemStart", json_string(start)) != 0)) {
        json_decref(document);
        document = NULL;
    }
    json_decref(rest);
    return document;
}

static json_t *conway_of(const struct profile *p)
{
    static const char *const not_here[] = { "initialDReps", "delegs", NULL };
    json_t *document = fragment(p, "conway");

    drop(document, not_here);
    return document;
}

/* Members that are not there, and those of thresholds that are incomplete. Other objects have more than one spelling, or are
 * whole as they stand. */
static bool fill_up(json_t *document, const json_t *defaults)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)defaults, name, value)
    {
        json_t *given = json_object_get(document, name);

        if (!given && json_object_set_new(document, name, json_deep_copy(value)) != 0)
            return false;
        if (given && strstr(name, "Thresholds") && json_object_update_missing(given, value) != 0)
            return false;
    }
    return true;
}

/* A network that starts in an era has the files of all eras, and those of early epochs of mainnet know nothing of the later
 * ones. */
static enum ou_status fill_all(struct genesis_parameters *parameters, struct ou_error *err)
{
    json_t *defaults = NULL;
    enum ou_status status =
        json_tree_parse(span_of(genesis_defaults_json), "genesis defaults", &defaults, err);

    if (!status && !(fill_up(parameters->alonzo, json_object_get(defaults, "alonzo")) &&
                     fill_up(parameters->conway, json_object_get(defaults, "conway")) &&
                     fill_up(parameters->dijkstra, json_object_get(defaults, "dijkstra"))))
        status = ou_fail(err, OU_NO_MEMORY, "the parameters of a genesis: no memory");
    json_decref(defaults);
    return status;
}

/* ---- all of it ---- */

enum ou_status genesis_parameters_of(const struct profile *p, int64_t system_start_ns,
                                     struct node_version node, struct genesis_parameters *ret,
                                     struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct genesis_parameters){
        .shelley = shelley_of(p, system_start_ns),
        .alonzo = fragment(p, "alonzo"),
        .conway = conway_of(p),
        .dijkstra = fragment(p, "dijkstra"),
    };
    if (!ret->shelley || !ret->alonzo || !ret->conway || !ret->dijkstra)
        status = ou_fail(err, OU_NO_MEMORY, "the parameters of a genesis: no memory");
    else
        status = genesis_modernise_conway(ret->conway, err);
    if (!status)
        status = fill_all(ret, err);
    if (!status)
        status = genesis_arrange_cost_models(ret->alonzo, ret->conway, err);
    if (!status)
        status = genesis_spell_conway(ret->conway, node, err);
    if (status)
        genesis_parameters_release(ret);
    return status;
}

void genesis_parameters_release(struct genesis_parameters *parameters)
{
    json_decref(parameters->shelley);
    json_decref(parameters->alonzo);
    json_decref(parameters->conway);
    json_decref(parameters->dijkstra);
    *parameters = (struct genesis_parameters){ 0 };
}
