/* A publication into a database, in one transaction: the run, what it means for its series (change points, thresholds,
 * alerts), the news. What `ouroscope publish --to FILE` and POST /api/v1/runs both do. */
#ifndef OU_PUBLISH_TAKEIN_H
#define OU_PUBLISH_TAKEIN_H

#include "publish/publication.h"
#include "store/store.h"

struct takein {
    enum put_outcome outcome;
    char id[RECORD_ID_ROOM];
};

/* OU_USAGE for a project that options.only_project does not allow; else statuses of publication_read() and sql_write(). */
enum ou_status take_in(struct sql *db, struct span document, const char *name,
                       const struct put_options *options, struct takein *ret, struct ou_error *err);

/* Publications that were read, ready to be put in: several in one transaction where there are many. */
struct takein_item {
    struct arena memory;
    struct run_set runs;
    struct run_record record;
    struct takein result;
};
/* Reads a document; the item is to be released in any case. */
enum ou_status takein_read(struct span document, const char *name, struct takein_item *ret,
                           struct ou_error *err);
void takein_release(struct takein_item *item); /* a zeroed one is fine */
/* One transaction for as many of them, from the first on, as fit into a short time: others want to write, too. *ret_done: how
 * many those were, at least one; their results are set. What fails leaves nothing behind, and *ret_done is 0. */
enum ou_status takein_put(struct sql *db, struct takein_item *items, size_t count,
                          const struct put_options *options, size_t *ret_done,
                          struct ou_error *err);

/* What a new run means for its series: every metric that thresholds watch or that is judged when versions are compared.
 * In a transaction; publish/judge.c. */
enum ou_status judge_run(struct sql *db, const char *run_id, int64_t now_ns, struct ou_error *err);

#endif
