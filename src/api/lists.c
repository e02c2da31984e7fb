/* Lists: what a reader asks for becomes a query (store/list.h), and its page an answer. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/answering.h"
#include "api/cursor.h"
#include "base/suggest.h"
#include "http/params.h"
#include "store/list.h"

#define LIMIT_DEFAULT 100
#define PAGE_BYTES_MAX ((size_t)32 << 20)
#define LINK_BYTES_MAX ((size_t)128 << 10)
#define LINK_HEADER_MAX ((size_t)12 << 10) /* of what headers may have together */
#define FIELD_ROOM 64
#define DETAIL_MAX ((size_t)4096)

struct listing {
    struct api_request *r;
    struct list_query query;
    crypto_generichash_state binding; /* of the query, as far as pages must agree about it */
    struct cursor cursor;
    enum list_format format;
    bool count_wanted;
    int64_t count;
    const char *next; /* NULL: this is the last page */
};

static void bind_text(struct listing *l, const char *text)
{
    crypto_generichash_update(&l->binding, (const unsigned char *)text, strlen(text) + 1);
}

/* ---- fields, sort ---- */

/* "id, name, startedAt": what could have been meant. */
static void put_fields(const struct list_resource *resource, bool for_sort, struct buffer *out)
{
    const char *comma = "";

    for (size_t i = 0; i < resource->field_count; i++) {
        if (for_sort && !resource->fields[i].sorts)
            continue;
        buffer_printf(out, "%s%s", comma, resource->fields[i].name);
        comma = ", ";
    }
}

static bool unknown_field(struct listing *l, const char *parameter, struct span name, size_t at,
                          bool for_sort)
{
    struct problem_place place = { .parameter = parameter, .position = (int64_t)at + 1 };
    const struct list_resource *resource = l->query.resource;
    struct suggestion near;
    struct buffer detail;
    bool ret;

    suggest_for(&near, name);
    for (size_t i = 0; i < resource->field_count; i++)
        if (!for_sort || resource->fields[i].sorts)
            suggest_consider(&near, resource->fields[i].name);
    buffer_init(&detail, allocator_libc(), DETAIL_MAX);
    buffer_printf(&detail, for_sort ? "%s are not sorted by \"%.*s\"" : "%s have no field \"%.*s\"",
                  resource->name, (int)(name.len < FIELD_ROOM ? name.len : FIELD_ROOM), name.at);
    if (near.best)
        buffer_printf(&detail, "; did you mean \"%s\"? ", near.best);
    else
        buffer_text(&detail, "; ");
    buffer_text(&detail, for_sort ? "they are by " : "they have ");
    put_fields(resource, for_sort, &detail);
    place.detail = buffer_string(&detail);
    ret = api_problem_at(l->r, PROBLEM_UNKNOWN_FIELD, &place, 1, "%s, character %zu: %s", parameter,
                         at + 1, place.detail);
    buffer_release(&detail);
    return ret;
}

static const struct list_field *field_of(const struct listing *l, struct span name)
{
    char text[FIELD_ROOM];

    if (name.len >= sizeof text)
        return NULL;
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    return list_field_find(l->query.resource, text);
}

static bool is_chosen(const struct list_query *query, const struct list_field *field)
{
    for (size_t i = 0; i < query->field_count; i++)
        if (query->fields[i] == field)
            return true;
    return false;
}

static bool room_for_fields(struct listing *l)
{
    l->query.fields = arena_take(&l->r->memory, l->query.resource->field_count * sizeof(void *),
                                 _Alignof(void *));
    return l->query.fields ||
           api_problem(l->r, PROBLEM_INTERNAL, "There is no memory for the list.");
}

static void all_fields(struct list_query *query, bool with_aside)
{
    for (size_t i = 0; i < query->resource->field_count; i++)
        if (with_aside || !query->resource->fields[i].aside)
            query->fields[query->field_count++] = &query->resource->fields[i];
}

/* "id,name": in this order. */
static bool read_fields(struct listing *l)
{
    const char *text = http_argument(l->r->call, "fields"), *at = text;

    if (!room_for_fields(l))
        return false;
    if (!text) {
        all_fields(&l->query, false);
        return true;
    }
    for (;; at++) {
        struct span name = { at, strcspn(at, ",") };
        const struct list_field *field = field_of(l, name);

        if (!field)
            return unknown_field(l, "fields", name, (size_t)(at - text), false);
        if (!is_chosen(&l->query, field))
            l->query.fields[l->query.field_count++] = field;
        at += name.len;
        if (*at == '\0')
            return true;
    }
}

static bool read_sort(struct listing *l)
{
    const char *given = http_argument(l->r->call, "sort");
    const char *text = given ? given : l->query.resource->sort;

    bind_text(l, text);
    l->query.descending = *text == '-';
    text += l->query.descending;
    l->query.sort = list_field_find(l->query.resource, text);
    return (l->query.sort && l->query.sort->sorts) ||
           unknown_field(l, "sort", span_of(text), l->query.descending, true);
}

/* ---- filters ---- */

static struct list_filter *new_filter(struct listing *l)
{
    return l->query.filter_count < LIST_FILTERS_MAX ? &l->query.filters[l->query.filter_count++]
                                                    : NULL;
}

static bool read_filter(struct listing *l, const struct list_field *field, const char *text)
{
    struct list_filter *filter = new_filter(l);
    struct problem_place place = { .parameter = field->name };
    struct ou_error err = { 0 };
    size_t position = 0;
    enum ou_status status;

    if (!filter)
        return api_problem(l->r, PROBLEM_INVALID_PARAMETER, "%d filters are the most.",
                           LIST_FILTERS_MAX);
    bind_text(l, field->name);
    bind_text(l, text);
    status = list_filter_parse(field, text, &l->r->memory, filter, &position, &err);
    if (!status)
        return true;
    if (status != OU_USAGE)
        return api_failed(l->r, status, &err);
    place.position = (int64_t)position;
    place.detail = err.text;
    return api_problem_at(l->r, PROBLEM_INVALID_PARAMETER, &place, 1, "%s (character %zu)",
                          err.text, position);
}

static bool fix(struct listing *l, const char *name, struct sql_value value)
{
    struct list_filter *filter = new_filter(l);

    if (!filter)
        return api_problem(l->r, PROBLEM_INVALID_PARAMETER, "There are too many filters.");
    filter->field = list_field_find(l->query.resource, name);
    filter->op = LIST_EQ;
    filter->values[0] = value;
    filter->count = 1;
    bind_text(l, name);
    if (value.type == SQL_TEXT)
        crypto_generichash_update(&l->binding, (const unsigned char *)value.bytes.at,
                                  value.bytes.len);
    return true;
}

/* Where reads are closed, a token of a project sees its rows alone. */
static bool fix_project(struct listing *l)
{
    const struct list_resource *resource = l->query.resource;
    const char *field = strcmp(resource->name, "projects") == 0 ? "name" : "project";
    const char *only = api_only_project(l->r);

    return !*only || !list_field_find(resource, field) || fix(l, field, sql_text(only));
}

static bool fix_all(struct listing *l, const struct list_fixed *fixed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!fix(l, fixed[i].field, fixed[i].value))
            return false;
    return fix_project(l);
}

static bool room_for_filters(struct listing *l)
{
    l->query.filters = arena_take(&l->r->memory, LIST_FILTERS_MAX * sizeof *l->query.filters,
                                  _Alignof(struct list_filter));
    return l->query.filters ||
           api_problem(l->r, PROBLEM_INTERNAL, "There is no memory for the list.");
}

static bool read_filters(struct listing *l)
{
    const struct http_fields *args = &l->r->call->args->args;

    for (size_t i = 0; i < args->count; i++) {
        const struct list_field *field = list_field_find(l->query.resource, args->at[i].name);

        if (field && field->filters && !read_filter(l, field, args->at[i].value))
            return false;
    }
    return true;
}

/* ---- pages ---- */

static bool read_cursor(struct listing *l)
{
    const char *text = http_argument(l->r->call, "cursor");
    struct problem_place place = { .parameter = "cursor", .detail = "it is not good for this" };
    struct cursor given;

    crypto_generichash_final(&l->binding, l->cursor.binding, sizeof l->cursor.binding);
    if (!text)
        return true;
    if (!cursor_read(text, api_key(l->r->api), &l->r->memory, &given))
        return api_problem_at(l->r, PROBLEM_INVALID_CURSOR, &place, 1,
                              "The cursor was not made by this server.");
    if (memcmp(given.binding, l->cursor.binding, sizeof given.binding) != 0)
        return api_problem_at(
            l->r, PROBLEM_INVALID_CURSOR, &place, 1,
            "The cursor is of another list: filters and sort must stay as they were.");
    l->query.has_after = true;
    l->query.after = given.after;
    l->query.after_no = given.after_no;
    return true;
}

static void read_limit(struct listing *l)
{
    const char *text = http_argument(l->r->call, "limit");

    l->query.limit = LIMIT_DEFAULT;
    if (text) /* has been held against the description */
        sscanf(text, "%zu", &l->query.limit);
}

/* "count=exact" among what Prefer lists. */
static bool prefers_count(const struct http_call *call)
{
    const char *at = http_header(call, "Prefer");

    while (at) {
        at += strspn(at, " \t,");
        if (strncasecmp(at, "count=exact", 11) == 0 && strchr(" \t,;", at[11]))
            return true;
        at = strchr(at, ',');
    }
    return false;
}

/* The best that the client takes; of those it likes as much, JSON before NDJSON before CSV. */
static enum list_format choose_format(const struct http_call *call)
{
    unsigned json = http_quality(call, "application/json", NULL),
             lines = http_quality(call, "application/x-ndjson", NULL),
             csv = http_quality(call, "text/csv", NULL);

    if (json >= lines && json >= csv)
        return LIST_JSON;
    return lines >= csv ? LIST_NDJSON : LIST_CSV;
}

/* The request's own address with another cursor. */
static const char *self_link(struct listing *l, const struct cursor *cursor)
{
    const struct http_fields *args = &l->r->call->args->args;
    struct buffer link;
    const char *copy;
    char mark = '?';

    buffer_init(&link, allocator_libc(), LINK_BYTES_MAX);
    buffer_text(&link, api_base(l->r));
    api_url_encode(&link, l->r->call->path, "/");
    for (size_t i = 0; i < args->count; i++) {
        if (strcmp(args->at[i].name, "cursor") == 0)
            continue;
        buffer_char(&link, mark);
        api_url_encode(&link, args->at[i].name, "");
        buffer_char(&link, '=');
        api_url_encode(&link, args->at[i].value, "(),/:");
        mark = '&';
    }
    if (cursor) {
        buffer_printf(&link, "%ccursor=", mark);
        cursor_write(cursor, api_key(l->r->api), &link);
    }
    copy = buffer_status(&link) ? NULL : arena_copy(&l->r->memory, link.at, link.len);
    buffer_release(&link);
    return copy ? copy : "";
}

/* What a client could do without is left out where filters are so long that it does not fit. False: answered. */
static bool put_links(struct listing *l, const struct list_page *page)
{
    const char *first = self_link(l, NULL);
    size_t bytes = strlen(first);

    if (page->has_more) {
        l->cursor.after = page->last;
        l->cursor.after_no = page->last_no;
        l->next = self_link(l, &l->cursor);
        bytes += strlen(l->next);
    }
    if (l->next && strlen(l->next) > LINK_HEADER_MAX)
        return api_problem(l->r, PROBLEM_TARGET_TOO_LONG,
                           "The link to the next page would be too long: use shorter filters.");
    if (l->next && bytes <= LINK_HEADER_MAX)
        http_answer_header(l->r->answer, "Link", "<%s>; rel=\"next\", <%s>; rel=\"first\"", l->next,
                           first);
    else if (l->next || bytes <= LINK_HEADER_MAX)
        http_answer_header(l->r->answer, "Link", "<%s>; rel=\"%s\"", l->next ? l->next : first,
                           l->next ? "next" : "first");
    return true;
}

static void put_count(struct listing *l)
{
    if (!l->count_wanted)
        return;
    http_answer_header(l->r->answer, "Preference-Applied", "count=exact");
    http_answer_header(l->r->answer, "Total-Count", "%lld", (long long)l->count);
}

static const char *const types[] = {
    [LIST_JSON] = "application/json",
    [LIST_CSV] = "text/csv;charset=utf-8;header=present",
    [LIST_NDJSON] = "application/x-ndjson",
};

static void put_end(struct listing *l)
{
    struct buffer *body = &l->r->answer->body;
    struct json_writer w;

    if (l->format != LIST_JSON)
        return;
    buffer_text(body, ",\"next\":");
    json_writer_init(&w, body, false);
    json_cstring(&w, l->next);
    if (l->count_wanted)
        buffer_printf(body, ",\"count\":%lld", (long long)l->count);
    buffer_char(body, '}');
}

static enum ou_status put_page(struct listing *l, struct list_page *ret, struct ou_error *err)
{
    struct http_answer *answer = l->r->answer;
    enum ou_status status = OU_OK;

    if (l->count_wanted)
        status = list_count(l->r->db, &l->query, &l->count, err);
    if (status)
        return status;
    if (l->format == LIST_JSON)
        buffer_text(&answer->body, "{\"data\":");
    answer->body.max = PAGE_BYTES_MAX;
    status = list_page(l->r->db, &l->query, l->format, &l->r->memory, &answer->body, ret, err);
    answer->body.max = HTTP_ANSWER_MAX;
    answer->status = 200;
    answer->type = types[l->format];
    return status;
}

static bool begin(struct listing *l, const char *resource)
{
    l->query.resource = list_resource_find(resource);
    crypto_generichash_init(&l->binding, NULL, 0, CURSOR_BINDING_BYTES);
    bind_text(l, resource);
    l->format = choose_format(l->r->call);
    l->count_wanted = prefers_count(l->r->call);
    read_limit(l);
    return read_fields(l) && read_sort(l);
}

void api_list(struct api_request *r, const char *resource, const struct list_fixed *fixed,
              size_t count)
{
    struct listing l = { .r = r };
    struct ou_error err = { 0 };
    struct list_page page;
    enum ou_status status;

    if (!begin(&l, resource) || !room_for_filters(&l) || !fix_all(&l, fixed, count) ||
        !read_filters(&l) || !read_cursor(&l))
        return;
    status = put_page(&l, &page, &err);
    if (status) {
        api_failed(r, status, &err);
    } else if (put_links(&l, &page)) {
        put_count(&l);
        put_end(&l);
        api_conditional(r, NULL, false);
    }
}

/* ---- items ---- */

bool api_item_put(struct api_request *r, const char *resource, const struct list_fixed *fixed,
                  size_t count, const char *id, struct buffer *ret)
{
    struct listing l = { .r = r, .query.resource = list_resource_find(resource) };
    struct ou_error err = { 0 };
    enum ou_status status;

    crypto_generichash_init(&l.binding, NULL, 0, CURSOR_BINDING_BYTES);
    if (!room_for_fields(&l) || !room_for_filters(&l) || !fix_all(&l, fixed, count))
        return false;
    all_fields(&l.query, true);
    status = list_item(r->db, &l.query, id, ret, &err);
    return status == OU_OK || api_failed(r, status, &err);
}

void api_item(struct api_request *r, const char *resource, const char *id)
{
    if (!api_item_put(r, resource, NULL, 0, id, &r->answer->body))
        return;
    r->answer->status = 200;
    r->answer->type = "application/json";
    api_conditional(r, NULL, false);
}

bool api_item_if_match(struct api_request *r, const char *resource, const char *id)
{
    struct buffer body;
    bool fits;

    buffer_init(&body, allocator_libc(), PAGE_BYTES_MAX);
    fits = api_item_put(r, resource, NULL, 0, id, &body) && api_if_match_body(r, &body);
    buffer_release(&body);
    return fits;
}
