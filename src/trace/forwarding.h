/* The backend Forwarder: messages become trace objects and go to a collector, which also finds metrics and data
 * points here. There is one, or none. Under the lock of consumer.h, unless it says otherwise. */
#ifndef OU_TRACE_FORWARDING_H
#define OU_TRACE_FORWARDING_H

#include <ouroscope/message.h>

#include "base/endpoint.h"
#include "base/span.h"
#include "trace/config.h"

struct plan;

/* What the program says, as opposed to the configuration. */
struct forwarding_options {
    bool wanted; /* there is an address */
    bool listen;
    struct endpoint at;
    uint32_t magic;
    uint32_t wait_ms;                              /* for the collector, at the end */
    void (*told)(void *context, const char *what); /* forward_told of trace.h */
    void *context;
};

/* Tracing begins: counts are zero. host is copied. */
enum ou_status forwarding_begin(const struct forwarding_options *options, const char *host,
                                struct ou_error *err);

/* Begins to forward with the first configuration that wants it. From one to the next the connection stays, and what waits
 * for it. After a failure (OU_NO_MEMORY, OU_IO: no thread) all is as before. */
enum ou_status forwarding_configure(const struct config *config, struct ou_error *err);

/* Whether what is written goes anywhere. */
bool forwarding_is_on(void);

/* The line of the machine format, with its newline, made once for all who want it; valid until the next one. A
 * NULL when it cannot be made. */
struct span forwarding_line(const struct plan *plan, const struct ou_message *m);
void forwarding_write(const struct plan *plan, const struct ou_message *m, struct span line);

/* Brings forwarding_counts() up to date; they are for any thread. */
void forwarding_tally(void);
void forwarding_counts(uint64_t *ret_forwarded, uint64_t *ret_lost);

/* Waits for the collector to take what waits, as long as the options say, without the lock. Nothing
 * is forwarded any more. What is left over is lost. */
void forwarding_end(void);

void forwarding_abandon(void); /* in a forked child */

#endif
