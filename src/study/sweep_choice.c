/* Which settings no other beats, and which one to take. */
#include <stdlib.h>

#include "base/buffer.h"
#include "study/sweep_inside.h"

enum { WORDS_MAX = 1 << 13 };

/* --- Pareto --------------------------------------------------------------------------------- */

/* By how much a is better than b. */
static double lead(const struct sweep_results *r, const struct sweep_metric *m, size_t a, size_t b)
{
    double difference = sweep_estimate(r, m, a)->mean - sweep_estimate(r, m, b)->mean;

    return sweep_more_is_better(m) ? difference : -difference;
}

static double reach(const struct sweep_results *r, const struct sweep_metric *m, size_t a, size_t b)
{
    return m->variances
               ? m->reach * sqrt(m->variances[a * r->setting_count + b]) + sweep_slack(m, a, b)
               : INFINITY;
}

/* a beats b for sure: it is better in one, and in the other no worse by what would matter. */
static bool beats(const struct sweep_results *r, const struct sweep_metric *const m[2], size_t a,
                  size_t b)
{
    double least[2];

    for (int i = 0; i < 2; i++)
        least[i] = lead(r, m[i], a, b) - reach(r, m[i], a, b);
    return (least[0] > 0 && least[1] >= -m[1]->margin) ||
           (least[1] > 0 && least[0] >= -m[0]->margin);
}

/* By the means alone. */
static bool seems_to_beat(const struct sweep_results *r, const struct sweep_metric *const m[2],
                          size_t a, size_t b)
{
    double first = lead(r, m[0], a, b), second = lead(r, m[1], a, b);

    return first >= 0 && second >= 0 && (first > 0 || second > 0);
}

static bool is_measured(const struct sweep_results *r, const struct sweep_metric *const m[2],
                        size_t setting)
{
    return sweep_estimate(r, m[0], setting)->n > 0 && sweep_estimate(r, m[1], setting)->n > 0;
}

static enum pareto_place place_of(const struct sweep_results *r,
                                  const struct sweep_metric *const m[2], size_t setting)
{
    enum pareto_place place = PARETO_FRONT;

    if (!is_measured(r, m, setting))
        return PARETO_UNKNOWN;
    for (size_t i = 0; i < r->setting_count; i++) {
        if (i == setting || !is_measured(r, m, i))
            continue;
        if (beats(r, m, i, setting))
            return PARETO_BEHIND;
        if (seems_to_beat(r, m, i, setting))
            place = PARETO_UNSURE;
    }
    return place;
}

static const struct sweep_metric *judged_and_asked(const struct sweep_results *r, size_t nth)
{
    for (size_t i = 0; i < r->asked_count; i++)
        if (r->metrics[i].is_judged && nth-- == 0)
            return &r->metrics[i];
    return NULL;
}

static enum ou_status find_front(struct sweep_results *r, struct ou_error *err)
{
    const struct sweep_metric *m[2];
    struct pareto *p = &r->pareto;

    if (!sweep_usual_pair(r, &p->cost, &p->benefit)) {
        const struct sweep_metric *first = judged_and_asked(r, 0), *second = judged_and_asked(r, 1);

        p->cost = first && second ? first->info : NULL;
        p->benefit = first && second ? second->info : NULL;
    }
    p->places = sweep_take(r, r->setting_count, sizeof *p->places, err);
    p->settings = sweep_take(r, r->setting_count, sizeof *p->settings, err);
    if (!p->places || !p->settings)
        return OU_NO_MEMORY;
    if (!p->cost)
        return OU_OK;
    m[0] = sweep_metric_find(r, p->cost);
    m[1] = sweep_metric_find(r, p->benefit);
    for (size_t i = 0; i < r->setting_count; i++) {
        size_t setting = m[0]->settings[i].setting; /* best cost first */

        p->places[setting] = place_of(r, m, setting);
        if (p->places[setting] == PARETO_FRONT)
            p->settings[p->count++] = setting;
    }
    return OU_OK;
}

/* --- Words ------------------------------------------------------------------------------------ */

static const char *label(const struct sweep_results *r, size_t setting)
{
    return r->all[setting].label;
}

static double base_mean(const struct sweep_results *r, const struct sweep_metric *m)
{
    return sweep_estimate(r, m, r->base)->mean;
}

/* What to multiply differences with. */
static double scale_of(const struct sweep_results *r, const struct sweep_metric *m,
                       const char **ret_unit)
{
    bool percent = sweep_is_in_percent(r, m);

    *ret_unit = percent ? "%" : m->info->unit;
    return percent ? 100 / fabs(base_mean(r, m)) : 1;
}

static const char *direction_of(double change)
{
    return change < 0 ? "less" : "more";
}

/* "between 10.1 % and 14.4 % less", "between 99.3 % less and 64.3 % more" */
static void say_range(struct interval change, const char *unit, struct buffer *out)
{
    double near = change.low, far = change.high;

    if (far <= 0) {
        near = change.high;
        far = change.low;
    }
    buffer_printf(out, "between %.3g %s", fabs(near), unit);
    if (near < 0 && far > 0)
        buffer_text(out, " less");
    buffer_printf(out, " and %.3g %s %s", fabs(far), unit, direction_of(far));
}

/* "12.3 % less (between 10.1 % and 14.4 % less)" */
static void say_difference(const struct sweep_results *r, const struct sweep_metric *m,
                           const struct setting_estimate *e, struct buffer *out)
{
    const char *unit;
    double scale = scale_of(r, m, &unit);
    struct interval range =
        sweep_is_in_percent(r, m) ? sweep_percent_against_base(r, m, e) : e->against_base;

    if (isnan(e->base_difference)) {
        buffer_text(out, "not known, since no run has a value");
        return;
    }
    buffer_printf(out, "%.3g %s %s", fabs(e->base_difference) * scale, unit,
                  direction_of(e->base_difference));
    if (!interval_known(range))
        return;
    buffer_text(out, " (");
    say_range(range, unit, out);
    buffer_char(out, ')');
}

static void say_margin(const struct sweep_results *r, const struct sweep_metric *m,
                       struct buffer *out)
{
    const char *unit;
    double scale = scale_of(r, m, &unit);

    buffer_printf(out, "%.3g %s", scale * m->margin, unit);
}

static void say_repetitions(const struct sweep_results *r, const struct sweep_metric *m,
                            struct buffer *out)
{
    double slack = sweep_widest_slack(r, m);

    if (m->repetitions_needed > (double)r->repetitions)
        buffer_printf(
            out,
            " About %.0f repetitions would tell a difference as small as the margin; there are %zu.",
            m->repetitions_needed, r->repetitions);
    else if (slack > 0 && m->margin <= slack)
        buffer_text(
            out,
            " Stamps do not tell a difference as small as the margin, however many runs there are.");
}

/* --- What a setting is to the base ------------------------------------------------------------- */

static bool is_better(const struct sweep_metric *m, const struct setting_estimate *e)
{
    return e->change == (sweep_more_is_better(m) ? CHANGE_MORE : CHANGE_LESS);
}

static bool is_worse(const struct sweep_metric *m, const struct setting_estimate *e)
{
    return e->change == (sweep_more_is_better(m) ? CHANGE_LESS : CHANGE_MORE);
}

/* No worse than the base by more than the margin, as far as the interval goes. */
static bool does_no_harm(const struct sweep_metric *m, const struct setting_estimate *e)
{
    return sweep_more_is_better(m) ? e->against_base.low >= -m->margin
                                   : e->against_base.high <= m->margin;
}

/* Whether every run that was made of it has results: those that have may be the lucky ones. */
static bool never_failed(const struct sweep_results *r, size_t setting)
{
    return sweep_failures(r, setting) == 0;
}

/* The first of the other metrics in which the setting is worse, or might be; NULL: it does no harm. */
static const struct sweep_metric *harmed(const struct sweep_results *r,
                                         const struct sweep_metric *objective, size_t setting)
{
    const struct sweep_metric *unsure = NULL, *m;

    for (size_t i = 0; (m = judged_and_asked(r, i)); i++) {
        const struct setting_estimate *e = sweep_estimate(r, m, setting);

        if (m == objective)
            continue;
        if (is_worse(m, e))
            return m;
        if (!does_no_harm(m, e) && !unsure)
            unsure = m;
    }
    return unsure;
}

/* --- The recommendation -------------------------------------------------------------------------- */

static void say_guards(const struct sweep_results *r, const struct sweep_metric *objective,
                       size_t setting, struct buffer *out)
{
    const struct sweep_metric *m;

    for (size_t i = 0; (m = judged_and_asked(r, i)); i++) {
        if (m == objective)
            continue;
        buffer_printf(out, " In %s it is ", m->info->name);
        say_difference(r, m, sweep_estimate(r, m, setting), out);
        buffer_text(out, ", no worse by more than the margin of ");
        say_margin(r, m, out);
        buffer_char(out, '.');
    }
}

/* Settings that may as well be the best one. */
static void say_equals(const struct sweep_results *r, const struct sweep_metric *m, size_t setting,
                       struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; i < r->setting_count; i++) {
        size_t other = m->settings[i].setting;

        if (other == setting || m->settings[i].n == 0 ||
            fabs(lead(r, m, other, setting)) > reach(r, m, other, setting))
            continue;
        if (count++ == 0)
            buffer_printf(out, " In %s it cannot be told from ", m->info->name);
        else
            buffer_text(out, "; ");
        buffer_text(out, label(r, other));
    }
    if (count > 0)
        buffer_char(out, '.');
}

static void say_better(const struct sweep_results *r, const struct sweep_metric *m, size_t setting,
                       struct buffer *out)
{
    buffer_printf(out, "%s is better than %s in %s: ", label(r, setting), label(r, r->base),
                  m->info->name);
    say_difference(r, m, sweep_estimate(r, m, setting), out);
}

static void say_failures(const struct sweep_results *r, size_t setting, struct buffer *out)
{
    size_t failed = sweep_failures(r, setting);

    buffer_printf(out,
                  ". But %zu of its runs gave no results, and the %zu that did may be the lucky "
                  "ones.",
                  failed, r->all[setting].run_count);
}

/* What the sweep asks for, and nothing is known of. */
static void say_unmeasured(const struct sweep_results *r, struct buffer *out)
{
    for (size_t i = 0; i < r->unmeasured_count; i++)
        buffer_printf(
            out,
            " No run has %s, which the sweep asks for: whether a setting harms it is not known.",
            r->unmeasured[i]);
}

/* Why it is not taken although it is better. */
static void say_harm(const struct sweep_results *r, const struct sweep_metric *objective,
                     size_t setting, struct buffer *out)
{
    const struct sweep_metric *m = harmed(r, objective, setting);
    const struct setting_estimate *e = m ? sweep_estimate(r, m, setting) : NULL;

    say_better(r, objective, setting, out);
    if (!m && !never_failed(r, setting)) {
        say_failures(r, setting, out);
        return;
    }
    if (!m) {
        buffer_char(out, '.'); /* it harms nothing that was measured */
        return;
    }
    buffer_printf(out, ". But in %s it is ", m->info->name);
    say_difference(r, m, e, out);
    if (is_worse(m, e)) {
        buffer_text(out, ", which is worse.");
        return;
    }
    buffer_text(out, ", so that it may be worse by more than the margin of ");
    say_margin(r, m, out);
    buffer_char(out, '.');
    say_repetitions(r, m, out);
}

/* The best setting by one metric of those that are better than the base; SIZE_MAX: none. harmless: that does no harm in the
 * others, and has never failed. */
static size_t best_by(const struct sweep_results *r, const struct sweep_metric *m, bool harmless)
{
    for (size_t i = 0; i < r->setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];

        if (is_better(m, e) &&
            (!harmless || (!harmed(r, m, e->setting) && never_failed(r, e->setting))))
            return e->setting;
    }
    return SIZE_MAX;
}

/* Of means of which none is shown to be better than the base's. */
static void say_best(const struct sweep_results *r, const struct sweep_metric *m,
                     struct buffer *out)
{
    size_t best = m->settings[0].setting;

    if (best == r->base)
        buffer_printf(out, ". The best, %s, is that one itself", label(r, best));
    else if (sweep_slack(m, best, r->base) > 0 && lead(r, m, best, r->base) <= 0)
        buffer_text(out, ". None reads better than it, whose stamps are cut to steps");
    else {
        buffer_printf(out, ". The best, %s, is ", label(r, best));
        say_difference(r, m, &m->settings[0], out);
        buffer_text(out, ", with a margin of ");
        return;
    }
    buffer_text(out, "; others may still be better by more than the margin of ");
}

/* Nothing is better than the base: because that is known, or because nothing is. */
static void say_nothing_better(const struct sweep_results *r, const struct sweep_metric *m,
                               struct buffer *out)
{
    bool known = true;

    if (isnan(base_mean(r, m))) {
        buffer_printf(out, "No run of the base, %s, tells %s: nothing can be held against it.",
                      label(r, r->base), m->info->name);
        return;
    }
    for (size_t i = 0; i < r->setting_count; i++)
        known = known && m->settings[i].change != CHANGE_INCONCLUSIVE;
    buffer_printf(out, "In %s no setting is shown to be better than %s", m->info->name,
                  label(r, r->base));
    if (known) {
        buffer_text(out, ", and none is by more than the margin of ");
        say_margin(r, m, out);
        buffer_char(out, '.');
        return;
    }
    say_best(r, m, out);
    say_margin(r, m, out);
    buffer_char(out, '.');
    say_repetitions(r, m, out);
}

static bool recommend(struct sweep_results *r, struct buffer *out)
{
    const struct sweep_metric *m;

    if (r->unmeasured_count > 0)
        return false;
    for (size_t i = 0; (m = judged_and_asked(r, i)); i++) {
        size_t setting = best_by(r, m, true);

        if (setting == SIZE_MAX)
            continue;
        r->recommendation = (struct sweep_recommendation){ .is_made = true,
                                                           .setting = setting,
                                                           .objective = m->info };
        say_better(r, m, setting, out);
        buffer_text(out, ", beside a margin of ");
        say_margin(r, m, out);
        buffer_char(out, '.');
        say_equals(r, m, setting, out);
        say_guards(r, m, setting, out);
        return true;
    }
    return false;
}

/* Known to be better in nothing: it is worse in something, or nowhere better by more than the margin. */
static bool is_no_better(const struct sweep_results *r, size_t setting)
{
    const struct sweep_metric *m;
    bool worse = false, known = true;

    for (size_t i = 0; (m = judged_and_asked(r, i)); i++) {
        const struct setting_estimate *e = sweep_estimate(r, m, setting);

        if (is_better(m, e))
            return false;
        worse = worse || is_worse(m, e);
        known = known && e->change != CHANGE_INCONCLUSIVE;
    }
    return worse || known;
}

/* Nothing is better than the base in one metric and worse in another, either: that is a choice for people. */
static void keep_base(struct sweep_results *r)
{
    if (!judged_and_asked(r, 0) || r->setting_count < 2 || r->unmeasured_count > 0)
        return;
    for (size_t i = 0; i < r->setting_count; i++)
        if (i != r->base && !is_no_better(r, i))
            return;
    r->recommendation = (struct sweep_recommendation){ .is_made = true, .setting = r->base };
}

static void say_too_few(const struct sweep_results *r, struct buffer *out)
{
    buffer_printf(out,
                  "There are too few runs to know how much they vary by themselves (%zu of %zu "
                  "have results): %s.",
                  r->runs.count, r->planned,
                  r->repetitions < 2
                      ? "a second repetition tells it"
                      : "that takes two settings with results in the same two blocks");
}

/* Of each metric why nothing is taken for it. */
static void say_why(const struct sweep_results *r, struct buffer *out)
{
    const struct sweep_metric *m = judged_and_asked(r, 0);

    if (!m) {
        buffer_text(out, r->runs.count == 0
                             ? "No run has results yet."
                             : "The sweep asks for no metric that was measured and has a better "
                               "direction.");
        return;
    }
    if (m->error == SWEEP_ERROR_NONE) {
        say_too_few(r, out);
        return;
    }
    for (size_t i = 0; (m = judged_and_asked(r, i)); i++) {
        size_t setting = best_by(r, m, false);

        if (i > 0)
            buffer_char(out, ' ');
        if (setting == SIZE_MAX)
            say_nothing_better(r, m, out);
        else
            say_harm(r, m, setting, out);
    }
    say_unmeasured(r, out);
}

enum ou_status sweep_choose(struct sweep_results *r, struct ou_error *err)
{
    struct buffer words;
    enum ou_status status;

    r->pareto = (struct pareto){ 0 };
    r->recommendation = (struct sweep_recommendation){ 0 };
    status = find_front(r, err);
    if (status)
        return status;
    buffer_init(&words, allocator_libc(), WORDS_MAX);
    if (!recommend(r, &words)) {
        keep_base(r);
        say_why(r, &words);
    }
    status = buffer_status(&words);
    if (!status)
        r->recommendation.why = arena_copy(&r->memory, buffer_string(&words), words.len);
    buffer_release(&words);
    if (status || !r->recommendation.why)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the recommendation");
    return OU_OK;
}
