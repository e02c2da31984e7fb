/* analysis.json, as docs/formats/analysis.md describes it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/time.h"
#include "study/reading.h"

#define ANALYSIS_SCHEMA_READ 1
#define TEXT_BYTES_MAX ((size_t)1 << 20)

/* Lists go through a buffer; what it holds is kept. */
static const char *keep_buffer(struct reading *r, struct buffer *text)
{
    const char *kept = NULL;

    if (buffer_status(text))
        reading_fail(r, buffer_status(text), "a list of names is too long");
    else
        kept = reading_keep(r, buffer_string(text));
    buffer_release(text);
    return kept;
}

/* --- Who and what ------------------------------------------------------------------- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool some(const char *text)
{
    return text && *text;
}

/* The node's version is told by the run, in older files by its manifest alone. */
static const char *node_version(struct reading *r, const json_t *run)
{
    const char *version = reading_text(r, run, "run", "nodeVersion");
    const json_t *first = json_array_get(json_object_get(run, "packages"), 0);

    return version ? version : reading_text(r, first, "run.packages[0]", "version");
}

static void read_steps(struct reading *r, const json_t *run)
{
    const json_t *steps = reading_array(r, run, "run", "toStart");
    size_t count = json_array_size(steps);

    r->run->steps = reading_take(r, count, sizeof *r->run->steps);
    for (size_t i = 0; !r->status && i < count; i++) {
        const json_t *step = json_array_get(steps, i);

        r->run->steps[i] = (struct run_step){
            .name = reading_text(r, step, "run.toStart[]", "step"),
            .host = reading_text(r, step, "run.toStart[]", "host"),
            .at_ns = reading_instant(r, step, "run.toStart[]", "at"),
        };
        r->run->step_count++;
    }
}

static void read_packages(struct reading *r, const json_t *run)
{
    const json_t *packages = reading_array(r, run, "run", "packages"), *package;
    struct finished_run *f = r->run;
    size_t i;

    f->packages = reading_take(r, json_array_size(packages), sizeof *f->packages);
    json_array_foreach(packages, i, package)
    {
        const struct run_package read = {
            .name = reading_text(r, package, "run.packages[]", "name"),
            .version = reading_text(r, package, "run.packages[]", "version"),
            .commit = reading_text(r, package, "run.packages[]", "commit"),
        };

        if (f->packages && some(read.name))
            f->packages[f->package_count++] = read;
    }
}

static void read_flags(struct reading *r, const json_t *run)
{
    const json_t *flags = reading_array(r, run, "run", "flags"), *flag;
    struct finished_run *f = r->run;
    size_t i;

    f->flags = reading_take(r, json_array_size(flags), sizeof *f->flags);
    json_array_foreach(flags, i, flag)
    {
        const char *text = reading_keep(r, json_string_value(flag));

        if (f->flags && text)
            f->flags[f->flag_count++] = text;
    }
}

static void read_identity(struct reading *r, const json_t *document)
{
    const json_t *run = reading_object(r, document, "", "run");
    const json_t *genesis = reading_object(r, document, "", "genesis");
    struct finished_run *f = r->run;

    f->tag = reading_text(r, run, "run", "tag");
    f->ident = reading_text(r, run, "run", "ident");
    f->batch = reading_text(r, run, "run", "batch");
    f->profile = reading_text(r, run, "run", "profile");
    f->era = reading_text(r, run, "run", "era");
    f->compiler = reading_text(r, run, "run", "compiler");
    f->node_version = node_version(r, run);
    f->machine = reading_text(r, run, "run", "machine");
    f->concurrent = json_array_size(reading_array(r, run, "run", "concurrentRuns"));
    f->name = f->title = some(f->ident) ? f->ident : some(f->tag) ? f->tag : file_name(r->path);
    reading_design(r, run, "run");
    f->backend = reading_text(r, run, "run", "backend");
    read_steps(r, run);
    read_packages(r, run);
    read_flags(r, run);
    f->started_ns = reading_instant(r, genesis, "genesis", "systemStart");
    if (f->started_ns == TIME_NONE)
        f->started_ns =
            reading_instant(r, reading_object(r, document, "", "read"), "read", "first");
}

/* --- Hosts --------------------------------------------------------------------------- */

/* Fills run->hosts, and returns name -> place; NULL without memory, which the reading knows then. */
static json_t *read_hosts(struct reading *r, const json_t *document)
{
    const json_t *hosts = reading_array(r, document, "", "hosts");
    size_t count = json_array_size(hosts);
    json_t *index = json_object();

    r->run->hosts = reading_take(r, count, sizeof *r->run->hosts);
    for (size_t i = 0; !r->status && i < count; i++) {
        const char *name = reading_text(r, json_array_get(hosts, i), "hosts[]", "host");

        if (!name || json_object_get(index, name)) {
            reading_fail(r, OU_INVALID, "hosts[%zu] has no name of its own", i);
            break;
        }
        if (json_object_set_new(index, name, json_integer((json_int_t)i)))
            reading_fail(r, OU_NO_MEMORY, "no memory for its hosts");
        r->run->hosts[r->run->host_count++] = name;
    }
    if (!index)
        reading_fail(r, OU_NO_MEMORY, "no memory for its hosts");
    return index;
}

/* --- Facts ------------------------------------------------------------------------------ */

/* The value of a member as text: of numbers the shortest that reads back. */
static const char *member_as_text(struct reading *r, const json_t *value)
{
    if (json_is_string(value))
        return reading_keep(r, json_string_value(value));
    if (json_is_integer(value))
        return reading_printf(r, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return reading_printf(r, "%.15g", json_real_value(value));
    return NULL;
}

static void add_members(struct reading *r, const char *group, const json_t *object,
                        const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reading_add_fact(r, group, names[i], member_as_text(r, json_object_get(object, names[i])));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_host_facts(struct reading *r)
{
    uint32_t count = r->run->host_count;
    const char **sorted = reading_take(r, count, sizeof *sorted);
    struct buffer text;

    if (!sorted)
        return;
    memcpy(sorted, r->run->hosts, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_text);
    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < count; i++)
        buffer_printf(&text, "%s%s", i ? ", " : "", sorted[i]);
    reading_add_fact(r, "hosts", "count", reading_printf(r, "%u", count));
    reading_add_fact(r, "hosts", "names", keep_buffer(r, &text));
}

static void add_filter_facts(struct reading *r, const json_t *document)
{
    const json_t *filters = reading_array(r, document, "", "filters"), *filter;
    struct buffer text;
    size_t i;

    if (!filters)
        return;
    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    json_array_foreach(filters, i, filter)
    {
        const char *name = json_string_value(json_object_get(filter, "name"));

        buffer_printf(&text, "%s%s", i ? ", " : "", name ? name : "?");
    }
    if (json_array_size(filters) == 0)
        buffer_text(&text, "none");
    reading_add_fact(r, "filters", "names", keep_buffer(r, &text));
}

static void read_facts(struct reading *r, const json_t *document)
{
    static const char *const genesis[] = { "networkMagic",     "slotLength",
                                           "epochLength",      "securityParam",
                                           "activeSlotsCoeff", "maxTxSize",
                                           "maxBlockBodySize", "slotsPerKESPeriod",
                                           "maxKESEvolutions" };
    static const char *const workload[] = { "delegators", "utxo",        "dreps",
                                            "addTxSize",  "inputsPerTx", "outputsPerTx",
                                            "tps",        "txCount",     "plutusScript" };
    const json_t *options = reading_object(r, document, "", "options");
    const json_t *run = reading_object(r, document, "", "run");

    reading_room_for_facts(r, 32);
    reading_add_fact(r, "profile", "", r->run->profile);
    add_members(r, "genesis", reading_object(r, document, "", "genesis"), genesis,
                sizeof genesis / sizeof *genesis);
    add_host_facts(r);
    add_filter_facts(r, document);
    add_members(r, "workload", reading_object(r, run, "run", "workload"), workload,
                sizeof workload / sizeof *workload);
    reading_add_fact(r, "era", "", r->run->era);
    reading_add_fact(r, "options", "quantiles", reading_text(r, options, "options", "quantiles"));
    if (options)
        reading_add_fact(r, "options", "compat",
                         json_is_string(json_object_get(options, "compat")) ? "locli" : "none");
}

/* --- The chain ----------------------------------------------------------------------------- */

/* The metrics whose values stand in each block's row. */
struct block_metric {
    struct run_value *value; /* NULL: one that this program does not know */
    double *values;
};

static struct run_value *value_named(const struct finished_run *run, const char *name)
{
    for (size_t i = 0; i < run->value_count; i++) {
        const char *section = section_name(run->values[i].info->section);
        size_t len = strlen(section);

        if (strncmp(name, section, len) == 0 && name[len] == '/' &&
            strcmp(name + len + 1, run->values[i].info->id) == 0)
            return &run->values[i];
    }
    return NULL;
}

static struct block_metric *read_block_metrics(struct reading *r, const json_t *chain,
                                               size_t blocks, size_t *ret_count)
{
    const json_t *names = reading_array(r, chain, "chain", "blockMetrics"), *name;
    struct block_metric *metrics = NULL;
    size_t i;

    *ret_count = json_array_size(names);
    if (*ret_count > dictionary_count()) {
        reading_fail(r, OU_INVALID, "chain.blockMetrics names more metrics than there are");
        return NULL;
    }
    metrics = reading_take(r, *ret_count, sizeof *metrics);
    if (!metrics)
        return NULL;
    json_array_foreach(names, i, name)
    {
        metrics[i].value =
            json_is_string(name) ? value_named(r->run, json_string_value(name)) : NULL;
        if (!metrics[i].value)
            continue;
        metrics[i].values = reading_take(r, blocks, sizeof(double));
        metrics[i].value->blocks = metrics[i].values;
    }
    return metrics;
}

static void read_block_values(struct reading *r, const json_t *row, size_t at, size_t block,
                              const struct block_metric *metrics, size_t count)
{
    const json_t *values = json_object_get(row, "values");

    if (values && json_array_size(values) != count) {
        reading_fail(r, OU_INVALID, "chain.blocks[%zu].values has %zu numbers, not %zu", at,
                     json_array_size(values), count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(values, i);

        if (value && !json_is_number(value) && !json_is_null(value))
            reading_fail(r, OU_INVALID, "chain.blocks[%zu].values[%zu] is no number", at, i);
        if (metrics[i].values)
            metrics[i].values[block] = json_is_number(value) ? json_number_value(value) : NAN;
    }
}

static void read_block(struct reading *r, const json_t *row, size_t at, struct run_block *ret)
{
    char place[48];
    int64_t start;

    snprintf(place, sizeof place, "chain.blocks[%zu]", at);
    ret->number = reading_whole(reading_number(r, row, place, "number"));
    ret->slot = reading_whole(reading_number(r, row, place, "slot"));
    ret->forger = reading_text(r, row, place, "forger");
    start = reading_instant(r, row, place, "slotStart");
    ret->slot_start_s = start == TIME_NONE ? NAN : (double)start / NS_PER_SECOND;
}

static size_t count_accepted(const json_t *rows)
{
    const json_t *row;
    size_t i, accepted = 0;

    json_array_foreach(rows, i, row)
    {
        accepted += json_is_true(json_object_get(row, "accepted"));
    }
    return accepted;
}

/* The accepted blocks; returns the battles they were in. */
static double read_blocks(struct reading *r, const json_t *chain)
{
    const json_t *rows = reading_array(r, chain, "chain", "blocks"), *row;
    size_t accepted = count_accepted(rows), metric_count, i;
    struct block_metric *metrics = read_block_metrics(r, chain, accepted, &metric_count);
    double battles = 0;

    r->run->blocks = reading_take(r, accepted, sizeof *r->run->blocks);
    json_array_foreach(rows, i, row)
    {
        if (r->status || !json_is_true(json_object_get(row, "accepted")))
            continue;
        read_block(r, row, i, &r->run->blocks[r->run->block_count]);
        if (metrics)
            read_block_values(r, row, i, r->run->block_count, metrics, metric_count);
        battles += reading_number(r, row, "chain.blocks[]", "battles");
        r->run->block_count++;
    }
    return battles;
}

static void read_counts(struct reading *r, const json_t *document, double battles)
{
    const json_t *chain = reading_object(r, document, "", "chain");
    const json_t *hosts = reading_array(r, document, "", "hosts"), *host;
    double chained = reading_number(r, chain, "chain", "chained");
    double unchained = reading_number(r, chain, "chain", "unchained");
    double missed = 0, checked = 0;
    size_t i;

    json_array_foreach(hosts, i, host)
    {
        if (!json_is_true(json_object_get(host, "clusterMember")))
            continue;
        missed += reading_number(r, host, "hosts[]", "missedSlots");
        checked += reading_number(r, host, "hosts[]", "checkedSlots");
    }
    reading_add_count(r, "cdfBlockBattle", "height & slot battles", "accepted blocks", battles,
                      (double)r->run->block_count);
    reading_add_count(r, "missedSlots", "missed slots", "checked slots", missed, checked);
    reading_add_count(r, "lostBlocks", "forged blocks not on the chain", "forged blocks", unchained,
                      chained + unchained);
}

/* What is missing for one node is not known for all of them. */
static void read_traces(struct reading *r, const json_t *document)
{
    const json_t *hosts = reading_array(r, document, "", "hosts"), *host;
    struct run_traces sum = { 0, 0, 0, NAN, NAN, NAN };
    size_t nodes = 0, i;

    json_array_foreach(hosts, i, host)
    {
        if (!json_is_true(json_object_get(host, "clusterMember")))
            continue;
        nodes++;
        sum.messages += reading_number(r, host, "hosts[]", "lines");
        sum.unwritten += reading_number(r, host, "hosts[]", "messagesUnwritten");
        sum.dropped += reading_number(r, host, "hosts[]", "messagesDropped");
    }
    if (nodes > 0)
        r->run->traces = sum;
}

/* --- The whole ---------------------------------------------------------------------------------------- */

static bool check_kind(struct reading *r, const json_t *document)
{
    double schema = reading_number(r, document, "", "schema");

    if (!json_is_object(json_object_get(document, "metrics")) || isnan(schema))
        return reading_fail(r, OU_INVALID,
                            "it is JSON, but no analysis: it has no schema and metrics");
    if (schema != ANALYSIS_SCHEMA_READ)
        return reading_fail(r, OU_INVALID,
                            "an analysis of schema %g; this version reads %d: analyse the run "
                            "again, or take a newer version",
                            schema, ANALYSIS_SCHEMA_READ);
    return true;
}

void read_analysis(struct reading *r, const json_t *document)
{
    struct finished_run run;
    json_t *host_index;

    if (!check_kind(r, document))
        return;
    reading_begin_run(r, &run, RUN_FROM_ANALYSIS);
    read_identity(r, document);
    host_index = read_hosts(r, document);
    reading_metrics(r, json_object_get(document, "metrics"), "metrics", host_index);
    json_decref(host_index);
    read_facts(r, document);
    read_counts(r, document, read_blocks(r, reading_object(r, document, "", "chain")));
    read_traces(r, document);
    reading_series(r, document);
    reading_findings(r, reading_array(r, document, "", "findings"));
    reading_end_run(r);
}
