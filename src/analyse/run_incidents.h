/* What befell a run while it went on, as its status.json tells it: a change of state that is none, with a cause. */
#ifndef OU_ANALYSE_RUN_INCIDENTS_H
#define OU_ANALYSE_RUN_INCIDENTS_H

#include "analyse/run_context.h"

/* Adds them to the context. A history of another shape tells of none. OU_NOT_FOUND, OU_INVALID: the file is not there, or no
 * JSON object. */
enum ou_status run_incidents_load(const char *status_path, struct run_context *context,
                                  struct ou_error *err);

#endif
