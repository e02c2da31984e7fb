/* JSON objects laid over each other, with a note of which layer each value is from. */
#ifndef OU_PROFILE_LAYERED_H
#define OU_PROFILE_LAYERED_H

#include <stdbool.h>

#include <jansson.h>

#include "base/status.h"

/* What is laid so far. `origins` has the document's shape: an object for each object with members, and a text for
 * everything else. Both owned. */
struct layered {
    json_t *document;
    json_t *origins;
};

enum layer_rule {
    LAYER_MERGES, /* objects merge, member by member; anything else replaces what is below */
    /* And: an empty object erases the one below it, and objects whose members `tag` differ replace each other. */
    LAYER_ERASES,
};

/* Memory may be short: then false, here and below, and what is laid so far remains as it is in part. */
bool layered_begin(struct layered *l);
void layered_release(struct layered *l); /* a zeroed one is fine */

/* Lays `object` over what is there; all its values are from `origin`. */
bool layered_add(struct layered *l, const json_t *object, const char *origin, enum layer_rule rule);

/* Lays all that is in `over` above, each value from where it is from there. */
bool layered_add_all(struct layered *l, const struct layered *over, enum layer_rule rule);

/* Bytes of all paths together: long names of members with many leaves below must not fill the memory. */
#define LAYERED_PATHS_MAX_BYTES ((size_t)64 << 20)

/* One text per leaf, under its path: members joined by dots. Lists and empty objects are leaves. The caller
 * json_decref()s. OU_TOO_LARGE when the paths are too long. */
enum ou_status layered_origins_by_path(const struct layered *l, json_t **ret, struct ou_error *err);

#endif
