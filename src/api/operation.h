/* The operations of the API: the description (data/openapi, merged at start) says what each looks like, and these tables who
 * answers. They must agree, which is looked at when the server starts. */
#ifndef OU_API_OPERATION_H
#define OU_API_OPERATION_H

#include "api/request.h"

enum operation_flag {
    OPERATION_LONG = 1, /* computes; goes to the worker for such */
    OPERATION_NO_DATABASE = 2,
    OPERATION_OPEN = 4,        /* never needs a token: health, the description */
    OPERATION_PUBLICATION = 8, /* its body may be as large as publications are */
};

typedef void api_operation_fn(struct api_request *r);
struct api_operation {
    const char *id; /* operationId: "listRuns" */
    unsigned scope; /* enum scope that a caller needs; SCOPE_READ where reads may be open */
    unsigned flags;
    api_operation_fn *answer;
};

/* One table a file; an id of NULL behind the last. */
extern const struct api_operation
    about_operations[]; /* about.c: index, description, health, version */
extern const struct api_operation resource_operations[]; /* resources.c: lists and items */
extern const struct api_operation
    run_operations[]; /* runs.c: publishing, changing and deleting runs; samples, artifacts */
extern const struct api_operation access_operations[]; /* access.c: tokens, audit */
extern const struct api_operation
    comparison_operations[]; /* comparisons.c: comparisons, variance */
extern const struct api_operation
    history_operations[]; /* histories.c: points and change points of series */
extern const struct api_operation alert_operations[]; /* alerts.c: thresholds, alerts, deliveries */
extern const struct api_operation live_operations[];  /* live.c: runs in progress, events */
extern const struct api_operation
    query_operations[]; /* prometheus.c: queries in Prometheus' shape */

/* Pages, below "/": a path is found here if it is not below /api. */
struct api_page {
    const char *path; /* "/runs/{run}"; "/static/{file}" */
    unsigned flags;
    api_operation_fn *answer;
};

/* What the server has beside its API; constant. */
struct api_site {
    const struct api_page *pages; /* a path of NULL behind the last */
    /* Makes a page for people of the problem that has been answered; a 401 offers the Basic scheme (user "token", the token
     * as the password), which only GET and HEAD take. For paths that are not below /api, before the answer is packed. */
    api_operation_fn *problem;
};

#endif
