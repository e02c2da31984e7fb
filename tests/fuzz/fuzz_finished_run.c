/* Any bytes as a file of results: an analysis, a variance file, a table of published results. Every
 * refusal says why. What is accepted keeps to what finished_run.h promises, can be studied whatever
 * its numbers are, and as a variance file is read back as the same runs. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "study/comparison.h"
#include "study/history.h"
#include "study/read_runs.h"
#include "study/variance.h"
#include "study/variance_file.h"

#define INPUT_MAX ((size_t)1 << 18)
#define FILE_MAX ((size_t)64 << 20)
enum { RUNS_STUDIED = 12, RESAMPLES = 12, OPERAND_ROOM = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(property) ((property) ? (void)0 : broken(#property, __LINE__))

static void broken(const char *property, int line)
{
    fprintf(stderr, "line %d: not so: %s\n", line, property);
    abort();
}

static void must_be_text(const char *text)
{
    MUST(text != NULL && strlen(text) < FILE_MAX);
}

/* --- Files in memory ------------------------------------------------------------------ */

static int file_of(const void *bytes, size_t len)
{
    int fd = memfd_create("results", MFD_CLOEXEC);

    MUST(fd >= 0);
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(fd, (const char *)bytes + done, len - done);

        MUST(wrote > 0);
        done += (size_t)wrote;
    }
    return fd;
}

/* selector NULL: none. */
static enum ou_status add_file(struct run_set *set, int fd, const char *selector)
{
    char operand[OPERAND_ROOM];
    struct ou_error err = { { 0 } };
    enum ou_status status;

    snprintf(operand, sizeof operand, "/proc/self/fd/%d%s%s", fd, selector ? "#" : "",
             selector ? selector : "");
    status = run_set_add(set, operand, &err);
    MUST((status != OU_OK) == (err.text[0] != '\0'));
    return status;
}

/* --- What finished_run.h promises ------------------------------------------------------- */

static void check_value(const struct finished_run *run, const struct run_value *v)
{
    volatile double sum = 0;

    MUST(v->info != NULL && v->host_count <= run->host_count);
    MUST(v->kind != RUN_VALUE_TEXT || v->text != NULL);
    MUST((v->kind != RUN_VALUE_TEXT && v->kind != RUN_VALUE_ABSENT) || isnan(v->mean));
    MUST(v->kind != RUN_VALUE_NUMBER || isfinite(v->mean));
    for (size_t i = 0; i < v->host_count; i++) {
        MUST(v->hosts[i].host < run->host_count);
        MUST(i == 0 || v->hosts[i - 1].host < v->hosts[i].host);
    }
    for (size_t i = 0; v->blocks && i < run->block_count; i++)
        sum += v->blocks[i];
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        sum += v->quantiles[i];
    (void)sum;
}

static void check_series(const struct finished_run *run)
{
    volatile double sum = 0;

    for (size_t i = 0; i < run->timeline.line_count; i++) {
        MUST(run->timeline.lines[i].info != NULL);
        for (size_t j = 0; j < run->timeline.bins; j++)
            sum += run->timeline.lines[i].bins[j].mean;
    }
    for (size_t i = 0; i < run->arrival_count; i++)
        MUST(!isnan(run->arrival[i].share));
    for (size_t i = 0; i < run->block_count; i++)
        MUST(!run->blocks[i].forger || strlen(run->blocks[i].forger) < FILE_MAX);
    (void)sum;
}

static void check_run(const struct finished_run *run)
{
    must_be_text(run->path);
    must_be_text(run->title);
    MUST(run->count_count <= RUN_COUNTS_MAX);
    for (uint32_t i = 0; i < run->host_count; i++)
        must_be_text(run->hosts[i]);
    for (size_t i = 0; i < run->value_count; i++) {
        check_value(run, &run->values[i]);
        MUST(i == 0 || run->values[i - 1].info < run->values[i].info);
    }
    for (size_t i = 0; i < run->count_count; i++)
        MUST(run->counts[i].id && isfinite(run->counts[i].count) && run->counts[i].count >= 0 &&
             isfinite(run->counts[i].exposure) && run->counts[i].exposure > 0);
    for (size_t i = 0; i < run->fact_count; i++) {
        must_be_text(run->facts[i].group);
        must_be_text(run->facts[i].name);
        must_be_text(run->facts[i].value);
    }
    for (size_t i = 0; i < run->errors + run->warnings; i++)
        must_be_text(run->finding_texts[i]);
    check_series(run);
}

/* --- What is done with runs --------------------------------------------------------------- */

static void check_same_runs(const struct run_set *set, const struct run_set *back)
{
    MUST(back->count == set->count);
    for (size_t i = 0; i < set->count; i++) {
        const struct finished_run *a = &set->runs[i], *b = &back->runs[i];

        MUST(strcmp(a->title, b->title) == 0 && a->started_ns == b->started_ns);
        MUST(a->fact_count == b->fact_count && a->count_count == b->count_count);
        for (size_t k = 0; k < a->value_count; k++) {
            const struct run_value *v = &a->values[k];
            const struct run_value *w = run_value_find(b, v->info->section, v->info->id);

            if (v->kind == RUN_VALUE_NUMBER || v->kind == RUN_VALUE_DISTRIBUTION)
                MUST((isnan(v->mean) && (!w || isnan(w->mean))) || (w && v->mean == w->mean));
        }
    }
}

static void check_round_trip(const struct run_set *set, const struct variance *variance)
{
    struct buffer text;
    struct run_set back;
    int fd;

    buffer_init(&text, allocator_libc(), FILE_MAX);
    variance_file(variance, &text);
    MUST(buffer_status(&text) == OU_OK);
    fd = file_of(buffer_string(&text), text.len);
    run_set_init(&back);
    MUST(add_file(&back, fd, NULL) == OU_OK);
    check_same_runs(set, &back);
    run_set_release(&back);
    close(fd);
    buffer_release(&text);
}

static void study(const struct run_set *set)
{
    struct variance_options options = VARIANCE_DEFAULTS;
    struct comparison_options against_itself = { .resamples = RESAMPLES, .margin_scale = 1 };
    struct ou_error err = { { 0 } };
    struct comparison comparison;
    struct variance variance;

    options.resamples = RESAMPLES;
    options.allow_different = against_itself.allow_different = true;
    if (variance_compute(set, &options, &variance, &err) == OU_OK) {
        check_round_trip(set, &variance);
        variance_release(&variance);
    } else {
        MUST(err.text[0]);
    }
    if (comparison_compute(set, &set, 1, &against_itself, &comparison, &err) == OU_OK)
        comparison_release(&comparison);
    else
        MUST(err.text[0]);
}

static void follow(const struct run_set *set, bool by_version)
{
    struct history_options options = HISTORY_DEFAULTS;
    struct ou_error err = { { 0 } };
    struct history history;

    options.by_version = by_version;
    if (history_compute(set, NULL, 0, &options, &history, &err) == OU_OK)
        history_release(&history);
    else
        MUST(err.text[0]);
}

/* A run that has been read can be chosen by its name, or the choice is refused with a reason. */
static void choose(int fd, const struct run_set *all)
{
    struct run_set one;

    run_set_init(&one);
    add_file(&one, fd, all->runs[0].title);
    for (size_t i = 0; i < one.count; i++)
        check_run(&one.runs[i]);
    MUST(add_file(&one, fd, "no run\tis called so") != OU_OK);
    run_set_release(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run_set set;
    int fd;

    if (size > INPUT_MAX)
        return 0;
    fd = file_of(data, size);
    run_set_init(&set);
    if (add_file(&set, fd, NULL) == OU_OK) {
        MUST(set.count > 0);
        for (size_t i = 0; i < set.count; i++)
            check_run(&set.runs[i]);
        choose(fd, &set);
        run_set_sort(&set);
        run_set_name(&set, "fuzz");
        must_be_text(set.label);
        follow(&set, size % 2);
        if (set.count <= RUNS_STUDIED)
            study(&set);
    }
    run_set_release(&set);
    close(fd);
    return 0;
}
