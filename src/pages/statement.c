#include "pages/statement.h"

#define STATEMENT_BYTES_MAX 8192

void statement_begin(struct page_statement *s, const char *select)
{
    buffer_init(&s->text, allocator_libc(), STATEMENT_BYTES_MAX);
    s->count = 0;
    buffer_text(&s->text, select);
    buffer_text(&s->text, " WHERE 1 = 1");
}

void statement_add(struct page_statement *s, const char *condition, struct sql_value value,
                   const char *end)
{
    s->args[s->count++] = value;
    buffer_printf(&s->text, " %s $%zu%s", condition, s->count, end);
}

void statement_name(struct page_statement *s, const char *condition, const char *name,
                    const char *end)
{
    if (name)
        statement_add(s, condition, sql_text(name), end);
}

void statement_only(struct page_statement *s, const struct api_request *r, const char *condition,
                    const char *end)
{
    const char *only = api_only_project(r);

    statement_name(s, condition, *only ? only : NULL, end);
}

enum ou_status statement_query(struct page_statement *s, struct sql *db, struct sql_rows **ret,
                               struct ou_error *err)
{
    enum ou_status status = buffer_status(&s->text);

    if (status)
        ou_fail(err, status, "no room for a statement");
    else
        status = sql_query(db, buffer_string(&s->text), s->args, s->count, ret, err);
    buffer_release(&s->text);
    return status;
}
