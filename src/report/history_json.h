/* The history of metrics as a file for programs. docs/formats/history.md describes it. */
#ifndef OU_REPORT_HISTORY_JSON_H
#define OU_REPORT_HISTORY_JSON_H

#include "base/buffer.h"
#include "study/history.h"

#define HISTORY_SCHEMA 1

/* Appends the file. Ask the buffer for failures. */
void history_json(const struct history *h, struct buffer *out);

/* Parts of it, for answers about histories: the members of a level; the member "last" of a metric, which is an object. */
struct json_writer;
void history_json_level(struct json_writer *w, const struct history_segment *level);
void history_json_last(struct json_writer *w, const struct metric_history *m);

#endif
