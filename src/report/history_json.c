#include "report/history_json.h"

#include "json/members.h"

static void write_options(struct json_writer *w, const struct history *h)
{
    json_member_string(w, "order", h->by_version ? "version" : "time");
    json_key(w, "options");
    json_begin_object(w);
    json_member_double(w, "threshold", h->change.threshold);
    json_member_double(w, "minimumChangePercent", h->change.minimum_change * 100);
    json_member_count(w, "leastRuns", h->change.least_segment);
    json_end(w);
    json_member_count(w, "repeatedRuns", h->repeated);
    json_member_count(w, "seriesSearched", h->searched);
    json_member_double(w, "thresholdInForce", h->threshold);
}

static void write_run(struct json_writer *w, const struct finished_run *r)
{
    json_begin_object_inline(w);
    json_member_string(w, "title", r->title);
    json_member_string(w, "version", r->node_version);
    json_member_instant(w, "start", r->started_ns);
    json_member_string(w, "path", r->path);
    json_member_string(w, "checksum", r->checksum);
    json_end(w);
}

static size_t place_of(const struct history *h, const struct finished_run *r)
{
    size_t i = 0;

    while (i < h->run_count && h->runs[i] != r)
        i++;
    return i;
}

/* Pairs of a run, by its place in "runs", and its value. */
static void write_points(struct json_writer *w, const struct history *h,
                         const struct metric_history *m)
{
    json_key(w, "points");
    json_begin_array(w);
    for (size_t i = 0; i < m->count; i++) {
        json_begin_array_inline(w);
        json_uint(w, place_of(h, m->runs[i]));
        json_double(w, m->values[i]);
        json_end(w);
    }
    json_end(w);
}

void history_json_level(struct json_writer *w, const struct history_segment *level)
{
    json_member_count(w, "firstPoint", level->first);
    json_member_count(w, "points", level->count);
    json_member_double(w, "mean", level->mean);
    json_member_range(w, "interval", level->interval.low, level->interval.high);
    json_member_double(w, "changePercent", level->change_percent);
    json_member_double(w, "p", level->p);
    json_member_double(w, "pAdjusted", level->p_adjusted);
}

void history_json_last(struct json_writer *w, const struct metric_history *m)
{
    json_key(w, "last");
    json_begin_object(w);
    json_member_range(w, "expected", m->expected_last.low, m->expected_last.high);
    json_member_double(w, "p", m->last_p);
    json_member_double(w, "pAdjusted", m->last_p_adjusted);
    json_member_bool(w, "unusual", m->last_unusual);
    json_end(w);
}

static void write_levels(struct json_writer *w, const struct metric_history *m)
{
    json_key(w, "levels");
    json_begin_array(w);
    for (size_t i = 0; i < m->segment_count; i++) {
        const struct history_segment *g = &m->segments[i];

        json_begin_object(w);
        history_json_level(w, g);
        json_end(w);
    }
    json_end(w);
}

static void write_series(struct json_writer *w, const struct history *h,
                         const struct metric_history *m)
{
    json_begin_object(w);
    json_member_string(w, "section", section_name(m->info->section));
    json_member_string(w, "id", m->info->id);
    json_member_string(w, "name", m->info->name);
    json_member_string(w, "unit", m->info->unit);
    json_member_string(w, "workload", m->workload);
    write_points(w, h, m);
    write_levels(w, m);
    json_member_double(w, "noisePercent", m->noise_percent);
    json_member_range(w, "next", m->next.low, m->next.high);
    history_json_last(w, m);
    json_end(w);
}

void history_json(const struct history *h, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_member_count(&w, "schema", HISTORY_SCHEMA);
    write_options(&w, h);
    json_key(&w, "runs");
    json_begin_array(&w);
    for (size_t i = 0; i < h->run_count; i++)
        write_run(&w, h->runs[i]);
    json_end(&w);
    json_key(&w, "series");
    json_begin_array(&w);
    for (size_t i = 0; i < h->metric_count; i++)
        write_series(&w, h, &h->metrics[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
