#include "report/org.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/numbers.h"
#include "report/org_statistics.h"
#include "report/run_line.h"

enum {
    METRICS_MAX = 64, /* of a section */
    TEXT_MAX = 1 << 16,
};

/* --- Head of the document --------------------------------------------------- */

static void property(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "#+%s: ", name);
    org_escape(out, text);
    buffer_char(out, '\n');
}

static void write_head(const struct analysis *a, struct buffer *out)
{
    struct buffer line;

    buffer_init(&line, allocator_libc(), TEXT_MAX);
    run_filters_and_ranges(a, &line);
    property(out, "TITLE", run_title(a));
    property(out, "SUBTITLE", buffer_string(&line));
    if (a->date)
        property(out, "DATE", a->date);
    property(out, "VERSION", "ouroscope " OUROSCOPE_VERSION);
    buffer_inherit(out, &line);
    buffer_release(&line);
}

/* --- A table per section of metrics ----------------------------------------- */

static size_t sample_count(const struct metric_result *m)
{
    return m->kind == METRIC_DISTRIBUTION ? m->over.n : 0;
}

static struct org_statistic statistic_of(const struct metric_result *m)
{
    const struct distribution *d = &m->over;
    struct org_statistic row = { m->info, NAN, NAN, NAN, NAN, NAN, NAN, (double)sample_count(m) };

    if (sample_count(m) > 0)
        row = (struct org_statistic){ m->info, d->mean, d->sd / d->mean, d->min,
                                      d->max,  d->sd,   d->max - d->min, row.size };
    else if (m->kind == METRIC_NUMBER)
        row.average = m->number;
    return row;
}

static void statistics_table(const struct metric_result *metrics, size_t count, struct buffer *out)
{
    struct org_statistic rows[METRICS_MAX];

    assert(count <= METRICS_MAX);
    for (size_t i = 0; i < count; i++)
        rows[i] = statistic_of(&metrics[i]);
    org_statistics(rows, count, out);
}

static void parameter_row(struct org_table *t, const struct metric_result *m)
{
    char number[NUMBER_ROOM];

    org_label(t, m->info);
    if (m->kind == METRIC_TEXT) {
        org_text(t, m->text);
    } else if (isfinite(metric_scalar(m))) {
        *put_plain(number, metric_scalar(m)) = '\0';
        org_cell(t, number);
    } else {
        org_absent(t);
    }
}

/* Values of the run as a whole have no statistics. */
static void parameter_table(const struct metric_result *metrics, size_t count, struct buffer *out)
{
    struct org_table t;

    org_table_init(&t, true, 2);
    org_cell(&t, "Parameter");
    org_cell(&t, "Value");
    for (size_t i = 0; i < count; i++)
        parameter_row(&t, &metrics[i]);
    org_table_draw(&t, out);
    org_table_release(&t);
}

static void metric_tables(const struct analysis *a, struct buffer *out)
{
    size_t from = 0;

    while (from < a->metric_count) {
        enum metric_section section = a->metrics[from].info->section;
        size_t to = from;

        while (to < a->metric_count && a->metrics[to].info->section == section)
            to++;
        buffer_printf(out, "\n* %s\n", section_title(section));
        if (section == SECTION_SUMMARY)
            parameter_table(&a->metrics[from], to - from, out);
        else
            statistics_table(&a->metrics[from], to - from, out);
        from = to;
    }
}

/* --- The other tables -------------------------------------------------------- */

static void instant_cell_of(struct org_table *t, int64_t ns)
{
    char text[TIME_ISO_ROOM + 1];

    text[time_format_iso(ns, text)] = '\0';
    org_cell(t, text);
}

static void cut_text_cell(struct org_table *t, const char *text, int width)
{
    char cut[32];

    assert(width < (int)sizeof cut);
    if (width == 0) {
        org_text(t, text);
    } else {
        snprintf(cut, sizeof cut, "%.*s", width, text);
        org_text(t, cut);
    }
}

static void any_cell(struct org_table *t, const struct cell *cell, int width)
{
    switch (cell->kind) {
    case CELL_NONE: org_absent(t); break;
    case CELL_TEXT: cut_text_cell(t, cell->text, width); break;
    case CELL_BOOL: org_cell(t, cell->yes ? "+" : "-"); break;
    case CELL_INSTANT: instant_cell_of(t, cell->integer); break;
    case CELL_COUNT: org_count(t, cell->integer, width); break;
    case CELL_SECONDS: org_seconds(t, cell->integer, width); break;
    case CELL_REAL: org_number(t, cell->real, width); break;
    }
}

static void row_table(const struct analysis *a, enum report_table table, struct buffer *out)
{
    struct table_columns columns =
        table == TABLE_BLOCKS ? table_block_timeline() : table_columns(table);
    struct buffer scratch;
    struct table_row row = { .a = a, .scratch = &scratch };
    struct org_table t;

    buffer_init(&scratch, allocator_libc(), TEXT_MAX);
    org_table_init(&t, true, columns.count);
    for (size_t i = 0; i < columns.count; i++)
        org_cell(&t, columns.at[i].id);
    while (table_next(table, &row)) {
        for (size_t i = 0; i < columns.count; i++) {
            struct cell cell = columns.at[i].get(&row, columns.at[i].which);

            any_cell(&t, &cell, columns.at[i].width);
        }
        buffer_inherit(&t.cells, &scratch); /* before the next row clears it */
    }
    buffer_char(out, '\n');
    org_table_draw(&t, out);
    org_table_release(&t);
    buffer_release(&scratch);
}

void report_org(const struct analysis *a, enum report_table table, struct buffer *out)
{
    assert(table != TABLE_SLOTS);
    write_head(a, out);
    if (table == TABLE_METRICS)
        metric_tables(a, out);
    else
        row_table(a, table, out);
}
