/* Sweeps made up by a known truth, for the tests of what reads them: plan, journal and small analysis files in a directory
 * of their own. */
#ifndef OU_STUDY_SAMPLE_SWEEP_TEST_H
#define OU_STUDY_SAMPLE_SWEEP_TEST_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stats/random.h"
#include "support/files.h"
#include "support/test.h"

enum { SAMPLE_AXES = 3, SAMPLE_METRICS = 3, SAMPLE_POINTS_MAX = 64 };

/* Means of "CentiCpu", "RSS" and "cdf0.96" at a setting. */
typedef void sample_truth(const size_t *levels, double *ret);

/* By level of the first axis: a run's messages and CPU seconds of its nodes, to which each block adds its number times more. */
struct sample_traces {
    size_t silent;
    double messages[4], cpu_s[4], messages_more[4], cpu_more_s[4];
    int dropped; /* of each run, at levels that are not silent */
};

struct sample_sweep {
    size_t axes, levels[SAMPLE_AXES], repetitions;
    size_t part; /* 1: all combinations; n: those whose levels add up to a multiple of n */
    sample_truth *truth;
    double noise[SAMPLE_METRICS]; /* deviation from run to run, a share of the mean */
    double drift;                 /* from block to block, a share of the mean */
    uint64_t seed;
    const char *metrics; /* JSON of the plan's "metrics" */
    /* What two nodes and a collector did, where there is one; the first axis then has a silent level. */
    const struct sample_traces *traces;
    /* The plan; sample_plan() fills it. */
    size_t points[SAMPLE_POINTS_MAX][SAMPLE_AXES], point_count;
};

static inline const char *sample_level(size_t axis, size_t level)
{
    static const char *const names[SAMPLE_AXES][4] = { { "-A4m", "-A16m", "-A64m", "-A256m" },
                                                       { "1", "2", "3", "4" },
                                                       { "new", "legacy", "off", "files" } };

    return names[axis][level];
}

static inline void sample_plan(struct sample_sweep *s)
{
    size_t at[SAMPLE_AXES] = { 0 };

    s->point_count = 0;
    for (size_t i = 0; i < s->axes;) {
        size_t sum = 0;

        for (size_t k = 0; k < s->axes; k++)
            sum += at[k];
        if (sum % s->part == 0) {
            assert_true(s->point_count < SAMPLE_POINTS_MAX);
            memcpy(s->points[s->point_count++], at, sizeof at);
        }
        for (i = 0; i < s->axes && ++at[i] == s->levels[i]; i++)
            at[i] = 0;
    }
}

/* What a run of a point in a block measures. Draws are a function of seed and run alone. */
static inline void sample_values(const struct sample_sweep *s, size_t run, size_t block,
                                 size_t point, double *ret)
{
    struct random_stream r;

    random_stream_init(&r, s->seed, run);
    s->truth(s->points[point], ret);
    for (size_t i = 0; i < SAMPLE_METRICS; i++)
        ret[i] *= 1 + s->drift * (double)block + s->noise[i] * random_normal(&r);
}

/* Each block in an order of its own, by the same seed. */
static inline void sample_order(const struct sample_sweep *s, size_t block, size_t *ret)
{
    struct random_stream r;

    random_stream_init(&r, s->seed, 1000000 + block);
    for (size_t i = 0; i < s->point_count; i++) {
        size_t at = random_below(&r, (uint32_t)i + 1);

        ret[i] = ret[at];
        ret[at] = i;
    }
}

static inline void sample_write_plan(const struct sample_sweep *s, struct temp_dir *dir)
{
    FILE *f = fopen(temp_path(dir, "sweep.json"), "w");

    assert_non_null(f);
    fprintf(f,
            "{\"schema\":1,\"name\":\"sample\",\"desc\":\"made up\",\"profile\":\"ci-test\","
            "\"file\":{},\"seed\":%llu,\"repetitions\":%zu,\"budget_s\":null,\"metrics\":%s,"
            "\"fraction\":%zu,\"axes\":[",
            (unsigned long long)s->seed, s->repetitions, s->metrics, s->part);
    for (size_t i = 0; i < s->axes; i++) {
        static const char *const names[] = { "allocation area", "cores", "tracing" };

        fprintf(f, "%s{\"name\":\"%s\",\"levels\":[", i ? "," : "", names[i]);
        for (size_t k = 0; k < s->levels[i]; k++)
            fprintf(f, "%s\"%s\"", k ? "," : "", sample_level(i, k));
        fputs("]", f);
        if (s->traces && i == 0)
            fprintf(f, ",\"silent\":%zu", s->traces->silent);
        fputs("}", f);
    }
    fputs("],\"points\":[", f);
    for (size_t i = 0; i < s->point_count; i++) {
        fputs(i ? ",[" : "[", f);
        for (size_t k = 0; k < s->axes; k++)
            fprintf(f, "%s%zu", k ? "," : "", s->points[i][k]);
        fputc(']', f);
    }
    fputs("],\"order\":[", f);
    for (size_t b = 0; b < s->repetitions; b++) {
        size_t order[SAMPLE_POINTS_MAX];

        sample_order(s, b, order);
        for (size_t i = 0; i < s->point_count; i++)
            fprintf(f, "%s{\"block\":%zu,\"position\":%zu,\"point\":%zu}", b + i ? "," : "", b, i,
                    order[i]);
    }
    fputs("]}\n", f);
    fclose(f);
}

/* A process of the run that took so many CPU seconds. */
static inline void sample_write_usage(const char *run, const char *folder, double cpu_s)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", run, folder);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/%s/usage.jsonl", run, folder);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"wallSeconds\":60,\"userSeconds\":%.17g,\"systemSeconds\":%.17g}\n", cpu_s / 4,
            cpu_s * 3 / 4);
    fclose(f);
}

static inline void sample_write_collector(const char *run, double cpu_s, int given_up)
{
    char path[256];
    FILE *f;

    sample_write_usage(run, "tracer", cpu_s);
    snprintf(path, sizeof path, "%s/tracer/stdout", run);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"ns\":\"Tracer.LinesLost\",\"data\":{\"nodeName\":\"node-0\",\"lost\":%d}}\n",
            given_up);
    fclose(f);
}

/* "hosts" of the analysis: two nodes and a generator, which is none. Their processes are in the run's directory. */
static inline void sample_write_hosts(const struct sample_sweep *s, const char *run, size_t block,
                                      size_t level, FILE *f)
{
    const struct sample_traces *t = s->traces;
    char nodes[256];

    fputs("\"hosts\":[", f);
    for (int i = 0; t && i < 3; i++)
        fprintf(f,
                "%s{\"host\":\"%s%d\",\"clusterMember\":%s,\"lines\":%.0f,"
                "\"messagesUnwritten\":0,\"messagesDropped\":%d}",
                i ? "," : "", i < 2 ? "node-" : "generator-", i, i < 2 ? "true" : "false",
                (t->messages[level] + t->messages_more[level] * (double)block) / 2,
                level == t->silent ? 0 : t->dropped);
    fputs("],", f);
    if (!t)
        return;
    snprintf(nodes, sizeof nodes, "%s/nodes", run);
    assert_int_equal(mkdir(nodes, 0755), 0);
    for (int i = 0; i < 2; i++)
        sample_write_usage(run, i ? "nodes/node-1" : "nodes/node-0",
                           (t->cpu_s[level] + t->cpu_more_s[level] * (double)block) / 2);
    if (level != t->silent)
        sample_write_collector(run, .25, 5);
}

static inline void sample_write_run(const struct sample_sweep *s, struct temp_dir *dir, size_t run,
                                    size_t block, size_t position, size_t point)
{
    char name[64];
    double values[SAMPLE_METRICS];
    char at[64];
    FILE *f;

    snprintf(name, sizeof name, "%s/runs/r%zu", dir->path, run);
    snprintf(at, sizeof at, "%s", name);
    assert_int_equal(mkdir(name, 0755), 0);
    snprintf(name, sizeof name, "%s/runs/r%zu/analysis", dir->path, run);
    assert_int_equal(mkdir(name, 0755), 0);
    snprintf(name, sizeof name, "%s/runs/r%zu/analysis/analysis.json", dir->path, run);
    f = fopen(name, "w");
    assert_non_null(f);
    sample_values(s, run, block, point, values);
    fprintf(f,
            "{\"schema\":1,\"run\":{\"tag\":\"t%zu\",\"ident\":\"p%zu\",\"profile\":\"ci-test\","
            "\"design\":{\"series\":\"sample\",\"block\":%zu,\"position\":%zu}},",
            run, point, block, position);
    sample_write_hosts(s, at, block, s->points[point][0], f);
    fprintf(
        f,
        "\"metrics\":{\"machperf\":{\"CentiCpu\":{\"n\":9,\"mean\":%.17g},"
        "\"RSS\":{\"n\":9,\"mean\":%.17g}},\"endtoend\":{\"cdf0.96\":{\"n\":9,\"mean\":%.17g}}}}",
        values[0], values[1], values[2]);
    fclose(f);
}

static inline void sample_write_event(struct temp_dir *dir, size_t run, const char *event,
                                      const char *cause)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/journal.jsonl", dir->path);
    f = fopen(path, "a");
    assert_non_null(f);
    fprintf(f,
            "{\"at\":\"2026-11-22T18:00:00Z\",\"run\":%zu,\"event\":\"%s\",\"directory\":"
            "\"runs/r%zu\",\"seconds\":60,\"cause\":\"%s\"}\n",
            run, event, run, cause);
    fclose(f);
}

/* The first `count` runs of the plan are done. */
static inline void sample_write(struct sample_sweep *s, struct temp_dir *dir, size_t count)
{
    size_t order[SAMPLE_POINTS_MAX];
    char runs[256];

    sample_plan(s);
    sample_write_plan(s, dir);
    snprintf(runs, sizeof runs, "%s/runs", dir->path);
    assert_int_equal(mkdir(runs, 0755), 0);
    for (size_t run = 0; run < s->repetitions * s->point_count && run < count; run++) {
        size_t block = run / s->point_count, position = run % s->point_count;

        sample_order(s, block, order);
        sample_write_event(dir, run, "begun", "");
        sample_write_run(s, dir, run, block, position, order[position]);
        sample_write_event(dir, run, "done", "");
    }
}

#endif
