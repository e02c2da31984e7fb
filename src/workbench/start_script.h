/* start.sh: what a run starts, for a person to start again. */
#ifndef OU_WORKBENCH_START_SCRIPT_H
#define OU_WORKBENCH_START_SCRIPT_H

#include "base/status.h"
#include "workbench/node_files.h"

/* Writes command->directory/start.sh, executable, which runs the command with its environment on its processors, in its own
 * folder, wherever the run directory has been moved to. name: of the service, for a person. */
enum ou_status start_script_write(const struct start_command *command, const char *name,
                                  struct ou_error *err);

#endif
