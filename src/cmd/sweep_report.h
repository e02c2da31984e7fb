/* Reports of sweeps, and `ouroscope sweep report`. */
#ifndef OU_CMD_SWEEP_REPORT_H
#define OU_CMD_SWEEP_REPORT_H

#include "base/status.h"
#include "cmd/commands.h"

/* Rows of the option table of `sweep report`. */
enum sweep_report_option {
    SWEEP_REPORT_DOCUMENT, /* the first of DOCUMENT_OPTIONS rows */
};

/* Writes SWEEP/report.html, report.md and results.json from what is there. */
enum ou_status sweep_report_write(const char *directory, struct ou_error *err);

enum exit_code cmd_sweep_report(const struct parsed_options *options);

#endif
