/* Canonical JSON, the form of a Byron genesis that is hashed: members sorted by their names' bytes, no blanks, texts as they
 * are. It has less than JSON: whole numbers of up to 15 digits, and no escapes but \" and \\. A node refuses
 * other Byron files, so there is no hash of them either. */
#ifndef OU_GENESIS_CANONICAL_H
#define OU_GENESIS_CANONICAL_H

#include "base/bytes.h"
#include "base/status.h"

/* Gives the canonical form of a file to `take`, piece by piece. OU_INVALID with FILE:LINE:COLUMN for what has none;
 * OU_TOO_LARGE for a file whose values take more than half a GiB of memory (mainnet's has 1 MB). */
enum ou_status genesis_canonical(const char *path, void (*take)(void *context, struct bytes piece),
                                 void *context, struct ou_error *err);

#endif
