/* Who answers which path: the tables of operations and of pages, and a tree of the paths' segments. */
#ifndef OU_API_ROUTE_H
#define OU_API_ROUTE_H

#include "api/description.h"

#define ROUTE_VALUES_MAX 4 /* names in a path */

/* All operations, one after the other; NULL behind the last. And the one with this id; NULL. */
const struct api_operation *route_operation_at(size_t i);
const struct api_operation *route_operation(const char *id);
/* The parts of the description that belong to those tables. */
const struct description_part *route_parts(size_t *ret_count);

struct router;
struct api_page;
/* pages: with a path of NULL behind the last; NULL: none. */
enum ou_status router_open(const struct description *d, const struct api_page *pages,
                           struct router **ret, struct ou_error *err);
void router_close(struct router *r); /* NULL is fine */

/* What a path means. Never changed once the server runs: any thread. */
struct route {
    const struct described *operation; /* of this method; NULL: none, or a page */
    const struct api_page *page;
    const char
        *allow; /* the methods of the path, "GET, HEAD, OPTIONS"; NULL: there is no such path */
    const char *path; /* with names: "/api/v1/runs/{run}" */
    struct span values[ROUTE_VALUES_MAX];
    size_t value_count;
};
/* method: as struct http_call has it. The values are views of path. */
struct route route_find(const struct router *r, const char *method, const char *path);

#endif
