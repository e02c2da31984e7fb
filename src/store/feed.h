/* Runs in progress, and news: what listeners are told, kept for a while so that who was away hears what it missed. */
#ifndef OU_STORE_FEED_H
#define OU_STORE_FEED_H

#include "base/arena.h"
#include "store/sql.h"

#define NEWS_KEPT 10000 /* older ones go */
#define LIVE_VIEW_MAX ((size_t)256 << 10)
#define LIVE_TRAIL_POINTS 600
#define LIVE_KEPT_NS  \
    (INT64_C(86400) * \
     1000000000) /* a run that has ended and is published, or is silent that long, is forgotten */

struct news {
    int64_t no, at_ns; /* no is given by news_put() */
    const char *kind, *project, *subject, *data;
};

/* In a transaction; also store_notify(). From here to its end other writers of news wait, which is what makes the order of
 * numbers that of commits. Of "live.changed" only the newest of each subject is kept. */
enum ou_status news_put(struct sql *db, const struct news *news, struct ou_error *err);
/* Those behind number `after`, oldest first, at most `most`, in `memory`. *ret_gap: some of them are no longer there, or
 * `after` is of another database. */
enum ou_status news_since(struct sql *db, int64_t after, size_t most, struct arena *memory,
                          struct news **ret, size_t *ret_count, bool *ret_gap,
                          struct ou_error *err);
enum ou_status news_last(struct sql *db, int64_t *ret_no, struct ou_error *err);
/* Throws away those before an instant; who asks for them is told of a gap. In a transaction. *ret_count: how many. */
enum ou_status news_prune(struct sql *db, int64_t before_ns, int64_t *ret_count,
                          struct ou_error *err);

#define LIVE_ID_ROOM 201
#define LIVE_SILENT_NS \
    (INT64_C(60) *     \
     1000000000) /* a run that goes on and has not reported for so long is called silent */

/* A report about a run in progress, as the workbench makes it. */
struct live_report {
    const char *id, *project, *profile, *state;
    int64_t began_ns, now_ns;
    bool ended;       /* the last one of this run */
    const char *view; /* JSON object: docs/formats/live.md */
};
/* Puts or renews it, adds to its trail, and puts news: "live.changed", or "live.ended" with the last report. In a transaction.
 * OU_INVALID: a run of this id is another project's; OU_TOO_LARGE: above LIVE_VIEW_MAX. */
enum ou_status live_put(struct sql *db, const struct live_report *report, struct ou_error *err);
/* A run of this tag is published now. Not there: nothing happens. In a transaction. */
enum ou_status live_published(struct sql *db, const char *id, const char *run_id, int64_t now_ns,
                              struct ou_error *err);

struct live_run {
    const char *id, *project, *profile, *state, *view, *trail;
    const char *run_id; /* NULL: not published */
    int64_t began_ns, heard_ns, ended_ns;
    int64_t revision; /* 1, 2, ... with each change */
    bool is_silent;
};
/* In `memory`. OU_NOT_FOUND. */
enum ou_status live_find(struct sql *db, const char *id, struct arena *memory, struct live_run *ret,
                         struct ou_error *err);
/* OU_NOT_FOUND. In a transaction; news "live.ended". */
enum ou_status live_delete(struct sql *db, const char *id, int64_t now_ns, struct ou_error *err);
/* Whether the next two would do anything; so that nobody writes without need. */
enum ou_status live_needs_care(struct sql *db, int64_t now_ns, bool *ret, struct ou_error *err);
/* Marks runs that fell silent, with news "live.changed". In a transaction. */
enum ou_status live_tell_silent(struct sql *db, int64_t now_ns, struct ou_error *err);
/* Forgets runs as LIVE_KEPT_NS says. In a transaction. */
enum ou_status live_prune(struct sql *db, int64_t now_ns, struct ou_error *err);

#endif
