#include "agent/agent_carrier.h"

#include <stdlib.h>

static void carry_out(const struct agent_carrier *c, const struct orders *orders)
{
    struct agent_board *board = c->with.board;

    agent_board_expect(board, orders);
    for (size_t i = 0; i < orders->bundle_count && !agent_board_has_newer(board); i++)
        agent_bundle_bring(c, i, &orders->bundles[i]);
    for (size_t i = 0; i < orders->job_count && !agent_board_has_newer(board); i++)
        agent_job_do(c, i, &orders->jobs[i]);
}

static void *run(void *context)
{
    struct agent_carrier *c = context;
    struct orders *orders;

    while ((orders = agent_board_take_carrier(c->with.board))) {
        carry_out(c, orders);
        agent_board_free_orders(orders);
    }
    return NULL;
}

enum ou_status agent_carrier_start(const struct agent_carrier_options *options,
                                   struct agent_carrier **ret, struct ou_error *err)
{
    const struct http_identity identity = { .ca_file = options->ca_file };
    struct agent_carrier *c = calloc(1, sizeof *c);
    enum ou_status status;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the carrier");
    c->with = *options;
    status = http_client_open(&identity, &c->client, err);
    if (!status && pthread_create(&c->thread, NULL, run, c) != 0)
        status = ou_fail(err, OU_IO, "no thread for the carrier");
    if (!status) {
        *ret = c;
        return OU_OK;
    }
    http_client_close(c->client);
    free(c);
    return status;
}

void agent_carrier_join(struct agent_carrier *c)
{
    if (!c)
        return;
    http_client_cancel(c->client);
    pthread_join(c->thread, NULL);
    http_client_close(c->client);
    free(c);
}
