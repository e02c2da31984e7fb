/* The slow half of a trace call: to the ring, or to the older system. */
#include <ouroscope/point.h>

#include "trace/legacy.h"
#include "trace/rings.h"

struct ou_record *ou_reserve_slow(const struct ou_point *point, uint32_t state, size_t bytes)
{
    if (state & OU_STATE_LEGACY)
        return legacy_reserve(point, bytes);
    return rings_reserve(point, bytes);
}

void ou_commit_legacy(struct ou_record *record)
{
    legacy_commit(record);
}
