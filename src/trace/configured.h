/* The outputs that the configuration asks for: standard output, files, and the page of metrics. Under the
 * lock of consumer.h. */
#ifndef OU_TRACE_CONFIGURED_H
#define OU_TRACE_CONFIGURED_H

#include <ouroscope/message.h>

#include "base/span.h"
#include "trace/config.h"
#include "trace/legacy_frame.h"
#include "trace/output.h"
#include "trace/runtime.h"

struct prometheus;

struct configured {
    struct output to_stdout;
    struct output files[CONFIG_FILES_MAX];
    enum file_format formats[CONFIG_FILES_MAX];
    int file_count;
    struct legacy_texts legacy;
};

/* Opens what a configuration names. env and host are for the legacy layout; copied. After a failure
 * nothing is open. */
enum ou_status configured_open(const struct config *config, const char *env, const char *host,
                               struct configured *ret, struct ou_error *err);

/* Adds a message to the outputs of its rule. line: in the machine format, if it has been made already; else NULL. */
void configured_write(struct configured *c, const struct point_runtime *rt,
                      const struct ou_message *m, struct span line);
void configured_flush(struct configured *c);
void configured_reopen(struct configured *c); /* a file that cannot be opened goes on as it is */

/* Lines written and lost so far. */
void configured_counts(const struct configured *c, uint64_t *ret_lines, uint64_t *ret_lost);

void configured_close(struct configured *c);
void configured_abandon(struct configured *c); /* in a forked child: nothing is written */

/* Brings the page of metrics from one configuration (NULL: none) to the next. It stays when
 * nothing about it changes: its port is in use, by itself. After a failure the one from before
 * is there again, unless somebody else has taken its port in the meantime. */
enum ou_status configured_page(const struct config *from, const struct config *to,
                               struct prometheus **page, struct ou_error *err);

#endif
