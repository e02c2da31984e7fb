/* The folder of one service of a run: configuration, topology, start command. */
#ifndef OU_WORKBENCH_NODE_FILES_H
#define OU_WORKBENCH_NODE_FILES_H

#include "deploy/site.h"
#include "profile/topology.h"

/* The host that the generator stands on, beside whose node it is: the explorer, or else the first one. */
size_t generator_home(const struct profile *p);

/* The socket of the run's collector, below RUN. */
#define TRACER_SOCKET "tracer/forward.socket"

/* Writes RUN/tracer/{config.json,start.sh} for the collector: it listens at TRACER_SOCKET, and makes
 * RUN/logs/NAME/node-TIME.json of what the service NAME traces, with a link node.json to it. */
enum ou_status tracer_files_write(const struct profile *p, const char *run_directory,
                                  const char *program, struct arena *memory,
                                  struct start_command *ret, struct ou_error *err);

/* Writes RUN/nodes/NAME/ for the host number `node` of p->specs, by node.kind, and makes RUN/logs/NAME; sites[i] is that of
 * the host number i, of which there are p->spec_count. Of a reference node and of a cardano-node:
 * {config.json,topology.json,start.sh}; of a command start.sh alone, and t may be NULL. The log is RUN/logs/NAME/node.json,
 * line-wise JSON, which the collector writes; the node itself where the profile wants no collector (a link leads to the
 * standard output of a cardano-node); the sampler of a command. A server of kind command
 * need not share its port as ours do (deploy/ports.h): the run must let go of the ports before it starts such.
 * OU_NOT_FOUND when the program of a kind is not there, with what to set. */
enum ou_status node_files_write(const struct profile *p, const struct topology *t, size_t node,
                                const struct site *sites, const char *run_directory,
                                struct arena *memory, struct start_command *ret,
                                struct ou_error *err);

/* RUN/generator/{config.json,start.sh}, of cardano-node's generator {run-script.json,start.sh} and the data of its script; its log
 * is RUN/logs/generator/node.json, or generator.json where there is no collector. Targets are all hosts that forge; sites as
 * above. There is none of kind command. */
enum ou_status generator_files_write(const struct profile *p, const struct site *sites,
                                     const char *run_directory, struct arena *memory,
                                     struct start_command *ret, struct ou_error *err);

#endif
