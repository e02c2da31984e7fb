/* The folder of one service of a run: configuration, topology, start command. */
#ifndef OU_WORKBENCH_NODE_FILES_H
#define OU_WORKBENCH_NODE_FILES_H

#include "workbench/topology.h"

/* A program with its arguments; in `memory`. */
struct start_command {
    const char **argv;     /* NULL behind the last; argv[0] is a path */
    const char *directory; /* to run in */
    /* "NAME=VALUE" on top of ours; NULL behind the last. The first one says what it is called in its log. */
    const char **environment;
    const char *cores; /* CPU list that it may use, "0-1,4"; "": any */
    int stop_signal;   /* that asks it to end; 0: SIGTERM */
    struct readiness ready;
    bool
        sampled; /* it traces nothing itself: we write samples of its resources to its log (deploy/sampler.h) */
    /* Its end with status 0 is no death: the run ends when all such have ended. */
    bool ends_by_itself;
};

/* The socket of the run's collector, below RUN. */
#define TRACER_SOCKET "tracer/forward.socket"

/* Writes RUN/tracer/{config.json,start.sh} for the collector: it listens at TRACER_SOCKET, and makes
 * RUN/logs/NAME/node-TIME.json of what the service NAME traces, with a link node.json to it. */
enum ou_status tracer_files_write(const struct profile *p, const char *run_directory,
                                  const char *program, struct arena *memory,
                                  struct start_command *ret, struct ou_error *err);

/* Writes RUN/nodes/NAME/ for the host number `node` of p->specs, by node.kind, and makes RUN/logs/NAME; ports[i] is that of
 * the host number i, of which there are p->spec_count. Of a reference node and of a cardano-node:
 * {config.json,topology.json,start.sh}; of a command start.sh alone, and t may be NULL. The log is RUN/logs/NAME/node.json,
 * line-wise JSON, which the collector writes; the node itself where the profile wants no collector (a link leads to the
 * standard output of a cardano-node); the sampler of a command. `program` is the path of ouroscope. A server of kind command
 * need not share its port as ours do (deploy/ports.h): the run must let go of the ports before it starts such.
 * OU_NOT_FOUND when the program of a kind is not there, with what to set. */
enum ou_status node_files_write(const struct profile *p, const struct topology *t, size_t node,
                                const uint16_t *ports, const char *run_directory,
                                const char *program, struct arena *memory,
                                struct start_command *ret, struct ou_error *err);

/* RUN/generator/{config.json,start.sh}, of cardano-node's generator {run-script.json,start.sh} and the data of its script; its log
 * is RUN/logs/generator/node.json, or generator.json where there is no collector. Targets are all hosts that forge; ports as
 * above. There is none of kind command. */
enum ou_status generator_files_write(const struct profile *p, const uint16_t *ports,
                                     const char *run_directory, const char *program,
                                     struct arena *memory, struct start_command *ret,
                                     struct ou_error *err);

#endif
