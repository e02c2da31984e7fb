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

/* Writes RUN/nodes/node-I/{config.json,topology.json,start.sh} for a reference node. Its log goes to
 * RUN/logs/node-I/node.json (a FileBackend of its tracing configuration), as line-wise JSON. `program` is the path of
 * ouroscope. */
enum ou_status node_files_write(const struct profile *p, const struct topology *t, size_t node,
                                const uint16_t *ports, const char *run_directory,
                                const char *program, struct arena *memory,
                                struct start_command *ret, struct ou_error *err);

/* RUN/generator/{config.json,start.sh}; its log is RUN/logs/generator/generator.json. Targets are all nodes. */
enum ou_status generator_files_write(const struct profile *p, const uint16_t *ports,
                                     const char *run_directory, const char *program,
                                     struct arena *memory, struct start_command *ret,
                                     struct ou_error *err);

#endif
