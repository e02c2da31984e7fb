/* The thread of an agent that fetches bundles and does jobs, one after the other, while the courier goes on telling how far it is.
 * docs/internals/agent.md */
#ifndef OU_AGENT_AGENT_CARRIER_H
#define OU_AGENT_AGENT_CARRIER_H

#include "agent/agent_board.h"
#include "agent/agent_folder.h"
#include "agent/agent_say.h"
#include "http/client.h"

struct agent_carrier_options {
    const char *ca_file, *program;
    const struct agent_folder *folder;
    struct agent_board *board;
    const struct agent_voice *voice;
};

/* What its work is done with. */
struct agent_carrier {
    struct agent_carrier_options with;
    struct http_client *client;
    pthread_t thread;
};

enum ou_status agent_carrier_start(const struct agent_carrier_options *options,
                                   struct agent_carrier **ret, struct ou_error *err);
/* Cancels what it fetches or sends, and waits for its end: to be called behind agent_board_stopping(). NULL is fine. */
void agent_carrier_join(struct agent_carrier *c);

/* Its parts, on its thread: the i-th bundle and the i-th job of the orders, told on the board. */
void agent_bundle_bring(const struct agent_carrier *c, size_t i, const struct order_bundle *order);
void agent_job_do(const struct agent_carrier *c, size_t i, const struct order_job *order);

#endif
