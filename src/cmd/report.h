/* Reports of finished runs, as other commands want them. */
#ifndef OU_CMD_REPORT_H
#define OU_CMD_REPORT_H

#include "base/status.h"

/* Writes RUN/analysis/report.html and report.md from RUN/analysis/analysis.json; both or none. */
enum ou_status report_run_directory(const char *run, struct ou_error *err);

#endif
