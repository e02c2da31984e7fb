/* The backend of this machine: hosts are 127.0.0.1 with a port each, services are child processes in RUN itself. Nothing is delivered or fetched:
 * it is where it belongs. */
#ifndef OU_DEPLOY_BACKEND_LOCAL_H
#define OU_DEPLOY_BACKEND_LOCAL_H

#include "deploy/backend.h"

struct backend_local_options {
    const char *run_directory, *program;
    const struct host_want *wants; /* borrowed */
    size_t host_count;
    bool
        ports_are_shared; /* services bind with SO_REUSEPORT, as ours do: their ports are held for them; else until the first start */
};
enum ou_status backend_local_open(const struct backend_local_options *options, struct backend **ret,
                                  struct ou_error *err);

#endif
