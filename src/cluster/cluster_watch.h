/* Watches what Nomad makes of a deployment's job, in two threads: blocking queries of its allocations keep the hosts' places up to date, and the event
 * stream goes into the journal. A Nomad that cannot be reached is tried again for ever; deployment.nomad_is_away tells. */
#ifndef OU_CLUSTER_CLUSTER_WATCH_H
#define OU_CLUSTER_CLUSTER_WATCH_H

#include <stdatomic.h>

#include "cluster/deployment.h"

struct cluster_watch {
    struct deployment *d;
    struct nomad *places, *events; /* of the two threads */
    pthread_t places_thread, events_thread;
    bool runs, runs_events;
    atomic_bool stopped;
};

enum ou_status cluster_watch_begin(struct cluster_watch *w, struct deployment *d,
                                   struct ou_error *err);
/* Ends what it waits for. A zeroed one is fine. */
void cluster_watch_end(struct cluster_watch *w);

#endif
