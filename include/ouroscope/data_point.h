/* Data points: JSON values under a name, of which the latest counts. They are not logged; a
 * collector that is connected (backend Forwarder) asks for them. */
#ifndef OUROSCOPE_DATA_POINT_H
#define OUROSCOPE_DATA_POINT_H

#include <ouroscope/point.h>

/* Files a value; json is copied, at most 64 KiB of it. NULL removes the name. The library itself files NodeInfo when
 * tracing starts and when the configuration changes, unless the program has: see struct ou_node_info in
 * trace.h. Any thread, not in signal handlers. OU_TOO_LARGE: longer, a name above 255 bytes, or the 257th
 * name; OU_INVALID: no JSON, or a name that is empty or no UTF-8. */
OU_API enum ou_status ou_data_point_set(const char *name, const char *json, struct ou_error *err);

#endif
