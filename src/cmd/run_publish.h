/* run --publish-to: a run that has ended goes into a database of results. */
#ifndef OU_CMD_RUN_PUBLISH_H
#define OU_CMD_RUN_PUBLISH_H

#include "cmd/commands.h"
#include "workbench/run.h"

/* Before anything is run: whether the options make sense together, and a database can be opened. OU_OK without --publish-to. */
enum ou_status run_publish_check(const struct parsed_options *options, struct ou_error *err);

/* Publishes the run if that is wanted and it has ended, well or not. Tells its id; a failure comes with the next step, and
 * leaves the run as it is. */
enum ou_status run_publish(const struct parsed_options *options, const struct run_result *result,
                           struct ou_error *err);

#endif
