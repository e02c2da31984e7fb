/* Runs as lists of pages show them: what they were, how they ended, and the few numbers that are asked for first. */
#ifndef OU_PAGES_ROWS_H
#define OU_PAGES_ROWS_H

#include "analyse/dictionary.h"
#include "pages/page.h"

#define KEY_METRICS 4 /* CPU, resident memory, adoption by half and by nearly all hosts */
/* NULL where the dictionary of this program lacks it. */
const struct metric_info *key_metric(size_t i);
/* What this database calls it; 0: no run has it. */
enum ou_status key_metric_numbers(struct sql *db, int64_t ret[KEY_METRICS], struct ou_error *err);

struct run_row {
    int64_t no, sort_ns, started_ns, blocks, errors;
    const char *id, *name, *project, *profile, *workload, *version, *state, *failure, *series,
        *series_title;
    double key[KEY_METRICS]; /* NaN: not known */
};

/* Which runs: names, NULL for any. */
struct run_filter {
    const char *project, *profile, *workload, *version, *state, *series, *id;
    int64_t from_ns,
        until_ns; /* by its place in time, that of its start or of its publication; 0: any */
    bool goes_on; /* only behind this place */
    int64_t before_sort_ns, before_no;
    size_t most;
};
/* The newest first, with their key numbers, in the request's memory. */
enum ou_status run_rows(struct api_request *r, const struct run_filter *filter,
                        struct run_row **ret, size_t *ret_count, struct ou_error *err);

/* All that the filter means, wherever it goes on. */
enum ou_status run_count(struct api_request *r, const struct run_filter *filter, int64_t *ret,
                         struct ou_error *err);

/* A table of them. with_series: for lists of several series. */
void run_table(struct api_request *r, struct document *d, const char *id, const char *title,
               const struct run_row *rows, size_t count, bool with_series);

#endif
