/* The thread of an agent that asks the bucket for orders, checks them, and tells the state. docs/internals/agent.md */
#ifndef OU_AGENT_AGENT_COURIER_H
#define OU_AGENT_AGENT_COURIER_H

#include "agent/agent_board.h"
#include "agent/agent_folder.h"
#include "agent/agent_say.h"
#include "agent/agent_task.h"

struct agent_courier; /* opaque */

struct agent_courier_options {
    const struct agent_task *task;
    const char *task_file;
    const struct agent_folder *folder;
    struct agent_board *board;
    const struct agent_voice *voice;
    const char *program;
    double lost_after_s; /* without orders */
};

/* OU_INVALID: the folder is that of another run or host. The thread is started. */
enum ou_status agent_courier_start(const struct agent_courier_options *options,
                                   struct agent_courier **ret, struct ou_error *err);
/* Waits for its end, which comes soon after agent_board_ended(). NULL is fine. */
void agent_courier_join(struct agent_courier *c);

#endif
