#include "report/variance_org.h"

#include "report/org_statistics.h"

enum { METRICS_MAX = 64 /* of a section */ };

static struct org_statistic statistic_of(const struct variance *v, const struct metric_variance *m)
{
    const struct multi_run_row *row = v->aspect == ASPECT_OVERALL ? &m->overall : &m->inter_run;

    return (struct org_statistic){ m->info,  row->average, row->cov,   row->min,
                                   row->max, row->stddev,  row->range, row->size };
}

void variance_org(const struct variance *v, struct buffer *out)
{
    struct org_statistic rows[METRICS_MAX];
    size_t count = 0;

    buffer_printf(out, "\n* %s, in the layout of existing tools\n",
                  v->aspect == ASPECT_OVERALL ? "All samples of all runs" : "Between runs");
    for (size_t i = 0; i < v->metric_count; i++) {
        enum metric_section section = v->metrics[i].info->section;

        if (count < METRICS_MAX)
            rows[count++] = statistic_of(v, &v->metrics[i]);
        if (i + 1 < v->metric_count && v->metrics[i + 1].info->section == section)
            continue;
        buffer_printf(out, "\n** %s\n", section_title(section));
        org_statistics(rows, count, out);
        count = 0;
    }
}
