/* A run: its report, where it stands among others, and the files it was published with. */
#include <string.h>

#include "base/time.h"
#include "pages/rows.h"
#include "publish/stored_runs.h"
#include "report/builders.h"

struct run_page {
    const struct run_row *row;
    struct run_set set;
    const char *before; /* the finished run before it in its series; NULL */
    const char *before_name;
};

/* --- Among others --------------------------------------------------------------------------------------- */

static enum ou_status find_before(struct api_request *r, struct run_page *p, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(
        r->db,
        "SELECT r.id, r.name FROM runs r JOIN series s ON s.no = r.series_no WHERE s.id = $1 AND "
        "r.state = 'finished' AND (r.sort_ns, r.no) < ($2, $3) "
        "ORDER BY r.sort_ns DESC, r.no DESC LIMIT 1",
        SQL_ARGS(sql_text(p->row->series), sql_int(p->row->sort_ns), sql_int(p->row->no)), &rows,
        err);

    if (status)
        return status;
    if (sql_next(rows)) {
        p->before = page_text(r, rows, 0);
        p->before_name = page_text(r, rows, 1);
    }
    return sql_rows_end(rows, err);
}

static void put_links(struct api_request *r, const struct document *d, void *context)
{
    const struct run_page *p = context;
    const struct run_row *row = p->row;

    (void)d;
    buffer_text(&r->answer->body, "<ul class=\"links\">\n");
    if (p->before && strcmp(row->state, "finished") == 0) {
        page_put(r, "<li><a href=\"/compare?base=", p->before, "");
        page_put(r, "&amp;new=", row->id, "\">Compare with the run before, ");
        page_put(r, "", p->before_name, "</a></li>\n");
    }
    page_put(r, "<li><a href=\"/compare?series=", row->series, "");
    page_put(r, "&amp;new=", row->id, "\">Compare with others</a></li>\n");
    page_put(r, "<li><a href=\"/series/", row->series, "\">Its series: ");
    page_put(r, "", row->series_title, "</a></li>\n");
    page_put(r, "<li><a href=\"/api/v1/runs/", row->id, "\">The same as JSON</a></li>\n");
    page_put(r, "<li><a href=\"/api/v1/runs/", row->id,
             "/summaries?limit=1000\">All numbers as JSON</a></li>\n</ul>\n");
}

/* --- Files ------------------------------------------------------------------------------------------------ */

static enum ou_status add_files(struct api_request *r, struct document *d, const struct run_page *p,
                                struct ou_error *err)
{
    static const struct doc_column columns[] = {
        { .id = "file", .head = "file" },
        { .id = "bytes", .head = "bytes", .number = true },
        { .id = "sha256", .head = "SHA-256" },
    };
    struct sql_rows *rows = NULL;
    struct doc_table *t;
    enum ou_status status = sql_query(
        r->db, "SELECT name, bytes, sha256 FROM artifacts WHERE run_no = $1 ORDER BY name",
        SQL_ARGS(sql_int(p->row->no)), &rows, err);

    if (status)
        return status;
    document_heading(d, 2, "files", "Files");
    t = document_table(d, "artifacts", "What the run was published with", columns, 3);
    while (sql_next(rows)) {
        const char *name = page_text(r, rows, 0);

        page_cell(d, t, name,
                  page_say(r, "/api/v1/runs/%s/artifacts/%s", p->row->id, page_encoded(r, name)),
                  TONE_PLAIN);
        doc_add_count(d, t, sql_get_int(rows, 1));
        page_cell(d, t, page_text(r, rows, 2), NULL, TONE_QUIET);
    }
    return sql_rows_end(rows, err);
}

/* --- The page ------------------------------------------------------------------------------------------------ */

/* A run that failed may have nothing but its cause. */
static void tell_failure(struct api_request *r, struct document *d, const struct run_row *row)
{
    if (!*d->title)
        d->title = row->name;
    if (!*d->subtitle)
        d->subtitle = page_say(r, "%s, node %s, %s", row->profile, row->version,
                               row->started_ns == TIME_NONE ? "never started"
                                                            : page_instant(r, row->started_ns));
    d->verdict =
        page_say(r, "This run failed: %s", row->failure ? row->failure : "why is not known");
    d->verdict_tone = TONE_BAD;
}

/* By the name that lists have. Imported runs are named by their version alone: their series tells workload and hosts. */
static void tell_name(struct api_request *r, struct document *d, const struct run_row *row)
{
    bool by_version = strcmp(row->name, row->version) == 0;

    d->title = by_version ? page_say(r, "%s, %s", row->name, row->series_title) : row->name;
}

static enum ou_status fill(struct api_request *r, struct document *d, struct run_page *p,
                           struct ou_error *err)
{
    bool is_failed = strcmp(p->row->state, "finished") != 0;
    enum ou_status status = stored_run_add(r->db, p->row->id, &p->set, err);

    if (!status && p->set.count > 0) {
        if (!p->set.runs[0].profile)
            p->set.runs[0].profile = p->row->profile;
        document_of_run(&p->set.runs[0], d);
        tell_name(r, d, p->row);
    } else if (status && !is_failed)
        return status;
    if (is_failed)
        tell_failure(r, d, p->row);
    status = find_before(r, p, err);
    return status ? status : add_files(r, d, p, err);
}

static void answer_run(struct api_request *r, const struct run_row *row)
{
    struct page_head head = { .part = PAGE_RUNS, .contents = true };
    struct run_page p = { .row = row };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    run_set_init(&p.set);
    document_init(&d);
    status = fill(r, &d, &p, &err);
    if (!status) {
        page_document(r, &head, &d, put_links, &p);
    } else {
        document_release(&d);
        page_failed(r, status, &err);
    }
    run_set_release(&p.set);
}

void page_run(struct api_request *r)
{
    struct run_filter filter = { .id = api_path_value(r, "run"), .most = 1 };
    struct run_row *rows;
    size_t count;
    struct ou_error err = { "" };
    enum ou_status status = run_rows(r, &filter, &rows, &count, &err);

    if (status)
        page_failed(r, status, &err);
    else if (count == 0)
        page_refused(r, PROBLEM_NOT_FOUND, "There is no run %.64s here.", filter.id);
    else
        answer_run(r, &rows[0]);
}
