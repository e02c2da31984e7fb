/* Where a host of a run stands: what those who write files for its services must know of it. */
#ifndef OU_DEPLOY_SITE_H
#define OU_DEPLOY_SITE_H

#include <stdbool.h>
#include <stdint.h>

/* Texts are the backend's, for as long as the cluster stands. */
struct site {
    const char *address;   /* where others reach its node: "127.0.0.1", "10.0.3.7" */
    const char *listen;    /* what its node binds to: "127.0.0.1", "0.0.0.0" */
    uint16_t port;         /* of its node */
    const char *directory; /* the run's folder as its services see it: an absolute path */
    const char *program;   /* ouroscope, as its services are started */
    bool
        is_here; /* this machine: programs are looked for, and processors checked, when files are written */
};

#endif
