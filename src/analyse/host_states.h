/* What is known of each host: gathered from its log's events, or taken from an extract, then finished one
 * by one; from all of them the analysis is concluded. */
#ifndef OU_ANALYSE_HOST_STATES_H
#define OU_ANALYSE_HOST_STATES_H

#include <pthread.h>

#include "analyse/machine_stats.h"
#include "analyse/machine_view.h"
#include "analyse/run.h"
#include "analyse/timeline.h"
#include "base/buffer.h"

/* One host. For one thread at a time. */
struct host_state {
    const char *name; /* not owned; valid until the host is finished */
    /* Gathered: */
    struct machine_view view; /* kept until the chain is rebuilt */
    struct slot_fold fold;    /* its records are released when the host is finished */
    uint64_t objects;         /* events that this mode reads */
    struct message_losses lost;
    uint64_t load_events, node_events; /* that only a load generator, only a node tells */
    struct process_use process;
    int64_t txs_sent; /* of the generator's summary; -1: there is none */
    uint64_t setup_taken,
        setup_txs;         /* of the transactions that split a generator's fund; 0: not told */
    struct buffer extract; /* where an extract is made: what it says of the host */
    /* Of a finished one: */
    struct machine_stats stats;
    struct host_timeline timeline;
};

/* The hosts of one analysis. */
struct host_states {
    const struct analysis_request *request;
    pthread_mutex_t lock;      /* guards what follows */
    struct host_state **items; /* in order of arrival; each owned */
    size_t count, cap;
    uint64_t slots_dropped[FILTER_CONDITIONS_MAX];
    enum ou_status status; /* first failure of host_states_finish() */
};

void host_states_init(struct host_states *hosts, const struct analysis_request *request);
void host_states_release(struct host_states *hosts);

/* A new host, of which nothing is known. NULL: no memory. Any thread. */
struct host_state *host_states_add(struct host_states *hosts, const char *name);

/* Takes an event, in the order of the log. */
void host_state_event(struct host_state *host, const struct event *event);

/* The load generator of a run has a log among those of the nodes, but is none: what is said of hosts is not
 * said of it. */
bool host_is_generator(const struct host_state *host);

/* Nothing more can come of the host: makes its statistics, hands its slots on, and lets them go. Different hosts on any threads. */
void host_states_finish(struct host_states *hosts, struct host_state *host);

#endif
