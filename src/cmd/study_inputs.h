/* The finished runs that a command was given: what `variance`, `compare`,
 * `history` and `report` begin with. */
#ifndef OU_CMD_STUDY_INPUTS_H
#define OU_CMD_STUDY_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "cmd/commands.h"
#include "study/finished_run.h"

/* Adds what each operand names (study/read_runs.h tells what that may be) to *ret, which run_set_init() made. A run
 * directory that has logs but no analysis yet is analysed first, with a line about it on standard error; nothing else is
 * written or printed. Statuses as of run_set_add(), and OU_INTERRUPTED. */
enum ou_status study_inputs_load(const struct command *command, const char *const *operands,
                                 size_t count, struct run_set *ret, struct ou_error *err);

/* Of one operand, for those who read runs otherwise: whether it is a run directory with logs; and analyses it, with the line. */
bool study_input_is_analysable(const char *run);
enum ou_status study_input_analyse(const struct command *command, const char *run,
                                   struct ou_error *err);

#endif
