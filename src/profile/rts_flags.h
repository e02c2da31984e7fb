/* Flags of GHC's run-time system: read, checked, and brought into one form, so that settings that mean the same are
 * known to be the same. Pure; any thread. */
#ifndef OU_PROFILE_RTS_FLAGS_H
#define OU_PROFILE_RTS_FLAGS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/status.h"

#define RTS_FLAGS_MAX 256

/* Checks flags as they stand between +RTS and -RTS ("-N2", "-A16m", "--nonmoving-gc"), one per text. OU_INVALID names
 * the flag that is not known or has a wrong value, with what may have been meant. Flags that only a program linked in
 * a certain way accepts (-N: -threaded; -l: eventlog; -p: profiled) are accepted here. Refused are also flags that contradict
 * each other so that the run-time system would refuse them, or take another value than they say (--nonmoving-gc with -c, an
 * -A above -M), and those that only print something (-?, --info). */
enum ou_status rts_flags_check(const char *const *flags, size_t count, struct ou_error *err);

/* Appends the normal form to *out: one flag each, the last one where a flag repeats or undoes another, in one order, sizes in
 * the largest unit that divides them ("-A16384k" is "-A16m", "-xn" is "--nonmoving-gc"), blanks between; flags that say
 * what is so anyway stay, because a program may be built with other defaults. What has no effect beside another flag goes
 * ("-qg -qb" is "-qg"). */
enum ou_status rts_flags_normal(const char *const *flags, size_t count, struct buffer *out,
                                struct ou_error *err);

#endif
