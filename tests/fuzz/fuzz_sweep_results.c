/* Any bytes as a sweep's plan, and behind the first empty line as its journal, beside runs that are there: runs/r0 to
 * runs/r7. Every refusal says why. Of what is accepted the numbers keep to what sweep_results.h promises, and make a
 * document. */
#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "guarded.h"
#include "report/builders.h"
#include "report/sweep_json.h"

#define JSON_MAX ((size_t)64 << 20)
enum { RUNS = 8, PATH_ROOM = 128 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- The directory ---------------------------------------------------------------------- */

static char directory[] = "/tmp/fuzz-sweep-XXXXXX";

static void write_file(const char *name, const void *bytes, size_t len)
{
    char path[2 * PATH_ROOM];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    f = fopen(path, "w");
    MUST(f && fwrite(bytes, 1, len, f) == len);
    MUST(fclose(f) == 0);
}

static void make_folder(const char *name)
{
    char path[2 * PATH_ROOM];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    MUST(mkdir(path, 0700) == 0);
}

static void make_run(int i)
{
    char name[40], text[400];
    int len = snprintf(text, sizeof text,
                       "{\"schema\":1,\"run\":{\"tag\":\"t%d\",\"ident\":\"p\",\"profile\":\"x\"},"
                       "\"hosts\":[],\"metrics\":{\"machperf\":{\"CentiCpu\":{\"n\":9,\"mean\":%d},"
                       "\"RSS\":{\"n\":9,\"mean\":%g}},\"endtoend\":{\"cdf0.96\":{\"n\":9,\"mean\":"
                       "%g}}}}",
                       i, 50 + i % 3, i == 7 ? -1e99 : 1000. * i, i == 6 ? 0 : .1 / (1 + i));

    snprintf(name, sizeof name, "runs/r%d", i);
    make_folder(name);
    snprintf(name, sizeof name, "runs/r%d/analysis", i);
    make_folder(name);
    snprintf(name, sizeof name, "runs/r%d/analysis/analysis.json", i);
    write_file(name, text, (size_t)len);
}

static void remove_file(const char *name)
{
    char path[2 * PATH_ROOM];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    remove(path);
}

static void remove_all(void)
{
    char name[PATH_ROOM];

    remove_file("sweep.json");
    remove_file("journal.jsonl");
    for (int i = 0; i < RUNS; i++) {
        snprintf(name, sizeof name, "runs/r%d/analysis/analysis.json", i);
        remove_file(name);
        snprintf(name, sizeof name, "runs/r%d/analysis", i);
        remove_file(name);
        snprintf(name, sizeof name, "runs/r%d", i);
        remove_file(name);
    }
    remove_file("runs");
    remove(directory);
}

static void make_directory(void)
{
    static bool is_made;

    if (is_made)
        return;
    is_made = true;
    MUST(mkdtemp(directory));
    atexit(remove_all);
    make_folder("runs");
    for (int i = 0; i < RUNS; i++)
        make_run(i);
}

/* --- What sweep_results.h promises ---------------------------------------------------------- */

static void check_interval(struct interval i)
{
    MUST(isnan(i.low) == isnan(i.high));
    MUST(!interval_known(i) || i.low <= i.high);
}

static void check_p(double p)
{
    MUST(isnan(p) || (p >= 0 && p <= 1));
}

static void check_setting(const struct sweep_results *r, const struct sweep_metric *m, size_t i)
{
    const struct setting_estimate *e = sweep_estimate(r, m, i);

    MUST(e->setting == i && e->n <= r->all[i].run_count);
    MUST(e->rank_low <= e->rank_high && e->rank_high <= r->setting_count);
    check_interval(e->interval);
    check_interval(e->against_best);
    check_interval(e->against_base);
    check_interval(sweep_percent_against_base(r, m, e));
}

static void check_metric(const struct sweep_results *r, const struct sweep_metric *m)
{
    MUST(m->n > 0 && m->n <= r->runs.count && isfinite(m->mean));
    MUST(!(m->residual_deviation < 0) && !(m->repetitions_needed < 0));
    for (size_t i = 0; i < r->setting_count; i++)
        check_setting(r, m, i);
    for (size_t i = 0; i < m->effect_count; i++) {
        check_p(m->effects[i].p);
        check_p(m->effects[i].p_adjusted);
        MUST(!(m->effects[i].share < 0) && !(m->effects[i].share > 1 + 1e-9));
    }
    check_p(m->settings_p);
    check_p(m->block_p);
}

static void check_results(const struct sweep_results *r)
{
    size_t runs = 0;

    for (size_t i = 0; i < r->setting_count; i++)
        runs += r->all[i].run_count;
    MUST(runs == r->runs.count && r->runs.count + r->failed <= r->planned);
    MUST(r->base < r->setting_count && r->recommendation.why);
    MUST(!r->recommendation.is_made || r->recommendation.setting < r->setting_count);
    for (size_t i = 0; i < r->metric_count; i++)
        check_metric(r, &r->metrics[i]);
}

static void make_documents(const struct sweep_results *r)
{
    struct document d;
    struct buffer json;

    buffer_init(&json, allocator_libc(), JSON_MAX);
    sweep_json(r, &json);
    MUST(!buffer_status(&json));
    buffer_release(&json);

    document_init(&d);
    document_of_sweep(r, &d);
    MUST(d.status == OU_OK);
    document_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sweep_study_options options = { 1 };
    const char *gap = size ? memmem(data, size, "\n\n", 2) : NULL;
    size_t plan = gap ? (size_t)(gap - (const char *)data) : size;
    struct sweep_results results;
    struct ou_error err = { 0 };

    make_directory();
    write_file("sweep.json", data, plan);
    write_file("journal.jsonl", gap ? gap + 2 : "", gap ? size - plan - 2 : 0);
    if (sweep_results_compute(directory, &options, &results, &err)) {
        MUST(err.text[0]);
        return 0;
    }
    check_results(&results);
    make_documents(&results);
    sweep_results_release(&results);
    return 0;
}
