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

/* Listens at all addresses of the host; port 0 takes a free one (tests). config and prefix are copied. A
 * limit on connections of 0 is none (1024, that is), and so is one of new connections a second; of
 * these, what one second allows may come at once. OU_IO and the next step when it cannot listen. */
enum ou_status prometheus_start(const struct config_prometheus *config, const char *prefix,
                                struct prometheus **ret, struct ou_error *err);
int prometheus_port(const struct prometheus *p);
void prometheus_stop(struct prometheus *p); /* NULL is fine; waits for its thread */

/* In a forked child, which has not the thread: its sockets are closed. NULL is fine. */
void prometheus_forget(struct prometheus *p);

#endif
