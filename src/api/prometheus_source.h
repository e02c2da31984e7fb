/* Results as samples of Prometheus: docs/reference/queries.md tells which series there are, and what labels they have.
 *
 * A metric of results is a series for each series of runs and each number of a summary ("stat"), with a sample at the start of
 * each run. Each run also has series of its own, which end where the next run of its series begins. One request, one thread. */
#ifndef OU_API_PROMETHEUS_SOURCE_H
#define OU_API_PROMETHEUS_SOURCE_H

#include "query/query.h"
#include "store/measured.h"

/* Runs are days apart: for so long one stands for its series. */
#define RESULTS_LOOKBACK_MS (INT64_C(90) * 86400000)
#define RESULTS_TIMEOUT_NS INT64_C(2000000000)
#define RESULTS_SERIES_MAX 20000 /* of runs */
#define RESULTS_ROWS_MAX 1000000 /* read for a selector */

struct results_points {
    const struct query_point *at;
    size_t count;
};

struct results_state;
struct results_source {
    struct query_source base;
    struct sql *db;
    const char *project; /* only what is of this one; "": all */
    struct results_state *state;
};

/* The samples of a source so far, and why its database could not be read. */
struct results_state {
    struct results_points *points; /* by the number of the series */
    size_t count;
    enum ou_status status;
    struct ou_error err;
};

/* The database belongs to the caller, and to nobody else until the answer is told. Returns ret's base. */
const struct query_source *results_source(struct results_source *ret, struct results_state *state,
                                          struct sql *db, const char *project);

/* --- Its parts --------------------------------------------------------------------------------- */

#define RESULTS_NAME_ROOM 256
#define RESULTS_BY_RUN ":by_run" /* behind the name of a metric: a series for each run */
#define RESULTS_INFO "ouroscope_run_info"
/* "ouroscope_endtoend_cdf0_50": other characters than letters, digits and _ become _. */
void results_metric_name(const char *section, const char *id, char ret[RESULTS_NAME_ROOM]);

/* Labels that series of results have, in their order. */
enum results_label {
    LABEL_METRIC, /* __name__ */
    LABEL_BACKEND,
    LABEL_COMMIT,
    LABEL_ENVIRONMENT,
    LABEL_ERA,
    LABEL_MACHINE,
    LABEL_RUN_NAME,
    LABEL_PROFILE,
    LABEL_PROJECT,
    LABEL_RUN,
    LABEL_SERIES,
    LABEL_STAT,
    LABEL_VERSION,
    LABEL_WORKLOAD,
    RESULTS_LABELS,
};
const char *results_label_name(enum results_label label);
/* Values by label; NULL and "": it has not got it. */
struct results_labels {
    const char *at[RESULTS_LABELS];
};

/* Offers a series with these samples, which live in the search's memory. False: the search has ended. */
bool results_offer(struct results_state *s, struct query_search *search,
                   const struct results_labels *labels, const struct query_point *points,
                   size_t count);
/* Instants of the database; those that it cannot have are at its ends. */
int64_t results_ns(int64_t ms);
/* A failure of the database, which its reader is not told in full. Always false. */
bool results_failed(struct results_state *s, struct query_search *search, enum ou_status status,
                    const struct ou_error *err);

/* Runs in progress (prometheus_live.c). */
bool results_live(const struct results_source *source, struct query_search *search);
/* What a metric of runs in progress is called, by number; NULL behind the last. */
const char *results_live_name(size_t i);

#endif
