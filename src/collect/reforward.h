/* Forwarding what was collected to another collector: hasForwarding. There it is one node, by the name of "tracer-" and
 * this machine's, without metrics. */
#ifndef OU_COLLECT_REFORWARD_H
#define OU_COLLECT_REFORWARD_H

#include "collect/config.h"
#include "trace/forwarder.h"
#include "wire/trace_object.h"

/* Of encoded objects that wait for the other collector; the configuration bounds their number only. */
#define REFORWARD_QUEUE_BYTES ((size_t)64 << 20)

struct reforwarder;

/* What the configuration says is copied. told: as in trace/forwarder.h, in the forwarder's thread. */
enum ou_status reforwarder_start(const struct collector_config *config,
                                 void (*told)(void *context, enum forwarder_event_kind kind,
                                              const char *why),
                                 void *context, struct reforwarder **ret, struct ou_error *err);
/* Any thread. Objects whose name does not pass the filter are left out. name: of the object, dotted. */
void reforwarder_push(struct reforwarder *r, const struct trace_object *object, struct span name);
struct forward_counts reforwarder_counts(const struct reforwarder *r);
uint64_t reforwarder_stop(struct reforwarder *r, uint32_t wait_ms); /* what was left over */

#endif
