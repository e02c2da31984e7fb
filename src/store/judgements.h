/* What is concluded from runs, kept: comparisons by content, change points, thresholds, alerts and their messages. What is
 * concluded is publish/'s business (judge.c), and api/'s. All that writes wants a transaction. */
#ifndef OU_STORE_JUDGEMENTS_H
#define OU_STORE_JUDGEMENTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/records.h"
#include "store/sql.h"

/* --- Computed answers, by the hash of what they were computed from ---------------------------- */

#define CACHED_BYTES_MAX ((int64_t)256 << 20) /* those used longest ago go first */
/* OU_NOT_FOUND, also for one of another kind. It writes nothing: who finds an answer whose last use is long ago says so with cached_used(). */
enum ou_status cached_find(struct sql *db, const char *id, const char *kind, struct buffer *ret,
                           int64_t *ret_used_ns, struct ou_error *err);
/* What it was the answer to. OU_NOT_FOUND. */
enum ou_status cached_request(struct sql *db, const char *id, struct buffer *ret,
                              struct ou_error *err);
enum ou_status cached_used(struct sql *db, const char *id, int64_t now_ns, struct ou_error *err);
/* One that is there already stays as it is. request: JSON. */
enum ou_status cached_put(struct sql *db, const char *id, const char *kind, const char *request,
                          struct span answer, int64_t now_ns, struct ou_error *err);

/* --- Metrics over series ------------------------------------------------------------------------- */

struct series_run {
    int64_t no, series_no, started_ns, sort_ns; /* started_ns: TIME_NONE */
    const char *id, *name, *version, *profile, *series, *series_title;
    const char *workload; /* NULL: not known */
};
struct series_point {
    size_t run; /* of series_data.runs */
    int64_t metric_no;
    double n, mean, sd; /* mean is a number; the others NaN where they are not known */
};
struct series_data {
    struct series_run *runs; /* oldest first */
    size_t run_count;
    struct series_point *points; /* by run, then by metric */
    size_t point_count;
};
/* Which runs: of a series, or of all series of a project (and, if said, of one profile). */
struct series_choice {
    const char *series, *project, *profile; /* ids of series, names of the others; NULL */
    const char *project_of;                 /* the project is that of this run, by its id; NULL */
    int64_t metric_no;                      /* 0: all */
    size_t most;                            /* runs: the last ones */
};
/* The finished runs and their numbers, in `memory`. OU_NOT_FOUND for a series or project that is not there. */
enum ou_status series_points(struct sql *db, const struct series_choice *choice,
                             struct arena *memory, struct series_data *ret, struct ou_error *err);

/* Ids of the runs that series_points() would have of the project of a run, without their numbers. OU_NOT_FOUND. */
enum ou_status project_run_ids(struct sql *db, const char *run, size_t most, struct arena *memory,
                               const char ***ret, size_t *ret_count, struct ou_error *err);

struct metric_name {
    int64_t no;
    const char *section, *id;
};
/* All that runs have named, by number. */
enum ou_status metric_names(struct sql *db, struct arena *memory, struct metric_name **ret,
                            size_t *ret_count, struct ou_error *err);
/* 0: no run has named it. */
enum ou_status metric_no_find(struct sql *db, const char *section, const char *id, int64_t *ret,
                              struct ou_error *err);

/* --- Change points ----------------------------------------------------------------------------------- */

struct change_point_record {
    int64_t run_no;
    double before_mean, after_mean, change_percent, p, p_adjusted;
    bool is_new;             /* out: it was not known yet */
    char id[RECORD_ID_ROOM]; /* out */
};
/* Those of a series and metric from from_ns on (the start of a run) become these. Rows that stay keep their id and note;
 * one with a note stays, found again or not: people have written to it. News "change-point.found" for each new one. */
enum ou_status change_points_renew(struct sql *db, int64_t series_no, int64_t metric_no,
                                   int64_t from_ns, struct change_point_record *points,
                                   size_t count, int64_t now_ns, struct ou_error *err);
/* OU_NOT_FOUND. note NULL: none. */
enum ou_status change_point_note(struct sql *db, const char *id, const char *note,
                                 struct ou_error *err);

/* --- Thresholds --------------------------------------------------------------------------------------- */

struct threshold_record {
    int64_t no, metric_no;
    const char *id, *kind, *parameters, *outlets; /* JSON */
    const char *section, *metric;
};
/* The enabled ones that watch a series. */
enum ou_status thresholds_of(struct sql *db, int64_t series_no, struct arena *memory,
                             struct threshold_record **ret, size_t *ret_count,
                             struct ou_error *err);

struct threshold_wish {
    const char *project, *series; /* series NULL: all of the project */
    struct metric_record metric;
    const char *kind, *parameters, *outlets;
    bool enabled;
};
/* OU_NOT_FOUND for a project or series that is not there, OU_USAGE for a series of another project. News
 * "threshold.changed" for all three. */
enum ou_status threshold_create(struct sql *db, const struct threshold_wish *wish, int64_t now_ns,
                                char ret_id[RECORD_ID_ROOM], struct ou_error *err);
enum ou_status threshold_replace(struct sql *db, const char *id, const struct threshold_wish *wish,
                                 int64_t now_ns, struct ou_error *err);
/* With its alerts, and their messages. */
enum ou_status threshold_delete(struct sql *db, const char *id, int64_t now_ns,
                                struct ou_error *err);

/* --- Alerts -------------------------------------------------------------------------------------------- */

struct alert_record {
    int64_t threshold_no, series_no, metric_no, run_no;
    double value, low, high; /* NaN: no bound */
    const char *says;
    const char *outlets; /* JSON: a delivery is put for each */
};
/* Opens it, unless there is one of that threshold, series and run already (*ret_new false). Puts deliveries and news
 * "alert.opened". While an earlier alert of this threshold and series is silenced, it is opened silenced, too, and nobody is told. */
enum ou_status alert_open(struct sql *db, const struct alert_record *alert, int64_t now_ns,
                          char ret_id[RECORD_ID_ROOM], bool *ret_new, struct ou_error *err);
/* A run is in bounds: open alerts of that threshold and series about earlier runs note it, if it is the first. */
enum ou_status alerts_back(struct sql *db, int64_t threshold_no, int64_t series_no, int64_t run_no,
                           int64_t now_ns, struct ou_error *err);

struct alert_change {
    const char *state; /* "active", "silenced", "dismissed"; NULL: as it is */
    bool sets_until, sets_note;
    int64_t until_ns; /* of a silenced one: TIME_NONE for ever */
    const char *note; /* NULL: none */
};
/* OU_NOT_FOUND. Tells the outlets of its threshold of a new state ("changed"), and puts news "alert.changed". */
enum ou_status alert_change(struct sql *db, const char *id, const struct alert_change *change,
                            int64_t now_ns, struct ou_error *err);
/* Silenced ones whose time is over are active again. */
enum ou_status alerts_wake(struct sql *db, int64_t now_ns, int64_t *ret_woken,
                           struct ou_error *err);

/* --- Messages about alerts --------------------------------------------------------------------------- */

#define DELIVERY_CLAIM_S 30 /* then another server may have it: its own has ended */
struct delivery {
    int64_t no, attempts, created_ns;        /* attempts: with this one */
    const char *id, *outlet, *event, *alert; /* the alert as a JSON object */
};
/* Whether there is something to send, or a silence to end; writes nothing, so that it may be asked every second. */
enum ou_status deliveries_due(struct sql *db, int64_t now_ns, bool *ret, struct ou_error *err);
/* Claims one that is due; OU_NOT_FOUND. Two servers never get the same one. */
enum ou_status delivery_claim(struct sql *db, int64_t now_ns, struct arena *memory,
                              struct delivery *ret, struct ou_error *err);
/* It was sent; or it failed, and is tried again at next_ns (TIME_NONE: never). */
enum ou_status delivery_done(struct sql *db, int64_t no, int64_t now_ns, struct ou_error *err);
enum ou_status delivery_failed(struct sql *db, int64_t no, const char *why, int64_t next_ns,
                               int64_t now_ns, struct ou_error *err);

#endif
