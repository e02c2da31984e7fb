/* A metric over the runs of a project, or of one series: levels, where they change, alerts and notes. */
#include <string.h>

#include "api/owned.h"
#include "pages/form.h"
#include "pages/judged.h"
#include "pages/rows.h"
#include "publish/series_history.h"
#include "report/builders.h"

enum { RUNS_SHOWN = 500, JUDGED_SHOWN = 50 };

struct history_page {
    const char *series, *project, *profile, *metric; /* metric: "machperf/CentiCpu" */
    const struct metric_info *info;
    bool chosen_for; /* the project was not asked for */
    struct form_option *projects, *all_series, *metrics;
    size_t project_count, series_count, metric_count;
};

/* --- What is asked for ------------------------------------------------------------------------------------- */

static enum ou_status read_choices(struct api_request *r, struct history_page *p,
                                   struct ou_error *err)
{
    const struct sql_value only = sql_text(api_only_project(r));
    enum ou_status status =
        form_options(r, "SELECT name FROM projects WHERE $1 IN ('', name) ORDER BY name LIMIT 200",
                     SQL_ARGS(only), false, &p->projects, &p->project_count, err);

    if (!status)
        status = form_options(
            r,
            "SELECT s.id, s.title FROM series s JOIN projects p ON p.no = s.project_no "
            "WHERE $1 IN ('', p.name) ORDER BY s.title, s.no LIMIT 200",
            SQL_ARGS(only), true, &p->all_series, &p->series_count, err);
    if (!status)
        status = form_options(
            r,
            "SELECT section || '/' || id, name FROM metrics ORDER BY section, name, no LIMIT 200",
            SQL_NO_ARGS, true, &p->metrics, &p->metric_count, err);
    return status;
}

/* The project with the latest run, so that the page has something to show. */
static enum ou_status default_project(struct api_request *r, const char **ret, struct ou_error *err)
{
    struct run_filter filter = { .state = "finished", .most = 1 };
    struct run_row *rows;
    size_t count;
    enum ou_status status = run_rows(r, &filter, &rows, &count, err);

    if (!status && count > 0)
        *ret = rows[0].project;
    return status;
}

static enum ou_status read_wish(struct api_request *r, struct history_page *ret,
                                struct ou_error *err)
{
    const struct metric_info *key = key_metric(0);
    enum ou_status status = OU_OK;

    *ret = (struct history_page){
        .series = page_argument(r, "series"),
        .project = page_argument(r, "project"),
        .profile = page_argument(r, "profile"),
        .metric = page_argument(r, "metric"),
    };
    if (!ret->metric && key)
        ret->metric = page_say(r, "%s/%s", section_name(key->section), key->id);
    if (ret->metric)
        ret->info = metric_by_key(ret->metric);
    if (!ret->series && !ret->project)
        status = default_project(r, &ret->project, err);
    ret->chosen_for = ret->project && !page_argument(r, "project");
    return status ? status : read_choices(r, ret, err);
}

static enum ou_status metric_number(struct sql *db, const struct metric_info *info, int64_t *ret,
                                    struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status =
        sql_query(db, "SELECT no FROM metrics WHERE section = $1 AND id = $2",
                  SQL_ARGS(sql_text(section_name(info->section)), sql_text(info->id)), &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}

/* --- The form ------------------------------------------------------------------------------------------------ */

/* Metrics are called alike in several sections. */
static void name_metrics(struct api_request *r, struct history_page *p)
{
    for (size_t i = 0; i < p->metric_count; i++) {
        struct form_option *o = &p->metrics[i];

        o->shown = page_say(r, "%.*s: %s", (int)strcspn(o->value, "/"), o->value, o->shown);
    }
}

static void put_form(struct api_request *r, const struct document *d, void *context)
{
    struct history_page *p = context;

    (void)d;
    name_metrics(r, p);
    form_begin(r, "/history", "Which history");
    form_select(r, "Metric", "metric", p->metrics, p->metric_count, p->metric, NULL);
    form_select(r, "Project", "project", p->projects, p->project_count, p->project, "any");
    form_select(r, "Series", "series", p->all_series, p->series_count, p->series,
                "all of the project");
    form_end(r, "Show");
    if (p->series && p->info) {
        const char *query = page_say(r, "%s/points?metric=%s", p->series, p->metric);

        page_put(r, "<ul class=\"links\">\n<li><a href=\"/series/", p->series,
                 "\">The series</a></li>\n");
        page_put(r, "<li><a href=\"/api/v1/series/", query,
                 "\">The points as JSON</a></li>\n</ul>\n");
    }
}

/* --- The history ---------------------------------------------------------------------------------------------- */

static const char *kind_of(const struct series_run *run)
{
    return run->workload ? run->workload : run->profile;
}

/* Runs of several series with one kind of workload do not stand in one line: their series tell them apart. */
static void tell_series_apart(struct api_request *r, struct series_history *h)
{
    bool *shared = arena_take(&r->memory, h->set.count + 1, 1);

    for (size_t i = 0; shared && i < h->set.count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct series_run *a = &h->data.runs[i], *b = &h->data.runs[k];

            if (strcmp(a->series, b->series) != 0 && strcmp(kind_of(a), kind_of(b)) == 0)
                shared[i] = shared[k] = true;
        }
    }
    for (size_t i = 0; shared && i < h->set.count; i++)
        if (shared[i]) {
            h->set.runs[i].facts[0].value = h->data.runs[i].series_title;
            h->set.runs[i].fact_count = 1;
        }
}

static enum ou_status add_judged(struct api_request *r, struct document *d,
                                 const struct history_page *p, struct ou_error *err)
{
    struct judged_filter filter = { .series = p->series,
                                    .project = p->series ? NULL : p->project,
                                    .section = section_name(p->info->section),
                                    .metric = p->info->id,
                                    .most = JUDGED_SHOWN };
    struct alert_row *alerts;
    struct change_row *changes;
    size_t count;
    enum ou_status status = alert_rows(r, &filter, &alerts, &count, err);

    if (!status && count > 0) {
        document_heading(d, 2, "alerts-heading", "Alerts");
        alert_table(r, d, alerts, count);
    }
    if (!status)
        status = change_rows(r, &filter, &changes, &count, err);
    if (!status && count > 0) {
        document_heading(d, 2, "notes-heading", "Changes of level that are kept, with notes");
        change_table(r, d, changes, count);
    }
    return status;
}

static enum ou_status add_history(struct api_request *r, struct document *d,
                                  const struct history_page *p, struct series_history *h,
                                  struct history *ret, struct ou_error *err)
{
    const struct history_options options = HISTORY_DEFAULTS;
    enum ou_status status;

    tell_series_apart(r, h);
    status = history_compute(&h->set, &p->metric, 1, &options, ret, err);
    if (status)
        return status;
    d->runs_at = "/runs/";
    document_of_history(ret, d);
    if (p->chosen_for)
        d->subtitle =
            page_say(r, "%s, of project %s, which has the latest run", d->subtitle, p->project);
    return add_judged(r, d, p, err);
}

/* What the document says is kept in the history: it goes when the page is written. */
static enum ou_status answer_history(struct api_request *r, struct history_page *p,
                                     struct ou_error *err)
{
    struct page_head head = { .part = PAGE_HISTORY, .contents = true };
    struct series_history h = { .name_count = 0 };
    struct history history = { .metric_count = 0 };
    struct series_choice choice = { .series = p->series,
                                    .project = p->series ? NULL : p->project,
                                    .profile = p->profile,
                                    .most = RUNS_SHOWN };
    struct document d;
    enum ou_status status = metric_number(r->db, p->info, &choice.metric_no, err);

    if (!status && choice.metric_no == 0)
        return OU_NOT_FOUND;
    if (!status)
        status = series_history_load(r->db, &choice, false, &h, err);
    document_init(&d);
    if (!status)
        status = add_history(r, &d, p, &h, &history, err);
    if (!status)
        page_document(r, &head, &d, put_form, p);
    else
        document_release(&d);
    history_release(&history);
    series_history_release(&h);
    return status;
}

static void answer_nothing(struct api_request *r, struct history_page *p)
{
    struct page_head head = { .title = "History", .part = PAGE_HISTORY };
    struct document d;

    document_init(&d);
    d.title = "History";
    d.subtitle = "A metric over releases and time, and where its level changes.";
    if (p->metric && !p->info)
        document_notice(&d, TONE_BAD,
                        "There is no metric %s: one has its section before it, as in "
                        "machperf/CentiCpu. The list has those of these runs.",
                        p->metric);
    else
        document_notice(&d, TONE_UNSURE, "No finished run here has a value of it.");
    page_document(r, &head, &d, put_form, p);
}

void page_history(struct api_request *r)
{
    struct history_page p;
    struct ou_error err = { "" };
    enum ou_status status = read_wish(r, &p, &err);

    if (status) {
        page_failed(r, status, &err);
        return;
    }
    if (p.series ? !api_owned(r, OWNED_SERIES, p.series) : p.project && !api_may(r, p.project))
        return;
    if (p.info && (p.series || p.project))
        status = answer_history(r, &p, &err);
    else
        status = OU_NOT_FOUND;
    if (status == OU_NOT_FOUND || status == OU_INVALID)
        answer_nothing(r, &p);
    else if (status)
        page_failed(r, status, &err);
}
