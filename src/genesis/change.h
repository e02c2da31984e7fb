/* Changes of genesis files as people type them, gathered for genesis_edit(). */
#ifndef OU_GENESIS_CHANGE_H
#define OU_GENESIS_CHANGE_H

#include <jansson.h>
#include <stdint.h>

#include "base/status.h"
#include "genesis/check.h"

/* "protocolParams.tau=0.3" into an object. A dot or equals sign of a name stands behind a backslash, a backslash
 * too; names may have blanks. What follows the first other equals sign is JSON. OU_USAGE with the reason. */
enum ou_status genesis_change_set(json_t *changes, const char *assignment, struct ou_error *err);

/* "staking.pools": to be removed. */
enum ou_status genesis_change_remove(json_t *changes, const char *path, struct ou_error *err);

/* An object, as text, over what was gathered: objects merge. OU_INVALID for what is none; name: for messages. */
enum ou_status genesis_change_overlay(json_t *changes, const char *text, const char *name,
                                      struct ou_error *err);

/* The members that hold a network's magic and the start of its chain, where a file of that era has them. */
enum ou_status genesis_change_magic(json_t *changes, enum genesis_era era, uint32_t magic,
                                    struct ou_error *err);
enum ou_status genesis_change_start(json_t *changes, enum genesis_era era, int64_t start_ns,
                                    struct ou_error *err);

/* Calls `unknown` for each member that changes set and that nodes do not know in a file of that era; near: a name they know
 * that is like it, or NULL. */
enum ou_status genesis_change_unknown(const json_t *changes, enum genesis_era era,
                                      void (*unknown)(void *context, const char *path,
                                                      const char *near),
                                      void *context, struct ou_error *err);

#endif
