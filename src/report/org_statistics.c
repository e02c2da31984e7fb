#include "report/org_statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    STATISTIC_WIDTH = 6, /* of the cells of a metric, as published tables have them */
    SAMPLES_WIDTH = 4,
    TEXT_MAX = 1 << 16,
};

void org_text(struct org_table *t, const char *text)
{
    struct buffer safe;

    buffer_init(&safe, allocator_libc(), TEXT_MAX);
    org_escape(&safe, text);
    org_cell(t, buffer_string(&safe));
    buffer_inherit(&t->cells, &safe);
    buffer_release(&safe);
}

void org_absent(struct org_table *t)
{
    org_cell(t, "---");
}

void org_label(struct org_table *t, const struct metric_info *info)
{
    char label[256];

    snprintf(label, sizeof label, "%s%s%s", info->label, *info->unit ? ", " : "", info->unit);
    org_text(t, label);
}

static void statistic(struct org_table *t, double value)
{
    if (isfinite(value))
        org_number(t, value, STATISTIC_WIDTH);
    else
        org_absent(t);
}

/* Delays are whole nanoseconds; the noise of subtracting them as binary
 * fractions (.16999 for .17) would survive the cutting of cells. */
static double without_noise(const struct org_statistic *row)
{
    return strcmp(row->info->unit, "s") == 0 ? round(row->range * 1e9) / 1e9 : row->range;
}

static void add_row(struct org_table *t, const struct org_statistic *row)
{
    org_label(t, row->info);
    statistic(t, row->average);
    statistic(t, row->cov);
    statistic(t, row->min);
    statistic(t, row->max);
    statistic(t, row->stddev);
    statistic(t, without_noise(row));
    statistic(t, row->info->precision);
    statistic(t, row->size);
}

void org_statistics(const struct org_statistic *rows, size_t count, struct buffer *out)
{
    static const char *const heads[] = { "metric", "average", "CoV",       "min", "max",
                                         "stddev", "range",   "precision", "size" };
    size_t columns = sizeof heads / sizeof *heads;
    char samples[ORG_NUMBER_ROOM];
    struct org_constant constant = { "nSamples", samples };
    struct org_table t;

    org_count_text(isfinite(rows[0].size) ? (int64_t)rows[0].size : 0, SAMPLES_WIDTH, samples);
    org_table_init(&t, true, columns);
    t.constants = &constant;
    t.constant_count = 1;
    for (size_t i = 0; i < columns; i++)
        org_cell(&t, heads[i]);
    for (size_t i = 0; i < count; i++)
        add_row(&t, &rows[i]);
    org_table_draw(&t, out);
    org_table_release(&t);
}
