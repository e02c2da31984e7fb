#include "analyse/run_context.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"

#define DOCUMENT_BYTES_MAX ((size_t)16 << 20)
#define MEMORY_BYTES_MAX ((size_t)64 << 20)

/* One document being read. The first failure sticks, so that the members can be
 * read one after the other and the question asked once. */
struct reader {
    const char *path;
    struct run_context *into;
    struct ou_error *err;
    enum ou_status status;
};

/* An object of the document and its name for messages: "meta.profile_content".
 * NULL when the document has none; then it has no members. */
struct place {
    const json_t *object;
    char name[96];
};

/* ---- members ---- */

static void fail_type(struct reader *r, const struct place *in, const char *key, const char *wanted)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_INVALID, "%s: member %s%s%s must be %s", r->path, in->name,
                            in->name[0] ? "." : "", key, wanted);
}

static void fail_memory(struct reader *r)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory", r->path);
}

static const json_t *member(const struct place *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);

    return json_is_null(value) ? NULL : value;
}

static struct place place_in(const struct place *in, const char *key, const json_t *object)
{
    struct place inner = { .object = object };
    int len =
        snprintf(inner.name, sizeof inner.name, "%s%s%s", in->name, in->name[0] ? "." : "", key);

    if (len >= (int)sizeof inner.name)
        memcpy(inner.name + sizeof inner.name - 4, "...", 4);
    return inner;
}

static struct place section(struct reader *r, const struct place *in, const char *key)
{
    const json_t *object = member(in, key);

    if (object && !json_is_object(object)) {
        fail_type(r, in, key, "an object");
        object = NULL;
    }
    return place_in(in, key, object);
}

static const json_t *list(struct reader *r, const struct place *in, const char *key)
{
    const json_t *value = member(in, key);

    if (value && !json_is_array(value)) {
        fail_type(r, in, key, "a list");
        return NULL;
    }
    return value;
}

static char *keep(struct reader *r, const char *text, size_t len)
{
    char *copy = arena_copy(&r->into->memory, text, len);

    if (!copy)
        fail_memory(r);
    return copy;
}

/* Room for count items; one more, so that an empty list is not NULL. */
static void *keep_items(struct reader *r, size_t count, size_t item_bytes)
{
    void *items = arena_take(&r->into->memory, (count + 1) * item_bytes, _Alignof(max_align_t));

    if (!items)
        fail_memory(r);
    return items;
}

/* The readers of members leave *ret alone when the document has no such member. */
static void read_text(struct reader *r, const struct place *in, const char *key, const char **ret)
{
    const json_t *value = member(in, key);

    if (!value)
        return;
    if (json_is_string(value))
        *ret = keep(r, json_string_value(value), json_string_length(value));
    else
        fail_type(r, in, key, "text");
}

static void read_number(struct reader *r, const struct place *in, const char *key, double *ret)
{
    const json_t *value = member(in, key);

    if (!value)
        return;
    if (json_is_number(value))
        *ret = json_number_value(value);
    else
        fail_type(r, in, key, "a number");
}

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

static void read_old_package(struct reader *r, const struct place *manifest, const char *key,
                             struct package_version *ret)
{
    char version[64];

    snprintf(version, sizeof version, "%s-version", key);
    ret->name = keep(r, key, strlen(key));
    read_text(r, manifest, key, &ret->commit);
    read_text(r, manifest, version, &ret->version);
}

static void read_package(struct reader *r, const struct place *package, struct package_version *ret)
{
    read_text(r, package, "name", &ret->name);
    read_text(r, package, "version", &ret->version);
    read_text(r, package, "commit", &ret->commit);
}

static void read_new_package(struct reader *r, const struct place *manifest, const char *key,
                             struct package_version *ret)
{
    struct place package = section(r, manifest, key);

    ret->name = keep(r, key, strlen(key));
    read_package(r, &package, ret);
}

static void read_manifest_object(struct reader *r, const struct place *meta)
{
    struct run_context *c = r->into;
    struct place manifest = section(r, meta, "manifest");
    bool old = is_old_manifest(&manifest);
    const char *key;
    json_t *value;

    if (!manifest.object)
        return;
    c->packages = keep_items(r, json_object_size(manifest.object), sizeof *c->packages);
    if (!c->packages)
        return;
    json_object_foreach((json_t *)manifest.object, key, value)
    {
        if (r->status)
            return;
        if (json_is_null(value) || (old && is_remark(&manifest, key)))
            continue;
        (old ? read_old_package : read_new_package)(r, &manifest, key,
                                                    &c->packages[c->package_count++]);
    }
}

static void read_manifest_list(struct reader *r, const struct place *meta)
{
    struct run_context *c = r->into;
    const json_t *packages = member(meta, "manifest");
    size_t n = json_array_size(packages);

    c->packages = keep_items(r, n, sizeof *c->packages);
    for (size_t i = 0; i < n && !r->status; i++) {
        struct package_version *package = &c->packages[c->package_count++];
        struct place at;
        char name[32];

        snprintf(name, sizeof name, "manifest[%zu]", i);
        at = place_in(meta, name, json_array_get(packages, i));
        read_package(r, &at, package);
        if (!package->name)
            fail_type(r, &at, "name", "given");
    }
}

static void read_manifest(struct reader *r, const struct place *meta)
{
    if (json_is_array(member(meta, "manifest")))
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

static void read_filters(struct reader *r, const struct place *analysis)
{
    struct run_context *c = r->into;
    const json_t *names = list(r, analysis, "filters");
    size_t n = json_array_size(names);

    if (!names || !(c->filters = keep_items(r, n, sizeof *c->filters)))
        return;
    c->filter_count = 0;
    for (size_t i = 0; i < n && !r->status; i++) {
        const json_t *name = json_array_get(names, i);

        if (!json_is_string(name))
            fail_type(r, analysis, "filters", "a list of names of filters");
        else
            c->filters[c->filter_count++] =
                keep(r, json_string_value(name), json_string_length(name));
    }
}

static char *keep_json(struct reader *r, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = text ? keep(r, text, strlen(text)) : NULL;

    free(text);
    if (!copy)
        fail_memory(r);
    return copy;
}

static void read_filter_exprs(struct reader *r, const struct place *analysis)
{
    struct run_context *c = r->into;
    const json_t *exprs = list(r, analysis, "filter_exprs");
    size_t n = json_array_size(exprs);

    if (!exprs || !(c->filter_exprs = keep_items(r, n, sizeof *c->filter_exprs)))
        return;
    c->filter_expr_count = 0;
    for (size_t i = 0; i < n && !r->status; i++)
        c->filter_exprs[c->filter_expr_count++] = keep_json(r, json_array_get(exprs, i));
}

/* A profile with its derived values says n_pools. One without has the hosts of
 * one pool, and the dense ones with several each. */
static void read_pools(struct reader *r, const struct place *profile)
{
    struct place composition = section(r, profile, "composition");
    double singular = NAN, dense = 0, density = 1, pools = NAN;

    read_number(r, &composition, "n_pools", &pools);
    read_number(r, &composition, "n_singular_hosts", &singular);
    read_number(r, &composition, "n_dense_hosts", &dense);
    read_number(r, &composition, "dense_pool_density", &density);
    if (isnan(pools))
        pools = singular + dense * fmax(density, 1);
    if (!isnan(pools))
        r->into->pools = pools;
}

static void read_generator(struct reader *r, const struct place *generator)
{
    struct run_context *c = r->into;
    struct place plutus = section(r, generator, "plutus");

    read_number(r, generator, "add_tx_size", &c->add_tx_size);
    read_number(r, generator, "inputs_per_tx", &c->inputs_per_tx);
    read_number(r, generator, "outputs_per_tx", &c->outputs_per_tx);
    read_number(r, generator, "tps", &c->tps);
    read_number(r, generator, "tx_count", &c->tx_count);
    if (!json_is_false(member(generator, "plutusMode"))) /* until 2023-04 */
        read_text(r, generator, "plutusLoopScript", &c->plutus_script);
    read_text(r, &plutus, "script", &c->plutus_script); /* since */
}

/* Goes over what an earlier document said, and keeps what this one leaves open. */
static void read_profile(struct reader *r, const struct place *profile)
{
    struct run_context *c = r->into;
    struct place generator = section(r, profile, "generator");
    struct place genesis = section(r, profile, "genesis");
    struct place analysis = section(r, profile, "analysis");

    read_text(r, &generator, "era", &c->era);
    read_text(r, profile, "era", &c->era);
    read_generator(r, &generator);
    read_number(r, &genesis, "delegators", &c->delegators);
    read_number(r, &genesis, "utxo", &c->utxo);
    read_number(r, &genesis, "dreps", &c->dreps);
    read_pools(r, profile);
    read_filters(r, &analysis);
    read_filter_exprs(r, &analysis);
}

/* ---- the two documents ---- */

static void read_meta(struct reader *r, const struct place *meta)
{
    struct run_context *c = r->into;

    read_text(r, meta, "tag", &c->tag);
    read_text(r, meta, "batch", &c->batch);
    read_text(r, meta, "profile", &c->profile);
    read_text(r, meta, "era", &c->era);
    read_text(r, meta, "compiler", &c->ghc_version);
    read_text(r, meta, "node_ghc_version", &c->ghc_version);
    read_text(r, meta, "node_version", &c->node_version);
    read_manifest(r, meta);
    if (r->status)
        return;
    c->ident = version_of_node(c);
    read_text(r, meta, "ident", &c->ident);
}

static void read_profile_document(struct reader *r, const struct place *root)
{
    read_text(r, root, "name", &r->into->profile);
    read_profile(r, root);
}

/* What stands later here counts more: meta above profile.json above profile_content. */
static enum ou_status read_documents(const char *meta_path, const json_t *meta_tree,
                                     const char *profile_path, const json_t *profile_tree,
                                     struct run_context *into, struct ou_error *err)
{
    struct reader of_meta = { .path = meta_path, .into = into, .err = err };
    struct reader of_profile = { .path = profile_path, .into = into, .err = err };
    struct place meta_root = { .object = meta_tree }, profile_root = { .object = profile_tree };
    struct place meta = section(&of_meta, &meta_root, "meta"), content;

    if (!member(&meta_root, "meta"))
        meta = meta_root;
    content = section(&of_meta, &meta, "profile_content");
    read_profile(&of_meta, &content);
    if (!of_meta.status)
        read_profile_document(&of_profile, &profile_root);
    if (!of_meta.status && !of_profile.status)
        read_meta(&of_meta, &meta);
    return of_meta.status ? of_meta.status : of_profile.status;
}

static enum ou_status load(const char *path, json_t **ret, struct ou_error *err)
{
    json_t *tree;
    enum ou_status status;

    if (!path)
        return OU_OK;
    status = json_tree_load(path, DOCUMENT_BYTES_MAX, &tree, err);
    if (status)
        return status;
    if (!json_is_object(tree)) {
        json_decref(tree);
        return ou_fail(err, OU_INVALID, "%s: must be a JSON object", path);
    }
    *ret = tree;
    return OU_OK;
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
                               .pools = NAN };
    json_t *meta = NULL, *profile = NULL;
    enum ou_status status = load(meta_path, &meta, err);

    arena_init(&got.memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!status)
        status = load(profile_path, &profile, err);
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
