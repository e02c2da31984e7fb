/* The analysis of a run, for commands that make one. */
#ifndef OU_CMD_ANALYSE_H
#define OU_CMD_ANALYSE_H

#include <stdbool.h>

#include "base/status.h"

/* What `ouroscope analyse RUN` does, without progress and remarks: the results go to RUN/analysis and, if asked for, the report to
 * standard output. Call interrupt_install() before. */
enum ou_status analyse_run_directory(const char *run, bool print, struct ou_error *err);

#endif
