/* The analysis of a run, for commands that make one. */
#ifndef OU_CMD_ANALYSE_H
#define OU_CMD_ANALYSE_H

#include <stdbool.h>

#include "analyse/analysis.h"
#include "analyse/cluster_map.h"
#include "analyse/slot_table.h"
#include "cmd/commands.h"

/* What `ouroscope analyse RUN` does, without progress and remarks: the results go to RUN/analysis and, if asked for, the report to
 * standard output. Call interrupt_install() before. */
enum ou_status analyse_run_directory(const char *run, bool print, struct ou_error *err);

/* Takes a finished analysis, which is released afterwards. map: of the run; NULL where it has none. */
typedef enum ou_status analysis_use(void *context, const struct analysis *a,
                                    const struct cluster_map *map, struct ou_error *err);

/* The analysis of a run's logs for what its analysis file does not hold: nothing is written into the run directory. What
 * could not be read is a warning of `command`. slots: NULL, or who wants the slot records. Call interrupt_install()
 * before. */
enum ou_status analyse_run_logs(const struct command *command, const char *run,
                                const struct slot_sink *slots, analysis_use *use, void *context,
                                struct ou_error *err);

#endif
