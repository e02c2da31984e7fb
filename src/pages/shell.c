#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "pages/page.h"
#include "report/charts.h"
#include "report/html_blocks.h"
#include "report/html_text.h"

#define TYPE_HTML "text/html;charset=utf-8"
#define TEXT_MAX ((size_t)1 << 16) /* of one text that is put together */
#define FOLLOW_S "5"

/* Nothing but what this server serves, and no code in the page itself: text that was not escaped would still do nothing. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/* --- Text ------------------------------------------------------------------------------------------- */

static const char *kept(struct api_request *r, struct buffer *text)
{
    const char *ret = arena_copy(&r->memory, buffer_string(text), text->len);

    buffer_release(text);
    return ret ? ret : "";
}

static const char *say(struct api_request *r, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *say(struct api_request *r, const char *format, va_list args)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), TEXT_MAX);
    buffer_vprintf(&text, format, args);
    return kept(r, &text);
}

const char *page_say(struct api_request *r, const char *format, ...)
{
    const char *ret;
    va_list args;

    va_start(args, format);
    ret = say(r, format, args);
    va_end(args);
    return ret;
}

const char *page_text(struct api_request *r, const struct sql_rows *rows, int column)
{
    struct span text = sql_get_text(rows, column);

    if (sql_is_null(rows, column))
        return NULL;
    return text.len > 0 ? arena_copy(&r->memory, text.at, text.len) : "";
}

const char *page_instant(struct api_request *r, int64_t ns)
{
    char text[TIME_ISO_ROOM];

    if (ns == TIME_NONE)
        return NULL;
    time_format_iso(ns, text);
    return page_say(r, "%.10s %.5s", text, text + 11);
}

const char *page_encoded(struct api_request *r, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct buffer out;

    buffer_init(&out, allocator_libc(), TEXT_MAX);
    for (; *text; text++) {
        if (strchr(plain, *text))
            buffer_char(&out, *text);
        else
            buffer_printf(&out, "%%%02X", (unsigned)(unsigned char)*text);
    }
    return kept(r, &out);
}

const char *page_argument(struct api_request *r, const char *name)
{
    const char *value = http_argument(r->call, name);

    return value && *value ? value : NULL;
}

void page_put(struct api_request *r, const char *begin, const char *text, const char *end)
{
    buffer_text(&r->answer->body, begin);
    html_escape(&r->answer->body, text ? text : "");
    buffer_text(&r->answer->body, end);
}

/* --- Cells ------------------------------------------------------------------------------------------- */

void page_cell(struct document *d, struct doc_table *t, const char *text, const char *link,
               enum doc_tone tone)
{
    doc_add_cell(
        d, t,
        (struct doc_cell){
            .kind = text ? DOC_TEXT : DOC_NONE, .text = text, .link = link, .tone = tone });
}

enum doc_tone page_tone(const char *state)
{
    static const char *const good[] = { "finished", "analysed" };
    static const char *const bad[] = { "failed", "active" };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (strcmp(state, good[i]) == 0)
            return TONE_GOOD;
        if (strcmp(state, bad[i]) == 0)
            return TONE_BAD;
    }
    return TONE_PLAIN;
}

/* --- Head -------------------------------------------------------------------------------------------- */

static void put_style(struct buffer *out, const char *name)
{
    const char *path = page_static_path(name);

    if (path)
        buffer_printf(out, "<link rel=\"stylesheet\" href=\"%s\">\n", path);
}

static void put_script(struct buffer *out, const char *name)
{
    const char *path = page_static_path(name);

    if (path)
        buffer_printf(out, "<script src=\"%s\" defer></script>\n", path);
}

static void put_head(struct api_request *r, const struct page_head *head, const struct document *d)
{
    struct buffer *out = &r->answer->body;

    buffer_text(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n");
    page_put(r, "<title>", head->title, " \xc2\xb7 Ouroscope</title>\n");
    buffer_printf(out, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n",
                  page_static_path("icon.svg"));
    for (const char *const *style = head->styles; style && *style; style++)
        put_style(out, *style);
    put_style(out, "site.css");
    if (d && document_has_figures(d))
        put_script(out, "charts.js");
    for (const char *const *script = head->scripts; script && *script; script++)
        put_script(out, *script);
    put_script(out, "site.js"); /* sees the page as the server sent it */
    put_script(out, "report.js");
    if (head->follows)
        buffer_text(out, "<noscript><meta http-equiv=\"refresh\" content=\"" FOLLOW_S
                         "\"></noscript>\n");
    buffer_text(out, "</head>\n");
}

/* --- Navigation --------------------------------------------------------------------------------------- */

static const struct {
    enum page_part part;
    const char *path, *name;
} places[] = {
    { PAGE_OVERVIEW, "/", "Overview" },
    { PAGE_RUNS, "/runs", "Runs" },
    { PAGE_COMPARE, "/compare", "Compare" },
    { PAGE_HISTORY, "/history", "History" },
    { PAGE_ALERTS, "/alerts", "Alerts" },
    { PAGE_LIVE, "/live", "Live" },
    { PAGE_DICTIONARY, "/dictionary", "Metrics" },
    { PAGE_DOCS, "/docs", "API" },
};

static void put_navigation(struct buffer *out, enum page_part part, const char *path)
{
    buffer_text(out, "<header class=\"site\">\n<p class=\"brand\"><a href=\"/\">Ouroscope</a></p>\n"
                     "<nav aria-label=\"Site\">\n<ul>\n");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *mark = places[i].part != part              ? ""
                           : strcmp(places[i].path, path) == 0 ? " aria-current=\"page\""
                                                               : " aria-current=\"true\"";

        buffer_printf(out, "<li><a href=\"%s\"%s>%s</a></li>\n", places[i].path, mark,
                      places[i].name);
    }
    buffer_text(out, "</ul>\n</nav>\n</header>\n");
}

static void put_body_tag(struct api_request *r, const struct page_head *head)
{
    buffer_text(&r->answer->body, head->contents ? "<body class=\"long\"" : "<body");
    if (head->follows)
        page_put(r, " data-follows=\"", head->follows, "\"");
    if (head->subject)
        page_put(r, " data-subject=\"", head->subject, "\"");
    buffer_text(&r->answer->body, ">\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n");
}

/* --- The shell ---------------------------------------------------------------------------------------- */

void page_begin(struct api_request *r, const struct page_head *head, const struct document *d)
{
    r->answer->status = r->answer->status ? r->answer->status : 200;
    r->answer->type = TYPE_HTML;
    r->answer->policy = policy;
    http_answer_header(r->answer, "Referrer-Policy", "same-origin");
    put_head(r, head, d);
    put_body_tag(r, head);
    put_navigation(&r->answer->body, head->part, r->call->path);
    if (head->contents && d)
        html_document_contents(d, &r->answer->body);
    buffer_text(&r->answer->body, "<main id=\"main\" tabindex=\"-1\">\n");
}

void page_end(struct api_request *r, const struct page_head *head, const struct document *d)
{
    struct buffer *out = &r->answer->body;

    buffer_text(out, "</main>\n<footer>\n");
    if (d && d->footer_count > 0)
        html_document_origin(d, out);
    buffer_text(out, "<p>Ouroscope " OUROSCOPE_VERSION ". Everything here is also at the "
                     "<a href=\"/docs\">API</a>.");
    if (head->follows)
        buffer_text(out, " <span id=\"follow\" role=\"status\"></span>");
    buffer_text(out, "</p>\n</footer>\n</body>\n</html>\n");
    if (r->answer->status == 200)
        api_conditional(r, NULL, false);
}

void page_document(struct api_request *r, struct page_head *head, struct document *d,
                   page_body *body, void *context)
{
    struct ou_error err = { "" };
    enum ou_status status = document_status(d, &err);

    if (status) {
        document_release(d);
        page_failed(r, status, &err);
        return;
    }
    if (!head->title)
        head->title = d->title;
    page_begin(r, head, d);
    buffer_text(&r->answer->body, head->follows ? "<div id=\"live\">\n" : "");
    html_document_title(d, &r->answer->body);
    if (body)
        body(r, d, context);
    html_document_blocks(d, &r->answer->body);
    buffer_text(&r->answer->body, head->follows ? "</div>\n" : "");
    page_end(r, head, d);
    document_release(d);
}

/* --- What went wrong ----------------------------------------------------------------------------------- */

void page_failed(struct api_request *r, enum ou_status status, const struct ou_error *err)
{
    buffer_clear(&r->answer->body);
    api_failed(r, status, err);
}

void page_refused(struct api_request *r, enum problem kind, const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = say(r, format, args);
    va_end(args);
    buffer_clear(&r->answer->body);
    api_problem(r, kind, "%s", text);
}

static const char *member(const json_t *problem, const char *name)
{
    const char *text = json_string_value(json_object_get(problem, name));

    return text ? text : "";
}

/* What to do next, for people. */
static const char *advice_of(unsigned status)
{
    switch (status) {
    case 401:
        return "This server shows results to those who have a token. A browser asks for it as a password; the user is "
               "called \"token\".";
    case 404: return "It may have been deleted, or never been published here.";
    case 429: return "Too much was asked for in too little time. Wait a moment, and reload.";
    case 503: return "The database does not answer. Reload in a moment.";
    default: return NULL;
    }
}

/* Whether a comparison is refused because several series are meant, and this error is one of them: then it is a link to the
 * same question about that one. It says "series=ID is TITLE of project NAME" (comparing_sides.c). */
static bool is_series(struct api_request *r, const char *detail, struct doc_cell *ret)
{
    static const char begin[] = "series=";
    const size_t skipped = sizeof begin - 1;
    const char *title = strstr(detail, " is "), *query = strchr(r->call->target, '?');

    if (strcmp(r->call->path, "/compare") != 0 || strncmp(detail, begin, skipped) != 0 || !title ||
        !query)
        return false;
    *ret = (struct doc_cell){ .kind = DOC_TEXT,
                              .text = page_say(r, "%s", title + 4),
                              .link = page_say(r, "/compare?series=%.*s&%s",
                                               (int)(title - detail - (ptrdiff_t)skipped),
                                               detail + skipped, query + 1) };
    return true;
}

/* Each of what is wrong, where there are several. Returns whether they are series to choose from. */
static bool add_errors(struct api_request *r, struct document *d, const json_t *problem)
{
    static const struct doc_column columns[] = { { .id = "what", .head = "what" } };
    static const struct doc_column choices[] = { { .id = "series", .head = "series" } };
    const json_t *errors = json_object_get(problem, "errors"), *error;
    struct doc_cell cell;
    struct doc_table *t;
    bool is_choice;
    size_t i;

    if (json_array_size(errors) == 0)
        return false;
    is_choice = is_series(r, member(json_array_get(errors, 0), "detail"), &cell);
    t = document_table(d, "errors", is_choice ? "Compare the runs of" : "What it is",
                       is_choice ? choices : columns, 1);
    json_array_foreach(errors, i, error)
    {
        if (is_series(r, member(error, "detail"), &cell))
            doc_add_cell(d, t, cell);
        else
            doc_add_text(d, t, document_text(d, "%s", member(error, "detail")));
    }
    return is_choice;
}

/* Runs that differ may be compared all the same, by who knows why; not where one of several series is the answer. */
static void put_way_out(struct api_request *r, const struct document *d, void *context)
{
    const bool *is_choice = context;

    (void)d;
    if (r->answer->status != 422 || strcmp(r->call->path, "/compare") != 0 || *is_choice ||
        page_argument(r, "allowDifferent"))
        return;
    page_put(r, "<p><a href=\"", r->call->target,
             "&amp;allowDifferent=true\">Compare them all the same</a></p>\n");
}

void page_of_problem(struct api_request *r)
{
    struct span text = { buffer_string(&r->answer->body), r->answer->body.len };
    struct page_head head = { .part = PAGE_NOWHERE };
    struct document d;
    json_t *problem = NULL;
    bool is_choice;

    if (json_tree_parse(text, "problem", &problem, NULL) != OU_OK)
        return;
    document_init(&d);
    d.title = document_text(&d, "%s", member(problem, "title"));
    document_notice(&d, TONE_BAD, "%s", member(problem, "detail"));
    is_choice = add_errors(r, &d, problem);
    if (advice_of(r->answer->status))
        document_paragraph(&d, "%s", advice_of(r->answer->status));
    document_paragraph(&d, "Request %s.", r->id);
    json_decref(problem);
    if (r->answer->status == 401)
        http_answer_header(r->answer, "WWW-Authenticate",
                           "Basic realm=\"Ouroscope\", charset=\"UTF-8\"");
    buffer_clear(&r->answer->body);
    page_document(r, &head, &d, put_way_out, &is_choice);
}
