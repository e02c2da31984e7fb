#include "analyse/timeline.h"

#include <math.h>
#include <stdlib.h>

static double resource(const struct slot_record *r, int which)
{
    return r->resources[which];
}

static double utxo(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->utxo_size < 0 ? NAN : (double)r->utxo_size;
}

static double mempool(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->mempool_txs < 0 ? NAN : (double)r->mempool_txs;
}

static const struct {
    enum metric_section section;
    const char *id;
    double (*of_slot)(const struct slot_record *, int which); /* NaN: not known */
    int which;
} rows[TIMELINE_LINES] = {
    { SECTION_MACHPERF, "CentiCpu", resource, RESOURCE_CENTI_CPU },
    { SECTION_MACHPERF, "CentiGC", resource, RESOURCE_CENTI_GC },
    { SECTION_MACHPERF, "CentiMut", resource, RESOURCE_CENTI_MUT },
    { SECTION_MACHPERF, "GcsMajor", resource, RESOURCE_GCS_MAJOR },
    { SECTION_MACHPERF, "GcsMinor", resource, RESOURCE_GCS_MINOR },
    { SECTION_MACHPERF, "RSS", resource, RESOURCE_RSS },
    { SECTION_MACHPERF, "Heap", resource, RESOURCE_HEAP },
    { SECTION_MACHPERF, "Live", resource, RESOURCE_LIVE },
    { SECTION_MACHPERF, "Alloc", resource, RESOURCE_ALLOC },
    { SECTION_MACHPERF_JSON, "cdfUtxo", utxo, 0 },
    { SECTION_SLOT_TIMELINE, "mempoolTxs", mempool, 0 },
};

/* --- One host ------------------------------------------------------------ */

/* The least width, from `width` on, at which the slots need no more bins than there may be. */
static unsigned width_for(uint64_t first_slot, uint64_t last_slot, unsigned width)
{
    while ((last_slot >> width) - (first_slot >> width) >= TIMELINE_BINS_MAX)
        width++;
    return width;
}

static void add_record(struct host_timeline *t, const struct slot_record *r)
{
    struct timeline_sum *bin = &t->sums[((r->slot >> t->width) - t->first_bin) * TIMELINE_LINES];

    for (size_t i = 0; i < TIMELINE_LINES; i++) {
        double value = rows[i].of_slot(r, rows[i].which);

        if (isnan(value))
            continue;
        bin[i].sum += value;
        bin[i].n++;
    }
}

enum ou_status host_timeline_of(const struct slot_fold *fold, struct host_timeline *ret)
{
    struct host_timeline t = { 0 };
    uint64_t first, last;

    if (fold->count > 0) {
        first = fold->records[0].slot;
        last = fold->records[fold->count - 1].slot;
        t.width = width_for(first, last, 0);
        t.first_bin = first >> t.width;
        t.bins = (size_t)((last >> t.width) - t.first_bin + 1);
        t.sums = calloc(t.bins * TIMELINE_LINES, sizeof(*t.sums));
        if (!t.sums)
            return OU_NO_MEMORY;
    }
    for (size_t i = 0; i < fold->count; i++)
        add_record(&t, &fold->records[i]);
    *ret = t;
    return OU_OK;
}

void host_timeline_release(struct host_timeline *t)
{
    free(t->sums);
    *t = (struct host_timeline){ 0 };
}

/* --- All hosts ----------------------------------------------------------- */

/* The bins of the whole cluster. */
struct frame {
    uint64_t first_bin;
    unsigned width;
    size_t bins;
};

static struct frame frame_of(const struct host_timeline *hosts, uint32_t count)
{
    uint64_t first = UINT64_MAX, last = 0;
    struct frame f = { 0 };

    for (uint32_t i = 0; i < count; i++) {
        const struct host_timeline *t = &hosts[i];
        uint64_t begin = t->first_bin << t->width;
        uint64_t end = (t->first_bin + t->bins - 1) << t->width; /* the last bin's first slot */

        if (t->bins == 0)
            continue;
        first = begin < first ? begin : first;
        last = end > last ? end : last;
        f.width = t->width > f.width ? t->width : f.width;
    }
    if (first > last)
        return f;
    f.width = width_for(first, last, f.width);
    f.first_bin = first >> f.width;
    f.bins = (size_t)((last >> f.width) - f.first_bin + 1);
    return f;
}

/* One line of a host in the bins of the frame. */
static void lay_over(const struct frame *f, const struct host_timeline *t, size_t line,
                     struct timeline_sum sums[TIMELINE_BINS_MAX])
{
    memset(sums, 0, f->bins * sizeof(*sums));
    for (size_t i = 0; i < t->bins; i++) {
        const struct timeline_sum *from = &t->sums[i * TIMELINE_LINES + line];
        uint64_t bin = ((t->first_bin + i) >> (f->width - t->width)) - f->first_bin;

        sums[bin].sum += from->sum;
        sums[bin].n += from->n;
    }
}

/* Fills the bins of one line; returns whether any host had something to say. */
static bool fill_line(const struct frame *f, const struct host_timeline *hosts, uint32_t count,
                      size_t line, struct cluster_bin *bins)
{
    struct timeline_sum sums[TIMELINE_BINS_MAX];
    uint32_t known[TIMELINE_BINS_MAX] = { 0 };
    bool any = false;

    for (size_t i = 0; i < f->bins; i++)
        bins[i] = (struct cluster_bin){ 0, INFINITY, -INFINITY };
    for (uint32_t h = 0; h < count; h++) {
        lay_over(f, &hosts[h], line, sums);
        for (size_t i = 0; i < f->bins; i++) {
            double mean = sums[i].sum / (double)sums[i].n;

            if (sums[i].n == 0)
                continue;
            bins[i].mean += mean;
            bins[i].min = fmin(bins[i].min, mean);
            bins[i].max = fmax(bins[i].max, mean);
            known[i]++;
        }
    }
    for (size_t i = 0; i < f->bins; i++) {
        any |= known[i] > 0;
        if (known[i])
            bins[i].mean /= known[i];
        else
            bins[i] = (struct cluster_bin){ NAN, NAN, NAN };
    }
    return any;
}

enum ou_status timeline_fill(struct analysis *a, const struct host_timeline *hosts,
                             struct ou_error *err)
{
    struct frame f = frame_of(hosts, a->host_count);
    struct cluster_timeline t = { .first_slot = f.first_bin << f.width,
                                  .slots_per_bin = UINT64_C(1) << f.width,
                                  .bins = f.bins };

    t.lines =
        arena_take(&a->memory, TIMELINE_LINES * sizeof(*t.lines), _Alignof(struct cluster_line));
    for (size_t i = 0; t.lines && f.bins && i < TIMELINE_LINES; i++) {
        struct cluster_line *line = &t.lines[t.line_count];

        line->info = dictionary_find(rows[i].section, rows[i].id);
        if (!line->bins)
            line->bins =
                arena_take(&a->memory, f.bins * sizeof(*line->bins), _Alignof(struct cluster_bin));
        if (!line->bins)
            return ou_fail(err, OU_NO_MEMORY, "no memory for the timeline");
        t.line_count += fill_line(&f, hosts, a->host_count, i, line->bins);
    }
    if (!t.lines)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the timeline");
    a->timeline = t;
    return OU_OK;
}
