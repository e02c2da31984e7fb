/* Steps of the schema as data; for src/store/migrate*.c and the check of a database. */
#ifndef OU_STORE_MIGRATE_PRIVATE_H
#define OU_STORE_MIGRATE_PRIVATE_H

#include "store/migrate.h"

#define SCHEMA_HASH_ROOM 65

/* The hash of a step's text as it stands in the program, which is the same for both databases. */
void migrate_hash(size_t i, char ret[SCHEMA_HASH_ROOM]);

/* Appends a schema text as a database of this kind reads it. */
void schema_text(const char *text, enum sql_kind kind, struct buffer *ret);

#endif
