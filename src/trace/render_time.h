/* The time of a message in a line. */
#ifndef OU_TRACE_RENDER_TIME_H
#define OU_TRACE_RENDER_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2025-09-12T16:51:39.269022269Z with so many decimals (9 at most; what is below
 * is cut), or without those zeros at the end, and the dot when nothing is left.
 * Times before 1970 are written as its begin. Returns the length; nothing is
 * terminated. Any thread, each of which remembers its last second: messages
 * mostly come in the same one. */
#define RENDER_TIME_ROOM 32
size_t render_time(int64_t at_ns, size_t decimals, bool trimmed, char out[RENDER_TIME_ROOM]);

#endif
