/* The folder of tx-generator, which puts the load on cardano-nodes. */
#include <stdio.h>
#include <string.h>

#include "deploy/program_path.h"
#include "profile/check.h"
#include "workbench/node_kinds.h"
#include "workbench/service_files.h"

#define PROGRAM "tx-generator"
#define KEEP_ALIVE_S 30
#define LOOP_BASE 1000000

static const json_t *generator_section(const struct profile *p)
{
    return json_object_get(p->document, "generator");
}

/* ---- run-script.json ---- */

static json_t *or_null(const json_t *object, const char *member)
{
    json_t *value = json_object_get(object, member);

    return value ? json_incref(value) : json_null();
}

/* A script that counts until its budget is spent counts from the first number of its redeemer on. */
static json_t *redeemer(const json_t *script)
{
    const char *name = json_string_value(json_object_get(script, "script"));
    json_t *given = json_object_get(script, "redeemer");

    if (given && !json_is_null(given))
        return json_incref(given);
    return name && strncmp(name, "Loop", 4) == 0 ? json_pack("{s:i}", "int", LOOP_BASE)
                                                 : json_null();
}

/* Data of a script goes to a file of its own; the member has its name. Takes the value. */
static json_t *script_data(struct service_files *f, json_t *value, const char *file)
{
    if (json_is_null(value))
        return value;
    service_save(f, file, value);
    return json_string(file);
}

static json_t *plutus(struct service_files *f, const struct profile *p)
{
    const json_t *script = json_object_get(generator_section(p), "plutus");

    if (!p->scripts)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "type", or_null(script, "type"), "script",
                     or_null(script, "script"), "datum",
                     script_data(f, or_null(script, "datum"), "plutus-datum.json"), "redeemer",
                     script_data(f, redeemer(script), "plutus-redeemer.json"), "limitExecutionMem",
                     or_null(script, "memory"), "limitExecutionSteps", or_null(script, "steps"));
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

static json_t *run_script(struct service_files *f, const struct profile *p,
                          const struct site *sites)
{
    const json_t *generator = generator_section(p);
    json_t *script = json_pack(
        "{s:b, s:I, s:o, s:i, s:i, s:I, s:I, s:i, s:o, s:s, s:o}", "debugMode", 0, "tx_count",
        (json_int_t)p->tx_count, "tps", or_null(generator, "tps"), "inputs_per_tx",
        (int)p->inputs_per_tx, "outputs_per_tx", (int)p->outputs_per_tx, "tx_fee",
        (json_int_t)p->tx_fee, "min_utxo_value", (json_int_t)GENERATOR_OUTPUT_VALUE, "add_tx_size",
        (int)p->metadata_bytes, "init_cooldown", or_null(generator, "init_cooldown"), "era",
        era_title(p->era), "plutus", plutus(f, p));
    const char *edition = json_string_value(json_object_get(p->document, "edition"));

    if (!edition || strncmp(edition, "2023", 4) != 0)
        json_object_set_new(script, "keepalive", json_integer(KEEP_ALIVE_S));
    json_object_set_new(script, "nodeConfigFile",
                        json_sprintf("../nodes/%s/config.json", p->specs[generator_home(p)].name));
    json_object_set_new(script, "localNodeSocketPath",
                        json_sprintf("../nodes/%s/node.socket", p->specs[generator_home(p)].name));
    json_object_set_new(script, "sigKey", json_string("../genesis/keys/utxo1/utxo.skey"));
    json_object_set_new(script, "targetNodes", targets(p, sites));
    return script;
}

/* ---- the program ---- */

/* They are built together: one beside the node is of its version. */
static enum ou_status find_generator(const struct profile *p, const struct site *site,
                                     char ret[PATH_MAX], struct ou_error *err)
{
    const char *slash = strrchr(p->node_program, '/');
    struct ou_error why = { 0 };
    char beside[PATH_MAX];

    if (!site->is_here) { /* looked for there */
        snprintf(ret, PATH_MAX, "%.*s" PROGRAM, slash ? (int)(slash + 1 - p->node_program) : 0,
                 p->node_program);
        return OU_OK;
    }
    if (slash &&
        snprintf(beside, sizeof beside, "%.*s/" PROGRAM, (int)(slash - p->node_program),
                 p->node_program) < PATH_MAX &&
        program_path(beside, ret, NULL) == OU_OK)
        return OU_OK;
    if (program_path(PROGRAM, ret, &why) == OU_OK)
        return OU_OK;
    return ou_fail(err, OU_NOT_FOUND,
                   "%s, nor is it beside node.program; a run without it has the scenario \"fixed\"",
                   why.text);
}

enum ou_status cardano_generator_files_write(const struct profile *p, const struct site *sites,
                                             const char *run_directory, struct arena *memory,
                                             struct start_command *ret, struct ou_error *err)
{
    char program[PATH_MAX];
    struct service_files f;
    enum ou_status status = find_generator(p, &sites[generator_home(p)], program, err);

    if (status)
        return status;
    service_open(&f, run_directory, "generator", "generator", program, "json_highlevel", memory,
                 err);
    service_word(&f, span_of("run-script.json"));
    if (p->tracer)
        service_argument(&f, "--cardano-tracer", "../" TRACER_SOCKET);
    service_log_folder(&f, p->tracer ? NULL : "generator.json");
    service_save(&f, "run-script.json", run_script(&f, p, sites));
    status = service_finish(&f, ret);
    if (!status)
        ret->ready.kind = READY_AT_ONCE;
    return status;
}
