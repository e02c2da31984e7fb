/* The report of a sweep. */
#include "report/sweep_document.h"

#include <math.h>
#include <string.h>

#include "report/builders.h"

/* --- What it is about --------------------------------------------------------------------------- */

static const char *axes_words(struct document *d, const struct sweep_results *r)
{
    const char *text = "";

    for (size_t i = 0; i < r->axis_count; i++)
        text = document_text(d, "%s%s%s", text, i ? " x " : "", r->axes[i].name);
    return text;
}

static const char *subtitle_of(struct document *d, const struct sweep_results *r)
{
    return document_text(d, "%s: %zu setting%s (%s grid), %zu repetition%s, %zu of %zu runs",
                         axes_words(d, r), r->setting_count, r->setting_count == 1 ? "" : "s",
                         r->fraction, r->repetitions, r->repetitions == 1 ? "" : "s", r->runs.count,
                         r->planned);
}

static const char *answer_of(struct document *d, const struct sweep_results *r)
{
    const struct sweep_recommendation *answer = &r->recommendation;

    if (!answer->is_made)
        return "The runs do not carry a recommendation.";
    if (answer->setting == r->base)
        return document_text(d, "Keep %s, the base: no other setting is shown to be better.",
                             r->all[r->base].label);
    return document_text(d, "Take %s: in %s it is better than the base.",
                         r->all[answer->setting].label, answer->objective->name);
}

static void add_answer(struct document *d, const struct sweep_results *r)
{
    d->verdict_tone = r->recommendation.is_made ? TONE_GOOD : TONE_UNSURE;
    d->verdict = answer_of(d, r);
    document_paragraph(d, "%s", r->recommendation.why);
}

/* --- What to know before trusting it ---------------------------------------------------------------- */

static size_t still_open(const struct sweep_results *r)
{
    size_t count = 0;

    for (size_t i = 0; i < r->planned; i++)
        count += r->made[i].fate == SWEEP_FATE_OPEN;
    return count;
}

static void tell_gaps(struct document *d, const struct sweep_results *r)
{
    size_t open = still_open(r), empty = 0;

    for (size_t i = 0; i < r->setting_count; i++)
        empty += r->all[i].run_count == 0;
    if (r->failed > 0)
        document_notice(
            d, TONE_BAD,
            "%zu of %zu runs gave no results: see the table of runs that went wrong. A "
            "setting of which some fail is judged by the others, which may be the lucky ones, and is not recommended.",
            r->failed, r->planned);
    if (open > 0)
        document_notice(d, TONE_UNSURE,
                        "%zu of %zu runs were not made yet; `ouroscope sweep --resume` goes on.",
                        open, r->planned);
    if (empty > 0)
        document_notice(d, TONE_UNSURE, "%zu of %zu settings have no results.", empty,
                        r->setting_count);
}

static void tell_others(struct document *d, const struct sweep_results *r)
{
    size_t beside = 0;

    for (size_t i = 0; i < r->runs.count; i++)
        beside += r->runs.runs[i].concurrent > 0;
    if (beside > 0)
        document_notice(
            d, TONE_UNSURE,
            "%zu of %zu runs were not alone: other runs went on on the machine when they "
            "began, and what was measured of it is of all of them.",
            beside, r->runs.count);
}

/* Where all are cut alike, their differences are not moved. */
static void tell_stamps(struct document *d, const struct sweep_results *r)
{
    const char *names = "";
    size_t coarse = 0, known = 0;

    for (size_t i = 0; i < r->setting_count; i++) {
        known += r->all[i].run_count > 0;
        if (!sweep_has_coarse_stamps(r, i))
            continue;
        coarse++;
        names = document_text(d, "%s%s%s", names, *names ? "; " : "", r->all[i].label);
    }
    if (coarse > 0 && coarse < known)
        document_notice(
            d, TONE_UNSURE,
            "Stamps of %s are cut to steps of 10 ms. What is counted from the start of a slot (adoption, "
            "announcement, lateness) reads up to 10 ms less there than it was, 5 ms on average where it varies "
            "by more than a step. Between settings with such stamps and settings without, intervals of times are wider by 10 ms "
            "on both sides, and the best is found by the worst that a mean may be.",
            names);
}

static size_t most_runs(const struct sweep_results *r)
{
    size_t most = 0;

    for (size_t i = 0; i < r->setting_count; i++)
        most = r->all[i].run_count > most ? r->all[i].run_count : most;
    return most;
}

static void tell_noise(struct document *d, const struct sweep_results *r)
{
    const struct sweep_metric *m = r->asked_count > 0 ? &r->metrics[0] : NULL;

    if (!m)
        return;
    if (m->error == SWEEP_ERROR_NONE)
        document_notice(d, TONE_UNSURE,
                        "%s: how much runs vary by themselves is not known, and no difference can "
                        "be told from chance.",
                        most_runs(r) < 2 ? "Each setting has one run at most"
                                         : "No two settings have results in the same two blocks");
    else if (m->error == SWEEP_ERROR_HIGHER)
        document_notice(d, TONE_UNSURE,
                        "Each setting has one run: what three axes do together is taken for noise. "
                        "Where there is such a thing, intervals are too wide.");
    else if (m->error == SWEEP_ERROR_INTERACTIONS)
        document_notice(d, TONE_UNSURE,
                        "Each setting has one run: what axes do together is taken for noise, and "
                        "cannot be found. Where there is such a thing, intervals are too wide.");
    if (!m->connected)
        document_notice(d, TONE_BAD,
                        "Some settings share no block with the others: the drift of "
                        "the machine is in their difference.");
}

static void tell_fraction(struct document *d, const struct sweep_results *r)
{
    size_t mains = 0, pairs = 0;

    if (r->asked_count == 0)
        return;
    for (size_t i = 0; i < r->metrics[0].effect_count; i++) {
        const struct sweep_effect *e = &r->metrics[0].effects[i];

        mains += e->aliased && e->axis == e->other;
        pairs += e->aliased && e->axis != e->other;
    }
    if (pairs == 0)
        return;
    document_notice(d, TONE_PLAIN,
                    "The settings that were run cannot tell %zu of the pairs of axes that might "
                    "hang together from others%s.",
                    pairs,
                    mains > 0 ? ", nor what an axis does by itself from what others do together: "
                                "the effects of axes hold if no two hang together"
                              : "");
}

/* Settings that have runs, and no value: what they trace does not tell it. "" where there is none. */
static const char *blind_settings(struct document *d, const struct sweep_results *r,
                                  const struct sweep_metric *m)
{
    const char *names = "";

    for (size_t i = 0; i < r->setting_count; i++)
        if (r->all[i].run_count > 0 && sweep_estimate(r, m, i)->n == 0)
            names = document_text(d, "%s%s%s", names, *names ? "; " : "", r->all[i].label);
    return names;
}

static void tell_unobserved(struct document *d, const struct sweep_results *r)
{
    for (size_t i = 0; i < r->asked_count; i++) {
        const char *names = blind_settings(d, r, &r->metrics[i]);

        if (*names)
            document_notice(d, TONE_PLAIN, "%s is not observable in %s: its runs do not tell it.",
                            r->metrics[i].info->name, names);
    }
}

/* --- The whole ----------------------------------------------------------------------------------------- */

static void add_each_metric(struct document *d, const struct sweep_results *r)
{
    for (size_t i = 0; i < r->asked_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];

        document_heading(d, 2, document_text(d, "metric-%s", m->info->id), m->info->name);
        add_sweep_ranking(d, r, m);
        figure_sweep_levels(d, r, m);
        figure_sweep_interactions(d, r, m);
    }
}

static const char *error_words(const struct sweep_results *r)
{
    static const char *const words[] = {
        [SWEEP_ERROR_NONE] = "not known",
        [SWEEP_ERROR_RUNS] = "runs of one setting in different blocks",
        [SWEEP_ERROR_HIGHER] = "what three axes and more do together",
        [SWEEP_ERROR_INTERACTIONS] = "what axes do together",
    };

    return r->asked_count > 0 ? words[r->metrics[0].error] : words[SWEEP_ERROR_NONE];
}

static void add_method(struct document *d, const struct sweep_results *r)
{
    document_heading(d, 2, "method", "How it was made");
    document_paragraph(d, "Least squares over all runs with results. Means of settings: value = "
                          "setting + block + noise. Effects: value = mean + block + what each axis "
                          "does + what each two do together + noise, each effect beside all others "
                          "(type III).");
    document_fact(d, "profile", r->profile);
    document_fact(d, "description", r->description);
    document_fact(d, "grid", r->fraction);
    document_fact(d, "base", r->all[r->base].label);
    document_fact(d, "order", "every setting once in each block, shuffled by the seed");
    document_fact(d, "seed of the order", document_text(d, "%llu", (unsigned long long)r->seed));
    document_fact(d, "noise", error_words(r));
    document_fact(d, "tests that p is adjusted for", document_text(d, "%zu", r->tests));
}

void document_of_sweep(const struct sweep_results *r, struct document *d)
{
    const struct run_set *const sets[] = { &r->runs };

    d->title = document_text(d, "%s: sweep of %s", r->name, r->profile);
    d->subtitle = subtitle_of(d, r);
    add_answer(d, r);
    tell_gaps(d, r);
    tell_others(d, r);
    tell_stamps(d, r);
    tell_noise(d, r);
    tell_fraction(d, r);
    tell_unobserved(d, r);
    add_sweep_summary(d, r);
    figure_sweep_pareto(d, r);
    add_sweep_matrix(d, r);
    add_sweep_resources(d, r);
    add_sweep_spread(d, r);
    add_sweep_traces(d, r);
    document_heading(d, 2, "effects-heading", "What each axis does");
    add_sweep_effects(d, r);
    d->in_detail = true;
    add_sweep_levels(d, r);
    d->in_detail = false;
    add_each_metric(d, r);
    d->in_detail = true;
    add_sweep_others(d, r);
    d->in_detail = false;
    add_sweep_drift(d, r);
    add_sweep_runs(d, r);
    d->in_detail = true;
    add_method(d, r);
    if (r->runs.count > 0) {
        document_heading(d, 2, "manifest-heading", "Manifest");
        add_manifest(d, sets, 1);
    }
    add_dictionary(d);
    d->in_detail = false;
    add_provenance(d, sets, 1);
}
