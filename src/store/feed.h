/* Runs in progress, and news: what listeners are told, kept for a while so that who was away hears what it missed. */
#ifndef OU_STORE_FEED_H
#define OU_STORE_FEED_H

#include "base/arena.h"
#include "store/sql.h"

#define NEWS_KEPT 10000 /* older ones go */
#define LIVE_VIEW_MAX ((size_t)256 << 10)
#define LIVE_TRAIL_POINTS 600

struct news {
    int64_t no, at_ns;
    const char *kind, *project, *subject, *data;
};

/* In a transaction; also store_notify(). */
enum ou_status news_put(struct sql *db, const struct news *news, struct ou_error *err);
/* Those behind number `after`, oldest first, at most `most`, in `memory`. *ret_gap: some of them are no longer there. */
enum ou_status news_since(struct sql *db, int64_t after, size_t most, struct arena *memory,
                          struct news **ret, size_t *ret_count, bool *ret_gap,
                          struct ou_error *err);
enum ou_status news_last(struct sql *db, int64_t *ret_no, struct ou_error *err);

/* A report about a run in progress, as the workbench makes it. */
struct live_report {
    const char *id, *project, *profile, *state;
    int64_t began_ns, now_ns;
    const char *view; /* JSON object: docs/formats/live.md */
};
/* Puts or renews it, adds to its trail, and puts news "live.changed". In a transaction. */
enum ou_status live_put(struct sql *db, const struct live_report *report, struct ou_error *err);
/* A run of this tag is published now. Not there: nothing happens. */
enum ou_status live_published(struct sql *db, const char *id, const char *run_id, int64_t now_ns,
                              struct ou_error *err);

#endif
