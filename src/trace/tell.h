/* What the library traces about itself (reflection.h), put together. Under the lock of
 * consumer.h. */
#ifndef OU_TRACE_TELL_H
#define OU_TRACE_TELL_H

#include "trace/config.h"
#include "trace/limiter.h"
#include "trace/rings.h"

/* Faults of declarations, warnings (a line each), the configuration, and what it does. */
void tell_configuration(const struct config *config, const char *warnings);

void tell_limiting(enum limiter_said said, const char *ns, uint64_t suppressed);

/* What was lost since the last time, if anything: now has the losses so far, *told those
 * that have been told, and is brought up to date. All but what was to go to a collector. */
void tell_losses(const uint64_t now[LOSSES], uint64_t told[LOSSES]);

/* That: it has a message of its own. */
void tell_forwarder_loss(uint64_t now, uint64_t *told);

/* What the process uses. */
void tell_resources(void);

#endif
