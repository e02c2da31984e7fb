/* Histories as answers: the same numbers in JSON and CSV. For histories.c and pages. */
#ifndef OU_API_HISTORY_ANSWER_H
#define OU_API_HISTORY_ANSWER_H

#include "base/buffer.h"
#include "publish/series_history.h"
#include "study/history.h"

/* A change point that the database keeps, by metric and run. */
struct noted_change {
    int64_t metric_no, run_no;
    const char *id, *note; /* note NULL: none */
};

struct history_answer {
    struct series_history runs;
    struct history history;
    bool by_series;
    struct noted_change *changes; /* in the runs' memory */
    size_t change_count;
};
void history_answer_release(struct history_answer *a); /* a zeroed one is fine */

/* Appends; ask the buffer for failures. */
void history_answer_json(const struct history_answer *a, struct buffer *out);
/* The points of the first metric alone. */
void history_answer_points(const struct history_answer *a, struct buffer *out);
void history_answer_csv(const struct history_answer *a, struct buffer *out);

const char *direction_name(enum metric_direction direction); /* "less", "more", "none" */

#endif
