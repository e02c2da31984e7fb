/* Series of a database as study/history.h takes them: the numbers alone, without the files that runs were published with. */
#ifndef OU_PUBLISH_SERIES_HISTORY_H
#define OU_PUBLISH_SERIES_HISTORY_H

#include "store/judgements.h"
#include "study/finished_run.h"

struct series_history {
    struct run_set set;      /* a run for each of data.runs, in its order; owns everything */
    struct series_data data; /* oldest first */
    struct metric_name *names;
    size_t name_count;
};

/* Runs of different series are never put into one history where by_series is set; else those of different workloads are not, as in
 * histories of files. ret is to be released even after a failure. Best inside sql_read() or sql_write(), so that it is one state of them. */
enum ou_status series_history_load(struct sql *db, const struct series_choice *choice,
                                   bool by_series, struct series_history *ret,
                                   struct ou_error *err);
void series_history_release(struct series_history *h); /* a zeroed one is fine */

/* What the database knows of a run of the set. */
const struct series_run *series_history_run(const struct series_history *h,
                                            const struct finished_run *run);
/* The number of a metric; 0: no run has named it. */
int64_t series_history_metric_no(const struct series_history *h, const struct metric_info *info);

/* A metric by the names of a section and in it; NULL: the dictionary does not have it. */
const struct metric_info *metric_by_name(const char *section, const char *id);
/* The same by "section/id". */
const struct metric_info *metric_by_key(const char *key);

#endif
