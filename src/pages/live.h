/* Runs in progress as pages show them. */
#ifndef OU_PAGES_LIVE_H
#define OU_PAGES_LIVE_H

#include "pages/page.h"

struct live_row {
    const char *id, *project, *profile, *state, *run;
    int64_t began_ns, heard_ns, ended_ns;
    bool is_silent;
    const char *view; /* JSON: docs/formats/live.md */
};
/* The newest first, in the request's memory; going_on: not those that have ended. */
enum ou_status live_rows(struct api_request *r, bool going_on, struct live_row **ret,
                         size_t *ret_count, struct ou_error *err);
void live_table(struct api_request *r, struct document *d, const struct live_row *rows,
                size_t count);

#endif
