/* How a run goes, on one line:
 *
 *   12 s  slot 61  block 8..9  9 forged  20.1 tx/s  cpu 0.41  6/6 nodes  83 MB
 */
#ifndef OU_CMD_RUN_PROGRESS_H
#define OU_CMD_RUN_PROGRESS_H

#include "cmd/progress.h"
#include "workbench/run.h"

/* The line, of less than `width` columns: an item that does not fit is left out. */
void run_progress_line(const struct run_view *now, int width, char out[PROGRESS_ROOM]);

#endif
