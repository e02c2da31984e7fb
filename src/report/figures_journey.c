/* What happened over time, and how a block travels. */
#include <math.h>
#include <string.h>

#include "report/figures_inside.h"

extern char figure_timeline_spec[], figure_arrival_spec[], figure_phases_spec[];

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Lines over slots ------------------------------------------------------------------- */

static const struct doc_column timeline_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "kind", .head = "what" },
    { .id = "slot", .head = "slot", .number = true },
    { .id = "mean", .head = "mean of hosts", .number = true },
    { .id = "low", .head = "least host", .number = true },
    { .id = "high", .head = "greatest host", .number = true },
    { .id = "panel", .head = "panel", .number = true },
};

/* A picture of one metric, by its place among the others. */
struct panel {
    const char *metric;
    size_t place;
};

static void add_instant(struct document *d, struct doc_figure *f, const struct panel *panel,
                        const char *kind, double slot, struct timeline_bin bin)
{
    doc_add_text(d, &f->data, panel->metric);
    doc_add_text(d, &f->data, kind);
    doc_add_number(d, &f->data, slot, 0);
    doc_add_number(d, &f->data, bin.mean, -1);
    doc_add_number(d, &f->data, bin.min, -1);
    doc_add_number(d, &f->data, bin.max, -1);
    doc_add_count(d, &f->data, (int64_t)panel->place);
}

static double slot_of_bin(const struct finished_run *run, size_t bin)
{
    return (double)run->timeline.first_slot + (double)bin * (double)run->timeline.slots_per_bin;
}

/* The beginnings of epochs within the run, the first slot not among them. */
static void add_epochs(struct document *d, struct doc_figure *f, const struct finished_run *run,
                       const struct panel *panel)
{
    static const struct timeline_bin nothing = { NAN, NAN, NAN };
    double epoch = (double)run->timeline.epoch_slots, first = slot_of_bin(run, 0);
    double end = slot_of_bin(run, run->timeline.bins);

    if (epoch < 1 || (end - first) / epoch > 50) /* so many lines would hide what they divide */
        return;
    for (int i = 1; (floor(first / epoch) + i) * epoch < end; i++)
        add_instant(d, f, panel, "epoch", (floor(first / epoch) + i) * epoch, nothing);
}

static bool is_zero_throughout(const struct finished_run *run, const struct timeline_line *line)
{
    for (size_t i = 0; i < run->timeline.bins; i++) {
        const struct timeline_bin *bin = &line->bins[i];

        if ((isfinite(bin->mean) && bin->mean != 0) || (isfinite(bin->max) && bin->max != 0))
            return false;
    }
    return true;
}

/* The lines in which nothing is to be seen; "" where there are none. */
static const char *zero_lines(struct document *d, const struct finished_run *run)
{
    const char *names = "";

    for (size_t i = 0; i < run->timeline.line_count; i++) {
        if (is_zero_throughout(run, &run->timeline.lines[i]))
            names = document_text(d, "%s%s%s", names, *names ? ", " : "; 0 throughout: ",
                                  run->timeline.lines[i].info->name);
    }
    return names;
}

static void add_line(struct document *d, struct doc_figure *f, const struct finished_run *run,
                     size_t at)
{
    const struct timeline_line *line = &run->timeline.lines[at];
    struct panel panel = { figure_axis(d, line->info), at };

    for (size_t i = 0; i < run->timeline.bins; i++) {
        if (isfinite(line->bins[i].mean))
            add_instant(d, f, &panel, "mean", slot_of_bin(run, i), line->bins[i]);
    }
    add_epochs(d, f, run, &panel);
}

/* Accepted blocks by bin, as a panel below the others. */
static void add_adoptions(struct document *d, struct doc_figure *f, const struct finished_run *run)
{
    double *counts = figure_numbers(d, run->timeline.bins);
    struct panel panel = { "adopted blocks", run->timeline.line_count };

    if (!counts || run->block_count == 0)
        return;
    for (size_t i = 0; i < run->block_count; i++) {
        int64_t past = run->blocks[i].slot - run->timeline.first_slot;

        if (past >= 0 && (uint64_t)past / run->timeline.slots_per_bin < run->timeline.bins)
            counts[(uint64_t)past / run->timeline.slots_per_bin]++;
    }
    for (size_t i = 0; i < run->timeline.bins; i++) {
        if (counts[i] > 0)
            add_instant(d, f, &panel, "blocks", slot_of_bin(run, i),
                        (struct timeline_bin){ counts[i], 0, counts[i] });
    }
    add_epochs(d, f, run, &panel);
}

static double mean_of_part(const struct timeline_line *line, size_t from, size_t to)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = from; i < to; i++) {
        if (isfinite(line->bins[i].mean)) {
            sum += line->bins[i].mean;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : NAN;
}

/* Whether a rise of it costs something: that the ledger grows, or blocks take turns with empty slots, is what the load
 * is. */
static bool is_cost(const struct metric_info *info)
{
    static const char *const ids[] = { "CentiCpu", "CentiMut", "CentiGC", "RSS", "Heap", "Live" };

    for (size_t i = 0; i < COUNT(ids); i++)
        if (strcmp(info->id, ids[i]) == 0)
            return true;
    return false;
}

/* The cost that changed most from the first to the last third of the run. */
static const char *timeline_reading(struct document *d, const struct finished_run *run)
{
    const struct timeline_line *most = NULL;
    double most_change = 0;
    size_t bins = run->timeline.bins, third = bins / 3;

    for (size_t i = 0; third > 0 && i < run->timeline.line_count; i++) {
        const struct timeline_line *line = &run->timeline.lines[i];
        double before = mean_of_part(line, 0, third);
        double change = (mean_of_part(line, bins - third, bins) - before) / fabs(before);

        if (is_cost(line->info) && isfinite(change) && fabs(change) >= fabs(most_change)) {
            most_change = change;
            most = line;
        }
    }
    if (!most)
        return document_text(d, "Means of hosts over %s.",
                             figure_count(d, bins, "stretch of slots", "stretches of slots"));
    return document_text(
        d,
        "From the first to the last third of the run %s changed most among CPU and memory: from %s to %s, by %s.",
        most->info->name, figure_amount(d, mean_of_part(most, 0, third), most->info->unit),
        figure_amount(d, mean_of_part(most, bins - third, bins), most->info->unit),
        figure_difference(d, 100 * most_change, "%"));
}

static void sketch_line(struct document *d, struct doc_figure *f, const struct finished_run *run)
{
    double *means = figure_numbers(d, run->timeline.bins);

    if (!means)
        return;
    for (size_t i = 0; i < run->timeline.bins; i++)
        means[i] = run->timeline.lines[0].bins[i].mean;
    doc_figure_line(d, f, means, run->timeline.bins);
}

bool figure_timeline(struct document *d, const struct finished_run *run)
{
    struct doc_figure *f;

    if (run->timeline.bins < 2 || run->timeline.line_count == 0 || run->timeline.slots_per_bin == 0)
        return false;
    f = document_figure(d, "timeline", "What happened over time", figure_timeline_spec,
                        timeline_columns, COUNT(timeline_columns));
    for (size_t i = 0; i < run->timeline.line_count; i++) {
        if (!is_zero_throughout(run, &run->timeline.lines[i]))
            add_line(d, f, run, i);
    }
    add_adoptions(d, f, run);
    sketch_line(d, f, run);
    f->units = document_text(
        d,
        "line: mean of hosts, band: least and greatest host, of %s each; n = %s, %s; dotted: epochs begin%s",
        figure_count(d, (size_t)run->timeline.slots_per_bin, "slot", "slots"),
        figure_count(d, run->host_count, "host", "hosts"),
        figure_count(d, run->block_count, "accepted block", "accepted blocks"), zero_lines(d, run));
    f->reading = timeline_reading(d, run);
    return true;
}

/* --- Arrival ------------------------------------------------------------------------------ */

static const struct doc_column arrival_columns[] = {
    { .id = "share", .head = "share of hosts", .number = true },
    { .id = "p05", .head = "5 % of blocks", .unit = "s", .number = true },
    { .id = "p50", .head = "median block", .unit = "s", .number = true },
    { .id = "p95", .head = "95 % of blocks", .unit = "s", .number = true },
    { .id = "bound", .head = "bound", .unit = "s", .number = true },
};

static const struct arrival_point *arrival_at(const struct finished_run *run, double share)
{
    for (size_t i = 0; i < run->arrival_count; i++) {
        if (run->arrival[i].share >= share - 1e-9)
            return &run->arrival[i];
    }
    return &run->arrival[run->arrival_count - 1];
}

static const char *arrival_reading(struct document *d, const struct finished_run *run)
{
    const struct arrival_point *half = arrival_at(run, .5), *most = arrival_at(run, .95);
    const char *text = document_text(
        d,
        "The median block has reached half of the hosts after %s and %.4g %% of them after %s (5 to 95 %% of blocks: %s to %s)",
        figure_amount(d, half->p50, "s"), most->share * 100, figure_amount(d, most->p50, "s"),
        figure_amount(d, most->p05, "s"), figure_amount(d, most->p95, "s"));

    if (!isfinite(most->bound))
        return document_text(d, "%s.", text);
    return document_text(
        d, "%s; for the median block physics allows %s, %s of that time%s.", text,
        figure_amount(d, most->bound, "s"), figure_amount(d, 100 * most->bound / most->p50, "%"),
        most->p05 < most->bound ? ": blocks of forgers nearer to the others can be faster" : "");
}

static void sketch_arrival(struct document *d, struct doc_figure *f, const struct finished_run *run)
{
    double *delays = figure_numbers(d, run->arrival_count);

    if (!delays)
        return;
    for (size_t i = 0; i < run->arrival_count; i++)
        delays[i] = run->arrival[i].p50;
    doc_figure_line(d, f, delays, run->arrival_count);
}

bool figure_arrival(struct document *d, const struct finished_run *run)
{
    struct doc_figure *f;

    if (run->arrival_count < 2)
        return false;
    f = document_figure(d, "arrival", "How a block reaches the hosts", figure_arrival_spec,
                        arrival_columns, COUNT(arrival_columns));
    for (size_t i = 0; i < run->arrival_count; i++) {
        const struct arrival_point *p = &run->arrival[i];

        doc_add_number(d, &f->data, p->share, -1);
        doc_add_number(d, &f->data, p->p05, -1);
        doc_add_number(d, &f->data, p->p50, -1);
        doc_add_number(d, &f->data, p->p95, -1);
        doc_add_number(d, &f->data, p->bound, -1);
    }
    sketch_arrival(d, f, run);
    f->units = document_text(
        d, "s since the slot start; n = %s, %s; quantiles over accepted blocks (%s)%s",
        figure_count(d, run->host_count, "host", "hosts"),
        figure_count(d, run->block_count, "block", "blocks"), quantile_rule_name(QUANTILE_TYPE7),
        isfinite(run->arrival[0].bound)
            ? "; bound: the median over blocks, each with its own forger"
            : "");
    f->reading = arrival_reading(d, run);
    return true;
}

/* --- Phases ------------------------------------------------------------------------------- */

enum { PHASES_MAX = 8, PHASE_SETS_MAX = 4, PARTS_MAX = 4 };

static const struct doc_column phase_columns[] = {
    { .id = "series", .head = "runs" },
    { .id = "phase", .head = "phase" },
    { .id = "begin", .head = "begins", .unit = "s", .number = true },
    { .id = "end", .head = "ends", .unit = "s", .number = true },
    { .id = "duration", .head = "lasts", .unit = "s", .number = true },
    { .id = "label", .head = "shown" },
};

/* From the slot start to adoption by a peer: each phase begins where the one before it ends. What a
 * phase is made of is added up; parts that were not measured count as nothing. */
static const struct phase {
    const char *name;
    enum metric_section section;
    const char *parts[PARTS_MAX];
    bool from_slot_start; /* its part tells when it ends, not how long it lasts */
} phases[PHASES_MAX] = {
    { "loop start", SECTION_FORGER, { "cdfForgerStart" }, false },
    { "leadership check",
      SECTION_FORGER,
      { "cdfForgerBlkCtx", "cdfForgerLgrState", "cdfForgerLgrView", "cdfForgerLead" },
      false },
    { "forging",
      SECTION_FORGER,
      { "cdfForgerTicked", "cdfForgerMemSnap", "cdfForgerForge" },
      false },
    { "announcement", SECTION_FORGER, { "cdfForgerAnnounce" }, false },
    { "first peer notice", SECTION_PEERS, { "cdfPeerNoticeFirst" }, true },
    { "fetch request", SECTION_PEERS, { "cdfPeerRequest" }, false },
    { "fetch", SECTION_PEERS, { "cdfPeerFetch" }, false },
    { "adoption", SECTION_PEERS, { "cdfPeerAdoption" }, false },
};

struct waterfall {
    const char *label;
    const struct run_set *set;
    double begin[PHASES_MAX], end[PHASES_MAX]; /* NaN: not measured */
    double total;
    size_t measured;
};

static double sum_of_parts(const struct run_set *set, const struct phase *phase)
{
    double sum = 0;
    bool known = false;

    for (size_t i = 0; i < PARTS_MAX && phase->parts[i]; i++) {
        double mean = mean_over_runs(set, phase->section, phase->parts[i]);

        if (isfinite(mean)) {
            sum += mean;
            known = true;
        }
    }
    return known ? sum : NAN;
}

static struct waterfall waterfall_of(const struct run_set *set, const char *label)
{
    struct waterfall w = { .label = label, .set = set };
    double at = 0;

    for (size_t i = 0; i < PHASES_MAX; i++) {
        double sum = sum_of_parts(set, &phases[i]);

        w.begin[i] = w.end[i] = NAN;
        if (isnan(sum))
            continue;
        w.begin[i] = at;
        w.end[i] = at = phases[i].from_slot_start ? sum : at + sum;
        w.measured++;
    }
    w.total = at;
    return w;
}

static void add_phases(struct document *d, struct doc_figure *f, const struct waterfall *falls,
                       size_t count)
{
    for (size_t i = 0; i < PHASES_MAX; i++) {
        for (size_t s = 0; s < count; s++) {
            double lasts = falls[s].end[i] - falls[s].begin[i];

            if (isnan(lasts))
                continue;
            doc_add_text(d, &f->data, falls[s].label);
            doc_add_text(d, &f->data, phases[i].name);
            doc_add_number(d, &f->data, falls[s].begin[i], -1);
            doc_add_number(d, &f->data, falls[s].end[i], -1);
            doc_add_number(d, &f->data, lasts, -1);
            doc_add_text(d, &f->data, figure_amount(d, lasts * 1000, "ms"));
        }
    }
}

static size_t longest_phase(const struct waterfall *w)
{
    size_t longest = PHASES_MAX;

    for (size_t i = 0; i < PHASES_MAX; i++) {
        double lasts = w->end[i] - w->begin[i];

        if (isfinite(lasts) &&
            (longest == PHASES_MAX || lasts > w->end[longest] - w->begin[longest]))
            longest = i;
    }
    return longest;
}

/* The phase whose length differs most between the first two sets. */
static const char *most_different(struct document *d, const struct waterfall *falls)
{
    double most = NAN;
    size_t at = 0;

    for (size_t i = 0; i < PHASES_MAX; i++) {
        double difference =
            falls[1].end[i] - falls[1].begin[i] - falls[0].end[i] + falls[0].begin[i];

        if (isfinite(difference) && !(fabs(difference) <= fabs(most))) {
            most = difference;
            at = i;
        }
    }
    if (isnan(most))
        return "";
    return document_text(d, "; against %s, %s in %s differs most, by %s", falls[0].label,
                         phases[at].name, falls[1].label, figure_difference(d, most * 1000, "ms"));
}

static const char *phases_reading(struct document *d, const struct waterfall *falls, size_t count)
{
    size_t longest = longest_phase(&falls[0]);
    double lasts = falls[0].end[longest] - falls[0].begin[longest];

    return document_text(
        d,
        "%s%s%s block takes %s from the slot start to adoption by a peer over one hop, most of it in %s (%s)%s.",
        count > 1 ? "In " : "", count > 1 ? falls[0].label : "", count > 1 ? " a" : "A",
        figure_amount(d, falls[0].total, "s"), phases[longest].name, figure_amount(d, lasts, "s"),
        count > 1 ? most_different(d, falls) : "");
}

bool figure_phases(struct document *d, const struct run_set *const *sets, size_t set_count)
{
    struct waterfall falls[PHASE_SETS_MAX];
    size_t count = 0;
    const char *n = "";
    struct doc_figure *f;

    for (size_t i = 0; i < set_count && count < PHASE_SETS_MAX; i++) {
        falls[count] = waterfall_of(sets[i], figure_set_label(d, sets, set_count, i));
        if (falls[count].measured >= 2)
            count++;
    }
    if (count == 0)
        return false;
    f = document_figure(d, "phases", "Where the time goes",
                        figure_spec(d, figure_phases_spec,
                                    &(struct spec_blank){ "step", NULL, count > 1 ? "14" : "22" },
                                    1),
                        phase_columns, COUNT(phase_columns));
    add_phases(d, f, falls, count);
    for (size_t i = 0; i < count; i++)
        n = document_text(d, "%s%s%s of %s", n, i > 0 ? ", " : "",
                          figure_count(d, falls[i].set->count, "run", "runs"), falls[i].label);
    f->units =
        document_text(d, "s; n = %s; means over blocks and observers, averaged over runs", n);
    f->reading = phases_reading(d, falls, count);
    return true;
}
