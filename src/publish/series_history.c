#include "publish/series_history.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "base/time.h"

/* ---- metrics by name and number ---- */

static const struct metric_info *find_metric(struct span section, const char *id)
{
    for (int i = 0; i < SECTION_COUNT; i++)
        if (span_is(section, section_name((enum metric_section)i)))
            return dictionary_find((enum metric_section)i, id);
    return NULL;
}

const struct metric_info *metric_by_name(const char *section, const char *id)
{
    return find_metric(span_of(section), id);
}

const struct metric_info *metric_by_key(const char *key)
{
    const char *slash = strchr(key, '/');

    return slash ? find_metric((struct span){ key, (size_t)(slash - key) }, slash + 1) : NULL;
}

int64_t series_history_metric_no(const struct series_history *h, const struct metric_info *info)
{
    for (size_t i = 0; i < h->name_count; i++)
        if (strcmp(h->names[i].id, info->id) == 0 &&
            strcmp(h->names[i].section, section_name(info->section)) == 0)
            return h->names[i].no;
    return 0;
}

/* What each number means; NULL for those that this program does not know. */
struct numbered_metric {
    int64_t no;
    const struct metric_info *info;
};

static const struct metric_info *metric_of(const struct numbered_metric *metrics, size_t count,
                                           int64_t no)
{
    size_t low = 0, high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (metrics[middle].no < no)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && metrics[low].no == no ? metrics[low].info : NULL;
}

static struct numbered_metric *number_metrics(struct series_history *h)
{
    struct numbered_metric *metrics =
        arena_take(&h->set.memory, (h->name_count + 1) * sizeof *metrics, alignof(max_align_t));

    for (size_t i = 0; metrics && i < h->name_count; i++)
        metrics[i] = (struct numbered_metric){ h->names[i].no, metric_by_name(h->names[i].section,
                                                                              h->names[i].id) };
    return metrics;
}

/* ---- runs ---- */

/* The id stands for checksum and tag: in a database no run is there twice. */
static bool fill_run(struct series_history *h, const struct series_run *from, bool by_series,
                     struct finished_run *run)
{
    struct run_fact *workload =
        arena_take(&h->set.memory, sizeof *workload, alignof(struct run_fact));

    if (!workload)
        return false;
    *workload = (struct run_fact){ "workload", "", by_series ? from->series : from->workload };
    *run = (struct finished_run){
        .source = RUN_FROM_ANALYSIS,
        .path = from->id,
        .operand = from->id,
        .title = from->name,
        .name = from->name,
        .tag = from->id,
        .checksum = from->id,
        .profile = from->profile,
        .node_version = from->version,
        .started_ns = from->started_ns,
        .design = { .block = -1, .position = -1 },
        .facts = workload,
        .fact_count = workload->value != NULL,
        .bound_efficiency = NAN,
    };
    return true;
}

static struct run_value value_of(const struct series_point *p, const struct metric_info *info)
{
    struct run_value v = { .info = info,
                           .kind = RUN_VALUE_NUMBER,
                           .mean = p->mean,
                           .n = p->n,
                           .median = NAN,
                           .sd = p->sd,
                           .min = NAN,
                           .max = NAN };

    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        v.quantiles[i] = NAN;
    return v;
}

/* Points stand by run: those of a run are a stretch of them. */
static bool fill_values(struct series_history *h, const struct numbered_metric *metrics)
{
    size_t next = 0;

    for (size_t i = 0; i < h->set.count; i++) {
        struct finished_run *run = &h->set.runs[i];
        size_t first = next;

        while (next < h->data.point_count && h->data.points[next].run == i)
            next++;
        run->values = arena_take(&h->set.memory, (next - first + 1) * sizeof *run->values,
                                 alignof(struct run_value));
        if (!run->values)
            return false;
        for (size_t k = first; k < next; k++) {
            const struct series_point *p = &h->data.points[k];
            const struct metric_info *info = metric_of(metrics, h->name_count, p->metric_no);

            if (info)
                run->values[run->value_count++] = value_of(p, info);
        }
    }
    return true;
}

static bool fill(struct series_history *h, bool by_series)
{
    const size_t count = h->data.run_count;
    const struct numbered_metric *metrics = number_metrics(h);

    h->set.runs =
        arena_take(&h->set.memory, (count + 1) * sizeof *h->set.runs, alignof(struct finished_run));
    if (!metrics || !h->set.runs)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!fill_run(h, &h->data.runs[i], by_series, &h->set.runs[i]))
            return false;
    h->set.count = h->set.room = count;
    return fill_values(h, metrics);
}

enum ou_status series_history_load(struct sql *db, const struct series_choice *choice,
                                   bool by_series, struct series_history *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct series_history){ 0 };
    run_set_init(&ret->set);
    status = series_points(db, choice, &ret->set.memory, &ret->data, err);
    if (!status)
        status = metric_names(db, &ret->set.memory, &ret->names, &ret->name_count, err);
    if (!status && !fill(ret, by_series))
        status = ou_fail(err, OU_TOO_LARGE, "the numbers of so many runs take too much memory");
    return status;
}

void series_history_release(struct series_history *h)
{
    run_set_release(&h->set);
    *h = (struct series_history){ 0 };
}

const struct series_run *series_history_run(const struct series_history *h,
                                            const struct finished_run *run)
{
    return &h->data.runs[run - h->set.runs];
}
