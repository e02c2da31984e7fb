/* Where the logs of a run are that are to be analysed: here, or on the hosts of its cluster, which then make extracts of them. */
#ifndef OU_CMD_ANALYSE_ON_H
#define OU_CMD_ANALYSE_ON_H

#include <limits.h>
#include <stdbool.h>

#include "cmd/commands.h"

/* What --on asks for. *ret: the logs are on the run's cluster. run: NULL, where the operands are no run. OU_USAGE; OU_NOT_FOUND: the logs are neither
 * here nor on a cluster that is still there. */
enum ou_status analyse_on(const struct parsed_options *options, const char *run, bool *ret,
                          struct ou_error *err);

/* Has the cluster make extracts, and brings them into a new folder below RUN/deploy, which analyse_on_forget() removes. */
enum ou_status analyse_on_bring(const struct parsed_options *options, const char *run,
                                char ret_folder[PATH_MAX], struct ou_error *err);
void analyse_on_forget(const char *folder); /* "" is fine */

#endif
