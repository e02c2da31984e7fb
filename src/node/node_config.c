#include "node/node_config.h"

#include <math.h>
#include <stdio.h>

#include "json/tree.h"
#include "node/slowdown.h"

/* The file being read. `status` is the first failure; after it every question gets a default. */
struct reader {
    const char *path;
    const json_t *root;
    struct arena *memory;
    enum ou_status status;
    struct ou_error *err;
};

static void fail(struct reader *r, const char *member, const char *why)
{
    if (r->status == OU_OK)
        r->status = ou_fail(r->err, OU_INVALID, "%s: \"%s\" %s", r->path, member, why);
}

static uint64_t count_of(struct reader *r, const char *member, uint64_t least, uint64_t most,
                         uint64_t otherwise)
{
    const json_t *value = json_object_get(r->root, member);
    const json_int_t number = json_integer_value(value);

    if (!value || json_is_null(value))
        return otherwise;
    if (!json_is_integer(value) || number < 0 || (uint64_t)number < least ||
        (uint64_t)number > most) {
        fail(r, member, "is not a whole number that makes sense");
        return otherwise;
    }
    return (uint64_t)number;
}

/* A number that is not negative. */
static double real_of(struct reader *r, const json_t *object, const char *key, const char *member)
{
    const json_t *value = json_object_get(object, key);
    const double number = json_number_value(value);

    if (!value || json_is_null(value))
        return 0;
    if (!json_is_number(value) || !(number >= 0) || isinf(number)) {
        fail(r, member, "is not a number of at least 0");
        return 0;
    }
    return number;
}

static const char *text_of(struct reader *r, const char *member)
{
    const json_t *value = json_object_get(r->root, member);

    if (!value || json_is_null(value))
        return NULL;
    if (!json_is_string(value) || json_string_length(value) == 0) {
        fail(r, member, "is no text");
        return NULL;
    }
    return json_string_value(value);
}

/* The first bytes of a folder's path, and a name behind them. */
static const char *keep(struct reader *r, const char *folder, size_t folder_bytes, const char *name)
{
    const size_t room = folder_bytes + strlen(name) + 1;
    char *path = arena_take(r->memory, room, 1);

    if (path)
        snprintf(path, room, "%.*s%s", (int)folder_bytes, folder, name);
    else if (r->status == OU_OK)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for its settings", r->path);
    return path;
}

/* A path as seen from the file's folder. */
static const char *path_of(struct reader *r, const char *member)
{
    const char *name = text_of(r, member);
    const char *slash = strrchr(r->path, '/');
    const bool beside = name && name[0] != '/' && slash;

    return name ? keep(r, r->path, beside ? (size_t)(slash + 1 - r->path) : 0, name) : NULL;
}

static void read_settings(struct reader *r, struct node_settings *ret)
{
    const json_t *own = json_object_get(r->root, "ReferenceNode");
    const char *hash = text_of(r, "ShelleyGenesisHash");

    ret->config_path = keep(r, "", 0, r->path);
    ret->shelley_path = path_of(r, "ShelleyGenesisFile");
    ret->alonzo_path = path_of(r, "AlonzoGenesisFile");
    ret->shelley_hash = hash ? keep(r, "", 0, hash) : NULL;
    if (!ret->shelley_path)
        fail(r, "ShelleyGenesisFile", "is not given");
    ret->max_concurrency_deadline =
        (uint32_t)count_of(r, "MaxConcurrencyDeadline", 1, UINT32_MAX, 1);
    ret->max_concurrency_bulk = (uint32_t)count_of(r, "MaxConcurrencyBulkSync", 1, UINT32_MAX, 1);
    ret->mempool_capacity_override =
        count_of(r, "MempoolCapacityBytesOverride", 1, UINT64_C(1) << 32, 0);
    ret->snapshot_interval_slots = count_of(r, "SnapshotInterval", 0, INT64_MAX, 0);
    ret->ledger_metrics_slots =
        (uint32_t)count_of(r, "TraceOptionLedgerMetricsFrequency", 0, INT32_MAX, 1);
    ret->tx_submission_delay_s =
        real_of(r, r->root, "TxSubmissionInitDelay", "TxSubmissionInitDelay");
    if (own && !json_is_object(own))
        fail(r, "ReferenceNode", "is no object");
    ret->script_ps_per_step =
        real_of(r, own, "ScriptPicosecondsPerStep", "ReferenceNode.ScriptPicosecondsPerStep");
    ret->slowdown_percent = real_of(r, own, "SlowdownPercent", "ReferenceNode.SlowdownPercent");
    if (ret->slowdown_percent > SLOWDOWN_PERCENT_MAX)
        fail(r, "ReferenceNode.SlowdownPercent", "is more than 100");
}

enum ou_status node_settings_load(const char *config_path, struct arena *memory,
                                  struct node_settings *ret, struct ou_error *err)
{
    struct node_settings got = { 0 };
    struct reader r = { .path = config_path, .memory = memory, .err = err };
    json_t *root;
    enum ou_status status = json_tree_load(config_path, NODE_CONFIG_MAX_BYTES, &root, err);

    if (status)
        return status;
    r.root = root;
    read_settings(&r, &got);
    json_decref(root);
    if (r.status == OU_OK)
        *ret = got;
    return r.status;
}
