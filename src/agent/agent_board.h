/* What the threads of an agent share, under one lock: orders on their way in, and what is known of services, bundles and jobs on
 * its way out. Three threads: the loop, which has the services; the courier, which asks for orders and tells the state; and the
 * carrier, which fetches bundles and does jobs, however long that takes. Each has a reading of the orders of its own. */
#ifndef OU_AGENT_AGENT_BOARD_H
#define OU_AGENT_AGENT_BOARD_H

#include <pthread.h>
#include <stdbool.h>

#include "agent/agent_state.h"

#define BOARD_PROBLEM_ROOM 1024
#define BOARD_LINES_ROOM 2048

struct board_service {
    struct agent_service told; /* its texts are those below */
    char name[72], last_lines[BOARD_LINES_ROOM], problem[BOARD_PROBLEM_ROOM];
};

struct board_bundle {
    struct agent_bundle told;
    char sha256[SHA256_HEX], problem[BOARD_PROBLEM_ROOM];
};

struct agent_board {
    pthread_mutex_t lock;
    pthread_cond_t woken; /* monotonic clock */

    /* Not taken yet; owned. */
    struct orders *for_loop, *for_carrier;

    struct board_service services[ORDERS_SERVICES_MAX];
    size_t service_count;
    struct board_bundle bundles[ORDERS_BUNDLES_MAX];
    size_t bundle_count;
    struct agent_job jobs[ORDERS_JOBS_MAX]; /* texts, and parts, are owned */
    size_t job_count;

    bool changed;  /* the state, since it was last told */
    bool urgent;   /* somebody may wait for that change */
    bool nudged;   /* likewise, and the courier was not woken for it yet */
    bool stopping; /* services are being ended: the loop's word */
    bool ended;    /* they have: the last state is to be told */
    bool over;     /* it has been told, or could not be: the courier's word */
    bool lost;     /* the bucket has been silent for too long: the courier's word, too */
};

enum ou_status agent_board_open(struct agent_board *b, struct ou_error *err);
void agent_board_close(struct agent_board *b);

/* Orders: the courier puts, the others take (NULL: there are none; the caller frees). */
void agent_board_put_orders(struct agent_board *b, struct orders *for_loop,
                            struct orders *for_carrier);
struct orders *agent_board_take_loop(struct agent_board *b);
/* Waits for some; NULL: the agent ends. */
struct orders *agent_board_take_carrier(struct agent_board *b);
bool agent_board_has_newer(struct agent_board *b); /* for the carrier, or the agent ends */
/* For the carrier: a pause, which newer orders and the end cut short. */
void agent_board_pause(struct agent_board *b, double seconds);
/* For the courier: until somebody wants a state to be told, or the time (monotonic) has come. */
void agent_board_wait(struct agent_board *b, int64_t until_ns);

/* The loop tells of the i-th service; last_lines and problem may be NULL: as they were. */
void agent_board_service(struct agent_board *b, size_t i, const char *name,
                         const struct service_facts *facts, const char *last_lines,
                         const char *problem);
/* Whether all bundles of these orders are unpacked. */
bool agent_board_has_bundles(struct agent_board *b, const struct orders *orders);
/* The carrier tells of what its orders name, in their order: entries that it told of before are kept. */
void agent_board_expect(struct agent_board *b, const struct orders *orders);
void agent_board_bundle(struct agent_board *b, size_t i, const struct agent_bundle *bundle);
void agent_board_bundle_progress(struct agent_board *b, size_t i, uint64_t bytes_done);
/* Copies it, with its parts. */
void agent_board_job(struct agent_board *b, size_t i, const struct agent_job *job);
void agent_board_job_progress(struct agent_board *b, size_t i, uint64_t bytes_done);

/* What the loop says: */
void agent_board_stopping(struct agent_board *b);
void agent_board_ended(struct agent_board *b);
bool agent_board_is_over(struct agent_board *b);
bool agent_board_is_lost(struct agent_board *b);
/* What the courier says: */
bool agent_board_is_ended(struct agent_board *b);
void agent_board_over(struct agent_board *b);
void agent_board_lost(struct agent_board *b);

/* Whether something has changed since the last document. */
bool agent_board_has_changed(struct agent_board *b, bool *ret_urgent);
/* The state as a document: `base` with what stands on the board. NULL: no memory. */
json_t *agent_board_document(struct agent_board *b, const struct agent_state *base);

/* Of memory of their own; NULL is fine. */
void agent_board_free_orders(struct orders *orders);

#endif
