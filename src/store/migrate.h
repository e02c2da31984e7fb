/* The schema and its versions: data/schema/NNNN-name.sql, built into the program, applied in order and never changed once
 * released; forward only.
 *
 * A file is written for both databases: INTEGER, REAL, TEXT and BLOB become BIGINT, DOUBLE PRECISION, TEXT COLLATE "C" and
 * BYTEA for PostgreSQL; {id} is a number that the database gives, as a primary key; a line that begins with "--sqlite:" or "--postgres:" is that database's only. */
#ifndef OU_STORE_MIGRATE_H
#define OU_STORE_MIGRATE_H

#include "base/buffer.h"
#include "store/sql.h"

struct schema_version {
    int64_t number;
    const char *name; /* "0001-results" */
};

size_t migrate_count(void);
struct schema_version migrate_version(size_t i);

/* The version that a database has; 0: none yet. */
enum ou_status migrate_current(struct sql *db, int64_t *ret, struct ou_error *err);
/* Brings it to version `to` (0: the latest), all steps in one transaction, so that nobody ever sees a database
 * on its way; two programs that do so at once wait for each other. OU_INVALID when it is newer than this program. *ret_steps: how many were done. */
enum ou_status migrate(struct sql *db, int64_t to, size_t *ret_steps, struct ou_error *err);
/* OU_OK when it is the latest; else OU_INVALID, with what to do. */
enum ou_status migrate_check(struct sql *db, struct ou_error *err);

/* The text of a step as this database takes it, appended. */
void migrate_text(size_t i, enum sql_kind kind, struct buffer *ret);

#endif
