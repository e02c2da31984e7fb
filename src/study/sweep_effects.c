/* One metric of a sweep: what the axes do to it, and how much it varies by itself. */
#include <string.h>

#include "stats/blocked.h"
#include "stats/factorial.h"
#include "stats/laws.h"
#include "stats/mean.h"
#include "study/margins.h"
#include "study/sweep_inside.h"

/* Squares below that share of the values' own are what rounding leaves of 0. */
static const double rounding = 1e-26;

/* The square of less is none. */
static const double smallest = 1e-100;
enum { DECIMALS_MOST = 6 };

struct metric_fit {
    struct blocked settings;
    struct factorial effects;
    double least; /* squares that are less are 0 */
    double grain; /* deviation that rounding alone makes */
};

/* --- Values ---------------------------------------------------------------------------------- */

static double value_of(const struct sweep_results *r, const struct sweep_made *made,
                       const struct metric_info *info)
{
    const struct run_value *value =
        made->run == SIZE_MAX ? NULL
                              : run_value_find(&r->runs.runs[made->run], info->section, info->id);

    return value ? value->mean : NAN;
}

static void take_values(struct sweep_work *w, const struct metric_info *info)
{
    const struct sweep_results *r = w->results;

    w->runs = 0;
    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];
        double value = value_of(r, made, info);

        if (!sweep_is_value(value))
            continue;
        w->setting[w->runs] = (uint32_t)made->setting;
        w->block[w->runs] = made->block;
        memcpy(&w->levels[w->runs * r->axis_count], r->all[made->setting].levels, r->axis_count);
        w->values[w->runs++] = fabs(value) < smallest ? 0 : value;
    }
}

/* Whether all values have so many decimals at most. */
static bool have_decimals(const struct sweep_work *w, int decimals)
{
    double scale = pow(10, decimals);

    for (size_t i = 0; i < w->runs; i++) {
        double scaled = scale * w->values[i];

        if (fabs(scaled - nearbyint(scaled)) > 1e-12 * fabs(scaled))
            return false;
    }
    return true;
}

/* Counts, and times in whole milliseconds, come out alike where what they are made of does not: two runs with three events are
 * no proof that there are always three. What is rounded to steps deviates by step / sqrt(12) from itself. 0: values are all
 * the same, or have more decimals than anything that is rounded. */
static double rounding_deviation(const struct sweep_work *w)
{
    size_t same = 1;
    int decimals = 0;

    while (same < w->runs && w->values[same] == w->values[0])
        same++;
    if (same >= w->runs)
        return 0;
    while (decimals <= DECIMALS_MOST && !have_decimals(w, decimals))
        decimals++;
    return decimals > DECIMALS_MOST ? 0 : pow(10, -decimals) / sqrt(12);
}

/* --- Fitting ---------------------------------------------------------------------------------- */

static enum ou_status fit_effects(struct sweep_work *w, enum factorial_model model,
                                  struct metric_fit *f, struct ou_error *err)
{
    struct sweep_results *r = w->results;
    size_t counts[SWEEP_AXES_READ];
    struct factorial_runs runs = { w->runs,   r->axis_count, r->repetitions, counts,
                                   w->levels, w->block,      w->values };

    for (size_t i = 0; i < r->axis_count; i++)
        counts[i] = r->axes[i].level_count;
    return factorial_fit(&runs, model, &r->memory, &f->effects, err);
}

static double noise_of(double squares, double dof, const struct metric_fit *f)
{
    return squares <= f->least ? f->grain : fmax(sqrt(squares / dof), f->grain);
}

/* Runs of one setting tell the noise; where each has one, interactions have to stand for it. */
static enum ou_status find_noise(struct sweep_work *w, struct metric_fit *f, struct sweep_metric *m,
                                 struct ou_error *err)
{
    enum ou_status status = fit_effects(w, FACTORIAL_PAIRS, f, err);

    m->residual_deviation = m->residual_dof = NAN;
    if (status)
        return status;
    if (f->settings.residual_dof >= 1) {
        m->error = SWEEP_ERROR_RUNS;
        m->residual_dof = f->settings.residual_dof;
        m->residual_deviation = noise_of(f->settings.residual_squares, m->residual_dof, f);
        return OU_OK;
    }
    m->error = f->effects.with_interactions ? SWEEP_ERROR_HIGHER : SWEEP_ERROR_INTERACTIONS;
    if (f->effects.residual_dof < 1 && f->effects.with_interactions) {
        m->error = SWEEP_ERROR_INTERACTIONS;
        status = fit_effects(w, FACTORIAL_MAIN_EFFECTS, f, err);
    }
    if (status || f->effects.residual_dof < 1) {
        m->error = SWEEP_ERROR_NONE;
        return status;
    }
    m->residual_dof = f->effects.residual_dof;
    m->residual_deviation = noise_of(f->effects.residual_squares, m->residual_dof, f);
    return OU_OK;
}

/* --- Effects ---------------------------------------------------------------------------------- */

/* With no noise at all any difference is certain. */
static void test_effect(const struct sweep_metric *m, struct sweep_effect *e)
{
    double noise = m->residual_deviation * m->residual_deviation;

    if (!(e->dof > 0) || m->error == SWEEP_ERROR_NONE)
        return;
    e->f = e->sum_squares == 0 ? 0 : e->sum_squares / e->dof / noise;
    e->p = isinf(e->f) ? 0 : f_tail(e->f, e->dof, m->residual_dof);
}

static struct sweep_effect effect_of(size_t axis, size_t other, double dof, double squares,
                                     double least)
{
    return (struct sweep_effect){ .axis = axis,
                                  .other = other,
                                  .dof = dof,
                                  .sum_squares = squares <= least ? 0 : squares,
                                  .f = NAN,
                                  .p = NAN,
                                  .p_adjusted = NAN,
                                  .share = NAN,
                                  .largest_percent = NAN };
}

static double percent(double part, double mean)
{
    return mean == 0 ? NAN : 100 * part / fabs(mean);
}

/* What settings differ beyond what the effects say. */
static void add_rest(const struct metric_fit *f, struct sweep_metric *m)
{
    double dof = f->effects.left_dof - f->settings.residual_dof;
    double squares = f->effects.left_squares - f->settings.residual_squares;

    m->rest = effect_of(SIZE_MAX, SIZE_MAX, NAN, NAN, f->least);
    if (m->error != SWEEP_ERROR_RUNS || dof < 1)
        return;
    m->rest = effect_of(SIZE_MAX, SIZE_MAX, dof, squares, f->least);
    test_effect(m, &m->rest);
}

static void share_out(struct sweep_metric *m)
{
    double all = m->rest.dof > 0 ? m->rest.sum_squares : 0;

    for (size_t i = 0; i < m->effect_count; i++)
        all += m->effects[i].dof > 0 ? m->effects[i].sum_squares : 0;
    for (size_t i = 0; all > 0 && i < m->effect_count; i++)
        m->effects[i].share = m->effects[i].sum_squares / all;
    if (all > 0)
        m->rest.share = m->rest.sum_squares / all;
}

static enum ou_status add_effects(struct sweep_work *w, const struct metric_fit *f,
                                  struct sweep_metric *m, struct ou_error *err)
{
    m->effect_count = f->effects.effect_count;
    m->effects = sweep_take(w->results, m->effect_count, sizeof *m->effects, err);
    if (!m->effects)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < m->effect_count; i++) {
        const struct factorial_effect *from = &f->effects.effects[i];

        m->effects[i] =
            effect_of(from->factor, from->other, from->dof, from->sum_squares, f->least);
        m->effects[i].aliased = from->aliased;
        m->effects[i].largest_percent = percent(from->range, m->mean);
        test_effect(m, &m->effects[i]);
    }
    add_rest(f, m);
    share_out(m);
    return OU_OK;
}

static struct interval interval_of(const struct sweep_metric *m, double mean, double variance)
{
    double half = student_quantile(.975, m->residual_dof) * m->residual_deviation * sqrt(variance);

    return m->error == SWEEP_ERROR_NONE ? interval_none()
                                        : (struct interval){ mean - half, mean + half };
}

static size_t runs_at(const struct sweep_work *w, const struct factorial_mean *at)
{
    size_t axes = w->results->axis_count, count = 0;

    for (size_t i = 0; i < w->runs; i++)
        count += w->levels[i * axes + at->factor] == at->level &&
                 w->levels[i * axes + at->other] == at->other_level;
    return count;
}

static enum ou_status add_levels(struct sweep_work *w, const struct metric_fit *f,
                                 struct sweep_metric *m, struct ou_error *err)
{
    m->level_count = f->effects.mean_count;
    m->levels = sweep_take(w->results, m->level_count, sizeof *m->levels, err);
    for (size_t i = 0; m->levels && i < m->level_count; i++) {
        const struct factorial_mean *from = &f->effects.means[i];

        m->levels[i] =
            (struct level_mean){ from->factor,    from->level,
                                 from->other,     from->other_level,
                                 from->mean,      interval_of(m, from->mean, from->variance),
                                 runs_at(w, from) };
    }
    return m->levels ? OU_OK : OU_NO_MEMORY;
}

/* --- Blocks and settings as a whole -------------------------------------------------------------- */

static double p_of_squares(const struct sweep_metric *m, double squares, double dof, double least)
{
    struct sweep_effect e = effect_of(0, 0, dof, squares, least);

    test_effect(m, &e);
    return e.p;
}

static enum ou_status add_blocks(struct sweep_work *w, const struct metric_fit *f,
                                 struct sweep_metric *m, struct ou_error *err)
{
    const struct blocked *b = &f->settings;

    m->blocks = sweep_take(w->results, b->blocks, sizeof *m->blocks, err);
    if (!m->blocks)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < b->blocks; i++) {
        double variance = b->block_counts[i] > 0 ? blocked_block_variance(b, i) : NAN;

        m->blocks[i] =
            (struct block_mean){ b->block_means[i], interval_of(m, b->block_means[i], variance),
                                 b->block_counts[i] };
    }
    m->connected = b->connected;
    m->block_p = p_of_squares(m, b->block_squares, b->block_dof, f->least);
    m->block_p_adjusted = NAN;
    m->settings_p = p_of_squares(m, b->settings_squares, b->settings_dof, f->least);
    return OU_OK;
}

/* --- The whole ------------------------------------------------------------------------------------- */

static double base_mean(const struct sweep_results *r, const struct sweep_metric *m,
                        const struct blocked *b)
{
    double base = b->means[r->base];

    return isnan(base) ? m->mean : base;
}

enum ou_status sweep_metric_compute(struct sweep_work *w, struct sweep_metric *m,
                                    struct ou_error *err)
{
    struct sweep_results *r = w->results;
    struct metric_fit f;
    struct blocked_runs runs;
    double most = 0;
    enum ou_status status;

    take_values(w, m->info);
    m->n = w->runs;
    m->mean = mean_of(w->values, w->runs);
    m->is_judged = m->info->direction != DIRECTION_NONE;
    for (size_t i = 0; i < w->runs; i++)
        most = fmax(most, fabs(w->values[i]));
    f.least = rounding * most * most * (double)w->runs;
    f.grain = rounding_deviation(w);
    runs = (struct blocked_runs){ w->runs,    r->setting_count, r->repetitions,
                                  w->setting, w->block,         w->values };
    status = blocked_fit(&runs, &r->memory, &f.settings, err);
    status = status ? status : find_noise(w, &f, m, err);
    if (status)
        return status;
    m->noise_percent = percent(m->residual_deviation, m->mean);
    m->margin =
        w->options->margin_scale * margin_amount(margin_of(m->info), base_mean(r, m, &f.settings));
    status = add_effects(w, &f, m, err);
    status = status ? status : add_levels(w, &f, m, err);
    status = status ? status : add_blocks(w, &f, m, err);
    return status ? status : sweep_settings_compute(w, &f.settings, m, err);
}
