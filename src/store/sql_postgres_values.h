/* Values as PostgreSQL's binary format has them: numbers with the highest byte first, texts and blobs as they are.
 * Pure functions; any thread. */
#ifndef OU_STORE_SQL_POSTGRES_VALUES_H
#define OU_STORE_SQL_POSTGRES_VALUES_H

#include "store/sql.h"

/* The type of a value as a parameter; 0 of NULL: the server chooses. */
unsigned pg_type_of(const struct sql_value *value);

/* The bytes of a value; NULL for NULL. Numbers are put into room; the rest is the caller's own. At most INT32_MAX bytes. */
const char *pg_value(const struct sql_value *value, char room[8], int *ret_length);

/* Whether columns of a type can be read. */
bool pg_is_readable(unsigned type);

/* The value of a column; a view of the bytes where it is a text or a blob. NULL where the bytes are not what the type has. */
struct sql_value pg_read(unsigned type, struct span bytes);

#endif
