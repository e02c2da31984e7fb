/* Records of the journal: one for each trace object. Any thread. */
#ifndef OU_COLLECT_JOURNAL_SINK_H
#define OU_COLLECT_JOURNAL_SINK_H

#include "base/buffer.h"
#include "wire/trace_object.h"

/* Appends a record, to be sent later: SYSLOG_IDENTIFIER (the node), MESSAGE, PRIORITY, NAMESPACE, THREAD and TIME. */
void journal_record(const struct trace_object *o, struct span name, const char *node,
                    struct span message, struct buffer *out);

/* Sends records. *ret_done: bytes of those that need not come again: sent, or refused for what they are, which
 * *ret_refused counts. OU_IO: the journal is not there, or does not take them. */
enum ou_status journal_send(struct span records, size_t *ret_done, uint64_t *ret_refused,
                            struct ou_error *err);

/* How many there are. */
uint64_t journal_records(struct span records);

#endif
