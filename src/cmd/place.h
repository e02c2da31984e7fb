/* Where results go and come from: `--to PLACE`, `--db PLACE`. A database - the path of an SQLite file, or postgres://... - or a
 * server of results, http(s)://SERVER. */
#ifndef OU_CMD_PLACE_H
#define OU_CMD_PLACE_H

#include <stdbool.h>

#include "store/access.h"
#include "store/sql.h"

#define PLACE_DATABASE_VARIABLE "OUROSCOPE_DB"
#define PLACE_TOKEN_VARIABLE "OUROSCOPE_TOKEN"

/* The place that is meant: `given`, else $OUROSCOPE_DB, else results.db in the current folder. */
const char *place_or_default(const char *given);
bool place_is_server(const char *place);

/* The token for a server, from a file (NULL: $OUROSCOPE_TOKEN), "" where there is none. A file that others may read, and what
 * is no token, are OU_USAGE; no message has a part of it. To be overwritten by the caller. */
enum ou_status place_token(const char *file, char ret[TOKEN_ROOM], struct ou_error *err);

/* Opens a database for writing. One that is empty becomes a results database; one of another version is OU_INVALID with the
 * next step. A server is OU_USAGE. */
#define PLACE_PATIENCE_S 60.0 /* to wait for others who write */
enum ou_status place_open(const char *place, struct sql **ret, struct ou_error *err);

#endif
