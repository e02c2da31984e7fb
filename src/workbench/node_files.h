/* The folder of one service of a run: configuration, topology, start command. */
#ifndef OU_WORKBENCH_NODE_FILES_H
#define OU_WORKBENCH_NODE_FILES_H

#include "workbench/topology.h"

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
    uint16_t port;
    const char *text; /* of READY_FILE and READY_LINE */
};

/* A program with its arguments; in `memory`. */
struct start_command {
    const char **argv;     /* NULL behind the last */
    const char *directory; /* to run in */
    const char **
        environment; /* "NAME=VALUE" on top of ours; NULL behind the last. The first one says what it is
                                 called in its log */
    const char *cores; /* CPU list that it may use, "0-1,4"; "": any */
    struct readiness ready;
    bool
        sampled; /* it traces nothing itself: we write samples of its resources to its log (deploy/sampler.h) */
    bool ends_by_itself; /* its end is no death: the run ends when all such have ended */
};

/* The socket of the run's collector, below RUN. */
#define TRACER_SOCKET "tracer/forward.socket"

/* Writes RUN/tracer/{config.json,start.sh} for the collector: it listens at TRACER_SOCKET, and makes
 * RUN/logs/NAME/node-TIME.json of what the service NAME traces, with a link node.json to it. */
enum ou_status tracer_files_write(const struct profile *p, const char *run_directory,
                                  const char *program, struct arena *memory,
                                  struct start_command *ret, struct ou_error *err);

/* Writes RUN/nodes/NAME/ for a host of the profile, by node.kind. Of a reference node:
 * {config.json,topology.json,start.sh}. Its log is
 * RUN/logs/node-I/node.json, line-wise JSON, which the collector writes, or the node itself where the profile wants no
 * collector. `program` is the path of ouroscope. */
enum ou_status node_files_write(const struct profile *p, const struct topology *t, size_t node,
                                const uint16_t *ports, const char *run_directory,
                                const char *program, struct arena *memory,
                                struct start_command *ret, struct ou_error *err);

/* RUN/generator/{config.json,start.sh}; its log is RUN/logs/generator/node.json, or generator.json where there is no
 * collector. Targets are all nodes. */
enum ou_status generator_files_write(const struct profile *p, const uint16_t *ports,
                                     const char *run_directory, const char *program,
                                     struct arena *memory, struct start_command *ret,
                                     struct ou_error *err);

#endif
