/* What a run wants at each of its hosts, for a backend (deploy/backend.h). */
#ifndef OU_WORKBENCH_HOST_WANTS_H
#define OU_WORKBENCH_HOST_WANTS_H

#include "deploy/backend.h"
#include "profile/profile.h"

/* p->spec_count of them, in `memory`; texts are the profile's. OU_NO_MEMORY. */
enum ou_status host_wants_of(const struct profile *p, struct arena *memory, struct host_want **ret,
                             struct ou_error *err);

#endif
