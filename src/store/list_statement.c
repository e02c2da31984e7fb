#include "store/list_statement.h"

/* The text of a value's place: $1, $2, ... */
static void argument(struct list_text *t, struct sql_value value)
{
    t->args[t->count++] = value;
    buffer_printf(t->out, "$%zu", t->count);
}

static const char *sort_key(const struct list_field *field)
{
    return field->order ? field->order : field->sql;
}

/* Whether a filter picks rows of another table, which then come first. */
static bool is_led(const struct list_query *query)
{
    for (size_t i = 0; query->sort->led && i < query->filter_count; i++)
        if (query->filters[i].field->leads && query->filters[i].op == LIST_EQ)
            return true;
    return false;
}

static const char *page_key(const struct list_query *query)
{
    return is_led(query) ? query->sort->led : sort_key(query->sort);
}

/* Instants are compared by what gives the order, so that an index serves both. */
static const char *compared(const struct list_field *field)
{
    return field->type == FIELD_TIME ? sort_key(field) : field->sql;
}

static void comparison(struct list_text *t, const struct list_filter *filter)
{
    static const char *const operators[] = {
        [LIST_EQ] = "=", [LIST_NE] = "IS DISTINCT FROM",
        [LIST_LT] = "<", [LIST_LE] = "<=",
        [LIST_GT] = ">", [LIST_GE] = ">=",
    };

    buffer_printf(t->out, "%s %s ", compared(filter->field), operators[filter->op]);
    argument(t, filter->values[0]);
}

static void one_of(struct list_text *t, const struct list_filter *filter)
{
    buffer_printf(t->out, "%s IN (", compared(filter->field));
    for (size_t i = 0; i < filter->count; i++) {
        buffer_text(t->out, i ? ", " : "");
        argument(t, filter->values[i]);
    }
    buffer_char(t->out, ')');
}

/* Texts compare byte by byte, and no character comes behind U+10FFFF. */
static void prefix(struct list_text *t, const struct list_filter *filter)
{
    buffer_printf(t->out, "%s >= ", filter->field->sql);
    argument(t, filter->values[0]);
    buffer_printf(t->out, " AND %s < $%zu || '\xf4\x8f\xbf\xbf'", filter->field->sql, t->count);
}

static void condition(struct list_text *t, const struct list_filter *filter)
{
    const struct list_field *field = filter->field;

    switch (filter->op) {
    case LIST_NULL:
    case LIST_NOT_NULL:
        buffer_printf(t->out, "%s IS %sNULL", field->sql, filter->op == LIST_NULL ? "" : "NOT ");
        return;
    case LIST_IN: one_of(t, filter); return;
    case LIST_PREFIX: prefix(t, filter); return;
    case LIST_EQ:
        if (field->via) {
            buffer_printf(t->out, "%s ", field->via);
            argument(t, filter->values[0]);
            buffer_char(t->out, ')');
            return;
        }
        break;
    default: break;
    }
    comparison(t, filter);
}

static const char *joint(bool first)
{
    return first ? " WHERE " : " AND ";
}

/* Returns whether there were none. */
static bool conditions(struct list_text *t, const struct list_query *query)
{
    for (size_t i = 0; i < query->filter_count; i++) {
        buffer_text(t->out, joint(i == 0));
        condition(t, &query->filters[i]);
    }
    return query->filter_count == 0;
}

static void columns(struct list_text *t, const struct list_query *query)
{
    buffer_text(t->out, "SELECT ");
    for (size_t i = 0; i < query->field_count; i++)
        buffer_printf(t->out, "%s%s", i ? ", " : "", query->fields[i]->sql);
}

/* Rows behind the last one of the page before. Null values stand at the end, both ways. */
static void behind(struct list_text *t, const struct list_query *query)
{
    const char *key = page_key(query), *no = query->resource->no;
    char sign = query->descending ? '<' : '>';

    if (query->after.type == SQL_NULL) {
        buffer_printf(t->out, "%s IS NULL AND %s %c ", key, no, sign);
        argument(t, sql_int(query->after_no));
        return;
    }
    if (is_led(query)) { /* a pair of two tables is compared row by row: an index wants one */
        buffer_printf(t->out, "%s %c= ", key, sign);
        argument(t, query->after);
        buffer_text(t->out, " AND ");
    }
    buffer_printf(t->out, "((%s, %s) %c (", key, no, sign);
    argument(t, query->after);
    buffer_text(t->out, ", ");
    argument(t, sql_int(query->after_no));
    buffer_printf(t->out, ")");
    if (query->sort->is_null)
        buffer_printf(t->out, " OR %s IS NULL", key);
    buffer_char(t->out, ')');
}

static void order(struct list_text *t, const struct list_query *query)
{
    const char *key = page_key(query), *way = query->descending ? " DESC" : "";

    buffer_text(t->out, " ORDER BY ");
    if (query->sort->is_null)
        buffer_printf(t->out, "%s IS NULL, ", key);
    buffer_printf(t->out, "%s%s, %s%s LIMIT %zu", key, way, query->resource->no, way,
                  query->limit + 1);
}

void statement_of_page(const struct list_query *query, struct list_text *ret)
{
    bool first;

    columns(ret, query);
    buffer_printf(ret->out, ", %s, %s FROM %s", page_key(query), query->resource->no,
                  query->resource->from);
    first = conditions(ret, query);
    if (query->has_after) {
        buffer_text(ret->out, joint(first));
        behind(ret, query);
    }
    order(ret, query);
}

void statement_of_item(const struct list_query *query, const char *id, struct list_text *ret)
{
    const struct list_field *field = list_field_find(query->resource, query->resource->id);
    struct list_filter is_it = { .field = field, .op = LIST_EQ, .count = 1 };
    bool first;

    is_it.values[0] = sql_text(id);
    columns(ret, query);
    buffer_printf(ret->out, " FROM %s", query->resource->from);
    first = conditions(ret, query);
    buffer_text(ret->out, joint(first));
    condition(ret, &is_it);
}

void statement_of_count(const struct list_query *query, struct list_text *ret)
{
    buffer_printf(ret->out, "SELECT count(*) FROM %s", query->resource->from);
    conditions(ret, query);
}

enum ou_status list_statement(const struct list_query *query, enum sql_kind kind,
                              struct buffer *ret, struct ou_error *err)
{
    struct list_text text = { .out = ret };
    enum ou_status status;

    (void)kind; /* both understand the same */
    statement_of_page(query, &text);
    status = buffer_status(ret);
    return status ? ou_fail(err, status, "no room for a statement") : OU_OK;
}
