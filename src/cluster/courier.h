/* The courier: a thread that brings orders into the bucket and states of agents out of it, for as long as a deployment stands. One list of the
 * run's keys tells which states are new. A bucket that cannot be reached is tried again for ever; deployment.bucket_is_away tells. */
#ifndef OU_CLUSTER_COURIER_H
#define OU_CLUSTER_COURIER_H

#include <stdatomic.h>

#include "cluster/deployment.h"

struct courier {
    struct deployment *d;
    struct bucket bucket; /* its own */
    pthread_t thread;
    bool runs;
    atomic_bool stopped;
    int64_t renewed_ns; /* monotonic */
    unsigned rounds;
};

enum ou_status courier_begin(struct courier *c, struct deployment *d, struct ou_error *err);
/* Waits for what it is at. A zeroed one is fine. */
void courier_end(struct courier *c);

/* Whether all hosts' orders are in the bucket; the deployment's mutex must be held. */
bool courier_is_done(const struct deployment *d);

#endif
