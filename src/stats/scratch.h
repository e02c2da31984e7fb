/* Arrays for the time of a calculation. Methods that find no room for theirs answer NaN, as where a thing is not defined; so whoever
 * makes results of many of them asks once, at the end, whether that happened. Each thread has an answer of its own. */
#ifndef OU_STATS_SCRATCH_H
#define OU_STATS_SCRATCH_H

#include <stddef.h>

#include "base/status.h"

/* calloc(), whose failure is remembered. The caller free()s it. */
void *scratch_take(size_t count, size_t bytes);

/* What a calculation that ended with `status` ends with: that or, where all seemed well but an array found no room in this thread,
 * OU_NO_MEMORY. What is remembered is forgotten. */
enum ou_status scratch_settle(enum ou_status status, struct ou_error *err);

#endif
