/* Runs with a number or two, for tests of what is concluded from them. */
#ifndef OU_STORE_JUDGED_RUNS_TEST_H
#define OU_STORE_JUDGED_RUNS_TEST_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "store/judgements.h"
#include "store/store.h"
#include "support/databases.h"
#include "support/test.h"

#define DAY_NS (24 * 3600 * NS_PER_SECOND)
#define FIRST_NS (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */

#define assert_good(status, err)                                   \
    do {                                                           \
        if (status)                                                \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, (err).text); \
    } while (0)

#define CPU \
    ((struct metric_record){ "machperf", "CentiCpu", "process CPU", "%", "less", "how busy" })

struct judged_store {
    struct store *store;
    struct sql *db;
};

static inline void judged_open(struct judged_store *s)
{
    struct store_options options = { .migrate = true };
    struct ou_error err = { "" };

    assert_good(store_open(database_empty(), &options, &s->store, &err), err);
    assert_good(store_take(s->store, &s->db, &err), err);
}

static inline void judged_close(struct judged_store *s)
{
    store_give(s->store, s->db);
    store_close(s->store);
}

/* A run of project "tests" at the start of day number `day` with these values of metrics. */
struct judged_run {
    int day;
    const struct summary_record *summaries;
    size_t count;
    char id[RECORD_ID_ROOM];
};

static inline enum ou_status judged_put(struct sql *db, void *context, struct ou_error *err)
{
    struct judged_run *run = context;
    char hash[RECORD_HASH_ROOM], name[32];
    const struct put_options options = { .actor = "local", .now_ns = FIRST_NS + run->day * DAY_NS };
    const struct run_record record = {
        .content_hash = hash,
        .project = "tests",
        .natural_key = name,
        .name = name,
        .source = "analysis",
        .state = "finished",
        .started_ns = FIRST_NS + run->day * DAY_NS,
        .host_count = -1,
        .block_count = -1,
        .info = "{}",
        .profile = { .name = "ci-test", .workload = "value", .facts = "{}" },
        .environment = { .backend = "local", .machine = "m", .facts = "{}", .hosts = 2 },
        .version = { .name = name },
        .series_title = "ci-test",
        .summaries = run->summaries,
        .summary_count = run->count,
    };
    enum put_outcome outcome;

    snprintf(name, sizeof name, "10.%d", run->day);
    snprintf(hash, sizeof hash, "%032x%032x", (unsigned)run->day + 1, 7u);
    return record_put_run(db, &record, &options, run->id, &outcome, err);
}

static inline struct summary_record judged_value(struct metric_record metric, double mean)
{
    return (struct summary_record){
        .metric = metric, .n = 100, .mean = mean, .median = mean, .sd = 1, .low = NAN, .high = NAN
    };
}

static inline int64_t judged_number(struct sql *db, const char *statement)
{
    struct ou_error err = { "" };
    struct sql_rows *rows;
    int64_t number;

    assert_good(sql_query(db, statement, SQL_NO_ARGS, &rows, &err), err);
    number = sql_next(rows) ? sql_get_int(rows, 0) : -1;
    assert_good(sql_rows_end(rows, &err), err);
    return number;
}

/* The first column of the first row; "" where there is none. */
static inline const char *judged_text(struct sql *db, const char *statement, char ret[512])
{
    struct ou_error err = { "" };
    struct sql_rows *rows;

    assert_good(sql_query(db, statement, SQL_NO_ARGS, &rows, &err), err);
    *ret = '\0';
    if (sql_next(rows))
        snprintf(ret, 512, "%.*s", (int)sql_get_text(rows, 0).len, sql_get_text(rows, 0).at);
    assert_good(sql_rows_end(rows, &err), err);
    return ret;
}

static inline const char *judged_series(struct sql *db, char ret[512])
{
    return judged_text(db, "SELECT id FROM series", ret);
}

#endif
