/* The older system, to be compared with: a message is formatted and written by
 * its caller, under one lock, in the legacy layout. UseTraceDispatcher: false
 * asks for it. */
#ifndef OU_TRACE_LEGACY_H
#define OU_TRACE_LEGACY_H

#include <ouroscope/message.h>
#include <ouroscope/trace.h>

#include "trace/config.h"

/* Opens the outputs, in place of those that are open. env and host as struct
 * legacy_frame has them; copied. After a failure all is as before. */
enum ou_status legacy_start(const struct config_legacy *config, const char *env, const char *host,
                            struct ou_error *err);
void legacy_stop(void);
void legacy_abandon(void); /* in a forked child */
void legacy_reopen(void);

/* The two halves of a call. Between them this thread has the lock. False when the outputs have
 * been closed since the call began: its message is to go through a ring. *ret NULL: dropped and
 * counted, in a signal handler that interrupted a call, or for a record above
 * LEGACY_RECORD_MAX. */
#define LEGACY_RECORD_MAX 65536
bool legacy_reserve(const struct ou_point *point, size_t bytes, struct ou_record **ret);
bool legacy_is_in_call(void); /* this thread, between the halves */
void legacy_commit(struct ou_record *record);

/* A message that came another way. */
struct point_runtime;
void legacy_write(const struct point_runtime *rt, const struct ou_message *m);

/* Adds what was written and lost since the reset. */
void legacy_counts(struct ou_trace_counts *counts);
void legacy_reset_counts(void);

/* Nobody is in a call between these: for changes of what calls use, and for fork(). */
void legacy_hold(void);
void legacy_release(void);

#endif
