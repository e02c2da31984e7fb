/* `ouroscope report --format trace RUN`: the journey of blocks for a trace viewer. It is not in the analysis file, so the
 * run's logs are analysed anew; nothing is written into the run directory. */
#ifndef OU_CMD_REPORT_TRACE_H
#define OU_CMD_REPORT_TRACE_H

#include "cmd/document_output.h"

struct report_trace_request {
    const struct command *command; /* for remarks */
    const char *run;               /* a run directory */
    /* Values of --from-slot, --to-slot and --block (a number, or FROM-TO) as they were given; NULL: no limit. */
    const char *from_slot, *to_slot, *block;
};

/* Writes to where `output` says. OU_USAGE for limits that are none, OU_INTERRUPTED, and what the analysis says. Call
 * interrupt_install() before. */
enum ou_status report_trace(const struct report_trace_request *request,
                            const struct document_output *output, struct ou_error *err);

#endif
