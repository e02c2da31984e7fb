/* One run of this machine, seen through its directory: docs/formats/run-directory.md. Nothing is written there. One thread. */
#ifndef OU_API_FOLDER_RUN_H
#define OU_API_FOLDER_RUN_H

#include "api/live_report.h"
#include "base/status.h"

struct folder_run; /* opaque */

/* Whether another process watches the run, which is what tells that it goes on. directory: RUN. */
bool folder_run_goes_on(const char *directory);

/* Whether the run that was opened has come to its end. One that waits to be analysed has not, for some minutes. */
bool folder_run_is_over(struct folder_run *run);

enum ou_status folder_run_open(const char *directory, const char *project, struct folder_run **ret,
                               struct ou_error *err);
void folder_run_close(struct folder_run *run); /* NULL is fine */

const char *folder_run_directory(const struct folder_run *run);
const char *folder_run_id(const struct folder_run *run); /* the last part of the directory */
const char *folder_run_profile(const struct folder_run *run);
int64_t folder_run_began_ns(const struct folder_run *run);

/* Takes in what the run has written since, so much at most that it takes no time, and appends a report. ended: it is the last one.
 * *ret_state: static text. */
void folder_run_look(struct folder_run *run, bool ended, struct buffer *ret_report,
                     const char **ret_state);

#endif
