/* Inside study/: what the readers of finished runs share. A reader goes on after
 * its first failure without harm and tells it at the end. */
#ifndef OU_STUDY_READING_H
#define OU_STUDY_READING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"
#include "logs/checksum.h"
#include "study/finished_run.h"

struct reading {
    struct run_set *set;
    struct finished_run *run; /* the one being filled; it becomes the set's at its end */
    const char *path;         /* of the file; in the set's memory */
    const char *operand;      /* what named it; likewise */
    char checksum[CHECKSUM_HEX_ROOM];
    enum ou_status status; /* first failure, sticky */
    struct ou_error *err;
};

/* Remembers the first failure. Always false, so that a reader can end in it. */
bool reading_fail(struct reading *r, enum ou_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Zeroed memory of the set for n items; NULL fails the reading. NULL for n == 0 does not. */
void *reading_take(struct reading *r, size_t n, size_t item_bytes);
const char *reading_keep(struct reading *r, const char *text); /* NULL stays NULL */
const char *reading_span(struct reading *r, struct span text);
/* Numbers and sentences: what is longer than 511 bytes is cut. Foreign texts are kept whole by the two above. */
const char *reading_printf(struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Members of JSON objects. null and absent read as not known; another type fails the reading with `place` and key. */
double reading_number(struct reading *r, const json_t *object, const char *place, const char *key);
const char *reading_text(struct reading *r, const json_t *object, const char *place,
                         const char *key); /* in the set's memory */
int64_t reading_instant(struct reading *r, const json_t *object, const char *place,
                        const char *key); /* TIME_NONE */
const json_t *reading_object(struct reading *r, const json_t *object, const char *place,
                             const char *key);
const json_t *reading_array(struct reading *r, const json_t *object, const char *place,
                            const char *key);

/* A number of a block or slot: NaN, and what no chain has, become -1. */
int64_t reading_whole(double number);

/* A run with nothing known, to be filled. */
void reading_begin_run(struct reading *r, struct finished_run *run, enum run_source source);
/* Room for `most` facts; then one by one. NULL values are no facts. */
void reading_room_for_facts(struct reading *r, size_t most);
void reading_add_fact(struct reading *r, const char *group, const char *name, const char *value);
void reading_add_count(struct reading *r, const char *id, const char *name, const char *unit,
                       double count, double exposure);
/* Gives it to the set, unless reading has failed. */
void reading_end_run(struct reading *r);

/* One metric as analysis and variance files both write it. */
void reading_metric(struct reading *r, const json_t *metric, const char *place,
                    struct run_value *ret);
/* All of them: {"section": {"id": {...}}}. host_index: names to places in run->hosts; may be NULL. */
void reading_metrics(struct reading *r, const json_t *metrics, const char *place,
                     const json_t *host_index);

/* The member "design" of an object. */
void reading_design(struct reading *r, const json_t *object, const char *place);
/* Errors and warnings of [{"severity", "text"}, ...]; NULL: none. */
void reading_findings(struct reading *r, const json_t *findings);

/* "timeline" and "arrival" of an analysis file. */
void reading_series(struct reading *r, const json_t *document);

/* The formats. */
void read_analysis(struct reading *r, const json_t *document);
void read_variance(struct reading *r, const json_t *document);
/* selector NULL: all. */
void read_table(struct reading *r, struct span text, const char *selector);

#endif
