/* Fills a results database, made for it, with runs that were never made:
 *
 *     fill-results [-r RUNS] [-m METRICS] PLACE
 *
 * 10,000 runs of 100 metrics, unless told otherwise: 20 series of them, each a profile in one of four projects, and versions that
 * follow one another. Rows go in as those of publications do, and so cost what theirs cost. What is printed is one of each kind, for
 * who asks for them: "run ID", "series ID", "metric SECTION/ID", "end SECONDS" (when the last run began). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/dictionary.h"
#include "base/random.h"
#include "stats/quantile.h"
#include "store/records.h"
#include "store/store.h"

enum { SERIES = 20, PROJECTS = 4, RUNS_PER_VERSION = 40, HOSTS = 6, METRICS_MAX = 400 };
#define RUNS_PER_COMMIT 50
#define FIRST_NS INT64_C(1672531200000000000) /* 2023 */
#define STEP_NS INT64_C(9000000000000)

struct filling {
    long runs, metrics;
    long from, to; /* of the transaction that goes on */
    struct random_stream random;
    struct summary_record summaries[METRICS_MAX];
    double quantiles[METRICS_MAX][STANDARD_QUANTILES];
    double host_values[3 * HOSTS];
};

static const char *const hosts[HOSTS] = { "node-0", "node-1", "node-2",
                                          "node-3", "node-4", "explorer" };

/* About `level`. */
static void put_values(struct filling *f, long m, double level)
{
    struct summary_record *s = &f->summaries[m];

    s->n = 2500;
    s->mean = level * (0.98 + 0.04 * random_uniform(&f->random));
    s->median = s->mean * 0.97;
    s->sd = s->mean * 0.2;
    s->low = s->mean * 0.3;
    s->high = s->mean * 4;
    for (int i = 0; i < STANDARD_QUANTILES; i++)
        f->quantiles[m][i] = s->mean * (0.3 + standard_quantiles[i] * 1.7);
}

static void prepare(struct filling *f)
{
    for (long m = 0; m < f->metrics; m++) {
        const struct metric_info *info = dictionary_row((size_t)m);

        f->summaries[m] = (struct summary_record){
            .metric = { .section = section_name(info->section),
                        .id = info->id,
                        .name = info->name,
                        .unit = info->unit,
                        .direction = "less",
                        .description = info->description },
            .quantiles = f->quantiles[m],
            .quantile_count = STANDARD_QUANTILES,
            .host_values = m < 3 ? f->host_values : NULL,
        };
    }
    for (int i = 0; i < 3 * HOSTS; i++)
        f->host_values[i] = i;
}

struct names {
    char hash[RECORD_HASH_ROOM], key[32], project[32], profile[32], version[32], info[64];
};

static void name_run(long i, struct names *n)
{
    const int series = (int)(i % SERIES);

    snprintf(n->key, sizeof n->key, "run-%ld", i);
    record_hash(span_of(n->key), n->hash);
    snprintf(n->project, sizeof n->project, "project-%d", series % PROJECTS);
    snprintf(n->profile, sizeof n->profile, "profile-%d", series);
    snprintf(n->version, sizeof n->version, "%ld.%ld", i / RUNS_PER_VERSION / 10 + 1,
             i / RUNS_PER_VERSION % 10);
    snprintf(n->info, sizeof n->info, "{\"number\": %ld}", i);
}

static enum ou_status put_run(struct filling *f, struct sql *db, long i, struct ou_error *err)
{
    struct names n;
    struct put_options options = { .actor = "local", .now_ns = FIRST_NS + i * STEP_NS };
    char id[RECORD_ID_ROOM];
    enum put_outcome outcome;

    name_run(i, &n);
    for (long m = 0; m < f->metrics; m++)
        put_values(f, m, 0.1 * (double)(m + 1) + 0.00001 * (double)i);
    return record_put_run(db,
                          &(struct run_record){
                              .content_hash = n.hash,
                              .project = n.project,
                              .natural_key = n.key,
                              .name = n.key,
                              .source = "analysis",
                              .state = "finished",
                              .started_ns = options.now_ns,
                              .host_count = HOSTS,
                              .block_count = 2500,
                              .info = n.info,
                              .profile = { n.profile, "conway", "value", "{}" },
                              .environment = { "local", "bench", "{}", HOSTS },
                              .version = { .name = n.version, .commit = "0123abc" },
                              .series_title = n.profile,
                              .hosts = hosts,
                              .host_name_count = HOSTS,
                              .summaries = f->summaries,
                              .summary_count = (size_t)f->metrics,
                          },
                          &options, id, &outcome, err);
}

static enum ou_status put_some(struct sql *db, void *context, struct ou_error *err)
{
    struct filling *f = context;
    enum ou_status status = OU_OK;

    for (long i = f->from; i < f->to && !status; i++)
        status = put_run(f, db, i, err);
    return status;
}

static enum ou_status fill(struct filling *f, struct sql *db, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (f->from = 0; f->from < f->runs && !status; f->from = f->to) {
        f->to = f->from + RUNS_PER_COMMIT < f->runs ? f->from + RUNS_PER_COMMIT : f->runs;
        status = sql_write(db, put_some, f, err);
    }
    return status ? status : sql_script(db, "ANALYZE", err);
}

/* Prints one id. */
static enum ou_status show(struct sql *db, const char *what, const char *statement,
                           struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    while (sql_next(rows)) {
        struct span id = sql_get_text(rows, 0);

        printf("%s %.*s\n", what, (int)id.len, id.at);
    }
    return sql_rows_end(rows, err);
}

static enum ou_status fill_and_show(struct filling *f, struct sql *db, struct ou_error *err)
{
    enum ou_status status = fill(f, db, err);

    if (!status)
        status = show(db, "run", "SELECT id FROM runs ORDER BY sort_ns DESC, no DESC LIMIT 2", err);
    if (!status)
        status = show(db, "series", "SELECT id FROM series ORDER BY no LIMIT 1", err);
    if (!status)
        status = show(db, "metric",
                      "SELECT section || '/' || id FROM metrics ORDER BY no DESC LIMIT 1", err);
    printf("end %lld\n", (long long)((FIRST_NS + (f->runs - 1) * STEP_NS) / 1000000000));
    return status;
}

/* False: wrong usage. */
static bool read_options(int argc, char **argv, struct filling *f)
{
    int c;

    *f = (struct filling){ .runs = 10000, .metrics = 100 };
    random_stream_init(&f->random, 1, 0);
    while ((c = getopt(argc, argv, "r:m:")) != -1) {
        if (c == 'r')
            f->runs = strtol(optarg, NULL, 10);
        else if (c == 'm')
            f->metrics = strtol(optarg, NULL, 10);
        else
            return false;
    }
    return optind == argc - 1 && f->runs > 0 && f->metrics > 0 && f->metrics <= METRICS_MAX &&
           (size_t)f->metrics <= dictionary_count();
}

int main(int argc, char **argv)
{
    static struct filling filling;
    struct store_options options = { .migrate = true, .connections_max = 1 };
    struct store *store = NULL;
    struct sql *db = NULL;
    struct ou_error err = { "" };
    enum ou_status status;

    if (!read_options(argc, argv, &filling)) {
        fprintf(stderr, "usage: fill-results [-r RUNS] [-m METRICS] PLACE\n");
        return 2;
    }
    prepare(&filling);
    status = store_open(argv[optind], &options, &store, &err);
    if (!status)
        status = store_take(store, &db, &err);
    if (!status)
        status = fill_and_show(&filling, db, &err);
    if (status)
        fprintf(stderr, "fill-results: %s\n", err.text);
    store_give(store, db);
    store_close(store);
    return status ? 1 : 0;
}
