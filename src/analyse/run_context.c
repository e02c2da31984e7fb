#include "analyse/run_context.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/run_document.h"
#include "base/span.h"
#include "base/time.h"

#define MACHINE_TEXT_MAX 512
#define MEMORY_BYTES_MAX ((size_t)64 << 20)

struct reading {
    struct run_document doc;
    struct run_context *into;
};

/* ---- the manifest ---- */

static bool is_old_manifest(const struct place *manifest)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)manifest->object, key,
                        value) if (json_is_object(value)) return false;
    return true;
}

/* In the old form the version, branch and status of a package stand beside its
 * commit: "cardano-node-version". They are not packages of their own. */
static bool is_remark(const struct place *manifest, const char *key)
{
    static const char *const endings[] = { "-version", "-branch", "-status" };
    struct span name = span_of(key);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char package[64];

        if (!span_ends(name, endings[i]))
            continue;
        snprintf(package, sizeof package, "%.*s", (int)(name.len - strlen(endings[i])), key);
        return json_object_get(manifest->object, package) != NULL;
    }
    return false;
}

static void read_old_package(struct reading *r, const struct place *manifest, const char *key,
                             struct package_version *ret)
{
    char version[64];

    snprintf(version, sizeof version, "%s-version", key);
    ret->name = run_document_keep(&r->doc, key, strlen(key));
    run_document_text(&r->doc, manifest, key, &ret->commit);
    run_document_text(&r->doc, manifest, version, &ret->version);
}

static void read_package(struct reading *r, const struct place *package,
                         struct package_version *ret)
{
    run_document_text(&r->doc, package, "name", &ret->name);
    run_document_text(&r->doc, package, "version", &ret->version);
    run_document_text(&r->doc, package, "commit", &ret->commit);
}

static void read_new_package(struct reading *r, const struct place *manifest, const char *key,
                             struct package_version *ret)
{
    struct place package = run_document_section(&r->doc, manifest, key);

    ret->name = run_document_keep(&r->doc, key, strlen(key));
    read_package(r, &package, ret);
}

static void read_manifest_object(struct reading *r, const struct place *meta)
{
    struct run_context *c = r->into;
    struct place manifest = run_document_section(&r->doc, meta, "manifest");
    bool old = is_old_manifest(&manifest);
    const char *key;
    json_t *value;

    if (!manifest.object)
        return;
    c->packages =
        run_document_items(&r->doc, json_object_size(manifest.object), sizeof *c->packages);
    if (!c->packages)
        return;
    json_object_foreach((json_t *)manifest.object, key, value)
    {
        if (r->doc.status)
            return;
        if (json_is_null(value) || (old && is_remark(&manifest, key)))
            continue;
        (old ? read_old_package : read_new_package)(r, &manifest, key,
                                                    &c->packages[c->package_count++]);
    }
}

static void read_manifest_list(struct reading *r, const struct place *meta)
{
    struct run_context *c = r->into;
    const json_t *packages = run_document_member(meta, "manifest");
    size_t n = json_array_size(packages);

    c->packages = run_document_items(&r->doc, n, sizeof *c->packages);
    for (size_t i = 0; i < n && !r->doc.status; i++) {
        struct package_version *package = &c->packages[c->package_count++];
        struct place at;
        char name[32];

        snprintf(name, sizeof name, "manifest[%zu]", i);
        at = run_document_place(meta, name, json_array_get(packages, i));
        read_package(r, &at, package);
        if (!package->name)
            run_document_fail_type(&r->doc, &at, "name", "given");
    }
}

static void read_manifest(struct reading *r, const struct place *meta)
{
    if (json_is_array(run_document_member(meta, "manifest")))
        read_manifest_list(r, meta);
    else
        read_manifest_object(r, meta);
}

static const char *version_of_node(const struct run_context *c)
{
    for (size_t i = 0; i < c->package_count; i++)
        if (strcmp(c->packages[i].name, "cardano-node") == 0)
            return c->packages[i].version;
    return NULL;
}

/* ---- the profile ---- */

static void read_filters(struct reading *r, const struct place *analysis)
{
    struct run_context *c = r->into;
    const json_t *names = run_document_list(&r->doc, analysis, "filters");
    size_t n = json_array_size(names);

    if (!names || !(c->filters = run_document_items(&r->doc, n, sizeof *c->filters)))
        return;
    c->filter_count = 0;
    for (size_t i = 0; i < n && !r->doc.status; i++) {
        const json_t *name = json_array_get(names, i);

        if (!json_is_string(name))
            run_document_fail_type(&r->doc, analysis, "filters", "a list of names of filters");
        else
            c->filters[c->filter_count++] =
                run_document_keep(&r->doc, json_string_value(name), json_string_length(name));
    }
}

static char *keep_json(struct reading *r, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = text ? run_document_keep(&r->doc, text, strlen(text)) : NULL;

    free(text);
    if (!copy)
        run_document_fail_memory(&r->doc);
    return copy;
}

static void read_filter_exprs(struct reading *r, const struct place *analysis)
{
    struct run_context *c = r->into;
    const json_t *exprs = run_document_list(&r->doc, analysis, "filter_exprs");
    size_t n = json_array_size(exprs);

    if (!exprs || !(c->filter_exprs = run_document_items(&r->doc, n, sizeof *c->filter_exprs)))
        return;
    c->filter_expr_count = 0;
    for (size_t i = 0; i < n && !r->doc.status; i++)
        c->filter_exprs[c->filter_expr_count++] = keep_json(r, json_array_get(exprs, i));
}

/* A profile with its derived values says n_pools. One without has the hosts of
 * one pool, and the dense ones with several each. */
static void read_pools(struct reading *r, const struct place *profile)
{
    struct place composition = run_document_section(&r->doc, profile, "composition");
    double singular = NAN, dense = 0, density = 1, pools = NAN;

    run_document_number(&r->doc, &composition, "n_pools", &pools);
    run_document_number(&r->doc, &composition, "n_singular_hosts", &singular);
    run_document_number(&r->doc, &composition, "n_dense_hosts", &dense);
    run_document_number(&r->doc, &composition, "dense_pool_density", &density);
    if (isnan(pools))
        pools = singular + dense * fmax(density, 1);
    if (!isnan(pools)) {
        r->into->pools = pools;
        r->into->pool_hosts = fmin(pools, singular + dense); /* of a number and NaN the number */
    }
}

static void read_generator(struct reading *r, const struct place *generator)
{
    struct run_context *c = r->into;
    struct place plutus = run_document_section(&r->doc, generator, "plutus");

    run_document_number(&r->doc, generator, "add_tx_size", &c->add_tx_size);
    run_document_number(&r->doc, generator, "inputs_per_tx", &c->inputs_per_tx);
    run_document_number(&r->doc, generator, "outputs_per_tx", &c->outputs_per_tx);
    run_document_number(&r->doc, generator, "tps", &c->tps);
    run_document_number(&r->doc, generator, "tx_count", &c->tx_count);
    if (!json_is_false(run_document_member(generator, "plutusMode"))) /* until 2023-04 */
        run_document_text(&r->doc, generator, "plutusLoopScript", &c->plutus_script);
    run_document_text(&r->doc, &plutus, "script", &c->plutus_script); /* since */
}

/* Goes over what an earlier document said, and keeps what this one leaves open. */
static void read_profile(struct reading *r, const struct place *profile)
{
    struct run_context *c = r->into;
    struct place generator = run_document_section(&r->doc, profile, "generator");
    struct place genesis = run_document_section(&r->doc, profile, "genesis");
    struct place analysis = run_document_section(&r->doc, profile, "analysis");

    run_document_text(&r->doc, profile, "scenario", &c->scenario);
    run_document_text(&r->doc, &generator, "era", &c->era);
    run_document_text(&r->doc, profile, "era", &c->era);
    read_generator(r, &generator);
    run_document_number(&r->doc, &genesis, "delegators", &c->delegators);
    run_document_number(&r->doc, &genesis, "utxo", &c->utxo);
    run_document_number(&r->doc, &genesis, "dreps", &c->dreps);
    read_pools(r, profile);
    read_filters(r, &analysis);
    read_filter_exprs(r, &analysis);
}

/* ---- machine and design ---- */

/* Adds ", PART"; what finds no room is cut. */
__attribute__((format(printf, 3, 4))) static void add_part(char text[MACHINE_TEXT_MAX], size_t *len,
                                                           const char *format, ...)
{
    va_list args;

    if (*len > 0 && *len + 2 < MACHINE_TEXT_MAX) {
        memcpy(text + *len, ", ", sizeof ", ");
        *len += 2;
    }
    va_start(args, format);
    *len += (size_t)vsnprintf(text + *len, MACHINE_TEXT_MAX - *len, format, args);
    va_end(args);
    if (*len > MACHINE_TEXT_MAX - 1)
        *len = MACHINE_TEXT_MAX - 1;
}

/* "x86_64, 2 cores, 24.0 GB, Linux 6.1.0, Some CPU @ 2 GHz": what meta.json tells of it. */
static void read_machine_parts(struct reading *r, const struct place *machine)
{
    const char *architecture = NULL, *kernel = NULL, *cpu = NULL;
    double cores = NAN, memory_bytes = NAN;
    char text[MACHINE_TEXT_MAX] = "";
    size_t len = 0;

    run_document_text(&r->doc, machine, "architecture", &architecture);
    run_document_number(&r->doc, machine, "cores", &cores);
    run_document_number(&r->doc, machine, "memory_bytes", &memory_bytes);
    run_document_text(&r->doc, machine, "kernel", &kernel);
    run_document_text(&r->doc, machine, "cpu", &cpu);
    if (architecture)
        add_part(text, &len, "%s", architecture);
    if (!isnan(cores))
        add_part(text, &len, cores == 1 ? "%.0f core" : "%.0f cores", cores);
    if (!isnan(memory_bytes))
        add_part(text, &len, "%.1f GB", memory_bytes / 1e9);
    if (kernel)
        add_part(text, &len, "%s", kernel);
    if (cpu)
        add_part(text, &len, "%s", cpu);
    if (len > 0)
        r->into->machine = run_document_keep(&r->doc, text, strlen(text));
}

static void read_machine(struct reading *r, const struct place *meta)
{
    struct place machine;

    if (json_is_string(run_document_member(meta, "machine"))) {
        run_document_text(&r->doc, meta, "machine", &r->into->machine);
        return;
    }
    machine = run_document_section(&r->doc, meta, "machine");
    read_machine_parts(r, &machine);
}

static void read_ordinal(struct reading *r, const struct place *in, const char *key, int64_t *ret)
{
    const json_t *value = run_document_member(in, key);

    if (!value)
        return;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *ret = json_integer_value(value);
    else
        run_document_fail_type(&r->doc, in, key, "a whole number from 0 on");
}

static void read_design(struct reading *r, const struct place *meta)
{
    struct place design = run_document_section(&r->doc, meta, "design");

    run_document_text(&r->doc, &design, "series", &r->into->design.series);
    read_ordinal(r, &design, "block", &r->into->design.block);
    read_ordinal(r, &design, "position", &r->into->design.position);
}

/* ---- where it ran, and what came before slot 0 ---- */

static void read_step(struct reading *r, const struct place *timing, size_t i,
                      struct context_step *ret)
{
    struct place step = run_document_item(&r->doc, timing, "to_start", i);
    const char *at = NULL;

    *ret = (struct context_step){ .at_ns = TIME_NONE };
    run_document_text(&r->doc, &step, "step", &ret->name);
    run_document_text(&r->doc, &step, "host", &ret->host);
    run_document_text(&r->doc, &step, "at", &at);
    if (ret->host && !*ret->host)
        ret->host = NULL;
    if (!ret->name)
        run_document_fail_type(&r->doc, &step, "step", "a text");
    else if (!at || !time_parse_iso(at, strlen(at), &ret->at_ns))
        run_document_fail_type(&r->doc, &step, "at", "a time");
}

/* The workbench of cardano-node has a mere name there, of its own kind. */
static void read_backend(struct reading *r, const struct place *meta)
{
    struct place backend;

    if (json_is_string(run_document_member(meta, "backend")))
        return;
    backend = run_document_section(&r->doc, meta, "backend");
    run_document_text(&r->doc, &backend, "name", &r->into->backend);
}

static void read_start(struct reading *r, const struct place *meta)
{
    struct run_context *c = r->into;
    struct place timing = run_document_section(&r->doc, meta, "timing");
    size_t count = json_array_size(run_document_list(&r->doc, &timing, "to_start"));

    c->to_start = run_document_items(&r->doc, count, sizeof *c->to_start);
    for (size_t i = 0; !r->doc.status && i < count; i++)
        read_step(r, &timing, i, &c->to_start[c->to_start_count++]);
}

/* ---- the two documents ---- */

static void read_meta(struct reading *r, const struct place *meta)
{
    struct run_context *c = r->into;

    run_document_text(&r->doc, meta, "tag", &c->tag);
    run_document_text(&r->doc, meta, "batch", &c->batch);
    run_document_text(&r->doc, meta, "profile", &c->profile);
    run_document_text(&r->doc, meta, "era", &c->era);
    run_document_text(&r->doc, meta, "scenario", &c->scenario);
    run_document_text(&r->doc, meta, "compiler", &c->ghc_version);
    run_document_text(&r->doc, meta, "node_ghc_version", &c->ghc_version);
    run_document_text(&r->doc, meta, "node_version", &c->node_version);
    run_document_text(&r->doc, meta, "node_kind", &c->node_kind);
    run_document_texts(&r->doc, meta, "flags", &c->flags, &c->flag_count);
    run_document_texts(&r->doc, meta, "concurrent_runs", &c->concurrent, &c->concurrent_count);
    read_machine(r, meta);
    read_design(r, meta);
    read_backend(r, meta);
    read_start(r, meta);
    read_manifest(r, meta);
    if (r->doc.status)
        return;
    c->ident = version_of_node(c);
    run_document_text(&r->doc, meta, "ident", &c->ident);
}

static void read_profile_document(struct reading *r, const struct place *root)
{
    run_document_text(&r->doc, root, "name", &r->into->profile);
    read_profile(r, root);
}

/* What stands later here counts more: meta above profile.json above profile_content. */
static enum ou_status read_documents(const char *meta_path, const json_t *meta_tree,
                                     const char *profile_path, const json_t *profile_tree,
                                     struct run_context *into, struct ou_error *err)
{
    struct reading of_meta = { { .path = meta_path, .memory = &into->memory, .err = err }, into };
    struct reading of_profile = { { .path = profile_path, .memory = &into->memory, .err = err },
                                  into };
    struct place meta_root = { .object = meta_tree }, profile_root = { .object = profile_tree };
    struct place meta = run_document_section(&of_meta.doc, &meta_root, "meta"), content;

    if (!run_document_member(&meta_root, "meta"))
        meta = meta_root;
    content = run_document_section(&of_meta.doc, &meta, "profile_content");
    read_profile(&of_meta, &content);
    if (!of_meta.doc.status)
        read_profile_document(&of_profile, &profile_root);
    if (!of_meta.doc.status && !of_profile.doc.status)
        read_meta(&of_meta, &meta);
    return of_meta.doc.status ? of_meta.doc.status : of_profile.doc.status;
}

enum ou_status run_context_load(const char *meta_path, const char *profile_path,
                                struct run_context *ret, struct ou_error *err)
{
    struct run_context got = { .delegators = NAN,
                               .utxo = NAN,
                               .dreps = NAN,
                               .add_tx_size = NAN,
                               .inputs_per_tx = NAN,
                               .outputs_per_tx = NAN,
                               .tps = NAN,
                               .tx_count = NAN,
                               .pools = NAN,
                               .pool_hosts = NAN,
                               .design = { .block = -1, .position = -1 } };
    json_t *meta = NULL, *profile = NULL;
    enum ou_status status = run_document_load(meta_path, &meta, err);

    arena_init(&got.memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!status)
        status = run_document_load(profile_path, &profile, err);
    if (!status)
        status = read_documents(meta_path, meta, profile_path, profile, &got, err);
    json_decref(meta);
    json_decref(profile);
    if (status)
        run_context_release(&got);
    else
        *ret = got;
    return status;
}

void run_context_release(struct run_context *c)
{
    arena_release(&c->memory);
    *c = (struct run_context){ 0 };
}

bool run_context_follows_chain(const struct run_context *c)
{
    return c && c->scenario && strcmp(c->scenario, "chainsync") == 0;
}
