#include "trace/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/suggest.h"
#include "trace/config_read.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Of a configuration: its texts and rows. CONFIG_NODES_MAX names fit. */
#define ARENA_BYTES_MAX ((size_t)32 << 20)

/* How often a file may say that the configuration is in another one. */
#define HOPS_MAX 4

#define INT_MOST 2147483647.0

/* --- The objects ---------------------------------------------------------------------- */

static enum ou_status read_verbosity(struct config_reading *r, const struct config_member *m,
                                     const struct config_node *value, void *into)
{
    static const char *const words[] = { "Minimum", "Maximum" };
    size_t which = 0;
    enum ou_status status = config_want_word(r, value, m->name, words, COUNT(words), &which);

    *(bool *)((char *)into + m->offset) = which == 1;
    return status;
}

/* 0: not given */
struct forwarder_keys {
    int queue, bytes, connected, disconnected, max_delay;
    bool verbose;
};

#define QUEUE_MOST 10000000

static const struct config_member forwarder_members[] = {
    { "queueSize", config_read_int, offsetof(struct forwarder_keys, queue), 1, QUEUE_MOST },
    { "queueBytes", config_read_int, offsetof(struct forwarder_keys, bytes), 65536, INT_MOST },
    { "connQueueSize", config_read_int, offsetof(struct forwarder_keys, connected), 1, QUEUE_MOST },
    { "disconnQueueSize", config_read_int, offsetof(struct forwarder_keys, disconnected), 1,
      QUEUE_MOST },
    { "maxReconnectDelay", config_read_int, offsetof(struct forwarder_keys, max_delay), 1, 86400 },
    { "verbosity", read_verbosity, offsetof(struct forwarder_keys, verbose), 0, 0 },
};

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static enum ou_status read_forwarder(struct config_reading *r, const struct config_member *m,
                                     const struct config_node *value, void *into)
{
    struct config_forwarder *f = &((struct config *)into)->forwarder;
    struct forwarder_keys keys = { .bytes = f->queue_bytes, .max_delay = f->max_reconnect_delay };
    enum ou_status status =
        config_read_object(r, value, m->name, forwarder_members, COUNT(forwarder_members), &keys);

    if (keys.queue)
        f->queue_size = keys.queue;
    else if (keys.connected || keys.disconnected) /* the two of 2023, and what they were then */
        f->queue_size = larger(keys.connected ? keys.connected : 128,
                               keys.disconnected ? keys.disconnected : 192);
    f->queue_bytes = keys.bytes;
    f->max_reconnect_delay = keys.max_delay;
    f->verbose = keys.verbose;
    return status;
}

static const struct config_member prometheus_members[] = {
    { "connTimeout", config_read_real, offsetof(struct config_prometheus, conn_timeout_s), 0.001,
      86400 },
    { "connCountGlobal", config_read_int, offsetof(struct config_prometheus, conn_global), 1,
      INT_MOST },
    { "connCountPerHost", config_read_int, offsetof(struct config_prometheus, conn_per_host), 1,
      INT_MOST },
    { "connPerSecond", config_read_real, offsetof(struct config_prometheus, conn_per_second), 0.001,
      1e9 },
};

static enum ou_status read_prometheus_limits(struct config_reading *r,
                                             const struct config_member *m,
                                             const struct config_node *value, void *into)
{
    return config_read_object(r, value, m->name, prometheus_members, COUNT(prometheus_members),
                              &((struct config *)into)->prometheus);
}

/* A dot ends every prefix but the empty one. */
static enum ou_status read_prefix(struct config_reading *r, const struct config_member *m,
                                  const struct config_node *value, void *into)
{
    struct config *config = into;
    struct span text = { NULL, 0 };
    enum ou_status status = config_want_text(r, value, m->name, &text);
    char *kept;

    if (status)
        return status;
    kept = arena_take(&config->options->arena, text.len + 2, 1);
    if (!kept)
        return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
    memcpy(kept, text.at, text.len);
    if (text.len && !span_ends(text, "."))
        kept[text.len] = '.';
    config->metrics_prefix = kept;
    return OU_OK;
}

static enum ou_status read_options(struct config_reading *r, const struct config_member *m,
                                   const struct config_node *value, void *into)
{
    (void)m, (void)into;
    if (value->kind == CONFIG_MAP && value->count == 0)
        return OU_OK; /* the built-in ones stay */
    return config_read_options(r, value);
}

static enum ou_status read_peer_frequency(struct config_reading *r, const struct config_member *m,
                                          const struct config_node *value, void *into)
{
    (void)into;
    config_warn(r, value, "%s has no effect", m->name);
    return OU_OK;
}

/* Keys that are looked at elsewhere. */
static enum ou_status read_nothing(struct config_reading *r, const struct config_member *m,
                                   const struct config_node *value, void *into)
{
    (void)r, (void)m, (void)value, (void)into;
    return OU_OK;
}

/* The keys of a node's file. */
static const struct config_member flat_members[] = {
    { "TraceOptions", read_options, 0, 0, 0 },
    { "TraceOptionForwarder", read_forwarder, 0, 0, 0 },
    { "TraceOptionNodeName", config_read_text, offsetof(struct config, node_name), 0, 0 },
    { "TraceOptionMetricsPrefix", read_prefix, 0, 0, 0 },
    { "TraceOptionResourceFrequency", config_read_int,
      offsetof(struct config, resource_frequency_ms), 0, INT_MOST },
    { "TraceOptionLedgerMetricsFrequency", config_read_int,
      offsetof(struct config, ledger_frequency), 0, INT_MOST },
    { "TraceOptionPeerFrequency", read_peer_frequency, 0, 0, 0 },
    { "TracePrometheusSimpleRun", read_prometheus_limits, 0, 0, 0 },
    { "TracingVerbosity", read_nothing, 0, 0, 0 },
    { "UseTraceDispatcher", read_nothing, 0, 0, 0 },
    { "HermodTracing", read_nothing, 0, 0, 0 },
};

/* The keys of an object HermodTracing. */
static const struct config_member inner_members[] = {
    { "Options", read_options, 0, 0, 0 },
    { "Forwarder", read_forwarder, 0, 0, 0 },
    { "ApplicationName", config_read_text, offsetof(struct config, node_name), 0, 0 },
    { "MetricsPrefix", read_prefix, 0, 0, 0 },
    { "PrometheusSimpleRun", read_prometheus_limits, 0, 0, 0 },
};

/* --- Where the keys are ------------------------------------------------------------------ */

/* Whether an unknown key of a node's file was meant to be one of ours: the
 * switches of the older system, which are truth values, were not. */
static bool is_suspicious(const struct config_item *item)
{
    bool truth;

    return span_starts(item->key->text, "TraceOption") || !config_is_bool(item->value, &truth);
}

static enum ou_status read_flat(struct config_reading *r, const struct config_node *root)
{
    enum ou_status status = OU_OK;

    for (const struct config_item *i = root->items; i && !status; i = i->next) {
        const char *near = NULL;
        const struct config_member *m;

        if (!span_starts(i->key->text, "Trace"))
            continue;
        m = config_find_member(flat_members, COUNT(flat_members), i->key->text, &near);
        if (m && !config_is_null(i->value))
            status = m->read(r, m, i->value, r->config);
        else if (!m && is_suspicious(i))
            config_warn(r, i->key, "there is no key \"%.80s\"%s%s%s", i->key->text.at,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return status;
}

static enum ou_status read_inner(struct config_reading *r, const struct config_node *object)
{
    return config_read_object(r, object, "HermodTracing", inner_members, COUNT(inner_members),
                              r->config);
}

static bool has_flat_keys(const struct config_node *object)
{
    for (const struct config_item *i = object->items; i; i = i->next)
        if (span_starts(i->key->text, "Trace"))
            return true;
    return false;
}

static enum ou_status read_path(struct config_reading *r, const char *path, int hops);

static enum ou_status refuse_file(const struct config_reading *r, const struct config_node *value,
                                  enum ou_status status)
{
    struct ou_error why = r->err ? *r->err : (struct ou_error){ { 0 } };

    return ou_fail(r->err, status, "%s:%d: HermodTracing: %s", r->name, value->line, why.text);
}

/* A path is relative to the folder of the file that names it. */
static enum ou_status read_further_file(struct config_reading *r, const struct config_node *value,
                                        int hops)
{
    const char *slash = strrchr(r->name, '/');
    struct buffer path;
    enum ou_status status;

    if (hops == HOPS_MAX)
        return config_refuse(r, value, "more than %d files lead to the one with the options",
                             HOPS_MAX);
    buffer_init(&path, allocator_libc(), 8192);
    if (slash && value->text.at[0] != '/')
        buffer_append(&path, r->name, (size_t)(slash + 1 - r->name));
    buffer_append(&path, value->text.at, value->text.len);
    status = buffer_status(&path);
    if (status)
        status = config_refuse(r, value, "the path is too long");
    else
        status = read_path(r, buffer_string(&path), hops + 1);
    if (status == OU_NOT_FOUND || status == OU_IO) /* which tells nothing of the outer file */
        status = refuse_file(r, value, status);
    buffer_release(&path);
    return status;
}

static enum ou_status read_container(struct config_reading *r, const struct config_node *root,
                                     const struct config_node *hermod, int hops)
{
    bool beside = config_member(root, "TraceOptions") != NULL;

    if (hermod->kind == CONFIG_LIST || (hermod->kind == CONFIG_SCALAR && hermod->text.len == 0))
        return config_refuse(r, hermod, "HermodTracing must be an object or the path of a file");
    if (hermod->kind == CONFIG_SCALAR) {
        if (beside)
            config_warn(r, config_item(root, "TraceOptions")->key,
                        "TraceOptions has no effect beside HermodTracing, which names a file");
        return read_further_file(r, hermod, hops);
    }
    if (!beside) /* files that a tool moved into the container keep their keys' names */
        return has_flat_keys(hermod) ? read_flat(r, hermod) : read_inner(r, hermod);
    config_warn(r, config_item(root, "HermodTracing")->key,
                "HermodTracing has no effect beside TraceOptions");
    return read_flat(r, root);
}

/* What is said about tracing in a file, or in a file that it names. */
static enum ou_status read_new_system(struct config_reading *r, const struct config_node *root,
                                      int hops)
{
    const struct config_node *hermod = config_member(root, "HermodTracing");

    if (hermod)
        return read_container(r, root, hermod, hops);
    if (config_member(root, "Options") && !has_flat_keys(root))
        return read_inner(r, root);
    if (!config_member(root, "TraceOptions") && !r->config->legacy.wanted)
        config_warn(r, root, "there are no TraceOptions: the built-in ones apply");
    return read_flat(r, root);
}

static enum ou_status read_root(struct config_reading *r, const struct config_node *root, int hops)
{
    const struct config_member use = { .name = "UseTraceDispatcher" };
    const struct config_node *value, *envelope;
    bool dispatcher = true;
    enum ou_status status = OU_OK;

    if (root->kind != CONFIG_MAP)
        return config_refuse(r, root, "a configuration must be an object");
    /* Nodes' files since 2026 may have all their keys in an object. */
    envelope = config_member(root, "Configuration");
    if (envelope && envelope->kind == CONFIG_MAP && !config_member(root, "TraceOptions") &&
        !config_member(root, "HermodTracing"))
        root = envelope;
    value = hops == 0 ? config_member(root, "UseTraceDispatcher") : NULL;
    if (value)
        status = config_read_bool(r, &use, value, &dispatcher);
    if (!status && !dispatcher)
        status = config_read_legacy(r, root);
    return status ? status : read_new_system(r, root, hops);
}

static enum ou_status read_text(struct config_reading *r, struct span text, int hops)
{
    struct config_tree tree = { .root = NULL };
    enum ou_status status = config_tree_parse(text, r->name, &tree, r->err);

    if (!status && tree.root && !config_is_null(tree.root))
        status = read_root(r, tree.root, hops);
    config_tree_release(&tree);
    return status;
}

static enum ou_status read_path(struct config_reading *r, const char *path, int hops)
{
    const char *outer = r->name;
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    r->name = path;
    status = file_read(path, &text, r->err);
    if (!status)
        status = read_text(r, (struct span){ text.at, text.len }, hops);
    r->name = outer;
    buffer_release(&text);
    return status;
}

/* --- The whole ---------------------------------------------------------------------------- */

static void set_defaults(struct config *c)
{
    static char prefix[] = "cardano.node.metrics.";

    c->metrics_prefix = prefix;
    c->resource_frequency_ms = 1000;
    c->ledger_frequency = 1;
    c->prometheus.conn_timeout_s = 22;
    c->prometheus.conn_global = 16;
    c->prometheus.conn_per_host = 5;
    c->prometheus.conn_per_second = 8;
    c->forwarder.queue_size = 65536;
    c->forwarder.queue_bytes = 64 << 20;
    c->forwarder.max_reconnect_delay = 45;
}

struct config *config_default(void)
{
    struct config *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->options = calloc(1, sizeof(*c->options));
    if (!c->options) {
        free(c);
        return NULL;
    }
    arena_init(&c->options->arena, allocator_libc(), ARENA_BYTES_MAX);
    set_defaults(c);
    if (config_default_options(c) == OU_OK)
        return c;
    config_free(c);
    return NULL;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    arena_release(&config->options->arena);
    free(config->options);
    free(config);
}

/* Reads a text, or the file `name` where there is none. */
static enum ou_status read_config(const struct span *text, const char *name,
                                  struct buffer *warnings, struct config **ret,
                                  struct ou_error *err)
{
    struct config_reading r = {
        .name = name, .config = config_default(), .warnings = { .lines = warnings }, .err = err
    };
    enum ou_status status;

    if (!r.config)
        return ou_fail(err, OU_NO_MEMORY, "read %s: no memory", name);
    status = text ? read_text(&r, *text, 0) : read_path(&r, name, 0);
    config_warn_rest(&r);
    if (status)
        config_free(r.config);
    else
        *ret = r.config;
    return status;
}

enum ou_status config_parse(const char *text, size_t len, const char *name, struct buffer *warnings,
                            struct config **ret, struct ou_error *err)
{
    return read_config(&(struct span){ text, len }, name, warnings, ret, err);
}

enum ou_status config_load(const char *path, struct buffer *warnings, struct config **ret,
                           struct ou_error *err)
{
    return read_config(NULL, path, warnings, ret, err);
}
