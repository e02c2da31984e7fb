/* What is concluded from runs, kept: comparisons by content, change points, thresholds, alerts and their messages. Who
 * computes them is api/'s business. All that writes wants a transaction. */
#ifndef OU_STORE_JUDGEMENTS_H
#define OU_STORE_JUDGEMENTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/records.h"
#include "store/sql.h"

/* --- Computed answers, by the hash of what they were computed from ---------------------------- */

#define COMPARISONS_BYTES_MAX ((int64_t)256 << 20) /* those used longest ago go first */
enum ou_status cached_find(struct sql *db, const char *id, struct buffer *ret,
                           struct ou_error *err); /* OU_NOT_FOUND */
enum ou_status cached_put(struct sql *db, const char *id, const char *kind, const char *request,
                          struct span answer, int64_t now_ns, struct ou_error *err);

/* --- One metric over a series -------------------------------------------------------------------- */

struct series_point {
    int64_t run_no, at_ns;
    const char *run_id, *name, *version;
    double n, mean, sd;
};
/* The finished runs of a series with a value of the metric, oldest first, the last `most` of them. */
enum ou_status series_points(struct sql *db, const char *series_id, const char *section,
                             const char *metric, size_t most, struct arena *memory,
                             struct series_point **ret, size_t *ret_count, struct ou_error *err);

struct change_point_record {
    int64_t run_no;
    double before_mean, after_mean, change_percent, p, p_adjusted;
};
/* Those of a series and metric become these: rows that stay keep their id and note. */
enum ou_status change_points_renew(struct sql *db, int64_t series_no, int64_t metric_no,
                                   const struct change_point_record *points, size_t count,
                                   int64_t now_ns, struct ou_error *err);

/* --- Thresholds and alerts ------------------------------------------------------------------------- */

struct threshold_record {
    int64_t no, metric_no;
    const char *id, *kind, *parameters, *outlets; /* JSON */
    const char *section, *metric;
};
/* The enabled ones that watch a series. */
enum ou_status thresholds_of(struct sql *db, int64_t series_no, struct arena *memory,
                             struct threshold_record **ret, size_t *ret_count,
                             struct ou_error *err);

struct alert_record {
    int64_t threshold_no, series_no, metric_no, run_no;
    double value, low, high;
    const char *says;
    const char *outlets; /* JSON: a delivery is put for each */
};
/* Opens it, unless there is one of that threshold and run already (*ret_new false). Puts deliveries and news "alert.opened". */
enum ou_status alert_open(struct sql *db, const struct alert_record *alert, int64_t now_ns,
                          char ret_id[RECORD_ID_ROOM], bool *ret_new, struct ou_error *err);

struct delivery {
    int64_t no, attempts;
    const char *id, *outlet, *event, *alert; /* the alert as a JSON object */
};
/* Claims one that is due, for a minute; OU_NOT_FOUND. Two servers never get the same one. */
enum ou_status delivery_claim(struct sql *db, int64_t now_ns, struct arena *memory,
                              struct delivery *ret, struct ou_error *err);
/* It was sent; or it failed, and is tried again at next_ns (TIME_NONE: never). */
enum ou_status delivery_done(struct sql *db, int64_t no, int64_t now_ns, struct ou_error *err);
enum ou_status delivery_failed(struct sql *db, int64_t no, const char *why, int64_t next_ns,
                               int64_t now_ns, struct ou_error *err);

#endif
