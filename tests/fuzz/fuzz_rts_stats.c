/* Any bytes as what a GHC program's run-time system wrote: what is read is consistent in itself. */
#include <math.h>
#include <stdint.h>

#include "guarded.h"
#include "logs/rts_stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guarded_room room;
    struct rts_statistics s;
    struct ou_error err = { { 0 } };

    if (size > GUARDED_MAX)
        return 0;
    if (!room.edge)
        room = guarded_room_new();
    if (rts_stats_parse((struct span){ guarded_place(room, data, size, '"'), size }, "fuzz", &s,
                        &err)) {
        MUST(err.text[0] && !s.pauses_s);
        return 0;
    }
    MUST(s.generation_count <= RTS_GENERATIONS_MAX && s.pause_count <= RTS_PAUSES_MAX);
    for (size_t i = 0; i < s.pause_count; i++)
        MUST(isfinite(s.pauses_s[i]));
    MUST(s.generation_count > 0 || isnan(rts_major_collections(&s)));
    rts_minor_collections(&s);
    rts_max_pause_s(&s);
    rts_mean_pause_s(&s);
    rts_stats_release(&s);
    return 0;
}
