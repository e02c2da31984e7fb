/* The description of the API (OpenAPI 3.1): put together at start from the parts that are built in, completed, and looked
 * over. It says which paths there are, which parameters they take, and what bodies look like; what is served at
 * /api/v1/openapi.json is the same document.
 *
 * Completed means: an operation with "x-resource" gets a parameter for each field of that list that filters; answers that any
 * operation may have (401, 429, 503, ...) and headers that all answers have are added. It is never changed after that. */
#ifndef OU_API_DESCRIPTION_H
#define OU_API_DESCRIPTION_H

#include <jansson.h>

#include "api/operation.h"

enum parameter_type { PARAMETER_TEXT, PARAMETER_INTEGER, PARAMETER_NUMBER, PARAMETER_BOOL };

/* A parameter of the path or the query. */
struct described_parameter {
    const char *name;
    enum parameter_type type;
    bool in_path, required;
    bool repeats;         /* an array: may be given several times */
    const json_t *schema; /* of one value: bounds, lengths, choices */
};

#define DESCRIBED_TYPES_MAX 8
struct described {
    const struct api_operation *operation;
    const char *method;   /* "GET" */
    const char *path;     /* "/api/v1/runs/{run}" */
    const char *resource; /* of a list: "runs"; NULL */
    struct described_parameter *parameters;
    size_t parameter_count;
    const char *body_types[DESCRIBED_TYPES_MAX]; /* media types that it takes */
    size_t body_type_count;
    const json_t *body_schema; /* what a JSON body is held against */
    const json_t
        *form_schema; /* of a form-encoded body, whose members are read as arguments; NULL */
    bool body_needed;
    const char *types[DESCRIBED_TYPES_MAX]; /* media types of good answers */
    size_t type_count;
    const char *deprecation, *sunset; /* of one that will go: what these headers say; NULL */
};

struct description;

/* OU_INVALID: the parts contradict each other, or the tables of operations. */
enum ou_status description_open(struct description **ret, struct ou_error *err);
void description_close(struct description *d); /* NULL is fine */

const struct described *description_at(const struct description *d,
                                       size_t i); /* NULL behind the last */
const struct described_parameter *described_parameter_find(const struct described *operation,
                                                           const char *name);
struct span description_text(const struct description *d);
/* What "#/components/..." means; NULL: there is no such thing. */
const json_t *description_ref(const struct description *d, const char *ref);

/* --- How it is put together (description_merge.c); for tests --------------------------------------- */

struct description_part {
    const char *name, *text; /* the first one has the members that all have in common */
};
/* One document of the parts, completed. The caller json_decref()s it. */
enum ou_status description_merge(const struct description_part *parts, size_t count, json_t **ret,
                                 struct ou_error *err);
/* Walks a schema that the server itself uses: OU_INVALID for words that schema_check() does not know, or a reference to
 * nothing. (schema.c) */
enum ou_status schema_review(const struct description *d, const json_t *schema, const char *where,
                             struct ou_error *err);

#endif
