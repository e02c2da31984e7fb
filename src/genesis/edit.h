/* Genesis files of real networks with some values changed: every byte that is not part of a changed value stays, so order,
 * spelling of numbers and layout survive. */
#ifndef OU_GENESIS_EDIT_H
#define OU_GENESIS_EDIT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

/* Reads `from`, lays `changes` (an object; objects merge, null removes, all else replaces) over it, writes `to`. An empty object
 * gives the same bytes. A member that is new goes behind the last one of its object, indented as that; an object with nothing
 * but removals in it is none. Files of any size; only what is changed is held in memory. */
enum ou_status genesis_edit(const char *from, const char *to, const json_t *changes,
                            struct ou_error *err);

/* The same; absent: called with the path of each member that was to be removed and is not there. */
enum ou_status genesis_edit_telling(const char *from, const char *to, const json_t *changes,
                                    void (*absent)(void *context, const char *path), void *context,
                                    struct ou_error *err);

/* Changes that are null, or an object of nothing else: where nothing is, they add nothing. */
bool genesis_only_removes(const json_t *changes);

#endif
