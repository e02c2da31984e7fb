/* Where the cluster of a run stands, by the options of `run`: on this machine, or on Nomad by a placement plan. */
#ifndef OU_CMD_RUN_ON_H
#define OU_CMD_RUN_ON_H

#include "cluster/placement.h"
#include "cmd/commands.h"
#include "workbench/run.h"

/* A zeroed one is this machine. */
struct run_on {
    run_open_backend_fn open; /* for run_options, with this as its context; NULL: this machine */
    struct placement placement;
    bool stands; /* of a run that is there: its cluster has not been left */
};

bool run_on_nomad_is_asked(const struct parsed_options *options);

/* Of a new run. OU_USAGE: options that do not go together, or all faults of the plan. */
enum ou_status run_on_new(const struct parsed_options *options, const struct profile *profile,
                          struct run_on *ret, struct ou_error *err);
/* Of a run that is there: where it was, by the plan that it has kept. */
enum ou_status run_on_resume(const struct parsed_options *options, const char *run_directory,
                             struct run_on *ret, struct ou_error *err);
void run_on_release(struct run_on *on);

/* What of the profile such a place does not do; NULL: it does all. */
const char *run_on_remark(const struct run_on *on, const struct profile *profile);

/* Prints what Nomad would do. OU_IO: not all hosts could be placed. */
enum ou_status run_on_plan(const struct run_on *on, const struct profile *profile,
                           struct ou_error *err);

#endif
