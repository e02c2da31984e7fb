/* A profile's values with where they come from, what two profiles differ in, and all that is wrong with one. */
#ifndef OU_PROFILE_EXPLAIN_H
#define OU_PROFILE_EXPLAIN_H

#include "profile/profile.h"

/* One leaf of a profile's document. */
struct profile_value {
    const char *path;    /* "genesis.utxo" */
    const json_t *value; /* of the document */
    const char *
        origin; /* "profile default", "variant plutus", "mainnet's parameters, epoch 300", "overlay 1",
                             "derived: utxo + delegators" */
};

/* Calls visit for every leaf, in the document's order. Lists and empty objects are leaves. */
void profile_each_value(const struct profile *p,
                        void (*visit)(void *context, const struct profile_value *value),
                        void *context);

/* Calls visit for every path whose values differ; one of a and b is NULL where a profile does not have it. Names,
 * descriptions and what is derived count only when asked for. Returns how many there were. */
size_t profile_each_difference(const struct profile *a, const struct profile *b, bool with_derived,
                               void (*visit)(void *context, const char *path, const json_t *a,
                                             const json_t *b),
                               void *context);

/* Everything that is wrong with a profile, not only the first: calls found for each. `name` as in profile_load().
 * Returns how many. OU_NOT_FOUND and the like count as one. */
size_t profile_find_faults(const char *name, const char *const *overlays, size_t overlay_count,
                           void (*found)(void *context, const char *message), void *context);

/* The same, and where there is none everything that keeps reference nodes from running it. */
size_t profile_find_obstacles(const char *name, const char *const *overlays, size_t overlay_count,
                              void (*found)(void *context, const char *message), void *context);

#endif
