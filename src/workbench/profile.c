#include "workbench/profile.h"

#include <libgen.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "json/tree.h"
#include "workbench/node_specs.h"
#include "workbench/profile_check.h"
#include "workbench/profile_derive.h"

#define MEMORY_BYTES_MAX ((size_t)1 << 20)
#define BASES_MAX 8
#define NAME_ROOM 4096

/* The profiles that data/meson.build builds in, in the order of help. */
#define BUILTINS(X)                 \
    X(profile_demo, "demo")         \
    X(profile_ci_test, "ci-test")   \
    X(profile_ci_bench, "ci-bench") \
    X(profile_default, "default")   \
    X(profile_model_52, "model-52")

#define X(symbol, name) extern char symbol[];
BUILTINS(X)
#undef X

/* What every other profile is based on, at last: it has all members. */
#define ROOT_NAME "default"

static const struct {
    const char *name, *text;
} builtins[] = {
#define X(symbol, name) { name, symbol },
    BUILTINS(X)
#undef X
};
#define BUILTIN_COUNT (sizeof builtins / sizeof *builtins)

const char *profile_builtin_name(size_t i)
{
    return i < BUILTIN_COUNT ? builtins[i].name : NULL;
}

const char *profile_builtin_description(size_t i)
{
    static char descriptions[BUILTIN_COUNT][200];
    json_t *document = NULL;

    if (i >= BUILTIN_COUNT)
        return NULL;
    if (!*descriptions[i] &&
        !json_tree_parse(span_of(builtins[i].text), builtins[i].name, &document, NULL))
        snprintf(descriptions[i], sizeof descriptions[i], "%s",
                 json_string_value(json_object_get(document, "desc")));
    json_decref(document);
    return descriptions[i];
}

/* ---- documents, from the root of inheritance to the one that was asked for ---- */

static const char *builtin_text(const char *name)
{
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        if (strcmp(builtins[i].name, name) == 0)
            return builtins[i].text;
    return NULL;
}

static bool is_path(const char *name)
{
    return strchr(name, '/') || span_ends(span_of(name), ".json");
}

static enum ou_status fail_name(const char *name, struct ou_error *err)
{
    struct suggestion s;

    suggest_for(&s, span_of(name));
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        suggest_consider(&s, builtins[i].name);
    if (s.best)
        return ou_fail(err, OU_NOT_FOUND, "no profile is called \"%.64s\"; did you mean \"%s\"?",
                       name, s.best);
    return ou_fail(err, OU_NOT_FOUND,
                   "no profile is called \"%.64s\" (a file's name has a slash or ends in .json)",
                   name);
}

static enum ou_status read_document(const char *name, json_t **ret, struct ou_error *err)
{
    const char *text = builtin_text(name);

    if (is_path(name))
        return json_tree_load(name, PROFILE_MAX_BYTES, ret, err);
    return text ? json_tree_parse(span_of(text), name, ret, err) : fail_name(name, err);
}

/* A base that is a file is named relative to the file that names it. */
static bool place_base(const char *of, const char *base, char ret[NAME_ROOM])
{
    char folder[NAME_ROOM];

    if (!is_path(base) || *base == '/' || !is_path(of))
        return snprintf(ret, NAME_ROOM, "%s", base) < NAME_ROOM;
    if (snprintf(folder, sizeof folder, "%s", of) >= (int)sizeof folder)
        return false;
    return snprintf(ret, NAME_ROOM, "%s/%s", dirname(folder), base) < NAME_ROOM;
}

/* A file that does not say its name is called as it is: "a/mine.json" is "mine". Its base's name and description
 * are not its own. */
static bool name_document(const char *name, json_t *own)
{
    const char *slash = strrchr(name, '/');
    struct span stem = span_of(slash ? slash + 1 : name);

    if (span_ends(stem, ".json") && stem.len > strlen(".json"))
        stem.len -= strlen(".json");
    return (json_object_get(own, "name") ||
            json_object_set_new(own, "name", json_stringn(stem.at, stem.len)) == 0) &&
           (json_object_get(own, "desc") || json_object_set_new(own, "desc", json_string("")) == 0);
}

static enum ou_status load_merged(const char *name, int depth, json_t **ret, struct ou_error *err);

/* The document of a base with this one laid over it. */
static enum ou_status merge_over_base(const char *name, json_t *own, int depth, json_t **ret,
                                      struct ou_error *err)
{
    const char *base = json_string_value(json_object_get(own, "base"));
    char place[NAME_ROOM];
    json_t *merged = NULL;
    enum ou_status status;

    if (!base && strcmp(name, ROOT_NAME) == 0) {
        *ret = json_incref(own);
        return OU_OK;
    }
    if (!place_base(name, base ? base : ROOT_NAME, place))
        return ou_fail(err, OU_TOO_LARGE, "%.80s: the path of its base is too long", name);
    status = load_merged(place, depth + 1, &merged, err);
    if (status)
        return status;
    if (!name_document(name, own) || json_object_update_recursive(merged, own) != 0) {
        json_decref(merged);
        return ou_fail(err, OU_NO_MEMORY, "%.80s: no memory", name);
    }
    *ret = merged;
    return OU_OK;
}

static enum ou_status load_merged(const char *name, int depth, json_t **ret, struct ou_error *err)
{
    json_t *own = NULL;
    enum ou_status status;

    if (depth > BASES_MAX)
        return ou_fail(err, OU_INVALID, "%.80s: more than %d bases, or bases that go in a circle",
                       name, BASES_MAX);
    status = read_document(name, &own, err);
    if (status)
        return status;
    status = profile_check_document(own, name, err);
    if (!status)
        status = merge_over_base(name, own, depth, ret, err);
    json_decref(own);
    return status;
}

static enum ou_status add_overlay(json_t *document, const char *text, size_t number,
                                  struct ou_error *err)
{
    char source[40];
    json_t *overlay;
    enum ou_status status;

    snprintf(source, sizeof source, "overlay %zu", number);
    status = json_tree_parse(span_of(text), source, &overlay, err);
    if (status)
        return status;
    status = profile_check_document(overlay, source, err);
    if (!status && json_object_get(overlay, "base"))
        status = ou_fail(err, OU_INVALID, "%s: an overlay has no base", source);
    if (!status && json_object_update_recursive(document, overlay) != 0)
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", source);
    json_decref(overlay);
    return status;
}

static enum ou_status load_document(const char *name, const char *const *overlays,
                                    size_t overlay_count, json_t **ret, struct ou_error *err)
{
    json_t *document;
    enum ou_status status = load_merged(name, 0, &document, err);

    if (status)
        return status;
    for (size_t i = 0; !status && i < overlay_count; i++)
        status = add_overlay(document, overlays[i], i + 1, err);
    if (status) {
        json_decref(document);
        return status;
    }
    json_object_del(document, "base"); /* complete: it needs none */
    *ret = document;
    return OU_OK;
}

/* ---- members into the struct ---- */

/* One section being read; its members are there and of their type. */
struct section {
    struct profile *into;
    const json_t *object;
};

static struct section section_of(struct profile *p, const char *name)
{
    return (struct section){ p, json_object_get(p->document, name) };
}

static double number_of(struct section s, const char *member)
{
    return json_number_value(json_object_get(s.object, member));
}

static uint64_t count_of(struct section s, const char *member)
{
    return (uint64_t)json_integer_value(json_object_get(s.object, member));
}

/* null means `otherwise`. */
static uint64_t count_or(struct section s, const char *member, uint64_t otherwise)
{
    return json_is_null(json_object_get(s.object, member)) ? otherwise : count_of(s, member);
}

/* A copy in the profile's memory, "" of what is not there; NULL when there is no memory left. */
static const char *text_of(struct section s, const char *member)
{
    const char *text = json_string_value(json_object_get(s.object, member));

    return text ? arena_copy(&s.into->memory, text, strlen(text)) : "";
}

static bool word_is(struct section s, const char *member, const char *word)
{
    return strcmp(json_string_value(json_object_get(s.object, member)), word) == 0;
}

static enum topology_shape shape_of(struct section composition)
{
    static const char *const names[] = {
        [TOPOLOGY_LINE] = "line",   [TOPOLOGY_UNI_CIRCLE] = "uni-circle",
        [TOPOLOGY_TORUS] = "torus", [TOPOLOGY_TORUS_DENSE] = "torus-dense",
        [TOPOLOGY_DENSE] = "dense",
    };
    int shape = TOPOLOGY_LINE;

    while (!word_is(composition, "topology", names[shape]))
        shape++;
    return (enum topology_shape)shape;
}

static bool read_link(struct section link, struct profile_link *ret)
{
    ret->latency_ms = number_of(link, "latency_ms");
    ret->bytes_per_second = number_of(link, "bytes_per_second");
    ret->a = text_of(link, "a");
    ret->b = text_of(link, "b");
    return ret->a && ret->b;
}

static bool read_links(struct section composition)
{
    struct profile *p = composition.into;
    const json_t *list = json_object_get(composition.object, "links");
    size_t count = json_array_size(list);
    struct profile_link *links =
        arena_take(&p->memory, (count + 1) * sizeof *links, alignof(struct profile_link));

    for (size_t i = 0; links && i < count; i++)
        if (!read_link((struct section){ p, json_array_get(list, i) }, &links[i]))
            return false;
    p->links = links;
    p->link_count = count;
    return links;
}

static bool read_composition(struct profile *p)
{
    struct section s = section_of(p, "composition");
    const json_t *locations = json_object_get(s.object, "locations");

    p->singular_hosts = (uint32_t)count_of(s, "n_singular_hosts");
    p->shape = shape_of(s);
    p->region_count = json_array_size(locations);
    for (size_t i = 0; i < p->region_count; i++) {
        const json_t *name = json_array_get(locations, i);

        p->regions[i] = arena_copy(&p->memory, json_string_value(name), json_string_length(name));
        if (!p->regions[i])
            return false;
    }
    return read_links(s);
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
    p->delegators = (uint32_t)count_or(s, "delegators", 0);
    p->stuffed_utxo = count_of(s, "utxo");
    return true;
}

static bool read_generator(struct profile *p)
{
    struct section s = section_of(p, "generator"), root = { p, p->document };
    const json_t *plutus = json_object_get(s.object, "plutus");

    p->loaded = word_is(root, "scenario", "fixed-loaded");
    p->tps = number_of(s, "tps");
    p->tx_count = count_or(s, "tx_count", 0);
    p->inputs_per_tx = (uint32_t)count_of(s, "inputs_per_tx");
    p->outputs_per_tx = (uint32_t)count_of(s, "outputs_per_tx");
    p->metadata_bytes = (uint32_t)count_of(s, "add_tx_size");
    p->tx_fee = count_of(s, "tx_fee");
    p->init_cooldown_s = number_of(s, "init_cooldown");
    p->scripts = json_is_string(json_object_get(plutus, "type"));
    return true;
}

static bool read_node_and_run(struct profile *p)
{
    struct section node = section_of(p, "node"), run = section_of(p, "run");

    p->stop_slot = count_or(node, "shutdown_on_slot_synced", UINT64_MAX);
    p->stop_block = count_or(node, "shutdown_on_block_synced", UINT64_MAX);
    p->legacy_tracing = word_is(node, "tracing_backend", "iohk-monitoring");
    p->tracer = !p->legacy_tracing && json_is_true(json_object_get(node.object, "tracer"));
    p->script_ps_per_step = number_of(node, "script_ps_per_step");
    p->slowdown_percent = number_of(node, "slowdown_percent");
    p->max_duration_s = number_of(run, "max_duration_s"); /* null: 0, derived later */
    p->stop_when_exhausted = json_is_true(json_object_get(run.object, "stop_when_exhausted"));
    p->node_death_is_fatal = json_is_true(json_object_get(run.object, "node_death_is_fatal"));
    return true;
}

static bool read_members(struct profile *p)
{
    struct section root = { p, p->document };

    p->name = text_of(root, "name");
    p->description = text_of(root, "desc");
    return p->name && p->description && read_composition(p) && read_genesis(p) &&
           read_generator(p) && read_node_and_run(p);
}

enum ou_status profile_load(const char *name, const char *const *overlays, size_t overlay_count,
                            struct profile *ret, struct ou_error *err)
{
    struct profile got = { 0 };
    enum ou_status status = load_document(name, overlays, overlay_count, &got.document, err);

    if (status)
        return status;
    arena_init(&got.memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!read_members(&got))
        status = ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", name);
    if (!status)
        status = node_specs_make(&got, err);
    if (!status)
        status = profile_derive(&got, err);
    if (!status)
        status = profile_check_whole(&got, err);
    if (status) {
        profile_release(&got);
        return status;
    }
    *ret = got;
    return OU_OK;
}

void profile_release(struct profile *p)
{
    json_decref(p->document);
    arena_release(&p->memory);
    *p = (struct profile){ 0 };
}
