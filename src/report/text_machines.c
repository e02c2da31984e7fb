/* What the machines did, and whether the run was a fair one. */
#include "report/text_sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/numbers.h"
#include "study/stands_apart.h"

enum { APART_HOSTS_MAX = 8 };

struct host_means {
    double *at;     /* by host, NaN where it has none; owned */
    double *sorted; /* those that are; owned */
    size_t count;
};

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static bool host_means_of(const struct analysis *a, const struct metric_result *m,
                          struct host_means *ret)
{
    *ret = (struct host_means){ .at = calloc(a->host_count + 1, sizeof(double)),
                                .sorted = calloc(a->host_count + 1, sizeof(double)) };
    if (!ret->at || !ret->sorted)
        return false;
    for (uint32_t i = 0; i < a->host_count; i++) {
        ret->at[i] = m->per_host[i].n > 0 ? m->per_host[i].mean : NAN;
        if (isfinite(ret->at[i]))
            ret->sorted[ret->count++] = ret->at[i];
    }
    qsort(ret->sorted, ret->count, sizeof *ret->sorted, by_value);
    return true;
}

static void host_means_release(struct host_means *means)
{
    free(means->at);
    free(means->sorted);
}

/* Seconds are shown as milliseconds; everything else in its own unit. */
static double scale_of(const struct metric_info *info)
{
    return strcmp(info->unit, "s") == 0 ? 1000 : 1;
}

static const char *unit_of(const struct metric_info *info)
{
    return strcmp(info->unit, "s") == 0 ? "ms" : info->unit;
}

static int decimals_of(const struct metric_info *info)
{
    return strcmp(info->unit, "s") == 0 ? 2 : info->precision;
}

static void resource_row(struct page *p, struct text_table *t, const struct analysis *a,
                         const struct metric_result *m)
{
    int decimals = decimals_of(m->info);
    bool known = metric_has_samples(m);
    double scale = known ? scale_of(m->info) : NAN;
    struct host_means means = { 0 };

    if (known && m->per_host && !host_means_of(a, m, &means) && p->out->status == OU_OK)
        p->out->status = OU_NO_MEMORY;
    text_cell_foreign(t, m->info->name, 32);
    text_cell_own(t, unit_of(m->info));
    text_cell_number(t, m->over.mean * scale, decimals);
    text_cell_number(t, means.count > 0 ? means.sorted[0] * scale : NAN, decimals);
    text_cell_number(t, means.count > 0 ? means.sorted[means.count - 1] * scale : NAN, decimals);
    text_cell_number(t, m->over.quantiles[QUANTILE_95] * scale, decimals);
    host_means_release(&means);
}

static double middle_of(const struct host_means *means)
{
    size_t half = means->count / 2;

    return means->count % 2 ? means->sorted[half]
                            : (means->sorted[half - 1] + means->sorted[half]) / 2;
}

/* "CPU 95.0 % (the middle host 10.5)". */
static void apart_words(struct buffer *words, const struct metric_info *info,
                        const struct host_means *means, uint32_t host)
{
    char mean[NUMBER_ROOM + 1], middle[NUMBER_ROOM + 1];
    int decimals = decimals_of(info) + 1; /* so that the difference shows */
    bool bare = strcmp(info->unit, "#") == 0 || strcmp(info->unit, "ratio") == 0;

    *put_fixed(mean, means->at[host] * scale_of(info), decimals) = '\0';
    *put_fixed(middle, middle_of(means) * scale_of(info), decimals) = '\0';
    if (strcmp(mean, middle) == 0)
        return; /* "0.000 ms (the middle host 0.000)" tells nobody anything */
    buffer_printf(words, "%s%s %s%s%s (the middle host %s)", words->len > 0 ? ", " : "", info->name,
                  mean, bare ? "" : " ", bare ? "" : unit_of(info), middle);
}

/* What all metrics say of one host; nothing where it is like the others. */
static void collect_apart(const struct metric_list *metrics, const struct host_means *means,
                          uint32_t host, struct buffer *words)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_info *info = metrics->at[i].info;

        if (means[i].count > 0 &&
            stands_apart(info, means[i].at[host], means[i].sorted, means[i].count, NULL))
            apart_words(words, info, &means[i], host);
    }
}

static size_t name_hosts_apart(struct page *p, const struct analysis *a,
                               const struct metric_list *metrics, const struct host_means *means)
{
    size_t told = 0;

    for (uint32_t host = 0; host < a->host_count; host++) {
        struct buffer words;

        buffer_init(&words, allocator_libc(), 1 << 16);
        collect_apart(metrics, means, host, &words);
        if (words.len > 0 && told++ < APART_HOSTS_MAX) {
            if (told == 1)
                page_line(p);
            page_paragraphf(p, "%s stands apart: %s.", a->hosts[host].name, words.at);
        }
        buffer_inherit(p->out, &words);
        buffer_release(&words);
    }
    return told;
}

static void hosts_apart(struct page *p, const struct analysis *a, const struct metric_list *metrics)
{
    struct host_means *means = calloc(metrics->count + 1, sizeof *means);
    bool complete = means;
    size_t told;

    for (size_t i = 0; complete && i < metrics->count; i++) {
        const struct metric_result *m = &metrics->at[i];

        if (metric_has_samples(m) && m->per_host)
            complete = host_means_of(a, m, &means[i]);
    }
    if (complete) {
        told = name_hosts_apart(p, a, metrics, means);
        if (told > APART_HOSTS_MAX)
            page_paragraphf(p, "%zu more hosts stand apart.", told - APART_HOSTS_MAX);
    } else if (p->out->status == OU_OK) {
        p->out->status = OU_NO_MEMORY;
    }
    for (size_t i = 0; means && i < metrics->count; i++)
        host_means_release(&means[i]);
    free(means);
}

void text_resources(struct page *p, const struct analysis *a)
{
    static const struct text_column columns[] = { { "", false },    { "unit", false },
                                                  { "mean", true }, { "least", true },
                                                  { "most", true }, { "p95", true } };
    struct metric_list metrics = metrics_of(a, SECTION_MACHPERF);
    struct text_table t;

    page_heading(p, section_title(SECTION_MACHPERF));
    if (!any_samples(&metrics)) {
        nothing_measured(p, &metrics);
        return;
    }
    page_paragraphf(
        p,
        "Slot by slot on %u %s: the mean over hosts, the least and the most that any host has as "
        "its own mean, and the 95th percentile of a host's slots.",
        a->host_count, a->host_count == 1 ? "host" : "hosts");
    page_line(p);
    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < metrics.count; i++)
        resource_row(p, &t, a, &metrics.at[i]);
    text_table_draw(p, &t, NULL, NULL);
    text_table_release(&t);
    hosts_apart(p, a, &metrics);
    absent_notes_below(p, &metrics);
}

void text_values(struct page *p, const struct analysis *a, enum metric_section section)
{
    static const struct text_column columns[] = {
        { "", false },   { "unit", false }, { "mean", true }, { "median", true },
        { "min", true }, { "max", true },   { "n", true },
    };
    struct metric_list metrics = metrics_of(a, section);
    struct text_table t;

    if (metrics.count == 0)
        return;
    page_heading(p, section_title(section));
    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < metrics.count; i++) {
        const struct metric_result *m = &metrics.at[i];
        double known = metric_has_samples(m) ? 1 : NAN;

        text_cell_foreign(&t, m->info->name, 32);
        text_cell_own(&t, m->info->unit);
        text_cell_number(&t, m->over.mean * known, m->info->precision);
        text_cell_number(&t, m->over.median * known, m->info->precision);
        text_cell_number(&t, m->over.min * known, m->info->precision);
        text_cell_number(&t, m->over.max * known, m->info->precision);
        text_cell_count(&t, metric_has_samples(m) ? m->over.n : 0);
    }
    text_table_draw(p, &t, NULL, NULL);
    text_table_release(&t);
    absent_notes_below(p, &metrics);
}
