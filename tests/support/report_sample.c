/* report-sample KIND: a page to test pages with, of runs that never were: `plain`, `hostile` (names
 * that are markup), `large` (52 hosts, 2,500 blocks a run). Numbers come from a fixed sequence: the
 * same page each time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/document_writers.h"
#include "report/figures.h"

enum { PAGE_MAX = 64 << 20, RUNS = 5, POINTS = 100, BINS = 120 };

static const struct {
    enum metric_section section;
    const char *id;
    double mean, spread;
    bool of_blocks;
} measured[] = {
    { SECTION_FORGER, "cdfForgerStart", .001, .2, true },
    { SECTION_FORGER, "cdfForgerLead", .004, .2, true },
    { SECTION_FORGER, "cdfForgerForge", .012, .3, true },
    { SECTION_FORGER, "cdfForgerAnnounce", .001, .2, true },
    { SECTION_PEERS, "cdfPeerNoticeFirst", .045, .3, true },
    { SECTION_PEERS, "cdfPeerRequest", .002, .3, true },
    { SECTION_PEERS, "cdfPeerFetch", .21, .4, true },
    { SECTION_PEERS, "cdfPeerAdoption", .06, .3, true },
    { SECTION_ENDTOEND, "cdf0.50", .33, .3, true },
    { SECTION_ENDTOEND, "cdf0.96", .51, .35, true },
    { SECTION_MACHPERF, "CentiCpu", 12, .1, false },
    { SECTION_MACHPERF, "CentiGC", 2, .3, false },
    { SECTION_MACHPERF, "RSS", 4200, .05, false },
    { SECTION_MACHPERF, "Alloc", 55, .1, false },
};
enum { MEASURED = sizeof measured / sizeof *measured };

struct sample_size {
    uint32_t hosts;
    size_t blocks;
    bool hostile;
};

/* --- Made-up runs ------------------------------------------------------------------- */

static uint64_t state = 88172645463325252u;

/* In (0,1). */
static double chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + .5) / 9007199254740992.0;
}

static double bell(void)
{
    return sqrt(-2 * log(chance())) * cos(6.283185307179586 * chance());
}

static void *take(struct run_set *s, size_t count, size_t bytes)
{
    void *at = arena_take(&s->memory, count * bytes, 16);

    if (!at)
        abort();
    return at;
}

static const char *words(struct run_set *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *words(struct run_set *s, const char *format, ...)
{
    char text[256];
    va_list args;
    size_t size;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size = strlen(text) + 1;
    return memcpy(take(s, size, 1), text, size);
}

static void make_value(struct run_set *s, struct finished_run *run, size_t at, double factor)
{
    struct run_value *v = &run->values[at];
    double *blocks = take(s, run->block_count, sizeof *blocks), sum = 0;

    v->info = dictionary_find(measured[at].section, measured[at].id);
    v->kind = RUN_VALUE_DISTRIBUTION;
    v->median = v->sd = v->min = v->max = NAN;
    for (size_t i = 0; i < run->block_count; i++) {
        blocks[i] = measured[at].mean * factor * exp(measured[at].spread * bell());
        sum += blocks[i];
    }
    v->n = (double)run->block_count;
    v->mean = sum / v->n;
    v->blocks = measured[at].of_blocks ? blocks : NULL;
    v->hosts = take(s, run->host_count, sizeof *v->hosts);
    v->host_count = run->host_count;
    for (uint32_t h = 0; h < run->host_count; h++)
        v->hosts[h] =
            (struct host_part){ h, 50, v->mean * (1 + .02 * bell() + (h == 3) * .4), NAN };
}

static void make_timeline(struct run_set *s, struct finished_run *run)
{
    run->timeline.first_slot = 300;
    run->timeline.slots_per_bin = 10;
    run->timeline.epoch_slots = 600;
    run->timeline.bins = BINS;
    run->timeline.slot_s = 1;
    run->timeline.lines = take(s, 4, sizeof *run->timeline.lines);
    run->timeline.line_count = 4;
    for (size_t i = 0; i < 4; i++) {
        struct timeline_line *line = &run->timeline.lines[i];
        double level = measured[10 + i].mean;

        line->info = dictionary_find(measured[10 + i].section, measured[10 + i].id);
        line->bins = take(s, BINS, sizeof *line->bins);
        for (size_t b = 0; b < BINS; b++) {
            double mean = level * (1 + .002 * (double)b + .05 * bell());

            line->bins[b] = (struct timeline_bin){ mean, mean * .85, mean * 1.2 };
        }
    }
}

static void make_arrival(struct run_set *s, struct finished_run *run)
{
    run->arrival = take(s, POINTS, sizeof *run->arrival);
    run->arrival_count = POINTS;
    for (size_t i = 0; i < POINTS; i++) {
        double share = (double)(i + 1) / POINTS, delay = .08 + .3 * share + .15 * pow(share, 12);

        run->arrival[i] =
            (struct arrival_point){ share, delay * .7, delay, delay * 1.5, .03 + .12 * share };
    }
    run->bound_efficiency = .3;
}

static void make_run(struct run_set *s, struct finished_run *run, const struct sample_size *size,
                     const char *label, size_t number, double factor)
{
    run->title = words(s, "%s run %zu", label, number);
    run->block_count = size->blocks;
    run->blocks = take(s, size->blocks, sizeof *run->blocks);
    for (size_t i = 0; i < size->blocks; i++)
        run->blocks[i].slot = 300 + (int64_t)(i * BINS * 10 / size->blocks);
    run->host_count = size->hosts;
    run->hosts = take(s, size->hosts, sizeof *run->hosts);
    for (uint32_t h = 0; h < size->hosts; h++)
        run->hosts[h] =
            words(s, "%snode-%u", size->hostile ? "<img src=x onerror=\"owned()\">" : "", h);
    run->values = take(s, MEASURED, sizeof *run->values);
    run->value_count = MEASURED;
    for (size_t i = 0; i < MEASURED; i++)
        make_value(s, run, i, factor * (1 + .01 * bell()));
    make_timeline(s, run);
    make_arrival(s, run);
}

static void make_set(struct run_set *s, const struct sample_size *size, const char *label,
                     double factor)
{
    arena_init(&s->memory, allocator_libc(), (size_t)1 << 30);
    s->label = label;
    s->runs = take(s, RUNS, sizeof *s->runs);
    s->count = RUNS;
    for (size_t i = 0; i < RUNS; i++)
        make_run(s, &s->runs[i], size, label, i + 1, factor);
}

/* --- The document --------------------------------------------------------------------- */

static void add_judgements(struct document *d, const struct run_set *base,
                           const struct run_set *variant)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric", .hint = "what was measured" },
        { .id = "base", .head = "base", .number = true },
        { .id = "change", .head = "change", .hint = "new - base", .number = true },
        { .id = "interval", .head = "95 %", .number = true },
        { .id = "verdict", .head = "verdict" },
    };
    struct doc_table *t = document_table(d, "verdicts", "Verdicts", columns, 5);

    t->note = "Made up.";
    for (size_t i = 0; i < MEASURED; i++) {
        const struct metric_info *info = base->runs[0].values[i].info;
        double change = variant->runs[0].values[i].mean - base->runs[0].values[i].mean;
        enum doc_tone tone = i == 8    ? TONE_BAD
                             : i == 10 ? TONE_GOOD
                             : i % 3   ? TONE_QUIET
                                       : TONE_UNSURE;

        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_TEXT,
                                        .text = info->name,
                                        .metric = document_text(
                                            d, "%s/%s", section_name(info->section), info->id) });
        doc_add_number(d, t, base->runs[0].values[i].mean, -1);
        doc_add_cell(d, t,
                     (struct doc_cell){
                         .kind = DOC_NUMBER, .number = change, .decimals = -1, .sign = true });
        doc_add_interval(d, t, (struct interval){ change - .01, i == 5 ? INFINITY : change + .01 },
                         3);
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_TEXT,
                                        .tone = tone,
                                        .text = tone == TONE_BAD      ? "regression"
                                                : tone == TONE_GOOD   ? "improvement"
                                                : tone == TONE_UNSURE ? "inconclusive"
                                                                      : "equivalent",
                                        .hint = "The interval leaves out 0." });
    }
}

static void add_meanings(struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "description", .head = "meaning" },
    };
    struct doc_table *t = document_table(d, "dictionary", "What the metrics mean", columns, 2);

    for (size_t i = 0; i < MEASURED; i++) {
        const struct metric_info *info = dictionary_find(measured[i].section, measured[i].id);

        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_TEXT,
                                        .text = info->name,
                                        .metric = document_text(
                                            d, "%s/%s", section_name(info->section), info->id) });
        doc_add_text(d, t, info->description);
    }
}

static void add_changes(struct document *d, const struct run_set *base,
                        const struct run_set *variant)
{
    struct metric_comparison metrics[MEASURED] = { 0 };
    struct side_comparison side = { .base = base,
                                    .variant = variant,
                                    .basis = BASIS_RUNS,
                                    .metrics = metrics,
                                    .metric_count = MEASURED };

    for (size_t i = 0; i < MEASURED; i++) {
        double change = i == 8 ? 5.2 : 2 * bell(), half = i == 5 ? INFINITY : .5 + chance();

        metrics[i] =
            (struct metric_comparison){ .info = base->runs[0].values[i].info,
                                        .delta_percent = change,
                                        .margin_percent = 2,
                                        .percent_interval = { change - half, change + half },
                                        .verdict = 1 + i % 6 };
        side.verdicts[metrics[i].verdict]++;
    }
    figure_changes(d, &side);
}

static void add_variance(struct document *d, const struct run_set *set)
{
    struct metric_variance metrics[MEASURED] = { 0 };
    struct variance v = { .set = set, .metrics = metrics, .metric_count = MEASURED };

    for (size_t i = 0; i < MEASURED; i++) {
        double run = chance() * .6;

        metrics[i].info = set->runs[0].values[i].info;
        metrics[i].runs = RUNS;
        metrics[i].values = calloc(RUNS, sizeof(double));
        for (size_t r = 0; r < RUNS; r++)
            metrics[i].values[r] = set->runs[r].values[i].mean;
        metrics[i].shares.run = run;
        metrics[i].shares.host = (1 - run) * .3;
        metrics[i].shares.interaction = (1 - run) * .1;
        metrics[i].shares.within = (1 - run) * .6;
    }
    figure_shares(d, &v);
    figure_runs_needed(d, &v);
    for (size_t i = 0; i < MEASURED; i++)
        free(metrics[i].values);
}

static void add_history(struct document *d, struct run_set *s)
{
    enum { LENGTH = 24, BREAK = 14 };
    const struct finished_run *runs[LENGTH];
    double values[LENGTH];
    struct history_segment segments[2] = {
        { .first = 0,
          .count = BREAK,
          .mean = 12,
          .interval = { 11.8, 12.2 },
          .change_percent = NAN },
        { .first = BREAK,
          .count = LENGTH - BREAK,
          .mean = 9,
          .interval = { 8.8, 9.2 },
          .change_percent = -25 },
    };
    struct metric_history h = { .info = dictionary_find(SECTION_MACHPERF, "CentiCpu"),
                                .runs = runs,
                                .values = values,
                                .count = LENGTH,
                                .segments = segments,
                                .segment_count = 2,
                                .noise_percent = 1.8 };

    for (size_t i = 0; i < LENGTH; i++) {
        struct finished_run *run = take(s, 1, sizeof *run);

        run->title = words(s, "10.%zu.%zu", i / 6 + 4, i % 6);
        runs[i] = run;
        values[i] = (i < BREAK ? 12 : 9) + .3 * bell();
    }
    figure_history(d, &h);
}

static void fill(struct document *d, struct run_set sets[2], bool hostile)
{
    const struct run_set *both[] = { &sets[0], &sets[1] };

    d->title = hostile ? "</title><script>owned()</script>" : "New against base";
    d->subtitle = "runs that never were";
    d->verdict = "One metric is worse: 50 % adoption.";
    d->verdict_tone = TONE_BAD;
    document_heading(d, 2, "verdict-heading", "Verdict");
    document_notice(d, TONE_UNSURE, "These numbers are made up, %s.", sets[0].label);
    add_judgements(d, &sets[0], &sets[1]);
    add_changes(d, &sets[0], &sets[1]);
    document_heading(d, 2, "distributions-heading", "Distributions");
    figure_cdf(d, both, 2, SECTION_ENDTOEND, "cdf0.50");
    figure_shift(d, &sets[0], &sets[1], SECTION_ENDTOEND, "cdf0.50");
    figure_phases(d, both, 2);
    document_heading(d, 2, "runs-heading", "Runs and hosts");
    document_heading(d, 3, "strips-heading", "Runs");
    figure_run_strips(d, &sets[0], SECTION_ENDTOEND, "cdf0.50");
    add_variance(d, &sets[0]);
    document_heading(d, 3, "hosts-heading", "Hosts");
    figure_host_heat(d, &sets[0]);
    document_heading(d, 2, "time-heading", "Time");
    figure_timeline(d, &sets[0].runs[0]);
    figure_arrival(d, &sets[0].runs[0]);
    add_history(d, &sets[0]);
    document_heading(d, 2, "dictionary-of-metrics", "Dictionary");
    add_meanings(d);
    document_footer(d, "made by", "report-sample");
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "plain";
    struct sample_size size = { 6, 120, strcmp(kind, "hostile") == 0 };
    struct run_set sets[2] = { 0 };
    struct document d;
    struct buffer out;

    if (strcmp(kind, "large") == 0)
        size = (struct sample_size){ 52, 2500, false };
    make_set(&sets[0], &size, size.hostile ? "</script><b id=owned>\xe2\x80\xa8" : "10.6.2", 1);
    make_set(&sets[1], &size, size.hostile ? "'\"><svg onload=owned()>" : "10.7.1", 1.05);
    document_init(&d);
    fill(&d, sets, size.hostile);
    buffer_init(&out, allocator_libc(), PAGE_MAX);
    document_to_html(&d, &out);
    if (document_status(&d, NULL) || buffer_status(&out))
        return 1;
    fwrite(out.at, 1, out.len, stdout);
    buffer_release(&out);
    document_release(&d);
    for (int i = 0; i < 2; i++)
        arena_release(&sets[i].memory);
    return 0;
}
