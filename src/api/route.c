#include "api/route.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES_MAX ((size_t)1 << 20)

extern char openapi_info_json[], openapi_resources_json[], openapi_runs_json[],
    openapi_access_json[], openapi_comparisons_json[], openapi_histories_json[],
    openapi_alerts_json[], openapi_live_json[], openapi_queries_json[];

/* The part without operations has what all have in common. */
static const struct description_part parts[] = {
    { "info.json", openapi_info_json },
    { "resources.json", openapi_resources_json },
    { "runs.json", openapi_runs_json },
    { "access.json", openapi_access_json },
    { "comparisons.json", openapi_comparisons_json },
    { "histories.json", openapi_histories_json },
    { "alerts.json", openapi_alerts_json },
    { "live.json", openapi_live_json },
    { "queries.json", openapi_queries_json },
};

static const struct api_operation *const tables[] = {
    about_operations,      resource_operations,
    run_operations,        access_operations,
    comparison_operations, history_operations,
    alert_operations,      live_operations,
    query_operations,      NULL,
};

const struct description_part *route_parts(size_t *ret_count)
{
    *ret_count = sizeof parts / sizeof *parts;
    return parts;
}

const struct api_operation *route_operation_at(size_t i)
{
    for (const struct api_operation *const *t = tables; *t; t++)
        for (const struct api_operation *o = *t; o->id; o++)
            if (i-- == 0)
                return o;
    return NULL;
}

const struct api_operation *route_operation(const char *id)
{
    const struct api_operation *operation;

    for (size_t i = 0; (operation = route_operation_at(i)); i++)
        if (strcmp(operation->id, id) == 0)
            return operation;
    return NULL;
}

/* ---- the tree ---- */

#define NODE_METHODS_MAX 5

/* A segment of paths. */
struct node {
    struct span segment;
    struct node *next, *children;
    struct node *any; /* of a name: takes each segment that no child has */
    const struct described *operations[NODE_METHODS_MAX];
    size_t operation_count;
    const struct api_page *page;
    const char *path, *allow;
};

struct router {
    struct arena memory;
    struct node *root;
};

static struct node *new_node(struct router *r, struct span segment)
{
    struct node *node = arena_take(&r->memory, sizeof *node, _Alignof(struct node));

    if (node)
        node->segment = segment;
    return node;
}

static struct node *child_of(const struct node *in, struct span segment)
{
    struct node *child = in->children;

    while (child && !span_equal(child->segment, segment))
        child = child->next;
    return child;
}

/* The segment's node, made if it was not there; NULL: no memory. */
static struct node *grow(struct router *r, struct node *in, struct span segment)
{
    struct node *child;

    if (segment.len > 0 && segment.at[0] == '{') {
        if (!in->any)
            in->any = new_node(r, segment);
        return in->any;
    }
    child = child_of(in, segment);
    if (!child && (child = new_node(r, segment))) {
        child->next = in->children;
        in->children = child;
    }
    return child;
}

/* Takes the first segment off a path that begins with a slash. */
static struct span take_segment(const char **path)
{
    const char *begin = *path + 1;
    size_t len = strcspn(begin, "/");

    *path = begin + len;
    return (struct span){ begin, len };
}

static struct node *add_path(struct router *r, const char *path)
{
    struct node *at = r->root;
    const char *rest = path;

    while (at && *rest)
        at = grow(r, at, take_segment(&rest));
    if (at)
        at->path = path;
    return at;
}

static bool add_operations(struct router *r, const struct description *d)
{
    const struct described *operation;
    struct node *node;

    for (size_t i = 0; (operation = description_at(d, i)); i++) {
        node = add_path(r, operation->path);
        if (!node || node->operation_count == NODE_METHODS_MAX)
            return false;
        node->operations[node->operation_count++] = operation;
    }
    return true;
}

/* "GET, HEAD, POST, OPTIONS" */
static bool say_methods(struct router *r, struct node *node)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 256);
    if (node->page)
        buffer_text(&text, "GET, HEAD, ");
    for (size_t i = 0; i < node->operation_count; i++) {
        const char *method = node->operations[i]->method;

        buffer_printf(&text, "%s, %s", method, strcmp(method, "GET") == 0 ? "HEAD, " : "");
    }
    buffer_text(&text, "OPTIONS");
    node->allow = buffer_status(&text) ? NULL : arena_copy(&r->memory, text.at, text.len);
    buffer_release(&text);
    return node->allow != NULL;
}

static bool finish(struct router *r, struct node *node)
{
    if ((node->page || node->operation_count > 0) && !say_methods(r, node))
        return false;
    if (node->any && !finish(r, node->any))
        return false;
    for (struct node *child = node->children; child; child = child->next)
        if (!finish(r, child))
            return false;
    return true;
}

static bool add_pages(struct router *r, const struct api_page *pages)
{
    struct node *node;

    for (const struct api_page *page = pages; page && page->path; page++) {
        node = add_path(r, page->path);
        if (!node)
            return false;
        node->page = page;
    }
    return true;
}

static bool build(struct router *r, const struct description *d, const struct api_page *pages)
{
    r->root = new_node(r, (struct span){ 0 });
    return r->root && add_operations(r, d) && add_pages(r, pages) && finish(r, r->root);
}

enum ou_status router_open(const struct description *d, const struct api_page *pages,
                           struct router **ret, struct ou_error *err)
{
    struct router *r = calloc(1, sizeof *r);

    *ret = NULL;
    if (r) {
        arena_init(&r->memory, allocator_libc(), MEMORY_BYTES_MAX);
        if (build(r, d, pages)) {
            *ret = r;
            return OU_OK;
        }
        router_close(r);
    }
    return ou_fail(err, OU_NO_MEMORY, "no memory for the paths of the API");
}

void router_close(struct router *r)
{
    if (!r)
        return;
    arena_release(&r->memory);
    free(r);
}

struct route route_find(const struct router *r, const char *method, const char *path)
{
    struct route found = { 0 };
    const struct node *at = r->root;

    while (at && *path == '/') {
        struct span segment = take_segment(&path);
        const struct node *child = child_of(at, segment);

        if (!child && at->any && segment.len > 0 && found.value_count < ROUTE_VALUES_MAX) {
            found.values[found.value_count++] = segment;
            child = at->any;
        }
        at = child;
    }
    if (!at || !at->allow)
        return (struct route){ 0 };
    found.allow = at->allow;
    found.path = at->path;
    found.page = at->page;
    for (size_t i = 0; i < at->operation_count; i++)
        if (strcmp(at->operations[i]->method, method) == 0)
            found.operation = at->operations[i];
    return found;
}
