/* One run with its analysis, as `run` and `sweep` make it. */
#ifndef OU_CMD_RUN_ONCE_H
#define OU_CMD_RUN_ONCE_H

#include <limits.h>

#include "cmd/commands.h"
#include "cmd/progress.h"
#include "cmd/run_live.h"
#include "workbench/run.h"

#define REMARK_ROOM 1200

/* Who looks on. Zero-initialise and set command, progress and where the run stands; main thread. */
struct run_watch {
    const struct command *command; /* whose remarks they are */
    struct progress progress;
    const char *lead; /* in front of the line that tells how the run goes; NULL: nothing */
    const struct run_result *result; /* of the run that it is; run_once() sets it */
    /* REMARK_ROOM: takes the last event worth a line instead of its being told, until the run is interrupted; NULL */
    char *remark;
    const struct run_live_wish *report_to; /* NULL: nobody is to see it go on */
    struct run_live *live;                 /* of the run that it is; run_once()'s own */
};

/* One for this command line, whose option of that number says when progress is shown. */
struct run_watch run_watch_of(const struct parsed_options *options, size_t progress_option);

/* Which filters there are is known to the analysis alone; told behind half an hour, it would be late. OU_USAGE names the
 * profile and what is wrong. */
enum ou_status run_check_filters(const struct profile *profile, struct ou_error *err);

/* The path of this program, for run_options.program. */
enum ou_status run_find_program(char ret[PATH_MAX], struct ou_error *err);

/* The user's cache of genesis data into ret, when the profile's is worth keeping; NULL: it is made in no time, or the user has
 * no home. */
const char *run_default_cache(const struct profile *profile, char ret[PATH_MAX]);

/* Makes the run and, unless it was interrupted or is not wanted, its analysis and its report in
 * RUN/analysis; print: the report goes to standard output, too. options->show, say, progress and
 * context are set here. The state in *ret is RUN_analysed when all was done. Call
 * interrupt_install() before. */
enum ou_status run_once(struct run_watch *watch, struct run_options *options, bool analysed,
                        bool print, struct run_result *ret, struct ou_error *err);

#endif
