/* A copy of a whole database: into one SQLite file, which is there complete or not at all; or from either kind into an empty
 * database of either kind, table by table. Others may read and write meanwhile; the copy is of one moment. */
#ifndef OU_STORE_BACKUP_H
#define OU_STORE_BACKUP_H

#include "store/sql.h"

struct backup_done {
    uint64_t rows;   /* that were copied; 0 where the file was copied as a whole */
    uint64_t runs;   /* that are in the copy */
    char shown[256]; /* of a PostgreSQL it went to: the place without its password */
};

/* to: a place, as sql_open() takes it. A file that is there is OU_USAGE unless `replace`; a PostgreSQL must hold no results. */
enum ou_status store_backup(struct sql *from, const char *to, bool replace, struct backup_done *ret,
                            struct ou_error *err);

/* All rows of all tables, into a database with this schema and without results; in one transaction of each. */
enum ou_status store_copy(struct sql *from, struct sql *to, struct backup_done *ret,
                          struct ou_error *err);

#endif
