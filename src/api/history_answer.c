#include "api/history_answer.h"

#include <stdio.h>

#include "base/time.h"
#include "json/members.h"
#include "json/write.h"
#include "report/csv.h"
#include "report/history_json.h"

void history_answer_release(struct history_answer *a)
{
    history_release(&a->history);
    series_history_release(&a->runs);
    *a = (struct history_answer){ 0 };
}

const char *direction_name(enum metric_direction direction)
{
    if (direction == DIRECTION_LESS_IS_BETTER)
        return "less";
    return direction == DIRECTION_MORE_IS_BETTER ? "more" : "none";
}

static void format_key(const struct metric_info *info, char ret[160])
{
    snprintf(ret, 160, "%.60s/%.90s", section_name(info->section), info->id);
}

static const struct noted_change *find_change(const struct history_answer *a, int64_t metric_no,
                                              int64_t run_no)
{
    for (size_t i = 0; i < a->change_count; i++)
        if (a->changes[i].metric_no == metric_no && a->changes[i].run_no == run_no)
            return &a->changes[i];
    return NULL;
}

/* ---- JSON ---- */

static void write_point(struct json_writer *w, const struct history_answer *a,
                        const struct metric_history *m, size_t i)
{
    const struct series_run *run = series_history_run(&a->runs, m->runs[i]);
    const struct run_value *value = run_value_find(m->runs[i], m->info->section, m->info->id);

    json_begin_object(w);
    json_member_string(w, "run", run->id);
    json_member_string(w, "name", run->name);
    json_member_string(w, "version", run->version);
    json_member_instant(w, "startedAt", run->started_ns);
    json_member_double(w, "value", m->values[i]);
    json_member_double(w, "n", value->n);
    json_member_double(w, "sd", value->sd);
    json_end(w);
}

/* null: it is not kept, as of histories over workloads. */
static void write_change(struct json_writer *w, const struct noted_change *change)
{
    json_key(w, "changePoint");
    if (!change) {
        json_none(w);
        return;
    }
    json_begin_object(w);
    json_member_string(w, "id", change->id);
    json_member_string(w, "note", change->note);
    json_end(w);
}

static void write_level(struct json_writer *w, const struct history_answer *a,
                        const struct metric_history *m, const struct history_segment *g)
{
    const struct series_run *first = series_history_run(&a->runs, m->runs[g->first]);
    const int64_t metric_no = series_history_metric_no(&a->runs, m->info);

    json_begin_object(w);
    json_member_string(w, "firstRun", first->id);
    history_json_level(w, g);
    write_change(w, g == m->segments ? NULL : find_change(a, metric_no, first->no));
    json_end(w);
}

static void write_about(struct json_writer *w, const struct history_answer *a,
                        const struct metric_history *m)
{
    const struct series_run *run = series_history_run(&a->runs, m->runs[0]);
    char key[160];

    format_key(m->info, key);
    json_member_string(w, "metric", key);
    json_member_string(w, "name", m->info->name);
    json_member_string(w, "unit", m->info->unit);
    json_member_string(w, "direction", direction_name(m->info->direction));
    json_member_string(w, "series", a->by_series ? run->series : NULL);
    json_member_string(w, "seriesTitle", a->by_series ? run->series_title : NULL);
    json_member_string(w, "workload", run->workload);
}

static void write_points(struct json_writer *w, const char *key, const struct history_answer *a,
                         const struct metric_history *m)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < m->count; i++)
        write_point(w, a, m, i);
    json_end(w);
}

static void write_series(struct json_writer *w, const struct history_answer *a,
                         const struct metric_history *m)
{
    json_begin_object(w);
    write_about(w, a, m);
    write_points(w, "points", a, m);
    json_key(w, "levels");
    json_begin_array(w);
    for (size_t i = 0; i < m->segment_count; i++)
        write_level(w, a, m, &m->segments[i]);
    json_end(w);
    json_member_double(w, "noisePercent", m->noise_percent);
    json_member_range(w, "next", m->next.low, m->next.high);
    history_json_last(w, m);
    json_end(w);
}

void history_answer_json(const struct history_answer *a, struct buffer *out)
{
    const struct history *h = &a->history;
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_member_string(&w, "order", h->by_version ? "version" : "time");
    json_member_string(&w, "by", a->by_series ? "series" : "workload");
    json_key(&w, "options");
    json_begin_object(&w);
    json_member_double(&w, "threshold", h->change.threshold);
    json_member_double(&w, "minimumChangePercent", h->change.minimum_change * 100);
    json_member_count(&w, "leastRuns", h->change.least_segment);
    json_end(&w);
    json_member_count(&w, "seriesSearched", h->searched);
    json_member_double(&w, "thresholdInForce", h->threshold);
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < h->metric_count; i++)
        write_series(&w, a, &h->metrics[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}

void history_answer_points(const struct history_answer *a, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    write_about(&w, a, &a->history.metrics[0]);
    write_points(&w, "data", a, &a->history.metrics[0]);
    json_end(&w);
    buffer_char(out, '\n');
}

/* ---- CSV ---- */

static void put_text(struct buffer *out, const char *text)
{
    csv_text(out, text ? text : "");
    buffer_char(out, ',');
}

static void put_number(struct buffer *out, double value, char end)
{
    char digits[JSON_DOUBLE_ROOM];

    if (isfinite(value))
        buffer_append(out, digits, json_format_double(value, digits));
    buffer_char(out, end);
}

static void put_instant(struct buffer *out, int64_t ns)
{
    char text[TIME_ISO_ROOM];

    if (ns != TIME_NONE)
        buffer_append(out, text, time_format_iso(ns, text));
    buffer_char(out, ',');
}

static size_t level_of(const struct metric_history *m, size_t point)
{
    size_t level = 0;

    while (level + 1 < m->segment_count && m->segments[level + 1].first <= point)
        level++;
    return level;
}

static void put_row(const struct history_answer *a, const struct metric_history *m, size_t i,
                    struct buffer *out)
{
    const struct series_run *run = series_history_run(&a->runs, m->runs[i]);
    const struct run_value *value = run_value_find(m->runs[i], m->info->section, m->info->id);
    const size_t level = level_of(m, i);
    char key[160];

    format_key(m->info, key);
    put_text(out, key);
    put_text(out, m->info->unit);
    put_text(out, a->by_series ? run->series : NULL);
    put_text(out, run->workload);
    put_text(out, run->id);
    put_text(out, run->name);
    put_text(out, run->version);
    put_instant(out, run->started_ns);
    put_number(out, m->values[i], ',');
    put_number(out, value->n, ',');
    put_number(out, value->sd, ',');
    buffer_printf(out, "%zu,", level + 1);
    put_number(out, m->segments[level].mean, ',');
    put_number(out, m->segments[level].first == i ? m->segments[level].change_percent : NAN, '\n');
}

void history_answer_csv(const struct history_answer *a, struct buffer *out)
{
    buffer_text(out, "metric,unit,series,workload,run,name,version,startedAt,value,n,sd,level,"
                     "levelMean,changePercent\n");
    for (size_t i = 0; i < a->history.metric_count; i++)
        for (size_t k = 0; k < a->history.metrics[i].count; k++)
            put_row(a, &a->history.metrics[i], k, out);
}
