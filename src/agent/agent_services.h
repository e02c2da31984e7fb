/* The services of one host, as orders want them: children of this process, by way of the backend of this machine. On the agent's
 * loop; docs/internals/agent.md */
#ifndef OU_AGENT_AGENT_SERVICES_H
#define OU_AGENT_AGENT_SERVICES_H

#include <uv.h>

#include "agent/agent_board.h"
#include "agent/agent_folder.h"
#include "agent/agent_say.h"

struct agent_services; /* opaque */

/* What earlier agents in the same folder had started is known again, as having ended with them. */
enum ou_status agent_services_open(const struct agent_folder *folder, struct agent_board *board,
                                   const struct agent_voice *voice, const char *program,
                                   uv_loop_t *loop, struct agent_services **ret,
                                   struct ou_error *err);
void agent_services_close(struct agent_services *s); /* NULL is fine; they must have ended */

/* Takes the orders over. Services that are not in them any more are ended. */
void agent_services_want(struct agent_services *s, struct orders *orders);
/* Ten times a second: ends what is not wanted, starts what is due (with_starts), and tells the board how all are. */
void agent_services_look(struct agent_services *s, bool with_starts);
/* Ends them, the last one that was started first, each with its grace, but grace_most_ms at most; true when all have ended.
 * To be called with every look. */
bool agent_services_end(struct agent_services *s, uint64_t grace_most_ms);

#endif
