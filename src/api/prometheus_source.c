#include "api/prometheus_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "store/keep.h"

enum {
    NARROW_SERIES = 32, /* so many are read one by one, by the index of their runs */
    NARROW_METRICS = 8, /* so many are looked for one by one where only names are wanted */
};

/* --- Names ------------------------------------------------------------------------------------ */

static const char *const label_names[RESULTS_LABELS] = {
    [LABEL_METRIC] = QUERY_NAME_LABEL,
    [LABEL_BACKEND] = "backend",
    [LABEL_COMMIT] = "commit",
    [LABEL_ENVIRONMENT] = "environment",
    [LABEL_ERA] = "era",
    [LABEL_MACHINE] = "machine",
    [LABEL_RUN_NAME] = "name",
    [LABEL_PROFILE] = "profile",
    [LABEL_PROJECT] = "project",
    [LABEL_RUN] = "run",
    [LABEL_SERIES] = "series",
    [LABEL_STAT] = "stat",
    [LABEL_VERSION] = "version",
    [LABEL_WORKLOAD] = "workload",
};

const char *results_label_name(enum results_label label)
{
    return label_names[label];
}

void results_metric_name(const char *section, const char *id, char ret[RESULTS_NAME_ROOM])
{
    snprintf(ret, RESULTS_NAME_ROOM, "ouroscope_%s_%s", section, id);
    for (char *c = ret; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
}

/* The numbers of a summary. */
enum stat {
    STAT_N,
    STAT_MEAN,
    STAT_MEDIAN,
    STAT_SD,
    STAT_MIN,
    STAT_MAX,
    STAT_QUANTILES,
    STATS = 11
};

static const struct {
    const char *name;
    double quantile;
} stats[STATS] = {
    [STAT_N] = { "n", 0 },
    [STAT_MEAN] = { "mean", 0 },
    [STAT_MEDIAN] = { "median", 0 },
    [STAT_SD] = { "sd", 0 },
    [STAT_MIN] = { "min", 0 },
    [STAT_MAX] = { "max", 0 },
    [STAT_QUANTILES] = { "p05", .05 },
    { "p10", .1 },
    { "p90", .9 },
    { "p95", .95 },
    { "p99", .99 },
};

static double quantile_of(struct span quantiles, double q)
{
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        if (standard_quantiles[i] == q)
            return measured_quantile(quantiles, i);
    return NAN;
}

static double stat_of(const struct measured_row *row, size_t stat)
{
    switch (stat) {
    case STAT_N: return row->n;
    case STAT_MEAN: return row->mean;
    case STAT_MEDIAN: return row->median;
    case STAT_SD: return row->sd;
    case STAT_MIN: return row->low;
    case STAT_MAX: return row->high;
    default: return quantile_of(row->quantiles, stats[stat].quantile);
    }
}

/* --- Offers ----------------------------------------------------------------------------------- */

bool results_failed(struct results_state *s, struct query_search *search, enum ou_status status,
                    const struct ou_error *err)
{
    if (s->status == OU_OK) {
        s->status = status;
        s->err = *err;
    }
    if (status == OU_TOO_LARGE)
        return query_search_fail(search, QUERY_EXECUTION, "%s", err->text);
    return query_search_fail(search, QUERY_UNAVAILABLE, "the database cannot be read now");
}

static bool no_memory(struct query_search *search)
{
    return query_search_fail(search, QUERY_EXECUTION, "the query takes too much memory");
}

bool results_offer(struct results_state *s, struct query_search *search,
                   const struct results_labels *labels, const struct query_point *points,
                   size_t count)
{
    struct query_label at[RESULTS_LABELS];
    size_t label_count = 0;
    struct results_points *room =
        keep_room(query_search_memory(search), s->points, s->count, sizeof *room);

    if (!room)
        return no_memory(search);
    for (size_t i = 0; i < RESULTS_LABELS; i++)
        if (labels->at[i] && *labels->at[i])
            at[label_count++] = (struct query_label){ label_names[i], labels->at[i] };
    s->points = room;
    room[s->count] = (struct results_points){ points, count };
    return query_offer(search, (struct query_labels){ at, label_count }, s->count++);
}

/* --- What a search may want --------------------------------------------------------------------- */

struct wanted_metric {
    int64_t no;
    const char *name, *by_run_name; /* NULL: it is not wanted so */
};

struct looking {
    const struct results_source *source;
    struct results_state *state;
    struct query_search *search;
    struct arena *memory;
    struct measured_series *series; /* those that may be wanted, by number */
    size_t series_count;
    struct wanted_metric *metrics; /* likewise */
    size_t metric_count;
    bool stats[STATS];
    int64_t from_ns, to_ns;
};

static bool may(struct looking *l, enum results_label label, const char *value)
{
    return query_search_may(l->search, label_names[label], value ? value : "");
}

static bool may_series(struct looking *l, const struct measured_series *s)
{
    return (!*l->source->project || strcmp(l->source->project, s->project) == 0) &&
           may(l, LABEL_SERIES, s->id) && may(l, LABEL_PROJECT, s->project) &&
           may(l, LABEL_PROFILE, s->profile) && may(l, LABEL_ENVIRONMENT, s->environment) &&
           may(l, LABEL_WORKLOAD, s->workload) && may(l, LABEL_ERA, s->era) &&
           may(l, LABEL_BACKEND, s->backend) && may(l, LABEL_MACHINE, s->machine);
}

static bool find_series(struct looking *l)
{
    struct ou_error err = { 0 };
    struct measured_series *all;
    size_t count;
    enum ou_status status =
        measured_series(l->source->db, RESULTS_SERIES_MAX, l->memory, &all, &count, &err);

    if (status)
        return results_failed(l->state, l->search, status, &err);
    l->series = all;
    for (size_t i = 0; i < count; i++)
        if (may_series(l, &all[i]))
            all[l->series_count++] = all[i];
    return query_search_work(l->search, count);
}

static const char *keep_name(struct looking *l, const char *name)
{
    return may(l, LABEL_METRIC, name) ? arena_copy(l->memory, name, strlen(name)) : NULL;
}

/* Of two metrics whose names are the same but for signs, the one that was there first has the name. */
static bool is_taken(const struct looking *l, const char *name)
{
    for (size_t i = 0; i < l->metric_count; i++)
        if (l->metrics[i].name && strcmp(l->metrics[i].name, name) == 0)
            return true;
    return false;
}

static bool add_metric(struct looking *l, const struct measured_metric *m)
{
    char name[RESULTS_NAME_ROOM], by_run[RESULTS_NAME_ROOM + sizeof RESULTS_BY_RUN];
    struct wanted_metric *room, wanted = { .no = m->no };

    results_metric_name(m->section, m->id, name);
    snprintf(by_run, sizeof by_run, "%s%s", name, RESULTS_BY_RUN);
    if (is_taken(l, name))
        return true;
    wanted.name = keep_name(l, name);
    wanted.by_run_name = keep_name(l, by_run);
    if (!wanted.name && !wanted.by_run_name)
        return true;
    room = keep_room(l->memory, l->metrics, l->metric_count, sizeof *room);
    if (!room)
        return no_memory(l->search);
    l->metrics = room;
    room[l->metric_count++] = wanted;
    return true;
}

static bool find_metrics(struct looking *l)
{
    struct ou_error err = { 0 };
    struct measured_metric *all;
    size_t count;
    enum ou_status status = measured_metrics(l->source->db, l->memory, &all, &count, &err);

    if (status)
        return results_failed(l->state, l->search, status, &err);
    for (size_t i = 0; i < count; i++)
        if (!add_metric(l, &all[i]))
            return false;
    for (size_t i = 0; i < STATS; i++)
        l->stats[i] = may(l, LABEL_STAT, stats[i].name);
    return query_search_work(l->search, count);
}

static int by_no(const void *no, const void *element)
{
    const int64_t a = *(const int64_t *)no, b = *(const int64_t *)element;

    return (a > b) - (a < b);
}

/* Numbers are the first member of both. */
static const struct measured_series *series_of(const struct looking *l, int64_t no)
{
    return l->series_count ? bsearch(&no, l->series, l->series_count, sizeof *l->series, by_no)
                           : NULL;
}

static const struct wanted_metric *metric_of(const struct looking *l, int64_t no)
{
    return l->metric_count ? bsearch(&no, l->metrics, l->metric_count, sizeof *l->metrics, by_no)
                           : NULL;
}

static struct results_labels labels_of(const struct measured_series *s)
{
    return (struct results_labels){ .at = {
                                        [LABEL_BACKEND] = s->backend,
                                        [LABEL_ENVIRONMENT] = s->environment,
                                        [LABEL_ERA] = s->era,
                                        [LABEL_MACHINE] = s->machine,
                                        [LABEL_PROFILE] = s->profile,
                                        [LABEL_PROJECT] = s->project,
                                        [LABEL_SERIES] = s->id,
                                        [LABEL_WORKLOAD] = s->workload,
                                    } };
}

static int64_t ms_of(int64_t ns)
{
    return ns >= 0 ? ns / 1000000 : -((-ns + 999999) / 1000000);
}

static struct query_point *one_point(struct looking *l, int64_t at_ms, double value)
{
    struct query_point *point = arena_take(l->memory, sizeof *point, _Alignof(struct query_point));

    if (point)
        *point = (struct query_point){ at_ms, value };
    else
        no_memory(l->search);
    return point;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* The values of one metric of one series of runs, as they come. */
struct cell {
    const struct measured_series *series;
    const struct wanted_metric *metric;
    struct query_point *points[STATS];
    size_t counts[STATS];
};

struct reading {
    struct looking *look;
    struct cell cell;
    bool failed;
};

static bool add_point(struct looking *l, struct cell *cell, size_t stat, int64_t at_ms,
                      double value)
{
    size_t count = cell->counts[stat];
    struct query_point *room;

    if (count > 0 && cell->points[stat][count - 1].at_ms == at_ms)
        count--; /* of two runs in one millisecond the later one counts */
    room = keep_room(l->memory, cell->points[stat], count, sizeof *room);
    if (!room)
        return no_memory(l->search);
    room[count] = (struct query_point){ at_ms, value };
    cell->points[stat] = room;
    cell->counts[stat] = count + 1;
    return true;
}

static bool offer_cell(struct looking *l, const struct cell *cell)
{
    struct results_labels labels;

    if (!cell->series || !cell->metric->name)
        return true;
    labels = labels_of(cell->series);
    labels.at[LABEL_METRIC] = cell->metric->name;
    for (size_t i = 0; i < STATS; i++) {
        labels.at[LABEL_STAT] = stats[i].name;
        if (cell->counts[i] > 0 &&
            !results_offer(l->state, l->search, &labels, cell->points[i], cell->counts[i]))
            return false;
    }
    return true;
}

/* A series of its own for each number of a run. */
static bool offer_run(struct looking *l, const struct cell *cell, const struct measured_row *row)
{
    struct results_labels labels = labels_of(cell->series);
    int64_t at_ms = ms_of(row->at_ns);

    labels.at[LABEL_METRIC] = cell->metric->by_run_name;
    labels.at[LABEL_RUN] = keep_text(l->memory, row->run);
    labels.at[LABEL_RUN_NAME] = keep_text(l->memory, row->name);
    labels.at[LABEL_VERSION] = keep_text(l->memory, row->version);
    for (size_t i = 0; i < STATS; i++) {
        double value = stat_of(row, i);
        const struct query_point *point;

        if (!l->stats[i] || isnan(value))
            continue;
        labels.at[LABEL_STAT] = stats[i].name;
        point = one_point(l, at_ms, value);
        if (!point || !results_offer(l->state, l->search, &labels, point, 1))
            return false;
    }
    return true;
}

static bool take_value(struct reading *r, const struct measured_row *row)
{
    struct looking *l = r->look;
    struct cell *cell = &r->cell;

    for (size_t i = 0; cell->metric->name && i < STATS; i++) {
        double value = l->stats[i] ? stat_of(row, i) : NAN;

        if (!isnan(value) && !add_point(l, cell, i, ms_of(row->at_ns), value))
            return false;
    }
    return !cell->metric->by_run_name || offer_run(l, cell, row);
}

/* Rows of one cell stand behind one another. */
static bool take_row(void *context, const struct measured_row *row)
{
    struct reading *r = context;
    const struct measured_series *series = series_of(r->look, row->series_no);
    const struct wanted_metric *metric = metric_of(r->look, row->metric_no);

    r->failed = !query_search_work(r->look->search, 1);
    if (r->failed || !series || !metric)
        return !r->failed;
    if (series != r->cell.series || metric != r->cell.metric) {
        r->failed = !offer_cell(r->look, &r->cell);
        r->cell = (struct cell){ .series = series, .metric = metric };
    }
    r->failed = r->failed || !take_value(r, row);
    return !r->failed;
}

static bool read_values(struct looking *l, int64_t series_no, int64_t metric_no)
{
    const struct measured_choice choice = { series_no, metric_no, l->from_ns, l->to_ns,
                                            RESULTS_ROWS_MAX };
    struct reading r = { .look = l };
    struct ou_error err = { 0 };
    bool is_cut;
    enum ou_status status = measured_values(l->source->db, &choice, take_row, &r, &is_cut, &err);

    if (status)
        return results_failed(l->state, l->search, status, &err);
    if (is_cut)
        return query_search_fail(l->search, QUERY_EXECUTION,
                                 "the query would read more than %d values of runs: select fewer "
                                 "metrics or series, or a shorter time",
                                 RESULTS_ROWS_MAX);
    return !r.failed && offer_cell(l, &r.cell);
}

/* Few series are read by the index of their runs, else each metric by the index of its values. */
static bool select_values(struct looking *l)
{
    int64_t only = l->metric_count == 1 ? l->metrics[0].no : 0;

    if (l->series_count <= NARROW_SERIES) {
        for (size_t i = 0; l->metric_count && i < l->series_count; i++)
            if (!read_values(l, l->series[i].no, only))
                return false;
        return true;
    }
    for (size_t i = 0; i < l->metric_count; i++)
        if (!read_values(l, 0, l->metrics[i].no))
            return false;
    return true;
}

/* --- Names without values ----------------------------------------------------------------------- */

/* A series of runs, or a metric, whose counterparts are asked for. */
struct naming {
    struct looking *look;
    const struct measured_series *series;
    const struct wanted_metric *metric;
    bool failed;
};

static bool offer_names(struct naming *n)
{
    struct results_labels labels;

    if (!n->series || !n->metric || !n->metric->name)
        return true;
    labels = labels_of(n->series);
    labels.at[LABEL_METRIC] = n->metric->name;
    for (size_t i = 0; i < STATS && !n->failed; i++) {
        labels.at[LABEL_STAT] = stats[i].name;
        n->failed =
            n->look->stats[i] && !results_offer(n->look->state, n->look->search, &labels, NULL, 0);
    }
    return !n->failed;
}

static bool name_series(void *context, int64_t series_no)
{
    struct naming *n = context;

    n->series = series_of(n->look, series_no);
    return offer_names(n);
}

static bool name_metric(void *context, int64_t metric_no)
{
    struct naming *n = context;

    n->metric = metric_of(n->look, metric_no);
    return offer_names(n);
}

static bool select_names_of_metric(struct looking *l, const struct wanted_metric *metric)
{
    struct naming n = { .look = l, .metric = metric };
    struct ou_error err = { 0 };
    enum ou_status status =
        measured_series_of(l->source->db, metric->no, l->from_ns, l->to_ns, name_series, &n, &err);

    return status ? results_failed(l->state, l->search, status, &err) : !n.failed;
}

static bool select_names_of_series(struct looking *l, const struct measured_series *series)
{
    struct naming n = { .look = l, .series = series };
    struct ou_error err = { 0 };
    enum ou_status status =
        measured_metrics_of(l->source->db, series->no, l->from_ns, l->to_ns, name_metric, &n, &err);

    return status ? results_failed(l->state, l->search, status, &err)
                  : !n.failed && query_search_work(l->search, 1);
}

static bool wants_runs_only(const struct looking *l)
{
    for (size_t i = 0; i < l->metric_count; i++)
        if (l->metrics[i].name)
            return false;
    return l->metric_count <= NARROW_METRICS;
}

/* All values of all runs would be too much only to say what they are called. */
static bool select_names(struct looking *l)
{
    if (wants_runs_only(l))
        return select_values(l);
    if (l->metric_count <= NARROW_METRICS) {
        for (size_t i = 0; i < l->metric_count; i++)
            if (!select_names_of_metric(l, &l->metrics[i]))
                return false;
        return true;
    }
    for (size_t i = 0; i < l->series_count; i++)
        if (!select_names_of_series(l, &l->series[i]))
            return false;
    return true;
}

/* --- Runs ------------------------------------------------------------------------------------- */

/* The run that was read last: it ends where the next one of its series begins. */
struct run_reading {
    struct looking *look;
    const struct measured_series *series;
    struct results_labels labels;
    int64_t at_ms;
    bool failed;
};

static bool offer_info(struct run_reading *r, const int64_t *ends_ms)
{
    struct looking *l = r->look;
    struct query_point *points;

    if (!r->series || (ends_ms && *ends_ms <= r->at_ms))
        return true;
    points = arena_take(l->memory, 2 * sizeof *points, _Alignof(struct query_point));
    if (!points)
        return no_memory(l->search);
    points[0] = (struct query_point){ r->at_ms, 1 };
    points[1] = (struct query_point){ ends_ms ? *ends_ms : 0, query_stale() };
    return results_offer(l->state, l->search, &r->labels, points, ends_ms ? 2 : 1);
}

static bool take_run(void *context, const struct measured_run *run)
{
    struct run_reading *r = context;
    struct arena *memory = r->look->memory;
    const struct measured_series *series = series_of(r->look, run->series_no);
    int64_t at_ms = ms_of(run->at_ns);

    r->failed = !query_search_work(r->look->search, 1);
    if (r->failed || !series)
        return !r->failed;
    r->failed = !offer_info(r, series == r->series ? &at_ms : NULL);
    r->series = series;
    r->at_ms = at_ms;
    r->labels = labels_of(series);
    r->labels.at[LABEL_METRIC] = RESULTS_INFO;
    r->labels.at[LABEL_RUN] = keep_text(memory, run->id);
    r->labels.at[LABEL_RUN_NAME] = keep_text(memory, run->name);
    r->labels.at[LABEL_VERSION] = keep_text(memory, run->version);
    r->labels.at[LABEL_COMMIT] = keep_text(memory, run->commit);
    return !r->failed;
}

static bool select_runs(struct looking *l)
{
    struct run_reading r = { .look = l };
    struct ou_error err = { 0 };
    bool is_cut;
    enum ou_status status = measured_runs(l->source->db, l->from_ns, l->to_ns, RESULTS_ROWS_MAX,
                                          take_run, &r, &is_cut, &err);

    if (status)
        return results_failed(l->state, l->search, status, &err);
    if (is_cut)
        return query_search_fail(l->search, QUERY_EXECUTION,
                                 "the query would read more than %d runs", RESULTS_ROWS_MAX);
    return !r.failed && offer_info(&r, NULL);
}

/* --- The source --------------------------------------------------------------------------------- */

int64_t results_ns(int64_t ms)
{
    int64_t ns;

    return __builtin_mul_overflow(ms, 1000000, &ns) ? (ms < 0 ? INT64_MIN : INT64_MAX) : ns;
}

static bool select_results(const struct query_source *base, struct query_search *search)
{
    const struct results_source *source = (const struct results_source *)base;
    struct looking l = { .source = source,
                         .state = source->state,
                         .search = search,
                         .memory = query_search_memory(search),
                         .from_ns = results_ns(query_search_from_ms(search)),
                         .to_ns = results_ns(query_search_to_ms(search)) };

    if (!results_live(source, search) || !find_metrics(&l))
        return false;
    if (l.metric_count == 0 && !may(&l, LABEL_METRIC, RESULTS_INFO))
        return true;
    if (!find_series(&l) || (may(&l, LABEL_METRIC, RESULTS_INFO) && !select_runs(&l)))
        return false;
    return query_search_wants_samples(search) ? select_values(&l) : select_names(&l);
}

static size_t first_from(const struct results_points *p, int64_t from_ms)
{
    size_t low = 0, high = p->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->at[middle].at_ms < from_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void walk(const struct query_source *base, size_t series, int64_t from_ms, int64_t to_ms,
                 bool (*each)(void *context, int64_t at_ms, double value), void *context)
{
    const struct results_points *p = &((const struct results_source *)base)->state->points[series];

    for (size_t i = first_from(p, from_ms); i < p->count && p->at[i].at_ms <= to_ms; i++)
        if (!each(context, p->at[i].at_ms, p->at[i].value))
            return;
}

const struct query_source *results_source(struct results_source *ret, struct results_state *state,
                                          struct sql *db, const char *project)
{
    *state = (struct results_state){ 0 };
    *ret = (struct results_source){
        .base = { .select = select_results,
                  .walk = walk,
                  .lookback_ms = RESULTS_LOOKBACK_MS,
                  .timeout_ns = RESULTS_TIMEOUT_NS,
                  .offers_present = true },
        .db = db,
        .project = project,
        .state = state,
    };
    return &ret->base;
}
