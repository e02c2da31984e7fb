#include "profile/read.h"

#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "profile/check.h"

/* One section being read; its members are there and of their type. */
struct section {
    struct profile *into;
    const json_t *object;
    const char *path; /* "genesis"; "" for the profile itself */
};

static struct section section_of(struct profile *p, const char *name)
{
    return (struct section){ p, json_object_get(p->document, name), name };
}

/* ---- single values ---- */

static double number_of(struct section s, const char *member)
{
    return json_number_value(json_object_get(s.object, member));
}

static uint64_t count_of(struct section s, const char *member)
{
    return (uint64_t)json_integer_value(json_object_get(s.object, member));
}

/* Anything but a number means `otherwise`. */
static uint64_t count_or(const json_t *value, uint64_t otherwise)
{
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : otherwise;
}

static bool flag_of(struct section s, const char *member)
{
    return json_is_true(json_object_get(s.object, member));
}

/* A copy in the profile's memory, "" of what is not text; NULL when there is no memory left. */
static const char *copy_of(struct profile *p, const json_t *value)
{
    return json_is_string(value)
               ? arena_copy(&p->memory, json_string_value(value), json_string_length(value))
               : "";
}

static const char *text_of(struct section s, const char *member)
{
    return copy_of(s.into, json_object_get(s.object, member));
}

/* The place of a word among those that the table of members has for it; enums are in its order. 0 for null, too. */
static unsigned word_of(struct section s, const char *member)
{
    const char *word = json_string_value(json_object_get(s.object, member)), *at;
    char path[80];
    unsigned place = 0;

    snprintf(path, sizeof path, "%s%s%s", s.path, *s.path ? "." : "", member);
    for (at = profile_find_member(path)->words; word && *at; at += strspn(at, " "), place++) {
        size_t length = strcspn(at, " ");

        if (strlen(word) == length && memcmp(at, word, length) == 0)
            return place;
        at += length;
    }
    return 0;
}

/* ---- lists ---- */

/* false: no memory, here and below. */
static bool texts_of(struct section s, const char *member, size_t more, const char ***ret,
                     size_t *ret_count)
{
    const json_t *list = json_object_get(s.object, member);
    size_t count = json_array_size(list);
    const char **texts =
        arena_take(&s.into->memory, (count + more + 1) * sizeof *texts, alignof(const char *));

    for (size_t i = 0; texts && i < count; i++)
        if (!(texts[i] = copy_of(s.into, json_array_get(list, i))))
            return false;
    *ret = texts;
    *ret_count = count;
    return texts;
}

static bool read_link(struct section link, struct profile_link *ret)
{
    ret->latency_ms = number_of(link, "latency_ms");
    ret->bytes_per_second = number_of(link, "bytes_per_second");
    ret->a = text_of(link, "a");
    ret->b = text_of(link, "b");
    return ret->a && ret->b;
}

bool profile_read_links(struct profile *p)
{
    struct section s = section_of(p, "composition");
    const json_t *list = json_object_get(s.object, "links");
    size_t count = json_array_size(list);
    struct profile_link *links =
        arena_take(&p->memory, (count + 1) * sizeof *links, alignof(struct profile_link));

    for (size_t i = 0; links && i < count; i++)
        if (!read_link((struct section){ p, json_array_get(list, i), "" }, &links[i]))
            return false;
    p->links = links;
    p->link_count = count;
    return links;
}

static bool read_environment(struct section node)
{
    struct profile *p = node.into;
    const json_t *object = json_object_get(node.object, "environment");
    struct profile_variable *variables =
        arena_take(&p->memory, (json_object_size(object) + 1) * sizeof *variables,
                   alignof(struct profile_variable));
    const char *name;
    json_t *value;

    p->variable_count = 0;
    p->environment = variables;
    json_object_foreach((json_t *)object, name, value)
    {
        struct profile_variable *v = variables ? &variables[p->variable_count++] : NULL;

        if (!v || !(v->name = arena_copy(&p->memory, name, strlen(name))) ||
            !(v->value = copy_of(p, value)))
            return false;
    }
    return variables;
}

/* The flags as given, and the heap's limit, which the profile tells apart. */
static bool read_rts_flags(struct section node)
{
    struct profile *p = node.into;
    uint64_t limit_mib = count_or(json_object_get(node.object, "heap_limit"), 0);
    const char **flags;
    char limit[32];

    if (!texts_of(node, "rts_flags_override", 1, &flags, &p->rts_flag_count))
        return false;
    p->rts_flags = flags;
    if (!limit_mib)
        return true;
    snprintf(limit, sizeof limit, "-M%um", (unsigned)limit_mib);
    flags[p->rts_flag_count] = arena_copy(&p->memory, limit, strlen(limit));
    return flags[p->rts_flag_count++];
}

/* ---- sections ---- */

static bool read_composition(struct profile *p)
{
    struct section s = section_of(p, "composition");
    const char **regions;

    p->bft_hosts = (uint32_t)count_of(s, "n_bft_hosts");
    p->singular_hosts = (uint32_t)count_of(s, "n_singular_hosts");
    p->dense_hosts = (uint32_t)count_of(s, "n_dense_hosts");
    p->pools_per_dense_host = (uint32_t)count_of(s, "dense_pool_density");
    p->with_proxy = flag_of(s, "with_proxy");
    p->with_chaindb_server = flag_of(s, "with_chaindb_server");
    p->with_explorer = flag_of(s, "with_explorer");
    p->shape = (enum topology_shape)word_of(s, "topology");
    if (!texts_of(s, "locations", 0, &regions, &p->region_count))
        return false;
    memcpy(p->regions, regions, p->region_count * sizeof *regions);
    return profile_read_links(p);
}

static bool read_genesis(struct profile *p)
{
    struct section s = section_of(p, "genesis");

    p->network_magic = (uint32_t)count_of(s, "network_magic");
    p->slot_s = number_of(s, "slot_duration");
    p->active_slots_coeff = number_of(s, "active_slots_coeff");
    p->epoch_slots = count_of(s, "epoch_length");
    p->security_param = count_of(s, "parameter_k");
    p->per_pool_balance = count_of(s, "per_pool_balance");
    p->funds_balance = count_of(s, "funds_balance");
    p->delegators = (uint32_t)count_or(json_object_get(s.object, "delegators"), 0);
    p->stuffed_utxo = count_of(s, "utxo");
    p->dreps = (uint32_t)count_of(s, "dreps");
    p->utxo_keys = (uint32_t)count_of(s, "utxo_keys");
    p->parameters_epoch = (uint32_t)count_of(s, "pparamsEpoch");
    return true;
}

static bool read_generator(struct profile *p)
{
    struct section s = section_of(p, "generator");
    const json_t *plutus = json_object_get(s.object, "plutus");

    p->tps = number_of(s, "tps");
    p->tx_count = count_or(json_object_get(s.object, "tx_count"), 0);
    p->inputs_per_tx = (uint32_t)count_of(s, "inputs_per_tx");
    p->outputs_per_tx = (uint32_t)count_of(s, "outputs_per_tx");
    p->metadata_bytes = (uint32_t)count_of(s, "add_tx_size");
    p->tx_fee = count_of(s, "tx_fee");
    p->init_cooldown_s = number_of(s, "init_cooldown");
    p->scripts = json_is_string(json_object_get(plutus, "type"));
    return true;
}

static bool read_command(struct section node)
{
    static const enum ready_kind kinds[] = { READY_AT_ONCE, READY_PORT, READY_FILE, READY_LINE };
    struct profile *p = node.into;
    struct profile_command *c = &p->command;
    struct section s = { p, json_object_get(node.object, "command"), "node.command" };
    struct section ready = { p, json_object_get(s.object, "ready"), "node.command.ready" };
    const char **argv;

    if (!texts_of(s, "argv", 0, &argv, &c->argc))
        return false;
    c->argv = argv;
    c->ready.kind = kinds[word_of(ready, "kind")];
    c->ready.port = (uint16_t)count_or(json_object_get(ready.object, "port"), 0);
    c->ready.text = text_of(ready, "text");
    c->ends_by_itself = flag_of(s, "ends_by_itself");
    c->stop_signal = word_of(s, "stop_signal") == 1 ? SIGINT : SIGTERM;
    return c->ready.text;
}

/* A condition to stop may be the explorer's alone. */
static void read_stops(struct section node)
{
    const json_t *slot = json_object_get(node.object, "shutdown_on_slot_synced");
    const json_t *block = json_object_get(node.object, "shutdown_on_block_synced");

    node.into->stop_slot = count_or(slot, UINT64_MAX);
    node.into->stop_block = count_or(block, UINT64_MAX);
    node.into->explorer_stop_slot =
        count_or(json_is_object(slot) ? json_object_get(slot, "explorer") : slot, UINT64_MAX);
}

static bool read_node(struct profile *p)
{
    enum { BACKEND_LEGACY = 1, BACKEND_OFF };
    struct section s = section_of(p, "node");
    unsigned backend = word_of(s, "tracing_backend");

    p->node_kind = (enum node_kind)word_of(s, "kind");
    p->node_program = text_of(s, "program");
    p->cores = text_of(s, "cores");
    p->rts_stats = json_is_null(json_object_get(s.object, "rts_stats"))
                       ? RTS_STATS_NONE
                       : (enum rts_stats)(RTS_STATS_SUMMARY + word_of(s, "rts_stats"));
    p->legacy_tracing = backend == BACKEND_LEGACY;
    p->tracing_off = backend == BACKEND_OFF;
    p->tracer = !p->legacy_tracing && flag_of(s, "tracer");
    p->script_ps_per_step = number_of(s, "script_ps_per_step");
    p->slowdown_percent = number_of(s, "slowdown_percent");
    read_stops(s);
    return p->node_program && p->cores && read_rts_flags(s) && read_environment(s) &&
           read_command(s);
}

static bool read_run(struct profile *p)
{
    struct section run = section_of(p, "run"), chaindb = section_of(p, "chaindb");

    p->max_duration_s = number_of(run, "max_duration_s"); /* null: 0, derived later */
    p->stop_when_exhausted = flag_of(run, "stop_when_exhausted");
    p->on_node_death = (enum node_death)word_of(run, "on_node_death");
    p->node_death_is_fatal = p->on_node_death == DEATH_FAIL;
    p->restarts_max = (uint32_t)count_of(run, "restarts_max");
    p->attempts = (uint32_t)count_of(run, "attempts");
    p->chain_source = text_of(chaindb, "source");
    return p->chain_source;
}

bool profile_read(struct profile *p)
{
    struct section root = { p, p->document, "" };

    p->name = text_of(root, "name");
    p->description = text_of(root, "desc");
    p->era = (enum era)word_of(root, "era");
    p->scenario = (enum scenario)word_of(root, "scenario");
    p->loaded = p->scenario == SCENARIO_FIXED_LOADED;
    return p->name && p->description && read_composition(p) && read_genesis(p) &&
           read_generator(p) && read_node(p) && read_run(p);
}
