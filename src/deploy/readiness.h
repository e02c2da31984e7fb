/* Whether a service that was started is up (service.h: struct readiness). */
#ifndef OU_DEPLOY_READINESS_H
#define OU_DEPLOY_READINESS_H

#include <sys/types.h>

#include "deploy/service.h"

/* What has been seen so far; a zeroed one is that of a first start. */
struct ready_watch {
    off_t read_to; /* of its standard output, of READY_LINE */
    bool is_ready; /* once it is, it stays so */
};

/* To be called before each start: what an earlier one left says nothing of this one. What its standard output has so far does
 * not count, and the file of READY_FILE is removed where its path is relative: then it is in the service's folder. */
void ready_watch_begin(struct ready_watch *w, const struct start_command *command);

/* Looks again; cheap enough for ten times a second. Never true of READY_LOG, which the caller reads of its log. */
bool service_is_ready(struct ready_watch *w, const struct start_command *command);

#endif
