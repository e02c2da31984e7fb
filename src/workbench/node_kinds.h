/* The folders of services by node.kind: what node_files.h hands on to. */
#ifndef OU_WORKBENCH_NODE_KINDS_H
#define OU_WORKBENCH_NODE_KINDS_H

#include "workbench/node_files.h"

/* As node_files_write(), of a cardano-node. Its program is node.program, else cardano-node in PATH. */
enum ou_status cardano_files_write(const struct profile *p, const struct topology *t, size_t node,
                                   const struct site *sites, const char *run_directory,
                                   struct arena *memory, struct start_command *ret,
                                   struct ou_error *err);

/* As generator_files_write(), of tx-generator, which is looked for beside node.program and in PATH. */
enum ou_status cardano_generator_files_write(const struct profile *p, const struct site *sites,
                                             const char *run_directory, struct arena *memory,
                                             struct start_command *ret, struct ou_error *err);

/* As node_files_write(), of any program. In arguments, values of the environment and the text of its readiness stand
 *   %{name} %{index} %{port} %{directory} %{run} %{genesis} %{cores}, and %% for a percent sign;
 * an argument %{rts} becomes the flags of GHC's run-time system, which else stand at the end. Paths are absolute. The
 * program is the first argument, or node.program where that is given; one without a slash is looked for in PATH. */
enum ou_status command_files_write(const struct profile *p, size_t node, const struct site *sites,
                                   const char *run_directory, struct arena *memory,
                                   struct start_command *ret, struct ou_error *err);

/* The era as a capitalised word: "Conway". */
const char *era_title(enum era era);

#endif
