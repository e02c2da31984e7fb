/* A service of a run: a program that is started, watched and stopped. What it is; where it goes is site.h, who starts it is
 * backend.h. */
#ifndef OU_DEPLOY_SERVICE_H
#define OU_DEPLOY_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* How to tell that a service is up. */
enum ready_kind {
    READY_LOG,     /* its log says that it listens: nodes that trace as cardano-node does */
    READY_AT_ONCE, /* it is when it has been started */
    READY_PORT,    /* something listens at 127.0.0.1:port */
    READY_FILE,    /* the path is there */
    READY_LINE,    /* its standard output has a line with this text in it */
};
struct readiness {
    enum ready_kind kind;
    uint16_t port;    /* of a profile: 0 where any free one is to be found */
    const char *text; /* of READY_FILE and READY_LINE */
};

/* A program with its arguments; texts are those of who made it. */
struct start_command {
    const char **argv;     /* NULL behind the last; argv[0] is a path */
    const char *directory; /* to run in */
    /* "NAME=VALUE" on top of ours; NULL behind the last. The first one says what it is called in its log. */
    const char **environment;
    const char *cores; /* CPU list that it may use, "0-1,4"; "": any */
    int stop_signal;   /* that asks it to end; 0: SIGTERM */
    struct readiness ready;
    /* It traces nothing itself: samples of its resources are written to its log (sampler.h). */
    bool sampled;
    /* Its end with status 0 is no death: the run ends when all such have ended. */
    bool ends_by_itself;
};

#endif
