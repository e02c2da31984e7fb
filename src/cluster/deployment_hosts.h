/* What is to be made of what Nomad and agents say of the hosts: pure decisions, without requests and clocks. The deployment's mutex must be
 * held. */
#ifndef OU_CLUSTER_DEPLOYMENT_HOSTS_H
#define OU_CLUSTER_DEPLOYMENT_HOSTS_H

#include "cluster/deployment.h"

/* Takes in a list of the job's allocations: of each host the newest one, and how many of it have failed. Returns whether a host has
 * another place or state than before. */
bool hosts_take_allocations(struct deployment *d, const json_t *allocations, int64_t now_ns);

/* Whether a state may be believed: it is of this run, host and allocation, and newer than the one that is known. The host of a state
 * that is_early has an allocation that we have not heard of yet: it is to be looked at again. */
enum state_worth { STATE_NEWS, STATE_OLD, STATE_EARLY, STATE_FOREIGN };
enum state_worth host_state_worth(const struct deployment *d, const struct deployed_host *h,
                                  const struct agent_state *state);

/* Where a host is on its way to being used. */
enum host_stage {
    HOST_UNPLACED, /* no allocation */
    HOST_COMING,   /* it is placed, and its task is not there yet */
    HOST_SILENT,   /* its task runs, and its agent has not said all yet that we need */
    HOST_READY,
    HOST_FAILED, /* its allocation has, and there is no other one yet */
};
enum host_stage host_stage(const struct deployed_host *h);
bool host_is_alive(const struct deployed_host *h); /* its task runs, or may come back */
/* And it is the task that the run was told of, not one that Nomad has made in its place. */
bool host_is_itself(const struct deployed_host *h);
size_t hosts_at(const struct deployment *d, enum host_stage stage);

/* What to do while hosts come. */
enum stand_step {
    STAND_WAIT,
    STAND_READY,
    STAND_AGAIN, /* *ret_host has failed, and Nomad does nothing about it: its task is to be made anew */
    STAND_GIVE_UP, /* *ret_host has failed too often */
};
enum stand_step hosts_stand_step(const struct deployment *d, int64_t now_ns, size_t *ret_host);

#endif
