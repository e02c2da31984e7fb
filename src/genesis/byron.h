/* The Byron genesis: an era that a benchmark network is past from its first slot on. It is there because nodes ask for it. */
#ifndef OU_GENESIS_BYRON_H
#define OU_GENESIS_BYRON_H

#include "profile/profile.h"

/* DIRECTORY/byron.json in its canonical form (sorted members, no blanks), so that its hash is that of its bytes. What the
 * profile says of it is laid over the members of `base`, a file, or of our own when that is NULL. Whole seconds. */
enum ou_status genesis_write_byron(const struct profile *p, const char *base, const char *directory,
                                   int64_t system_start_ns, struct ou_error *err);

/* Another start; everything else stays. */
enum ou_status genesis_set_byron_start(const char *directory, int64_t system_start_ns,
                                       struct ou_error *err);

#endif
