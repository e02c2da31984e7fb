/* The built-in page of metrics ("PrometheusSimple"): GET and HEAD of /metrics over
 * HTTP/1.1, from a thread of its own.
 *
 * A request must arrive in one read below 2048 bytes. Above a limit of connections a new one
 * is closed at once. */
#ifndef OU_TRACE_PROMETHEUS_H
#define OU_TRACE_PROMETHEUS_H

#include "base/status.h"
#include "trace/config.h"

struct prometheus;

/* Listens; port 0 takes a free one (tests). The prefix is copied. */
enum ou_status prometheus_start(const struct config_prometheus *config, const char *prefix,
                                struct prometheus **ret, struct ou_error *err);
int prometheus_port(const struct prometheus *p);
void prometheus_stop(struct prometheus *p); /* NULL is fine; waits for its thread */

/* In a forked child, which has not the thread: its sockets are closed. NULL is fine. */
void prometheus_forget(struct prometheus *p);

#endif
