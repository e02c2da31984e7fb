/* What is new: runs in progress, the latest ones, how each series goes, alerts and changes of level. */
#include <math.h>
#include <string.h>

#include "pages/judged.h"
#include "pages/live.h"
#include "pages/rows.h"
#include "report/html_blocks.h"

enum { RUNS_SHOWN = 12, SERIES_SHOWN = 8, POINTS_SHOWN = 40, ALERTS_SHOWN = 6 };

/* --- Series ------------------------------------------------------------------------------------------- */

struct latest_series {
    int64_t no;
    const char *id, *title, *project;
};

static enum ou_status latest_series(struct api_request *r, struct latest_series *ret,
                                    size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(
        r->db,
        "SELECT s.no, s.id, s.title, s.project FROM (SELECT no, id, title, (SELECT sort_ns FROM runs "
        "WHERE series_no = series.no AND state = 'finished' ORDER BY sort_ns DESC, no DESC LIMIT 1) AS latest, (SELECT name FROM projects WHERE no = "
        "series.project_no) AS project FROM series) s "
        "WHERE s.latest IS NOT NULL AND $2 IN ('', s.project) "
        "ORDER BY s.latest DESC, s.no LIMIT $1",
        SQL_ARGS(sql_int(SERIES_SHOWN), sql_text(api_only_project(r))), &rows, err);

    if (status)
        return status;
    while (*ret_count < SERIES_SHOWN && sql_next(rows)) {
        ret[(*ret_count)++] =
            (struct latest_series){ sql_get_int(rows, 0), page_text(r, rows, 1),
                                    page_text(r, rows, 2), page_text(r, rows, 3) };
    }
    return sql_rows_end(rows, err);
}

/* The key numbers of the last runs of a series, oldest first. */
struct lines {
    double values[KEY_METRICS][POINTS_SHOWN];
    size_t counts[KEY_METRICS];
};

static enum ou_status read_lines(struct sql *db, int64_t series_no,
                                 const int64_t numbers[KEY_METRICS], struct lines *ret,
                                 struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(
        db,
        "SELECT x.metric_no, x.mean FROM (SELECT no, sort_ns FROM runs WHERE series_no = $1 "
        "AND state = 'finished' ORDER BY sort_ns DESC, no DESC LIMIT $2) c "
        "JOIN summaries x ON x.run_no = c.no AND x.metric_no IN ($3, $4, $5, $6) "
        "WHERE x.mean IS NOT NULL ORDER BY c.sort_ns, c.no",
        SQL_ARGS(sql_int(series_no), sql_int(POINTS_SHOWN), sql_int(numbers[0]),
                 sql_int(numbers[1]), sql_int(numbers[2]), sql_int(numbers[3])),
        &rows, err);

    if (status)
        return status;
    while (sql_next(rows)) {
        for (size_t i = 0; i < KEY_METRICS; i++)
            if (numbers[i] == sql_get_int(rows, 0) && ret->counts[i] < POINTS_SHOWN)
                ret->values[i][ret->counts[i]++] = sql_get_real(rows, 1);
    }
    return sql_rows_end(rows, err);
}

static void add_spark(struct document *d, struct doc_table *t, const double *values, size_t count)
{
    struct doc_sketch *sketch = arena_take(&d->memory, sizeof *sketch, _Alignof(struct doc_sketch));
    double *copy = arena_take(&d->memory, count * sizeof *copy, _Alignof(double));

    if (!sketch || !copy || count < 2) {
        doc_add_none(d, t);
        return;
    }
    memcpy(copy, values, count * sizeof *copy);
    *sketch = (struct doc_sketch){ .kind = SKETCH_LINE, .values = copy, .count = count };
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_SKETCH, .sketch = sketch });
}

static void add_metric_of_series(struct document *d, struct doc_table *t,
                                 const struct metric_info *info, const double *values, size_t count)
{
    add_spark(d, t, values, count);
    doc_add_number(d, t, count > 0 ? values[count - 1] : NAN, info->precision);
}

static enum ou_status add_one_series(struct api_request *r, struct document *d, struct doc_table *t,
                                     const struct latest_series *s,
                                     const int64_t numbers[KEY_METRICS], struct ou_error *err)
{
    struct lines lines = { .counts = { 0 } };
    enum ou_status status = read_lines(r->db, s->no, numbers, &lines, err);

    page_cell(d, t, s->title, page_say(r, "/series/%s", s->id), TONE_PLAIN);
    for (size_t i = 0; i < KEY_METRICS; i++) {
        if (key_metric(i))
            add_metric_of_series(d, t, key_metric(i), lines.values[i], lines.counts[i]);
    }
    page_cell(d, t, s->project, NULL, TONE_PLAIN);
    return status;
}

static struct doc_table *series_table(struct document *d)
{
    struct doc_column columns[2 + 2 * KEY_METRICS] = {
        { .id = "series",
          .head = "series",
          .hint =
              "Runs of one project and profile on one kind of machine, with one backend and number of hosts. What "
              "differs in one of them is another series, though it may be called alike." },
    };
    size_t count = 1;

    for (size_t i = 0; i < KEY_METRICS; i++) {
        const struct metric_info *info = key_metric(i);

        if (!info)
            continue;
        columns[count++] =
            (struct doc_column){ .id = document_text(d, "%s-line", info->id), .head = info->name };
        columns[count++] = (struct doc_column){
            .id = info->id, .head = "last", .unit = info->unit, .number = true
        };
    }
    columns[count++] = (struct doc_column){ .id = "project", .head = "project", .said_once = true };
    return document_table(d, "series", "Key numbers of the last 40 runs of each", columns, count);
}

static enum ou_status add_series(struct api_request *r, struct document *d, struct ou_error *err)
{
    struct latest_series series[SERIES_SHOWN];
    int64_t numbers[KEY_METRICS];
    size_t count = 0;
    struct doc_table *t;
    enum ou_status status = latest_series(r, series, &count, err);

    if (!status)
        status = key_metric_numbers(r->db, numbers, err);
    if (status || count == 0)
        return status;
    document_heading(d, 2, "series-heading", "How the series go");
    t = series_table(d);
    for (size_t i = 0; !status && i < count; i++)
        status = add_one_series(r, d, t, &series[i], numbers, err);
    return status;
}

/* --- Alerts and changes ---------------------------------------------------------------------------------- */

static enum ou_status add_alerts(struct api_request *r, struct document *d, struct ou_error *err)
{
    struct judged_filter filter = { .state = "active", .most = ALERTS_SHOWN };
    struct alert_row *alerts;
    size_t count;
    enum ou_status status = alert_rows(r, &filter, &alerts, &count, err);

    if (status || count == 0)
        return status;
    document_heading(d, 2, "alerts-heading", "Alerts");
    alert_table(r, d, alerts, count);
    return OU_OK;
}

static enum ou_status add_changes(struct api_request *r, struct document *d, struct ou_error *err)
{
    struct judged_filter filter = { .most = ALERTS_SHOWN };
    struct change_row *changes;
    size_t count;
    enum ou_status status = change_rows(r, &filter, &changes, &count, err);

    if (status || count == 0)
        return status;
    document_heading(d, 2, "changes-heading", "Changes of level");
    change_table(r, d, changes, count);
    return OU_OK;
}

/* --- Runs ------------------------------------------------------------------------------------------------ */

static enum ou_status add_live(struct api_request *r, struct document *d, struct ou_error *err)
{
    struct live_row *rows;
    size_t count;
    enum ou_status status = live_rows(r, true, &rows, &count, err);

    if (status || count == 0)
        return status;
    document_heading(d, 2, "live-heading", "In progress");
    live_table(r, d, rows, count);
    return OU_OK;
}

static enum ou_status add_runs(struct api_request *r, struct document *d, bool *ret_empty,
                               struct ou_error *err)
{
    struct run_filter filter = { .most = RUNS_SHOWN };
    struct run_row *rows;
    size_t count;
    enum ou_status status = run_rows(r, &filter, &rows, &count, err);

    *ret_empty = !status && count == 0;
    if (status || count == 0)
        return status;
    document_heading(d, 2, "runs-heading", "Latest runs");
    run_table(r, d, "runs", "The newest first, with key numbers", rows, count, true);
    return OU_OK;
}

/* --- The page --------------------------------------------------------------------------------------------- */

static enum ou_status fill(struct api_request *r, struct document *d, bool *ret_empty,
                           struct ou_error *err)
{
    enum ou_status status = add_live(r, d, err);

    if (!status)
        status = add_runs(r, d, ret_empty, err);
    if (!status)
        status = add_series(r, d, err);
    if (!status)
        status = add_alerts(r, d, err);
    return status ? status : add_changes(r, d, err);
}

static const char beginning[] =
    "<section aria-labelledby=\"begin\">\n<h2 id=\"begin\">How to begin</h2>\n"
    "<p>Nothing has been published here yet. A run becomes a result with one command; where this server is "
    "another machine, name it, with a token that may publish in <code>$OUROSCOPE_TOKEN</code>:</p>\n"
    "<pre tabindex=\"0\"><code>ouroscope run ci-test\nouroscope publish RUN --to http://SERVER</code></pre>\n"
    "<p>To see a real history at once, import a table of published results:</p>\n"
    "<pre tabindex=\"0\"><code>ouroscope import TABLE.tsv --db results.db</code></pre>\n</section>\n";

static void put_beginning(struct api_request *r, const struct document *d, void *empty)
{
    (void)d;
    if (*(const bool *)empty)
        buffer_text(&r->answer->body, beginning);
}

void page_overview(struct api_request *r)
{
    struct page_head head = { .title = "Results",
                              .part = PAGE_OVERVIEW,
                              .follows =
                                  "run.published,run.deleted,live.changed,live.ended,alert.opened,"
                                  "alert.changed" };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;
    bool is_empty = false;

    document_init(&d);
    d.title = "Results of benchmarks";
    d.subtitle = "Runs of clusters of Cardano nodes: what they measured, and how it changes.";
    status = fill(r, &d, &is_empty, &err);
    if (!status) {
        page_document(r, &head, &d, put_beginning, &is_empty);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}
