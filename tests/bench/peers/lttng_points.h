/* The trace points of trace_calls.c, as LTTng-UST declares them. It includes this file several
 * times, each time with other macros. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng_points.h"

#if !defined(OU_BENCH_LTTNG_POINTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define OU_BENCH_LTTNG_POINTS_H

#include <lttng/tracepoint.h>

#include <stdint.h>

/* Fields are listed without commas, which clang-format does not understand. */
/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(
    bench, block,
    LTTNG_UST_TP_ARGS(uint64_t, slot, const uint8_t *, hash, uint64_t, size),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_integer(uint64_t, slot, slot)
        lttng_ust_field_array(uint8_t, block, hash, 32)
        lttng_ust_field_integer(uint64_t, size, size)))

LTTNG_UST_TRACEPOINT_EVENT(
    bench, met,
    LTTNG_UST_TP_ARGS(uint64_t, slot, const char *, local, const char *, remote),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_integer(uint64_t, slot, slot)
        lttng_ust_field_string(local, local)
        lttng_ust_field_string(remote, remote)))
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
