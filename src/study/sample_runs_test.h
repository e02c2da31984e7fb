/* Sets of finished runs made by hand, for the tests of what works on them. A run
 * has the metrics that the test names, each with the one value given. */
#ifndef OU_STUDY_SAMPLE_RUNS_TEST_H
#define OU_STUDY_SAMPLE_RUNS_TEST_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "study/finished_run.h"
#include "support/test.h"

static inline void *sample_take(struct run_set *s, size_t bytes)
{
    void *at = arena_take(&s->memory, bytes, _Alignof(max_align_t));

    assert_non_null(at);
    return at;
}

static inline const char *sample_text(struct run_set *s, const char *text)
{
    return strcpy(sample_take(s, strlen(text) + 1), text);
}

static inline const struct metric_info *sample_metric(enum metric_section section, const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);

    if (!info)
        fail_msg("no metric %s", id);
    return info;
}

/* runs with metrics that are not known yet; they differ in nothing that has to agree. */
static inline void sample_runs(struct run_set *s, const char *label, size_t runs,
                               const struct metric_info *const *metrics, size_t metric_count)
{
    char title[64];

    run_set_init(s);
    s->label = sample_text(s, label);
    s->runs = sample_take(s, runs * sizeof(*s->runs));
    s->count = s->room = runs;
    for (size_t i = 0; i < runs; i++) {
        struct finished_run *r = &s->runs[i];

        snprintf(title, sizeof(title), "%s-%zu", label, i + 1);
        *r = (struct finished_run){ .path = sample_text(s, title), .ident = s->label };
        r->title = r->name = r->checksum = r->path;
        r->started_ns = TIME_NONE;
        r->design = (struct run_design){ NULL, -1, -1 };
        r->bound_efficiency = NAN;
        r->values = sample_take(s, metric_count * sizeof(*r->values));
        r->value_count = metric_count;
        for (size_t j = 0; j < metric_count; j++)
            r->values[j] = (struct run_value){ .info = metrics[j],
                                               .kind = RUN_VALUE_DISTRIBUTION,
                                               .mean = NAN };
    }
}

/* A set with one metric, and a value for each run. */
static inline void sample_values(struct run_set *s, const char *label,
                                 const struct metric_info *metric, size_t runs,
                                 const double *values)
{
    sample_runs(s, label, runs, &metric, 1);
    for (size_t i = 0; i < runs; i++)
        s->runs[i].values[0].mean = values[i];
}
#define SAMPLE_VALUES(s, label, metric, ...)                                            \
    sample_values(s, label, metric, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), \
                  (double[]){ __VA_ARGS__ })

/* Gives every run of both sets a start on one machine: 'b' for the next run of base, 'n' for the next new one. */
static inline void sample_starts(struct run_set *base, struct run_set *variant, const char *order)
{
    size_t b = 0, n = 0;

    for (size_t i = 0; order[i]; i++) {
        struct finished_run *r = order[i] == 'b' ? &base->runs[b++] : &variant->runs[n++];

        r->machine = "x86_64, 2 cores";
        r->started_ns = (int64_t)(i + 1) * NS_PER_SECOND * 600;
    }
    assert_int_equal(b, base->count);
    assert_int_equal(n, variant->count);
}

#endif
