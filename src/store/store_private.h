/* For src/store/notify.c, whose listener has a connection of its own. */
#ifndef OU_STORE_STORE_PRIVATE_H
#define OU_STORE_STORE_PRIVATE_H

#include "store/store.h"

/* One more connection to the same database, of the caller's; its statements are counted as the store's. */
enum ou_status store_connect(struct store *s, struct sql **ret, struct ou_error *err);

#endif
