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
    uint64_t least, most; /* a host with slots outside is left out */
};

static uint64_t first_slot_of(const struct host_timeline *t)
{
    return t->first_bin << t->width;
}

/* That of the last bin's beginning. */
static uint64_t last_slot_of(const struct host_timeline *t)
{
    return (t->first_bin + t->bins - 1) << t->width;
}

static bool lies_in(const struct frame *f, const struct host_timeline *t)
{
    return t->bins > 0 && first_slot_of(t) >= f->least && last_slot_of(t) <= f->most;
}

static int by_slot(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Where the slots of most hosts lie, and far around. slots: room for two of each host. */
static void set_limits(struct frame *f, const struct host_timeline *hosts, uint32_t count,
                       uint64_t *slots)
{
    uint64_t *firsts = slots, *lasts = slots + count, reach;
    size_t n = 0;

    f->most = UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (hosts[i].bins == 0)
            continue;
        firsts[n] = first_slot_of(&hosts[i]);
        lasts[n++] = last_slot_of(&hosts[i]);
    }
    if (n == 0)
        return;
    qsort(firsts, n, sizeof(*firsts), by_slot);
    qsort(lasts, n, sizeof(*lasts), by_slot);
    /* of an even number the wider ones: half of the hosts are not most of them */
    reach = lasts[n / 2] - firsts[(n - 1) / 2];
    if (__builtin_mul_overflow(reach, TIMELINE_REACH_LENGTHS, &reach) ||
        __builtin_add_overflow(reach, TIMELINE_REACH_SLOTS, &reach))
        return;
    f->least = firsts[(n - 1) / 2] > reach ? firsts[(n - 1) / 2] - reach : 0;
    if (__builtin_add_overflow(lasts[n / 2], reach, &f->most))
        f->most = UINT64_MAX;
}

static void set_bins(struct frame *f, const struct host_timeline *hosts, uint32_t count)
{
    uint64_t first = UINT64_MAX, last = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct host_timeline *t = &hosts[i];

        if (!lies_in(f, t))
            continue;
        first = first_slot_of(t) < first ? first_slot_of(t) : first;
        last = last_slot_of(t) > last ? last_slot_of(t) : last;
        f->width = t->width > f->width ? t->width : f->width;
    }
    if (first > last)
        return;
    f->width = width_for(first, last, f->width);
    f->first_bin = first >> f->width;
    f->bins = (size_t)((last >> f->width) - f->first_bin + 1);
}

static enum ou_status frame_of(const struct host_timeline *hosts, uint32_t count, struct frame *ret)
{
    uint64_t *slots = calloc(2 * (size_t)count + 1, sizeof(*slots));

    *ret = (struct frame){ 0 };
    if (!slots)
        return OU_NO_MEMORY;
    set_limits(ret, hosts, count, slots);
    set_bins(ret, hosts, count);
    free(slots);
    return OU_OK;
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
        if (!lies_in(f, &hosts[h]))
            continue;
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

static enum ou_status fill(struct analysis *a, const struct frame *f,
                           const struct host_timeline *hosts)
{
    struct cluster_timeline t = { .first_slot = f->first_bin << f->width,
                                  .slots_per_bin = UINT64_C(1) << f->width,
                                  .bins = f->bins };

    t.lines =
        arena_take(&a->memory, TIMELINE_LINES * sizeof(*t.lines), _Alignof(struct cluster_line));
    if (!t.lines)
        return OU_NO_MEMORY;
    for (size_t i = 0; f->bins && i < TIMELINE_LINES; i++) {
        struct cluster_line *line = &t.lines[t.line_count];

        line->info = dictionary_find(rows[i].section, rows[i].id);
        if (!line->bins)
            line->bins =
                arena_take(&a->memory, f->bins * sizeof(*line->bins), _Alignof(struct cluster_bin));
        if (!line->bins)
            return OU_NO_MEMORY;
        t.line_count += fill_line(f, hosts, a->host_count, i, line->bins);
    }
    a->timeline = t;
    return OU_OK;
}

enum ou_status timeline_fill(struct analysis *a, const struct host_timeline *hosts,
                             struct ou_error *err)
{
    struct frame f;
    enum ou_status status = frame_of(hosts, a->host_count, &f);

    if (!status)
        status = fill(a, &f, hosts);
    return status ? ou_fail(err, status, "no memory for the timeline") : OU_OK;
}
