/* A results database: connections that are ready for use, and who they are lent to. What is in it has headers of its own:
 * records.h (runs and their parts), list.h (any resource, filtered and page by page), judgements.h (comparisons, change points,
 * thresholds, alerts), access.h (tokens and what was done with them), feed.h (runs in progress, news). */
#ifndef OU_STORE_STORE_H
#define OU_STORE_STORE_H

#include "store/sql.h"

struct store; /* opaque; any thread */

struct store_options {
    struct sql_options sql;
    unsigned connections_max; /* 0: 8 */
    bool
        migrate; /* bring the schema up to date when it is opened; else an older one is OU_INVALID with the next step */
};

/* Opens the first connection at once. options may be NULL. */
enum ou_status store_open(const char *place, const struct store_options *options,
                          struct store **ret, struct ou_error *err);
void store_close(struct store *s); /* NULL is fine; all that was lent is back */
const char *store_shown(const struct store *s);
enum sql_kind store_kind(const struct store *s);

/* Lends a connection, waiting for one if all are lent; one that was lost is made anew, tried at most once a second while the database is away.
 * OU_IO while it is (sql_fault tells nothing then: it is SQL_AWAY). */
enum ou_status store_take(struct store *s, struct sql **ret, struct ou_error *err);
void store_give(struct store *s, struct sql *db); /* NULL is fine */

/* What happened to the database so far, for metrics. */
struct store_counts {
    uint64_t statements, failures, reconnections, retries;
    unsigned open, lent;
};
struct store_counts store_counts(struct store *s);

#endif
