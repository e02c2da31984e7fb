#include <string.h>

#include "store/list_statement.h"

#define STATEMENT_BYTES_MAX ((size_t)64 << 10)

struct page_writing {
    const struct list_query *query;
    enum list_format format;
    struct arena *memory;
    struct json_writer json;
    struct buffer *out;
    struct list_page *page;
};

static void row_to_json(const struct list_query *query, const struct sql_rows *rows,
                        struct json_writer *w)
{
    json_begin_object(w);
    for (size_t i = 0; i < query->field_count; i++) {
        json_key(w, query->fields[i]->name);
        value_to_json(query->fields[i], rows, (int)i, w);
    }
    json_end(w);
}

static void names_to_csv(const struct list_query *query, struct buffer *out)
{
    for (size_t i = 0; i < query->field_count; i++)
        buffer_printf(out, "%s%s", i ? "," : "", query->fields[i]->name);
    buffer_text(out, "\r\n");
}

static void row_to_csv(const struct list_query *query, const struct sql_rows *rows,
                       struct buffer *out)
{
    for (size_t i = 0; i < query->field_count; i++) {
        buffer_text(out, i ? "," : "");
        value_to_csv(query->fields[i], rows, (int)i, out);
    }
    buffer_text(out, "\r\n");
}

static void put_row(struct page_writing *p, const struct sql_rows *rows)
{
    switch (p->format) {
    case LIST_JSON: row_to_json(p->query, rows, &p->json); break;
    case LIST_NDJSON:
        json_writer_init(&p->json, p->out, false);
        row_to_json(p->query, rows, &p->json);
        buffer_char(p->out, '\n');
        break;
    case LIST_CSV: row_to_csv(p->query, rows, p->out); break;
    }
}

/* The sort value of the row, kept. False: no memory. */
static bool keep_last(struct page_writing *p, const struct sql_rows *rows)
{
    int column = (int)p->query->field_count;
    const struct list_field *sort = p->query->sort;
    struct span text;
    char *copy;

    p->page->last_no = sql_get_int(rows, column + 1);
    if (sql_is_null(rows, column)) {
        p->page->last = sql_none();
    } else if (!sort->order && sort->type == FIELD_TEXT) {
        text = sql_get_text(rows, column);
        copy = arena_copy(p->memory, text.at, text.len);
        if (!copy)
            return false;
        p->page->last = sql_span((struct span){ copy, text.len });
    } else if (!sort->order && sort->type == FIELD_REAL) {
        p->page->last = sql_real(sql_get_real(rows, column));
    } else {
        p->page->last = sql_int(sql_get_int(rows, column));
    }
    return true;
}

/* As many as the limit; the one more that was asked for tells that the list goes on. */
static enum ou_status put_rows(struct page_writing *p, struct sql_rows *rows, struct ou_error *err)
{
    size_t limit = p->query->limit;

    while (sql_next(rows)) {
        if (p->page->rows == limit) {
            p->page->has_more = true;
            break;
        }
        put_row(p, rows);
        if (++p->page->rows == limit && !keep_last(p, rows))
            return ou_fail(err, OU_NO_MEMORY, "no memory for a page of %s",
                           p->query->resource->name);
    }
    return OU_OK;
}

static enum ou_status check_room(const struct buffer *out, const struct list_query *query,
                                 struct ou_error *err)
{
    switch (buffer_status(out)) {
    case OU_OK: return OU_OK;
    case OU_TOO_LARGE:
        return ou_fail(err, OU_TOO_LARGE, "the page is too large: a lower limit, or fewer fields");
    default: return ou_fail(err, OU_NO_MEMORY, "no memory for a page of %s", query->resource->name);
    }
}

/* Runs a statement that has been put together. */
static enum ou_status ask(struct sql *db, const struct list_text *text, struct sql_rows **ret,
                          struct ou_error *err)
{
    enum ou_status status = buffer_status(text->out);

    if (status)
        return ou_fail(err, status, "too many filters");
    return sql_query(db, buffer_string(text->out), text->args, text->count, ret, err);
}

static void put_begin(struct page_writing *p)
{
    json_writer_init(&p->json, p->out, false);
    if (p->format == LIST_JSON)
        json_begin_array(&p->json);
    else if (p->format == LIST_CSV)
        names_to_csv(p->query, p->out);
}

enum ou_status list_page(struct sql *db, const struct list_query *query, enum list_format format,
                         struct arena *memory, struct buffer *ret, struct list_page *ret_page,
                         struct ou_error *err)
{
    struct page_writing p = {
        .query = query, .format = format, .memory = memory, .out = ret, .page = ret_page
    };
    struct buffer text;
    struct list_text statement = { .out = &text };
    struct sql_rows *rows = NULL;
    enum ou_status status, ended;

    *ret_page = (struct list_page){ 0 };
    buffer_init(&text, allocator_libc(), STATEMENT_BYTES_MAX);
    statement_of_page(query, &statement);
    status = ask(db, &statement, &rows, err);
    buffer_release(&text);
    if (status)
        return status;
    put_begin(&p);
    status = put_rows(&p, rows, err);
    ended = sql_rows_end(rows, status ? NULL : err);
    if (status || ended)
        return status ? status : ended;
    if (format == LIST_JSON)
        json_end(&p.json);
    return check_room(ret, query, err);
}

enum ou_status list_item(struct sql *db, const struct list_query *query, const char *id,
                         struct buffer *ret, struct ou_error *err)
{
    struct buffer text;
    struct list_text statement = { .out = &text };
    struct sql_rows *rows = NULL;
    struct json_writer w;
    enum ou_status status;
    bool found;

    buffer_init(&text, allocator_libc(), STATEMENT_BYTES_MAX);
    statement_of_item(query, id, &statement);
    status = ask(db, &statement, &rows, err);
    buffer_release(&text);
    if (status)
        return status;
    found = sql_next(rows);
    json_writer_init(&w, ret, false);
    if (found)
        row_to_json(query, rows, &w);
    status = sql_rows_end(rows, err);
    if (status)
        return status;
    if (!found)
        return ou_fail(err, OU_NOT_FOUND, "%s: there is no \"%s\"", query->resource->name, id);
    return check_room(ret, query, err);
}

enum ou_status list_count(struct sql *db, const struct list_query *query, int64_t *ret,
                          struct ou_error *err)
{
    struct buffer text;
    struct list_text statement = { .out = &text };
    struct sql_rows *rows = NULL;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), STATEMENT_BYTES_MAX);
    statement_of_count(query, &statement);
    status = ask(db, &statement, &rows, err);
    buffer_release(&text);
    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}
