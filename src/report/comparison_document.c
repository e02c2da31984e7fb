#include "report/comparison_document.h"

#include <string.h>

#include "report/builders.h"
#include "report/field_tables.h"
#include "report/figures.h"

/* Shown as pictures; where they are not measured the figure is left out. */
static const struct {
    enum metric_section section;
    const char *id;
} pictured[] = {
    { SECTION_ENDTOEND, "cdf0.50" },
    { SECTION_ENDTOEND, "cdf0.96" },
    { SECTION_FORGER, "cdfForgerAnnounceCum" },
    { SECTION_PEERS, "cdfPeerFetch" },
};

static const struct run_set **all_sets(const struct comparison *c, struct document *d)
{
    const struct run_set **sets =
        arena_take(&d->memory, (c->side_count + 1) * sizeof(struct run_set *), _Alignof(void *));

    if (!sets) {
        d->status = OU_NO_MEMORY;
        return NULL;
    }
    sets[0] = c->sides[0].base;
    for (size_t i = 0; i < c->side_count; i++)
        sets[i + 1] = c->sides[i].variant;
    return sets;
}

static const char *title_of(const struct comparison *c, struct document *d)
{
    const char *names = c->sides[0].variant->label;

    for (size_t i = 1; i < c->side_count; i++)
        names = document_text(d, "%s%s%s", names, i + 1 < c->side_count ? ", " : " and ",
                              c->sides[i].variant->label);
    return document_text(d, "%s against %s", names, c->sides[0].base->label);
}

static const char *subtitle_of(const struct comparison *c, struct document *d)
{
    const struct finished_run *run = &c->sides[0].base->runs[0];
    const char *workload = run_fact_find(run, "workload", "");
    const char *text = document_text(d, "%zu against", c->sides[0].base->count);
    bool one_each = true;

    for (size_t i = 0; i < c->side_count; i++) {
        one_each = one_each && c->sides[i].variant->count == 1;
        text = document_text(d, "%s%s %zu", text, i ? "," : "", c->sides[i].variant->count);
    }
    text = document_text(d, "%s %s", text, one_each ? "run" : "runs");
    if (run->profile)
        text = document_text(d, "%s; profile %s", text, run->profile);
    return workload ? document_text(d, "%s; workload %s", text, workload) : text;
}

/* With several variants each says its own sentence; the worst is the document's. */
static void add_answers(const struct comparison *c, struct document *d)
{
    static const int worse[] = {
        [TONE_BAD] = 3, [TONE_UNSURE] = 2, [TONE_GOOD] = 1, [TONE_PLAIN] = 0, [TONE_QUIET] = 0
    };

    for (size_t i = 0; i < c->side_count; i++) {
        enum doc_tone tone;
        const char *sentence = side_sentence(d, &c->sides[i], &tone);

        if (c->side_count > 1)
            document_notice(d, tone, "%s", sentence);
        if (i == 0 || worse[tone] > worse[d->verdict_tone]) {
            d->verdict = sentence;
            d->verdict_tone = tone;
        }
    }
}

/* ", adjusted by Holm for 36 tests (51 metrics are judged; those of the very same values are one test),"; one test needs
 * none. */
static const char *adjustment_words(const struct comparison *c, struct document *d)
{
    size_t tests = c->sides[0].tests;

    if (tests == 1)
        return "";
    if (tests == c->sides[0].judged)
        return document_text(d, ", adjusted by %s for %zu tests,", c->adjustment, tests);
    return document_text(
        d,
        ", adjusted by %s for %zu tests (%zu metrics are judged; those of the very "
        "same values are one test),",
        c->adjustment, tests, c->sides[0].judged);
}

static void add_verdicts(const struct comparison *c, struct document *d)
{
    document_heading(d, 2, "verdicts", "Verdicts");
    for (size_t i = 0; i < c->side_count; i++)
        add_verdict_table(&c->sides[i], i + 1, d);
    document_paragraph(
        d,
        "The most harmful first. A difference is one when its p%s is below 0.05; it is negligible "
        "when its 95 %% interval lies inside the metric's margin (a share of the base, or a floor in "
        "its unit where that is more), and no difference is equivalence only when the 90 %% "
        "interval does. Everything else is inconclusive.",
        adjustment_words(c, d));
}

/* Not where other metrics were asked for. */
static bool is_compared(const struct comparison *c, enum metric_section section, const char *id)
{
    const struct side_comparison *side = &c->sides[0];

    for (size_t i = 0; i < side->metric_count; i++)
        if (side->metrics[i].info->section == section && strcmp(side->metrics[i].info->id, id) == 0)
            return true;
    return false;
}

/* Both ends of a block's way: one or two phases that were asked for are no waterfall. */
static bool has_phases(const struct comparison *c)
{
    return is_compared(c, SECTION_FORGER, "cdfForgerAnnounceCum") &&
           is_compared(c, SECTION_PEERS, "cdfPeerFetch");
}

static void add_pictures(const struct comparison *c, const struct run_set **sets,
                         struct document *d)
{
    document_heading(d, 2, "pictures", "Pictures");
    for (size_t i = 0; i < c->side_count; i++)
        figure_changes(d, &c->sides[i]);
    for (size_t i = 0; i < sizeof(pictured) / sizeof(*pictured); i++) {
        if (!is_compared(c, pictured[i].section, pictured[i].id))
            continue;
        d->in_detail = i > 0;
        figure_cdf(d, sets, c->side_count + 1, pictured[i].section, pictured[i].id);
        d->in_detail = true;
        for (size_t j = 0; j < c->side_count; j++)
            figure_shift(d, sets[0], sets[j + 1], pictured[i].section, pictured[i].id);
    }
    if (has_phases(c))
        figure_phases(d, sets, c->side_count + 1);
    d->in_detail = false;
}

void document_of_comparison(const struct comparison *c, struct document *d)
{
    const struct run_set **sets = all_sets(c, d);

    if (!sets)
        return;
    d->title = title_of(c, d);
    d->subtitle = subtitle_of(c, d);
    add_answers(c, d);
    add_comparison_notices(c, d);
    add_verdicts(c, d);
    add_pictures(c, sets, d);
    add_field_tables(c, d);
    d->in_detail = true;
    document_heading(d, 2, "manifest", "What was compared");
    add_manifest(d, sets, c->side_count + 1);
    document_heading(d, 2, "meaning", "What the metrics mean");
    add_dictionary(d);
    d->in_detail = false;
    add_provenance(d, sets, c->side_count + 1);
    document_footer(d, "seed", document_text(d, "%llu", (unsigned long long)c->seed));
    document_footer(d, "adjustment", c->adjustment);
}
