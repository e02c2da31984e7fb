/* How long a host needs until it has a genesis: by what its agent measured when it came up. */
#include <math.h>

#include "agent/agent_state.h"

/* Where nothing was measured: a far bucket over a busy line. */
#define ROUND_TRIP_S 0.3
#define BYTES_PER_S 1e6

/* Orders are fetched, the bundle is asked for, its last part is fetched, the state is put: four ways there and back. */
#define ROUND_TRIPS 4
#define UNPACK_BYTES_PER_S 60e6 /* of content, written to a plain disk beside other work */
#define DOUBT 1.5
#define OVERHEAD_S 0.5 /* files are renamed, the state is written; whatever the size */

static double measured_or(double value, double guess)
{
    return isfinite(value) && value > 0 ? value : guess;
}

double agent_ready_in_s(const struct agent_state *state, uint64_t bundle_bytes,
                        uint64_t content_bytes)
{
    double ways = ROUND_TRIPS * measured_or(state->round_trip_s, ROUND_TRIP_S);
    double fetching = (double)bundle_bytes / measured_or(state->bytes_per_s, BYTES_PER_S);
    double unpacking = (double)content_bytes / UNPACK_BYTES_PER_S;

    return OVERHEAD_S + DOUBT * (ways + fetching + unpacking);
}
