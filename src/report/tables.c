#include "report/tables.h"

#include <assert.h>
#include <string.h>

#include "report/block_columns.h"

static const char *const table_names[REPORT_TABLES] = {
    [TABLE_METRICS] = "metrics",           [TABLE_HOSTS] = "hosts", [TABLE_BLOCKS] = "blocks",
    [TABLE_OBSERVATIONS] = "observations", [TABLE_SLOTS] = "slots",
};

const char *report_table_name(enum report_table table)
{
    return table_names[table];
}

bool report_table_find(const char *name, enum report_table *ret)
{
    for (int i = 0; i < REPORT_TABLES; i++) {
        if (strcmp(name, table_names[i]) == 0) {
            *ret = (enum report_table)i;
            return true;
        }
    }
    return false;
}

/* --- Metrics -------------------------------------------------------------- */

enum metric_member {
    METRIC_SECTION,
    METRIC_ID,
    METRIC_NAME,
    METRIC_UNIT,
    METRIC_REASON,
    METRIC_VALUE,
    METRIC_N,
    METRIC_MEAN,
    METRIC_MEDIAN,
    METRIC_MEDIAN_LOW,
    METRIC_MEDIAN_HIGH,
    METRIC_SD,
    METRIC_MIN,
    METRIC_MAX,
    METRIC_INTER_HOST_SD,
};

static struct cell metric_text(const struct table_row *row, int which)
{
    const struct metric_result *m = row->metric;

    switch (which) {
    case METRIC_SECTION: return text_cell(section_name(m->info->section));
    case METRIC_ID: return text_cell(m->info->id);
    case METRIC_NAME: return text_cell(m->info->name);
    case METRIC_UNIT: return text_cell(*m->info->unit ? m->info->unit : NULL);
    default: return text_cell(m->kind == METRIC_ABSENT ? m->absent_reason : NULL);
    }
}

static struct cell metric_value(const struct table_row *row, int which)
{
    (void)which;
    if (row->metric->kind == METRIC_TEXT)
        return text_cell(row->metric->text);
    return real_cell(row->metric->kind == METRIC_NUMBER ? row->metric->number : NAN);
}

static bool has_samples(const struct metric_result *m)
{
    return m->kind == METRIC_DISTRIBUTION && m->over.n > 0;
}

static struct cell metric_statistic(const struct table_row *row, int which)
{
    const struct metric_result *m = row->metric;

    if (!has_samples(m))
        return real_cell(NAN);
    switch (which) {
    case METRIC_N: return count_cell((int64_t)m->over.n);
    case METRIC_MEAN: return real_cell(m->over.mean);
    case METRIC_MEDIAN: return real_cell(m->over.median);
    /* Over hosts, the median is no median of independent samples. */
    case METRIC_MEDIAN_LOW: return real_cell(m->per_host ? NAN : m->over.median_low);
    case METRIC_MEDIAN_HIGH: return real_cell(m->per_host ? NAN : m->over.median_high);
    case METRIC_SD: return real_cell(m->over.sd);
    case METRIC_MIN: return real_cell(m->over.min);
    case METRIC_MAX: return real_cell(m->over.max);
    default: return real_cell(m->per_host ? m->inter_host_sd : NAN);
    }
}

static struct cell metric_quantile(const struct table_row *row, int which)
{
    return real_cell(has_samples(row->metric) ? row->metric->over.quantiles[which] : NAN);
}

#define Q(index, id)                  \
    {                                 \
        id, metric_quantile, index, 0 \
    }
static const struct table_column metric_columns[] = {
    { "section", metric_text, METRIC_SECTION, 0 },
    { "id", metric_text, METRIC_ID, 0 },
    { "name", metric_text, METRIC_NAME, 0 },
    { "unit", metric_text, METRIC_UNIT, 0 },
    { "value", metric_value, METRIC_VALUE, 0 },
    { "n", metric_statistic, METRIC_N, 0 },
    { "mean", metric_statistic, METRIC_MEAN, 0 },
    { "median", metric_statistic, METRIC_MEDIAN, 0 },
    { "medianLow", metric_statistic, METRIC_MEDIAN_LOW, 0 },
    { "medianHigh", metric_statistic, METRIC_MEDIAN_HIGH, 0 },
    { "sd", metric_statistic, METRIC_SD, 0 },
    { "min", metric_statistic, METRIC_MIN, 0 },
    { "max", metric_statistic, METRIC_MAX, 0 },
    { "interHostSd", metric_statistic, METRIC_INTER_HOST_SD, 0 },
    Q(0, "p0"),
    Q(1, "p0.01"),
    Q(2, "p0.05"),
    Q(3, "p0.1"),
    Q(4, "p0.2"),
    Q(5, "p0.3"),
    Q(6, "p0.4"),
    Q(7, "p0.5"),
    Q(8, "p0.6"),
    Q(9, "p0.7"),
    Q(10, "p0.75"),
    Q(11, "p0.8"),
    Q(12, "p0.85"),
    Q(13, "p0.875"),
    Q(14, "p0.9"),
    Q(15, "p0.925"),
    Q(16, "p0.95"),
    Q(17, "p0.97"),
    Q(18, "p0.98"),
    Q(19, "p0.99"),
    Q(20, "p0.995"),
    Q(21, "p0.997"),
    Q(22, "p0.998"),
    Q(23, "p0.999"),
    Q(24, "p0.9995"),
    Q(25, "p0.9997"),
    Q(26, "p0.9998"),
    Q(27, "p0.9999"),
    Q(28, "p1"),
    { "reason", metric_text, METRIC_REASON, 0 },
};
#undef Q

/* --- Hosts ---------------------------------------------------------------- */

enum host_member {
    HOST_LINES,
    HOST_BYTES,
    HOST_OBJECTS,
    HOST_NOT_UNDERSTOOD,
    HOST_DUPLICATE_LINES,
    HOST_REPEATED_EVENTS,
    HOST_OUT_OF_ORDER,
    HOST_SLOTS,
    HOST_CHECKED_SLOTS,
    HOST_MISSED_SLOTS,
    HOST_SILENT_SLOTS,
    HOST_COUNTER_RESETS,
    HOST_BLOCKS_FILTERED,
    HOST_BLOCKS_REJECTED,
    HOST_BLOCKS_UNCHAINED,
    HOST_BLOCKS_PENDING,
    HOST_LOST_UNWRITTEN,
    HOST_LOST_DROPPED,
    HOST_FIRST,
    HOST_LAST,
    HOST_LAST_IN_FILE,
    HOST_LONGEST_GAP_AT,
    HOST_WORST_BACKSTEP,
    HOST_LONGEST_GAP,
    HOST_CLOCK_OFFSET,
};

static struct cell host_name(const struct table_row *row, int which)
{
    (void)which;
    return text_cell(row->host->name);
}

static struct cell host_member(const struct table_row *row, int which)
{
    (void)which;
    return bool_cell(row->host->cluster_member);
}

static struct cell host_count(const struct table_row *row, int which)
{
    const struct host_result *h = row->host;
    const uint64_t counts[] = {
        [HOST_LINES] = h->lines,
        [HOST_BYTES] = h->bytes,
        [HOST_OBJECTS] = h->objects,
        [HOST_NOT_UNDERSTOOD] = h->not_understood,
        [HOST_DUPLICATE_LINES] = h->duplicate_lines,
        [HOST_REPEATED_EVENTS] = h->repeated_events,
        [HOST_OUT_OF_ORDER] = h->out_of_order,
        [HOST_SLOTS] = h->slots,
        [HOST_CHECKED_SLOTS] = h->checked_slots,
        [HOST_MISSED_SLOTS] = h->missed_slots,
        [HOST_SILENT_SLOTS] = h->silent_slots,
        [HOST_COUNTER_RESETS] = h->counter_resets,
        [HOST_BLOCKS_FILTERED] = h->blocks_filtered,
        [HOST_BLOCKS_REJECTED] = h->blocks_rejected,
        [HOST_BLOCKS_UNCHAINED] = h->blocks_unchained,
        [HOST_BLOCKS_PENDING] = h->blocks_pending,
        [HOST_LOST_UNWRITTEN] = h->lost.unwritten,
        [HOST_LOST_DROPPED] = h->lost.dropped,
    };

    if (which == HOST_BYTES && h->bytes == 0 && h->lines > 0)
        return count_cell(-1); /* it shares its files with others */
    return count_cell((int64_t)counts[which]);
}

static struct cell host_time(const struct table_row *row, int which)
{
    const struct host_result *h = row->host;

    switch (which) {
    case HOST_FIRST: return instant_cell(h->first_ns);
    case HOST_LAST: return instant_cell(h->last_ns);
    case HOST_LAST_IN_FILE: return instant_cell(h->last_in_file_ns);
    case HOST_LONGEST_GAP_AT: return instant_cell(h->longest_gap_at_ns);
    case HOST_WORST_BACKSTEP: return seconds_cell(h->worst_backstep_ns);
    case HOST_LONGEST_GAP: return seconds_cell(h->longest_gap_ns);
    default: return seconds_cell(h->clock_offset_ns);
    }
}

static const struct table_column host_columns[] = {
    { "host", host_name, 0, 0 },
    { "clusterMember", host_member, 0, 0 },
    { "lines", host_count, HOST_LINES, 0 },
    { "bytes", host_count, HOST_BYTES, 0 },
    { "objects", host_count, HOST_OBJECTS, 0 },
    { "notUnderstood", host_count, HOST_NOT_UNDERSTOOD, 0 },
    { "duplicateLines", host_count, HOST_DUPLICATE_LINES, 0 },
    { "repeatedEvents", host_count, HOST_REPEATED_EVENTS, 0 },
    { "outOfOrder", host_count, HOST_OUT_OF_ORDER, 0 },
    { "worstBackstep", host_time, HOST_WORST_BACKSTEP, 0 },
    { "first", host_time, HOST_FIRST, 0 },
    { "last", host_time, HOST_LAST, 0 },
    { "lastInFile", host_time, HOST_LAST_IN_FILE, 0 },
    { "longestGap", host_time, HOST_LONGEST_GAP, 0 },
    { "longestGapAt", host_time, HOST_LONGEST_GAP_AT, 0 },
    { "slots", host_count, HOST_SLOTS, 0 },
    { "checkedSlots", host_count, HOST_CHECKED_SLOTS, 0 },
    { "missedSlots", host_count, HOST_MISSED_SLOTS, 0 },
    { "silentSlots", host_count, HOST_SILENT_SLOTS, 0 },
    { "counterResets", host_count, HOST_COUNTER_RESETS, 0 },
    { "blocksFiltered", host_count, HOST_BLOCKS_FILTERED, 0 },
    { "blocksRejected", host_count, HOST_BLOCKS_REJECTED, 0 },
    { "blocksUnchained", host_count, HOST_BLOCKS_UNCHAINED, 0 },
    { "blocksPending", host_count, HOST_BLOCKS_PENDING, 0 },
    { "clockOffset", host_time, HOST_CLOCK_OFFSET, 0 },
    { "messagesUnwritten", host_count, HOST_LOST_UNWRITTEN, 0 },
    { "messagesDropped", host_count, HOST_LOST_DROPPED, 0 },
};

/* --- Rows ----------------------------------------------------------------- */

#define COLUMNS(array) ((struct table_columns){ array, sizeof(array) / sizeof *(array) })

struct table_columns table_columns(enum report_table table)
{
    assert(table != TABLE_SLOTS);
    switch (table) {
    case TABLE_METRICS: return COLUMNS(metric_columns);
    case TABLE_HOSTS: return COLUMNS(host_columns);
    case TABLE_BLOCKS: return block_columns();
    default: return observation_columns();
    }
}

static bool next_observation(struct table_row *row)
{
    for (; row->next < row->a->block_count; row->next++, row->next_observation = 0) {
        row->block = &row->a->blocks[row->next];
        if (row->next_observation < row->block->observation_count) {
            row->observation = &row->block->observations[row->next_observation++];
            return true;
        }
    }
    return false;
}

bool table_next(enum report_table table, struct table_row *row)
{
    const struct analysis *a = row->a;
    size_t i = row->next;

    switch (table) {
    case TABLE_METRICS:
        row->metric = i < a->metric_count ? &a->metrics[i] : NULL;
        row->next++;
        return row->metric;
    case TABLE_HOSTS:
        row->host = i < a->host_count ? &a->hosts[i] : NULL;
        row->next++;
        return row->host;
    case TABLE_BLOCKS:
        row->block = i < a->block_count ? &a->blocks[i] : NULL;
        row->next++;
        return row->block;
    case TABLE_OBSERVATIONS: return next_observation(row);
    default: return false;
    }
}
