/* The tables of a sweep's document. */
#include <math.h>
#include <string.h>

#include "report/builders.h"
#include "report/row_units.h"
#include "report/sweep_document.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

enum { MATRIX_METRICS = 4 };
#define LEVEL .05

/* --- Words ------------------------------------------------------------------------------------ */

const char *sweep_verdict(const struct sweep_results *r, const struct sweep_metric *m,
                          const struct setting_estimate *e)
{
    bool more = m->info->direction == DIRECTION_MORE_IS_BETTER;

    if (e->setting == r->base)
        return "the base";
    if (!interval_known(e->against_base))
        return "not told";
    switch (e->change) {
    case CHANGE_LESS: return !m->is_judged ? "different" : more ? "worse" : "better";
    case CHANGE_MORE: return !m->is_judged ? "different" : more ? "better" : "worse";
    case CHANGE_NEGLIGIBLE:
    case CHANGE_EQUIVALENT: return "no difference that matters";
    case CHANGE_INCONCLUSIVE: break;
    }
    return "not told";
}

enum doc_tone sweep_tone(const char *verdict)
{
    if (strcmp(verdict, "better") == 0)
        return TONE_GOOD;
    if (strcmp(verdict, "worse") == 0)
        return TONE_BAD;
    return strcmp(verdict, "not told") == 0 ? TONE_UNSURE : TONE_PLAIN;
}

const char *sweep_ranks(struct document *d, const struct setting_estimate *e)
{
    if (e->rank_low == 0)
        return NULL;
    return e->rank_low == e->rank_high ? document_text(d, "%zu", e->rank_low)
                                       : document_text(d, "%zu to %zu", e->rank_low, e->rank_high);
}

const char *sweep_name_of(struct document *d, const struct sweep_results *r,
                          const struct sweep_effect *e)
{
    const char *name = sweep_effect_name(&d->memory, r, e);

    if (!name && !d->status)
        d->status = OU_NO_MEMORY;
    return name ? name : "";
}

static void add_words(struct document *d, struct doc_table *t, const char *words)
{
    if (words)
        doc_add_text(d, t, words);
    else
        doc_add_none(d, t);
}

static void add_verdict(struct document *d, struct doc_table *t, const char *verdict)
{
    doc_add_cell(
        d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = verdict, .tone = sweep_tone(verdict) });
}

static void add_percent(struct document *d, struct doc_table *t, double percent, bool sign)
{
    if (isfinite(percent))
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_NUMBER,
                                        .number = percent,
                                        .decimals = fabs(percent) < 10 ? 2 : 1,
                                        .sign = sign,
                                        .percent = true });
    else
        doc_add_none(d, t);
}

static void add_percent_interval(struct document *d, struct doc_table *t, struct interval percent)
{
    if (interval_known(percent))
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_INTERVAL,
                                        .interval = percent,
                                        .decimals = 1,
                                        .sign = true,
                                        .percent = true });
    else
        doc_add_none(d, t);
}

struct sweep_unit sweep_unit(const struct sweep_results *r, const struct sweep_metric *m)
{
    struct sweep_unit unit = { .scale = 1 };
    double base = sweep_estimate(r, m, r->base)->mean;

    if (!*m->info->unit || *m->info->unit == '#')
        return unit;
    unit.of = m->info->unit;
    unit.shown = shown_unit_of(unit.of, isnan(base) ? m->mean : base, &unit.scale);
    return unit;
}

static void add_scaled(struct document *d, struct doc_table *t, double value, double scale)
{
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isfinite(value) ? DOC_NUMBER : DOC_NONE,
                                    .number = value,
                                    .decimals = -1,
                                    .scale = scale });
}

static void add_scaled_interval(struct document *d, struct doc_table *t, struct interval value,
                                double scale)
{
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = interval_known(value) ? DOC_INTERVAL : DOC_NONE,
                                    .interval = value,
                                    .decimals = -1,
                                    .scale = scale });
}

static void add_p(struct document *d, struct doc_table *t, double p)
{
    doc_add_number(d, t, p, 4);
}

static const struct metric_info *info_at(const void *metrics, size_t i)
{
    return ((const struct sweep_metric *)metrics)[i].info;
}

static void add_metric(struct document *d, struct doc_table *t, const struct sweep_results *r,
                       const struct sweep_metric *m)
{
    doc_add_cell(d, t, metric_cell_among(d, m->info, r->metrics, r->metric_count, info_at));
}

/* --- In short ----------------------------------------------------------------------------------- */

/* "allocation area (72 %)": where most of what settings differ comes from. */
static const char *greatest_share(struct document *d, const struct sweep_results *r,
                                  const struct sweep_metric *m)
{
    const struct sweep_effect *greatest = NULL;

    for (size_t i = 0; i < m->effect_count; i++)
        if (isfinite(m->effects[i].share) && (!greatest || m->effects[i].share > greatest->share))
            greatest = &m->effects[i];
    return greatest ? document_text(d, "%s (%.0f %%)", sweep_name_of(d, r, greatest),
                                    100 * greatest->share)
                    : NULL;
}

void add_sweep_summary(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "best", .head = "best setting" },
        { .id = "mean", .head = "its mean", .number = true, .in_unit = true, .spare = 1 },
        { .id = "change",
          .head = "to the base",
          .number = true,
          .hint = "Difference to the base in percent of it" },
        { .id = "interval",
          .head = "95 % interval",
          .number = true,
          .hint = "Of that difference; those of all settings and all metrics in this table hold "
                  "at once" },
        { .id = "verdict", .head = "so it is" },
        { .id = "noise",
          .head = "run to run",
          .number = true,
          .spare = 2,
          .hint = "Deviation of runs of one setting, in percent of the mean" },
        { .id = "greatest",
          .head = "most of it by",
          .spare = 3,
          .hint = "The effect with the greatest share of what settings differ" },
    };
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "summary", "In short", COLUMNS(columns));
    for (size_t i = 0; i < r->asked_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        const struct setting_estimate *best = &m->settings[0];

        add_metric(d, t, r, m);
        if (!m->is_judged) {
            doc_end_row(d, t);
            continue;
        }
        doc_add_text(d, t, r->all[best->setting].label);
        doc_add_number(d, t, best->mean, -1);
        add_percent(d, t, sweep_percent_of_base(r, m, best->base_difference), true);
        add_percent_interval(d, t, sweep_percent_against_base(r, m, best));
        add_verdict(d, t, sweep_verdict(r, m, best));
        add_percent(d, t, m->noise_percent, false);
        add_words(d, t, greatest_share(d, r, m));
    }
}

/* --- Matrix ---------------------------------------------------------------------------------------- */

/* True where the setting is shown to be worse than the base. */
static bool add_matrix_cells(struct document *d, struct doc_table *t, const struct sweep_results *r,
                             const struct sweep_metric *m, size_t setting)
{
    double scale = sweep_unit(r, m).scale;
    const struct setting_estimate *e = sweep_estimate(r, m, setting);
    const char *verdict = sweep_verdict(r, m, e);
    bool is_best = m->is_judged && m->settings[0].setting == setting;
    bool is_worse = strcmp(verdict, "worse") == 0;

    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isnan(e->mean) ? DOC_NONE : DOC_NUMBER,
                                    .number = e->mean,
                                    .decimals = -1,
                                    .scale = scale,
                                    .tone = is_best    ? TONE_GOOD
                                            : is_worse ? TONE_BAD
                                                       : TONE_PLAIN,
                                    .hint = is_best ? "the best by its mean" : NULL });
    add_scaled_interval(d, t, e->interval, scale);
    return is_worse;
}

void add_sweep_matrix(struct document *d, const struct sweep_results *r)
{
    struct doc_column columns[2 + 2 * MATRIX_METRICS] = {
        { .id = "setting", .head = "setting" }, { .id = "runs", .head = "runs", .number = true }
    };
    size_t metrics = r->asked_count < MATRIX_METRICS ? r->asked_count : MATRIX_METRICS, worse = 0;
    struct doc_table *t;

    if (metrics == 0)
        return;
    document_heading(d, 2, "settings", "Settings and metrics");
    for (size_t i = 0; i < metrics; i++) {
        const struct metric_info *info = r->metrics[i].info;
        struct sweep_unit unit = sweep_unit(r, &r->metrics[i]);

        columns[2 + 2 * i] = (struct doc_column){ .id = document_text(d, "mean%zu", i + 1),
                                                  .head = info->name,
                                                  .unit = unit.of,
                                                  .shown_unit = unit.shown,
                                                  .number = true };
        columns[3 + 2 * i] = (struct doc_column){
            .id = document_text(d, "interval%zu", i + 1), .head = "95 %", .number = true, .spare = 1
        };
    }
    t = document_table(d, "matrix", "Means of settings, adjusted for blocks", columns,
                       2 + 2 * metrics);
    for (size_t i = 0; i < r->setting_count; i++) {
        doc_add_text(d, t, r->all[i].label);
        doc_add_count(d, t, (int64_t)r->all[i].run_count);
        for (size_t k = 0; k < metrics; k++)
            worse += add_matrix_cells(d, t, r, &r->metrics[k], i);
    }
    if (worse > 0)
        t->note = "Marked by ! or a cross is what is shown to be worse than the base.";
    figure_sweep_matrix(d, r);
}

/* --- Ranking ------------------------------------------------------------------------------------------ */

void add_sweep_ranking(struct document *d, const struct sweep_results *r,
                       const struct sweep_metric *m)
{
    struct sweep_unit unit = sweep_unit(r, m);
    const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "rank",
          .head = "rank",
          .hint = "The ranks that it may have: those of all settings hold at once, at 95 %" },
        { .id = "mean", .head = "mean", .unit = unit.of, .shown_unit = unit.shown, .number = true },
        { .id = "interval", .head = "95 %", .number = true, .spare = 1, .hint = "Of the mean" },
        { .id = "change",
          .head = "to the base",
          .number = true,
          .hint = "Difference to the base in percent of it" },
        { .id = "changeInterval",
          .head = "95 %, all at once",
          .number = true,
          .hint = "Dunnett's: of all settings and all metrics that the sweep asks for" },
        { .id = "bestInterval",
          .head = "to the best other",
          .number = true,
          .spare = 2,
          .hint = "Hsu's, in percent of the base, all settings at once: an end of 0 on the better "
                  "side says that it is not the best" },
        { .id = "verdict", .head = "so it is" },
        { .id = "runs", .head = "runs", .number = true, .spare = 3, .said_once = true },
        { .id = "deviation",
          .head = "deviation",
          .number = true,
          .spare = 4,
          .hint = "Of the setting's own runs" },
    };
    struct doc_table *t =
        document_table(d, document_text(d, "ranking-%s", m->info->id),
                       document_text(d, "Settings by %s", m->info->name), COLUMNS(columns));

    for (size_t i = 0; i < r->setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];

        doc_add_text(d, t, r->all[e->setting].label);
        add_words(d, t, sweep_ranks(d, e));
        add_scaled(d, t, e->mean, unit.scale);
        add_scaled_interval(d, t, e->interval, unit.scale);
        add_percent(d, t, sweep_percent_of_base(r, m, e->base_difference), true);
        add_percent_interval(d, t, sweep_percent_against_base(r, m, e));
        add_percent_interval(
            d, t,
            (struct interval){ sweep_percent_of_base(r, m, e->against_best.low),
                               sweep_percent_of_base(r, m, e->against_best.high) });
        add_verdict(d, t, sweep_verdict(r, m, e));
        doc_add_count(d, t, (int64_t)e->n);
        add_scaled(d, t, e->deviation, unit.scale);
    }
    t->note = document_text(d, "A difference matters beyond the margin of %s.",
                            document_text(d, "%.3g %%", sweep_percent_of_base(r, m, m->margin)));
    figure_sweep_settings(d, r, m);
}

/* --- Effects --------------------------------------------------------------------------------------------- */

static const struct doc_column effect_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "effect", .head = "of", .key = true },
    { .id = "share", .head = "share", .number = true, .hint = "Of the variation between settings" },
    { .id = "largest",
      .head = "differ by",
      .unit = "% of mean",
      .number = true,
      .hint =
          "The greatest difference of two levels' means in percent of the mean; of axes that hang together, of what "
          "that adds to two combinations" },
    { .id = "dof", .head = "dof", .number = true, .spare = 2 },
    { .id = "f", .head = "F", .number = true, .spare = 1 },
    { .id = "p", .head = "p", .number = true, .spare = 1 },
    { .id = "pAdjusted",
      .head = "adjusted p",
      .number = true,
      .hint = "Holm, over all effects on all metrics that the sweep asks for" },
    { .id = "told", .head = "so it is" },
};

static const char *told_words(const struct sweep_effect *e)
{
    if (e->aliased)
        return e->axis == e->other && !isnan(e->p) ? "there, if others do not hang together"
                                                   : "not told from others";
    if (isnan(e->p_adjusted))
        return "not told";
    return e->p_adjusted < LEVEL ? "there" : "not shown";
}

static void add_effect(struct document *d, struct doc_table *t, const struct sweep_results *r,
                       const struct sweep_metric *m, const struct sweep_effect *e, const char *name)
{
    const char *told = told_words(e);
    bool held = e->aliased && e->axis == e->other && !(e->p_adjusted < LEVEL);

    add_metric(d, t, r, m);
    doc_add_text(d, t, name);
    add_percent(d, t, 100 * e->share, false);
    doc_add_number(d, t, e->largest_percent, e->largest_percent < 10 ? 2 : 1);
    doc_add_number(d, t, e->dof, 0);
    doc_add_number(d, t, e->f, 2);
    add_p(d, t, e->p);
    add_p(d, t, e->p_adjusted);
    doc_add_text(d, t, held ? "not shown" : told);
}

static void add_effects_of(struct document *d, struct doc_table *t, const struct sweep_results *r,
                           const struct sweep_metric *m)
{
    for (size_t i = 0; i < m->effect_count; i++)
        add_effect(d, t, r, m, &m->effects[i], sweep_name_of(d, r, &m->effects[i]));
    if (m->rest.dof > 0)
        add_effect(d, t, r, m, &m->rest, "what is left of settings");
}

void add_sweep_effects(struct document *d, const struct sweep_results *r)
{
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "effects", "Effects of axes", COLUMNS(effect_columns));
    for (size_t i = 0; i < r->asked_count; i++)
        add_effects_of(d, t, r, &r->metrics[i]);
}

void add_sweep_levels(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "axis", .head = "axis", .key = true },
        { .id = "level", .head = "level", .key = true },
        { .id = "mean", .head = "mean", .number = true, .in_unit = true },
        { .id = "interval", .head = "95 %", .number = true, .in_unit = true },
        { .id = "runs", .head = "runs", .number = true, .spare = 1 },
    };
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "levels", "Means of levels, over all levels of the others",
                       COLUMNS(columns));
    for (size_t i = 0; i < r->asked_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];

        for (size_t k = 0; k < m->level_count; k++) {
            const struct level_mean *l = &m->levels[k];

            if (l->axis != l->other)
                continue;
            add_metric(d, t, r, m);
            doc_add_text(d, t, r->axes[l->axis].name);
            doc_add_text(d, t, r->axes[l->axis].levels[l->level]);
            doc_add_number(d, t, l->mean, -1);
            doc_add_interval(d, t, l->interval, -1);
            doc_add_count(d, t, (int64_t)l->n);
        }
    }
}

/* --- Other metrics --------------------------------------------------------------------------------------------- */

void add_sweep_others(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "p",
          .head = "p",
          .number = true,
          .hint = "That settings differ at all; not adjusted" },
        { .id = "greatest", .head = "most of it by" },
        { .id = "pAdjusted",
          .head = "adjusted p",
          .number = true,
          .hint = "Of that effect: Holm, over all effects on all metrics in this table" },
        { .id = "best", .head = "best setting", .spare = 1 },
        { .id = "mean", .head = "its mean", .number = true, .in_unit = true, .spare = 2 },
        { .id = "base", .head = "base", .number = true, .in_unit = true, .spare = 2 },
        { .id = "change", .head = "against the base", .number = true },
        { .id = "changeInterval", .head = "95 %", .number = true, .spare = 1 },
        { .id = "noise", .head = "run to run", .number = true, .spare = 3 },
    };
    struct doc_table *t;

    if (r->metric_count == r->asked_count)
        return;
    document_heading(d, 2, "others", "All other metrics");
    document_paragraph(d, "Looked at beside what the sweep asks for, the clearest first. Their p "
                          "values are adjusted among themselves.");
    t = document_table(d, "other-metrics", "What settings do to other metrics", COLUMNS(columns));
    for (size_t i = r->asked_count; i < r->metric_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        const struct setting_estimate *best = &m->settings[0];
        const struct sweep_effect *clearest = NULL;

        for (size_t k = 0; k < m->effect_count; k++)
            if (!isnan(m->effects[k].p) && (!clearest || m->effects[k].p < clearest->p))
                clearest = &m->effects[k];
        add_metric(d, t, r, m);
        add_p(d, t, m->settings_p);
        add_words(d, t, clearest ? sweep_name_of(d, r, clearest) : NULL);
        add_p(d, t, clearest ? clearest->p_adjusted : NAN);
        if (!m->is_judged) { /* none is the best one of it */
            doc_end_row(d, t);
            continue;
        }
        doc_add_text(d, t, r->all[best->setting].label);
        doc_add_number(d, t, best->mean, -1);
        doc_add_number(d, t, sweep_estimate(r, m, r->base)->mean, -1);
        add_percent(d, t, sweep_percent_of_base(r, m, best->base_difference), true);
        add_percent_interval(d, t, sweep_percent_against_base(r, m, best));
        add_percent(d, t, m->noise_percent, false);
    }
}

/* --- Drift ----------------------------------------------------------------------------------------------------------- */

void add_sweep_drift(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "p", .head = "p", .number = true },
        { .id = "pAdjusted",
          .head = "adjusted p",
          .number = true,
          .hint = "Holm, over all metrics" },
    };
    struct doc_table *t = NULL;

    if (r->repetitions < 2 || r->metric_count == 0)
        return;
    document_heading(d, 2, "drift", "Drift over blocks");
    document_paragraph(d, "Each block has every setting once, in an order of its own, so that a "
                          "machine that gets slower from block to block does so for all settings "
                          "alike. That is taken off all means.");
    for (size_t i = 0; i < r->metric_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];

        if (!(m->block_p_adjusted < LEVEL))
            continue;
        if (!t)
            t = document_table(d, "drift-test", "Metrics that differ between blocks",
                               COLUMNS(columns));
        add_metric(d, t, r, m);
        add_p(d, t, m->block_p);
        add_p(d, t, m->block_p_adjusted);
    }
    if (!t)
        document_paragraph(d,
                           "No metric is shown to differ between blocks (adjusted p below .05).");
    figure_sweep_drift(d, r);
}

/* --- Runs -------------------------------------------------------------------------------------------------------------- */

static const char *fate_words(enum sweep_fate fate)
{
    static const char *const words[] = {
        [SWEEP_FATE_OPEN] = "open",
        [SWEEP_FATE_DONE] = "done",
        [SWEEP_FATE_UNREAD] = "done, results cannot be read",
        [SWEEP_FATE_FAILED] = "given up",
    };

    return words[fate];
}

/* Runs of a setting by what became of them, and what they took. */
struct runs_of {
    size_t planned, fates[SWEEP_FATE_FAILED + 1], attempts, timed;
    double seconds;
};

static struct runs_of count_runs(const struct sweep_results *r, size_t setting)
{
    struct runs_of of = { 0 };

    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];

        if (made->setting != setting)
            continue;
        of.planned++;
        of.fates[made->fate]++;
        of.attempts += made->attempts;
        if (made->fate == SWEEP_FATE_DONE && isfinite(made->seconds)) {
            of.seconds += made->seconds;
            of.timed++;
        }
    }
    return of;
}

static void add_troubles(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "block", .head = "block", .number = true },
        { .id = "attempts", .head = "attempts", .number = true },
        { .id = "fate", .head = "so it is" },
        { .id = "cause", .head = "cause" },
        { .id = "directory", .head = "directory", .spare = 1 },
    };
    struct doc_table *t = NULL;

    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];

        if (!made->cause || !*made->cause)
            continue;
        if (!t)
            t = document_table(d, "failures", "Runs that went wrong", COLUMNS(columns));
        doc_add_text(d, t, r->all[made->setting].label);
        doc_add_count(d, t, (int64_t)made->block + 1);
        doc_add_count(d, t, (int64_t)made->attempts);
        doc_add_cell(
            d, t,
            (struct doc_cell){ .kind = DOC_TEXT,
                               .text = fate_words(made->fate),
                               .tone = made->fate == SWEEP_FATE_OPEN ? TONE_UNSURE : TONE_BAD });
        doc_add_text(d, t, made->cause);
        add_words(d, t, made->directory);
    }
}

void add_sweep_runs(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "planned", .head = "planned", .number = true },
        { .id = "done", .head = "done", .number = true },
        { .id = "failed", .head = "failed", .number = true },
        { .id = "open", .head = "open", .number = true },
        { .id = "seconds",
          .head = "seconds a run",
          .number = true,
          .hint = "Wall clock, from making its files to the end of its analysis",
          .spare = 1 },
    };
    struct doc_table *t;

    document_heading(d, 2, "runs", "The runs");
    add_troubles(d, r);
    t = document_table(d, "runs-of-settings", "Runs of each setting", COLUMNS(columns));
    for (size_t i = 0; i < r->setting_count; i++) {
        struct runs_of of = count_runs(r, i);

        doc_add_text(d, t, r->all[i].label);
        doc_add_count(d, t, (int64_t)of.planned);
        doc_add_count(d, t, (int64_t)of.fates[SWEEP_FATE_DONE]);
        doc_add_count(d, t, (int64_t)(of.fates[SWEEP_FATE_FAILED] + of.fates[SWEEP_FATE_UNREAD]));
        doc_add_count(d, t, (int64_t)of.fates[SWEEP_FATE_OPEN]);
        doc_add_number(d, t, of.timed > 0 ? of.seconds / (double)of.timed : NAN, 1);
    }
}
