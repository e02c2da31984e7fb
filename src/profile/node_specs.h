/* Who the hosts of a cluster are: from the composition of a profile to node-specs.json. Pure. */
#ifndef OU_PROFILE_NODE_SPECS_H
#define OU_PROFILE_NODE_SPECS_H

#include "deploy/site.h"
#include "profile/profile.h"

/* Of all hosts together: what a genesis can name one by one. */
#define PROFILE_POOLS_MAX 100000

/* Fills in p->specs, in its memory, from the counts of the composition; and hosts and pools. */
enum ou_status node_specs_make(struct profile *p, struct ou_error *err);

/* node-specs.json: {"node-0": {"i", "kind", "pools", "autostart", "name", "isProducer", "port", "region",
 * "shutdown_on_slot_synced", "shutdown_on_block_synced"}, ...}. sites[i] is that of host i; NULL: its port is null. The caller
 * json_decref()s. */
json_t *node_specs_document(const struct profile *p, const struct site *sites);

/* "pool", "explorer", ... */
const char *host_kind_name(enum host_kind kind);

#endif
