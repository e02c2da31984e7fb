/* Resources as readers see them: rows with named fields, filtered, sorted and page by page, in JSON, CSV or NDJSON. What a
 * resource is, is a table of its fields (list_resources.c); statements are made of that alone, and values go as parameters. */
#ifndef OU_STORE_LIST_H
#define OU_STORE_LIST_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/sql.h"

enum field_type {
    FIELD_TEXT,
    FIELD_INT,
    FIELD_REAL,
    FIELD_BOOL,
    FIELD_TIME, /* RFC 3339 with nanoseconds outside, nanoseconds inside */
    FIELD_JSON, /* a text that is JSON: stands in the answer as it is; cannot be filtered */
    FIELD_QUANTILES, /* a blob of the standard quantiles: [[0.5, 1.25], ...]; in CSV left out unless asked for */
};

struct list_field {
    const char *name; /* as readers see it: "startedAt" */
    const char *sql;  /* "r.started_ns" */
    enum field_type type;
    bool filters; /* may be filtered by */
    bool
        sorts; /* may be sorted by: there is an index that begins with what narrows it and this, or the table is small */
    bool aside; /* only there when `fields` names it */
    bool
        is_null; /* of those that sort: it may be NULL; then no index gives the order, so only where tables are small */
    /* A number that stands for it where rows are sorted, and, for instants, where they are compared; never NULL in a row.
     * NULL: sql. */
    const char *order;
    /* `order` as a column of the table that filters with `leads` are of: where there is such a filter, rows are taken in this
     * order, which an index of that table has. NULL: none. */
    const char *led;
    bool leads; /* whether the value of a filter leads there, by `via` */
    /* How one value is found by an index: "r.project_no = (SELECT no FROM projects WHERE name =", to which a parameter and
     * the bracket are added; NULL: by sql. */
    const char *via;
};

struct list_resource {
    const char *name; /* "runs" */
    const char *from; /* "runs r JOIN projects p ON ..." */
    const char *id;   /* the field that names a row: "id" */
    const char *no;   /* "r.no": the last sort key; with that of any other unique among the rows */
    const char *sort; /* the default: "-startedAt" */
    const struct list_field *fields;
    size_t field_count;
};
const struct list_resource *list_resource_find(const char *name);
const struct list_resource *list_resource_at(size_t i); /* NULL behind the last */
const struct list_field *list_field_find(const struct list_resource *r, const char *name);

enum list_op {
    LIST_EQ,
    LIST_NE,
    LIST_LT,
    LIST_LE,
    LIST_GT,
    LIST_GE,
    LIST_IN,       /* "in.(a,b)" */
    LIST_PREFIX,   /* "prefix.10.7" : texts */
    LIST_NULL,     /* "is.null" */
    LIST_NOT_NULL, /* "not.null" */
};
#define LIST_FILTERS_MAX 16
#define LIST_IN_MAX 100
struct list_filter {
    const struct list_field *field;
    enum list_op op;
    struct sql_value values[LIST_IN_MAX];
    size_t count;
};

struct list_query {
    const struct list_resource *resource;
    struct list_filter *filters; /* LIST_FILTERS_MAX at most */
    size_t filter_count;
    const struct list_field *sort;
    bool descending;
    const struct list_field **fields; /* what is shown, in order */
    size_t field_count;
    size_t limit; /* 1 .. 1000 */
    /* The page begins behind this row: its sort value and number. */
    bool has_after;
    struct sql_value after;
    int64_t after_no;
};

/* "eq.x", "ne.", "gt.3", "ge.", "lt.", "le.", "in.(a,b)" with quotes around items that have commas or brackets,
 * "prefix.10.", "is.null", "not.null", or a plain value; OU_USAGE with the position (from 1) of what is wrong. Instants are
 * RFC 3339, or a day alone. Values live in `memory`, or in text. */
enum ou_status list_filter_parse(const struct list_field *field, const char *text,
                                 struct arena *memory, struct list_filter *ret,
                                 size_t *ret_position, struct ou_error *err);

enum list_format { LIST_JSON, LIST_CSV, LIST_NDJSON };
struct list_page {
    size_t rows;
    bool has_more;
    struct sql_value last; /* sort value of the last row, in `memory`; only where has_more */
    int64_t last_no;
};
/* Appends the rows: of JSON, the array alone, "[{...},...]"; of CSV (RFC 4180, lines end in \r\n) with a row of names in
 * front. A text cell that a spreadsheet would take for a formula gets an apostrophe. Null sort values come last, whichever the
 * direction. */
enum ou_status list_page(struct sql *db, const struct list_query *query, enum list_format format,
                         struct arena *memory, struct buffer *ret, struct list_page *ret_page,
                         struct ou_error *err);
/* One row as an object, by its id; OU_NOT_FOUND. */
enum ou_status list_item(struct sql *db, const struct list_query *query, const char *id,
                         struct buffer *ret, struct ou_error *err);
enum ou_status list_count(struct sql *db, const struct list_query *query, int64_t *ret,
                          struct ou_error *err);
/* The statement of a page, for EXPLAIN. */
enum ou_status list_statement(const struct list_query *query, enum sql_kind kind,
                              struct buffer *ret, struct ou_error *err);

#endif
