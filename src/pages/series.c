/* A series: runs that may be laid side by side, what they are alike in, and how each metric goes. */
#include <math.h>
#include <string.h>

#include "pages/judged.h"
#include "pages/rows.h"
#include "publish/series_history.h"
#include "report/builders.h"

enum { RUNS_SHOWN = 30, POINTS_SHOWN = 40, JUDGED_SHOWN = 20 };

struct series_page {
    const char *id, *title, *project, *profile, *era, *workload, *backend, *machine;
    int64_t hosts;
};

static enum ou_status find_series(struct api_request *r, const char *id, struct series_page *ret,
                                  struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(
        r->db,
        "SELECT s.id, s.title, p.name, f.name, f.era, f.workload, e.backend, e.machine, e.hosts "
        "FROM series s JOIN projects p ON p.no = s.project_no JOIN profiles f ON f.no = s.profile_no "
        "JOIN environments e ON e.no = s.environment_no WHERE s.id = $1",
        SQL_ARGS(sql_text(id)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        *ret = (struct series_page){
            page_text(r, rows, 0), page_text(r, rows, 1), page_text(r, rows, 2),
            page_text(r, rows, 3), page_text(r, rows, 4), page_text(r, rows, 5),
            page_text(r, rows, 6), page_text(r, rows, 7), sql_get_int(rows, 8),
        };
    return sql_rows_end(rows, err);
}

/* --- Parts ------------------------------------------------------------------------------------------------- */

static enum ou_status add_runs(struct api_request *r, struct document *d,
                               const struct series_page *p, struct ou_error *err)
{
    struct run_filter filter = { .series = p->id, .most = RUNS_SHOWN };
    struct run_row *rows;
    size_t count;
    enum ou_status status = run_rows(r, &filter, &rows, &count, err);

    if (status || count == 0)
        return status;
    document_heading(d, 2, "runs-heading", "Runs");
    run_table(r, d, "runs", "The latest runs, the newest first", rows, count, false);
    return OU_OK;
}

/* The values of a metric as a line and the last one; false where no run has two. */
static bool add_line(struct api_request *r, struct document *d, struct doc_table *t,
                     const struct series_data *data, const struct metric_name *name,
                     const char *series)
{
    const struct metric_info *info = metric_by_name(name->section, name->id);
    double *values = arena_take(&d->memory, POINTS_SHOWN * sizeof *values, _Alignof(double));
    struct doc_sketch *line = arena_take(&d->memory, sizeof *line, _Alignof(struct doc_sketch));
    struct doc_cell cell;
    size_t count = 0;

    if (!info || !values || !line)
        return false;
    for (size_t i = 0; i < data->point_count && count < POINTS_SHOWN; i++)
        if (data->points[i].metric_no == name->no)
            values[count++] = data->points[i].mean;
    if (count < 2)
        return false;
    *line = (struct doc_sketch){ .kind = SKETCH_LINE, .values = values, .count = count };
    cell = metric_cell(d, info);
    cell.link = page_say(r, "/history?series=%s&metric=%s/%s", series, name->section,
                         page_encoded(r, name->id));
    doc_add_cell(d, t, cell);
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_SKETCH, .sketch = line });
    doc_add_number(d, t, values[count - 1], -1);
    doc_add_count(d, t, (int64_t)count);
    return true;
}

static enum ou_status add_lines(struct api_request *r, struct document *d,
                                const struct series_page *p, struct ou_error *err)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "line", .head = "the last runs" },
        { .id = "last", .head = "last", .number = true, .in_unit = true },
        { .id = "runs", .head = "runs", .number = true },
    };
    struct series_choice choice = { .series = p->id, .most = POINTS_SHOWN };
    struct series_history h = { .name_count = 0 };
    enum ou_status status = series_history_load(r->db, &choice, false, &h, err);

    if (!status && h.name_count > 0) {
        struct doc_table *t;

        document_heading(d, 2, "metrics-heading", "Metrics");
        t = document_table(d, "metrics", "How each metric goes", columns, 4);
        for (size_t i = 0; i < h.name_count; i++)
            add_line(r, d, t, &h.data, &h.names[i], p->id);
    }
    series_history_release(&h);
    return status;
}

static enum ou_status add_judged(struct api_request *r, struct document *d,
                                 const struct series_page *p, struct ou_error *err)
{
    struct judged_filter filter = { .series = p->id, .most = JUDGED_SHOWN };
    struct alert_row *alerts;
    struct change_row *changes;
    size_t count;
    enum ou_status status = change_rows(r, &filter, &changes, &count, err);

    if (!status && count > 0) {
        document_heading(d, 2, "changes-heading", "Changes of level");
        change_table(r, d, changes, count);
    }
    if (!status)
        status = alert_rows(r, &filter, &alerts, &count, err);
    if (!status && count > 0) {
        document_heading(d, 2, "alerts-heading", "Alerts");
        alert_table(r, d, alerts, count);
    }
    return status;
}

/* --- The page ------------------------------------------------------------------------------------------------ */

static void put_links(struct api_request *r, const struct document *d, void *context)
{
    const struct series_page *p = context;

    (void)d;
    page_put(r, "<ul class=\"links\">\n<li><a href=\"/compare?series=", p->id,
             "\">Compare its runs</a></li>\n");
    page_put(r, "<li><a href=\"/history?series=", p->id,
             "\">How its metrics go over time</a></li>\n");
    page_put(r, "<li><a href=\"/api/v1/series/", p->id, "\">The same as JSON</a></li>\n</ul>\n");
}

static void add_facts(struct api_request *r, struct document *d, const struct series_page *p)
{
    document_fact(d, "project", p->project);
    document_fact(d, "profile", p->profile);
    document_fact(d, "workload", p->workload);
    document_fact(d, "era", p->era);
    document_fact(d, "backend", p->backend);
    document_fact(d, "machine", p->machine);
    document_fact(d, "hosts", p->hosts > 0 ? page_say(r, "%lld", (long long)p->hosts) : NULL);
}

static enum ou_status fill(struct api_request *r, struct document *d, const struct series_page *p,
                           struct ou_error *err)
{
    enum ou_status status;

    add_facts(r, d, p);
    status = add_runs(r, d, p, err);
    if (!status)
        status = add_judged(r, d, p, err);
    return status ? status : add_lines(r, d, p, err);
}

void page_series(struct api_request *r)
{
    struct page_head head = { .part = PAGE_HISTORY, .contents = true };
    struct series_page p = { .id = NULL };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status = find_series(r, api_path_value(r, "series"), &p, &err);

    if (!status && !p.id) {
        page_refused(r, PROBLEM_NOT_FOUND, "There is no series %.64s here.",
                     api_path_value(r, "series"));
        return;
    }
    if (!status && !api_may(r, p.project))
        return;
    document_init(&d);
    d.title = p.title;
    d.subtitle = "Runs of one profile in one environment: they may be laid side by side.";
    if (!status)
        status = fill(r, &d, &p, &err);
    if (!status) {
        page_document(r, &head, &d, put_links, &p);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}
