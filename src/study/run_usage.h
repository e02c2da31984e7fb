/* What the processes of a run took from their start to their end, as the run's directory tells it. */
#ifndef OU_STUDY_RUN_USAGE_H
#define OU_STUDY_RUN_USAGE_H

#include <stddef.h>

#include "base/status.h"

/* CPU seconds, user and system, all lives of a process together; NaN: not told, or not by all of them. */
struct run_usage {
    double nodes;     /* of all nodes together */
    double collector; /* NaN also where there is none */
    size_t node_count;
};

/* From nodes/NAME/usage.jsonl and tracer/usage.jsonl. A directory without them, of an older version or of a cluster elsewhere,
 * tells nothing, and that is no error; nor is a file that is damaged. OU_NO_MEMORY. Any thread. */
enum ou_status run_usage_read(const char *run_directory, struct run_usage *ret,
                              struct ou_error *err);

#endif
