#include "cmd/analyse_setup.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "analyse/run_incidents.h"
#include "base/time.h"
#include "cmd/analyse_on.h"
#include "cmd/say.h"
#include "logs/ingest.h"

/* ---- paths ---- */

enum ou_status path_join(const char *directory, const char *name, char ret[PATH_MAX],
                         struct ou_error *err)
{
    const char *slash = *directory && directory[strlen(directory) - 1] == '/' ? "" : "/";

    if (snprintf(ret, PATH_MAX, "%s%s%s", directory, slash, name) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", directory);
    return OU_OK;
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static bool has_directory(const char *directory, const char *name)
{
    char path[PATH_MAX];

    return path_join(directory, name, path, NULL) == OU_OK && is_directory(path);
}

/* The path of a file in a directory, when there is one. */
static bool find_file(const char *directory, const char *name, char ret[PATH_MAX])
{
    return path_join(directory, name, ret, NULL) == OU_OK && is_file(ret);
}

/* ---- the run directory ---- */

/* Where run directories keep the Shelley genesis: those of this program, and
 * those of the workbench of cardano-node in 2026 and 2023. */
#define GENESIS_NAMES "genesis/shelley.json, genesis/genesis.shelley.json, genesis-shelley.json"

static bool find_genesis(const char *run, char ret[PATH_MAX])
{
    return find_file(run, "genesis/shelley.json", ret) ||
           find_file(run, "genesis/genesis.shelley.json", ret) ||
           find_file(run, "genesis-shelley.json", ret);
}

static bool has_node_folders(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    bool found = false;

    if (!directory)
        return false;
    while (!found && (entry = readdir(directory)))
        found = strncmp(entry->d_name, "node-", 5) == 0 && has_directory(path, entry->d_name);
    closedir(directory);
    return found;
}

/* A folder of logs is no run directory: results would be written into it, and
 * its sub-folders are hosts. Hence the clear signs. */
static bool is_run(const char *path, bool chain_is_given)
{
    char ignored[PATH_MAX];

    if (!is_directory(path))
        return false;
    if (find_file(path, "meta.json", ignored))
        return true;
    if (has_directory(path, "logs"))
        return chain_is_given || find_genesis(path, ignored);
    return find_genesis(path, ignored) && has_node_folders(path);
}

static bool makes_extract(const struct analyse_setup *s)
{
    return option_given(s->options, ANALYSE_EXTRACT);
}

static bool reads_extracts(const struct analyse_setup *s)
{
    return s->on_cluster || option_given(s->options, ANALYSE_FROM_EXTRACTS);
}

/* A host of a cluster has a part of a run directory: perhaps no logs, for a collector elsewhere has them. */
static bool is_part_of_run(const char *path)
{
    return has_directory(path, "logs") || has_directory(path, "nodes");
}

static bool chain_is_given(const struct parsed_options *options)
{
    return option_given(options, ANALYSE_GENESIS) || option_given(options, ANALYSE_NETWORK);
}

static enum ou_status find_run(struct analyse_setup *s, struct ou_error *err)
{
    const struct parsed_options *options = s->options;

    for (size_t i = 0; i < options->operand_count; i++) {
        if (!is_run(options->operands[i], chain_is_given(options)) &&
            !(makes_extract(s) && is_part_of_run(options->operands[i])))
            continue;
        if (options->operand_count > 1 && (!reads_extracts(s) || s->run))
            return ou_fail(err, OU_USAGE,
                           "%s is a run directory, and those are analysed one at a time; to mix "
                           "its logs with others give its logs folder",
                           options->operands[i]);
        s->run = options->operands[i];
    }
    return OU_OK;
}

static enum ou_status find_logs(struct analyse_setup *s, struct ou_error *err)
{
    return analyse_on(s->options, s->run, &s->on_cluster, err);
}

/* ---- chain and context ---- */

static enum ou_status no_chain(const struct analyse_setup *s, struct ou_error *err)
{
    if (s->run)
        return ou_fail(err, OU_USAGE,
                       "%s has no genesis (" GENESIS_NAMES "); try --genesis FILE, or --network "
                       "mainnet",
                       s->run);
    return ou_fail(err, OU_USAGE,
                   "which chain are these logs of? Give --network mainnet (or preprod, preview), "
                   "or --genesis with its Shelley genesis, or a run directory, which has its own");
}

/* Programs that are no nodes have no chain: their slots are seconds. */
static bool is_chainless(const struct analyse_setup *s)
{
    return s->run && s->has_context && s->context.node_kind &&
           strcmp(s->context.node_kind, "command") == 0;
}

static enum ou_status load_chain(struct analyse_setup *s, struct ou_error *err)
{
    const char *path = option_value(s->options, ANALYSE_GENESIS);
    const char *network = option_value(s->options, ANALYSE_NETWORK);
    bool found;

    if (path && network)
        return ou_fail(err, OU_USAGE, "--genesis and --network both name a chain; give one");
    if (network) {
        snprintf(s->genesis_source, sizeof s->genesis_source, "%s", network);
        return genesis_of_network(network, &s->genesis, err);
    }
    found = path ? snprintf(s->genesis_source, PATH_MAX, "%s", path) < PATH_MAX
                 : s->run && find_genesis(s->run, s->genesis_source);
    if (!found && !path && is_chainless(s)) {
        s->genesis = genesis_chainless(0); /* until the logs say when they begin */
        return OU_OK;
    }
    if (!found)
        return path ? ou_fail(err, OU_USAGE, "--genesis: the path is too long") : no_chain(s, err);
    return genesis_load(s->genesis_source, &s->genesis, err);
}

static enum ou_status load_context(struct analyse_setup *s, struct ou_error *err)
{
    char meta_of_run[PATH_MAX], profile_of_run[PATH_MAX], history[PATH_MAX];
    const char *meta = option_value(s->options, ANALYSE_META), *profile = NULL;
    enum ou_status status;

    if (!meta && s->run && find_file(s->run, "meta.json", meta_of_run))
        meta = meta_of_run;
    if (s->run && find_file(s->run, "profile.json", profile_of_run))
        profile = profile_of_run;
    if (!meta && !profile)
        return OU_OK;
    status = run_context_load(meta, profile, &s->context, err);
    s->has_context = status == OU_OK;
    if (!status && s->run && find_file(s->run, "status.json", history))
        status = run_incidents_load(history, &s->context, err);
    return status;
}

/* Only nodes of one machine are delayed as the profile's links are. */
static bool are_links_modelled(const struct analyse_setup *s)
{
    const char *backend = s->has_context ? s->context.backend : NULL;

    return !backend || strcmp(backend, "nomad") != 0;
}

/* A topology.json that is no map of a cluster is none of ours. */
static enum ou_status load_map(struct analyse_setup *s, struct ou_error *err)
{
    char topology[PATH_MAX], profile[PATH_MAX];
    struct ou_error why = { 0 };
    enum ou_status status;

    if (!s->run || !find_file(s->run, "topology.json", topology))
        return OU_OK;
    status = cluster_map_load(topology, find_file(s->run, "profile.json", profile) ? profile : NULL,
                              are_links_modelled(s), &s->map, &why);
    s->has_map = status == OU_OK;
    return status && status != OU_NOT_FOUND ? ou_fail(err, status, "%s", why.text) : OU_OK;
}

static enum ou_status load_rts(struct analyse_setup *s, struct ou_error *err)
{
    return s->run && !reads_extracts(s) ? rts_hosts_load(s->run, &s->rts, err) : OU_OK;
}

/* ---- rules ---- */

static enum ou_status read_threads(struct analyse_setup *s, struct ou_error *err)
{
    const char *text = option_value(s->options, ANALYSE_THREADS);
    char *end;
    long threads;

    if (!text)
        return OU_OK;
    threads = strtol(text, &end, 10);
    if (end == text || *end || threads < 1 || threads > INGEST_THREADS_MAX)
        return ou_fail(err, OU_USAGE, "--threads must be a number from 1 to %d, not '%s'",
                       INGEST_THREADS_MAX, text);
    s->threads = (int)threads;
    return OU_OK;
}

static enum ou_status read_date(struct analyse_setup *s, struct ou_error *err)
{
    const char *date = option_value(s->options, ANALYSE_DATE);
    char midnight[32];
    int64_t ns;
    int len;

    if (!date)
        return OU_OK;
    len = snprintf(midnight, sizeof midnight, "%sT00:00:00Z", date);
    if (len >= (int)sizeof midnight || !time_parse_iso(midnight, (size_t)len, &ns))
        return ou_fail(err, OU_USAGE, "--date must be a day like 2026-11-22, not '%s'", date);
    s->date = date;
    return OU_OK;
}

static enum quantile_rule rule_of(const char *name, bool compat)
{
    if (!name)
        return compat ? QUANTILE_LOCLI : QUANTILE_TYPE7;
    if (strcmp(name, "locli") == 0)
        return QUANTILE_LOCLI;
    return strcmp(name, "8") == 0 ? QUANTILE_TYPE8 : QUANTILE_TYPE7;
}

static enum ou_status read_rules(struct analyse_setup *s, struct ou_error *err)
{
    enum ou_status status = read_threads(s, err);

    s->compat = option_given(s->options, ANALYSE_COMPAT);
    s->rule = rule_of(option_value(s->options, ANALYSE_QUANTILES), s->compat);
    if (!status && s->compat && s->rule != QUANTILE_LOCLI)
        status = ou_fail(err, OU_USAGE,
                         "--compat locli takes locli's quantiles; leave --quantiles out, or say "
                         "--quantiles locli");
    return status ? status : read_date(s, err);
}

/* ---- filters ---- */

/* A condition alone is a list of one. */
static enum ou_status add_filter_json(struct filter_set *set, const char *json, const char *from,
                                      struct ou_error *err)
{
    bool is_list = json[strspn(json, " \t\r\n")] == '[';
    enum ou_status status;
    char *text;

    if (asprintf(&text, is_list ? "%s" : "[%s]", json) < 0)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", from);
    status = filter_add_text(set, span_of(text), from, err);
    free(text);
    return status;
}

static bool looks_like_json(const char *text)
{
    char first = text[strspn(text, " \t\r\n")];

    return first == '[' || first == '{';
}

/* Conditions, or a file of them, or the name of a shipped filter. */
static enum ou_status add_filter_option(struct filter_set *set, const char *value,
                                        struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    if (is_file(value) || (!looks_like_json(value) && strchr(value, '/')))
        return filter_add_file(set, value, err);
    status = looks_like_json(value) ? add_filter_json(set, value, "inline", &why)
                                    : filter_add_shipped(set, value, &why);
    if (!status)
        return OU_OK;
    return ou_fail(err, status == OU_NO_MEMORY ? status : OU_USAGE, "--filter: %s", why.text);
}

static bool has_condition(const struct filter_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (span_is(set->conditions[i].name, name))
            return true;
    return false;
}

/* Every block must have reached all hosts with pools but its forger. A profile whose
 * derived values are filled in has this among its conditions already. */
static enum ou_status add_adoptions_filter(struct filter_set *set, double hosts,
                                           struct ou_error *err)
{
    char name[40];

    if (!(hosts >= 2 && hosts <= UINT32_MAX))
        return OU_OK;
    snprintf(name, sizeof name, "BMinimumAdoptions %u", (unsigned)hosts - 1);
    if (has_condition(set, name))
        return OU_OK;
    return filter_add_minimum_adoptions(set, (uint32_t)hosts - 1, err);
}

static enum ou_status add_profile_filters(struct filter_set *set, const struct run_context *c,
                                          struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < c->filter_count; i++)
        status = filter_add_shipped(set, c->filters[i], &why);
    for (size_t i = 0; !status && i < c->filter_expr_count; i++)
        status = add_filter_json(set, c->filter_exprs[i], "profile", &why);
    if (!status)
        status = add_adoptions_filter(set, c->pool_hosts, &why);
    if (status)
        return ou_fail(err, status,
                       "the filters of the run's profile: %s (--no-filters ignores "
                       "them)",
                       why.text);
    return OU_OK;
}

static enum ou_status build_filters(struct analyse_setup *s, struct ou_error *err)
{
    const struct parsed_options *options = s->options;
    enum ou_status status = OU_OK;

    filter_set_init(&s->filters, s->genesis.max_block_body_bytes, s->compat);
    if (!option_given(options, ANALYSE_NO_FILTERS) && !s->genesis.is_chainless) {
        if (!s->has_context || !s->context.filters)
            status = filter_add_shipped(&s->filters, "unitary", err);
        if (!status && s->has_context)
            status = add_profile_filters(&s->filters, &s->context, err);
    }
    for (size_t i = 0; !status && i < options->given_count; i++)
        if (options->given[i].option == ANALYSE_FILTER)
            status = add_filter_option(&s->filters, options->given[i].value, err);
    return status;
}

/* ---- logs ---- */

/* The first slot of a run without a chain is the second in which its first log begins. */
static enum ou_status start_clock(struct analyse_setup *s, struct ou_error *err)
{
    int64_t first_ns;

    if (!s->genesis.is_chainless || makes_extract(s) || reads_extracts(s))
        return OU_OK;
    first_ns = log_inputs_first_ns(&s->inputs);
    if (first_ns == TIME_NONE)
        return ou_fail(err, OU_INVALID, "%s: no log has a line with a time", s->run);
    s->genesis = genesis_chainless(first_ns / NS_PER_SECOND * NS_PER_SECOND);
    return OU_OK;
}

/* A path that is not there must not hide what can be said of the others. */
static bool can_go_on(enum ou_status status)
{
    return status == OU_NOT_FOUND || status == OU_IO;
}

static enum ou_status add_operands(struct analyse_setup *s, struct ou_error *err)
{
    const struct parsed_options *options = s->options;

    for (size_t i = 0; i < options->operand_count; i++) {
        struct ou_error why = { 0 };
        enum ou_status status = log_inputs_add(&s->inputs, options->operands[i], &why);

        if (!status)
            continue;
        if (!can_go_on(status) || options->operand_count == 1)
            return ou_fail(err, status, "%s", why.text);
        say_warning(options->command, why.text);
    }
    return OU_OK;
}

/* A run without a chain has none: that is said before the hosts are put to work. */
static enum ou_status bring_extracts(struct analyse_setup *s, struct ou_error *err)
{
    enum ou_status status;

    if (s->genesis.is_chainless)
        return ou_fail(err, OU_INVALID,
                       "%s has no chain, so that its slots are counted from the first line of all "
                       "its logs: they have to be here",
                       s->run);
    status = analyse_on_bring(s->options, s->run, s->brought, err);
    return status ? status : extract_files_add(&s->extracts, s->brought, err);
}

static enum ou_status list_extracts(struct analyse_setup *s, struct ou_error *err)
{
    const struct parsed_options *options = s->options;
    enum ou_status status = OU_OK;

    if (s->on_cluster)
        return bring_extracts(s, err);
    for (size_t i = 0; !status && i < options->operand_count; i++)
        if (options->operands[i] != s->run)
            status = extract_files_add(&s->extracts, options->operands[i], err);
    if (!status && s->extracts.count == 0)
        status = ou_fail(err, OU_USAGE,
                         "--from-extracts: which? Give files that analyse --extract "
                         "made, or folders of them");
    return status;
}

static enum ou_status list_logs(struct analyse_setup *s, struct ou_error *err)
{
    enum ou_status status;

    if (reads_extracts(s))
        return list_extracts(s, err);
    status = s->run ? log_inputs_add_run(&s->inputs, s->run, err) : add_operands(s, err);
    if (status == OU_NOT_FOUND && s->run && makes_extract(s))
        return OU_OK; /* its statistics are worth an extract, too */
    if (status)
        return status;
    if (s->inputs.count == 0)
        return ou_fail(err, OU_NOT_FOUND, "there is no log to analyse");
    log_inputs_sort(&s->inputs);
    return OU_OK;
}

/* ---- all of it ---- */

enum ou_status analyse_setup(const struct parsed_options *options, struct analyse_setup *s,
                             struct ou_error *err)
{
    static enum ou_status (*const steps[])(struct analyse_setup *, struct ou_error *) = {
        find_run, find_logs, read_rules,    load_context, load_chain,
        load_map, load_rts,  build_filters, list_logs,    start_clock,
    };

    s->options = options;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        enum ou_status status = steps[i](s, err);

        if (status)
            return status;
    }
    return OU_OK;
}

void analyse_setup_release(struct analyse_setup *s)
{
    log_inputs_release(&s->inputs);
    extract_files_release(&s->extracts);
    analyse_on_forget(s->brought);
    filter_set_release(&s->filters);
    run_context_release(&s->context);
    cluster_map_release(&s->map);
    rts_hosts_release(&s->rts);
    *s = (struct analyse_setup){ 0 };
}
