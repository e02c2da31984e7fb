/* What a run in progress did so far, in a few numbers over time that never become many: a JSON object with a list of the same
 * length for each,
 *
 *   {"spacingSeconds": 1, "slotZeroAt": "2026-11-22T10:00:05Z", "elapsedSeconds": [0.5, 1.5], "slot": [0, 1], ...}
 *
 * Pure; any thread. */
#ifndef OU_STORE_TRAIL_H
#define OU_STORE_TRAIL_H

#include "base/buffer.h"
#include "base/span.h"

/* Appends the trail with the numbers of a report (docs/formats/live.md) added. trail "": there is none yet. A report nearer to the
 * last but one than the spacing takes the place of the last; at `most` points every second one goes, and the spacing doubles: both
 * ends stay. A report without elapsedSeconds adds nothing; one from before the last one begins anew. OU_INVALID: trail or view are no
 * JSON objects. */
enum ou_status trail_add(const char *trail, const char *view, size_t most, struct buffer *ret,
                         struct ou_error *err);

#endif
