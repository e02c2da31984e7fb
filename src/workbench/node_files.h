/* The folder of one service of a run: configuration, topology, start command. */
#ifndef OU_WORKBENCH_NODE_FILES_H
#define OU_WORKBENCH_NODE_FILES_H

#include "workbench/topology.h"

/* A program with its arguments; in `memory`. */
struct start_command {
    const char **argv;     /* NULL behind the last */
    const char *directory; /* to run in */
    const char *variable;  /* "NAME=VALUE" for its environment: what it is called in its log */
};

/* The socket of the run's collector, below RUN. */
#define TRACER_SOCKET "tracer/forward.socket"

/* Writes RUN/tracer/{config.json,start.sh} for the collector: it listens at TRACER_SOCKET, and makes
 * RUN/logs/NAME/node-TIME.json of what the service NAME traces, with a link node.json to it. */
enum ou_status tracer_files_write(const struct profile *p, const char *run_directory,
                                  const char *program, struct arena *memory,
                                  struct start_command *ret, struct ou_error *err);

/* Writes RUN/nodes/node-I/{config.json,topology.json,start.sh} for a reference node. Its log is
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
