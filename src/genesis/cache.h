/* Data sets of genesis files, kept for the next run: the half of a genesis that is large and takes long (funds, stake pools,
 * delegations, DReps, keys) under a name that follows from what makes it up, apart from the half that changes
 * (parameters, start), which is written in milliseconds. docs/internals/genesis.md has the layout. */
#ifndef OU_GENESIS_CACHE_H
#define OU_GENESIS_CACHE_H

#include <stdbool.h>

#include "profile/profile.h"

/* Where the user's cache is: $XDG_CACHE_HOME/ouroscope/genesis, or below $HOME/.cache; OU_NOT_FOUND when
 * neither is set. */
enum ou_status genesis_cache_default(char *ret, size_t room, struct ou_error *err);

/* The name of a profile's data set, that follows from all that it depends on and from nothing else:
 * "k52-1000kD-10000Dr-4000kU-0123456789ab". */
#define GENESIS_DATASET_NAME_ROOM 128
enum ou_status genesis_dataset_name(const struct profile *p, char ret[GENESIS_DATASET_NAME_ROOM],
                                    struct ou_error *err);

/* Makes a data set in an empty folder of its own: dataset.json in it says that it is whole, and has this name. */
typedef enum ou_status (*genesis_make_function)(void *context, const char *directory,
                                                struct ou_error *err);

/* The folder CACHE/NAME, made by `make` if it is not there. One maker at a time: others wait for it, until interrupted. It is made
 * under another name and moved in when it is whole; what a killed maker left is removed by the next one. */
enum ou_status genesis_cache_get(const char *cache, const char *name, genesis_make_function make,
                                 void *context, char *ret_path, bool *ret_was_there,
                                 struct ou_error *err);

#endif
