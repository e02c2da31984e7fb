/* What was measured, run after run: the rows that queries over time are made of. Each statement reads an index in its order,
 * and no more rows than it is told. Instants are those that runs are sorted by: slot 0 where it is known. Finished runs only. */
#ifndef OU_STORE_MEASURED_H
#define OU_STORE_MEASURED_H

#include "base/arena.h"
#include "store/sql.h"

/* A series with what its runs have in common. */
struct measured_series {
    int64_t no;
    const char *id, *project, *profile, *environment; /* ids of series and environment */
    const char *workload, *era, *backend, *machine;   /* NULL: not known */
};
/* All there are, by number, in `memory`. OU_TOO_LARGE above `most`. */
enum ou_status measured_series(struct sql *db, size_t most, struct arena *memory,
                               struct measured_series **ret, size_t *ret_count,
                               struct ou_error *err);

struct measured_metric {
    int64_t no;
    const char *section, *id, *unit, *description;
};
/* The dictionary as far as runs have named it, by number, in `memory`. */
enum ou_status measured_metrics(struct sql *db, struct arena *memory, struct measured_metric **ret,
                                size_t *ret_count, struct ou_error *err);

/* Which values: of a series, of a metric, or of both; 0 is all, but not for both. */
struct measured_choice {
    int64_t series_no, metric_no;
    int64_t from_ns, to_ns; /* both ends included */
    size_t most;            /* rows */
};
struct measured_row {
    int64_t series_no, metric_no, at_ns;
    struct span run, name, version;        /* valid during the call */
    double n, mean, median, sd, low, high; /* NaN: not known */
    struct span quantiles;                 /* the standard ones, as the database has them */
};
/* Calls `each` for every value, those of one series and metric behind one another and in the order of time; false ends it.
 * *ret_cut: there are more rows than `most`. */
enum ou_status measured_values(struct sql *db, const struct measured_choice *choice,
                               bool (*each)(void *context, const struct measured_row *row),
                               void *context, bool *ret_cut, struct ou_error *err);

/* A value out of `quantiles`, by its place among the standard ones; NaN: there is none. */
double measured_quantile(struct span quantiles, size_t place);

struct measured_run {
    int64_t series_no, at_ns;
    struct span id, name, version, commit; /* valid during the call; a commit may have no `at` */
};
/* The runs of a time, those of one series behind one another and in the order of time. As above. */
enum ou_status measured_runs(struct sql *db, int64_t from_ns, int64_t to_ns, size_t most,
                             bool (*each)(void *context, const struct measured_run *run),
                             void *context, bool *ret_cut, struct ou_error *err);

/* Which series have a metric in a time, and which metrics the newest run of a series in a time has: numbers, in order. */
enum ou_status measured_series_of(struct sql *db, int64_t metric_no, int64_t from_ns, int64_t to_ns,
                                  bool (*each)(void *context, int64_t series_no), void *context,
                                  struct ou_error *err);
enum ou_status measured_metrics_of(struct sql *db, int64_t series_no, int64_t from_ns,
                                   int64_t to_ns, bool (*each)(void *context, int64_t metric_no),
                                   void *context, struct ou_error *err);

/* A run in progress, or one that has ended and is still known as such. */
struct measured_live {
    struct span id, project, profile, trail; /* valid during the call */
    int64_t began_ns, heard_ns, ended_ns;
};
/* The ones last heard of, at most `most`, that were heard of since from_ns and began before to_ns. */
enum ou_status measured_live(struct sql *db, int64_t from_ns, int64_t to_ns, size_t most,
                             bool (*each)(void *context, const struct measured_live *live),
                             void *context, struct ou_error *err);

#endif
