/* Alerts and changes of level as pages show them. */
#ifndef OU_PAGES_JUDGED_H
#define OU_PAGES_JUDGED_H

#include "pages/page.h"

/* NULL: any. Metrics by section and id, both or none. */
struct judged_filter {
    const char *state; /* of alerts only */
    const char *series, *project, *section, *metric;
    size_t most;
};

struct alert_row {
    const char *id, *state, *says, *note, *kind, *section, *metric, *name, *unit, *run, *run_name,
        *series, *series_title;
    int64_t opened_ns, silenced_until_ns;
    double value, low, high;
};
/* The newest first, in the request's memory. */
enum ou_status alert_rows(struct api_request *r, const struct judged_filter *filter,
                          struct alert_row **ret, size_t *ret_count, struct ou_error *err);
void alert_table(struct api_request *r, struct document *d, const struct alert_row *rows,
                 size_t count);

struct change_row {
    const char *section, *metric, *name, *unit, *direction, *run, *run_name, *version, *series,
        *series_title, *note;
    int64_t started_ns;
    double before, after, percent, p_adjusted;
};
/* By the start of the run, the newest first. */
enum ou_status change_rows(struct api_request *r, const struct judged_filter *filter,
                           struct change_row **ret, size_t *ret_count, struct ou_error *err);
void change_table(struct api_request *r, struct document *d, const struct change_row *rows,
                  size_t count);

#endif
