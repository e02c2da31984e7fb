/* Choosing what is compared: a series, then its runs, or two of its versions. Plain forms, which end at /compare with the
 * sides in the address. */
#include "pages/choose.h"

#include <string.h>

#include "api/owned.h"
#include "pages/form.h"
#include "pages/rows.h"

enum { RUNS_SHOWN = 100 };

struct chooser {
    const char *series; /* NULL: not chosen yet */
    struct form_option *all;
    size_t all_count;
    struct run_row *rows;
    size_t row_count;
    struct form_option *versions;
    size_t version_count;
};

/* --- What there is ------------------------------------------------------------------------------------------ */

/* Of a run that is to be compared, its series is meant. */
static enum ou_status series_of(struct api_request *r, const char *run, const char **ret,
                                struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(r->db,
                                      "SELECT s.id FROM runs r JOIN series s ON s.no = r.series_no "
                                      "WHERE r.id = $1",
                                      SQL_ARGS(sql_text(run)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        *ret = page_text(r, rows, 0);
    return sql_rows_end(rows, err);
}

static enum ou_status read_series(struct api_request *r, struct chooser *c, struct ou_error *err)
{
    const char *run = page_argument(r, "new") ? page_argument(r, "new") : page_argument(r, "base");
    enum ou_status status = form_options(
        r,
        "SELECT s.id, s.title FROM series s JOIN (SELECT series_no, COUNT(*) AS n FROM runs WHERE "
        "state = 'finished' GROUP BY series_no) c ON c.series_no = s.no "
        "JOIN projects p ON p.no = s.project_no WHERE c.n > 1 AND $1 IN ('', p.name) "
        "ORDER BY s.title, s.no LIMIT 200",
        SQL_ARGS(sql_text(api_only_project(r))), true, &c->all, &c->all_count, err);

    c->series = page_argument(r, "series");
    if (!status && !c->series && run)
        status = series_of(r, run, &c->series, err);
    if (!c->series && c->all_count == 1)
        c->series = c->all[0].value;
    return status;
}

static enum ou_status read_runs(struct api_request *r, struct chooser *c, struct ou_error *err)
{
    struct run_filter filter = { .series = c->series, .state = "finished", .most = RUNS_SHOWN };
    enum ou_status status = run_rows(r, &filter, &c->rows, &c->row_count, err);

    if (status)
        return status;
    return form_options(
        r,
        "SELECT v.name FROM runs r JOIN versions v ON v.no = r.version_no JOIN series s ON s.no = "
        "r.series_no WHERE s.id = $1 AND r.state = 'finished' GROUP BY v.name "
        "ORDER BY MAX(r.sort_ns) DESC LIMIT 200",
        SQL_ARGS(sql_text(c->series)), false, &c->versions, &c->version_count, err);
}

/* --- Forms --------------------------------------------------------------------------------------------------- */

/* A version stands for all of its runs. */
static void put_versions(struct api_request *r, const struct chooser *c)
{
    struct form_option options[FORM_OPTIONS_MAX];

    for (size_t i = 0; i < c->version_count; i++)
        options[i] = (struct form_option){ page_say(r, "version:%s", c->versions[i].value),
                                           c->versions[i].value };
    buffer_text(&r->answer->body, "<h2 id=\"versions\">Two versions</h2>\n");
    form_begin(r, "/compare", "Compare two versions");
    form_hidden(r, "series", c->series);
    form_select(r, "Base", "base", options, c->version_count,
                c->version_count > 1 ? options[1].value : NULL, NULL);
    form_select(r, "New", "new", options, c->version_count, NULL, NULL);
    form_end(r, "Compare all their runs");
}

static bool is_asked(struct api_request *r, const char *side, const char *id)
{
    const char *value;

    for (size_t i = 0; (value = http_argument_at(r->call, side, i)) != NULL; i++)
        if (strcmp(value, id) == 0)
            return true;
    return false;
}

static void put_box(struct api_request *r, const char *side, const struct run_row *row)
{
    page_put(r, "<td><input type=\"checkbox\" name=\"", side, "\"");
    page_put(r, " value=\"", row->id, "\"");
    page_put(r, " aria-label=\"", row->name, "");
    page_put(r, " is ", side, is_asked(r, side, row->id) ? "\" checked></td>" : "\"></td>");
}

static void put_run(struct api_request *r, const struct run_row *row)
{
    buffer_text(&r->answer->body, "<tr>");
    put_box(r, "base", row);
    put_box(r, "new", row);
    page_put(r, "<th scope=\"row\"><a href=\"/runs/", row->id, "\">");
    page_put(r, "", row->name, "</a></th>");
    page_put(r, "<td>", row->version, "</td>");
    page_put(r, "<td class=\"short\">", page_instant(r, row->started_ns), "</td></tr>\n");
}

static void put_runs(struct api_request *r, const struct chooser *c)
{
    buffer_text(
        &r->answer->body,
        "<h2 id=\"runs\">Single runs</h2>\n"
        "<form method=\"get\" action=\"/compare\" aria-label=\"Compare single runs\">\n"
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Runs to choose from\">"
        "<table>\n<thead><tr><th scope=\"col\">base</th><th scope=\"col\">new</th>"
        "<th scope=\"col\">run</th><th scope=\"col\">version</th>"
        "<th scope=\"col\">started (UTC)</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < c->row_count; i++)
        put_run(r, &c->rows[i]);
    buffer_text(&r->answer->body,
                "</tbody></table></div>\n<p><button>Compare these runs</button></p>\n</form>\n");
}

static void put_forms(struct api_request *r, const struct document *d, void *context)
{
    const struct chooser *c = context;

    (void)d;
    form_begin(r, "/compare", "Which series");
    form_select(r, "Series", "series", c->all, c->all_count, c->series, "choose one");
    form_end(r, "Show its runs");
    if (!c->series)
        return;
    if (c->version_count > 1)
        put_versions(r, c);
    if (c->row_count > 1)
        put_runs(r, c);
}

/* --- The page -------------------------------------------------------------------------------------------------- */

void page_choose(struct api_request *r)
{
    struct page_head head = { .title = "Compare", .part = PAGE_COMPARE };
    struct chooser c = { .series = NULL };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status = read_series(r, &c, &err);

    if (!status && c.series)
        status = read_runs(r, &c, &err);
    if (status) {
        page_failed(r, status, &err);
        return;
    }
    if (c.series && !api_owned(r, OWNED_SERIES, c.series))
        return;
    document_init(&d);
    d.title = "Compare";
    d.subtitle = "Two sides of runs, laid beside each other metric by metric.";
    if (c.series && c.row_count < 2)
        document_paragraph(&d, "This series has not two finished runs.");
    else if (c.all_count == 0)
        document_paragraph(&d, "No series has two finished runs yet.");
    page_document(r, &head, &d, put_forms, &c);
}
