/* The data points of this program. The public call is in <ouroscope/data_point.h>. */
#ifndef OU_TRACE_DATA_POINTS_H
#define OU_TRACE_DATA_POINTS_H

#include <ouroscope/data_point.h>

#include "base/buffer.h"
#include "base/span.h"

#define DATA_POINTS_MAX 256
#define DATA_POINT_NAME_MAX 255
#define DATA_POINT_JSON_MAX 65536

/* Files the library's own value, unless the program has filed one. NULL removes the library's. */
void data_points_own(const char *name, const char *json);

/* Appends the value; false when there is none. Any thread. */
bool data_points_get(struct span name, struct buffer *out);

/* Around fork(): the lock is whole in the child. */
void data_points_fork_prepare(void);
void data_points_fork_done(void); /* in both processes */

#endif
