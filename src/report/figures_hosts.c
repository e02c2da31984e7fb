/* Is one machine odd? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_inside.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "stats/spread.h"
#include "study/stands_apart.h"

extern char figure_hosts_spec[];

enum { HOSTS_LEAST = 4 };      /* fewer cannot have an odd one out */
enum { UPRIGHT_LETTERS = 30 }; /* of names beside each other, on a phone */

static const struct doc_column heat_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "host", .head = "host" },
    { .id = "value", .head = "mean", .number = true },
    { .id = "median", .head = "median host", .number = true },
    { .id = "z", .head = "modified z score", .number = true },
    { .id = "apart", .head = "stands apart" },
};

/* Hosts of all runs by name; node-2 stands before node-10. */
struct host_names {
    const char **names;
    size_t count;
};

static bool knows(const struct host_names *hosts, const char *name, size_t *ret)
{
    for (*ret = 0; *ret < hosts->count; ++*ret) {
        if (strcmp(hosts->names[*ret], name) == 0)
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static struct host_names names_of_set(struct document *d, const struct run_set *set)
{
    struct host_names hosts = { 0 };
    size_t room = 0, at;

    for (size_t r = 0; r < set->count; r++)
        room += set->runs[r].host_count;
    if (!d->status && room > 0)
        hosts.names = arena_take(&d->memory, room * sizeof *hosts.names, _Alignof(char *));
    for (size_t r = 0; hosts.names && r < set->count; r++) {
        for (uint32_t h = 0; h < set->runs[r].host_count; h++) {
            if (!knows(&hosts, set->runs[r].hosts[h], &at))
                hosts.names[hosts.count++] = set->runs[r].hosts[h];
        }
    }
    if (hosts.count > 1)
        qsort(hosts.names, hosts.count, sizeof *hosts.names, by_name);
    return hosts;
}

/* Each host's mean over its runs' means; NaN where it has none. */
static void means_of_hosts(const struct run_set *set, const struct host_names *hosts,
                           const struct metric_info *info, double *ret, double *counts)
{
    size_t at;

    memset(ret, 0, hosts->count * sizeof *ret);
    memset(counts, 0, hosts->count * sizeof *counts);
    for (size_t r = 0; r < set->count; r++) {
        const struct finished_run *run = &set->runs[r];
        const struct run_value *value = run_value_find(run, info->section, info->id);

        for (size_t i = 0; value && value->hosts && i < value->host_count; i++) {
            const struct host_part *part = &value->hosts[i];

            if (isfinite(part->mean) && part->host < run->host_count &&
                knows(hosts, run->hosts[part->host], &at)) {
                ret[at] += part->mean;
                counts[at]++;
            }
        }
    }
    for (size_t h = 0; h < hosts->count; h++)
        ret[h] = counts[h] > 0 ? ret[h] / counts[h] : NAN;
}

struct heat {
    struct document *d;
    struct doc_figure *f;
    struct host_names hosts;
    double *means, *sorted; /* a host each */
    const char *oddest, *oddest_metric;
    double oddest_z;
    bool oddest_apart;
    size_t metrics, odd;
};

static void add_host(struct heat *h, const struct metric_info *info, size_t host, size_t n)
{
    struct document *d = h->d;
    double median = quantile_sorted(h->sorted, n, .5, QUANTILE_TYPE7), z;
    bool apart = stands_apart(info, h->means[host], h->sorted, n, &z);

    doc_add_text(d, &h->f->data, figure_metric(d, info));
    doc_add_text(d, &h->f->data, h->hosts.names[host]);
    doc_add_number(d, &h->f->data, h->means[host], -1);
    doc_add_number(d, &h->f->data, median, -1);
    doc_add_number(d, &h->f->data, z, -1);
    doc_add_text(d, &h->f->data, apart ? "yes" : "no");
    h->odd += apart;
    if (apart > h->oddest_apart || (apart == h->oddest_apart && !(fabs(z) <= fabs(h->oddest_z)))) {
        h->oddest_apart = apart;
        h->oddest_z = z;
        h->oddest = h->hosts.names[host];
        h->oddest_metric = info->name;
    }
}

/* A few short names stand upright on a phone, too; others are turned. */
static const char *label_angle(const struct host_names *hosts)
{
    size_t letters = 0;

    for (size_t i = 0; i < hosts->count; i++) {
        if (strlen(hosts->names[i]) > letters)
            letters = strlen(hosts->names[i]);
    }
    return hosts->count * (letters + 1) <= UPRIGHT_LETTERS ? "0" : "-60";
}

static void add_metric(struct heat *h, const struct metric_info *info)
{
    size_t n = 0;

    for (size_t i = 0; i < h->hosts.count; i++) {
        if (isfinite(h->means[i]))
            h->sorted[n++] = h->means[i];
    }
    if (n < HOSTS_LEAST)
        return;
    sort_doubles(allocator_libc(), h->sorted, n);
    if (isnan(modified_z(h->sorted[0], h->sorted, n)))
        return; /* most hosts are all alike */
    if (!h->f)
        h->f = document_figure(
            h->d, "hosts", "Hosts against each other",
            figure_spec(h->d, figure_hosts_spec,
                        &(struct spec_blank){ "angle", NULL, label_angle(&h->hosts) }, 1),
            heat_columns, sizeof heat_columns / sizeof *heat_columns);
    h->metrics++;
    for (size_t i = 0; i < h->hosts.count; i++) {
        if (isfinite(h->means[i]))
            add_host(h, info, i, n);
    }
}

static const char *heat_reading(struct document *d, const struct heat *h)
{
    const char *where = document_text(d, "%s in %s (z %s)", h->oddest, h->oddest_metric,
                                      figure_difference(d, h->oddest_z, NULL));

    if (h->odd == 0)
        return document_text(d, "No host stands out in any of %s; furthest from the others is %s.",
                             figure_count(d, h->metrics, "metric", "metrics"), where);
    return document_text(d,
                         "%s apart, beyond 3.5 deviations and the metric's margin, most of all %s.",
                         figure_count(d, h->odd, "cell stands", "cells stand"), where);
}

bool figure_host_heat(struct document *d, const struct run_set *set)
{
    struct heat h = { .d = d, .hosts = names_of_set(d, set), .oddest_z = NAN };
    double *counts = figure_numbers(d, h.hosts.count);

    h.means = figure_numbers(d, h.hosts.count);
    h.sorted = figure_numbers(d, h.hosts.count);
    if (h.hosts.count < HOSTS_LEAST || !counts || !h.means || !h.sorted)
        return false;
    for (size_t i = 0; i < dictionary_count(); i++) {
        means_of_hosts(set, &h.hosts, dictionary_row(i), h.means, counts);
        add_metric(&h, dictionary_row(i));
    }
    if (!h.f)
        return false;
    h.f->units = document_text(
        d,
        "modified z score of each host's mean against all hosts; n = %s, %s, %s; ! marks more than 3.5, "
        "and more than the metric's margin",
        figure_count(d, h.hosts.count, "host", "hosts"),
        figure_count(d, h.metrics, "metric", "metrics"),
        figure_count(d, set->count, "run", "runs"));
    h.f->reading = heat_reading(d, &h);
    return true;
}
