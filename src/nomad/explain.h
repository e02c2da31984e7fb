/* What Nomad's documents mean, in words that say what to do. Pure; documents may be of any shape. */
#ifndef OU_NOMAD_EXPLAIN_H
#define OU_NOMAD_EXPLAIN_H

#include <jansson.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* Why groups could not be placed: FailedTGAllocs of an evaluation or a plan. One line a group (alike groups in one): which constraint filtered how many nodes, which
 * dimension (memory, cpu, disk, network: ports) was exhausted where, which datacenters have no node, a driver that is missing; and the next step.
 * False, and nothing appended, when nothing failed. */
bool nomad_explain_failures(const json_t *failed_groups, struct buffer *ret);
/* Likewise, and names the machines that are full, which Nomad only counts. machines: those of the cluster, as nomad_nodes() has them. */
bool nomad_explain_failures_on(const json_t *failed_groups, const json_t *machines,
                               struct buffer *ret);

/* Where an evaluation stands. */
enum nomad_evaluation_state {
    EVALUATION_PENDING,
    EVALUATION_PLACED,
    EVALUATION_BLOCKED,
    EVALUATION_FAILED
};
enum nomad_evaluation_state nomad_evaluation_state(const json_t *evaluation,
                                                   struct buffer *ret_why);

/* Where an allocation stands; a document of the list or a whole one. */
enum nomad_allocation_state {
    ALLOCATION_PENDING,
    ALLOCATION_RUNNING,
    ALLOCATION_COMPLETE, /* ended well, or stopped as asked */
    ALLOCATION_FAILED,
    ALLOCATION_LOST, /* the machine fell silent */
    ALLOCATION_UNKNOWN,
};
struct nomad_allocation_facts {
    const char *id, *group, *node_id, *node_name; /* of the document; "" */
    const char *previous, *next;                  /* of a rescheduled one; "" */
    enum nomad_allocation_state state;
    bool wanted;     /* DesiredStatus is run */
    bool is_healthy; /* by its deployment, or where there is none, it runs */
    unsigned restarts;
    int64_t exit_status; /* of its last end; -1: none */
    int64_t changed_ns;
};
void nomad_allocation_read(const json_t *allocation, struct nomad_allocation_facts *ret);
/* Why it failed or waits: the events of its tasks, in one or two sentences with the next step: an artifact that is not there (404) or has another checksum,
 * a driver failure, exit status, out of memory, setup failure, a template that waits ... "" when there is nothing to say. */
void nomad_explain_allocation(const json_t *allocation, struct buffer *ret);

/* The address and port of a label as Nomad gave them (AllocatedResources.Shared.Ports and Networks); false: it has none. */
bool nomad_allocation_port(const json_t *allocation, const char *label, char ret_address[64],
                           uint16_t *ret_port);

/* What an error answer of the API means and what to do: status, its text, what was asked ("register the job"), and where the token
 * that it was asked with is from ("NOMAD_TOKEN"; NULL: there was none). */
void nomad_explain_refusal(int status, struct span text, const char *what, const char *token,
                           struct buffer *ret);

/* An event of the stream in one line for a person: "group node-3: allocation 5e2c... on client-eu-3 is running"; false: nothing worth a line. */
bool nomad_event_line(const json_t *event, struct buffer *ret);

#endif
