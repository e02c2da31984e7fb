#include <stdio.h>

#include "profile/check.h"
#include "workbench/node_kinds.h"
#include "workbench/service_files.h"

extern char node_tracing_generator_json[];

size_t generator_home(const struct profile *p)
{
    for (size_t i = 0; i < p->spec_count; i++)
        if (p->specs[i].kind == HOST_EXPLORER)
            return i;
    return 0;
}

/* All hosts that forge. */
static json_t *targets(const struct profile *p, const struct site *sites)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->spec_count; i++)
        if (p->specs[i].pools > 0)
            json_array_append_new(list,
                                  json_pack("{s:s, s:i, s:s}", "addr", sites[i].address, "port",
                                            (int)sites[i].port, "name", p->specs[i].name));
    return list;
}

/* The members of the service configuration of cardano-node's generator. plutus is null without scripts. */
static json_t *load_of(const struct profile *p, const struct site *sites)
{
    json_t *generator = json_object_get(p->document, "generator");
    char config_of_home[128];
    json_t *plutus = p->scripts ? json_incref(json_object_get(generator, "plutus")) : json_null();

    snprintf(config_of_home, sizeof config_of_home, "../nodes/%s/config.json",
             p->specs[generator_home(p)].name);
    return json_pack("{s:b, s:I, s:O, s:i, s:i, s:I, s:I, s:i, s:O, s:s, s:o, s:I, s:s, s:s, s:o}",
                     "debugMode", 0, "tx_count", (json_int_t)p->tx_count, "tps",
                     json_object_get(generator, "tps"), "inputs_per_tx", (int)p->inputs_per_tx,
                     "outputs_per_tx", (int)p->outputs_per_tx, "tx_fee", (json_int_t)p->tx_fee,
                     "min_utxo_value", (json_int_t)GENERATOR_OUTPUT_VALUE, "add_tx_size",
                     (int)p->metadata_bytes, "init_cooldown",
                     json_object_get(generator, "init_cooldown"), "era", "Conway", "plutus", plutus,
                     "networkMagic", (json_int_t)p->network_magic, "nodeConfigFile", config_of_home,
                     "sigKey", "../genesis/keys/utxo1/utxo.skey", "targetNodes", targets(p, sites));
}

static json_t *configuration(struct service_files *f, const struct profile *p,
                             const struct site *sites)
{
    json_t *config = load_of(p, sites);
    json_t *tracing = service_template(f, node_tracing_generator_json);
    bool done;

    if (p->tracer)
        service_forward_to(f, tracing, "../" TRACER_SOCKET);
    else
        service_trace_to(f, tracing, "../logs/generator/generator.json");
    done = !f->status && config && json_object_update(config, tracing) == 0;
    json_decref(tracing);
    if (done)
        return config;
    json_decref(config);
    return NULL;
}

enum ou_status generator_files_write(const struct profile *p, const struct site *sites,
                                     const char *run_directory, struct arena *memory,
                                     struct start_command *ret, struct ou_error *err)
{
    struct service_files f;
    enum ou_status status;

    if (p->node_kind == NODE_CARDANO)
        return cardano_generator_files_write(p, sites, run_directory, memory, ret, err);
    service_open(&f, run_directory, "generator", "generator", sites[generator_home(p)].program,
                 "generator", memory, err);
    service_save(&f, "config.json", configuration(&f, p, sites));
    service_argument(&f, "--config", "config.json");
    status = service_finish(&f, ret);
    if (!status)
        ret->ready.kind = READY_AT_ONCE;
    return status;
}
