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
enum ou_status take_in(struct sql *db, struct span document, const char *name,
                       const struct put_options *options, struct takein *ret, struct ou_error *err);

/* What a new run means for its series: every metric that thresholds watch or that is judged when versions are compared.
 * In a transaction; publish/judge.c. */
enum ou_status judge_run(struct sql *db, const char *run_id, int64_t now_ns, struct ou_error *err);

#endif
