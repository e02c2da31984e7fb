/* The record of a run, from what its results tell. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "publish/publication_files.h"
#include "publish/publication_inside.h"

/* What has to agree before runs stand in one series: where they ran is the environment's. */
static const char *const profile_groups[] = { "profile", "genesis", "workload", "era",
                                              "filters", "options", NULL };
static const char *const environment_groups[] = { "hosts", NULL };

/* --- Names ------------------------------------------------------------------------------------ */

static const char *or_text(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

/* Runs of tables are called differently from report to report; their workload and start are the same in all. */
static void name_table_run(struct opened *o, const struct finished_run *run, struct run_record *ret,
                           enum ou_status *status)
{
    const char *workload = or_text(run_fact_find(run, "workload", ""), "");
    char start[TIME_ISO_ROOM];

    time_format_iso(run->started_ns, start);
    ret->source = "table";
    ret->name = run->name;
    ret->natural_key = publication_printf(o, status, "%s/%s", workload,
                                          run->started_ns == TIME_NONE ? run->name : start);
}

/* Logs that were analysed outside of a run directory have no tag: their content is their name. */
static void name_analysed_run(struct opened *o, const struct finished_run *run,
                              struct run_record *ret, enum ou_status *status)
{
    ret->source = "analysis";
    ret->natural_key = or_text(run->tag, ret->content_hash);
    ret->name = or_text(run->tag, run->ident);
    if (!ret->name || !*ret->name)
        ret->name = publication_fallback_name(o, ret, status);
}

/* --- Profile, environment, version ------------------------------------------------------------ */

static const char *workload_of(const struct finished_run *run)
{
    if (run->source == RUN_FROM_TABLE)
        return run_fact_find(run, "workload", "");
    if (run_fact_find(run, "workload", "plutusScript"))
        return "plutus";
    return run_fact_find(run, "workload", "tps") ? "value" : NULL;
}

static enum ou_status fill_profile(struct opened *o, const struct finished_run *run,
                                   struct run_record *ret)
{
    const char *workload = workload_of(run);
    enum ou_status status = OU_OK;

    ret->profile.workload = workload;
    if (run->source == RUN_FROM_TABLE) {
        /* Over the years reports differ in what they tell, and the cluster in its era: a workload is followed all the same. */
        ret->profile.name = or_text(workload, "unknown");
        ret->profile.facts = "{}";
        return OU_OK;
    }
    ret->profile.name = or_text(run->profile, "unknown");
    ret->profile.era = run->era;
    status = publication_facts(o, run, profile_groups, &ret->profile.facts);
    return status;
}

static int64_t hosts_of(const struct finished_run *run)
{
    const char *told = run_fact_find(run, "hosts", "count");

    return run->host_count > 0 ? run->host_count : told ? strtoll(told, NULL, 10) : -1;
}

static enum ou_status fill_environment(struct opened *o, const struct finished_run *run,
                                       struct run_record *ret)
{
    ret->environment.backend = run->backend;
    ret->environment.machine = run->machine;
    ret->environment.hosts = ret->host_count = hosts_of(run);
    return publication_facts(o, run, environment_groups, &ret->environment.facts);
}

/* The commit of what was measured: of the package that has its version, the last one if there are several. */
static const char *commit_of(const struct finished_run *run)
{
    const char *commit = NULL;

    for (size_t i = 0; run->node_version && i < run->package_count; i++)
        if (run->packages[i].version && strcmp(run->packages[i].version, run->node_version) == 0)
            commit = run->packages[i].commit;
    return commit;
}

static enum ou_status flags_text(struct opened *o, const struct finished_run *run, const char **ret)
{
    json_t *list = json_array();
    enum ou_status status = OU_OK;
    char *text;

    *ret = NULL;
    for (size_t i = 0; i < run->flag_count; i++)
        if (json_array_append_new(list, json_string(run->flags[i])))
            status = OU_NO_MEMORY;
    text = run->flag_count && !status ? json_dumps(list, JSON_COMPACT) : NULL;
    json_decref(list);
    if (run->flag_count && !text)
        return ou_fail(o->err, OU_NO_MEMORY, "%s: no memory for flags", o->name);
    if (text)
        *ret = publication_printf(o, &status, "%s", text);
    free(text);
    return status;
}

/* Reports have the versions of libraries among the summary's texts. */
static enum ou_status table_components(struct opened *o, const struct finished_run *run,
                                       struct run_record *ret)
{
    static const char *const names[] = { "cardano-base", "cardano-crypto",      "cardano-ledger",
                                         "cardano-node", "ouroboros-consensus", "ouroboros-network",
                                         "plutus" };
    struct run_package packages[sizeof names / sizeof *names];
    size_t count = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct run_value *v = run_value_find(run, SECTION_SUMMARY, names[i]);

        if (v && v->kind == RUN_VALUE_TEXT)
            packages[count++] = (struct run_package){ .name = names[i], .version = v->text };
    }
    return publication_components(o, packages, count, ret);
}

static enum ou_status fill_version(struct opened *o, const struct finished_run *run,
                                   struct run_record *ret)
{
    enum ou_status status = flags_text(o, run, &ret->version.flags);

    ret->version.name = or_text(run->node_version, "unknown");
    ret->version.compiler = run->compiler;
    ret->version.commit = commit_of(run);
    if (status)
        return status;
    return run->source == RUN_FROM_TABLE
               ? table_components(o, run, ret)
               : publication_components(o, run->packages, run->package_count, ret);
}

/* "ci-test, 2 hosts, local" */
static void fill_series(struct opened *o, struct run_record *ret, enum ou_status *status)
{
    const int64_t hosts = ret->environment.hosts;
    const char *backend = ret->environment.backend;

    if (hosts < 0)
        ret->series_title = ret->profile.name;
    else
        ret->series_title =
            publication_printf(o, status, "%s, %" PRId64 " host%s%s%s", ret->profile.name, hosts,
                               hosts == 1 ? "" : "s", backend ? ", " : "", backend ? backend : "");
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static const char *direction_name(enum metric_direction direction)
{
    switch (direction) {
    case DIRECTION_LESS_IS_BETTER: return "less";
    case DIRECTION_MORE_IS_BETTER: return "more";
    default: return "none";
    }
}

static struct metric_record metric_of(const struct metric_info *info)
{
    return (struct metric_record){
        section_name(info->section),     info->id,          info->name, info->unit,
        direction_name(info->direction), info->description,
    };
}

static const double *known_quantiles(const struct run_value *v)
{
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        if (isfinite(v->quantiles[i]))
            return v->quantiles;
    return NULL;
}

/* n, mean and deviation of each host in the order of the run's, NaN where it has nothing. */
static const double *dense_hosts(struct opened *o, const struct finished_run *run,
                                 const struct run_value *v, enum ou_status *status)
{
    const size_t count = 3 * (size_t)run->host_count;
    double *dense = v->host_count > 0 ? publication_take(o, count, sizeof *dense, status) : NULL;

    for (size_t i = 0; dense && i < count; i++)
        dense[i] = NAN;
    for (size_t i = 0; dense && i < v->host_count; i++) {
        double *part = dense + 3 * (size_t)v->hosts[i].host;

        part[0] = v->hosts[i].n;
        part[1] = v->hosts[i].mean;
        part[2] = v->hosts[i].sd;
    }
    return dense;
}

static enum ou_status fill_summaries(struct opened *o, const struct finished_run *run,
                                     struct run_record *ret)
{
    enum ou_status status = OU_OK;
    struct summary_record *rows = publication_take(o, run->value_count, sizeof *rows, &status);

    for (size_t i = 0; rows && !status && i < run->value_count; i++) {
        const struct run_value *v = &run->values[i];
        const double *quantiles = known_quantiles(v);

        rows[i] = (struct summary_record){
            .metric = metric_of(v->info),
            .n = v->n,
            .mean = v->mean,
            .median = v->median,
            .sd = v->sd,
            .low = v->min,
            .high = v->max,
            .text = v->text,
            .reason =
                v->kind == RUN_VALUE_ABSENT ? or_text(v->absent_reason, "not measured") : NULL,
            .quantiles = quantiles,
            .quantile_count = quantiles ? STANDARD_QUANTILES : 0,
            .host_values = dense_hosts(o, run, v, &status),
            .samples = v->blocks,
        };
    }
    ret->summaries = rows;
    ret->summary_count = rows ? run->value_count : 0;
    return status;
}

/* Slot 0 may not be known, but the length of slots is. */
static enum ou_status fill_blocks(struct opened *o, const struct finished_run *run,
                                  struct run_record *ret)
{
    const char *length = run_fact_find(run, "genesis", "slotLength");
    const double slot_s = length ? strtod(length, NULL) : NAN;
    enum ou_status status = OU_OK;
    struct block_record *rows = publication_take(o, run->block_count, sizeof *rows, &status);

    for (size_t i = 0; rows && i < run->block_count; i++)
        rows[i] = (struct block_record){
            .number = run->blocks[i].number,
            .slot = run->blocks[i].slot,
            .forger = run->blocks[i].forger,
            .slot_start_s = (double)run->blocks[i].slot * slot_s,
        };
    ret->blocks = rows;
    ret->block_record_count = rows ? run->block_count : 0;
    return status;
}

static int64_t block_count_of(const struct finished_run *run)
{
    const struct run_value *v = run_value_find(run, SECTION_SUMMARY, "sumDomainBlocks");

    if (run->source == RUN_FROM_ANALYSIS)
        return (int64_t)run->block_count;
    return v && v->kind == RUN_VALUE_NUMBER && v->mean >= 0 && v->mean < 1e15 ? (int64_t)v->mean
                                                                              : -1;
}

/* --- The whole -------------------------------------------------------------------------------- */

static void fill_identity(struct opened *o, const struct finished_run *run, struct run_record *ret,
                          enum ou_status *status)
{
    if (run->source == RUN_FROM_TABLE)
        name_table_run(o, run, ret, status);
    else
        name_analysed_run(o, run, ret, status);
    ret->ident = run->ident;
    ret->batch = run->batch;
    ret->started_ns = run->started_ns;
    ret->block_count = block_count_of(run);
    ret->errors = (int64_t)run->errors;
    ret->warnings = (int64_t)run->warnings;
    ret->hosts = run->hosts;
    ret->host_name_count = run->host_count;
}

enum ou_status publication_record(struct opened *o, const struct finished_run *run,
                                  struct run_record *ret)
{
    enum ou_status status = OU_OK;

    fill_identity(o, run, ret, &status);
    if (!status)
        status = fill_profile(o, run, ret);
    if (!status)
        status = fill_environment(o, run, ret);
    if (!status)
        status = fill_version(o, run, ret);
    if (!status)
        fill_series(o, ret, &status);
    if (!status)
        status = fill_summaries(o, run, ret);
    if (!status)
        status = fill_blocks(o, run, ret);
    return status ? status : publication_state(o, ret);
}
