#include "pages/rows.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "base/time.h"
#include "pages/statement.h"

/* --- The numbers that are asked for first -------------------------------------------------------------- */

static const struct {
    enum metric_section section;
    const char *id, *head;
} keys[KEY_METRICS] = {
    { SECTION_MACHPERF, "CentiCpu", "CPU" },
    { SECTION_MACHPERF, "RSS", "memory" },
    { SECTION_ENDTOEND, "cdf0.50", "50 % adopt" },
    { SECTION_ENDTOEND, "cdf0.96", "96 % adopt" },
};

const struct metric_info *key_metric(size_t i)
{
    return dictionary_find(keys[i].section, keys[i].id);
}

enum ou_status key_metric_numbers(struct sql *db, int64_t ret[KEY_METRICS], struct ou_error *err)
{
    for (size_t i = 0; i < KEY_METRICS; i++) {
        struct sql_rows *rows = NULL;
        enum ou_status status = sql_query(
            db, "SELECT no FROM metrics WHERE section = $1 AND id = $2",
            SQL_ARGS(sql_text(section_name(keys[i].section)), sql_text(keys[i].id)), &rows, err);

        if (status)
            return status;
        ret[i] = sql_next(rows) ? sql_get_int(rows, 0) : 0;
        status = sql_rows_end(rows, err);
        if (status)
            return status;
    }
    return OU_OK;
}

static enum ou_status read_keys(struct sql *db, const int64_t numbers[KEY_METRICS],
                                struct run_row *row, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status =
        sql_query(db,
                  "SELECT metric_no, mean FROM summaries WHERE run_no = $1 AND metric_no IN ($2, "
                  "$3, $4, $5)",
                  SQL_ARGS(sql_int(row->no), sql_int(numbers[0]), sql_int(numbers[1]),
                           sql_int(numbers[2]), sql_int(numbers[3])),
                  &rows, err);

    if (status)
        return status;
    while (sql_next(rows)) {
        for (size_t i = 0; i < KEY_METRICS; i++)
            if (numbers[i] == sql_get_int(rows, 0))
                row->key[i] = sql_get_real(rows, 1);
    }
    return sql_rows_end(rows, err);
}

/* --- Which runs ----------------------------------------------------------------------------------------- */

/* Without the place in the list. */
static void add_conditions(struct page_statement *s, const struct api_request *r,
                           const struct run_filter *f)
{
    statement_name(s, "AND r.id =", f->id, "");
    statement_name(s, "AND r.series_no = (SELECT no FROM series WHERE id =", f->series, ")");
    statement_name(s, "AND r.project_no = (SELECT no FROM projects WHERE name =", f->project, ")");
    statement_only(s, r, "AND r.project_no = (SELECT no FROM projects WHERE name =", ")");
    statement_name(s, "AND f.name =", f->profile, "");
    statement_name(s, "AND f.workload =", f->workload, "");
    statement_name(s, "AND v.name =", f->version, "");
    statement_name(s, "AND r.state =", f->state, "");
    if (f->from_ns != 0)
        statement_add(s, "AND r.sort_ns >=", sql_int(f->from_ns), "");
    if (f->until_ns != 0)
        statement_add(s, "AND r.sort_ns <", sql_int(f->until_ns), "");
}

static void make_statement(struct page_statement *s, const struct api_request *r,
                           const struct run_filter *f)
{
    statement_begin(
        s, "SELECT r.no, r.sort_ns, r.started_ns, r.block_count, r.errors, r.id, r.name, p.name, "
           "f.name, f.workload, v.name, r.state, r.failure, s.id, s.title FROM runs r "
           "JOIN projects p ON p.no = r.project_no JOIN profiles f ON f.no = r.profile_no "
           "JOIN versions v ON v.no = r.version_no JOIN series s ON s.no = r.series_no");
    add_conditions(s, r, f);
    if (f->goes_on) {
        statement_add(s, "AND (r.sort_ns, r.no) < (", sql_int(f->before_sort_ns), ",");
        statement_add(s, "", sql_int(f->before_no), ")");
    }
    statement_add(s, "ORDER BY r.sort_ns DESC, r.no DESC LIMIT", sql_int((int64_t)f->most), "");
}

static void take_row(struct api_request *r, const struct sql_rows *rows, struct run_row *ret)
{
    *ret = (struct run_row){
        .no = sql_get_int(rows, 0),
        .sort_ns = sql_get_int(rows, 1),
        .started_ns = sql_get_time(rows, 2),
        .blocks = sql_is_null(rows, 3) ? -1 : sql_get_int(rows, 3),
        .errors = sql_get_int(rows, 4),
        .id = page_text(r, rows, 5),
        .name = page_text(r, rows, 6),
        .project = page_text(r, rows, 7),
        .profile = page_text(r, rows, 8),
        .workload = page_text(r, rows, 9),
        .version = page_text(r, rows, 10),
        .state = page_text(r, rows, 11),
        .failure = page_text(r, rows, 12),
        .series = page_text(r, rows, 13),
        .series_title = page_text(r, rows, 14),
        .key = { NAN, NAN, NAN, NAN },
    };
}

static enum ou_status read_rows(struct api_request *r, const struct run_filter *filter,
                                struct run_row *ret, size_t *ret_count, struct ou_error *err)
{
    struct page_statement s;
    struct sql_rows *rows = NULL;
    enum ou_status status;

    make_statement(&s, r, filter);
    status = statement_query(&s, r->db, &rows, err);
    if (status)
        return status;
    while (*ret_count < filter->most && sql_next(rows))
        take_row(r, rows, &ret[(*ret_count)++]);
    return sql_rows_end(rows, err);
}

enum ou_status run_rows(struct api_request *r, const struct run_filter *filter,
                        struct run_row **ret, size_t *ret_count, struct ou_error *err)
{
    int64_t numbers[KEY_METRICS];
    enum ou_status status = key_metric_numbers(r->db, numbers, err);

    *ret_count = 0;
    *ret = arena_take(&r->memory, filter->most * sizeof **ret, alignof(struct run_row));
    if (!status && !*ret)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for so many runs");
    if (!status)
        status = read_rows(r, filter, *ret, ret_count, err);
    for (size_t i = 0; !status && i < *ret_count; i++)
        status = read_keys(r->db, numbers, &(*ret)[i], err);
    return status;
}

enum ou_status run_count(struct api_request *r, const struct run_filter *filter, int64_t *ret,
                         struct ou_error *err)
{
    struct page_statement s;
    struct sql_rows *rows = NULL;
    enum ou_status status;

    statement_begin(&s, "SELECT COUNT(*) FROM runs r JOIN profiles f ON f.no = r.profile_no "
                        "JOIN versions v ON v.no = r.version_no");
    add_conditions(&s, r, filter);
    status = statement_query(&s, r->db, &rows, err);
    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}

/* --- The table ------------------------------------------------------------------------------------------ */

static void add_columns(struct doc_column *columns, size_t *count)
{
    for (size_t i = 0; i < KEY_METRICS; i++) {
        const struct metric_info *info = key_metric(i);

        columns[(*count)++] = (struct doc_column){ .id = keys[i].id,
                                                   .head = keys[i].head,
                                                   .unit = info ? info->unit : "",
                                                   .hint = info ? info->description : NULL,
                                                   .number = true };
    }
}

/* A run that found errors is not to be trusted as it stands. */
static void add_state(struct api_request *r, struct document *d, struct doc_table *t,
                      const struct run_row *row)
{
    struct doc_cell cell = { .kind = DOC_TEXT, .tone = page_tone(row->state), .text = row->state };

    if (row->errors > 0) {
        cell.tone = TONE_UNSURE;
        cell.text = page_say(r, "%s, %lld %s", row->state, (long long)row->errors,
                             row->errors == 1 ? "finding" : "findings");
    }
    cell.hint = row->failure;
    doc_add_cell(d, t, cell);
}

static bool is_failed(const struct run_row *row)
{
    return strcmp(row->state, "failed") == 0;
}

static void add_row(struct api_request *r, struct document *d, struct doc_table *t,
                    const struct run_row *row, bool with_series)
{
    page_cell(d, t, row->name, page_say(r, "/runs/%s", row->id),
              is_failed(row) ? TONE_BAD : TONE_PLAIN);
    page_cell(d, t, row->version, NULL, TONE_PLAIN);
    for (size_t i = 0; i < KEY_METRICS; i++) {
        const struct metric_info *info = key_metric(i);

        doc_add_number(d, t, row->key[i], info ? info->precision : -1);
    }
    add_state(r, d, t, row);
    if (with_series) {
        page_cell(d, t, row->series_title, page_say(r, "/series/%s", row->series), TONE_PLAIN);
        page_cell(d, t, row->project, NULL, TONE_PLAIN);
    }
    page_cell(d, t, page_instant(r, row->started_ns), NULL, TONE_PLAIN);
    doc_add_count(d, t, row->blocks);
}

void run_table(struct api_request *r, struct document *d, const char *id, const char *title,
               const struct run_row *rows, size_t count, bool with_series)
{
    struct doc_column columns[16] = {
        { .id = "run", .head = "run" },
        { .id = "version", .head = "version" },
    };
    size_t column_count = 2;
    struct doc_table *t;

    add_columns(columns, &column_count); /* a narrow page shows these, and what else fits */
    columns[column_count++] = (struct doc_column){ .id = "state", .head = "state" };
    if (with_series) {
        columns[column_count++] = (struct doc_column){ .id = "series", .head = "series" };
        columns[column_count++] =
            (struct doc_column){ .id = "project", .head = "project", .said_once = true };
    }
    columns[column_count++] = (struct doc_column){ .id = "started", .head = "started (UTC)" };
    columns[column_count++] =
        (struct doc_column){ .id = "blocks", .head = "blocks", .number = true };
    t = document_table(d, id, title, columns, column_count);
    for (size_t i = 0; i < count; i++)
        add_row(r, d, t, &rows[i], with_series);
}
