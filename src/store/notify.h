/* That something was written, told to all programs that have the database open: LISTEN and NOTIFY on PostgreSQL; on
 * SQLite, the file's data_version, looked at four times a second. A word about what, not the thing itself: who hears it reads
 * the feed (feed.h). */
#ifndef OU_STORE_NOTIFY_H
#define OU_STORE_NOTIFY_H

#include "store/store.h"

/* Inside a transaction: told to others when it is committed. A no-op on SQLite. */
enum ou_status store_notify(struct sql *db, struct ou_error *err);

struct store_listener; /* a thread with a connection of its own */

/* heard: called in the listener's thread, also after a connection was lost and made again (something may have been
 * missed); at most ten times a second. */
enum ou_status store_listen(struct store *s, void (*heard)(void *context), void *context,
                            struct store_listener **ret, struct ou_error *err);
void store_listener_close(struct store_listener *l); /* waits for it; NULL is fine */

#endif
