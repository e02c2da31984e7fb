#include "pages/judged.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "base/time.h"
#include "pages/statement.h"
#include "publish/series_history.h"
#include "report/builders.h"
#include "study/margins.h"

/* Conditions that both have: `x` is the judgement, `m` its metric, `s` its series. */
static void add_conditions(struct page_statement *s, const struct api_request *r,
                           const struct judged_filter *f)
{
    statement_name(s, "AND s.id =", f->series, "");
    statement_name(s, "AND s.project_no = (SELECT no FROM projects WHERE name =", f->project, ")");
    statement_only(s, r, "AND s.project_no = (SELECT no FROM projects WHERE name =", ")");
    statement_name(s, "AND m.section =", f->section, "");
    statement_name(s, "AND m.id =", f->metric, "");
}

/* As the dictionary names it; of one that it lacks, as the run did. */
static void add_metric(struct api_request *r, struct document *d, struct doc_table *t,
                       const char *section, const char *id, const char *name, const char *series)
{
    const struct metric_info *info = metric_by_name(section, id);
    struct doc_cell cell =
        info ? metric_cell(d, info) : (struct doc_cell){ .kind = DOC_TEXT, .text = name };

    cell.link = page_say(r, "/history?series=%s&metric=%s/%s", series, page_encoded(r, section),
                         page_encoded(r, id));
    doc_add_cell(d, t, cell);
}

/* --- Alerts ---------------------------------------------------------------------------------------------- */

#define ALERTS_SELECT                                                                               \
    "SELECT x.id, x.state, x.says, x.note, h.kind, m.section, m.id, m.name, m.unit, r.id, r.name, " \
    "s.id, s.title, x.opened_ns, x.silenced_until_ns, x.value, x.low, x.high FROM alerts x "        \
    "JOIN thresholds h ON h.no = x.threshold_no JOIN metrics m ON m.no = x.metric_no "              \
    "JOIN runs r ON r.no = x.run_no JOIN series s ON s.no = x.series_no"

static void take_alert(struct api_request *r, const struct sql_rows *rows, struct alert_row *ret)
{
    const char **const texts[] = { &ret->id,          &ret->state,   &ret->says,     &ret->note,
                                   &ret->kind,        &ret->section, &ret->metric,   &ret->name,
                                   &ret->unit,        &ret->run,     &ret->run_name, &ret->series,
                                   &ret->series_title };
    const int count = sizeof texts / sizeof *texts;

    for (int i = 0; i < count; i++)
        *texts[i] = page_text(r, rows, i);
    ret->opened_ns = sql_get_time(rows, count);
    ret->silenced_until_ns = sql_get_time(rows, count + 1);
    ret->value = sql_get_real(rows, count + 2);
    ret->low = sql_get_real(rows, count + 3);
    ret->high = sql_get_real(rows, count + 4);
}

enum ou_status alert_rows(struct api_request *r, const struct judged_filter *filter,
                          struct alert_row **ret, size_t *ret_count, struct ou_error *err)
{
    struct page_statement s;
    struct sql_rows *rows = NULL;
    enum ou_status status;

    *ret_count = 0;
    *ret = arena_take(&r->memory, filter->most * sizeof **ret, alignof(struct alert_row));
    if (!*ret)
        return ou_fail(err, OU_NO_MEMORY, "no memory for so many alerts");
    statement_begin(&s, ALERTS_SELECT);
    statement_name(&s, "AND x.state =", filter->state, "");
    add_conditions(&s, r, filter);
    statement_add(&s, "ORDER BY x.opened_ns DESC, x.no DESC LIMIT", sql_int((int64_t)filter->most),
                  "");
    status = statement_query(&s, r->db, &rows, err);
    if (status)
        return status;
    while (*ret_count < filter->most && sql_next(rows))
        take_alert(r, rows, &(*ret)[(*ret_count)++]);
    return sql_rows_end(rows, err);
}

static void add_alert(struct api_request *r, struct document *d, struct doc_table *t,
                      const struct alert_row *a)
{
    const char *state = a->state;

    if (a->silenced_until_ns != TIME_NONE && strcmp(state, "silenced") == 0)
        state = page_say(r, "silenced until %s", page_instant(r, a->silenced_until_ns));
    add_metric(r, d, t, a->section, a->metric, a->name, a->series);
    page_cell(d, t, state, NULL, page_tone(a->state));
    page_cell(d, t, a->says, NULL, TONE_PLAIN);
    page_cell(d, t, a->run_name, page_say(r, "/runs/%s", a->run), TONE_PLAIN);
    page_cell(d, t, a->series_title, page_say(r, "/series/%s", a->series), TONE_PLAIN);
    page_cell(d, t, page_instant(r, a->opened_ns), NULL, TONE_PLAIN);
    page_cell(d, t, a->note, NULL, TONE_PLAIN);
    page_cell(d, t, a->id, page_say(r, "/api/v1/alerts/%s", a->id), TONE_QUIET);
}

void alert_table(struct api_request *r, struct document *d, const struct alert_row *rows,
                 size_t count)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "state", .head = "state" },
        { .id = "says", .head = "says" },
        { .id = "run", .head = "run" },
        { .id = "series", .head = "series" },
        { .id = "opened", .head = "opened (UTC)" },
        { .id = "note", .head = "note", .said_once = true },
        { .id = "id", .head = "id", .hint = "What commands and the API name it by." },
    };
    struct doc_table *t = document_table(d, "alerts", "Alerts, the newest first", columns,
                                         sizeof columns / sizeof *columns);

    for (size_t i = 0; i < count; i++)
        add_alert(r, d, t, &rows[i]);
}

/* --- Changes of level -------------------------------------------------------------------------------------- */

#define CHANGES_SELECT                                                                           \
    "SELECT m.section, m.id, m.name, m.unit, m.direction, r.id, r.name, v.name, s.id, s.title, " \
    "x.note, r.started_ns, x.before_mean, x.after_mean, x.change_percent, x.p_adjusted FROM "    \
    "change_points x JOIN metrics m ON m.no = x.metric_no JOIN runs r ON r.no = x.run_no "       \
    "JOIN versions v ON v.no = r.version_no JOIN series s ON s.no = x.series_no"

static void take_change(struct api_request *r, const struct sql_rows *rows, struct change_row *ret)
{
    const char **const texts[] = { &ret->section,      &ret->metric,    &ret->name,
                                   &ret->unit,         &ret->direction, &ret->run,
                                   &ret->run_name,     &ret->version,   &ret->series,
                                   &ret->series_title, &ret->note };
    const int count = sizeof texts / sizeof *texts;

    for (int i = 0; i < count; i++)
        *texts[i] = page_text(r, rows, i);
    ret->started_ns = sql_get_time(rows, count);
    ret->before = sql_get_real(rows, count + 1);
    ret->after = sql_get_real(rows, count + 2);
    ret->percent = sql_get_real(rows, count + 3);
    ret->p_adjusted = sql_get_real(rows, count + 4);
}

enum ou_status change_rows(struct api_request *r, const struct judged_filter *filter,
                           struct change_row **ret, size_t *ret_count, struct ou_error *err)
{
    struct page_statement s;
    struct sql_rows *rows = NULL;
    enum ou_status status;

    *ret_count = 0;
    *ret = arena_take(&r->memory, filter->most * sizeof **ret, alignof(struct change_row));
    if (!*ret)
        return ou_fail(err, OU_NO_MEMORY, "no memory for so many changes of level");
    statement_begin(&s, CHANGES_SELECT);
    add_conditions(&s, r, filter);
    statement_add(&s, "ORDER BY r.sort_ns DESC, ABS(x.change_percent) DESC, x.no DESC LIMIT",
                  sql_int((int64_t)filter->most), "");
    status = statement_query(&s, r->db, &rows, err);
    if (status)
        return status;
    while (*ret_count < filter->most && sql_next(rows))
        take_change(r, rows, &(*ret)[(*ret_count)++]);
    return sql_rows_end(rows, err);
}

/* Steady metrics change by amounts that are certain and of no account: what comparisons take for a difference is one here. */
static bool matters(const struct change_row *c)
{
    const struct metric_info *info = metric_by_name(c->section, c->metric);

    return !info || !(fabs(c->after - c->before) < margin_amount(margin_of(info), c->before));
}

/* For the better or the worse, where the metric knows one. */
static enum doc_tone tone_of(const struct change_row *c)
{
    bool knows = strcmp(c->direction, "less") == 0 || strcmp(c->direction, "more") == 0;

    if (!knows || !(c->percent != 0) || !matters(c))
        return TONE_PLAIN;
    return (c->percent > 0) == (strcmp(c->direction, "more") == 0) ? TONE_GOOD : TONE_BAD;
}

static void add_change(struct api_request *r, struct document *d, struct doc_table *t,
                       const struct change_row *c)
{
    add_metric(r, d, t, c->section, c->metric, c->name, c->series);
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isfinite(c->percent) ? DOC_NUMBER : DOC_NONE,
                                    .tone = tone_of(c),
                                    .number = c->percent,
                                    .decimals = 1,
                                    .sign = true,
                                    .percent = true });
    doc_add_number(d, t, c->before, -1);
    doc_add_number(d, t, c->after, -1);
    page_cell(d, t, c->run_name, page_say(r, "/runs/%s", c->run), TONE_PLAIN);
    page_cell(d, t, c->version, NULL, TONE_PLAIN);
    page_cell(d, t, page_instant(r, c->started_ns), NULL, TONE_PLAIN);
    page_cell(d, t, c->series_title, page_say(r, "/series/%s", c->series), TONE_PLAIN);
    page_cell(d, t, c->note, NULL, TONE_PLAIN);
}

void change_table(struct api_request *r, struct document *d, const struct change_row *rows,
                  size_t count)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "change",
          .head = "change",
          .number = true,
          .hint =
              "For the better or the worse where it is more than the metric's margin of comparisons." },
        { .id = "before", .head = "before", .number = true, .in_unit = true },
        { .id = "after", .head = "after", .number = true, .in_unit = true },
        { .id = "run", .head = "since run", .hint = "The first run of the new level." },
        { .id = "version", .head = "version" },
        { .id = "started", .head = "started (UTC)" },
        { .id = "series", .head = "series" },
        { .id = "note", .head = "note", .said_once = true },
    };
    struct doc_table *t =
        document_table(d, "changes", "Where metrics went to another level, the newest first",
                       columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < count; i++)
        add_change(r, d, t, &rows[i]);
}
