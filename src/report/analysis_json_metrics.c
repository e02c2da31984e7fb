#include <math.h>

#include "json/members.h"
#include "report/analysis_json_parts.h"

static void write_quantiles(struct json_writer *w, const char *key,
                            const double values[STANDARD_QUANTILES])
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (int i = 0; i < STANDARD_QUANTILES; i++) {
        json_begin_array_inline(w);
        json_double(w, standard_quantiles[i]);
        json_double(w, values[i]);
        json_end(w);
    }
    json_end(w);
}

static void write_median_interval(struct json_writer *w, const struct distribution *d)
{
    json_key(w, "medianInterval");
    if (isnan(d->median_low) || isnan(d->median_high)) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_double(w, d->median_low);
    json_double(w, d->median_high);
    json_end(w);
}

static void write_over_hosts(struct json_writer *w, const struct analysis *a,
                             const struct metric_result *m)
{
    json_member_double(w, "interHostSd", m->inter_host_sd);
    write_quantiles(w, "quantileMedians", m->quantile_medians);
    json_key(w, "perHost");
    json_begin_object(w);
    for (uint32_t i = 0; i < a->host_count; i++)
        json_member_double(w, a->hosts[i].name, m->per_host[i].n > 0 ? m->per_host[i].mean : NAN);
    json_end(w);
}

static void write_host(struct json_writer *w, const char *name, size_t n, double mean, double sd)
{
    if (n == 0)
        return;
    json_key(w, name);
    json_begin_array_inline(w);
    json_uint(w, n);
    json_double(w, mean);
    json_double(w, sd);
    json_end(w);
}

/* What each host has to say, where the samples can be told apart by hosts. */
static void write_parts(struct json_writer *w, const struct analysis *a,
                        const struct metric_result *m)
{
    if (!m->per_host && !m->by_host)
        return;
    json_key(w, "hosts");
    json_begin_object(w);
    for (uint32_t i = 0; i < a->host_count; i++) {
        if (m->per_host)
            write_host(w, a->hosts[i].name, m->per_host[i].n, m->per_host[i].mean,
                       m->per_host[i].sd);
        else
            write_host(w, a->hosts[i].name, m->by_host[i].n, m->by_host[i].mean,
                       moments_sd(&m->by_host[i]));
    }
    json_end(w);
}

static void write_distribution(struct json_writer *w, const struct analysis *a,
                               const struct metric_result *m)
{
    const struct distribution *d = &m->over;

    json_member_count(w, "n", d->n);
    json_member_double(w, "mean", d->mean);
    json_member_double(w, "median", d->median);
    if (!m->per_host)
        write_median_interval(w, d);
    json_member_double(w, "sd", d->sd);
    json_member_double(w, "min", d->min);
    json_member_double(w, "max", d->max);
    write_quantiles(w, "quantiles", d->quantiles);
    if (m->per_host)
        write_over_hosts(w, a, m);
    write_parts(w, a, m);
}

static void write_metric(struct json_writer *w, const struct analysis *a,
                         const struct metric_result *m)
{
    static const char *const directions[] = {
        [DIRECTION_NONE] = "none",
        [DIRECTION_LESS_IS_BETTER] = "less",
        [DIRECTION_MORE_IS_BETTER] = "more",
    };

    json_key(w, m->info->id);
    json_begin_object(w);
    json_member_string(w, "name", m->info->name);
    json_member_string(w, "unit", m->info->unit);
    json_member_string(w, "direction", directions[m->info->direction]);
    if (m->kind == METRIC_DISTRIBUTION && m->over.n > 0) {
        write_distribution(w, a, m);
    } else if (m->kind == METRIC_TEXT) {
        json_member_string(w, "value", m->text);
    } else if (m->kind == METRIC_NUMBER) {
        json_member_double(w, "value", m->number);
    } else {
        json_member_string(w, "value", NULL);
        json_member_string(w, "reason",
                           m->absent_reason ? m->absent_reason : "There is no sample.");
    }
    json_end(w);
}

/* The metrics of a section stand together: they are in dictionary order. */
void analysis_json_metrics(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "metrics");
    json_begin_object(w);
    for (size_t i = 0; i < a->metric_count; i++) {
        enum metric_section section = a->metrics[i].info->section;

        if (i == 0 || a->metrics[i - 1].info->section != section) {
            json_key(w, section_name(section));
            json_begin_object(w);
        }
        write_metric(w, a, &a->metrics[i]);
        if (i + 1 == a->metric_count || a->metrics[i + 1].info->section != section)
            json_end(w);
    }
    json_end(w);
}
