/* Reports of sweeps. */
#ifndef OU_CMD_SWEEP_REPORT_H
#define OU_CMD_SWEEP_REPORT_H

#include "base/status.h"

/* Writes SWEEP/report.html, report.md and results.json from what is there. */
enum ou_status sweep_report_write(const char *directory, struct ou_error *err);

#endif
