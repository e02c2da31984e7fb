/* Histories of metrics over series: what the operations answer, for pages, too. Functions that answer false have answered the
 * request. */
#ifndef OU_API_HISTORIES_H
#define OU_API_HISTORIES_H

#include "api/history_answer.h"
#include "api/request.h"

#define HISTORY_METRICS_MAX 16

struct history_wish {
    const char *series, *project, *profile;   /* one of the first two */
    const char *metrics[HISTORY_METRICS_MAX]; /* "section/id" */
    size_t metric_count;
    size_t runs_max;
    bool by_workload; /* runs of all series that have the same load are one history */
    struct history_options options;
};
bool history_make(struct api_request *r, const struct history_wish *wish,
                  struct history_answer *ret);

#endif
