/* The slow half of a trace call: to the ring, or to the older system. errno is the program's: a
 * trace call must not change it. */
#include <ouroscope/point.h>

#include <errno.h>

#include "trace/legacy.h"
#include "trace/rings.h"

struct ou_record *ou_reserve_slow(const struct ou_point *point, uint32_t state, size_t bytes)
{
    struct ou_record *record;

    if ((state & OU_STATE_LEGACY) && legacy_reserve(point, bytes, &record))
        return record;
    return rings_reserve(point, bytes);
}

void ou_commit_legacy(struct ou_record *record)
{
    int program_errno = errno;

    if (legacy_is_in_call())
        legacy_commit(record);
    else
        ou_commit(record, 0);
    errno = program_errno;
}
