/* What `ouroscope serve` says of itself, by our own tracing. */
#ifndef OU_CMD_SERVE_LOG_H
#define OU_CMD_SERVE_LOG_H

#include "base/buffer.h"
#include "cmd/serve_config.h"

/* Appends the configuration of tracing. config may be NULL: the built-in one. */
void serve_tracing_text(const struct serve_config *config, struct buffer *out);
/* Starts tracing; ou_trace_stop() ends it. */
enum ou_status serve_log_start(const struct serve_config *config, struct ou_error *err);
/* Opens the log's file anew, which somebody else may have moved away. */
enum ou_status serve_log_reopen(const struct serve_config *config, struct ou_error *err);

#endif
