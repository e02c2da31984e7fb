/* What a new run means for its series: levels of its metrics change or do not, and thresholds are passed or not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "publish/series_history.h"
#include "publish/takein.h"
#include "publish/threshold_kinds.h"
#include "study/history.h"

/* Runs of a series that are looked at. Levels from before them stay as they were found. */
#define JUDGED_RUNS_MAX 500

/* A level of a metric that begins at a run. */
struct level {
    const struct metric_info *info;
    size_t run; /* of data.runs */
    double before, after, percent;
    bool is_new; /* nobody knew of it */
};

struct judging {
    struct sql *db;
    int64_t now_ns, run_no, series_no;
    struct series_history series;
    size_t run; /* of series.data.runs */
    struct history history;
    struct level *levels; /* owned; in the order of history.metrics, then of time */
    size_t level_count, level_room;
    double *values; /* owned: of the runs before it, for a threshold */
};

/* ---- change points ---- */

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory to judge a run");
}

static size_t run_of_point(const struct judging *j, const struct metric_history *m, size_t point)
{
    return (size_t)(m->runs[point] - j->series.set.runs);
}

static void describe_change(const struct judging *j, const struct metric_history *m,
                            const struct history_segment *g, struct change_point_record *ret)
{
    *ret = (struct change_point_record){
        .run_no = j->series.data.runs[run_of_point(j, m, g->first)].no,
        .before_mean = g[-1].mean,
        .after_mean = g->mean,
        .change_percent = g->change_percent,
        .p = g->p,
        .p_adjusted = g->p_adjusted,
    };
}

static bool note_levels(struct judging *j, const struct metric_history *m,
                        const struct change_point_record *points)
{
    for (size_t i = 1; i < m->segment_count; i++) {
        const struct history_segment *g = &m->segments[i];

        if (!array_reserve(allocator_libc(), (void **)&j->levels, &j->level_room,
                           j->level_count + 1, sizeof *j->levels, SIZE_MAX / sizeof *j->levels))
            return false;
        j->levels[j->level_count++] = (struct level){ .info = m->info,
                                                      .run = run_of_point(j, m, g->first),
                                                      .before = g[-1].mean,
                                                      .after = g->mean,
                                                      .percent = g->change_percent,
                                                      .is_new = points[i - 1].is_new };
    }
    return true;
}

static enum ou_status renew_changes(struct judging *j, const struct metric_history *m,
                                    struct ou_error *err)
{
    const int64_t metric_no = series_history_metric_no(&j->series, m->info);
    struct change_point_record *points = calloc(m->segment_count, sizeof *points);
    enum ou_status status;

    if (!points)
        return no_memory(err);
    for (size_t i = 1; i < m->segment_count; i++)
        describe_change(j, m, &m->segments[i], &points[i - 1]);
    status = change_points_renew(j->db, j->series_no, metric_no, j->series.data.runs[0].sort_ns,
                                 points, m->segment_count - 1, j->now_ns, err);
    if (!status && !note_levels(j, m, points))
        status = no_memory(err);
    free(points);
    return status;
}

static enum ou_status find_levels(struct judging *j, struct ou_error *err)
{
    const struct history_options options = HISTORY_DEFAULTS;
    enum ou_status status = history_compute(&j->series.set, NULL, 0, &options, &j->history, err);

    if (status == OU_NOT_FOUND) /* nothing that is judged was measured */
        return OU_OK;
    for (size_t i = 0; !status && i < j->history.metric_count; i++)
        status = renew_changes(j, &j->history.metrics[i], err);
    return status;
}

/* ---- thresholds with bounds ---- */

static double value_in(const struct finished_run *run, const struct metric_info *info)
{
    const struct run_value *v = run_value_find(run, info->section, info->id);

    return v ? v->mean : NAN;
}

/* The first run of the level that the run before this one was on. */
static size_t level_begins(const struct judging *j, const struct metric_info *info)
{
    size_t first = 0;

    for (size_t i = 0; i < j->level_count; i++)
        if (j->levels[i].info == info && j->levels[i].run < j->run && j->levels[i].run > first)
            first = j->levels[i].run;
    return first;
}

static size_t earlier_values(struct judging *j, const struct metric_info *info)
{
    size_t count = 0;

    for (size_t i = level_begins(j, info); i < j->run; i++) {
        const double value = value_in(&j->series.set.runs[i], info);

        if (!isnan(value))
            j->values[count++] = value;
    }
    return count;
}

static enum ou_status open_alert(struct judging *j, const struct threshold_record *threshold,
                                 size_t run, double value, struct interval bounds, const char *says,
                                 struct ou_error *err)
{
    const struct alert_record alert = { .threshold_no = threshold->no,
                                        .series_no = j->series_no,
                                        .metric_no = threshold->metric_no,
                                        .run_no = j->series.data.runs[run].no,
                                        .value = value,
                                        .low = bounds.low,
                                        .high = bounds.high,
                                        .says = says,
                                        .outlets = threshold->outlets };
    char id[RECORD_ID_ROOM];
    bool is_new;

    return alert_open(j->db, &alert, j->now_ns, id, &is_new, err);
}

static const char *blank_unit(const struct metric_info *info, char room[32])
{
    snprintf(room, 32, "%s%.30s", *info->unit ? " " : "", info->unit);
    return room;
}

static enum ou_status hold_against_bounds(struct judging *j,
                                          const struct threshold_record *threshold,
                                          const struct threshold_rule *rule,
                                          const struct metric_info *info, struct ou_error *err)
{
    const double value = value_in(&j->series.set.runs[j->run], info);
    const size_t n = earlier_values(j, info);
    const struct interval bounds = threshold_bounds(rule, info, j->values, n);
    char says[320], from[128], unit[32];

    if (isnan(value) || !interval_known(bounds))
        return OU_OK;
    if (value >= bounds.low && value <= bounds.high)
        return alerts_back(j->db, threshold->no, j->series_no, j->run_no, j->now_ns, err);
    threshold_says(rule, n, from, sizeof from);
    snprintf(says, sizeof says, "%.80s is %.6g%s, %s %.6g%s: %s", info->name, value,
             blank_unit(info, unit), value > bounds.high ? "above" : "below",
             value > bounds.high ? bounds.high : bounds.low, unit, from);
    return open_alert(j, threshold, j->run, value, bounds, says, err);
}

/* ---- thresholds on change points ---- */

static enum ou_status tell_of_level(struct judging *j, const struct threshold_record *threshold,
                                    const struct level *level, struct ou_error *err)
{
    char says[320], unit[32], change[48] = "";

    if (!isnan(level->percent))
        snprintf(change, sizeof change, " (%+.2f %%)", level->percent);
    snprintf(says, sizeof says, "%.80s has another level since %.80s: %.6g%s after %.6g%s%s",
             level->info->name, j->series.data.runs[level->run].name, level->after,
             blank_unit(level->info, unit), level->before, unit, change);
    return open_alert(j, threshold, level->run, level->after,
                      (struct interval){ level->before, level->before }, says, err);
}

static enum ou_status hold_against_levels(struct judging *j,
                                          const struct threshold_record *threshold,
                                          const struct threshold_rule *rule,
                                          const struct metric_info *info, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < j->level_count; i++) {
        const struct level *level = &j->levels[i];

        if (level->info == info && level->is_new &&
            threshold_takes_change(rule, info, level->percent))
            status = tell_of_level(j, threshold, level, err);
    }
    return status;
}

/* ---- all thresholds ---- */

/* A threshold that another version of this program made, and this one does not understand, judges nothing. */
static enum ou_status judge_threshold(struct judging *j, const struct threshold_record *threshold,
                                      struct ou_error *err)
{
    const struct metric_info *info = metric_by_name(threshold->section, threshold->metric);
    struct threshold_rule rule;
    enum ou_status status;

    if (!info)
        return OU_OK;
    status = threshold_read(threshold->kind, threshold->parameters, info, &rule, err);
    if (status)
        return status == OU_USAGE ? OU_OK : status;
    return threshold_has_bounds(&rule) ? hold_against_bounds(j, threshold, &rule, info, err)
                                       : hold_against_levels(j, threshold, &rule, info, err);
}

static enum ou_status judge_thresholds(struct judging *j, struct ou_error *err)
{
    struct threshold_record *thresholds;
    size_t count;
    enum ou_status status =
        thresholds_of(j->db, j->series_no, &j->series.set.memory, &thresholds, &count, err);

    if (!status && count > 0) {
        j->values = calloc(j->series.data.run_count, sizeof *j->values);
        if (!j->values)
            return no_memory(err);
    }
    for (size_t i = 0; !status && i < count; i++)
        status = judge_threshold(j, &thresholds[i], err);
    return status;
}

/* ---- a run ---- */

/* *ret_series "": it is not finished, and says nothing about its series. */
static enum ou_status find_run(struct judging *j, const char *run_id,
                               char ret_series[RECORD_ID_ROOM], struct ou_error *err)
{
    struct sql_rows *rows;
    bool found = false;
    enum ou_status status = sql_query(j->db,
                                      "SELECT r.no, r.series_no, s.id, r.state FROM runs r "
                                      "JOIN series s ON s.no = r.series_no WHERE r.id = $1",
                                      SQL_ARGS(sql_text(run_id)), &rows, err);

    *ret_series = '\0';
    if (status)
        return status;
    if (sql_next(rows)) {
        const struct span id = sql_get_text(rows, 2);

        found = true;
        j->run_no = sql_get_int(rows, 0);
        j->series_no = sql_get_int(rows, 1);
        if (span_is(sql_get_text(rows, 3), "finished"))
            snprintf(ret_series, RECORD_ID_ROOM, "%.*s", (int)id.len, id.at);
    }
    status = sql_rows_end(rows, err);
    if (!status && !found)
        return ou_fail(err, OU_NOT_FOUND, "there is no run %.40s", run_id);
    return status;
}

/* A run from long ago is not among the last ones: then it changes nothing. */
static bool find_place(struct judging *j)
{
    for (j->run = 0; j->run < j->series.data.run_count; j->run++)
        if (j->series.data.runs[j->run].no == j->run_no)
            return true;
    return false;
}

static enum ou_status judge_series(struct judging *j, const char *series, struct ou_error *err)
{
    const struct series_choice choice = { .series = series, .most = JUDGED_RUNS_MAX };
    enum ou_status status = series_history_load(j->db, &choice, true, &j->series, err);

    if (status || !find_place(j))
        return status;
    status = find_levels(j, err);
    return status ? status : judge_thresholds(j, err);
}

enum ou_status judge_run(struct sql *db, const char *run_id, int64_t now_ns, struct ou_error *err)
{
    struct judging j = { .db = db, .now_ns = now_ns };
    char series[RECORD_ID_ROOM];
    enum ou_status status = find_run(&j, run_id, series, err);

    if (!status && *series)
        status = judge_series(&j, series, err);
    history_release(&j.history);
    series_history_release(&j.series);
    free(j.levels);
    free(j.values);
    return status;
}
